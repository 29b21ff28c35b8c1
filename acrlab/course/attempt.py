"""What happens with a task: it is checked by Azure's state, hinted at, solved with the code in sight, taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from acrlab.course import marks
from acrlab.course.section import Seen
from acrlab.course.tasks.table import BY_NAME
from acrlab.course.tasks.task import Task
from acrlab.course.verify import Verdict
from acrlab.errors import RefusedError, UnfinishedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import NOT_OURS
from acrlab.settings.environment import someone_in_front


@dataclass(frozen=True, repr=False)
class Shown(Verdict):
    """The solution that was run, and what came of it.

    Attributes:
        code: Python, as it would be typed.
        az: the same as commands.
        why: why it is done so.
    """

    code: str = ""
    az: str = ""
    why: str = ""

    def __repr__(self) -> str:
        parts = {"The solution": self.code, "The same with az": self.az}
        shown = [line for title, text in parts.items() for line in (f"{title}:", *_indented(text), "")]
        return "\n".join([*shown, self.why, super().__repr__()])

    def _repr_html_(self) -> str:
        parts = {"The solution": self.code, "The same with <code>az</code>": self.az}
        shown = "".join(f"<p>{title}:</p><pre>{escape(text)}</pre>" for title, text in parts.items())
        return f"{shown}<p>{escape(self.why)}</p>{super()._repr_html_()}"


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.splitlines()]


def check(lab: Lab, task: Task) -> Verdict:
    """Check a task, and note who did it. Where no one sits in front, do it first if it is not done, and show the code.

    Returns: what there is now. What belongs to someone else is left alone, and that counts as nothing.

    Raises: UnfinishedError: it is not done, and the reader does the tasks.
    """
    seen = _seen(lab, task)
    verdict = _verdict(lab, task, seen)
    if verdict.done:
        marks.note_done(lab, task.name)
        return verdict
    if foreign := _foreign(lab, task):
        return Verdict(task.name, True, verdict.expected, f"left alone, because {foreign} is not the lab's own")
    if not waits(lab):
        return solved(lab, task, seen)
    marks.note_attempt(lab, task.name, verdict.seen)
    calls = f"acrlab.hint(lab, {task.name!r}) helps, acrlab.solve(lab, {task.name!r}) shows how."
    because = f" Likely cause: {verdict.cause}." if verdict.cause else ""
    message = f"{task.goal} Expected: {verdict.expected}. Seen: {verdict.seen}.{because} {calls}"
    raise UnfinishedError(message, task=task.name)


def waits(lab: Lab) -> bool:
    """Whether the reader does the tasks, so that a check waits for what is not done."""
    chosen, replayed = lab.settings.hands_on, lab.settings.backend == "replay"
    # A recording answers what was asked when it was made, and nothing that a reader might try.
    return chosen == "on" or (chosen == "auto" and not replayed and someone_in_front())


def _foreign(lab: Lab, task: Task) -> str | None:
    if task.foreign is None:
        return None
    with asking(f"Looking whose {task.name} is", lab.group_id()):
        return task.foreign(lab)


def _require_own(lab: Lab, task: Task) -> None:
    if foreign := _foreign(lab, task):
        message = f"{foreign} is left as it is: it is not the lab's own, and {task.name} would change it."
        raise RefusedError(message, status=0, code=NOT_OURS, resource_id=lab.group_id())


def verified(lab: Lab, task: Task) -> Verdict:
    """Look whether a task is done, without noting anything."""
    return _verdict(lab, task, _seen(lab, task))


def _verdict(lab: Lab, task: Task, seen: Seen) -> Verdict:
    expected = task.expected.format(**lab.settings.names())
    return Verdict(task.name, seen.done, expected, seen.value, seen.cause, seen.next)


def _seen(lab: Lab, task: Task) -> Seen:
    """What Azure shows of a task, where its turn has come, and what the learner can call next."""
    before = marks.read(lab).get(task.after) if task.after else None
    if task.after and not (before and before.told):
        do_first = f"do that first, and check it: acrlab.check(lab, {task.after!r})"
        return Seen(False, f"{task.after} is not done", "it comes before this", do_first)
    with asking(f"Checking {task.name}", lab.group_id()):
        seen = task.look(lab)
    if seen.done:
        return seen
    following = f"{seen.next}. Or: acrlab.hint(lab, {task.name!r})" if seen.next else f"acrlab.hint(lab, {task.name!r})"
    return replace(seen, next=following)


def next_hint(lab: Lab, task: Task) -> str:
    """Give the next hint, and count it; the last again when there is none left."""
    number = max(1, min(marks.note_hint(lab, task.name), len(task.hints)))
    return f"Hint {number} of {len(task.hints)}: {task.hints[number - 1]}"


def solved(lab: Lab, task: Task, seen: Seen | None = None) -> Shown:
    """Do a task by its solution, after the one that comes before it, and show its code. From then on it is *shown*.

    Args:
        seen: what there is of it, where someone has just looked.

    Raises: RefusedError: Azure refused, what it stands on is not there, or it would change what is not the lab's own.
    """
    before = BY_NAME.get(task.after)
    if before is not None and task.name not in marks.read(lab) and not _finished(lab, before):
        solved(lab, before)
        seen = None
    _require_own(lab, task)
    seen = seen or _seen(lab, task)
    if not seen.ready:
        message = f"{task.name} can't be solved yet: {seen.value}, because {seen.cause}."
        raise RefusedError(message, status=0, code="NotThere", resource_id=lab.group_id())
    marks.note_shown(lab, task.name)  # before: what a kill leaves half-done is not the reader's, either
    if not seen.done:
        with asking(f"Solving {task.name}", lab.group_id()):
            task.solution(lab)
    found = verified(lab, task)
    az = task.az.format(**lab.settings.names())
    return Shown(task.name, found.done, found.expected, found.seen, found.cause, found.next, task.code, az, task.why)


def _finished(lab: Lab, task: Task) -> bool:
    mark = marks.read(lab).get(task.name)
    return bool(mark and mark.told)


def undone(lab: Lab, task: Task) -> bool:
    """Take back what a task made, if it is done and the lab's own; its mark stays.

    Returns: whether there was something.
    """
    with asking(f"Resetting {task.name}", lab.group_id()):
        if task.undo is None or not task.look(lab).done or _foreign(lab, task):
            return False
        task.undo(lab)
    return True


def taken_back(lab: Lab, task: Task) -> Verdict:
    """Take back what a task made, and its mark with it."""
    undone(lab, task)
    marks.clear(lab, task.name)
    return verified(lab, task)
