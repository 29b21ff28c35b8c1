"""What was seen of networks: what filters their traffic, the private zones that they read, their resolvers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A zone's link; `policy`: `NxDomainRedirect` where the internet is asked for what the zone lacks."""

    id: str
    name: str
    network: str
    state: str
    policy: str = "Default"


@dataclass(frozen=True)
class ZoneRecord:
    """One record set; `ttl` in seconds, `creator`: what Azure noted of who wrote it, empty where it did not."""

    name: str
    type: str
    values: tuple[str, ...]
    ttl: int
    creator: str = ""


@dataclass(frozen=True)
class Zone:
    """A private zone whose name has to do with registries. None: that part could not be read."""

    id: str
    name: str
    links: tuple[Link, ...] | None
    records: tuple[ZoneRecord, ...] | None


@dataclass(frozen=True)
class Subnet:
    """A subnet.

    Attributes:
        free: addresses that nothing holds, without Azure's five.
        resolvers: whether it is given to DNS Private Resolver.
        node_groups: ids of the groups with AKS nodes that hold addresses in it.
    """

    id: str
    name: str
    prefixes: tuple[str, ...]
    free: int
    security_group: str = ""
    route_table: str = ""
    endpoint_policies: str = ""
    outbound_by_default: bool = True
    nat_gateway: str = ""
    resolvers: bool = False
    node_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Peering:
    """One network's half of a peering.

    Attributes:
        remote: ARM id of the network at its other end.
        state: `Initiated`, `Connected` or `Disconnected`.
        access: whether it lets the remote network's addresses pass.
        prefixes: what it knows of the remote network's address space.
    """

    id: str
    name: str
    remote: str
    state: str
    access: bool = True
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """A virtual network.

    Attributes:
        peers: ids of the networks that it reaches: both halves are connected and let addresses pass, as far as the
            other half could be read.
        peerings: its own halves, open or not.
    """

    id: str
    name: str
    prefixes: tuple[str, ...]
    dns_servers: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    location: str = ""
    peers: tuple[str, ...] = ()
    peerings: tuple[Peering, ...] = ()


@dataclass(frozen=True)
class NameServer:
    """A name server of one's own, and the VM that has its address.

    Attributes:
        network: ARM id of the network that its address lies in; empty: none that was read.
        vm: ARM id; empty: no VM that could be read has the address.
        power: e.g. `running`; empty where there is no VM.
        inbound: ARM id of the resolver's inbound endpoint that has the address; empty: none has.
    """

    address: str
    network: str = ""
    vm: str = ""
    power: str = ""
    inbound: str = ""


@dataclass(frozen=True)
class SecurityRule:
    """A rule of a security group; sources, destinations and ports are lists of ranges, prefixes or service tags.

    Attributes:
        source_groups, destination_groups: ids of application security groups, in place of sources or destinations.
    """

    name: str
    priority: int
    direction: str
    access: str
    protocol: str
    sources: tuple[str, ...]
    source_ports: tuple[str, ...]
    destinations: tuple[str, ...]
    ports: tuple[str, ...]
    source_groups: tuple[str, ...] = ()
    destination_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecurityGroup:
    id: str
    name: str
    rules: tuple[SecurityRule, ...]


@dataclass(frozen=True)
class Route:
    """A route; `next_hop_address`: where a `VirtualAppliance` is, empty for every other kind of next hop."""

    name: str
    prefix: str
    next_hop: str
    next_hop_address: str = ""


@dataclass(frozen=True)
class RouteTable:
    id: str
    name: str
    routes: tuple[Route, ...]


# -- DNS Private Resolver ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InboundEndpoint:
    """Where a resolver is asked; `address` is empty until it has one."""

    id: str
    name: str
    address: str
    subnet: str
    state: str = "Succeeded"


@dataclass(frozen=True)
class Resolver:
    """A resolver; `inbound`: None: they could not be read."""

    id: str
    name: str
    network: str
    inbound: tuple[InboundEndpoint, ...] | None = ()


@dataclass(frozen=True)
class ForwardingRule:
    """One rule.

    Attributes:
        domain: in lower case, with its final dot; `.` stands for all names.
        targets: addresses of the servers that are asked.
    """

    id: str
    name: str
    domain: str
    targets: tuple[str, ...]
    enabled: bool = True


@dataclass(frozen=True)
class RulesetLink:
    """What lets a network use a ruleset."""

    id: str
    name: str
    network: str


@dataclass(frozen=True)
class Ruleset:
    """A forwarding ruleset.

    Attributes:
        outbound: ids of the outbound endpoints that it goes through.
        rules, links: None: they could not be read.
    """

    id: str
    name: str
    outbound: tuple[str, ...]
    rules: tuple[ForwardingRule, ...] | None = ()
    links: tuple[RulesetLink, ...] | None = ()
