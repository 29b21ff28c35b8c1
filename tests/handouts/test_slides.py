"""Slides: one idea each, a picture that grows, the instructor's notes below, and nothing from elsewhere."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from html import unescape
from pathlib import Path

import pytest

from acrlab.cli.app import main
from acrlab.handouts import ALL, make_slides
from acrlab.handouts.instructor import notes
from acrlab.handouts.page import STAGES
from acrlab.runs.notebooks import find

NOTEBOOKS = find(Path(__file__).resolve().parents[2] / "notebooks")
SLIDE = re.compile(r'<section class="slide"(?: id="[^"]+")?>(.*?)</section>', re.DOTALL)


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """Each deck's text, by chapter."""
    out = tmp_path_factory.mktemp("slides")
    return {path.name.removesuffix("-slides.html"): path.read_text("utf-8") for path in _made(out)}


def _made(out):
    return make_slides(NOTEBOOKS, formats=["html"], out=out)


def test_there_is_a_deck_for_each_chapter_and_one_of_all(decks):
    assert sorted(decks) == sorted([ALL, *(notebook.name for notebook in NOTEBOOKS)])


def test_a_deck_is_one_file_without_a_script_that_fetches_nothing(decks):
    for text in decks.values():
        assert re.findall(r'(?:src|srcset|href)="(?!data:)', text) == []
        assert not re.search(r"<script|<link|@import|url\(", text)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_each_section_task_and_prediction_has_a_slide_with_its_notes(decks, notebook):
    slides = [unescape(one) for one in SLIDE.findall(decks[notebook.name])]
    heading = re.compile(r"<h[23]>(.*?)</h[23]>")
    shown = [re.sub("<[^>]+>", "", found[1]) for one in slides if (found := heading.search(one))]

    sources = ["".join(cell["source"]) for cell in notebook.cells if cell["cell_type"] == "markdown"]
    titles = [re.sub("[*`]", "", m[1]) for text in sources if (m := re.match(r"##+ (.+)", text))]
    assert [title for title in titles if title not in shown] == []
    asked = [cell for cell in notebook.cells if "predict" in cell["metadata"].get("tags", ())]
    assert len([one for one in slides if '<ol type="A">' in one]) == len(asked)
    told = [cell for cell in notebook.cells if notes(cell)]
    assert len([one for one in slides if '<details class="notes">' in one]) == len(told)


def test_an_answer_is_on_the_slide_after_its_question_and_not_on_it(decks):
    slides = SLIDE.findall(decks["07-restore-access"])
    (at,) = [number for number, one in enumerate(slides) if "<h3>Public network access is enabled. Can this" in one]

    assert "403 DENIED" not in slides[at].partition("<details")[0]
    assert "403 DENIED" in slides[at + 1]


def test_the_picture_grows_from_chapter_to_chapter(decks):
    drawn = [
        base64.b64decode(content).decode()
        for notebook in NOTEBOOKS[1:]
        for content in re.findall(r'<img alt="[^"]+" src="data:image/svg\+xml;base64,([^"]+)"', decks[notebook.name])
    ]

    grown = [tuple(stage for stage in STAGES if f'<g id="{stage}">' in one) for one in drawn]
    assert grown == [STAGES[: number + 1] for number in range(len(STAGES))]


def test_the_same_notebooks_give_the_same_bytes(decks, tmp_path):
    _made(tmp_path)

    assert (tmp_path / f"{ALL}-slides.html").read_text("utf-8") == decks[ALL]


def test_the_command_makes_them(tmp_path, capsys):
    folder = str(NOTEBOOKS[0].path.parent)
    with suppress(SystemExit):  # a command that ends well may say so
        main(["handout", "--slides", "--only", "03", "--notebooks", folder, "--out", str(tmp_path)])

    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "03-private-link-slides.html")]


def test_printed_each_slide_is_a_page_with_its_notes(tmp_path, pypdf):
    chapter = [notebook for notebook in NOTEBOOKS if notebook.number == "07"]
    html, file = make_slides(chapter, formats=["html", "pdf"], out=tmp_path)

    pages = pypdf.PdfReader(file).pages
    assert len(pages) == len(SLIDE.findall(html.read_text("utf-8")))
    told = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Draw two switches in series on the board" in told
