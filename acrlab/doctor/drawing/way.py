"""Draw the way to the registry as a row of boxes, marked with what was found there; and the same as one line.

A mark and a word say what a colour says.
"""

from __future__ import annotations

from html import escape

from acrlab.doctor.diagnosis import Diagnosis
from acrlab.doctor.drawing.svg import FONT, INK, NO, PAGE, SOFT, TEXT, YES, document, fitted, inline_image

# As a request travels, which is not the order in which an expert asks.
WAY = ("resolver", "zone", "records", "traffic", "endpoint", "registry", "access", "image")
# From the worst on.
MARKS = {"found": "✗", "noted": "•", "not seen": "?", "fine": "✓", "not asked": "–"}
WORDS = {"found": "broken", "noted": "see note", "not seen": "not seen", "fine": "fine", "not asked": "not asked"}
WIDTH, HEIGHT, GAP, MARGIN = 94, 60, 14, 8
SIZE = ((len(WAY) + 1) * (WIDTH + GAP) - GAP + 2 * MARGIN, HEIGHT + 2 * MARGIN)
STYLE = (
    f".hops text{{font:{FONT};fill:{INK};text-anchor:middle}}.hops .n{{font-weight:600}}"
    f".hops rect{{fill:{PAGE};stroke:{SOFT};stroke-width:1.5}}.hops path{{stroke:{SOFT};stroke-width:1.5;fill:none}}"
    f".hops .ground{{stroke:none}}.hops .found rect{{stroke:{NO};stroke-width:3;stroke-dasharray:6 3}}"
    f".hops .found .w{{fill:{NO};font-weight:600}}.hops .fine .w{{fill:{YES}}}"
    ".hops .unknown rect{stroke-dasharray:2 4}"
)


def states(diagnosis: Diagnosis) -> dict[str, str]:
    """Hop -> the worst outcome of its checks, in the order of the way."""
    order = list(MARKS)
    asked: dict[str, list[str]] = {hop: ["not asked"] for hop in WAY}
    for checked in diagnosis.checked:
        asked[checked.hop].append(checked.outcome)
    return {hop: min(outcomes, key=order.index) for hop, outcomes in asked.items()}


def as_line(diagnosis: Diagnosis) -> str:
    """E.g. `VM → resolver ✓ → zone ✗ → …`."""
    return " → ".join(["VM", *(f"{hop} {MARKS[state]}" for hop, state in states(diagnosis).items())])


def as_image(diagnosis: Diagnosis) -> str:
    """Draw the way for a page of HTML."""
    described = f"The way to the registry: {_told(diagnosis)}"
    return inline_image(as_svg(diagnosis), size=SIZE, described=described)


def as_svg(diagnosis: Diagnosis) -> str:
    """Draw the way; its description says the same in words."""
    parts = []
    client = fitted(diagnosis.snapshot.subject.vm or "client", WIDTH - 4, TEXT)
    boxes = [("VM", client, ""), *((h, f"{MARKS[s]} {WORDS[s]}", s) for h, s in states(diagnosis).items())]
    for place, (name, mark, state) in enumerate(boxes):
        left = MARGIN + place * (WIDTH + GAP)
        if place:
            parts.append(f'<path d="M{left - GAP} {SIZE[1] // 2}h{GAP - 2}m-6 -5l6 5l-6 5"/>')
        parts.append(_box(left, name, mark, "unknown" if state in ("not seen", "not asked") else state))
    return document("hops", SIZE, "The way to the registry", _told(diagnosis), STYLE, parts)


def _told(diagnosis: Diagnosis) -> str:
    return "; ".join(f"{hop}: {WORDS[state]}" for hop, state in states(diagnosis).items())


def _box(left: int, name: str, mark: str, kind: str) -> str:
    middle = left + WIDTH // 2
    return (
        f'<g class="{kind}"><rect x="{left}" y="{MARGIN}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text class="n" x="{middle}" y="{MARGIN + 25}">{name}</text>'
        f'<text class="w" x="{middle}" y="{MARGIN + 45}">{escape(mark)}</text></g>'
    )
