"""An edition of the article in outline: its sections, with what each one has, and where the course has it.

An outline keeps facts, not sentences: commands with their flags, the fields of a table, what a note is about, and the
figures that a section is known for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from acrlab.course.article.shapes import Shapes, shapes


@dataclass(frozen=True)
class Table:
    """A table by its column headings, and by the beginning of the first cell of each row."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def name(self) -> str:
        return " | ".join(self.columns)


@dataclass(frozen=True)
class Note:
    """A box beside the text.

    Attributes:
        kind: note, tip, important, caution, warning, or include: a text that another file has.
        about: words that are in it; of a note in a document, its whole text.
    """

    kind: str
    about: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section of an edition.

    Attributes:
        title: its heading.
        within: the heading above it, where another section has the same one.
        commands: each with its flags, one a line; a value stands for none.
        says: words and figures that it has to have.
        chapters: names of the notebooks that cover it.
        draft: headings of the section in the draft that became this one.
        reason: why it has no chapter, or no section in the other edition.
    """

    title: str
    within: str = ""
    commands: str = ""
    tables: tuple[Table, ...] = ()
    notes: tuple[Note, ...] = ()
    says: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    draft: tuple[str, ...] = ()
    reason: str = ""

    @property
    def anchor(self) -> str:
        """The heading as links spell it."""
        return self.title.lower().replace("`", "").replace(" ", "-")

    @cached_property
    def shapes(self) -> Shapes:
        return shapes(self.commands)


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The article as it was at a date.

    Attributes:
        name: `draft` or `today`.
        dated: YYYY-MM-DD, of the document itself.
    """

    name: str
    dated: str
    parts: tuple[Part, ...]

    @property
    def titles(self) -> frozenset[str]:
        return frozenset(plain(part.title) for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Found:
    """One section as it stands in a document.

    Attributes:
        within: the heading above it; empty at the top.
        commands: command -> the flags that it is written with.
        text: all that it says, without markup.
    """

    title: str
    within: str = ""
    commands: Shapes = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    notes: tuple[Note, ...] = ()
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A Markdown of the article.

    Attributes:
        dated: YYYY-MM-DD as its front matter says; empty: it does not say.
    """

    dated: str
    sections: tuple[Found, ...]

    @property
    def titles(self) -> frozenset[str]:
        return frozenset(plain(section.title) for section in self.sections)

    @property
    def commands(self) -> Mapping[str, str]:
        """Command -> heading of the first section that has it."""
        found: dict[str, str] = {}
        for section in self.sections:
            for command in section.commands:
                found.setdefault(command, section.title)
        return found


def plain(title: str) -> str:
    """Write a heading so that case, spaces and marks do not count."""
    return " ".join("".join(c if c.isalnum() else " " for c in title.casefold()).split())
