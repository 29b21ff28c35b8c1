"""Resolves names as seen from a place: by Azure's resolver in a virtual network, or by any resolver on the internet.

In a network, the private zones that are linked to it come first, at every step of a chain; the longest name wins, and
a zone that is linked but lacks the name says that there is no such name. Everything else is the internet's answer.

The order of the rules is what learners get wrong, so each has its place here:

1. `_walk` follows aliases one step at a time. A registry's public name is an alias into `privatelink.azurecr.io` as
   soon as it has an endpoint; only there does a linked zone come into play.
2. `_closest` picks the linked zone by the longest suffix, before it looks whether the zone has the name. NXDOMAIN of a
   linked zone is final: the internet is not asked after it, as a link's `resolutionPolicy` is `Default`.
3. Within a zone a record that was written wins over one that a VM registered, and both over a wildcard.

Source: https://learn.microsoft.com/azure/dns/private-dns-privatednszone and
https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.azure.dns_answer import Answer, Record
from acrlab.emulator.core.http import Vantage
from acrlab.emulator.core.resource import CREATING, Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns, reachability
from acrlab.emulator.types.network_interface import VM_TYPE
from acrlab.emulator.types.private_dns_zone import LINK_TYPE, RECORD_KINDS

LONGEST_CHAIN = 16
REGISTERED_S = 10  # how long a registered VM's record may be kept


def resolve(world: World, name: str, vantage: Vantage, *, server: str = "") -> Answer:
    """Resolve a name to addresses.

    Args:
        server: address of the name server to ask; empty: the ones that the asker is set up with.

    Where a network, or the VM's interface, names servers of its own, nothing answers for them here: the status is
    `SERVFAIL`, as a Linux VM's resolver reports servers that don't answer.
    """
    name = name.lower().rstrip(".")
    if any(s != AZURE_RESOLVER for s in ([server] if server else servers_of(world, vantage))):
        return Answer(name, status="SERVFAIL")
    return _walk(world, name, linked_zones(world, vantage.network) if vantage.network else {})


def servers_of(world: World, vantage: Vantage) -> tuple[str, ...]:
    """Return the name servers that a caller in a network is set up with: the interface's, the network's, or Azure's."""
    if not vantage.network:
        return ()
    vm, network = world.find(vantage.vm), world.find(vantage.network)
    interface = reachability.interface_of(world, vm) if vm else None
    own = interface.properties.get("dnsSettings", {}).get("dnsServers") if interface else None
    common = network.properties.get("dhcpOptions", {}).get("dnsServers") if network else None
    return tuple(own or common or (AZURE_RESOLVER,))


def linked_zones(world: World, network: str) -> dict[str, ArmId]:
    """Name -> id of the private zones that a network reads. A link counts as soon as it has been made."""
    links = (link for link in world.referrers(network, LINK_TYPE) if link.phase != CREATING)
    return {link.id.names[0].lower(): link.id.parent for link in links if link.id.parent}


def _walk(world: World, name: str, zones: dict[str, ArmId]) -> Answer:
    """Follow aliases until there are addresses, or nothing."""
    records: list[Record] = []
    current = name
    while len(records) < LONGEST_CHAIN:
        zone = _closest(zones, current)
        found, exists = _in_zone(world, zones[zone], current) if zone else _in_public(world, current)
        records += found
        if not found:
            # The zone that was asked last is named as authority: it tells a missing record from a missing link.
            status = "NOERROR" if exists else "NXDOMAIN"
            return Answer(name, tuple(records), status, zone or public_dns.zone_of(current))
        if found[0].type == "A":
            return Answer(name, tuple(records))
        current = found[0].value
    return Answer(name, tuple(records), "SERVFAIL")  # a circle of aliases


def _closest(zones: dict[str, ArmId], name: str) -> str:
    """The linked zone with the longest name that a name lies in; empty: none."""
    labels = name.split(".")
    return next((z for i in range(len(labels)) if (z := ".".join(labels[i:])) in zones), "")


def _in_public(world: World, name: str) -> tuple[list[Record], bool]:
    found = public_dns.look_up(world, name)
    return ([found], True) if found else ([], False)


# -- private zones -----------------------------------------------------------------------------------------------------


def _in_zone(world: World, zone: ArmId, name: str) -> tuple[list[Record], bool]:
    """The records of a name in a zone; and whether the zone has the name at all, with records of whichever kind."""
    label = name.removesuffix(zone.name.lower()).rstrip(".") or "@"
    own = _set_at(world, zone, label, name)
    if own or _exists(world, zone, label):
        return own, True
    registered = _registered(world, zone, label)
    if registered:
        return [Record(name, "A", registered, REGISTERED_S)], True
    return _wild(world, zone, label, name)


def _set_at(world: World, zone: ArmId, label: str, owner: str) -> list[Record]:
    alias = world.find(zone.child("CNAME", label))
    target = alias.properties.get("cnameRecord", {}).get("cname", "") if alias else ""
    if alias and target:
        return [Record(owner, "CNAME", target.lower().rstrip("."), alias.properties["ttl"])]
    found = world.find(zone.child("A", label))
    if found is None:
        return []
    return [Record(owner, "A", r["ipv4Address"], found.properties["ttl"]) for r in found.properties["aRecords"]]


def _exists(world: World, zone: ArmId, label: str) -> bool:
    """A set without records is not served. Source: Azure DNS, "record sets with no records do not appear"."""
    sets = [world.find(zone.child(kind, label)) for kind in RECORD_KINDS]
    return label == "@" or any(s is not None and _has_records(s) for s in sets)


def _has_records(record_set: Resource) -> bool:
    return any(bool(v) for k, v in record_set.properties.items() if k.lower().endswith(("records", "record")))


def _wild(world: World, zone: ArmId, label: str, owner: str) -> tuple[list[Record], bool]:
    """A star answers for what lies below the closest name that exists. Source: RFC 4592."""
    labels = label.split(".")
    for i in range(1, len(labels) + 1):
        above = ".".join(labels[i:])
        found = _set_at(world, zone, f"*.{above}" if above else "*", owner)
        if found or (above and _exists(world, zone, above)):
            return found, bool(found)
    return [], False


def _registered(world: World, zone: ArmId, label: str) -> str:
    """The address of the VM of that name in a network whose link registers VMs in the zone; or empty."""
    # Looked up and not stored: a VM's record appears and goes with its address, and no write could be forgotten.
    links = world.children(zone, "virtualNetworkLinks")
    networks = {
        link.properties["virtualNetwork"]["id"].lower()
        for link in links
        if link.properties.get("registrationEnabled") and link.phase != CREATING
    }
    for vm in world.named(VM_TYPE, label) if networks else ():
        vantage = reachability.vantage_of(world, vm)
        if vantage.network.lower() in networks:
            return vantage.address
    return ""
