"""What all controls have in common: a widget for a person, and its plain twin for everybody else.

Papermill, nbval, a terminal, a printed handout and a stored notebook get the twin; no widget is even made for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial
from html import escape
from typing import TYPE_CHECKING, Any

from acrlab.environment import in_notebook
from acrlab.errors import NotRecordedError

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["Control", "Speaker", "actions", "button", "heading", "row", "stacked"]

VIEW = "application/vnd.jupyter.widget-view+json"


class Control(ABC):
    """Something to click. A subclass says what its twin is, and builds the widget when somebody looks on."""

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


class Speaker:
    """A place where a control says what happened; screen readers hear it."""

    def __init__(self) -> None:
        from ipywidgets import HTML

        self.widget = HTML()
        self.say("")

    def say(self, text: str, *, ok: bool = True) -> None:
        """Say a text, whose lines are kept; what went wrong is marked by a word and a sign."""
        mark = "" if ok else "<strong>✗ Not done.</strong> "
        style = "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.4"
        self.widget.value = f'<div role="status" style="{style}">{mark}{escape(text)}</div>'

    def show(self, html: str) -> None:
        """Show what is HTML already."""
        self.widget.value = f'<div role="status">{html}</div>'

    def doing(self, buttons: Sequence[Any], what: str, action: Callable[[], None]) -> None:
        """Do something that takes a while: say so, let nobody click meanwhile, and tell what went wrong."""
        was = [one.disabled for one in buttons]
        for one in buttons:
            one.disabled = True
        self.say(f"{what} …")
        try:
            action()
        except Exception as problem:
            self.say(str(problem), ok=False)
            raise  # to the log of the notebook as well
        finally:
            for one, disabled in zip(buttons, was, strict=True):
                one.disabled = disabled


def button(text: str, clicked: Callable[[], None], *, explained: str = "") -> Any:
    """A button; `explained` is shown when one stays on it."""
    from ipywidgets import Button, Layout

    made = Button(description=text, tooltip=explained or text, layout=Layout(width="auto"))
    made.on_click(lambda _: clicked())
    return made


def actions(speaker: Speaker, offered: dict[str, tuple[str, str, Callable[[], None]]]) -> list[Any]:
    """Buttons of which only one works at a time.

    Args:
        offered: text of a button -> what is said while it works, what it is for, what it does.
    """
    buttons: list[Any] = []
    for text, (doing, explained, action) in offered.items():
        buttons.append(button(text, partial(speaker.doing, buttons, doing, action), explained=explained))
    return buttons


def heading(text: str) -> Any:
    from ipywidgets import HTML

    return HTML(f'<div style="font-weight:600">{escape(text)}</div>')


def row(*widgets: Any) -> Any:
    """Widgets side by side, and below where there is no room."""
    from ipywidgets import HBox, Layout

    return HBox(widgets, layout=Layout(flex_flow="row wrap"))


def stacked(*widgets: Any, label: str) -> ipywidgets.VBox:
    """Widgets one below the other, in a frame; `label` says to everybody what it is."""
    from ipywidgets import Layout, VBox

    frame = Layout(border="1px solid var(--jp-border-color1, #8c959f)", padding="8px 12px", margin="4px 0")
    return VBox([heading(label), *widgets], layout=frame)
