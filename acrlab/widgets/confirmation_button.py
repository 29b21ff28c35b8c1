"""Show what a run needs, creates and costs, with a button to confirm it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acrlab.lab.confirmation import confirm, cost_here, question
from acrlab.lab.lab import Lab
from acrlab.preflight import Preflight, run_preflight
from acrlab.widgets.control import Control, Offer, Speaker, actions, heading, row, stacked

if TYPE_CHECKING:
    import ipywidgets


class Confirmation(Control):
    """Show what a run needs, creates and costs, with a button to confirm it; tables where no one can click.

    Attributes:
        found: the preflight.
    """

    def __init__(self, lab: Lab, chapter: str = "") -> None:
        """Ask Azure what it needs.

        Args:
            chapter: number of a chapter beyond the article, which costs more; empty: the article's.
        """
        self._lab, self._chapters = lab, [chapter] if chapter else []
        self.found = run_preflight(lab)
        self._dollars = cost_here(lab, chapters=self._chapters)

    def _twin(self) -> Preflight:
        return self.found

    def _built(self) -> ipywidgets.DOMWidget:
        from ipywidgets import HTML

        speaker = Speaker()

        def said() -> None:
            confirm(self._lab, self._dollars)
            speaker.say(f"✓ Confirmed: {self._dollars:.2f} US dollars. Chapters run on this lab now.")

        yes = Offer("Keeping it", said, "Let chapters make what the table names", look="primary")
        (button,) = actions(speaker, {"Yes": yes})
        button.disabled = not self.found.ready
        asked = heading(question(self._lab, chapters=self._chapters))
        if not self.found.ready:
            speaker.say("Something is in the way: the first table marks it with ✗ and says what to do about it.")
        return stacked(HTML(self.found._repr_html_()), asked, row(button), speaker.widget, label="Before a run")


confirmation = Confirmation  # a notebook calls it as it calls every step
