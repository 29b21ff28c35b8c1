"""Check that the caller reaches a private endpoint, with an address for every name."""

from __future__ import annotations

from acrlab.azure.cloud import label_of
from acrlab.doctor import az
from acrlab.doctor.checks.sharing.hidden import goes_by_the_internet, is_hidden
from acrlab.doctor.facts import endpoint_in_use, hosts, near_endpoints, record_in, status_of, zone_in_use
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Network, Subnet

OVERVIEW = "https://learn.microsoft.com/azure/private-link/private-endpoint-overview"
ACR = "https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints"
REGIONS = "https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication"


def network_missing(snapshot: Snapshot) -> Finding | None:
    """Clients are in a network; without it there is no inside."""
    if snapshot.network is not None:
        return None
    if not snapshot.subject.network:
        return _nowhere(snapshot)
    group, name = az.place(snapshot.subject.network)
    return Finding(
        code="network-not-found",
        severity="error",
        title=f"There is no network {name} in group {group}.",
        evidence=(f"no virtual network {snapshot.subject.network}",),
        why="A private endpoint is an address in a network. Name the clients' network with --network if it is another.",
        remedy=_made(snapshot),
        source=OVERVIEW,
    )


def _nowhere(snapshot: Snapshot) -> Finding:
    registry = snapshot.registry
    return Finding(
        code="clients-unknown",
        severity="note",
        title=f"It is not known in which network the clients of {snapshot.subject.registry} are.",
        evidence=(f"private endpoints that lead to it: {len(registry.connections) if registry else 0}",),
        why="What is right for one network is not for another. Name theirs with --network, or a VM with --from-vm.",
        remedy=Remedy(),
        source=OVERVIEW,
    )


def _made(snapshot: Snapshot) -> Remedy:
    """Create the lab's network; only its owner knows how another one is laid out."""
    subject, names = snapshot.subject, snapshot.subject.names
    if not same(subject.network, names.network):
        return Remedy()
    group, name = az.place(names.network)
    command = az.az(
        "network vnet create",
        resource_group=group,
        name=name,
        address_prefixes=names.network_prefix,
        subnet_name=names.subnet,
        subnet_prefixes=names.subnet_prefix,
    )
    return Remedy((command,), "acrlab.steps.ensure_network(lab)")


def missing(snapshot: Snapshot) -> Finding | None:
    """The caller needs an endpoint in its own network, or in a peered one."""
    registry, network = snapshot.registry, snapshot.network
    if registry is None or network is None or registry.sku != "Premium" or near_endpoints(snapshot):
        return None
    subnet = _subnet_for_endpoints(snapshot, network)
    if subnet is None or is_hidden(snapshot):
        return None
    public = goes_by_the_internet(snapshot)
    apart = f"which is not peered with {network.name}"
    elsewhere = tuple(f"endpoint {e.name} is in {e.network.rpartition('/')[2]}, {apart}" for e in snapshot.endpoints)
    zone, remedy = zone_in_use(snapshot), az.create_own_endpoint(snapshot, subnet.id)
    if subnet.endpoint_policies not in ("", "Disabled"):
        first = az.az("network vnet subnet update", ids=subnet.id, private_endpoint_network_policies="Disabled")
        remedy = Remedy((first, *remedy.az), f"acrlab.remedies.disable_policies(lab, {subnet.id!r}); {remedy.call}")
    return Finding(
        code="endpoint-elsewhere" if elsewhere else "endpoint-missing",
        severity="note" if public else "error",
        title=f"{network.name} reaches no private endpoint of {registry.name}.",
        evidence=(
            f"private endpoints in {network.name} and its {len(network.peers)} peers that lead to {registry.name}: 0",
            *elsewhere,
            f"privateEndpointNetworkPolicies of {subnet.name}: {subnet.endpoint_policies or 'not set'}",
            *(
                f"no A record {name}, either"
                for name in map(label_of, hosts(registry))
                if zone and not record_in(zone, name)
            ),
        ),
        why=BY_THE_INTERNET
        if public
        else (
            "Without a reachable endpoint every client uses the registry's public address, and is refused as soon as "
            "public access is closed. Records that lead to another network's endpoint lead nowhere, unless both "
            "networks are peered: where one endpoint is meant for both, do that instead."
        ),
        remedy=remedy,
        source=ACR,
    )


BY_THE_INTERNET = (
    "Clients use the registry's public address, as its zone or link lets them: that works as long as its owner leaves "
    "public access open."
)


def _subnet_for_endpoints(snapshot: Snapshot, network: Network) -> Subnet | None:
    """Choose the VM's subnet, as in the article; else the one with the most free addresses."""
    vm = snapshot.vm
    own = snapshot.subnet(vm.subnet) if vm else None
    return own if own in network.subnets else max(network.subnets, key=lambda s: s.free, default=None)


def not_provisioned(snapshot: Snapshot) -> Finding | None:
    """An endpoint that Azure did not finish has no address that works."""
    endpoint = endpoint_in_use(snapshot)
    if endpoint is None or endpoint.state != "Failed":
        return None
    return Finding(
        code="endpoint-failed",
        severity="error",
        title=f"Azure did not finish the private endpoint {endpoint.name}.",
        evidence=(f"provisioningState: {endpoint.state}",),
        why="A failed endpoint keeps its name and may hold addresses, but carries no traffic. It has to be recreated.",
        remedy=az.recreate_endpoint(snapshot, endpoint),
        source=OVERVIEW,
    )


def wrong_member(snapshot: Snapshot) -> Finding | None:
    """A registry has one sub-resource for endpoints: `registry`."""
    endpoint = endpoint_in_use(snapshot)
    if endpoint is None or "registry" in endpoint.members:
        return None
    return Finding(
        code="endpoint-wrong-sub-resource",
        severity="error",
        title=f"{endpoint.name} asks for a sub-resource that registries don't have.",
        evidence=(f"groupIds: {', '.join(endpoint.members) or 'none'}",),
        why="A registry offers the sub-resource registry, with one member per region for layers. Others lead nowhere.",
        remedy=az.recreate_endpoint(snapshot, endpoint),
        source=ACR,
    )


def addresses_missing(snapshot: Snapshot) -> Finding | None:
    """One address for the registry and one for each region; a replica that came later may have got none."""
    registry, endpoint = snapshot.registry, endpoint_in_use(snapshot)
    if (
        registry is None
        or endpoint is None
        or status_of(snapshot, endpoint) != "Approved"
        or endpoint.state == "Failed"
    ):
        return None
    held = {a.host for a in endpoint.addresses if a.address}
    lacking = [h for h in hosts(registry) if h not in held]
    if not lacking:
        return None
    subnet = snapshot.subnet(endpoint.subnet)
    room = f"free addresses in {subnet.name}: {subnet.free}" if subnet else "its subnet was not seen"
    return Finding(
        code="endpoint-lacks-addresses",
        severity="error",
        title=f"{endpoint.name} has no address for {len(lacking)} of the registry's names.",
        evidence=(*(f"no address for {h}" for h in lacking), f"addresses held: {len(endpoint.addresses)}", room),
        why="Each region's layers come from a separate name, which needs its own address in every endpoint.",
        remedy=az.recreate_endpoint(snapshot, endpoint),
        source=REGIONS,
    )


CHECKS = (
    Check("network-exists", "Is the clients' network there?", network_missing, ("networks",), about=()),
    Check(
        "endpoint-exists",
        "Does it reach a private endpoint of the registry?",
        missing,
        ("endpoints", "networks"),
        about=("registry", "network"),
    ),
    Check("endpoint-provisioned", "Did Azure finish the endpoint?", not_provisioned, about=("endpoint",)),
    Check("sub-resource", "Does the endpoint ask for the right sub-resource?", wrong_member, about=("endpoint",)),
    Check(
        "addresses",
        "Does it have an address for every name of the registry?",
        addresses_missing,
        ("interfaces",),
        about=("registry", "endpoint"),
    ),
)
