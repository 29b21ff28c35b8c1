"""The lab as a picture, from a snapshot: SVG, and the same facts as text. Pure; the same snapshot gives the same bytes.

Networks stand on the left, zones in the middle, the registry and the internet on the right. A word and a line's form
say whatever a colour says. Colours follow JupyterLab's theme, or the reader's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from acrlab.doctor.checks.access import admits_everybody
from acrlab.doctor.checks.facts import status_of
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import Network, Zone
from acrlab.snapshot.registry import Endpoint

__all__ = ["Box", "Picture", "Way", "as_lines", "as_svg", "numbered"]

FEW = 3  # endpoints, with room for details
ROWS = 8  # of one kind in a box; the rest is counted
ABOVE, APART = 56, 44  # room for the private way over the zones, and for the public one
WIDTH, ROW, PAD, GAP, COLUMN = 316, 20, 10, 16, 370
INDENT = 5  # of a space at the beginning of a row
STYLE = (
    ".acrlab-lab{--ink:var(--jp-ui-font-color0,#1f2328);--soft:var(--jp-ui-font-color1,#57606a);"
    "--page:var(--jp-layout-color1,#fff);--line:var(--jp-border-color0,#8c959f);--yes:#1a7f37;--no:#cf222e}"
    "@media(prefers-color-scheme:dark){.acrlab-lab{--ink:var(--jp-ui-font-color0,#e6edf3);"
    "--soft:var(--jp-ui-font-color1,#9da7b1);--page:var(--jp-layout-color1,#0d1117);--yes:#56d364;--no:#ff7b72}}"
    ".acrlab-lab text{font:13px system-ui,sans-serif;fill:var(--ink)}.acrlab-lab .t{font-weight:600}"
    ".acrlab-lab .s{fill:var(--soft);font-size:12px}.acrlab-lab rect{fill:var(--page);stroke:var(--line)}"
    ".acrlab-lab .yes{stroke:var(--yes);stroke-width:2;fill:none}"
    ".acrlab-lab .no{stroke:var(--no);stroke-width:2;stroke-dasharray:7 5;fill:none}"
    ".acrlab-lab .ask{stroke:var(--soft);stroke-dasharray:2 4;fill:none}"
    'body[data-jp-theme-light="false"] .acrlab-lab{--yes:#56d364;--no:#ff7b72}'
    'body[data-jp-theme-light="true"] .acrlab-lab{--yes:#1a7f37;--no:#cf222e}'
    ".acrlab-lab .new rect{stroke-width:3}.acrlab-lab .new .t{text-decoration:underline}"
)


@dataclass(frozen=True)
class Box:
    """One thing in the picture: its name, what it is, and what is in it, a line each."""

    key: str
    title: str
    kind: str
    rows: tuple[str, ...]

    @property
    def height(self) -> int:
        return 2 * PAD + ROW * (len(self.rows) + 2)


@dataclass(frozen=True, repr=False)
class Picture:
    """A lab as it was seen; `before`: an earlier look, whose differences are marked."""

    snapshot: Snapshot
    before: Snapshot | None = None

    def __repr__(self) -> str:
        return "\n".join(as_lines(self.snapshot, self.before))

    def _repr_html_(self) -> str:
        return as_svg(self.snapshot, self.before)


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
    new, places, parts, numbers = _changed(snapshot, before), {}, [], numbered(snapshot)
    for column, boxes in enumerate((_left(snapshot), _middle(snapshot), _right(snapshot))):
        top = PAD + (ABOVE if column == 1 else 0)
        for box in boxes:
            places[box.key] = (PAD + column * COLUMN, top, box)
            head = f'<g data-box="{numbers[box.key]}"' + (' class="new">' if box.key in new else ">")
            parts.append(f"{head}{_drawn(PAD + column * COLUMN, top, box, marked=box.key in new)}</g>")
            top += box.height + (APART if column == 2 else GAP)
    height = max((top + box.height for _, top, box in places.values()), default=0) + PAD
    lines = "".join(_line(places, way) for way in _connections(snapshot))
    described = escape("; ".join(line.strip() for line in as_lines(snapshot, before)))
    view = f'viewBox="0 0 {2 * COLUMN + WIDTH + 2 * PAD} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {view} class="acrlab-lab" style="max-width:100%" role="img">'
    return f"{head}<title>The lab</title><desc>{described}</desc><style>{STYLE}</style>{lines}{''.join(parts)}</svg>"


def numbered(snapshot: Snapshot) -> dict[str, int]:
    """Key of a box, which is an id in lower case or `internet` -> its number in the drawing (`data-box`)."""
    return {box.key: number for number, box in enumerate(_boxes(snapshot))}


def _boxes(snapshot: Snapshot) -> tuple[Box, ...]:
    return (*_left(snapshot), *_middle(snapshot), *_right(snapshot))


def _drawn(left: int, top: int, box: Box, *, marked: bool) -> str:
    texts = [f'<text class="t" x="{left + PAD}" y="{top + PAD + 12}">{escape(_cut(box.title, 36))}</text>']
    kind = f"{box.kind}, new or changed" if marked else box.kind
    texts.append(f'<text class="s" x="{left + PAD}" y="{top + PAD + 12 + ROW}">{escape(kind)}</text>')
    for number, row in enumerate(box.rows, 2):
        text = row.lstrip()
        x, y = left + PAD + INDENT * (len(row) - len(text)), top + PAD + 12 + number * ROW
        texts.append(f'<text x="{x}" y="{y}">{escape(_cut(text, 42))}</text>')
    rect = f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{box.height}" rx="6"/>'
    return f"{rect}{''.join(texts)}"


def _cut(text: str, most: int) -> str:
    """Long names keep their beginning and their end."""
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most // 2 - 1) :]}"


def _line(places: dict[str, tuple[int, int, Box]], way: Way) -> str:
    """From the right side of one box to the left side of another, or straight down in the same column."""
    if way.one not in places or way.other not in places:
        return ""
    (left, top, box), (to_left, to_top, _) = places[way.one], places[way.other]
    if left == to_left:
        x, low = left + WIDTH // 2, top + box.height
        label = f'<text class="s" x="{x + PAD}" y="{(low + to_top) // 2 + 4}">{way.label}</text>'
        return f'<path class="{way.kind}" d="M{x} {low}V{to_top}"/>{label}'
    end = to_top + PAD + ROW
    start = min(max(top + PAD + ROW, end), top + box.height - PAD)
    middle = to_left - (COLUMN - WIDTH) // 2
    # The private way passes above the zones, in whose column its label has room.
    label = f'<text class="s" x="{left + COLUMN}" y="{start - 6}">{way.label}</text>' if way.label else ""
    return f'<path class="{way.kind}" d="M{left + WIDTH} {start}H{middle}V{end}H{to_left}"/>{label}'


# -- what there is -----------------------------------------------------------------------------------------------------


def _left(snapshot: Snapshot) -> list[Box]:
    return [_network(snapshot, network) for network in snapshot.networks]


def _network(snapshot: Snapshot, network: Network) -> Box:
    rows: list[str] = []
    machine = snapshot.machine
    for subnet in network.subnets:
        rows.append(f"{subnet.name} {', '.join(subnet.prefixes)}, {subnet.free} free")
        if machine and same(machine.subnet, subnet.id):
            rows.append(f"  machine {machine.name} {machine.address}, {machine.power}")
        held = [e for e in snapshot.endpoints if same(e.subnet, subnet.id)]
        rows += [f"  {text}" for text in _counted(_endpoints(snapshot, held), "endpoints")]
    if network.dns_servers:
        rows.append(f"name servers {', '.join(network.dns_servers)}")
    return Box(network.id.lower(), network.name, f"network {', '.join(network.prefixes)}", tuple(rows))


def _endpoints(snapshot: Snapshot, endpoints: list[Endpoint]) -> list[str]:
    """A line each, and where there are few of them another one for their addresses."""
    named = [(f"endpoint {e.name}, {status_of(snapshot, e)}", _addresses(e)) for e in endpoints]
    if len(endpoints) <= FEW:
        return [line for name, addresses in named for line in (name, f"  {addresses}")]
    return [f"{name}, {addresses}" for name, addresses in named]


def _addresses(endpoint: Endpoint) -> str:
    addresses = [a.address for a in endpoint.addresses]
    more = f" and {len(addresses) - 2} more" if len(addresses) > 2 else ""
    return (", ".join(addresses[:2]) or "no address") + more


def _middle(snapshot: Snapshot) -> list[Box]:
    return [_zone(zone) for zone in snapshot.zones]


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
    yield Box("internet", "the internet", "everybody else", ())


def _counted(rows: list[str], what: str) -> list[str]:
    """The first rows, and how many more there are."""
    return rows if len(rows) <= ROWS else [*rows[:ROWS], f"… and {len(rows) - ROWS} more {what}"]


# -- how it hangs together ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A line between two boxes; `kind`: `yes`, `no` or `ask`."""

    one: str
    other: str
    kind: str
    label: str = ""


def _connections(snapshot: Snapshot) -> Iterator[Way]:
    registry = snapshot.registry
    for zone in snapshot.zones:
        for link in zone.links or ():
            yield Way(link.network.lower(), zone.id.lower(), "ask")
    if registry is None:
        return
    for network in snapshot.networks:
        states = {status_of(snapshot, e) for e in snapshot.endpoints if same(e.network, network.id)}
        if states:
            state = "Approved" if "Approved" in states else min(states)
            kind = "yes" if state == "Approved" else "no"
            yield Way(network.id.lower(), registry.id.lower(), kind, f"private endpoint: {state}")
    public = admits_everybody(registry)
    yield Way(registry.id.lower(), "internet", "yes" if public else "no", "let in" if public else "refused")


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
    public = "is let in" if admits_everybody(registry) else "is refused, unless a rule names it"
    yield f"the internet {public}"


def _changed(snapshot: Snapshot, before: Snapshot | None) -> set[str]:
    """Keys of the boxes that were not there before, or not like this."""
    if before is None:
        return set()
    old = {(box.key, box.rows) for box in _boxes(before)}
    return {box.key for box in _boxes(snapshot) if (box.key, box.rows) not in old}
