"""Check a task of the learner's in a notebook: what is not done waits for her, with buttons to go on from there."""

from __future__ import annotations

from acrlab.course import attempt
from acrlab.course.lookup import unknown
from acrlab.course.tasks.table import BY_NAME
from acrlab.course.verify import Verdict
from acrlab.errors import UnfinishedError
from acrlab.lab.lab import Lab
from acrlab.settings.environment import in_notebook
from acrlab.widgets.section_bar import SectionBar


def check(lab: Lab, task: str) -> Verdict:
    """Check a your-turn cell or a ticket by what Azure shows; who did it, with how much help, is noted for `progress`.

    With `hands_on = "off"`, and where no one sits in front, what is not done is done here, and the code is shown.

    Args:
        task: its name, as the your-turn cell says it, or the name of the ticket that is open.

    Raises:
        ConfigurationError: no task has that name.
        UnfinishedError: it is not done yet; in JupyterLab there are buttons for a hint and the solution.
    """
    if task not in BY_NAME:
        return _ticket_checked(lab, task)
    try:
        return attempt.check(lab, BY_NAME[task])
    except UnfinishedError:
        if in_notebook():
            from IPython.display import display

            display(SectionBar(lab, task))  # type: ignore[no-untyped-call]
        raise


def _ticket_checked(lab: Lab, name: str) -> Verdict:
    """A ticket has its buttons already, where it was opened."""
    from acrlab.course.practice import exercise  # which brings the doctor along
    from acrlab.course.practice.faults import FAULTS

    faults = [fault.name for fault in FAULTS]
    if name not in faults:
        raise unknown("task", name, [*BY_NAME, *faults], listed=[*BY_NAME])
    return exercise.check(lab, name)
