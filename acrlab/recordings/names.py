"""What a lab's things are called, and what a recording calls them: as the article does."""

from __future__ import annotations

import re

from acrlab.settings import Settings

NAMES = ("_name", "_group", "_username")  # settings that end so name something
NODES = re.compile(r"MC_(?P<group>.+)_[^_]+_[a-z0-9]+", re.IGNORECASE)
OF_VM = ("{}NSG", "{}PublicIP", "{}VMNic", "ipconfig{}")


def in_place_of(settings: Settings) -> dict[str, str]:
    """Give what a lab's things are called -> what the article's are."""
    article = Settings()
    named = {str(getattr(settings, n)): str(getattr(article, n)) for n in Settings.model_fields if n.endswith(NAMES)}
    vm, called = settings.vm_name, article.vm_name
    parts = {form.format(vm): form.format(called) for form in OF_VM}
    return {**parts, **named}


def of_the_article() -> dict[str, str]:
    """Give the article's own names, each in its place: a client may have asked for one in other letters."""
    return in_place_of(Settings())


def group_behind(group: str) -> str:
    """Give the group of a cluster in place of the one that AKS made for the cluster's nodes, and named after it.

    Source: https://learn.microsoft.com/azure/aks/faq#why-are-two-resource-groups-created-with-aks
    """
    found = NODES.fullmatch(group)
    return found["group"] if found else group
