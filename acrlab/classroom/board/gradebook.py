"""The class as CSV, for a gradebook: a learner a line, a section a column. A spreadsheet computes nothing of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from acrlab.classroom.board.outline import columns
from acrlab.classroom.board.standing import MARKS, Row
from acrlab.classroom.tables import harmless
from acrlab.course.marks import FINISHED

AHEAD = ("id", "name", "group", "state", "section", "attempts there", "hints there", "the check saw")


def gradebook(rows: Iterable[Row]) -> str:
    """Write every learner, by id: totals of what they have to do themselves, then how each section was done."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*AHEAD, *FINISHED, *(f"{one.chapter} {one.name}" for one in columns())])
    for one in sorted(rows, key=lambda row: row.learner.id):
        who = (one.learner.id, one.learner.name, one.learner.group)
        at = (one.state, one.section, one.attempts, one.hints, one.saw)
        done = [one.counted(mark) for mark in FINISHED]
        marks = ["" if letter == "-" else MARKS[letter] for letter in one.marks]
        writer.writerow([harmless(value) for value in (*who, *at, *done, *marks)])
    return text.getvalue()
