"""Read every registry of a subscription by its lists alone: no request for a single registry, endpoint or network.

What has no list is left out, and said to be: zone groups, what a VM sees, what lies in subscriptions that are not read.
Each private zone of registries costs two requests, for its links and its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from acrlab.doctor.observe import names_of
from acrlab.doctor.observe.network import ZONE_TYPE, networks_of, route_table, security_group, with_peers, zones
from acrlab.doctor.observe.reader import Reader
from acrlab.doctor.observe.registry import ENDPOINT_TYPE, INTERFACE_TYPE, REGISTRY_TYPE, endpoints_of, registry_of
from acrlab.lab.lab import Lab
from acrlab.snapshot import Snapshot, Subject, Unseen, same
from acrlab.snapshot.network import Network, RouteTable, SecurityGroup, Zone
from acrlab.snapshot.registry import Endpoint, Registry

ONE_BY_ONE = "read of one registry at a time: acrlab doctor --registry NAME"


@dataclass(frozen=True)
class Overview:
    """What the lists of a subscription say.

    Attributes:
        networks: id in lower case -> network.
        more_zones: why there may be more private zones; empty: there are not.
    """

    registries: tuple[Registry, ...]
    endpoints: tuple[Endpoint, ...]
    networks: dict[str, Network]
    zones: tuple[Zone, ...]
    security_groups: tuple[SecurityGroup, ...]
    route_tables: tuple[RouteTable, ...]
    unseen: tuple[Unseen, ...]
    more_zones: tuple[Unseen, ...]
    requests: int


def overview(lab: Lab) -> Overview:
    """Read the lists. Raises: RefusedError: Azure can't be reached, or does not accept the credentials."""
    reader = Reader(lab)
    replications: dict[str, list[dict[str, object]]] = {}
    for one in reader.all_of("replications", f"{REGISTRY_TYPE}/replications"):
        replications.setdefault(one["id"].lower().rpartition("/replications/")[0], []).append(one)
    registries = [
        registry_of(r, replications.get(r["id"].lower(), ())) for r in reader.everywhere("registry", REGISTRY_TYPE)
    ]
    endpoints = reader.everywhere("endpoints", ENDPOINT_TYPE)
    networks = networks_of(reader.everywhere("networks", "Microsoft.Network/virtualNetworks"))
    found = zones(reader, ())
    reader.unseen += reader.reads_in_part("other registry", REGISTRY_TYPE)
    more = reader.reads_in_part("other zones", ZONE_TYPE)
    return Overview(
        registries=tuple(sorted(registries, key=lambda r: r.id.lower())),
        endpoints=endpoints_of(endpoints, reader.everywhere("interfaces", INTERFACE_TYPE)),
        networks={id: with_peers(n, networks) for id, n in networks.items()},
        zones=found,
        security_groups=tuple(
            security_group(g) for g in reader.everywhere("security-groups", "Microsoft.Network/networkSecurityGroups")
        ),
        route_tables=_route_tables(reader, networks),
        unseen=tuple(reader.unseen),
        more_zones=more,
        requests=reader.requests,
    )


def _route_tables(reader: Reader, networks: dict[str, Network]) -> tuple[RouteTable, ...]:
    """Read the route tables, if a subnet has one."""
    if not any(subnet.route_table for network in networks.values() for subnet in network.subnets):
        return ()
    return tuple(route_table(t) for t in reader.everywhere("route-tables", "Microsoft.Network/routeTables"))


def snapshots(lab: Lab, seen: Overview, registry: Registry, *, network: str = "", expect: str = "") -> list[Snapshot]:
    """Tell what was seen of one registry: from each network in which its clients are taken to be.

    Args:
        network: id of the clients' network; empty: those of its endpoints, or their peers that read the zone.
        expect: `open` or `closed`, what public access is meant to be; empty: nothing is expected.
    """
    endpoints = tuple(e for e in seen.endpoints if same(e.target, registry.id))
    places = [network] if network else [*_places(lab, seen, endpoints)] or [""]
    return [_from(lab, seen, registry, endpoints, place, expect) for place in places]


def _places(lab: Lab, seen: Overview, endpoints: Iterable[Endpoint]) -> Iterator[str]:
    """Name the networks of endpoints; where a hub's own does not read the zone, those of its peers that do."""
    zone = lab.settings.zone_name
    reading = {li.network.lower() for z in seen.zones if z.name == zone for li in z.links or ()}
    for id in {e.network.lower(): e.network for e in endpoints}.values():
        home = seen.networks.get(id.lower())
        peers = [p for p in (home.peers if home else ()) if p.lower() in reading and p.lower() in seen.networks]
        yield from peers if peers and id.lower() not in reading else (id,)


def _is_read(seen: Overview, place: str) -> bool:
    return any(same(li.network, place) for z in seen.zones for li in z.links or ())


def _from(
    lab: Lab, seen: Overview, registry: Registry, endpoints: tuple[Endpoint, ...], place: str, expect: str
) -> Snapshot:
    own = seen.networks.get(place.lower())
    halves = [p.remote for p in own.peerings] if own else []
    near = {id.lower() for id in (place, *halves, *(e.network for e in endpoints))}
    known = [n for id, n in seen.networks.items() if id in near or any(same(p.remote, place) for p in n.peerings)]
    listed = {e.id.lower() for e in seen.endpoints}
    missed = [c.endpoint for c in registry.connections if c.endpoint and c.endpoint.lower() not in listed]
    subject = Subject(
        subscription=lab.subscription,
        resource_group=registry.id.split("/")[4],
        registry=registry.name,
        names=names_of(lab),
        network=place,
        expected=expect,
    )
    return Snapshot(
        subject=subject,
        registry=registry,
        endpoints=endpoints,
        zones=seen.zones,
        networks=tuple(known),
        security_groups=seen.security_groups,
        route_tables=seen.route_tables,
        vm=None,
        vm_view=None,
        unseen=(
            *seen.unseen,
            *(() if _is_read(seen, place) else seen.more_zones),
            *(Unseen("other endpoints", id, "", "it is in no list that this identity reads") for id in missed),
            *((Unseen("zone-groups", registry.id, "", ONE_BY_ONE),) if endpoints else ()),
        ),
        requests=seen.requests,
    )
