"""Check that open peerings lead to the networks that the caller needs: its endpoint's, and its name server's."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from acrlab.azure.arm_id import ArmId
from acrlab.doctor import az
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.doctor.places import Way, closed_ways, reached, way_to
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Network, Peering

PEERINGS = "https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering"
PULL = "https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/extensions/cannot-pull-image-from-acr-to-aks-cluster"
SYNC = "https://learn.microsoft.com/azure/virtual-network/update-virtual-network-peering-address-space"
TITLES = {
    "networks-not-peered": "{here} and {there} are not peered",
    "peering-disconnected": "The peering of {here} and {there} is disconnected",
    "peering-half-made": "{here} and {there} are peered in one direction only",
    "peering-without-access": "The peering of {here} and {there} lets nothing pass",
}
REASONS = {
    "networks-not-peered": (
        "Networks reach each other's addresses only by a peering, and it is not transitive: that both are peered with "
        "a third one does not help. What is sent there gets no answer."
    ),
    "peering-disconnected": (
        "When a network or its half of a peering is deleted, the other half stays behind, disconnected, and leads "
        "nowhere. Azure takes no new half beside it: it has to be deleted first."
    ),
    "peering-half-made": (
        "A peering consists of two halves, one in each network. Until the second one is there the first is only "
        "Initiated, and packets to the other network get no answer."
    ),
    "peering-without-access": (
        "Both halves are Connected, and one does not allow access: connections hang until they time out. The Azure CLI "
        "allows none unless --allow-vnet-access is given."
    ),
}


def closed(snapshot: Snapshot) -> Finding | None:
    """A name may lead to the right address, and nothing lead there."""
    way, network = next(iter(closed_ways(snapshot)), None), snapshot.network
    if way is None or network is None:
        return None
    code = _kind(way)
    names = {"here": network.name, "there": _name(way)}
    return Finding(
        code=code,
        severity="error",
        title=f"{TITLES[code].format(**names)}.",
        evidence=(
            *_needs(snapshot, way),
            f"half in {network.name}: {_told(way.here)}",
            f"half in {_name(way)}: {_told(way.there) if way.network else 'could not be read'}",
        ),
        why=REASONS[code],
        remedy=_opened(network, way, code),
        source=PULL,
    )


def _kind(way: Way) -> str:
    halves = [half for half in (way.here, way.there) if half is not None]
    if not halves:
        return "networks-not-peered"
    if any(half.state == "Disconnected" for half in halves):
        return "peering-disconnected"
    connected = all(half.state == "Connected" for half in halves)
    if connected and not all(half.access for half in halves):
        return "peering-without-access"
    return "peering-half-made"


def _needs(snapshot: Snapshot, way: Way) -> Iterable[str]:
    """Tell what stands in the other network that the caller needs."""
    for endpoint in (e for e in snapshot.endpoints if same(e.network, way.id)):
        yield f"endpoint {endpoint.name} is in {_name(way)}"
    for server in (s for s in snapshot.name_servers if same(s.network, way.id)):
        yield f"name server {server.address} is in {_name(way)}"


def _told(half: Peering | None) -> str:
    if half is None:
        return "none"
    return f"{half.name}, {half.state}, allowVirtualNetworkAccess {'true' if half.access else 'false'}"


def _name(way: Way) -> str:
    return way.id.rpartition("/")[2]


# -- what opens a way --------------------------------------------------------------------------------------------------


def _opened(network: Network, way: Way, code: str) -> Remedy:
    """Make both halves as they should be, and leave those that are."""
    pair = ((network.id, way.id, way.here), (way.id, network.id, way.there))
    parts = (
        [_remade(*one) for one in pair]
        if code == "peering-disconnected"
        else [_fixed(*one) for one in pair if one[2] is not None or one[0] == network.id or way.network]
    )
    left = [half for _, _, half in pair if half is not None] if code == "peering-disconnected" else []
    commands = (*(_half("delete", half) for half in left), *(command for command, _ in parts if command))
    calls = (
        *(f"acrlab.remedies.remove_peering(lab, {half.id!r})" for half in left),
        *(call for _, call in parts if call),
    )
    return Remedy(commands, "; ".join(calls))


def _remade(local: str, remote: str, half: Peering | None) -> tuple[str, str]:
    network = local.rpartition("/")[2]
    made = half.name if half else f"{network}-to-{remote.rpartition('/')[2]}"
    command = az.az(
        "network vnet peering create", **_place(local, remote), name=made, remote_vnet=remote, allow_vnet_access=""
    )
    return command, f"acrlab.remedies.peer(lab, {local!r}, {remote!r}, {made!r})"


def _fixed(local: str, remote: str, half: Peering | None) -> tuple[str, str]:
    if half is None:
        return _remade(local, remote, half)
    if half.access:
        return "", ""
    return (
        f"{_half('update', half)} --set allowVirtualNetworkAccess=true",
        f"acrlab.remedies.allow_peering(lab, {half.id!r})",
    )


def _half(verb: str, half: Peering) -> str:
    local = half.id.rpartition("/virtualNetworkPeerings/")[0]
    return az.az(f"network vnet peering {verb}", **_place(local, half.remote), name=half.name)


def _place(local: str, remote: str) -> dict[str, str]:
    """Say where a network is: in which subscription, too, where the networks of a pair are not in the same one."""
    group, name = az.place(local)
    own = ArmId.parse(local).subscription
    apart = {"subscription": own} if own.lower() != ArmId.parse(remote).subscription.lower() else {}
    return {**apart, "resource_group": group, "vnet_name": name}


# -- what each end knows -----------------------------------------------------------------------------------------------


def not_in_sync(snapshot: Snapshot) -> Finding | None:
    """A half passes what it knows of the other network: addresses that came later wait for a sync."""
    network, vm = snapshot.network, snapshot.vm
    if network is None:
        return None
    for way in (way_to(snapshot, id) for id in reached(snapshot)[1:]):
        there = [a.address for e in snapshot.endpoints if same(e.network, way.id) for a in e.addresses if a.address]
        servers = [s.address for s in snapshot.name_servers if same(s.network, way.id)]
        ends = ((way.here, (*there, *servers)), (way.there, (vm.address,) if vm and vm.address else ()))
        for half, addresses in ends:
            if half and (unknown := _unknown(half, addresses)):
                return _stale(half, unknown)
    return None


def _unknown(half: Peering, addresses: Iterable[str]) -> list[str]:
    known = [ipaddress.ip_network(prefix) for prefix in half.prefixes]
    if not known:
        return []
    return [a for a in addresses if not any(ipaddress.ip_address(a) in prefix for prefix in known)]


def _stale(half: Peering, addresses: list[str]) -> Finding:
    remote = half.remote.rpartition("/")[2]
    return Finding(
        code="peering-not-in-sync",
        severity="error",
        title=f"The peering {half.name} does not know {', '.join(addresses)} of {remote}.",
        evidence=(f"{half.name} knows {', '.join(half.prefixes)}", *(f"{remote} holds {a}" for a in addresses)),
        why="Prefixes that a network got after it was peered are reachable once the other network's half is synced.",
        remedy=Remedy((_half("sync", half),), f"acrlab.remedies.sync_peering(lab, {half.id!r})"),
        source=SYNC,
    )


CHECKS = (
    Check(
        "peering",
        "Is there an open peering to every network that is needed?",
        closed,
        ("networks", "endpoints"),
        about=("registry", "network", "peering"),
    ),
    Check(
        "peering-sync",
        "Do its halves know the addresses that are needed?",
        not_in_sync,
        ("networks", "interfaces"),
        about=("registry", "network", "peering"),
    ),
)
