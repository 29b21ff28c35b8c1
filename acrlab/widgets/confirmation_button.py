"""What a run needs, makes and costs, with a button to say yes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acrlab.clients import Lab
from acrlab.consent import confirm, question
from acrlab.readiness import Preflight, preflight
from acrlab.widgets.control import Control, Speaker, actions, row, stacked

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["Confirmation", "confirmation"]


class Confirmation(Control):
    """A preflight, and the yes to its cost."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._found = preflight(lab)

    def _twin(self) -> Preflight:
        return self._found

    def _built(self) -> ipywidgets.DOMWidget:
        from ipywidgets import HTML

        speaker = Speaker()

        def said() -> None:
            confirm(self._lab, self._found.dollars)
            speaker.say(f"✓ Confirmed: {self._found.dollars:.2f} US dollars. Chapters run on this lab now.")

        buttons = actions(speaker, {"Yes": ("Keeping it", "Let chapters make what the table names", said)})
        for one in buttons:
            one.disabled = not self._found.ready
        return stacked(HTML(self._found._repr_html_()), row(*buttons), speaker.widget, label=question(self._lab))


def confirmation(lab: Lab) -> Confirmation:
    """Show what a run needs, makes and costs, with a button to say yes; as tables where nobody can click."""
    return Confirmation(lab)
