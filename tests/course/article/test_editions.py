"""The outlines of both editions: each section has a place in the course, and the chapters are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from acrlab.course.article.draft import DRAFT
from acrlab.course.article.editions import EDITIONS
from acrlab.course.article.shapes import shapes
from acrlab.course.article.today import TODAY
from acrlab.course.sections import SECTIONS
from tests.benchmarks import article_commands, todays_commands

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=lambda one: one.name)
def test_every_section_has_a_chapter(edition):
    assert [part.title for part in edition.parts if not part.chapters] == []


@pytest.mark.parametrize("name", sorted({name for part in TODAY.parts + DRAFT.parts for name in part.chapters}))
def test_every_chapter_that_an_edition_names_is_there(name):
    assert (NOTEBOOKS / f"{name}.ipynb").is_file()


def test_every_section_has_one_in_the_other_edition_or_a_reason():
    drafts = {part.title for part in DRAFT.parts}
    became = {title for part in TODAY.parts for title in part.draft}

    assert became <= drafts
    assert [part.title for part in TODAY.parts if not (part.draft or part.reason)] == []
    assert [part.title for part in DRAFT.parts if part.title not in became and not part.reason] == []


def test_the_draft_s_chapters_are_those_that_have_its_tags():
    titles = {section.anchor: section.title for section in SECTIONS}
    tagged = {}
    for path in NOTEBOOKS.glob("*.ipynb"):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for tag in cell["metadata"].get("tags", ()):
                if tag.startswith("article:") and tag.partition(":")[2] in titles:
                    tagged.setdefault(titles[tag.partition(":")[2]], set()).add(path.stem)
    by_title = {part.title: set(part.chapters) for part in DRAFT.parts if part.within != "Set up private link - portal"}

    assert {section.title for section in SECTIONS} <= set(by_title)
    assert [title for title, chapters in tagged.items() if not chapters <= by_title[title]] == []


@pytest.mark.parametrize(
    ("edition", "commands"), [(DRAFT, article_commands.COMMANDS), (TODAY, todays_commands.COMMANDS)], ids=EDITIONS
)
def test_the_commands_of_an_outline_are_those_that_the_suites_type(edition, commands):
    outlined = {}
    for part in edition.parts:
        for command, flags in part.shapes.items():
            outlined[command] = outlined.get(command, frozenset()) | flags

    typed = shapes("\n".join(commands))

    assert [command for command, flags in typed.items() if not flags <= outlined[command]] == []
    if edition is TODAY:
        groups = {command for command in outlined if any(other.startswith(f"{command} ") for other in outlined)}
        assert groups == {"az acr private-endpoint-connection"}
        assert {command: flags for command, flags in outlined.items() if command not in groups} == typed


@pytest.mark.parametrize("part", [part for part in TODAY.parts if part.shapes], ids=lambda part: part.title)
def test_a_chapter_that_covers_a_section_shows_its_commands(part):
    there = [NOTEBOOKS / f"{name}.ipynb" for name in part.chapters]
    text = " ".join(" ".join(path.read_text("utf-8").replace("\\n", " ").split()) for path in there)

    assert [command for command in part.shapes if command not in text] == []
