"""Make handouts: the notebooks as pages to read, print and write on; a file a chapter, one of all, a cheat sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from acrlab.handouts import cheat_sheet
from acrlab.handouts.chapter import EDITIONS, Edition, read
from acrlab.handouts.page import Cover, page, sheet
from acrlab.handouts.pdf import print_pages
from acrlab.runs.notebooks import Notebook

__all__ = ["ALL", "EDITIONS", "Edition", "make"]

ALL = "all-chapters"


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
    out.mkdir(parents=True, exist_ok=True)
    pages = {chapter.name: page(cover, [chapter]) for chapter in chapters}
    if len(chapters) > 1:
        pages[ALL] = page(cover, chapters)
        pages[cheat_sheet.NAME] = sheet(cheat_sheet.TITLE, cheat_sheet.cheat_sheet(notebooks[0]))
    files = [out / f"{name}-{edition.name}.html" for name in pages]
    for file, text in zip(files, pages.values(), strict=True):
        file.write_text(text, "utf-8", newline="\n")
    printed = print_pages(files) if "pdf" in formats else []
    if "html" not in formats:
        for file in files:
            file.unlink()
        return printed
    return [*files, *printed]
