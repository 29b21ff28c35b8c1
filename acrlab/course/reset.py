"""Takes back what a section made, in an order that Azure allows; nothing where there is nothing."""

from __future__ import annotations

from typing import Any

from acrlab.doctor.remedies import allow_public_access, remove_endpoint, unlink_zone
from acrlab.lab.azure_errors import find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours
from acrlab.steps.clean_up import delete_group
from acrlab.steps.prerequisites import delete_tag
from acrlab.steps.public_access import closed_on_purpose, deny_public_access, reopen
from acrlab.steps.run_command import identity_of, run

__all__ = [
    "azure_cli",
    "closed",
    "docker",
    "endpoint",
    "group",
    "image",
    "link",
    "machine",
    "policies",
    "records",
    "registry",
    "restored",
    "zone",
]

COMPUTE, NETWORK = "2024-07-01", "2024-05-01"
# type -> what follows the machine's name in the name of its part
PARTS = {"networkInterfaces": "VMNic", "publicIPAddresses": "PublicIP", "networkSecurityGroups": "NSG"}


def _delete(lab: Lab, id: str, version: str) -> None:
    """Delete a resource by its id, if it is there."""
    by_id = lab.resources.resources
    if (found := find(lambda: by_id.get_by_id(id, api_version=version))) is not None:
        require_ours(lab, found.tags, id)
        lab.wait(by_id.begin_delete_by_id(id, api_version=version), f"Deleting {id.rpartition('/')[2]}", id)


def group(lab: Lab) -> None:
    """With all that is in it; beside what is somebody else's only the lab's own."""
    delete_group(lab, lab.settings.resource_group)


def registry(lab: Lab) -> None:
    endpoint(lab)
    _delete(lab, lab.id_of("Microsoft.ContainerRegistry/registries", lab.settings.registry_name), "2025-11-01")


def image(lab: Lab) -> None:
    """The sample image's tag; other tags, and what they point at, are a learner's own."""
    if (found := _registry(lab)) is not None:
        require_ours(lab, found.tags, found.id)
        repository, _, tag = lab.settings.image.partition(":")
        delete_tag(lab, repository, tag)


def _registry(lab: Lab) -> Any:
    return find(lambda: lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name))


def machine(lab: Lab) -> None:
    """The machine, its interface and its address; the network stays."""
    name = lab.settings.machine_name
    _delete(lab, lab.id_of("Microsoft.Compute/virtualMachines", name), COMPUTE)
    for type, suffix in PARTS.items():
        _delete(lab, lab.id_of(f"Microsoft.Network/{type}", f"{name}{suffix}"), NETWORK)


def _machine(lab: Lab) -> Any:
    return find(lambda: lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.machine_name))


def docker(lab: Lab) -> None:
    if _machine(lab) is not None:
        run(lab, "apt-get remove -y docker.io", check=False)


def azure_cli(lab: Lab) -> None:
    """The machine's roles on the registry; the program does no harm."""
    from acrlab.course.plant import take_pull_right

    found = _machine(lab)
    if found is not None and identity_of(found) and _registry(lab) is not None:
        take_pull_right(lab)


def policies(lab: Lab) -> None:
    s = lab.settings
    endpoint(lab)
    found: Any = find(lambda: lab.network.subnets.get(s.resource_group, s.network_name, s.subnet_name))
    if found is not None:
        network = lab.network.virtual_networks.get(s.resource_group, s.network_name)
        require_ours(lab, network.tags, network.id)
        found.private_endpoint_network_policies = "Enabled"
        poller = lab.network.subnets.begin_create_or_update(s.resource_group, s.network_name, s.subnet_name, found)
        lab.wait(poller, f"Changing {s.subnet_name}", found.id)


def zone(lab: Lab) -> None:
    s, zones = lab.settings, lab.dns.private_zones
    link(lab)
    if (found := find(lambda: zones.get(s.resource_group, s.zone_name))) is not None:
        require_ours(lab, found.tags, found.id)
        lab.wait(zones.begin_delete(s.resource_group, s.zone_name), "Deleting the zone", s.zone_name)


def link(lab: Lab) -> None:
    s = lab.settings
    if find(lambda: lab.dns.private_zones.get(s.resource_group, s.zone_name)) is None:
        return
    for found in list(lab.dns.virtual_network_links.list(s.resource_group, s.zone_name)):
        require_ours(lab, found.tags, found.id)
        unlink_zone(lab, found.id)


def endpoint(lab: Lab) -> None:
    s = lab.settings
    if (found := find(lambda: lab.network.private_endpoints.get(s.resource_group, s.endpoint_name))) is not None:
        require_ours(lab, found.tags, found.id)
        remove_endpoint(lab, found.id)


def records(lab: Lab) -> None:
    """Every address record in the zone."""
    s, sets = lab.settings, lab.dns.record_sets
    if find(lambda: lab.dns.private_zones.get(s.resource_group, s.zone_name)) is None:
        return
    for found in list(sets.list_by_type(s.resource_group, s.zone_name, "A")):
        require_ours(lab, found.properties.metadata, found.id)
        sets.delete(s.resource_group, s.zone_name, "A", found.name)


def closed(lab: Lab) -> None:
    """As open as before; where nothing was captured, open."""
    if closed_on_purpose(lab):
        reopen(lab)
    elif _registry(lab) is not None:
        allow_public_access(lab)


def restored(lab: Lab) -> None:
    """As closed as the article leaves it before it restores."""
    if _registry(lab) is not None:
        deny_public_access(lab)
