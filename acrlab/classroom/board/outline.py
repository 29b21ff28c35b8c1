"""What a board has columns for, in the course's order: sections of the article, tasks and tickets, by chapter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from acrlab.course.practice.faults import FAULTS
from acrlab.course.progress import PRACTICE_CHAPTER
from acrlab.course.sections import SECTIONS
from acrlab.course.tasks.table import TASKS

# Chapter -> the sections of the article that it shows with a bar to verify them.
OF_THE_ARTICLE = {
    "01": ("group", "registry", "sample-image"),
    "02": ("vm", "docker", "azure-cli"),
    "03": ("subnet-policies", "private-dns-zone", "zone-link", "private-endpoint", "dns-records"),
    "06": ("public-access-denied", "verify-access"),
    "07": ("access-restored",),
}


@dataclass(frozen=True)
class Column:
    """A section as the board has it.

    Attributes:
        goal: what is to be done there, in one sentence.
        own: whether the learner does it herself: a task or a ticket. What the article does, its chapter's cells do.
    """

    name: str
    chapter: str
    goal: str
    own: bool


@cache
def columns() -> tuple[Column, ...]:
    """Every section that is known, by chapter: the article's first, then the learner's own."""
    titles = {section.name: section.title for section in SECTIONS}
    article = [
        Column(name, chapter, titles[name], False) for chapter, names in OF_THE_ARTICLE.items() for name in names
    ]
    tasks = [Column(task.name, task.chapter, task.goal, True) for task in TASKS]
    tickets = [Column(fault.name, PRACTICE_CHAPTER, fault.symptom, True) for fault in FAULTS]
    return tuple(sorted([*article, *tasks, *tickets], key=lambda one: one.chapter))


@cache
def places() -> dict[str, int]:
    """Section -> its place among the columns."""
    return {column.name: at for at, column in enumerate(columns())}
