"""Make handouts: the notebooks as pages to read, print and write on; a file a chapter, one of all, a cheat sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from acrlab.handouts import cheat_sheet
from acrlab.handouts.chapter import EDITIONS, Edition, read
from acrlab.handouts.page import STYLE, Cover, page, sheet
from acrlab.handouts.pdf import print_pages
from acrlab.handouts.slides import SLIDES, slides
from acrlab.runs.notebooks import Notebook

__all__ = ["ALL", "EDITIONS", "SLIDES", "Edition", "make", "make_slides"]

ALL = "all-chapters"
SLIDES_STYLE = STYLE.with_name("slides.css")


def make(
    notebooks: Sequence[Notebook], *, edition: Edition, formats: Sequence[str], out: Path, dated: date, version: str
) -> list[Path]:
    """Write the handouts of an edition.

    Args:
        formats: `html`, `pdf`, or both.
        dated: what the cover says, and nothing else depends on.
        version: of this project.

    Returns: the files, chapters first.
    Raises: ConfigurationError: a PDF is asked for, and no browser is installed that could print it.
    """
    chapters = [read(notebook, edition) for notebook in notebooks]
    cover = Cover(edition, dated, version, notebooks[0].parameters)
    pages = {chapter.name: page(cover, [chapter]) for chapter in chapters}
    if len(chapters) > 1:
        pages[ALL] = page(cover, chapters)
        pages[cheat_sheet.NAME] = sheet(cheat_sheet.TITLE, cheat_sheet.cheat_sheet(notebooks[0]))
    return _written(pages, edition, formats, out)


def make_slides(notebooks: Sequence[Notebook], *, formats: Sequence[str], out: Path) -> list[Path]:
    """Write slides, with the instructor's notes; else as `make`."""
    decks = {notebook.name: (notebook.title, slides(notebook)) for notebook in notebooks}
    if len(notebooks) > 1:
        decks[ALL] = (SLIDES.title, "\n".join(deck for _, deck in decks.values()))
    pages = {name: sheet(title, f"<main>{deck}</main>", SLIDES_STYLE) for name, (title, deck) in decks.items()}
    return _written(pages, SLIDES, formats, out)


def _written(pages: Mapping[str, str], edition: Edition, formats: Sequence[str], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    files = [out / f"{name}-{edition.name}.html" for name in pages]
    for file, text in zip(files, pages.values(), strict=True):
        file.write_text(text, "utf-8", newline="\n")
    printed = print_pages(files) if "pdf" in formats else []
    if "html" not in formats:
        for file in files:
            file.unlink()
        return printed
    return [*files, *printed]
