"""What only the instructor reads: the notes in the cells' metadata, and the table of all tickets."""

from __future__ import annotations

from typing import Any

from acrlab.course.practice.diagnoses import DIAGNOSES
from acrlab.course.practice.faults import FAULTS

LABEL = "For the instructor"
FAULT_TABLE = "{faults}"  # in a note: where the table of all tickets stands


def notes(cell: dict[str, Any]) -> str:
    """Read what a cell's metadata says to the instructor, as Markdown; empty: nothing.

    It is not in a cell of its own, so that no one who opens the notebook in JupyterLab sees the answers.
    """
    text = "\n".join(cell["metadata"].get("acrlab", {}).get("instructor", ()))
    return text.replace(FAULT_TABLE, _fault_table()) if FAULT_TABLE in text else text


def told(cell: dict[str, Any]) -> str:
    """A cell's notes as a box; empty: it has none."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    text = notes(cell)
    return f'<aside class="teach"><strong>{LABEL}</strong>{markdown2html_mistune(text)}</aside>' if text else ""


def _fault_table() -> str:
    known = {one.code: one for one in DIAGNOSES}
    rows = [
        f"| *{fault.name}* | {known[fault.code].says} | {known[fault.code].shows} | {fault.fix} | {fault.story} |"
        for fault in FAULTS
    ]
    return "\n".join(["| ticket | it is | if so, | fix | story |", "| --- | --- | --- | --- | --- |", *rows])
