"""What fixes a finding: commands of the Azure CLI, complete and safe to paste, and calls that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from acrlab.azure.arm_id import ArmId, free_name
from acrlab.azure.cloud import ZONE, label_of
from acrlab.doctor.facts import contender, zone_in_use
from acrlab.doctor.finding import Remedy
from acrlab.doctor.places import resolving_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Zone
from acrlab.snapshot.registry import Endpoint

ZONE_GROUP = "default"  # as the portal names it
COPIED = 20  # records of other registries that a zone of one's own begins with


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
    """Create an endpoint in a subnet, in the resource group of its network.

    It has the lab's name for it, unless another network's endpoint has that: one in another subnet can't be moved.
    """
    place, names = ArmId.parse(subnet), snapshot.subject.names
    endpoint = str(ArmId(place.scope, "Microsoft.Network/privateEndpoints", (names.endpoint,)))
    taken = [e.id for e in snapshot.endpoints]
    if any(same(endpoint, id) for id in taken):
        endpoint = free_name(f"{endpoint}-{place.names[0]}", taken)
    return _create(snapshot, endpoint, subnet, names.connection)


def recreate_endpoint(snapshot: Snapshot, endpoint: Endpoint) -> Remedy:
    """Delete an endpoint and create it again; what another network reads in its zone is put back."""
    created = _create(snapshot, endpoint.id, endpoint.subnet, endpoint.connection_name)
    kept = _written_again(snapshot)
    calls = (
        f"acrlab.remedies.remove_endpoint(lab, {endpoint.id!r})",
        *([kept.call] if kept.call else []),
        created.call,
    )
    return Remedy((delete_endpoint(endpoint), *kept.az, *created.az), "; ".join(calls))


def _written_again(snapshot: Snapshot) -> Remedy:
    """Write another network's records, which go with the zone group of an endpoint that wrote the same names."""
    zone = zone_in_use(snapshot)
    other = contender(snapshot, zone) if zone else None
    if zone is None or other is None:
        return Remedy()
    held = [(label_of(a.host), a.address) for a in other.addresses if a.host and a.address]
    return Remedy(
        tuple(add_record(zone.id, name, address) for name, address in held),
        "; ".join(f"acrlab.remedies.write_record(lab, {zone.id!r}, {name!r}, {address!r})" for name, address in held),
    )


def own_zone(snapshot: Snapshot, shared: Zone, network: str, held: Mapping[str, str]) -> tuple[str, Remedy]:
    """Let a network read a zone of its own in place of one that it shares: nothing in the shared one is changed.

    Args:
        network: its id.
        held: host -> address, the records that the network needs; those of other registries are copied.

    Returns: the id of the new zone, and what makes it.
    """
    group, known = _group_without_zone(snapshot, network)
    old = next((li for li in shared.links or () if same(li.network, network)), None)
    link = old.name if old else snapshot.subject.names.link
    zone = str(ArmId(str(ArmId.of_group(ArmId.parse(network).subscription, group)), ZONE, (shared.name,)))
    records = _copied(snapshot, shared) | {label_of(host): address for host, address in held.items()}
    location = next((n.location for n in snapshot.networks if same(n.id, network)), "")
    commands = [
        *(() if known else (az("group create", name=group, location=location),)),
        az("network private-dns zone create", resource_group=group, name=shared.name),
        *(add_record(zone, name, address) for name, address in records.items()),
        *((unlink(old.id),) if old else ()),
        link_zone(group, link, network, shared.name),
    ]
    call = f"acrlab.remedies.give_own_zone(lab, {zone!r}, {network!r}, {old.id if old else ''!r}, {records!r})"
    return zone, Remedy(tuple(commands), call)


def _group_without_zone(snapshot: Snapshot, network: str) -> tuple[str, bool]:
    """Name a group that can take a zone of this name, and say whether it is known to exist."""
    taken = {(ArmId.parse(z.id).group or "").lower() for z in snapshot.zones if z.name == snapshot.subject.names.zone}
    ids = [network, *(e.id for e in snapshot.endpoints if same(e.network, network))]
    groups = [g for id in ids if (g := ArmId.parse(id).group) and g.lower() not in taken]
    return (groups[0], True) if groups else (group_for_zone(network), False)


def group_for_zone(network: str) -> str:
    """Name a new group for a zone that the network with this id has for itself."""
    id = ArmId.parse(network)
    return f"{id.group}-{id.name}"[:86] + "-dns"


def _copied(snapshot: Snapshot, zone: Zone) -> dict[str, str]:
    """Records of other registries, as many as a person would type; more are for the network's owner to bring over."""
    own = {label_of(a.host) for e in snapshot.endpoints for a in e.addresses}
    others = {r.name: r.values[0] for r in zone.records or () if r.type == "A" and r.values and r.name not in own}
    return others if len(others) <= COPIED else {}


def link_zone(group: str, name: str, network: str, zone: str) -> str:
    """Link the zone of this name, in a group, to the network with this id."""
    return az(
        "network private-dns link vnet create",
        resource_group=group,
        zone_name=zone,
        name=name,
        virtual_network=network,
        registration_enabled="false",
    )


def unlink(link: str) -> str:
    """Delete the link with this id."""
    group, _ = place(link)
    zone, name = ArmId.parse(link).names
    return az("network private-dns link vnet delete", resource_group=group, zone_name=zone, name=name, yes="")


def _create(snapshot: Snapshot, endpoint: str, subnet: str, connection: str) -> Remedy:
    """Create an endpoint; where there is a zone, Azure writes its records from then on.

    A zone in which clients of another network find their own endpoint is left to them.
    """
    commands = [create_endpoint(snapshot, endpoint, subnet, connection)]
    calls = [f"acrlab.remedies.make_endpoint(lab, {endpoint!r}, {subnet!r}, {connection!r})"]
    if zone := zone_in_use(snapshot):
        target = zone.id
        if contender(snapshot, zone):
            target, moved = own_zone(snapshot, zone, resolving_network(snapshot), {})
            commands += moved.az
            calls.append(moved.call)
        commands += write_records_of(endpoint, target)
        calls.append(f"acrlab.remedies.write_records_by_group(lab, {endpoint!r}, {target!r}, {ZONE_GROUP!r})")
    return Remedy(tuple(commands), "; ".join(calls))
