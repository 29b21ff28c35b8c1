"""What was left empty: names that follow from the lab's own, so that two labs have none in common."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from typing import Any

from acrlab.azure.cloud import cloud_of

PORTAL = "Portal"
LONGEST_GROUP = 90


def filled_in(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Choose what was left empty.

    Args:
        given: settings by name, as they were given.
        defaults: of every setting.
    """
    filled = dict(given)
    backend = filled.get("backend")
    if backend == "azure" and not filled.get("subscription"):
        filled["subscription"] = os.environ.get("AZURE_SUBSCRIPTION_ID", "")
    vm, group = (str(filled.get(name) or defaults[name]) for name in ("vm_name", "resource_group"))
    owner = f"{filled.get('subscription', '')}/{group}"
    made = {
        "network_name": f"{vm}VNET",
        "subnet_name": f"{vm}Subnet",
        "registry_name": f"myregistry{_hashed(owner)}",
        "portal_resource_group": portal_group(group),
        "zone_name": cloud_of(_location(filled.get("location", defaults["location"]))).zone,
        "shutdown_time": "" if backend == "azure" else "2100",
    }
    filled |= {name: value for name, value in made.items() if not filled.get(name)}
    if filled.get("expires_hours", -1) == -1:
        filled["expires_hours"] = 48 if backend == "azure" else 0
    if isinstance(filled["registry_name"], str):
        filled["registry_name"] = filled["registry_name"].lower()  # `az acr create` refuses capitals
    if "location" in filled:
        filled["location"] = _location(filled["location"])
    return filled


def portal_group(group: str) -> str:
    """Name the group of chapter 05 after the lab's: `myResourceGroup` has `myPortalResourceGroup`."""
    words = re.match(r"my(?=[A-Z])", group)
    name = f"my{PORTAL}{group[2:]}" if words else f"{group}-{PORTAL.lower()}"
    if len(name) <= LONGEST_GROUP:
        return name
    mark = f"-{_hashed(group)}-{PORTAL.lower()}"
    return group[: LONGEST_GROUP - len(mark)] + mark


def _location(value: Any) -> Any:
    """A region by its name, where it was given by its display name."""
    return value.replace(" ", "").lower() if isinstance(value, str) else value


def _hashed(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:8]
