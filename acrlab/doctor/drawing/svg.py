"""What all drawings share: colours, the document around them, how wide a text is, and how HTML shows them.

A drawing stands on a ground of its own, so that it is readable on any page. As an image it stays whole: JupyterLab
strips SVG elements from what it has not run itself, and code hosts always do; of a drawing the texts would remain,
without a space between them. Where images with their data in them are stripped as well, the description and the words
below remain.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from unicodedata import east_asian_width

INK, SOFT, PAGE, YES, NO = "#1f2328", "#57606a", "#fff", "#1a7f37", "#cf222e"
TEXT = 13
FONT = f"{TEXT}px system-ui,sans-serif"
LEAST = 0.77  # of a drawing's own size, which makes 10 pixels of 13: below it one scrolls


def document(form: str, size: tuple[int, int], title: str, described: str, style: str, parts: Iterable[str]) -> str:
    """Put the parts of a drawing on a ground, with a title, and a description that says the same in words.

    Args:
        form: the class that `style` is written for.
        size: width and height in pixels.
    """
    width, height = size
    view = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {view} class="{form}" role="img">'
    said = f"<title>{escape(title)}</title><desc>{escape(described)}</desc><style>{style}</style>"
    ground = f'<rect class="ground" width="{width}" height="{height}" rx="6"/>'
    return "".join([head, said, ground, *parts, "</svg>"])


def inline_image(svg: str, *, size: tuple[int, int], described: str, words: str = "") -> str:
    """Put an SVG document into an `img`.

    Args:
        size: width and height of the drawing, in CSS pixels; it is never shown larger.
        described: what it shows, in a sentence.
        words: all that it shows, line by line, to be opened below it.
    """
    width, height = size
    source = base64.b64encode(svg.encode()).decode()
    style = f"width:100%;min-width:{round(width * LEAST)}px;max-width:{width}px;height:auto"
    dimensions = f'width="{width}" height="{height}" style="{style}"'
    image = f'<img alt="{escape(described)}" src="data:image/svg+xml;base64,{source}" {dimensions}>'
    told = f"<details><summary>The picture in words</summary><pre>{escape(words)}</pre></details>" if words else ""
    return f'<div style="overflow-x:auto">{image}</div>{told}'


# -- how wide a text is ------------------------------------------------------------------------------------------------

# Which font a reader has is not known: these are
# thousandths of the font's size, of DejaVu Sans, which is wider than what Windows and macOS draw with.
WIDTHS = {
    **dict.fromkeys("ijlIJ '", 300),
    **dict.fromkeys(".,:;/|", 340),
    **dict.fromkeys("tfr-()[]!", 405),
    **dict.fromkeys("csz_", 550),
    **dict.fromkeys("kvxyFL", 592),
    **dict.fromkeys("aeo", 615),
    **dict.fromkeys("bdghnpquEPSTY0123456789", 636),
    **dict.fromkeys("ABCKRVXZ", 695),
    **dict.fromkeys("DGHNOQU", 787),
    **dict.fromkeys("w→M", 850),
    **dict.fromkeys("mW…", 1000),
}
OTHER, FULL, BOLD = 700, 1000, 1.13


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a text, in the unit of the font's size; rather too wide than too narrow."""
    thousandths = sum(FULL if east_asian_width(c) in "WF" else WIDTHS.get(c, OTHER) for c in text)
    return thousandths / 1000 * size * (BOLD if bold else 1)


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Take out the middle of a text that has no room: names differ at their beginning or at their end."""
    shown = text
    for kept in range(len(text) - 1, 1, -1):
        if text_width(shown, size, bold=bold) <= room:
            break
        shown = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
    return shown
