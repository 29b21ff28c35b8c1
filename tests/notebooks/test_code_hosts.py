"""What a code host shows of a stored notebook: pictures, or words that can be read, never texts run together."""

from __future__ import annotations

import base64
import itertools
import re
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.preprocessors.sanitize import SanitizeHTML

FILES = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
CHAPTER = FILES[3]
SVG = "{http://www.w3.org/2000/svg}"
# The list of html-pipeline, GitHub's sanitizer (its sanitization_filter.rb), which keeps neither `data:` nor
# style. GitHub's viewer of notebooks lets `data:` pass: this is the worst that a host does with a picture.
TAGS = """
    h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody
    tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption
    figure figcaption abbr bdo cite dfn mark small span time wbr
"""
ATTRIBUTES = {"*": ["alt", "align", "width", "height", "title", "scope", "open"], "a": ["href"], "img": ["src"]}


def pictures(path: Path) -> list[Any]:
    document = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in document.cells for output in cell.get("outputs", ())]
    return [output for output in outputs if "svg" in output.get("data", {}).get("text/html", "")]


PICTURES = [(path, number) for path in FILES for number in range(len(pictures(path)))]


def drawing(output: Any) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', output.data["text/html"])
    assert found, "there is no image"
    return base64.b64decode(found[1]).decode()


def stripped(html: str) -> str:
    """What is left of it, by nbconvert's own preprocessor."""
    return str(SanitizeHTML(tags=TAGS.split(), attributes=ATTRIBUTES, strip=True).sanitize_html_tags(html))


def test_pictures_are_stored() -> None:
    assert len(PICTURES) >= 6


@pytest.mark.parametrize(("path", "number"), PICTURES, ids=lambda value: getattr(value, "stem", value))
def test_a_picture_is_an_image_with_a_description(path: Path, number: int) -> None:
    html = pictures(path)[number].data["text/html"]

    assert "<svg" not in html
    assert re.search(r'<img alt="[^"]{20,}" src="data:image/svg\+xml;base64,', html)


@pytest.mark.parametrize(("path", "number"), PICTURES, ids=lambda value: getattr(value, "stem", value))
def test_where_images_are_stripped_words_remain_and_none_run_together(path: Path, number: int) -> None:
    output = pictures(path)[number]
    drawn = drawing(output)

    left = stripped(output.data["text/html"])

    assert re.search(r'<img alt="[^"]{20,}" width', left)
    assert "base64" not in left
    texts = [element.text or "" for element in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert len(texts) > 2
    read = unescape(re.sub(r"<[^>]+>", "", left))
    assert [a + b for a, b in itertools.pairwise(texts) if a + b in read] == []


@pytest.mark.parametrize("number", range(2))
def test_the_picture_of_a_lab_keeps_every_line_of_its_words(number: int) -> None:
    output = pictures(CHAPTER)[number]

    left = unescape(re.sub(r"<[^>]+>", "\n", stripped(output.data["text/html"])))

    assert [line for line in output.data["text/plain"].splitlines() if line not in left.splitlines()] == []


def test_a_drawing_that_is_not_an_image_runs_together() -> None:
    """That this way of stripping does what readers of code hosts saw, and what the tests above look for."""
    drawn = drawing(pictures(CHAPTER)[-1])

    assert "privatelink.azurecr.ioprivate zone" in stripped(drawn)


def test_the_course_opens_with_the_readme_s_picture_and_says_in_words_what_it_shows() -> None:
    cells = nbformat.read(FILES[0], as_version=4).cells
    (cell,) = [cell for cell in cells if "data:image" in cell.source]

    assert [one.cell_type for one in cells[: cells.index(cell)]] == ["markdown"]
    # JupyterLab shows an attachment only where it is not SVG.
    shown = re.match(r"!\[[^]]{100,}\]\(data:image/svg\+xml;base64,([^)]+)\)", cell.source)
    assert shown
    assert base64.b64decode(shown[1]) == (FILES[0].parents[1] / "docs" / "picture.svg").read_bytes()
