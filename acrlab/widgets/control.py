"""What all controls have in common: a widget for a person, and its plain twin everywhere else.

Papermill, nbval, a terminal, a printed handout and a stored notebook get the twin; no widget is even made for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from acrlab.errors import NotRecordedError
from acrlab.settings.environment import in_notebook
from acrlab.widgets.following import clicking

if TYPE_CHECKING:
    import ipywidgets

VIEW = "application/vnd.jupyter.widget-view+json"
FILES = Path(__file__).parent
Look = Literal["plain", "primary", "danger"]


class Control(ABC):
    """Something to click. A subclass says what its twin is, and builds the widget when it is shown to a person."""

    @abstractmethod
    def _twin(self) -> Any:
        """The same facts, as a value that shows itself as text (`repr`) and perhaps as HTML (`_repr_html_`)."""

    @abstractmethod
    def _built(self) -> ipywidgets.DOMWidget:
        """The widget."""

    @cached_property
    def widget(self) -> ipywidgets.DOMWidget:
        """The widget itself, to be put into others; made when it is first asked for."""
        return self._built()

    def __repr__(self) -> str:
        return repr(self._twin())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        twin = self._twin()
        bundle: dict[str, Any] = {"text/plain": repr(twin)}
        if hasattr(twin, "_repr_html_"):
            bundle["text/html"] = twin._repr_html_()
        if in_notebook():
            with suppress(NotRecordedError):  # where it asks for more than a replayed chapter did, the twin has to do
                bundle[VIEW] = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return bundle


@dataclass(frozen=True)
class Offer:
    """What a button does.

    Attributes:
        doing: what is said while it works.
        explained: what it is for, shown when one stays on it.
        look: `primary` is what one came for, `danger` is what takes something away.
        asks: a question that has to be answered with yes first; empty: none.
    """

    doing: str
    action: Callable[[], None]
    explained: str
    look: Look = "plain"
    asks: str = ""


class Speaker:
    """A place where a control says what happened, or asks; screen readers hear it."""

    def __init__(self) -> None:
        from ipywidgets import HTML, VBox

        self._said, self._answers = HTML(), row()
        self.widget = VBox([self._said, self._answers])
        self.say("")

    def say(self, text: str, *, ok: bool = True) -> None:
        """Say a text, whose lines are kept; what went wrong is marked by a word and a sign."""
        mark = "" if ok else "<strong>✗ Not done.</strong> "
        style = "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.4"
        self._put(f'<div role="status" style="{style}">{mark}{escape(text)}</div>')

    def show(self, html: str) -> None:
        """Show what is HTML already."""
        self._put(f'<div role="status">{html}</div>')

    def ask(self, question: str, yes: str, go: Callable[[], None]) -> None:
        """Ask before something is done that takes something away; whatever is said next takes the question's place.

        Args:
            yes: what is written on the button that does it.
        """
        self.say(question)
        buttons = (button(yes, go, look="danger"), button("Leave it", lambda: self.say("Nothing was changed.")))
        self._answers.children = buttons

    def _put(self, html: str) -> None:
        self._said.value, self._answers.children = html, ()

    def doing(self, buttons: Sequence[Any], what: str, action: Callable[[], None], *, clicked: str) -> None:
        """Do something that takes a while: say so, block further clicks, and tell what went wrong.

        Args:
            clicked: what is written on the button that asked for it.
        """
        was = [one.disabled for one in buttons]
        for one in buttons:
            one.disabled = True
        self.say(f"{what} …")
        try:
            with clicking(clicked):
                action()
        except Exception as problem:
            self.say(str(problem), ok=False)
            raise  # to the log of the notebook as well
        finally:
            for one, disabled in zip(buttons, was, strict=True):
                one.disabled = disabled


def button(text: str, clicked: Callable[[], None], *, explained: str = "", look: Look = "plain") -> Any:
    """A button; `explained` is shown when one stays on it."""
    from ipywidgets import Button, Layout

    made = Button(description=text, tooltip=explained or text, layout=Layout(width="auto"))
    made.add_class(f"acrlab-{look}")
    made.on_click(lambda _: clicked())
    return made


def actions(speaker: Speaker, offered: dict[str, Offer]) -> list[Any]:
    """Buttons, by what is written on them, of which only one works at a time."""
    buttons: list[Any] = []
    for text, offer in offered.items():
        go = partial(speaker.doing, buttons, offer.doing, offer.action, clicked=text)
        clicked = partial(speaker.ask, offer.asks, f"Yes, {text.lower()}", go) if offer.asks else go
        buttons.append(button(text, clicked, explained=offer.explained, look=offer.look))
    return buttons


class Marked:
    """A field with room below it for what is wrong with what stands in it.

    Attributes:
        widget: both.
    """

    def __init__(self, field: Any) -> None:
        from ipywidgets import HTML, VBox

        self._field, self._told = field, HTML()
        self.widget = VBox([field, self._told])
        self.mark("")

    def mark(self, told: str) -> None:
        """Say what is wrong; empty: nothing is."""
        (self._field.add_class if told else self._field.remove_class)("acrlab-wrong")
        self._told.layout.display = "" if told else "none"
        self._told.value = f'<div class="acrlab-problem" role="status">✗ {escape(told)}</div>' if told else ""


def heading(text: str) -> Any:
    """A line of its own, above what it is about."""
    from ipywidgets import HTML

    return HTML(f'<div style="font-weight:600">{escape(text)}</div>')


def row(*widgets: Any) -> Any:
    """Widgets side by side, and below where there is no room."""
    from ipywidgets import HBox, Layout

    return HBox(widgets, layout=Layout(flex_flow="row wrap"))


def stacked(*widgets: Any, label: str) -> ipywidgets.VBox:
    """Widgets one below the other, in a frame; `label` tells everyone what it is, screen readers included."""
    from ipywidgets import Layout, VBox

    frame = Layout(border="1px solid var(--jp-border-color1, #8c959f)", padding="8px 12px", margin="4px 0")
    made = VBox([_title(label), *widgets], layout=frame)
    made.add_class("acrlab-frame")
    return made


def _title(text: str) -> Any:
    from anywidget import AnyWidget
    from traitlets import Unicode

    class Title(AnyWidget):
        """Writes a frame's title, and names the frame by it for those who hear it; ipywidgets have no groups."""

        _esm = FILES / "title.js"
        _css = FILES / "panel.css"
        value = Unicode().tag(sync=True)

    return Title(value=text)
