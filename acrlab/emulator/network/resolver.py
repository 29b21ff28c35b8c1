"""Resolves names as seen from a place: by Azure's resolver in a virtual network, or by any resolver on the internet.

In a network, the private zones that are linked to it come first, at every step of a chain; the longest name wins, and
a zone that is linked but lacks the name says that there is no such name. Everything else is the internet's answer.

The order of the rules is what learners get wrong, so each has its place here:

1. `_walk` follows aliases one step at a time. A registry's public name is an alias into `privatelink.azurecr.io` as
   soon as it has an endpoint; only there does a linked zone come into play.
2. `_closest` picks the linked zone by the longest suffix, before it looks whether the zone has the name. NXDOMAIN of a
   linked zone is final, unless its link's `resolutionPolicy` is `NxDomainRedirect`: then the internet is asked, too.
3. Within a zone a record that was written wins over one that a VM registered, and both over a wildcard.

Where the world's `timing` is `as-azure`, resolvers on the way keep what they were told (`name_cache`), and a link or a
record counts late.

Source: https://learn.microsoft.com/azure/dns/private-dns-privatednszone,
https://learn.microsoft.com/azure/dns/private-dns-fallback and
https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.azure.dns_answer import Answer, Record
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Vantage
from acrlab.emulator.core.resource import CREATING, Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns, reachability
from acrlab.emulator.network.name_cache import STUB_LONGEST_S, Ask, Found, NameCache
from acrlab.emulator.types.network_interface import VM_TYPE
from acrlab.emulator.types.private_dns_zone import AUTHORITY, LINK_TYPE, RECORD_KINDS
from acrlab.emulator.types.virtual_network_link import VIRTUAL_NETWORK_LINK, redirects

LONGEST_CHAIN = 16
REGISTERED_S = 10  # how long a registered VM's record may be kept
# Source: Azure DNS FAQ, changes "typically take effect within 60 seconds"
LATE_S = 60


@dataclass(frozen=True)
class ReadZone:
    """A private zone as one network reads it; `redirects`: what it lacks is asked of the internet."""

    id: ArmId
    redirects: bool = False


def resolve(world: World, name: str, vantage: Vantage, *, server: str = "") -> Answer:
    """Resolve a name to addresses.

    Args:
        server: address of the name server to ask; empty: the VM's own resolver, which asks those that it has.

    Where a network, or the VM's interface, names servers of its own, nothing answers for them here: the status is
    `SERVFAIL`, as a Linux VM's resolver reports servers that don't answer.
    """
    name = name.lower().rstrip(".")
    if any(s != AZURE_RESOLVER for s in ([server] if server else servers_of(world, vantage))):
        forget_names(world, vantage)  # with other servers to ask, systemd-resolved begins again
        return Answer(name, status="SERVFAIL")
    return _walk(name, _resolver(world, vantage, server))


def forget_names(world: World, vantage: Vantage) -> None:
    """Empty the cache of a VM's own resolver."""
    if vantage.vm:
        stub_cache(world, vantage).flush()


def servers_of(world: World, vantage: Vantage) -> tuple[str, ...]:
    """Return the name servers that a caller in a network is set up with: the interface's, the network's, or Azure's."""
    if not vantage.network:
        return ()
    vm, network = world.find(vantage.vm), world.find(vantage.network)
    interface = reachability.interface_of(world, vm) if vm else None
    own = interface.properties.get("dnsSettings", {}).get("dnsServers") if interface else None
    common = network.properties.get("dhcpOptions", {}).get("dnsServers") if network else None
    return tuple(own or common or (AZURE_RESOLVER,))


def linked_zones(world: World, network: str) -> dict[str, ReadZone]:
    """Name -> private zone that a network reads. A link counts as soon as it has been made, or a little later."""
    links = (link for link in world.referrers(network, LINK_TYPE) if _link_counts(world, link))
    return {link.id.names[0].lower(): ReadZone(link.id.parent, redirects(link)) for link in links if link.id.parent}


# -- the resolvers that a question passes ------------------------------------------------------------------------------


def _resolver(world: World, vantage: Vantage, server: str) -> Ask:
    zones = linked_zones(world, vantage.network) if vantage.network else {}

    def azure(name: str) -> Found:
        return _look_up(world, name, zones)

    if world.setting("timing") == "instant":
        return azure
    cached = network_cache(world, vantage).before(azure)
    return stub_cache(world, vantage).before(cached) if vantage.vm and not server else cached


def stub_cache(world: World, vantage: Vantage) -> NameCache:
    """The cache of systemd-resolved on a VM; it does not outlive the VM's restart."""
    vm = world.find(vantage.vm)
    started = vm.state.get("started", 0) if vm else 0
    return NameCache(world, f"{_whose(world, vantage.vm)} {started}", STUB_LONGEST_S)


def network_cache(world: World, vantage: Vantage) -> NameCache:
    """The cache of Azure's resolver in a network, or of the one on the internet."""
    return NameCache(world, _whose(world, vantage.network) or "internet")


def _whose(world: World, id: str) -> str:
    """Name a cache's owner; one that is made again under its name begins with an empty cache."""
    owner = world.find(id) if id else None
    return f"{owner.id.key} {owner.generation}" if owner else id.lower()


def _walk(name: str, ask: Ask) -> Answer:
    """Follow aliases until there are addresses, or nothing."""
    records: list[Record] = []
    current = name
    while len(records) < LONGEST_CHAIN:
        found = ask(current)
        records += found.records
        if not found.records:
            # The zone that was asked last is named as authority: it tells a missing record from a missing link.
            status = "NOERROR" if found.exists else "NXDOMAIN"
            return Answer(name, tuple(records), status, found.zone, found.negative_s)
        if found.records[0].type == "A":
            return Answer(name, tuple(records))
        current = found.records[0].value
    return Answer(name, tuple(records), "SERVFAIL")  # a circle of aliases


def _look_up(world: World, name: str, zones: dict[str, ReadZone]) -> Found:
    zone = _closest(zones, name)
    if not zone:
        return _in_public(world, name)
    records, exists = _in_zone(world, zones[zone].id, name)
    if not exists and zones[zone].redirects:
        return _in_public(world, name)
    return Found(tuple(records), exists, zone, _negative_s(world, zones[zone].id))


def _closest(zones: dict[str, ReadZone], name: str) -> str:
    """The linked zone with the longest name that a name lies in; empty: none."""
    labels = name.split(".")
    return next((z for i in range(len(labels)) if (z := ".".join(labels[i:])) in zones), "")


def _in_public(world: World, name: str) -> Found:
    found = public_dns.look_up(world, name)
    return Found((found,)) if found else Found((), False, public_dns.zone_of(name), public_dns.NEGATIVE_S)


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


def _negative_s(world: World, zone: ArmId) -> int:
    """Seconds that a "no" of this zone may be kept. Source: RFC 2308, 5."""
    soa = world.find(zone.child("SOA", "@"))
    minimum = int((soa.properties["soaRecord"] if soa else AUTHORITY)["minimumTtl"])
    return min(soa.properties["ttl"], minimum) if soa else minimum


def _written(world: World, id: ArmId) -> Resource | None:
    """The record set with this id, once it counts."""
    found = world.find(id)
    return found if found and _counts(world, found) else None


def _counts(world: World, made: Resource, after_s: float = 0) -> bool:
    """Whether name servers know of something that was made."""
    return world.setting("timing") == "instant" or world.now >= made.created + after_s + LATE_S


def _link_counts(world: World, link: Resource) -> bool:
    return link.phase != CREATING and _counts(world, link, VIRTUAL_NETWORK_LINK.seconds["PUT"])


def _set_at(world: World, zone: ArmId, label: str, owner: str) -> list[Record]:
    alias = _written(world, zone.child("CNAME", label))
    target = alias.properties.get("cnameRecord", {}).get("cname", "") if alias else ""
    if alias and target:
        return [Record(owner, "CNAME", target.lower().rstrip("."), alias.properties["ttl"])]
    found = _written(world, zone.child("A", label))
    if found is None:
        return []
    return [Record(owner, "A", r["ipv4Address"], found.properties["ttl"]) for r in found.properties["aRecords"]]


def _exists(world: World, zone: ArmId, label: str) -> bool:
    """A set without records is not served. Source: Azure DNS, "record sets with no records do not appear"."""
    sets = [_written(world, zone.child(kind, label)) for kind in RECORD_KINDS]
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


DEVIATIONS = (
    Deviation(
        of="names, where the world's `timing` is `as-azure`",
        what=f"a new link or record counts {LATE_S} s late, a changed or deleted one at once",
        impact="only caches make a change of a record late, not its way to the name servers",
        reason="Azure's documentation says of changes that they typically take effect within 60 seconds, and no more",
        workaround="ask until the new answer is there, as on Azure",
    ),
)
