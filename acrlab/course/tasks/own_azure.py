"""Chapter 12: a colleague's network beside the lab's resources, which the reader creates and deletes."""

from __future__ import annotations

from typing import Any

from acrlab.course.section import Seen
from acrlab.course.tasks.task import Task
from acrlab.lab.azure_errors import find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import LAB

THEIRS, TEAM = "somebodyElsesVNET", {"team": "another"}


def create_network(lab: Lab) -> None:
    """A resource without the tag `acrlab` and the lab's name does not belong to the lab, no matter who created it."""
    body = {
        "location": lab.settings.location,
        "tags": {"team": "another"},
        "properties": {"addressSpace": {"addressPrefixes": ["10.200.0.0/16"]}},
    }
    networks = lab.network.virtual_networks
    networks.begin_create_or_update(lab.settings.resource_group, "somebodyElsesVNET", body).result()


def delete_network(lab: Lab) -> None:
    """Only its owner deletes it: the lab never would."""
    lab.network.virtual_networks.begin_delete(lab.settings.resource_group, "somebodyElsesVNET").result()


def _network(lab: Lab) -> Any:
    return find(lambda: lab.network.virtual_networks.get(lab.settings.resource_group, THEIRS))


def _there(lab: Lab) -> Seen:
    found = _network(lab)
    if found is None:
        cause = "it was not created, or is in another group"
        return Seen(
            False, f"no network {THEIRS} in {lab.settings.resource_group}", cause, "create it in the lab's group"
        )
    tags = dict(found.tags or {})
    shown = f"{THEIRS}, tags {', '.join(f'{k}={v}' for k, v in sorted(tags.items())) or 'none'}"
    if LAB in tags:
        return Seen(False, shown, "with the tag acrlab it counts as the lab's own", f"leave {LAB} out")
    if tags.get("team") != TEAM["team"]:
        return Seen(False, shown, "it does not say whose it is", "give it the tag team=another")
    return Seen(True, shown)


def _deleted(lab: Lab) -> Seen:
    if _network(lab) is None:
        return Seen(True, f"no network {THEIRS}")
    return Seen(False, f"{THEIRS} is still there", "nothing was deleted", "it is a virtual network: delete it as one")


def _of_others(lab: Lab) -> str | None:
    """A network of this name that someone really has."""
    found = _network(lab)
    return None if found is None or (found.tags or {}).get("team") == TEAM["team"] else THEIRS


TASKS = (
    Task(
        name="colleague-network",
        chapter="12",
        goal="Be a colleague: create a network `somebodyElsesVNET` in the lab's group, with the tag `team=another`.",
        expected="a network somebodyElsesVNET in {resource_group} with the tag team=another and without the lab's",
        look=_there,
        hints=(
            "A network needs a location and an address space, such as `10.200.0.0/16`.",
            "`lab.network.virtual_networks.begin_create_or_update(group, name, body)`.",
        ),
        solution=create_network,
        az="az network vnet create --resource-group {resource_group} --location {location} --name somebodyElsesVNET "
        "--address-prefixes 10.200.0.0/16 --tags team=another",
        rights=("Microsoft.Network/virtualNetworks/write",),
        undo=delete_network,
        undone="the network somebodyElsesVNET",
        foreign=_of_others,
    ),
    Task(
        name="colleague-gone",
        chapter="12",
        goal="Be the colleague once more, and delete your network.",
        expected="no network somebodyElsesVNET in {resource_group}",
        look=_deleted,
        hints=("The lab's own clean-up left it alone, and will again.", "`lab.network.virtual_networks.begin_delete`."),
        solution=delete_network,
        az="az network vnet delete --resource-group {resource_group} --name somebodyElsesVNET",
        rights=("Microsoft.Network/virtualNetworks/delete",),
        after="colleague-network",
        foreign=_of_others,
    ),
)
