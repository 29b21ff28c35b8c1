"""Check a task of the learner's in a notebook: what is not done waits for her, with buttons to go on from there."""

from __future__ import annotations

from acrlab.course.lookup import unknown
from acrlab.course.tasks import attempt
from acrlab.course.tasks.table import BY_NAME
from acrlab.course.verify import Verdict
from acrlab.environment import in_notebook
from acrlab.errors import UnfinishedError
from acrlab.lab.lab import Lab
from acrlab.widgets.section_bar import SectionBar


def check(lab: Lab, task: str) -> Verdict:
    """Check a your-turn cell by what Azure shows; who did it, and with how much help, is noted for `progress`.

    With `hands_on = "off"`, and where no one sits in front, what is not done is done here, and the code is shown.

    Args:
        task: its name, as the your-turn cell says it.

    Raises:
        ConfigurationError: no task has that name.
        UnfinishedError: it is not done yet; in JupyterLab there are buttons for a hint and the solution.
    """
    if task not in BY_NAME:
        raise unknown("task", task, list(BY_NAME))
    try:
        return attempt.check(lab, BY_NAME[task])
    except UnfinishedError:
        if in_notebook():
            from IPython.display import display

            display(SectionBar(lab, task))  # type: ignore[no-untyped-call]
        raise
