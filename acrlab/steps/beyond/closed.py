"""A registry that is closed for good: who is let in all the same, and what the chapter about it leaves behind.

Builds, pools and rights have modules of their own; a notebook takes all of it from here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.lab.waiting import follow, look_until
from acrlab.steps.access_note import AccessSettings
from acrlab.steps.beyond.agent_pool import build_in_pool as build_in_pool
from acrlab.steps.beyond.agent_pool import pool_regions as pool_regions
from acrlab.steps.beyond.agent_pool import remove_pool as remove_pool
from acrlab.steps.beyond.builds import build as build
from acrlab.steps.beyond.builds import build_as_task as build_as_task
from acrlab.steps.beyond.builds import build_until as build_until
from acrlab.steps.beyond.repository_rights import ABAC as ABAC
from acrlab.steps.beyond.repository_rights import LEGACY as LEGACY
from acrlab.steps.beyond.repository_rights import back_to_registry_roles as back_to_registry_roles
from acrlab.steps.beyond.repository_rights import give_role as give_role
from acrlab.steps.beyond.repository_rights import only_in as only_in
from acrlab.steps.beyond.repository_rights import right as right
from acrlab.steps.beyond.repository_rights import role_mode as role_mode
from acrlab.steps.beyond.repository_rights import set_role_mode as set_role_mode
from acrlab.steps.beyond.repository_rights import take_role as take_role
from acrlab.steps.beyond.repository_rights import vm_principal as vm_principal
from acrlab.steps.prerequisites import delete_tag
from acrlab.steps.public_access import find_registry, reopen, update_access, when_let_in
from acrlab.steps.pull import try_on_vm
from acrlab.steps.run_command import Outcome

CLOSED_VERSION = "2026-09-01-preview"  # of a registry, with all that closes it
TAG = "AzureContainerRegistry"  # service tag of registries, and of the machines that build for them
IMPORTED = "acrlab/imported:v1"  # what chapter 15 imports, and what it builds: one by each way out
BUILT = ("acrlab/site:v1", "acrlab/site:v2", "acrlab/site:v3")


def take_back(lab: Lab) -> None:
    """Undo what an earlier visit to the chapter left: first who is let in, which decides whether it can be asked."""
    if find_registry(lab) is not None:
        reopen(lab)
        back_to_registry_roles(lab)
        if lab.settings.location in pool_regions(lab):
            remove_pool(lab)


def admit_builds(lab: Lab) -> AccessSettings:
    """Close public access to all but the machines that build in the registry's region; what was there is noted."""
    rules = [{"action": "Allow", "value": prefix} for prefix in tag_prefixes(lab)]
    change = {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny", "ipRules": rules}}
    return update_access(lab, change)


def tag_prefixes(lab: Lab) -> tuple[str, ...]:
    """Return the addresses of the service tag of registries in the registry's region."""
    region = lab.settings.location
    with asking("Reading service tags", f"/subscriptions/{lab.subscription}"):
        tags = lab.network.service_tags.list(region).values_property or []
    wanted = f"{TAG}.{region}".lower()
    found = (
        tag.properties.address_prefixes or [] for tag in tags if tag.properties and (tag.name or "").lower() == wanted
    )
    return tuple(prefix for prefixes in found for prefix in prefixes if ":" not in prefix)


def admit_subnet(lab: Lab, subnet: str) -> None:
    """Let the subnet with this id in by its service endpoint, beside what the registry's rules let in already."""
    require_own(lab, lab.registry_id)
    own = {"action": "Allow", "virtualNetworkSubnetResourceId": subnet}
    _set_subnet_rules(lab, lambda rules: [*_without(rules, subnet), own])


def remove_subnet_rule(lab: Lab, subnet: str) -> None:
    """Take the rule for the subnet with this id off the registry's public endpoint; those for others stay."""
    require_own(lab, lab.registry_id)
    _set_subnet_rules(lab, lambda rules: _without(rules, subnet))


def remove_subnet_rules(lab: Lab) -> None:
    """Take the rules for subnets off the registry's public endpoint, if there are any; those for addresses stay."""
    require_own(lab, lab.registry_id)
    _set_subnet_rules(lab, lambda rules: [])


def _without(rules: list[Any], subnet: str) -> list[Any]:
    return [rule for rule in rules if str(rule["virtualNetworkSubnetResourceId"]).lower() != subnet.lower()]


def _set_subnet_rules(lab: Lab, change: Callable[[list[Any]], list[Any]]) -> None:
    what = "Changing rules for subnets"
    found = lab.arm.get(lab.registry_id, CLOSED_VERSION)["properties"].get("networkRuleSet") or {}
    now: list[Any] = found.get("virtualNetworkRules") or []
    wanted = change(now)
    if wanted == now:
        return
    body = {"properties": {"networkRuleSet": {**found, "virtualNetworkRules": wanted}}}
    with asking(what, lab.registry_id):
        operations = lab.resources.resources
        follow(operations.begin_update_by_id(lab.registry_id, body, api_version=CLOSED_VERSION), what)


def pull_on_vm(lab: Lab, *, works: bool) -> Outcome:
    """Pull on the VM until that goes as it is meant to: what was changed about roles counts some minutes later.

    Raises: NotReadyError: after ten minutes it still goes the other way.
    """
    return look_until(
        lambda outcome: (outcome.exit_code == 0) == works,
        lambda: try_on_vm(lab),
        what=f"A pull on {lab.settings.vm_name} {'works' if works else 'is refused'}",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
        told=repr,
    )


def delete_images(lab: Lab) -> None:
    """Delete what the chapter imported and built, where it is there; the registry has to let this computer in.

    Raises:
        RefusedError: the registry is not the lab's.
        NotReadyError: ten minutes after roles count for the registry again, this identity's own do not.
    """
    require_own(lab, lab.registry_id)
    look_until(
        lambda refused: refused is None,
        lambda: _images_refused(lab),
        what="Your own role takes effect on the registry again",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
    )


def _images_refused(lab: Lab) -> RefusedError | None:
    try:
        for image in (IMPORTED, *BUILT):
            when_let_in(lab, partial(_delete_image, lab, *image.split(":")))
    except RefusedError as refused:
        if refused.status != 401:
            raise
        return refused
    return None


def _delete_image(lab: Lab, repository: str, tag: str) -> None:
    with asking("Deleting an image", lab.registry_id):
        delete_tag(lab, repository, tag)
