"""The way to the registry as a row of boxes, marked with what was found there: SVG, and the same as one line.

Deterministic, readable in light and dark; a mark and a word say what a colour says.
"""

from __future__ import annotations

from html import escape

from acrlab.doctor.diagnosis import Diagnosis

__all__ = ["as_line", "as_svg", "states"]

# As a request travels, which is not the order in which an expert asks.
WAY = ("resolver", "zone", "records", "traffic", "endpoint", "registry", "access", "image")
MARKS = {"found": "✗", "noted": "•", "not seen": "?", "fine": "✓"}
WORDS = {"found": "broken", "noted": "see note", "not seen": "not seen", "fine": "fine"}
WIDTH, HEIGHT, GAP, MARGIN = 104, 64, 20, 8
STYLE = (
    ".hops text{font:13px system-ui,sans-serif;fill:#1f2328;text-anchor:middle}.hops .n{font-weight:600}"
    ".hops rect{fill:#fff;stroke:#57606a;stroke-width:1.5}.hops path{stroke:#57606a;stroke-width:1.5;fill:none}"
    ".hops .found rect{stroke:#cf222e;stroke-width:3;stroke-dasharray:6 3}.hops .found .w{fill:#cf222e;font-weight:600}"
    ".hops .fine .w{fill:#1a7f37}.hops .unknown rect{stroke-dasharray:2 4}"
    "@media(prefers-color-scheme:dark){"
    ".hops text{fill:#e6edf3}.hops rect{fill:#161b22;stroke:#8b949e}.hops path{stroke:#8b949e}"
    ".hops .found rect{stroke:#ff7b72}.hops .found .w{fill:#ff7b72}.hops .fine .w{fill:#56d364}}"
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


def as_svg(diagnosis: Diagnosis) -> str:
    """Draw the way; its description says the same in words. Its styles reach nothing else on a page."""
    boxes = [("machine", "", "start"), *((h, WORDS[s], s) for h, s in states(diagnosis).items())]
    step = WIDTH + GAP
    told = "; ".join(f"{name}: {word}" for name, word, _ in boxes[1:])
    width, height = len(boxes) * step - GAP + 2 * MARGIN, HEIGHT + 2 * MARGIN
    box = f'viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} style="max-width:100%" class="hops" role="img">'
    parts = [head, f"<title>The way to the registry</title><desc>{escape(told)}</desc><style>{STYLE}</style>"]
    for place, (name, word, state) in enumerate(boxes):
        left, middle = MARGIN + place * step, MARGIN + place * step + WIDTH // 2
        kind = {"not seen": "unknown", "start": ""}.get(state, state)
        mark = f"{MARKS[state]} {word}" if word else escape(diagnosis.snapshot.subject.machine or "client")
        if place:
            parts.append(f'<path d="M{left - GAP} {MARGIN + HEIGHT // 2}h{GAP - 2}m-6 -5l6 5l-6 5"/>')
        parts.append(
            f'<g class="{kind}"><rect x="{left}" y="{MARGIN}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
            f'<text class="n" x="{middle}" y="{MARGIN + 27}">{name}</text>'
            f'<text class="w" x="{middle}" y="{MARGIN + 47}">{mark}</text></g>'
        )
    return "".join([*parts, "</svg>"])
