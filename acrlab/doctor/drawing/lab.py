"""Draw the lab of a snapshot, and tell the same facts as text.

Networks stand on the left, zones in the middle, the registry and the internet
on the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from acrlab.doctor.checks.access import admits_everyone
from acrlab.doctor.drawing.boxes import Box, Drawing, Line
from acrlab.doctor.drawing.svg import inline_image
from acrlab.doctor.facts import status_of
from acrlab.doctor.story import INTERNET
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import NameServer, Network, Peering, Ruleset, Zone
from acrlab.snapshot.registry import Endpoint

FEW = 3  # endpoints, with room for details
ROWS = 8  # of one kind in a box; the rest is counted


@dataclass(frozen=True, repr=False)
class Picture:
    """A lab as it was seen; `before`: an earlier snapshot; what is new or different since is marked."""

    snapshot: Snapshot
    before: Snapshot | None = None

    def __repr__(self) -> str:
        return "\n".join(as_lines(self.snapshot, self.before))

    def _repr_html_(self) -> str:
        drawn = drawing(self.snapshot, self.before)
        return inline_image(
            as_svg(self.snapshot, self.before),
            size=(drawn.width, drawn.height),
            described=f"The lab: {'; '.join(_ways(self.snapshot))}",
            words=repr(self),
        )


def as_lines(snapshot: Snapshot, before: Snapshot | None = None) -> list[str]:
    """The same facts as text; what is new or different begins with a plus."""
    new = _changed(snapshot, before)
    lines: list[str] = []
    for box in _boxes(snapshot):
        lines.append(f"{'+' if box.key in new else ' '} {box.kind} {box.title}")
        lines += [f"      {row}" for row in box.rows]
    return [*lines, *(f"  {told}" for told in _ways(snapshot))]


def as_svg(snapshot: Snapshot, before: Snapshot | None = None) -> str:
    """Draw the lab; its description says the same in words."""
    described = "; ".join(line.strip() for line in as_lines(snapshot, before))
    return drawing(snapshot, before).svg("The lab", described)


def drawing(snapshot: Snapshot, before: Snapshot | None = None) -> Drawing:
    """Lay the lab out. A station's key is an id in lower case, or `internet`."""
    columns = (_left(snapshot), _middle(snapshot), list(_right(snapshot)))
    return Drawing(columns, list(_lines(snapshot)), frozenset(_changed(snapshot, before)))


def _boxes(snapshot: Snapshot) -> tuple[Box, ...]:
    return (*_left(snapshot), *_middle(snapshot), *_right(snapshot))


# -- what there is -----------------------------------------------------------------------------------------------------


def _left(snapshot: Snapshot) -> list[Box]:
    return [_network(snapshot, network) for network in snapshot.networks]


def _network(snapshot: Snapshot, network: Network) -> Box:
    rows: list[str] = []
    stops: dict[str, int] = {}
    vm = snapshot.vm
    for subnet in network.subnets:
        rows.append(f"{subnet.name} {', '.join(subnet.prefixes)}, {subnet.free} free")
        if vm and same(vm.subnet, subnet.id):
            stops[vm.id.lower()] = len(rows)
            rows.append(f"  VM {vm.name} {vm.address}, {vm.power}")
        inbound = [(r, e) for r in snapshot.resolvers for e in r.inbound or () if same(e.subnet, subnet.id)]
        rows += [f"  inbound endpoint {e.address or e.state} of {r.name}" for r, e in inbound]
        held = [e for e in snapshot.endpoints if same(e.subnet, subnet.id)]
        lines, places = _endpoints(snapshot, held)
        stops |= {key: len(rows) + row for key, row in places.items()}
        rows += [f"  {text}" for text in lines]
    rows += [f"peered with {p.remote.rpartition('/')[2]}: {_half(p)}" for p in network.peerings[:ROWS]]
    if len(network.peerings) > ROWS:
        rows.append(f"… and {len(network.peerings) - ROWS} more peerings")
    rows += [f"name server {s.address}: VM {_last(s.vm)}, {s.power}" for s in _servers_in(snapshot, network)]
    if network.dns_servers:
        rows.append(f"name servers {', '.join(network.dns_servers)}")
    kind = f"network {', '.join(network.prefixes)}"
    return Box(network.id.lower(), network.name, kind, tuple(rows), tuple(stops.items()))


def _half(peering: Peering) -> str:
    return peering.state if peering.access else f"{peering.state}, no access"


def _servers_in(snapshot: Snapshot, network: Network) -> list[NameServer]:
    return [s for s in snapshot.name_servers if s.vm and same(s.network, network.id)]


def _last(id: str) -> str:
    return id.rpartition("/")[2]


def _endpoints(snapshot: Snapshot, endpoints: list[Endpoint]) -> tuple[list[str], dict[str, int]]:
    """A line each, and where there are few of them another one for their addresses; and each one's line."""
    named = [(f"endpoint {e.name}, {status_of(snapshot, e)}", _addresses(e)) for e in endpoints]
    if len(endpoints) <= FEW:
        lines = [line for name, addresses in named for line in (name, f"  {addresses}")]
        return lines, {e.id.lower(): 2 * number for number, e in enumerate(endpoints)}
    lines = _counted([f"{name}, {addresses}" for name, addresses in named], "endpoints")
    return lines, {e.id.lower(): min(number, len(lines) - 1) for number, e in enumerate(endpoints)}


def _addresses(endpoint: Endpoint) -> str:
    addresses = [a.address for a in endpoint.addresses]
    more = f" and {len(addresses) - 2} more" if len(addresses) > 2 else ""
    return (", ".join(addresses[:2]) or "no address") + more


def _middle(snapshot: Snapshot) -> list[Box]:
    return [*(_zone(zone) for zone in snapshot.zones), *(_ruleset(r) for r in snapshot.rulesets)]


def _ruleset(ruleset: Ruleset) -> Box:
    links = [f"linked to {_last(link.network)}" for link in ruleset.links or ()] or ["linked to no network"]
    rules = [f"{r.domain} → {', '.join(r.targets)}{'' if r.enabled else ', disabled'}" for r in ruleset.rules or ()]
    rows = (*_counted(links, "links"), *(_counted(rules, "rules") or ["no rules"]))
    return Box(ruleset.id.lower(), ruleset.name, "forwarding ruleset", rows)


def _zone(zone: Zone) -> Box:
    records = [f"{r.name} → {', '.join(r.values)}" for r in zone.records or ()]
    links = [f"linked to {link.network.rpartition('/')[2]}" for link in zone.links or ()]
    rows = (*(links or ["linked to no network"]), *(_counted(records, "records") or ["no records"]))
    return Box(zone.id.lower(), zone.name, "private zone", rows)


def _right(snapshot: Snapshot) -> Iterator[Box]:
    registry = snapshot.registry
    if registry is not None:
        rules = f"{len(registry.ip_rules)} rules" if registry.ip_rules else "no rules"
        states = [f"{c.endpoint.rpartition('/')[2]}: {c.status}" for c in registry.connections]
        rows = (
            f"public access {registry.public_access}",
            f"default action {registry.default_action}, {rules}",
            *(_counted(states, "connections") or ["no connections"]),
            *(f"replica {r.region}" for r in registry.replicas[:ROWS]),
        )
        yield Box(registry.id.lower(), registry.login_server, f"registry {registry.sku}, {registry.region}", rows)
    yield Box(INTERNET, "the internet", "everybody else", ())


def _counted(rows: list[str], what: str) -> list[str]:
    """The first rows, and how many more there are."""
    return rows if len(rows) <= ROWS else [*rows[:ROWS], f"… and {len(rows) - ROWS} more {what}"]


# -- how it hangs together ---------------------------------------------------------------------------------------------


def _lines(snapshot: Snapshot) -> Iterator[Line]:
    registry = snapshot.registry
    for zone in snapshot.zones:
        for link in zone.links or ():
            yield Line(link.network.lower(), zone.id.lower(), "ask", "linked")
    for ruleset in snapshot.rulesets:
        for used in ruleset.links or ():
            yield Line(used.network.lower(), ruleset.id.lower(), "ask", "linked")
    if registry is None:
        return
    for network in snapshot.networks:
        held = [e for e in snapshot.endpoints if same(e.network, network.id)]
        if held:
            best = min(held, key=lambda e: (status_of(snapshot, e) != "Approved", status_of(snapshot, e)))
            state = status_of(snapshot, best)
            kind = "yes" if state == "Approved" else "no"
            yield Line(best.id.lower(), registry.id.lower(), kind, f"private endpoint: {state}")
    public = admits_everyone(registry)
    yield Line(registry.id.lower(), INTERNET, "yes" if public else "no", "let in" if public else "refused")


def _ways(snapshot: Snapshot) -> Iterator[str]:
    """The lines, in words."""
    registry = snapshot.registry
    if registry is None:
        yield "there is no registry"
        return
    for network in snapshot.networks:
        states = sorted({status_of(snapshot, e) for e in snapshot.endpoints if same(e.network, network.id)})
        if states:
            yield f"{network.name} reaches {registry.name} by its private endpoint: {', '.join(states)}"
    for network in snapshot.networks:
        for peering in network.peerings if same(network.id, snapshot.subject.network) else ():
            remote = _last(peering.remote)
            passes = any(same(peering.remote, id) for id in network.peers)
            yield f"{network.name} reaches {remote} by a peering" if passes else f"no open peering leads to {remote}"
    public = "is let in" if admits_everyone(registry) else "is refused, unless a rule names it"
    yield f"the internet {public}"


def _changed(snapshot: Snapshot, before: Snapshot | None) -> set[str]:
    """Keys of the boxes that were not there before, or not like this."""
    if before is None:
        return set()
    old = {(box.key, box.rows) for box in _boxes(before)}
    return {box.key for box in _boxes(snapshot) if (box.key, box.rows) not in old}
