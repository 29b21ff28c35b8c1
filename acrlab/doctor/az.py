"""What fixes a finding: commands of the Azure CLI, complete and safe to paste, and calls that do the same."""

from __future__ import annotations

import shlex

from acrlab.azure.arm_id import ArmId
from acrlab.doctor.facts import zone_in_use
from acrlab.doctor.finding import Remedy
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.registry import Endpoint

ZONE_GROUP = "default"  # as the portal names it


def az(command: str, **options: str) -> str:
    """Write one command; an option without a value is a flag.

    Returns: e.g. `az acr update --name contoso --sku Premium`
    """
    words = [
        f"--{name.replace('_', '-')}" + (f" {shlex.quote(value)}" if value else "") for name, value in options.items()
    ]
    return " ".join(["az", command, *words])


def place(id: str) -> tuple[str, str]:
    """Tell the group and name of a resource."""
    parsed = ArmId.parse(id)
    return parsed.group or "", parsed.name


def run_on(vm: str, script: str) -> str:
    """Run a script on the VM with this id."""
    group, name = place(vm)
    return az("vm run-command invoke", resource_group=group, name=name, command_id="RunShellScript", scripts=script)


def add_record(zone: str, name: str, address: str) -> str:
    group, zone_name = place(zone)
    return az(
        "network private-dns record-set a add-record",
        resource_group=group,
        zone_name=zone_name,
        record_set_name=name,
        ipv4_address=address,
    )


def remove_record(zone: str, name: str, address: str) -> str:
    group, zone_name = place(zone)
    return az(
        "network private-dns record-set a remove-record",
        resource_group=group,
        zone_name=zone_name,
        record_set_name=name,
        ipv4_address=address,
        keep_empty_record_set="",
    )


def delete_endpoint(endpoint: Endpoint) -> str:
    group, name = place(endpoint.id)
    return az("network private-endpoint delete", resource_group=group, name=name)


def create_endpoint(snapshot: Snapshot, endpoint: str, subnet: str, connection: str) -> str:
    """Create the private endpoint with this id in the subnet with that id, connected to the registry."""
    group, name = place(endpoint)
    network = next((n for n in snapshot.networks if any(same(s.id, subnet) for s in n.subnets)), None)
    location = {"location": network.location} if network and network.location else {}
    return az(
        "network private-endpoint create",
        resource_group=group,
        name=name,
        **location,
        subnet=subnet,
        private_connection_resource_id=snapshot.registry.id if snapshot.registry else "",
        group_id="registry",
        connection_name=connection,
    )


def write_records_of(endpoint: str, zone: str, *, name: str = ZONE_GROUP, replacing: bool = False) -> tuple[str, ...]:
    """Let Azure write an endpoint's records into a zone and keep them up to date from now on.

    Args:
        endpoint, zone: ids.
        name: of the zone group.
        replacing: there is one of that name, which is deleted first.
    """
    group, endpoint_name = place(endpoint)
    whose = {"resource_group": group, "endpoint_name": endpoint_name, "name": name}
    deleted = az("network private-endpoint dns-zone-group delete", **whose)
    made = az(
        "network private-endpoint dns-zone-group create",
        **whose,
        private_dns_zone=zone,
        zone_name=ArmId.parse(zone).name.replace(".", "-"),
    )
    return (deleted, made) if replacing else (made,)


# -- whole fixes: the commands, and the same as calls of the library ---------------------------------------------------


def create_own_endpoint(snapshot: Snapshot, subnet: str) -> Remedy:
    """Create the lab's endpoint in a subnet, in the resource group of its network."""
    place, names = ArmId.parse(subnet), snapshot.subject.names
    endpoint = str(ArmId(place.scope, "Microsoft.Network/privateEndpoints", (names.endpoint,)))
    return _create(snapshot, endpoint, subnet, names.connection)


def recreate_endpoint(snapshot: Snapshot, endpoint: Endpoint) -> Remedy:
    """Delete an endpoint and create it again."""
    created = _create(snapshot, endpoint.id, endpoint.subnet, endpoint.connection_name)
    call = f"acrlab.remedies.remove_endpoint(lab, {endpoint.id!r}); {created.call}"
    return Remedy((delete_endpoint(endpoint), *created.az), call)


def _create(snapshot: Snapshot, endpoint: str, subnet: str, connection: str) -> Remedy:
    """Create an endpoint; where there is a zone, Azure writes its records from then on."""
    commands = [create_endpoint(snapshot, endpoint, subnet, connection)]
    calls = [f"acrlab.remedies.make_endpoint(lab, {endpoint!r}, {subnet!r}, {connection!r})"]
    if zone := zone_in_use(snapshot):
        commands += write_records_of(endpoint, zone.id)
        calls.append(f"acrlab.remedies.write_records_by_group(lab, {endpoint!r}, {zone.id!r}, {ZONE_GROUP!r})")
    return Remedy(tuple(commands), "; ".join(calls))
