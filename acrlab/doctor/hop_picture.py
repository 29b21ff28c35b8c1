"""The way to the registry as a row of boxes, marked with what was found there: SVG, and the same as one line.

Deterministic; a mark and a word say what a colour says. It stands on a ground of its own, and is readable on any page.
"""

from __future__ import annotations

from html import escape

from acrlab.doctor.diagnosis import Diagnosis
from acrlab.doctor.inline_image import inline_image
from acrlab.doctor.text_width import fitted

__all__ = ["as_image", "as_line", "as_svg", "states"]

# As a request travels, which is not the order in which an expert asks.
WAY = ("resolver", "zone", "records", "traffic", "endpoint", "registry", "access", "image")
MARKS = {"found": "✗", "noted": "•", "not seen": "?", "fine": "✓"}
WORDS = {"found": "broken", "noted": "see note", "not seen": "not seen", "fine": "fine"}
WIDTH, HEIGHT, GAP, MARGIN, TEXT = 94, 60, 14, 8, 13
SIZE = ((len(WAY) + 1) * (WIDTH + GAP) - GAP + 2 * MARGIN, HEIGHT + 2 * MARGIN)
STYLE = (
    f".hops text{{font:{TEXT}px system-ui,sans-serif;fill:#1f2328;text-anchor:middle}}.hops .n{{font-weight:600}}"
    ".hops rect{fill:#fff;stroke:#57606a;stroke-width:1.5}.hops path{stroke:#57606a;stroke-width:1.5;fill:none}"
    ".hops .ground{stroke:none}.hops .found rect{stroke:#cf222e;stroke-width:3;stroke-dasharray:6 3}"
    ".hops .found .w{fill:#cf222e;font-weight:600}.hops .fine .w{fill:#1a7f37}.hops .unknown rect{stroke-dasharray:2 4}"
)


def states(diagnosis: Diagnosis) -> dict[str, str]:
    """Hop -> `found`, `noted`, `not seen` or `fine`, the worst of its checks, in the order of the way."""
    worst = dict.fromkeys(WAY, "fine")
    for checked in diagnosis.checked:
        for state in ("not seen", "noted", "found"):
            if checked.outcome == state and list(MARKS).index(state) < list(MARKS).index(worst[checked.hop]):
                worst[checked.hop] = state
    return worst


def as_line(diagnosis: Diagnosis) -> str:
    """E.g. `machine → resolver ✓ → zone ✗ → …`."""
    return " → ".join(["machine", *(f"{hop} {MARKS[state]}" for hop, state in states(diagnosis).items())])


def as_image(diagnosis: Diagnosis) -> str:
    """Draw the way for a page of HTML."""
    described = f"The way to the registry: {_told(diagnosis)}"
    return inline_image(as_svg(diagnosis), width=SIZE[0], height=SIZE[1], described=described)


def as_svg(diagnosis: Diagnosis) -> str:
    """Draw the way; its description says the same in words."""
    width, height = SIZE
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="hops" role="img">'
    said = f"<title>The way to the registry</title><desc>{escape(_told(diagnosis))}</desc><style>{STYLE}</style>"
    parts = [head, said, f'<rect class="ground" width="{width}" height="{height}" rx="6"/>']
    client = fitted(diagnosis.snapshot.subject.machine or "client", WIDTH - 4, TEXT)
    boxes = [("machine", client, ""), *((h, f"{MARKS[s]} {WORDS[s]}", s) for h, s in states(diagnosis).items())]
    for place, (name, mark, state) in enumerate(boxes):
        left = MARGIN + place * (WIDTH + GAP)
        if place:
            parts.append(f'<path d="M{left - GAP} {height // 2}h{GAP - 2}m-6 -5l6 5l-6 5"/>')
        parts.append(_box(left, name, mark, "unknown" if state == "not seen" else state))
    return "".join([*parts, "</svg>"])


def _told(diagnosis: Diagnosis) -> str:
    return "; ".join(f"{hop}: {WORDS[state]}" for hop, state in states(diagnosis).items())


def _box(left: int, name: str, mark: str, kind: str) -> str:
    middle = left + WIDTH // 2
    return (
        f'<g class="{kind}"><rect x="{left}" y="{MARGIN}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text class="n" x="{middle}" y="{MARGIN + 25}">{name}</text>'
        f'<text class="w" x="{middle}" y="{MARGIN + 45}">{escape(mark)}</text></g>'
    )
