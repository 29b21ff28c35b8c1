"""Derive from a snapshot where the caller stands, which networks it reaches or should, and whose answers it gets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.doctor.sent_on import answering_network
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import NameServer, Network, Peering, Subnet

KEPT_FIRST = 4  # addresses at the beginning of a subnet that Azure gives to no one


@dataclass(frozen=True)
class Way:
    """How the caller's network is peered with another one.

    Attributes:
        id: of the other network.
        network: None: it could not be read.
        here, there: each one's half; None: it does not exist, or its network could not be read.
    """

    id: str
    network: Network | None
    here: Peering | None
    there: Peering | None

    @property
    def is_there(self) -> bool:
        """Whether there is a half of it at all."""
        return self.here is not None or self.there is not None


@dataclass(frozen=True)
class Caller:
    """Where requests to the registry come from: a VM, or the nodes of a pool.

    Attributes:
        address: of a pool the first one that its subnet can give to a node.
        security_group: id of that of its interface; empty: it has none, or it is AKS's own.
    """

    address: str
    subnet: Subnet
    security_group: str = ""


# -- networks ----------------------------------------------------------------------------------------------------------


def network_at(snapshot: Snapshot, id: str) -> Network | None:
    return next((n for n in snapshot.networks if same(n.id, id)), None)


def reached(snapshot: Snapshot) -> tuple[str, ...]:
    """List the ids of the networks that the caller reaches: its own, and those of open peerings."""
    network = snapshot.network
    return (snapshot.subject.network, *(network.peers if network else ()))


def callers(snapshot: Snapshot) -> tuple[Caller, ...]:
    """List who calls: the VM that looks from inside, and the nodes of the cluster that was named."""
    vm = snapshot.vm
    own = snapshot.subnet(vm.subnet) if vm else None
    found = [Caller(vm.address, own, vm.security_group)] if vm and own and vm.address else []
    named = (c for c in snapshot.clusters if same(c.id, snapshot.subject.cluster))
    ids = _once(pool.subnet for cluster in named for pool in cluster.pools)
    subnets = (subnet for id in ids if (subnet := snapshot.subnet(id)) is not None)
    return (*found, *(Caller(str(ipaddress.ip_network(s.prefixes[0])[KEPT_FIRST]), s) for s in subnets))


def way_to(snapshot: Snapshot, id: str) -> Way:
    """Find the halves of the peering between the caller's network and another one."""
    own, other = snapshot.network, network_at(snapshot, id)
    here = next((p for p in own.peerings if same(p.remote, id)), None) if own else None
    there = next((p for p in other.peerings if same(p.remote, snapshot.subject.network)), None) if other else None
    return Way(id, other, here, there)


def closed_ways(snapshot: Snapshot) -> tuple[Way, ...]:
    """Find the networks that the caller should reach and does not.

    That is one with a private endpoint where no other is reached, and one with the caller's name server. A network that
    has nothing to do with the caller's is none: there an endpoint of its own is missing.
    """
    if snapshot.network is None:
        return ()
    near = reached(snapshot)
    homes = _once(e.network for e in snapshot.endpoints)
    wanted = [] if any(same(home, id) for home in homes for id in near) else homes
    servers = [s.network for s in snapshot.name_servers if s.network]
    needed = [id for id in _once((*servers, *wanted)) if not any(same(id, one) for one in near)]
    return tuple(way for id in needed if (way := way_to(snapshot, id)).is_there or _is_meant(snapshot, way))


def _is_meant(snapshot: Snapshot, way: Way) -> bool:
    """Say whether a network without any half is one to share: a hub of others, or the home of the name server."""
    if way.network is None or _overlap(snapshot.network, way.network):
        return False
    return bool(way.network.peerings) or any(same(s.network, way.id) for s in snapshot.name_servers)


def _overlap(one: Network | None, other: Network) -> bool:
    mine = [ipaddress.ip_network(p) for p in (one.prefixes if one else ())]
    return any(ipaddress.ip_network(p).overlaps(own) for p in other.prefixes for own in mine)


def _once(ids: Iterable[str]) -> list[str]:
    return [*{id.lower(): id for id in ids}.values()]


def with_peers(snapshot: Snapshot, network: Network) -> Network:
    """Return a network with all the prefixes that its security rules call `VirtualNetwork`: those of its peers, too.

    A way that is closed, and named by its own check, counts as open.
    """
    others = (*reached(snapshot)[1:], *(way.id for way in closed_ways(snapshot)))
    known = [n for id in others if (n := network_at(snapshot, id)) is not None]
    own = snapshot.network.prefixes if snapshot.network else ()
    every = (*network.prefixes, *own, *(prefix for n in known for prefix in n.prefixes))
    return replace(network, prefixes=tuple(dict.fromkeys(every)))


# -- name servers ------------------------------------------------------------------------------------------------------


def custom_servers(snapshot: Snapshot) -> tuple[str, ...]:
    """List the caller's name servers other than Azure's: the VM's interface goes before its network."""
    own = snapshot.vm.dns_servers if snapshot.vm else ()
    network = snapshot.network
    return tuple(s for s in own or (network.dns_servers if network else ()) if s != AZURE_RESOLVER)


def name_server(snapshot: Snapshot) -> NameServer | None:
    """Find the first of the caller's own name servers that is a VM which was seen."""
    return next((s for s in snapshot.name_servers if s.vm), None)


def resolving_network(snapshot: Snapshot) -> str:
    """Tell the id of the network whose links count for the caller: where its name server stands, or its own.

    Where a ruleset sends its questions on, it is the one where they are answered.
    """
    if not custom_servers(snapshot):
        return answering_network(snapshot) or snapshot.subject.network
    return next((s.network for s in snapshot.name_servers if s.network), snapshot.subject.network)


def asks_from_afar(snapshot: Snapshot) -> bool:
    """Say whether it is unknown from where the caller's name servers ask: they stand in no network that was read."""
    servers = snapshot.name_servers if custom_servers(snapshot) else ()
    return bool(servers) and not any(s.network for s in servers)
