"""Make slides of a chapter: one idea each, from the same cells as the handouts, with the instructor's notes below.

There is no script in them: each slide is as high as the window, and the browser's own keys go from one to the next.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from acrlab.handouts.chapter import Edition, outputs, prose
from acrlab.handouts.instructor import LABEL, notes
from acrlab.handouts.page import picture
from acrlab.runs.notebooks import Notebook

SLIDES = Edition("slides", "Slides", solutions=True)
NO_PROSE, SHORT = (">", "|", "```", "    "), 60
LONG = 10  # rows of a table that can be read on a wall
SUMMARY, ABLE = "## What you know now", "**You will be able to**"


@dataclass(frozen=True)
class Slide:
    """One idea.

    Attributes:
        body: its HTML.
        told: what the instructor reads, as HTML; empty: nothing.
    """

    body: str
    told: str = ""

    def html(self, anchor: str = "") -> str:
        """Build the slide, with its notes folded."""
        name = f' id="{anchor}"' if anchor else ""
        below = f'<details class="notes"><summary>{LABEL}</summary>{self.told}</details>' if self.told else ""
        # What leads out of the slides is of no use on a wall.
        return f'<section class="slide"{name}><div>{re.sub("</?a[^>]*>", "", self.body)}</div>{below}</section>'


def slides(notebook: Notebook) -> str:
    """Build a chapter's slides: what it is for, then what its cells say, ask and show."""
    first, *rest = _slides(notebook)
    return "\n".join([first.html(notebook.name), *(slide.html() for slide in rest)])


def _slides(notebook: Notebook) -> Iterator[Slide]:
    opening = "".join(notebook.cells[0]["source"])
    able = opening.partition(ABLE)[2].partition("\n|")[0].partition("\n\n")[2].partition("\n\n")[0]
    yield Slide(_html(f"# {notebook.title}\n\n{ABLE}\n\n{able}", notebook), _told(notebook.cells[0], notebook))
    for cell, following in pairwise([*notebook.cells[1:], {"cell_type": "end", "metadata": {}, "source": []}]):
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", ())
        if cell["cell_type"] == "markdown":
            yield from _said(cell, source, notebook)
        elif "predict" in tags:
            yield _question(cell, source, notebook)
        elif "answer" in tags:
            yield _answer(cell, following, notebook)


def _said(cell: dict[str, Any], source: str, notebook: Notebook) -> Iterator[Slide]:
    """A section's claim, its tables, the picture as far as it has grown; a task's goal; what you know now."""
    heading, _, text = source.partition("\n")
    stage = cell["metadata"].get("acrlab", {}).get("picture", "")
    if source.startswith(SUMMARY):
        listed = "\n".join(_block(text, ("- ", "  ", "|")))
        yield Slide(_html(f"{heading}\n\n{listed}", notebook))
    elif heading.startswith(("## ", "### ")):
        table = _block(text, ("|",))
        idea = "\n".join(table[: 0 if len(table) > LONG else None] or _block(text, ("- ",))) or _sentence(text)
        body = _html(f"{heading.replace('###', '##')}\n\n{idea}", notebook)
        yield Slide(body + (picture(stage) if stage else ""), _told(cell, notebook))
    elif stage:
        yield Slide(picture(stage), _told(cell, notebook))


def _question(cell: dict[str, Any], source: str, notebook: Notebook) -> Slide:
    (call,) = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    question, *options = [str(ast.literal_eval(one)) for one in call.args]
    listed = "".join(f"<li>{escape(option)}</li>" for option in options)
    return Slide(f'<h3>{escape(question)}</h3><ol type="A">{listed}</ol>', _told(cell, notebook))


def _answer(cell: dict[str, Any], following: dict[str, Any], notebook: Notebook) -> Slide:
    text = "".join(following["source"]) if following["cell_type"] == "markdown" else ""
    said = "" if text.startswith("#") else _html(_sentence(text), notebook)
    shown = "".join(outputs(cell, kept_back=False))
    small = " long" if shown.count("<tr") > LONG else ""
    return Slide(f'<div class="answer{small}">{said}</div>{shown}')


def _html(text: str, notebook: Notebook) -> str:
    return re.sub(r' id="[^"]*"', "", prose(text, notebook.name))


def _told(cell: dict[str, Any], notebook: Notebook) -> str:
    return _html(notes(cell), notebook)


def _block(text: str, begins: Sequence[str]) -> list[str]:
    """The first lines that follow each other and begin so."""
    found: list[str] = []
    for line in text.splitlines():
        if line.startswith(tuple(begins)):
            found.append(line)
        elif found and line.strip():
            break
    return found


def _sentence(text: str) -> str:
    """The first sentence of the first paragraph, and the next one where it is short; a dot in a name ends none."""
    plain = next((part for part in text.strip("\n").split("\n\n") if not part.startswith(NO_PROSE)), "")
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z*`])", " ".join(plain.split()))
    return " ".join(sentences[: 1 if len(sentences[0]) > SHORT else 2])
