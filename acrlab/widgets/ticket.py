"""Open a practice ticket: what a user reports, the diagnoses to choose from, and buttons to go on from there."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from acrlab.course.practice import exercise
from acrlab.course.practice.diagnoses import choices
from acrlab.course.practice.exercise import Answer
from acrlab.course.section import Diagnosis
from acrlab.errors import UnfinishedError
from acrlab.lab.lab import Lab
from acrlab.settings.environment import someone_in_front
from acrlab.widgets.control import Control, Offer, Speaker, actions, row, stacked

if TYPE_CHECKING:
    import ipywidgets


@dataclass(frozen=True, repr=False)
class _Written:
    """The ticket, in words."""

    name: str
    symptom: str
    where: str
    offered: tuple[Diagnosis, ...]

    def __repr__(self) -> str:
        met = [f"Where: {self.where}"] if self.where else []
        lines = [f"Ticket {self.name}", f"  “{self.symptom}”", *met, "What is it?"]
        return "\n".join([*lines, *(f"  {at}  {one.code}: {one.says}" for at, one in enumerate(self.offered, 1))])

    def _repr_html_(self) -> str:
        listed = "".join(f"<li><code>{one.code}</code>: {escape(one.says)}</li>" for one in self.offered)
        said = _symptom(self.symptom, self.where)
        return f"<p><strong>Ticket {self.name}</strong></p>{said}<p>What is it?</p><ol>{listed}</ol>"


def _symptom(symptom: str, where: str) -> str:
    """What a user reports, and from where, where that is not the lab's VM."""
    met = f"<p>Where: {escape(where)}</p>" if where else ""
    return f"<blockquote>{escape(symptom)}</blockquote>{met}"


class Ticket(Control):
    """Open a ticket: the lab is brought to where it works, and one thing in it is broken.

    One that is open already is shown again. Until it is answered or given up, the doctor says nothing.

    Args:
        name: of the ticket; empty: the one that is open, or the next; `another`: one at random that is not closed.

    Raises: ConfigurationError, RefusedError: as `acrlab practice start` refuses it.
    """

    def __init__(self, lab: Lab, name: str = "") -> None:
        # Where no one sits in front, every run has to give the same output.
        choose: Callable[[Sequence[str]], str] = random.choice if someone_in_front() else min
        self._lab, self._fault = lab, exercise.start(lab, name, choose=choose)
        self._offered = choices(self._fault)

    @property
    def name(self) -> str:
        """Its name, for `check`, `hint` and `solve`."""
        return self._fault.name

    def answer(self, diagnosis: str | int) -> Answer:
        """Say what it is, by name or number in the list. Raises: ConfigurationError: the list has no such diagnosis."""
        return exercise.answer(self._lab, diagnosis)

    def _twin(self) -> _Written:
        return _Written(self._fault.name, self._fault.symptom, self._fault.stage.where, self._offered)

    def _built(self) -> ipywidgets.DOMWidget:
        from ipywidgets import HTML, Layout, RadioButtons

        speaker, lab = Speaker(), self._lab
        listed = RadioButtons(
            options=[(one.says, one.code) for one in self._offered], value=None, layout=Layout(width="auto")
        )

        def answered() -> None:
            speaker.say(repr(self.answer(listed.value)) if listed.value else "Choose what it is, then answer.")

        def checked() -> None:
            try:
                speaker.show(exercise.check(lab, self.name)._repr_html_())
            except UnfinishedError:  # it waits: the frame says for what
                speaker.show(exercise.verified(lab)._repr_html_())

        buttons = actions(
            speaker,
            {
                "Answer": Offer("Comparing", answered, "This is what I think it is", look="primary"),
                "Check": Offer("Checking", checked, "Does the lab work again?"),
                "Hint": Offer("Thinking", lambda: speaker.say(exercise.hint(lab)), "What to try, without the answer"),
                "Give up": Offer(
                    "Fixing",
                    lambda: speaker.show(exercise.give_up(lab)._repr_html_()),
                    "Say what it was, fix it, and show how",
                    look="danger",
                    asks="Give up tells what it was, fixes it, and counts the ticket as shown.",
                ),
            },
        )
        said = HTML(_symptom(self._fault.symptom, self._fault.stage.where))
        return stacked(said, listed, row(*buttons), speaker.widget, label=f"Ticket {self.name}")


ticket = Ticket  # a notebook calls it as it calls every step
