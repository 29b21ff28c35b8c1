"""Reads a Markdown of the article into its sections, each with its commands, tables and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from acrlab.course.article.outline import Document, Found, Note, Table
from acrlab.course.article.shapes import shapes
from acrlab.errors import ConfigurationError

MOST_BYTES, MOST_SECTIONS = 300_000, 500  # the article has 35,000 and 33
SHELLS = {"azurecli", "azurecli-interactive", "azurepowershell", "bash", "powershell", "sh", "shell"}
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
DATE = re.compile(r"^ms\.date:\s*(\d{1,2}/\d{1,2}/\d{4})\s*$", re.MULTILINE)
ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|CAUTION|WARNING)\]\s*", re.IGNORECASE)
INCLUDE = re.compile(r"\[!INCLUDE\s*(?:\[[^\]]*\])?\(([^)]*)\)\]", re.IGNORECASE)
TAB = "#tab/"
TYPED = re.compile(r"(?:\w+=\$\()?az [a-z]")  # a line of prose that is a command
MENTIONED = re.compile(r"(?:az|docker) [a-z]")
HTML = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)


@dataclass
class _Section:
    """A section while it is read."""

    title: str
    within: str
    shell: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def done(self) -> Found:
        return Found(
            title=self.title,
            within=self.within,
            commands=shapes("\n".join(self.shell)),
            tables=tuple(self.tables),
            notes=tuple(self.notes),
            text=" ".join(" ".join(self.text).split()),
        )


def read(path: Path) -> Document:
    """Read a document.

    Raises: ConfigurationError: it can't be read, or is not a Markdown with headings.
    """
    return parse(_text(path))


def parse(text: str) -> Document:
    """Read a document from its text. Raises: ConfigurationError: it has no headings."""
    front = FRONT_MATTER.match(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text[front.end() if front else 0 :])
    sections = tuple(section.done() for section in _sections(tokens))
    if not sections:
        raise ConfigurationError("file", "it has no headings, so there is nothing to compare. Give the article's text.")
    if len(sections) > MOST_SECTIONS:
        raise ConfigurationError(
            "file", f"it has {len(sections):,} headings; the article has less than {MOST_SECTIONS}."
        )
    return Document(dated=_date(front[1]) if front else "", sections=sections)


def _text(path: Path) -> str:
    """What is in a file, as far as it can be a Markdown."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as problem:
        raise ConfigurationError("file", f"{path} can't be read: {problem.strerror}.") from problem
    if size > MOST_BYTES:
        raise ConfigurationError("file", f"{path} has {size:,} bytes; the article has less than {MOST_BYTES:,}.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigurationError("file", f"{path} is not text in UTF-8. Give the article's Markdown.")
    if not text.strip():
        raise ConfigurationError("file", f"{path} is empty.")
    if HTML.match(text):
        raise ConfigurationError("file", f"{path} is a web page. Give the Markdown that it is made from.")
    return text


def _date(front_matter: str) -> str:
    """YYYY-MM-DD of `ms.date`; empty: there is none, or it is not a date."""
    found = DATE.search(front_matter)
    try:
        return datetime.strptime(found[1], "%m/%d/%Y").date().isoformat() if found else ""
    except ValueError:
        return ""


def _sections(tokens: Sequence[Token]) -> Iterator[_Section]:
    """Each heading with what stands below it, down to the next one. A tab's heading belongs to its section."""
    section: _Section | None = None
    above: list[tuple[int, str]] = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and TAB not in tokens[at + 1].content:
            if section:
                yield section
            level, title = int(token.tag[1:]), _plain(tokens[at + 1])
            above = [one for one in above if one[0] < level]
            section = _Section(title, above[-1][1] if above else "")
            above.append((level, title))
        elif section and token.type == "table_open":
            section.tables.append(_table(_until(tokens, at, "table_close")))
        elif section and token.type == "blockquote_open":
            section.notes += _note(_until(tokens, at, "blockquote_close"))
        elif section and not (token.type == "inline" and tokens[at - 1].type == "heading_open"):
            _take(token, section)
    if section:
        yield section


def _take(token: Token, section: _Section) -> None:
    """Add what a piece of text has to its section."""
    if token.type == "fence":
        section.text.append(token.content)
        if token.info.split()[:1] and token.info.split()[0].casefold() in SHELLS:
            section.shell.append(token.content)
    elif token.type == "inline":
        section.text.append(_plain(token))
        section.notes += [Note("include", (found[1],)) for found in INCLUDE.finditer(token.content)]
        section.shell += [line for line in token.content.splitlines() if TYPED.match(line)]
        section.shell += _mentions(token)


def _mentions(token: Token) -> Iterator[str]:
    """Commands in a sentence: as code, or as the text of a link."""
    linked = False
    for child in token.children or ():
        linked = child.type == "link_open" or (linked and child.type != "link_close")
        if (child.type == "code_inline" or (linked and child.type == "text")) and MENTIONED.match(child.content):
            yield child.content


def _until(tokens: Sequence[Token], at: int, end: str) -> Sequence[Token]:
    """The tokens of a block, from its beginning to its own end."""
    level = tokens[at].level
    last = next(n for n in range(at, len(tokens)) if tokens[n].type == end and tokens[n].level == level)
    return tokens[at:last]


def _table(tokens: Sequence[Token]) -> Table:
    """A table's headings, and the first cell of each row that is not empty."""
    cells = [(tokens[n - 1].type, tokens[n - 2].type, _plain(token)) for n, token in enumerate(tokens) if token.content]
    columns = tuple(text for kind, _, text in cells if kind == "th_open")
    return Table(columns, tuple(text for kind, before, text in cells if (kind, before) == ("td_open", "tr_open")))


def _note(tokens: Sequence[Token]) -> list[Note]:
    """A box, as a list of one; a quotation that is not one gives none."""
    text = " ".join(_plain(token) if token.type == "inline" else token.content for token in tokens)
    found = ALERT.match(text.strip())
    return [Note(found[1].casefold(), (" ".join(ALERT.sub("", text).split()),))] if found else []


def _plain(token: Token) -> str:
    """The text of a line without its marks."""
    words = (" " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or ())
    return " ".join("".join(words).split())
