"""Editions of the article written out as Markdown: what is in their outlines, and no sentence of the article's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from acrlab.course.article.draft import DRAFT
from acrlab.course.article.outline import Edition, Note, Part, Table
from acrlab.course.article.today import TODAY


def written(edition: Edition) -> str:
    """Write an edition as a document that has all that its outline has."""
    dated = date.fromisoformat(edition.dated)
    lines = ["---", "title: An edition", f"ms.date: {dated:%m/%d/%Y}", "---", ""]
    parents = {part.within for part in edition.parts}
    level = 2
    for at, part in enumerate(edition.parts):
        own = 1 if at == 0 else 2 if part.title in parents else level
        level = 3 if part.title in parents else level
        lines += [f"{'#' * own} {part.title}", "", *_body(part)]
    return "\n".join(lines) + "\n"


def _body(part: Part) -> Iterator[str]:
    yield f"It is known for {', '.join(part.says)}.\n"
    for command, flags in part.shapes.items():
        yield "```azurecli\n" + " \\\n  ".join((command, *(f"{flag} $VALUE" for flag in sorted(flags)))) + "\n```\n"
    for table in part.tables:
        yield from _table(table)
    for note in part.notes:
        yield _note(note)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(table.columns)} |"
    yield f"|{' --- |' * len(table.columns)}"
    yield from (f"| **{row}** | a value |" for row in table.rows)
    yield ""


def _note(note: Note) -> str:
    if note.kind == "include":
        return f"[!INCLUDE [name](./includes/{note.about[0]}.md)]\n"
    return f"> [!{note.kind.upper()}]\n> Think of {' and '.join(note.about)}.\n"


@pytest.fixture
def draft() -> str:
    return written(DRAFT)


@pytest.fixture
def today() -> str:
    return written(TODAY)


@pytest.fixture(scope="session")
def shared() -> Path:
    """What was collected about the article, where it lies beside this checkout."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "article"
    if not folder.exists():
        pytest.skip("../shared/article is not beside this checkout")
    return folder


@pytest.fixture
def chapters() -> set[str]:
    """All that the course has, and those that other hands write."""
    return {name for edition in (DRAFT, TODAY) for part in edition.parts for name in part.chapters}
