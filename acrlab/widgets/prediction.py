"""Ask for a prediction: a question with answers to choose from, which the next output decides."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from acrlab.errors import ConfigurationError
from acrlab.widgets.control import Control, Speaker, button, row, stacked

if TYPE_CHECKING:
    import ipywidgets


@dataclass(frozen=True, repr=False)
class _Asked:
    """The question, in words."""

    question: str
    options: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([f"Predict: {self.question}", *(f"  ( ) {option}" for option in self.options)])

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{escape(option)}</li>" for option in self.options)
        return f'<p><strong>Predict:</strong> {escape(self.question)}</p><ul style="list-style:circle">{listed}</ul>'


class Prediction(Control):
    """Ask what the next cell will show. It does not know the answer: what Azure shows is the answer.

    Args:
        options: the answers to choose from, two or more.
    """

    def __init__(self, question: str, *options: str) -> None:
        if len(set(options)) < 2:
            raise ConfigurationError("options", "a prediction needs two answers or more to choose from")
        self._asked = _Asked(question, options)
        self.chosen = ""

    def _twin(self) -> _Asked:
        return self._asked

    def _built(self) -> ipywidgets.DOMWidget:
        speaker = Speaker()

        def choose(option: str) -> None:
            again = "Now you say" if self.chosen else "You say"
            self.chosen = option
            speaker.say(f"{again}: {option}. Run the next cell to see.")

        buttons = [button(option, lambda option=option: choose(option)) for option in self._asked.options]  # type: ignore[misc]
        return stacked(row(*buttons), speaker.widget, label=f"Predict: {self._asked.question}")


predict = Prediction  # a notebook calls it as it calls every step
