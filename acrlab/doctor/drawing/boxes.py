"""Lay out boxes in three columns, lines between them, and the ways that a request takes along these lines.

It knows nothing of Azure. A word and a line's form say whatever a colour says. A page that shows the drawing live may
give it other colours, by its variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import ceil

from acrlab.doctor.drawing.svg import FONT, INK, NO, PAGE, SOFT, TEXT, YES, document, fitted, text_width

Point = tuple[int, int]
Where = tuple[int, int]  # a column, and a box in it

ROW, PAD, GAP = 20, 10, 16
BESIDE = 22  # of a box's texts, on the side where a request stops
NARROWEST, WIDEST, UNDER_LABELS = 130, 340, 210
GUTTERS = (66, 40)  # between columns
LANE, APART = 20, 48  # between ways over the middle column; between boxes with a line between them
INDENT = 5  # of a space at the beginning of a row
RADIUS = 8
NEW = "new or changed"
TAG = round(text_width(NEW, TEXT, bold=True)) + 16
STYLE = (
    f".acrlab-lab{{--ink:{INK};--soft:{SOFT};--page:{PAGE};--line:#8c959f;--yes:{YES};--no:{NO};--new:#0a5cad}}"
    f".acrlab-lab text{{font:{FONT};fill:var(--ink)}}.acrlab-lab .t{{font-weight:600}}"
    ".acrlab-lab .s{fill:var(--soft)}"
    ".acrlab-lab rect{fill:var(--page);stroke:var(--line)}.acrlab-lab .ground{stroke:none}"
    ".acrlab-lab path{stroke-width:2;fill:none}.acrlab-lab .yes{stroke:var(--yes)}"
    ".acrlab-lab .no{stroke:var(--no);stroke-dasharray:7 5}"
    ".acrlab-lab .ask{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:2 4}"
    ".acrlab-lab .head{stroke:none}.acrlab-lab .head.yes{fill:var(--yes)}.acrlab-lab .head.no{fill:var(--no)}"
    ".acrlab-lab .new rect{stroke:var(--new);stroke-width:3}.acrlab-lab rect.tag{fill:var(--new)}"
    ".acrlab-lab .mark{fill:var(--page);font-weight:600}"
)


@dataclass(frozen=True)
class Box:
    """One thing in the picture: its name, what it is, and what is in it, a line each.

    Attributes:
        stops: key of what can be a request's station -> its row; the box itself is one without being named.
    """

    key: str
    title: str
    kind: str
    rows: tuple[str, ...]
    stops: tuple[tuple[str, int], ...] = ()

    @property
    def height(self) -> int:
        return 2 * PAD + ROW * (len(self.rows) + 2)


@dataclass(frozen=True)
class Line:
    """A line between two stations; `kind`: `yes`, `no` or `ask`."""

    one: str
    other: str
    kind: str
    label: str


@dataclass(frozen=True)
class Drawing:
    """What is drawn. The same boxes and lines give the same bytes.

    Attributes:
        columns: left, middle, right.
        marked: keys of boxes that are new or different.
    """

    columns: Sequence[Sequence[Box]]
    lines: Sequence[Line]
    marked: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        return self._lefts[2] + self._widths[2] + PAD

    @property
    def height(self) -> int:
        under = GAP + RADIUS if self.columns[1] else 0  # the way there
        return max(self._bottom(0), self._bottom(1) + under, self._bottom(2)) + PAD

    def svg(self, title: str, described: str) -> str:
        """Draw it; `described` says the same in words."""
        boxes = (self._box(where, box) for where, box in self._all())
        parts = (*self._drawn_lines(), *boxes)
        return document("acrlab-lab", (self.width, self.height), title, described, STYLE, parts)

    def shows(self, key: str) -> bool:
        """Say whether there is a station of this key."""
        return key in self._places

    def route(self, one: str, other: str, *, stopped: bool = False) -> list[Point]:
        """The points that a request passes on its way, without the first.

        Args:
            stopped: it is not let in: it stays before a box of the right column.
        """
        (x, y), (start, end) = self._stop(other), (self._where(one), self._where(other))
        if start == end:
            return [(x, y)]
        if start[0] == end[0]:
            below = self._tops[end] + self._at(end).height + RADIUS + 4
            return [(x, below if stopped else y)]
        points = self._between(one, other)
        if stopped and end[0] == 2:
            return [*points, (self._lefts[2] - RADIUS - 8, points[-1][1])]
        return [*points, (x, points[-1][1]), (x, y)] if points[-1][1] != y else [*points, (x, y)]

    # -- where everything is -------------------------------------------------------------------------------------------

    def _all(self) -> Iterator[tuple[Where, Box]]:
        for column, boxes in enumerate(self.columns):
            for number, box in enumerate(boxes):
                yield (column, number), box

    def _at(self, where: Where) -> Box:
        return self.columns[where[0]][where[1]]

    @cached_property
    def _places(self) -> dict[str, tuple[Where, int]]:
        """Key of a station -> its box, and its row there; a box's own is where its title stands."""
        rows = {key: (where, row + 2) for where, box in self._all() for key, row in box.stops}
        return rows | {box.key: (where, 0) for where, box in self._all()}

    def _where(self, key: str) -> Where:
        return self._places[key][0]

    @cached_property
    def _widths(self) -> list[int]:
        least = (NARROWEST, UNDER_LABELS, NARROWEST)
        return [max(low, *map(_wide, boxes), low) for low, boxes in zip(least, self.columns, strict=True)]

    @cached_property
    def _lefts(self) -> list[int]:
        second = PAD + self._widths[0] + GUTTERS[0]
        return [PAD, second, second + self._widths[1] + GUTTERS[1]]

    @cached_property
    def _tops(self) -> dict[Where, int]:
        tops = {}
        for column, boxes in enumerate(self.columns):
            top = PAD + (LANE * (len(self._over) + 1) if column == 1 else 0)
            for number, box in enumerate(boxes):
                tops[column, number] = top
                top += box.height + (APART if column == 2 else GAP)
        return tops

    def _bottom(self, column: int) -> int:
        ends = [self._tops[where] + box.height for where, box in self._all() if where[0] == column]
        return max(ends, default=PAD)

    def _stop(self, key: str) -> Point:
        """Where a request stands: at the right in the left column, at the left in the others."""
        where, row = self._places[key]
        left = self._lefts[where[0]]
        x = left + self._widths[0] - BESIDE // 2 if where[0] == 0 else left + BESIDE // 2
        return x, self._tops[where] + PAD + ROW // 2 + row * ROW

    # -- lines ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _over(self) -> list[Line]:
        """Lines from the left to the right column: they pass over the middle one, each in a lane of its own."""
        known = [line for line in self.lines if line.one in self._places and line.other in self._places]
        return [line for line in known if self._where(line.other)[0] - self._where(line.one)[0] == 2]

    def _bend(self, line: Line) -> Point:
        number = self._over.index(line)
        top = self._tops[self._where(line.other)]
        return PAD + self._widths[0] + 12 + 6 * number, top + PAD + ROW // 2 + LANE * number

    def _between(self, one: str, other: str) -> list[Point]:
        """From a box to one in another column: in the gutters, and over or under the middle column."""
        y, end = self._stop(one)[1], self._stop(other)[1]
        way = next((line for line in self._over if (line.one, line.other) == (one, other)), None)
        if way is not None:
            bend, lane = self._bend(way)
            return [(bend, y), (bend, lane)]
        first, last = self._gutter(one), self._gutter(other)
        if first == last:
            return [(first, y), (first, end)]
        under = self._bottom(1) + GAP
        return [(first, y), (first, under), (last, under), (last, end)]

    def _gutter(self, key: str) -> int:
        """The gutter that a station is left by."""
        return self._lefts[2] - GUTTERS[1] // 2 if self._where(key)[0] == 2 else self._lefts[1] - GUTTERS[0] + 14

    def _drawn_lines(self) -> Iterator[str]:
        labelled: set[Point] = set()
        for line in self.lines:
            if line.one not in self._places or line.other not in self._places:
                continue
            path, (x, y), head = self._path(line)
            yield f'<path class="{line.kind}" d="{path}"/>'
            yield f'<path class="head {line.kind}" d="{head}"/>' if head else ""
            if line.label and (x, y) not in labelled:  # several lines may end in one
                labelled.add((x, y))
                yield f'<text class="s" x="{x}" y="{y}">{escape(line.label)}</text>'

    def _path(self, line: Line) -> tuple[str, Point, str]:
        """A line, the place of its label, and its arrow's head."""
        one, other = self._where(line.one), self._where(line.other)
        top = self._tops[one]
        if one[0] == other[0]:
            x, start = self._stop(line.one)[0], top + self._at(one).height
            end = self._tops[other]
            head = f"M{x} {start}l-5 9h10z"
            return f"M{x} {end}V{start + 8}", (x + RADIUS + 6, (start + end) // 2 + 4), head
        edge, target = PAD + self._widths[0], self._lefts[other[0]]
        if line in self._over:
            bend, lane = self._bend(line)
            head = f"M{target} {lane}l-9 -5v10z"
            path = f"M{edge} {self._stop(line.one)[1]}H{bend}V{lane}H{target - 8}"
            return path, (self._lefts[1], lane - 5), head
        end = self._stop(line.other)[1]
        start = min(max(top + PAD + ROW // 2, end), top + self._at(one).height - PAD)
        bend = target - GUTTERS[0] + 20
        return f"M{edge} {start}H{bend}V{end}H{target}", (bend + 3, end - 5), ""

    # -- boxes ---------------------------------------------------------------------------------------------------------

    def _box(self, where: Where, box: Box) -> str:
        left, top, width = self._lefts[where[0]], self._tops[where], self._widths[where[0]]
        marked = box.key in self.marked
        x = left + (PAD if where[0] == 0 else BESIDE)
        room = width - PAD - BESIDE
        texts = [_text(box.title, x, top, 0, room, "t"), _text(box.kind, x, top, 1, room, "s")]
        texts += [_text(row, x, top, number, room) for number, row in enumerate(box.rows, 2)]
        right = left + width - PAD
        tag = f'<rect class="tag" x="{right - TAG}" y="{top - 8}" width="{TAG}" height="16" rx="8"/>'
        tagged = f'{tag}<text class="mark" x="{right - TAG + 8}" y="{top + 4}">{NEW}</text>' if marked else ""
        rect = f'<rect x="{left}" y="{top}" width="{width}" height="{box.height}" rx="6"/>'
        form = ' class="new"' if marked else ""
        return f"<g{form}>{rect}{''.join(texts)}{tagged}</g>"


def _text(row: str, x: int, top: int, number: int, room: int, kind: str = "") -> str:
    """A row; what is cut to fit is told in full to who stays on it."""
    text = row.lstrip()
    indent = INDENT * (len(row) - len(text))
    shown = fitted(text, room - indent, TEXT, bold=kind == "t")
    full = f"<title>{escape(text)}</title>" if shown != text else ""
    form = f' class="{kind}"' if kind else ""
    return f'<text{form} x="{x + indent}" y="{top + PAD + 14 + number * ROW}">{full}{escape(shown)}</text>'


def _wide(box: Box) -> int:
    """What a box needs for its texts, as far as there is room."""
    rows = [text_width(row.lstrip(), TEXT) + INDENT * (len(row) - len(row.lstrip())) for row in box.rows]
    needed = max(text_width(box.title, TEXT, bold=True), text_width(box.kind, TEXT), *rows, 0)
    return min(ceil(needed) + PAD + BESIDE, WIDEST)
