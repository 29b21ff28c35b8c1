"""A drawing as an image in HTML, which is kept where a drawing is taken apart.

JupyterLab strips SVG elements from what it has not run itself, and code hosts strip them always: of a drawing the texts
remain, without a space between them. An image stays a picture in both; where images with their data in them are
stripped as well, its description and the words below it remain.
"""

from __future__ import annotations

import base64
from html import escape

__all__ = ["LEAST", "inline_image"]

LEAST = 0.77  # of a drawing's own size, which makes 10 pixels of 13: below it one scrolls


def inline_image(svg: str, *, width: int, height: int, described: str, words: str = "") -> str:
    """Put an SVG document into an `img`.

    Args:
        width, height: of the drawing, in CSS pixels; it is never shown larger.
        described: what it shows, in a sentence.
        words: all that it shows, line by line, to be opened below it.
    """
    source = base64.b64encode(svg.encode()).decode()
    style = f"width:100%;min-width:{round(width * LEAST)}px;max-width:{width}px;height:auto"
    size = f'width="{width}" height="{height}" style="{style}"'
    image = f'<img alt="{escape(described)}" src="data:image/svg+xml;base64,{source}" {size}>'
    told = f"<details><summary>The picture in words</summary><pre>{escape(words)}</pre></details>" if words else ""
    return f'<div style="overflow-x:auto">{image}</div>{told}'
