"""Ask what a run needs: credential, subscription, providers, region, rights, names, quota. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acrlab.azure.cloud import region_name
from acrlab.backends.live import kind_in_use, tried_before
from acrlab.errors import NotVisibleError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours
from acrlab.lab.permissions import allows, permissions
from acrlab.preflight.rights import ALONE, NEEDED_RIGHTS, REGISTERING, SHARED
from acrlab.steps.prerequisites import PROVIDERS, find_group, name_is_available, provider, provider_registration
from acrlab.steps.public_access import find_registry

SKUS_VERSION = "2021-07-01"
USAGES_VERSION = "2024-07-01"
SUBSCRIPTION_VERSION = "2022-12-01"
NEEDED_TYPES = (
    ("Microsoft.ContainerRegistry", "registries"),
    ("Microsoft.Compute", "virtualMachines"),
    ("Microsoft.Network", "privateEndpoints"),
    ("Microsoft.DevTestLab", "schedules"),
)
ASK = "Ask for Contributor, and for Role Based Access Control Administrator, on the group."


@dataclass(frozen=True)
class Requirement:
    """One thing that a run needs.

    Attributes:
        asks: what was checked.
        ok: whether it is as a run needs it; None: this identity may not read it.
        seen: what was found.
        fix: what to do where it is missing.
    """

    asks: str
    ok: bool | None
    seen: str
    fix: str = ""


def _seen(lab: Lab, asks: str, read: Callable[[], Requirement]) -> Iterator[Requirement]:
    """Ask, and say so where this identity may not read the answer."""
    try:
        with asking(f"Reading {asks}", lab.group_id()):
            found = read()
    except NotVisibleError as problem:
        needed = f"It needs {problem.permission}." if problem.permission else ""
        found = Requirement(asks, None, "this identity may not see it", needed)
    yield found


def _credential(lab: Lab) -> Iterator[Requirement]:
    tried = tried_before(lab.backend.credential)
    before = f" (none in {', '.join(tried)})" if tried else ""
    # On an Azure VM, Dev Box or Cloud Shell the VM's own identity comes before the one of `az login`.
    more = tried or lab.settings.backend == "azure"
    choose = "Another one: AZURE_TOKEN_CREDENTIALS=AzureCliCredential." if more else ""
    yield Requirement("credential", True, f"found: {kind_in_use(lab.backend.credential)}{before}", choose)


def _subscription(lab: Lab) -> Iterator[Requirement]:
    def read() -> Requirement:
        found = lab.arm.get(f"/subscriptions/{lab.subscription}", SUBSCRIPTION_VERSION)
        ok = found["state"] in ("Enabled", "PastDue", "Warned")
        tenant = f", tenant {found['tenantId']}" if found.get("tenantId") else ""
        return Requirement(
            "subscription", ok, f"{found['state']}{tenant}", "" if ok else "Use a subscription that is enabled."
        )

    yield from _seen(lab, "subscription", read)


def _providers(lab: Lab) -> Iterator[Requirement]:
    def read() -> Requirement:
        states = {name: provider_registration(lab, name) for name in PROVIDERS}
        missing = [name for name, state in states.items() if state not in ("Registered", "Registering")]
        told = f"not registered: {', '.join(missing)}" if missing else "all registered"
        fix = "acrlab.steps.register_providers(lab), or acrlab preflight --register" if missing else ""
        granted = permissions(lab, f"/subscriptions/{lab.subscription}") if missing else []
        lacking = [f"{name}/register/action" for name in missing]
        lacking = [action for action in lacking if not allows(granted, action)]
        if lacking:
            fix = f"This identity lacks {', '.join(lacking)} on the subscription: ask for them, or to have it done."
        return Requirement("providers", not missing, told, fix)

    yield from _seen(lab, "providers", read)


def _region(lab: Lab) -> Iterator[Requirement]:
    def read() -> Requirement:
        here = lab.settings.location
        offered = {kind: _regions(lab, namespace, kind) for namespace, kind in NEEDED_TYPES}
        missing = [kind for kind, regions in offered.items() if here not in regions]
        if not missing:
            return Requirement("region", True, f"{here} offers all that is needed")
        others = ", ".join(sorted(set.intersection(*offered.values()))) or "none"
        return Requirement(
            "region", False, f"{here} lacks {', '.join(missing)}", f"Choose a location that has all: {others}."
        )

    yield from _seen(lab, "region", read)


def _regions(lab: Lab, namespace: str, kind: str) -> set[str]:
    """List the regions that offer a type, as settings name regions."""
    found = next((t for t in provider(lab, namespace).resource_types or [] if t.resource_type == kind), None)
    return {region_name(region) for region in found.locations or []} if found else set()


def _rights(lab: Lab) -> Iterator[Requirement]:
    """Ask for the permissions on the resource group if it exists, else on the subscription."""
    try:
        with asking("Reading the group", lab.group_id()):
            group = find_group(lab)
        scope = lab.group_id() if group else f"/subscriptions/{lab.subscription}"
        granted = permissions(lab, scope)
    except NotVisibleError:
        yield Requirement("rights", None, "this identity may not see them")
        return
    other_way = ALONE if group is not None and not is_ours(lab, group.tags) else SHARED
    for chapters, actions in NEEDED_RIGHTS.items():
        if chapters in (other_way, REGISTERING):
            continue
        missing = [action for action in actions if not allows(granted, action)]
        told = f"missing: {', '.join(missing)}" if missing else "enough"
        yield Requirement(f"rights for chapter {chapters}", not missing, told, ASK if missing else "")


def _group(lab: Lab) -> Iterator[Requirement]:
    name = lab.settings.resource_group

    def read() -> Requirement:
        found = find_group(lab)
        if found is None:
            return Requirement("group", True, f"{name} will be made")
        whose = (
            "is this lab's" if is_ours(lab, found.tags) else "was there before: only what the lab adds will be deleted"
        )
        return Requirement("group", True, f"{name} {whose}")

    yield from _seen(lab, "group", read)


def _name(lab: Lab) -> Iterator[Requirement]:
    s = lab.settings

    def read() -> Requirement:
        if name_is_available(lab):
            return Requirement("registry's name", True, f"{s.registry_name} is free")
        if find_registry(lab) is not None:
            return Requirement("registry's name", True, f"{s.registry_name} is in the group already")
        return Requirement("registry's name", False, f"{s.registry_name} is taken", "Choose another registry_name.")

    yield from _seen(lab, "registry's name", read)


def _quota(lab: Lab) -> Iterator[Requirement]:
    s = lab.settings
    place = f"/subscriptions/{lab.subscription}/providers/Microsoft.Compute"

    def read() -> Requirement:
        found = lab.arm.get_all(f"{place}/skus", SKUS_VERSION, **{"$filter": f"location eq '{s.location}'"})
        size = next((one for one in found if one["name"].lower() == s.vm_size.lower()), None)
        # What some zones lack is offered where no zone is asked for, and the lab asks for none.
        held = [one for one in (size or {}).get("restrictions") or [] if one.get("type") != "Zone"]
        if size is None or held:
            return Requirement("VM's size", False, f"{s.vm_size} is not offered in {s.location}", "Choose another.")
        cores = next(int(c["value"]) for c in size["capabilities"] if c["name"] == "vCPUs")
        usages = lab.arm.get_all(f"{place}/locations/{s.location}/usages", USAGES_VERSION)
        names = ("cores", size["family"])
        free = {u["name"]["value"]: u["limit"] - u["currentValue"] for u in usages if u["name"]["value"] in names}
        short = [name for name, left in free.items() if left < cores]
        told = f"{s.vm_size} needs {cores} cores; free: {min(free.values())}"
        return Requirement("VM's size", not short, told, "Ask for more quota, or choose another size." if short else "")

    yield from _seen(lab, "VM's size", read)


QUESTIONS = (_credential, _subscription, _providers, _region, _rights, _group, _name, _quota)
