"""Takes back what a section made, in an order that Azure allows; each function returns whether there was something.

What is the lab's own is deleted even where something stays that is not, which is said after that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from azure.core.exceptions import ResourceExistsError

from acrlab.azure.cloud import ENDPOINT, NETWORK, SCHEDULES_VERSION, SUBNET, VM, ZONE, shutdown_of
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.ensure import at_rest, names_of, put, remove
from acrlab.lab.lab import Lab
from acrlab.lab.memory import image_note
from acrlab.lab.ownership import NOT_OURS, is_ours, is_the_learner_s, require_ours
from acrlab.lab.waiting import follow, look_until
from acrlab.steps.clean_up import delete_group, empty_group
from acrlab.steps.clean_up_plan import plan_clean_up
from acrlab.steps.prerequisites import delete_tag, take_image_back
from acrlab.steps.private_link import find_zone, metadata_of, unlink_zone
from acrlab.steps.public_access import closed_on_purpose, deny_public_access, find_registry, reopen
from acrlab.steps.run_command import find_vm, identity_of, run_on_vm

if TYPE_CHECKING:
    from azure.mgmt.privatedns.models import PrivateZone, Resource, VirtualNetworkLink

Part = TypeVar("Part", bound="Resource")
COMPUTE_VERSION, NETWORK_VERSION = "2024-07-01", "2024-05-01"
# type -> what follows the VM's name in the name of its part
PARTS = {"networkInterfaces": "VMNic", "publicIPAddresses": "PublicIP", "networkSecurityGroups": "NSG"}


def _delete(lab: Lab, id: str, version: str) -> bool:
    """Delete a resource by its id, if it is there. Returns: whether it was."""
    by_id = lab.resources.resources
    if (found := find(lambda: by_id.get_by_id(id, api_version=version))) is None:
        return False
    require_ours(lab, found.tags, id)
    what = f"Deleting {id.rpartition('/')[2]}"
    with asking(what, id):
        follow(by_id.begin_delete_by_id(id, api_version=version), what)
    return True


def group(lab: Lab) -> bool:
    """Delete the group with all that is in it; beside what is not the lab's, only what is."""
    group = lab.settings.resource_group
    if not lab.resources.resource_groups.check_existence(group):
        return False
    delete_group(lab, group)
    return True


def registry(lab: Lab) -> bool:
    """Delete the registry, and the endpoint that leads to it."""
    endpoint(lab)
    return _delete(lab, lab.id_of("Microsoft.ContainerRegistry/registries", lab.settings.registry_name), "2025-11-01")


def image(lab: Lab) -> bool:
    """Delete the sample image's tag; other tags, and what they point at, are a learner's own."""
    if (found := find_registry(lab)) is None:
        return False
    if not is_ours(lab, found.tags) and image_note(lab):
        take_image_back(lab)
        return True
    require_ours(lab, found.tags, lab.registry_id)
    repository, _, tag = lab.settings.image.partition(":")
    delete_tag(lab, repository, tag)
    return True


def vm(lab: Lab) -> bool:
    """Delete the VM, its interface, its address and its shutdown schedule; the network stays."""
    name = lab.settings.vm_name
    id = lab.id_of(VM, name)
    found = _delete(lab, id, COMPUTE_VERSION)
    for type, suffix in PARTS.items():
        found |= _delete(lab, lab.id_of(f"Microsoft.Network/{type}", f"{name}{suffix}"), NETWORK_VERSION)
    return _delete(lab, shutdown_of(id), SCHEDULES_VERSION) or found


def docker(lab: Lab) -> bool:
    """Remove the package from the VM."""
    if (found := find_vm(lab)) is None:
        return False
    require_ours(lab, found.tags, lab.id_of(VM, lab.settings.vm_name))
    run_on_vm(lab, "apt-get remove -y docker.io", check=False)
    return True


def azure_cli(lab: Lab) -> bool:
    """Take the VM's roles on the registry; the program does no harm."""
    from acrlab.course.practice.plant import take_pull_right

    found = find_vm(lab)
    if found is None or not identity_of(found) or find_registry(lab) is None:
        return False
    take_pull_right(lab)
    return True


def policies(lab: Lab) -> bool:
    """Enable the subnet's policies again, which no endpoint in it allows."""
    s, subnets = lab.settings, lab.network.subnets
    endpoint(lab)
    id, network = lab.id_of(SUBNET, s.network_name, s.subnet_name), lab.id_of(NETWORK, s.network_name)
    found = find(lambda: subnets.get(*names_of(id)))
    if found is None:
        return False
    require_ours(lab, lab.network.virtual_networks.get(*names_of(network)).tags, network)
    found.private_endpoint_network_policies = "Enabled"
    put(lab, id, subnets, found, f"Changing {s.subnet_name}")
    return True


def zone(lab: Lab) -> bool:
    """Delete the zone with its links and records."""
    if (found := _zone(lab)) is None:
        return False
    look_until(
        bool,
        lambda: _zone_deleted(lab, found),
        what=f"{found.name} has no link any more",
        resource_id=lab.id_of(ZONE, lab.settings.zone_name),
        pause=lab.backend.pause,
        told=lambda _: "a link that Azure is still making",
    )
    return True


def _zone_deleted(lab: Lab, found: PrivateZone) -> bool:
    """Delete the zone. Returns: whether it could; not while a link is being made, which no list shows until it is."""
    id = lab.id_of(ZONE, lab.settings.zone_name)
    for refused in [_refused(lab, part) for part in (records, link)]:
        if refused:
            raise refused
    require_ours(lab, found.tags, id)
    try:
        poller = lab.dns.private_zones.begin_delete(*names_of(id))
    except ResourceExistsError as problem:  # 409: something is in it; or a lock is on it
        if getattr(problem.error, "code", "") != "CannotDeleteResource":
            raise
        return False
    with asking("Deleting the zone", id):
        follow(poller, "Deleting the zone")
    return True


def link(lab: Lab) -> bool:
    """Delete every link of the zone."""
    s = lab.settings
    operations, names = lab.dns.virtual_network_links, (s.resource_group, s.zone_name)

    def undo(link: VirtualNetworkLink) -> None:
        if at_rest(lab, lambda: find(lambda: operations.get(*names, str(link.name)))) is not None:
            unlink_zone(lab, str(link.id))

    return _each(lab, list(operations.list(*names)) if _zone(lab) else [], lambda link: link.tags, undo)


def endpoint(lab: Lab) -> bool:
    """Delete the lab's endpoint."""
    return _endpoint(lab, lab.settings.endpoint_name)


def manual_endpoint(lab: Lab) -> bool:
    """Delete the endpoint of chapter 04, whatever was decided about it."""
    return _endpoint(lab, lab.settings.manual_endpoint_name)


def portal_lab(lab: Lab) -> bool:
    """Delete what the portal's chapter makes, in a group of its own."""
    group = lab.settings.portal_resource_group
    if plan_clean_up(lab, group).empty:
        return False
    empty_group(lab, group)
    return True


def _endpoint(lab: Lab, name: str) -> bool:
    return remove(lab, lab.id_of(ENDPOINT, name), lab.network.private_endpoints, "Deleting the endpoint")


def records(lab: Lab) -> bool:
    """Delete every address record in the zone."""
    s, sets = lab.settings, lab.dns.record_sets
    return _each(
        lab,
        list(sets.list_by_type(s.resource_group, s.zone_name, "A")) if _zone(lab) else [],
        metadata_of,
        lambda record: sets.delete(s.resource_group, s.zone_name, "A", str(record.name)),
    )


def _refused(lab: Lab, part: Callable[[Lab], object]) -> RefusedError | None:
    """Take a part back. Returns: why something of it stays that is not the lab's."""
    try:
        part(lab)
    except RefusedError as problem:
        if problem.code != NOT_OURS:
            raise
        return problem
    return None


def _zone(lab: Lab) -> PrivateZone | None:
    return at_rest(lab, lambda: find_zone(lab))


def _each(
    lab: Lab,
    found: Sequence[Part],
    tags: Callable[[Part], Mapping[str, str] | None],
    delete: Callable[[Part], object],
) -> bool:
    """Delete what is the lab's, then say of the first other one that it stays. Returns: whether there was anything."""
    for one in found:
        if is_the_learner_s(lab, tags(one)):
            delete(one)
    for one in found:
        require_ours(lab, tags(one), str(one.id))
    return bool(found)


def closed(lab: Lab) -> bool:
    """Open the registry as far as before; where nothing was captured, wholly."""
    from acrlab.doctor.remedies import allow_public_access

    if closed_on_purpose(lab):
        reopen(lab)
    elif find_registry(lab) is not None:
        allow_public_access(lab)
    else:
        return False
    return True


def restored(lab: Lab) -> bool:
    """Close the registry as far as the article leaves it before it restores."""
    if find_registry(lab) is None:
        return False
    deny_public_access(lab)
    return True
