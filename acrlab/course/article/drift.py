"""Compares a document with an edition of the article, and says what the course has to follow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from acrlab.course.article.outline import Document, Edition, Found, Note, Part, Table, plain

NEW, GONE, CHANGED, OPEN = "new", "gone", "changed", "not covered"
LIKE = 0.75  # of two headings: one was written anew


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        how: new, gone, changed, or not covered: the article has it as before, and no chapter does.
        what: section, command, flag, table, note or text.
        section: its heading; of what is gone, as the edition had it.
        told: which one.
        chapters: that it concerns; empty: the course has to find it a place.
    """

    how: str
    what: str
    section: str
    told: str
    chapters: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.how:<11}  {self.what:<7}  {self.told}"


@dataclass(frozen=True)
class Drift:
    """All the differences of a document from an edition, in the document's order; what is gone, at the end."""

    document: Document
    edition: Edition
    changes: tuple[Change, ...]

    def __repr__(self) -> str:
        dated = self.document.dated or "undated"
        lines = [f"A document ({dated}) against the article as the course has it ({self.edition.dated})"]
        heading = ""
        for change in self.changes:
            where = f"{change.section}  [{', '.join(change.chapters) or 'no chapter'}]"
            if where != heading:
                lines += ["", where]
                heading = where
            lines.append(f"  {change}")
        sections = len({change.section for change in self.changes})
        end = f"{len(self.changes)} differences in {sections} sections" if self.changes else "no difference"
        return "\n".join([*lines, "", end])


def compare(document: Document, edition: Edition, chapters: Collection[str]) -> Drift:
    """Say what of a document is new, gone or changed, and what of it no chapter covers.

    Args:
        chapters: names of the notebooks that there are, such as `03-private-link`.
    """
    changes: list[Change] = []
    left = dict.fromkeys(edition.parts)
    near: tuple[str, ...] = ()  # chapters of the section that a new one stands behind
    for found, part in _pairs(document.sections, edition.parts):
        if part is None:
            changes += _new(found, near)
            continue
        changes += _section(found, part, chapters)
        near = part.chapters
        del left[part]
    for part in left:
        changes.append(Change(how=GONE, what="section", section=part.title, told=part.title, chapters=part.chapters))
    return Drift(document, edition, tuple(_moved(changes)))


def _pairs(sections: Sequence[Found], parts: Sequence[Part]) -> list[tuple[Found, Part | None]]:
    """Each section with the part that it was: by heading and the one above, by heading, by what is most like it.

    The first section of a document is the article's introduction, however it is called.
    """
    pairs: dict[int, Part] = {}
    left = list(parts)

    def pair(at: int, part: Part) -> None:
        if at not in pairs and part in left:
            pairs[at] = part
            left.remove(part)

    for same in (_same_place, _same_title):
        for at, found in enumerate(sections):
            for part in [one for one in left if same(found, one)][:1]:
                pair(at, part)
    pair(0, parts[0])
    for _, at, part in sorted(_likenesses(sections, left), key=lambda one: -one[0]):
        pair(at, part)
    return [(found, pairs.get(at)) for at, found in enumerate(sections)]


def _likenesses(sections: Sequence[Found], parts: Sequence[Part]) -> Iterator[tuple[float, int, Part]]:
    """How much headings are alike, where one can be the other written anew."""
    for at, found in enumerate(sections):
        for part in parts:
            like = SequenceMatcher(None, plain(found.title), plain(part.title)).ratio()
            if like >= LIKE or _has_all_of(found, part):
                yield like, at, part


def _has_all_of(found: Found, part: Part) -> bool:
    """Whether a section has all that another was known for, by more than one sign."""
    known = (*part.shapes, *part.says)
    return (
        len(known) > 1
        and all(words.casefold() in found.text.casefold() for words in part.says)
        and set(part.shapes) == set(found.commands)
    )


def _same_place(found: Found, part: Part) -> bool:
    return bool(part.within) and plain(found.within) == plain(part.within) and _same_title(found, part)


def _same_title(found: Found, part: Part) -> bool:
    return plain(found.title) == plain(part.title)


def _new(found: Found, near: tuple[str, ...]) -> Iterator[Change]:
    """A section that the edition does not have, with all that it has."""
    part = Part(title=found.title, chapters=near)
    yield _change(NEW, "section", found, found.title, part)
    yield from _contents(found, part)


def _section(found: Found, part: Part, chapters: Collection[str]) -> Iterator[Change]:
    """What is different in a section, and what of it no chapter covers."""
    if plain(found.title) != plain(part.title):
        yield _change(CHANGED, "section", found, f"it was called: {part.title}", part)
    yield from _contents(found, part)
    for words in part.says:
        if words.casefold() not in found.text.casefold():
            yield _change(GONE, "text", found, words, part)
    if missing := [name for name in part.chapters if name not in chapters]:
        yield _change(OPEN, "section", found, f"there is no chapter {' and no '.join(missing)}", part)


def _contents(found: Found, part: Part) -> Iterator[Change]:
    yield from _commands(found, part)
    yield from _tables(found, part)
    yield from _notes(found, part)


def _commands(found: Found, part: Part) -> Iterator[Change]:
    for command, flags in found.commands.items():
        if command not in part.shapes:
            yield _change(NEW, "command", found, " ".join((command, *sorted(flags))), part)
            continue
        for how, which in ((NEW, flags - part.shapes[command]), (GONE, part.shapes[command] - flags)):
            for flag in sorted(which):
                yield _change(how, "flag", found, f"{command} {flag}", part)
    for command in part.shapes:
        if command not in found.commands:
            yield _change(GONE, "command", found, command, part)


def _tables(found: Found, part: Part) -> Iterator[Change]:
    """Tables are compared in their order: of the same columns, row by row."""
    for at, table in enumerate(found.tables):
        if at >= len(part.tables):
            yield _change(NEW, "table", found, f"{table.name}: {', '.join(table.rows)}", part)
        elif tuple(map(plain, table.columns)) != tuple(map(plain, part.tables[at].columns)):
            yield _change(CHANGED, "table", found, f"{part.tables[at].name} is now {table.name}", part)
        else:
            yield from _rows(found, table, part.tables[at], part)
    for table in part.tables[len(found.tables) :]:
        yield _change(GONE, "table", found, f"{table.name}: {', '.join(table.rows)}", part)


def _rows(found: Found, now: Table, before: Table, part: Part) -> Iterator[Change]:
    left = list(before.rows)
    for row in now.rows:
        if begun := max((one for one in left if plain(row).startswith(plain(one))), key=len, default=None):
            left.remove(begun)
        else:
            yield _change(NEW, "table", found, f"{now.name}: a row {row}", part)
    for row in left:
        yield _change(GONE, "table", found, f"{now.name}: the row {row}", part)


def _notes(found: Found, part: Part) -> Iterator[Change]:
    left = list(part.notes)
    for note in found.notes:
        if known := next((one for one in left if _is_about(note, one)), None):
            left.remove(known)
            if known.kind != note.kind:
                yield _change(CHANGED, "note", found, f"{_told(known)} is now of the kind {note.kind}", part)
        else:
            yield _change(NEW, "note", found, _told(note), part)
    for known in left:
        yield _change(GONE, "note", found, _told(known), part)


def _is_about(note: Note, known: Note) -> bool:
    text = " ".join(note.about).casefold()
    return all(words.casefold() in text for words in known.about)


def _told(note: Note) -> str:
    text = ", ".join(note.about)
    return f"{note.kind}: {text if len(text) <= 90 else text[:89].rstrip() + '…'}"


def _change(how: str, what: str, found: Found, told: str, part: Part) -> Change:
    return Change(how=how, what=what, section=found.title, told=told, chapters=part.chapters)


def _moved(changes: Sequence[Change]) -> Iterator[Change]:
    """Say of a command that is new in one section and gone from another that it has moved."""
    gone = {change.told: change for change in changes if (change.how, change.what) == (GONE, "command")}
    arrived = {change.told.partition(" -")[0] for change in changes if (change.how, change.what) == (NEW, "command")}
    for change in changes:
        command = change.told.partition(" -")[0]
        if change.what == "command" and change.how == GONE and command in arrived:
            continue
        if change.what == "command" and change.how == NEW and command in gone:
            yield replace(change, how=CHANGED, told=f"{change.told}, which stood in: {gone[command].section}")
        else:
            yield change
