"""Build a whole document: cover, contents, chapters. Reading or printing it fetches nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from acrlab.handouts.chapter import CHAPTER, Chapter, Edition

TITLE = "Private Link for Azure Container Registry"
STYLE = Path(__file__).with_name("style.css")
PICTURES = (STYLE.with_name("picture.svg"), STYLE.parents[2] / "docs" / "picture.svg")  # built in; in a checkout
PICTURED = (
    "A VM in a virtual network asks a private DNS zone and reaches the registry through a private endpoint; "
    "from the internet the same request is refused."
)

STAGES = ("registry", "vm", "endpoint", "zone", "refusal")  # groups of the picture, in which it grows


@dataclass(frozen=True)
class Cover:
    """What stands on the first page."""

    edition: Edition
    dated: date
    version: str
    parameters: Mapping[str, Any]


def page(cover: Cover, chapters: Sequence[Chapter]) -> str:
    """Build one HTML document of one chapter or several."""
    title = TITLE if len(chapters) > 1 else f"{chapters[0].title} – {TITLE}"
    known = {chapter.name for chapter in chapters}
    body = "\n".join(
        f'<section class="chapter" id="{c.name}">{linked(c.body, known, cover.edition)}</section>' for c in chapters
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>\n{_style()}</style></head>\n'
        f'<body class="{cover.edition.name}">{_cover(cover, chapters)}{_contents(chapters)}'
        f"<main>{body}</main></body></html>\n"
    )


def sheet(title: str, body: str, style: Path = STYLE) -> str:
    """Build one HTML document without cover and contents."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} – {TITLE}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>\n{_style(style)}</style></head>\n'
        f"<body>{body}</body></html>\n"
    )


def _style(style: Path = STYLE) -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="xcode").get_style_defs(".code")  # each colour has a contrast of 4.5 on the fill
    # What the formatter says of the block itself is ours to say.
    colours = "\n".join(
        line for line in str(light).splitlines() if line.startswith(".code .") and "linenos" not in line
    )
    return f"{style.read_text('utf-8')}\n{colours}\n"


def _cover(cover: Cover, chapters: Sequence[Chapter]) -> str:
    parameters = ", ".join(f"{name} = {value}" for name, value in cover.parameters.items() if value)
    facts = {
        "Edition": cover.edition.title,
        "Date": cover.dated.isoformat(),
        "Version": f"acrlab {cover.version}",
        "Parameters": parameters,
    }
    if len(chapters) == 1:
        facts = {"Chapter": chapters[0].title, **facts, "Time": chapters[0].minutes}
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    return f'<header class="cover"><h1>{TITLE}</h1>{picture()}<dl>{listed}</dl></header>'


def picture(until: str = STAGES[-1]) -> str:
    """The picture of it all, or as far as it has grown.

    It is an image of its own: a drawing's styles must not reach the rest of the page.
    """
    drawn = next(path for path in PICTURES if path.exists()).read_text("utf-8")
    for stage in STAGES[STAGES.index(until) + 1 :]:
        drawn = re.sub(rf'<g id="{stage}">.*?</g>', "", drawn, flags=re.DOTALL)
    said = PICTURED if until == STAGES[-1] else f"The same picture, as far as the {until}"
    return f'<img alt="{said}" src="data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}">'


def _contents(chapters: Sequence[Chapter]) -> str:
    listed = "".join(
        f'<li><a href="#{c.name}">{escape(c.title)}</a><ol>'
        + "".join(f'<li><a href="#{h.anchor}">{escape(h.text)}</a></li>' for h in c.headings)
        + "</ol></li>"
        for c in chapters
    )
    return f'<nav class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2><ol>{listed}</ol></nav>'


def linked(body: str, known: set[str], edition: Edition) -> str:
    """Links between chapters lead within the document, or to the other chapter's file."""

    def target(match: re.Match[str]) -> str:
        name, place = match[1], match[2] or ""
        here = place or f"#{name}"
        return f'href="{here}"' if name in known else f'href="{name}-{edition.name}.html{place}"'

    return re.sub(rf'href="{CHAPTER}([\w-]+)(#[\w-]+)?"', target, body)
