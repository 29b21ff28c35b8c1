"""What a notebook cannot see by itself: that another one works on its lab meanwhile, or that its lab is a new one.

Two notebooks disturb each other, and what then fails names something else. A notebook in another folder has a lab of
its own there, and looks as if what was done before were lost. The kernels of `acrlab learn` say both where it shows.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from acrlab import capabilities
from acrlab.errors import AcrLabError
from acrlab.lab.lab import Lab
from acrlab.lab.memory import AT_WORK, kept, put
from acrlab.settings.environment import WORLD, lab_home

MEANWHILE = (
    "{other} has worked on this lab since this notebook last did. If something looks wrong here, that may be why: "
    "finish one of the two, and then run the other from its top."
)
ELSEWHERE = (
    "This lab is a new one: it lies in {here}. The one that you worked on last lies in {there}. To go on with that, "
    "open the notebook there."
)


class Watch:
    """One notebook's view of who works on its lab. It is told when a cell begins and ends, and says what there is."""

    def __init__(self, lab: Lab, notebook: str) -> None:
        """`notebook`: its name, for the others."""
        self.lab, self._notebook = lab, notebook
        self._me, self._worked = uuid4().hex, False
        self._told = kept(lab, AT_WORK)  # what was done before this kernel opened the lab is no news
        self._mark = lab.backend.mark()

    def opened(self) -> str:
        """Say, once the lab is open, whether it is another one than that which was worked on last."""
        last, here = _last_home(), str(_home())
        if self._told or not last or last == here or not Path(last).is_dir():
            return ""
        return ELSEWHERE.format(here=_short(here), there=_short(last))

    def cell_begins(self) -> str:
        """Say who has worked on the lab since this notebook did."""
        if self.lab.closed:
            return ""
        said = self._news()
        self._mark = self.lab.backend.mark()
        return said

    def cell_ended(self, *, failed: bool) -> str:
        """Note that this notebook has worked on the lab. Returns: what may be why a cell failed."""
        if self.lab.closed:
            return ""
        said = self._news() if failed else ""
        mark = self.lab.backend.mark()
        if not mark or mark != self._mark:  # a real Azure does not say when it is written to
            self._note()
        return said

    def _note(self) -> None:
        self._worked = True
        noted = {"kernel": self._me, "notebook": self._notebook, "turn": uuid4().hex}
        try:
            put(self.lab, AT_WORK, noted)
        except AcrLabError:  # a world that was deleted meanwhile, or whose disk is full: the cells say so
            return
        self._told = noted
        _note_home()

    def _news(self) -> str:
        """Name the other notebook that worked on the lab after this one did, once for each time that it did."""
        try:
            seen: Any = kept(self.lab, AT_WORK)
        except AcrLabError:  # the cells say so
            return ""
        if not seen or seen == self._told:
            return ""
        self._told = seen
        return MEANWHILE.format(other=seen["notebook"]) if self._worked and seen["kernel"] != self._me else ""


def name_of_this() -> str:
    """Name the notebook whose kernel this is, as Jupyter tells it."""
    return Path(os.environ.get("JPY_SESSION_NAME", "")).stem or "Another notebook"


def _home() -> Path:
    """The folder that holds this notebook's lab: its world or, of a real subscription, what was noted of it."""
    named = os.environ.get(WORLD)
    return (Path(named).parent if named else lab_home()).resolve()


def _noted() -> Path:
    from jupyter_core.paths import jupyter_data_dir  # a kernel on a computer has it; a browser has not

    return Path(jupyter_data_dir()) / "acrlab-last-lab"


def _last_home() -> str:
    """Read where the user worked last. In a browser there is one place, and no note of it."""
    if capabilities.in_browser():
        return ""
    try:
        return _noted().read_text("utf-8").strip()
    except OSError:  # there is none yet, or it is not for us to read
        return ""


def _note_home() -> None:
    """Note, for the user's other notebooks, where the lab lies."""
    if capabilities.in_browser() or _last_home() == str(_home()):
        return
    try:
        _noted().parent.mkdir(parents=True, exist_ok=True)
        _noted().write_text(f"{_home()}\n", "utf-8")
    except OSError:
        return  # a home that cannot be written: the next notebook is told less


def _short(folder: str) -> str:
    """Write a folder as a shell would have it, without the user's name."""
    path = Path(folder)
    return f"~/{path.relative_to(Path.home()).as_posix()}" if path.is_relative_to(Path.home()) else folder
