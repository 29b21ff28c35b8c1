"""What the course knows of one task: its goal, how Azure shows that it is done, hints, and a solution that runs."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from acrlab.course.section import Seen
from acrlab.errors import RefusedError
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import NOT_OURS, is_held_for, is_ours, require_own

Solution = Callable[[Lab], object]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a chapter. It is done by the SDK, by `az` or by a control: only what Azure shows counts.

    Attributes:
        name: kebab-case.
        chapter: the number of its chapter.
        goal: one sentence, as the your-turn cell states it.
        expected: what is there when it is done, with the settings' names in braces.
        look: reads Azure, and changes nothing.
        hints: each clearer than the one before; the last names the call.
        solution: its body is what is shown as the solution, and its docstring says why it is done so.
        az: the same as commands, with the settings' names in braces.
        rights: actions that it asks Azure for, beside what only reads.
        after: the task that has to be done before, where Azure no longer shows whether it was.
        undo: takes back what it made; None: only its mark is taken away.
        undone: what that takes away, with the settings' names in braces.
        foreign: names what it would change that the lab did not make; None: there is nothing of the kind.
    """

    name: str
    chapter: str
    goal: str
    expected: str
    look: Callable[[Lab], Seen]
    hints: tuple[str, ...]
    solution: Solution
    az: str
    rights: tuple[str, ...] = ()
    after: str = ""
    undo: Solution | None = None
    undone: str = "nothing"
    foreign: Callable[[Lab], str | None] | None = None

    @property
    def code(self) -> str:
        """The solution as it would be typed: the body of its function."""
        (function,) = ast.parse(text := textwrap.dedent(inspect.getsource(self.solution))).body
        assert isinstance(function, ast.FunctionDef)
        first = function.body[1]  # after the docstring
        body = textwrap.dedent("\n".join(text.splitlines()[first.lineno - 1 :]))
        return re.sub(r"(?<!\.)\bsteps\.", "acrlab.steps.", body)  # a notebook imports `acrlab` alone

    @property
    def why(self) -> str:
        """Why the solution is as it is, in one sentence."""
        return inspect.getdoc(self.solution) or ""


def group_of_others(lab: Lab) -> str | None:
    """Name the lab's group where it is neither made by the lab nor for its learner: its tags are its owner's."""
    group = lab.settings.resource_group
    tags = lab.resources.resource_groups.get(group).tags
    return None if is_ours(lab, tags) or is_held_for(lab, tags) else group


def of_others(lab: Lab, id: str) -> str | None:
    """Name what has this id where it is there, and the lab did not make it."""
    try:
        require_own(lab, id)
    except RefusedError as refused:
        if refused.code != NOT_OURS:
            raise
        return id.rpartition("/")[2]
    return None
