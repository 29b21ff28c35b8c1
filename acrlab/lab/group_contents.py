"""What a resource group holds, by the lists of the services themselves. Only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from acrlab.azure import cloud
from acrlab.capabilities import executor
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.azure_errors import find, required
from acrlab.lab.lab import Lab

if TYPE_CHECKING:
    from azure.mgmt.resource.resources.models import GenericResourceExpanded

# Kinds of resources that a lab is made of, each with an api-version at which its service lists it.
KINDS = {
    cloud.REGISTRY: "2023-07-01",
    cloud.VM: "2024-07-01",
    "Microsoft.Compute/disks": "2024-03-02",
    cloud.NETWORK: "2024-05-01",
    cloud.SECURITY_GROUP: "2024-05-01",
    cloud.INTERFACE: "2024-05-01",
    cloud.PUBLIC_ADDRESS: "2024-05-01",
    cloud.ENDPOINT: "2024-05-01",
    cloud.ZONE: cloud.RECORDS_VERSION,
    cloud.SCHEDULE: cloud.SCHEDULES_VERSION,
}
LINKS = {cloud.ZONE: cloud.ZONE_LINK, cloud.RULESET: cloud.RULESET_LINK}
_SMALL_KINDS = {kind.lower() for kind in KINDS}


@dataclass(frozen=True)
class Held:
    """A resource as a list shows it; `managed_by`: id of what it came with, a disk's VM or an interface's endpoint."""

    id: str
    name: str
    type: str
    tags: Mapping[str, str]
    managed_by: str

    @property
    def parent(self) -> str:
        """Id, in lower case, of the resource whose part it is; of others no resource's."""
        return self.id.lower().rpartition("/")[0].rpartition("/")[0]


def contents_of(lab: Lab, group: str) -> list[Held]:
    """List what a group holds; nothing where another clean-up has just deleted it.

    Resource Manager's list of all resources may be minutes old: it shows what is gone, and leaves out what was just
    made. So of the kinds that a lab is made of, each service's own list counts.
    """
    there = [_held(one) for one in find(lambda: list(lab.resources.resources.list_by_resource_group(group))) or []]
    with executor(len(KINDS)) as pool:
        told = pool.map(lambda kind: (kind, _own_list(lab, f"{lab.group_id(group)}/providers/{kind}", kind)), KINDS)
        there = _corrected(there, told)
    for holder, kind in LINKS.items():
        holders = [r for r in there if r.type.lower() == holder.lower()]
        links = [one for r in holders for one in _own_list(lab, f"{r.id}/virtualNetworkLinks", kind) or []]
        there = _corrected(there, [(kind, [replace(one, name="/".join(one.id.split("/")[-3::2])) for one in links])])
    ids = {r.id.lower() for r in there}
    return [r for r in there if _kind_of(r.parent) not in _SMALL_KINDS or r.parent in ids]


def _held(found: GenericResourceExpanded) -> Held:
    id = required(found.id, "id of a resource")
    name, type = required(found.name, f"name of {id}"), required(found.type, f"type of {id}")
    return Held(id, name, type, found.tags or {}, found.managed_by or "")


def _own_list(lab: Lab, path: str, type: str) -> list[Held] | None:
    """List one kind as its service has it; None: that does not tell, or this identity may not see it."""
    try:
        version = cloud.RESOLVERS_VERSION if type == cloud.RULESET_LINK else cloud.RECORDS_VERSION
        found = lab.arm.get_all(path, KINDS.get(type, version))
    except (NotVisibleError, RefusedError):
        return None
    return [Held(r["id"], r["name"], type, r.get("tags") or {}, _brought_by(r)) for r in found]


def _brought_by(resource: Mapping[str, Any]) -> str:
    """Read the id of what brought a resource along; an endpoint's interface carries no tag."""
    endpoint = resource.get("properties", {}).get("privateEndpoint") or {}
    return str(resource.get("managedBy") or endpoint.get("id") or "")


def _corrected(there: list[Held], told: Iterable[tuple[str, list[Held] | None]]) -> list[Held]:
    for type, own in told:
        if own is not None:
            there = [r for r in there if r.type.lower() != type.lower()] + own
    return there


def _kind_of(id: str) -> str:
    """Read the type off the id of a resource that belongs to none other, in lower case."""
    return "/".join(id.lower().partition("/providers/")[2].split("/")[:2])
