"""Convert one notebook to HTML: prose, code, its outputs, and what an edition adds or leaves out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from acrlab.handouts.instructor import LABEL, told
from acrlab.runs.notebooks import FIRST, Notebook

CHAPTER = "chapter:"  # begins a link to a chapter
PREDICT = "**Predict:**"
COMMANDS = "acrlab.az("  # shows what to type, and not what comes of it
OPENING, CONNECTED = "settings = acrlab.Settings.from_parameters(", "lab = acrlab.connect(settings)"
ROOM = '<div class="room" role="note" aria-label="Room to write"><i></i><i></i><i></i></div>'
REASON = '<div class="room" role="note" aria-label="Room to say why"><i></i></div>'  # the options are there to tick
KEPT_BACK = '<p class="kept">What do you see? The instructor’s edition shows it.</p>'


@dataclass(frozen=True)
class Edition:
    """An edition for one kind of reader: what it shows of exercises and their solutions.

    Attributes:
        name: `learner` or `instructor`.
        title: as the cover says it.
        solutions: whether it shows what comes out where a prediction was asked for, and what goes wrong.
    """

    name: str
    title: str
    solutions: bool


EDITIONS = {
    "learner": Edition("learner", "Learner's edition", solutions=False),
    "instructor": Edition("instructor", "Instructor's edition", solutions=True),
}


@dataclass(frozen=True)
class Heading:
    """A section's heading, and where it is in the page."""

    text: str
    anchor: str


@dataclass(frozen=True)
class Chapter:
    """A chapter's HTML, without any page around it.

    Attributes:
        name: of its notebook, which is its anchor, too.
        minutes: what it says of its own time.
    """

    name: str
    title: str
    body: str
    headings: tuple[Heading, ...]
    minutes: str


def read(notebook: Notebook, edition: Edition) -> Chapter:
    """Convert a notebook with the outputs that are stored in it. Nothing is run."""
    parts: list[str] = []
    asked = False  # a prediction was asked for, and nothing has answered it yet
    answered = False  # by the cell before
    for cell in notebook.cells:
        source = "".join(cell["source"])
        tags = cell["metadata"].get("tags", ())
        explains = answered and not source.startswith("#")
        answered = "answer" in tags
        if cell["cell_type"] == "markdown":
            if explains and not edition.solutions:
                continue  # it says what the output showed that is kept back
            parts.append(prose(source, notebook.name))
            parts.append(told(cell) if edition.solutions else "")
            if PREDICT in source and not edition.solutions:
                parts.append(ROOM)
            asked = PREDICT in source or (asked and not source.startswith("#"))
        elif "screen" in tags or _is_left_out(notebook, cell, edition):
            asked = asked and "check" not in tags
        elif "predict" in tags:  # the question is its output
            parts += [*outputs(cell, kept_back=False), told(cell) if edition.solutions else REASON]
        elif "your-turn" in tags:
            parts += [_code(source), "" if edition.solutions else ROOM]
        elif "check" in tags:
            parts += [_check(source, edition), *(outputs(cell, kept_back=False) if edition.solutions else ())]
            asked = False
        else:
            answers = answered or (asked and not source.startswith(COMMANDS))
            own = _own_lines(notebook, source, edition)
            if own != source and "bring_to(" in own:  # what it lists is what the chapters before made
                parts.append(_code(own))
                continue
            parts += [_code(own), *outputs(cell, kept_back=answers and not edition.solutions)]
    body = "\n".join(parts)
    minutes = re.search(r"\| time \| (.+?) \|", "".join(notebook.cells[0]["source"]))
    return Chapter(
        notebook.name,
        notebook.title,
        _led(body, edition, minutes[1] if minutes else "", notebook),
        tuple(_headings(body)),
        minutes[1] if minutes else "",
    )


def _is_left_out(notebook: Notebook, cell: dict[str, Any], edition: Edition) -> bool:
    """Whether it is of no use on a learner's paper: what they read in chapter 00, or what checks a run by itself."""
    tags = {*cell["metadata"].get("tags", ())}
    by_itself = "check" in tags and not any(tag.startswith(("task:", "ticket:")) for tag in tags)
    return (
        not edition.solutions and notebook.path.name != FIRST and (by_itself or bool(tags & {"imports", "parameters"}))
    )


def _own_lines(notebook: Notebook, source: str, edition: Edition) -> str:
    """Leave out of a learner's page how the lab is opened, which every chapter does in the same lines."""
    if edition.solutions or notebook.path.name == FIRST:
        return source
    return re.sub(rf"\A{re.escape(OPENING)}.*?^{re.escape(CONNECTED)}\n", "", source, flags=re.DOTALL | re.MULTILINE)


def prose(source: str, chapter: str) -> str:
    """Convert Markdown to HTML whose headings are a chapter's, below a document's own."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    html: str = markdown2html_mistune(source)
    html = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", html)
    html = re.sub(r'<h([1-6]) id="([^"]*)"', lambda m: f'<h{m[1]} id="{chapter}-{_plain(m[2])}"', html)
    # A chapter's title is a heading below the document's own.
    html = re.sub(r"(</?h)([1-5])", lambda m: f"{m[1]}{int(m[2]) + 1}", html)
    html = re.sub(r"<p>(?=Previous: |Unfamiliar term)", '<p class="ways">', html)
    return re.sub(r'href="(\d\d-[\w-]+)\.ipynb(?:#([^"]*))?"', lambda m: f'href="{_place(m[1], m[2])}"', html)


def _place(chapter: str, heading: str | None) -> str:
    """A place in a chapter, wherever that will lie: the page knows."""
    return f"{CHAPTER}{chapter}" + (f"#{chapter}-{_plain(heading)}" if heading else "")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _code(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    inner = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code>{inner.rstrip()}</code></pre>'


def outputs(cell: dict[str, Any], *, kept_back: bool) -> Iterator[str]:
    """Convert what a cell shows; kept back, there is a box in its place."""
    for output in cell.get("outputs", ()):
        if kept_back:
            yield KEPT_BACK
            return
        yield f'<div class="output">{_shown(output)}</div>'


def _shown(output: dict[str, Any]) -> str:
    form = {name: "".join(text) for name, text in output.get("data", {}).items() if isinstance(text, str | list)}
    if "text/html" in form:
        return _set(form["text/html"])
    if "text/markdown" in form:
        from nbconvert.filters.markdown_mistune import markdown2html_mistune

        return str(markdown2html_mistune(form["text/markdown"]))
    return f"<pre>{escape(form.get('text/plain', ''.join(output.get('text', ''))))}</pre>"


def _set(html: str) -> str:
    """Keep addresses in one piece on paper, and let long names go on after a dot."""
    html = re.sub(r"<td([^>]*)>((?:\d{1,3}\.){3}\d{1,3})</td>", r'<td class="whole"\1>\2</td>', html)
    names = re.compile(r"(?<=>)[a-z][\w-]+(?:\.[\w-]+){2,}(?=</td>)")
    return names.sub(lambda name: name[0].replace(".", ".<wbr>"), html)


def _check(source: str, edition: Edition) -> str:
    """The check as code; for instructors, with what it says when it fails."""
    said = "".join(f"<li>{escape(text)}</li>" for text in _messages(source)) if edition.solutions else ""
    mistakes = f'<div class="fails"><strong>If it fails</strong><ul>{said}</ul></div>' if said else ""
    return f'<div class="check"><span class="label">Check</span>{_code(source)}{mistakes}</div>'


def _messages(source: str) -> Iterator[str]:
    """What each assertion says; a value that only a run knows is an ellipsis."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert) and node.msg is not None:
            parts = node.msg.values if isinstance(node.msg, ast.JoinedStr) else [node.msg]
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts)


def _headings(body: str) -> Iterator[Heading]:
    for match in re.finditer(r'<h3 id="([^"]+)">(.*?)</h3>', body):
        yield Heading(unescape(re.sub(r"<[^>]+>", "", match[2])), match[1])


def _led(body: str, edition: Edition, minutes: str, notebook: Notebook) -> str:
    """For instructors: how long the chapter takes, and how much there is to do, before anything else."""
    if not edition.solutions:
        return body
    predictions = sum(
        PREDICT in "".join(c["source"]) or "predict" in c["metadata"].get("tags", ()) for c in notebook.cells
    )
    tasks = sum("your-turn" in c["metadata"].get("tags", ()) for c in notebook.cells)
    checks = sum("check" in c["metadata"].get("tags", ()) for c in notebook.cells)
    counted = {"time": minutes, "predictions to ask for": predictions, "tasks": tasks, "checks": checks}
    listed = "".join(f"<li>{what}: {escape(str(count))}</li>" for what, count in counted.items())
    box = f'<aside class="teach"><strong>{LABEL}</strong><ul>{listed}</ul></aside>'
    head, end, rest = body.partition("</h2>")
    return f"{head}{end}{box}{rest}" if end else box + body
