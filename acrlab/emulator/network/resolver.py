"""Resolves names as seen from a place: by Azure's resolver in a virtual network, or by any resolver on the internet.

In a network, the private zones that are linked to it come first, at every step of a chain; the longest name wins, and
a zone that is linked but lacks the name says that there is no such name. Everything else is the internet's answer.

The order of the rules is what learners get wrong, so each has its place here:

1. `_walk` follows aliases one step at a time. A registry's public name is an alias into `privatelink.azurecr.io` as
   soon as it has an endpoint; only there does a linked zone come into play.
2. `_closest` picks the linked zone by the longest suffix, before it looks whether the zone has the name. NXDOMAIN of a
   linked zone is final, unless its link's `resolutionPolicy` is `NxDomainRedirect`: then the internet is asked, too.
3. Within a zone a record that was written wins over one that a VM registered, and both over a wildcard.

A VM with name servers of its own asks them and nothing else. A server is Azure's, a public one, the inbound endpoint
of a DNS Private Resolver (`private_resolver`), which answers as its network's own would, or a VM that runs a forwarder
(`forwarder`), which asks its own servers from where it stands itself. What no linked zone is for, a ruleset that the
network is linked to may send to other servers, through an outbound endpoint.

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
from acrlab.emulator.core.http import INTERNET, Vantage
from acrlab.emulator.core.resource import CREATING, Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import private_resolver, public_dns, reachability
from acrlab.emulator.network.forwarder import forwarder_at, upstreams_of
from acrlab.emulator.network.name_cache import STUB_LONGEST_S, Ask, Found, NameCache
from acrlab.emulator.network.private_zones import counts, in_zone, negative_s
from acrlab.emulator.types.compute.name_servers import configured_servers
from acrlab.emulator.types.dns.private_dns_zone import LINK_TYPE
from acrlab.emulator.types.dns.virtual_network_link import VIRTUAL_NETWORK_LINK, redirects

LONGEST_CHAIN = 16
INTERNETS_OWN = "internet"  # whichever resolver a computer outside asks
PUBLIC_RESOLVER = "198.51.100.53"  # that of the emulated internet. Source: RFC 5737, TEST-NET-2
# What anyone on the internet may ask, also of Google, Cloudflare and Quad9: a digit is a part of an address
PUBLIC_RESOLVERS = (PUBLIC_RESOLVER, *(".".join(digits) for digits in ("8888", "8844", "1111", "1001", "9999")))
FINAL = ("NOERROR", "NXDOMAIN")  # with any other status systemd-resolved asks the next server


@dataclass(frozen=True)
class ReadZone:
    """A private zone as one network reads it; `redirects`: what it lacks is asked of the internet."""

    id: ArmId
    redirects: bool = False


def resolve(world: World, name: str, vantage: Vantage, *, server: str = "") -> Answer:
    """Resolve a name to addresses.

    Args:
        server: address of the name server to ask; empty: the VM's own resolver, which asks those that it has.

    Where no server answers, or none answers the question, the status is `SERVFAIL`, as systemd-resolved reports it.
    """
    name = name.lower().rstrip(".")
    if server or not vantage.network:
        return ask(world, name, vantage, server or INTERNETS_OWN) or Answer(name, status="SERVFAIL")
    servers = servers_of(world, vantage)
    if servers == (AZURE_RESOLVER,):
        return _walk(name, _resolver(world, vantage, name, stub=True))
    forget_names(world, vantage)  # with other servers to ask, systemd-resolved begins again
    told = (ask(world, name, vantage, one) for one in servers)
    return next((answer for answer in told if answer and answer.status in FINAL), Answer(name, status="SERVFAIL"))


def _leaves_for(world: World, vantage: Vantage, server: str) -> bool:
    """Tell whether a question gets from a place to a name server of the internet."""
    return bool(vantage.egress) and reachability.lets_out(world, vantage, server, 53, "Udp")


def ask(
    world: World, name: str, vantage: Vantage, server: str, *, passed: frozenset[str] = frozenset()
) -> Answer | None:
    """Ask one name server, as `dig @server` does. `passed`: keys of the forwarders that the question came through.

    Returns: None: nothing answers there, or nothing gets there.
    """
    name = name.lower().rstrip(".")
    if server == AZURE_RESOLVER and vantage.network:
        return _walk(name, _resolver(world, vantage, name, passed=passed))
    if server == INTERNETS_OWN or (server in PUBLIC_RESOLVERS and _leaves_for(world, vantage, server)):
        return _walk(name, _resolver(world, INTERNET, name))
    inbound = private_resolver.inbound_at(world, vantage, server) if vantage.network else None
    if inbound is not None:
        if inbound.id.key in passed:
            return None
        place = private_resolver.place_of(world, inbound)
        return _walk(name, _resolver(world, place, name, passed=passed | {inbound.id.key}))
    vm = forwarder_at(world, vantage, server) if vantage.network else None
    if vm is None or vm.id.key in passed:
        return None
    return _forwarded(world, name, vm, passed | {vm.id.key})


def _forwarded(world: World, name: str, vm: Resource, passed: frozenset[str]) -> Answer | None:
    """Ask what a forwarder asks, from where it stands: its network's links count, and not those of the first asker."""
    place = reachability.vantage_of(world, vm)
    upstreams = upstreams_of(vm, name, servers_of(world, place))
    if not upstreams:
        return Answer(name, status="REFUSED")
    told = (ask(world, name, place, one, passed=passed) for one in upstreams)
    return next((answer for answer in told if answer), None)


def forget_names(world: World, vantage: Vantage) -> None:
    """Empty the cache of a VM's own resolver."""
    if vantage.vm:
        stub_cache(world, vantage).flush()


def servers_of(world: World, vantage: Vantage) -> tuple[str, ...]:
    """Return the name servers that a caller in a network has: a VM's as DHCP told it last, else the network's."""
    if not vantage.network:
        return ()
    vm = world.find(vantage.vm) if vantage.vm else None
    if vm is not None and "servers" in vm.state:
        return tuple(vm.state["servers"])
    return configured_servers(world, vm, world.find(vantage.network))


def linked_zones(world: World, network: str) -> dict[str, ReadZone]:
    """Name -> private zone that a network reads. A link counts as soon as it has been made, or a little later."""
    links = (link for link in world.referrers(network, LINK_TYPE) if _link_counts(world, link))
    return {link.id.names[0].lower(): ReadZone(link.id.parent, redirects(link)) for link in links if link.id.parent}


# -- the resolvers that a question passes ------------------------------------------------------------------------------


def _resolver(
    world: World, vantage: Vantage, asked: str, *, stub: bool = False, passed: frozenset[str] = frozenset()
) -> Ask:
    """Azure's resolver in a network, or the internet's; `stub`: behind the one on the VM itself.

    Args:
        asked: the name at the beginning of the chain, which rulesets are about.
    """
    zones = linked_zones(world, vantage.network) if vantage.network else {}

    def azure(name: str) -> Found:
        if name == asked and vantage.network and not _closest(zones, name):
            return _sent_on(world, name, vantage.network, passed) or _in_public(world, name)
        return _look_up(world, name, zones)

    if world.setting("timing") == "instant":
        return azure
    cached = network_cache(world, vantage).before(azure)
    return stub_cache(world, vantage).before(cached) if vantage.vm and stub else cached


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
        if found.told:
            return Answer(name, tuple(records), found.told, found.zone, found.negative_s)
        if not found.records:
            # The zone that was asked last is named as authority: it tells a missing record from a missing link.
            status = "NOERROR" if found.exists else "NXDOMAIN"
            return Answer(name, tuple(records), status, found.zone, found.negative_s)
        if found.records[0].type == "A":
            return Answer(name, tuple(records))
        current = found.records[0].value
    return Answer(name, tuple(records), "SERVFAIL")  # a circle of aliases


def _sent_on(world: World, name: str, network: str, passed: frozenset[str]) -> Found | None:
    """Ask the servers that a network's ruleset has for a name. Returns: None: it has no rule for it."""
    rule = private_resolver.targets_of(world, network, name)
    if rule is None:
        return None
    key, targets = rule
    told = (ask(world, name, to.place, to.address, passed=passed | {key}) for to in targets if to.address)
    answer = next((one for one in told if one and one.status in FINAL), None) if key not in passed else None
    if answer is None:
        return Found(told="SERVFAIL")
    return Found(answer.records, zone=answer.zone, negative_s=answer.negative_s, told=answer.status)


def _look_up(world: World, name: str, zones: dict[str, ReadZone]) -> Found:
    zone = _closest(zones, name)
    if not zone:
        return _in_public(world, name)
    records, exists = in_zone(world, zones[zone].id, name)
    if not exists and zones[zone].redirects:
        return _in_public(world, name)
    return Found(tuple(records), exists, zone, negative_s(world, zones[zone].id))


def _closest(zones: dict[str, ReadZone], name: str) -> str:
    """The linked zone with the longest name that a name lies in; empty: none."""
    labels = name.split(".")
    return next((z for i in range(len(labels)) if (z := ".".join(labels[i:])) in zones), "")


def _in_public(world: World, name: str) -> Found:
    found = public_dns.look_up(world, name)
    return Found((found,)) if found else Found((), False, public_dns.zone_of(name), public_dns.NEGATIVE_S)


def _link_counts(world: World, link: Resource) -> bool:
    return link.phase != CREATING and counts(world, link, VIRTUAL_NETWORK_LINK.seconds["PUT"])


DEVIATIONS = (
    Deviation(
        of="name servers of one's own",
        what=(
            "Of public resolvers those of Google, Cloudflare and Quad9 answer, and of VMs those that run dnsmasq, from "
            "its `server=` lines alone: what stands in their /etc/hosts is not served."
        ),
        impact="Any other server of one's own is silent: names end in a time-out, as with a server that is down.",
        reason="A forwarder is there to show where a question has to arrive.",
        workaround="Install dnsmasq on a VM in a network that is linked to the zone.",
    ),
    Deviation(
        of="name servers of one's own",
        what="Programs on this computer that send real packets (chapter 10) do not reach a forwarder.",
        impact="On a VM with servers of its own their names time out.",
        reason="A forwarder runs in the VM's own shell, and nothing listens for real packets there.",
        workaround="Ask through `az vm run-command`.",
    ),
)
