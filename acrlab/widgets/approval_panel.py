"""Connections that wait for the registry's owner, with a button to approve and one to reject each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from acrlab.display import Table, table
from acrlab.lab.lab import Lab
from acrlab.steps.approval import Connection, approve, pending_connections, reject
from acrlab.widgets.control import Control, Speaker, actions, button, row, stacked

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["ApprovalPanel", "approval_panel"]


class ApprovalPanel(Control):
    """The owner's desk: what waits, and the decision about it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def _twin(self) -> Table:
        waiting = [{"endpoint": c.endpoint, "status": c.status} for c in pending_connections(self._lab)]
        return table(waiting, caption="Waiting for your answer", columns=("endpoint", "status"))

    def _built(self) -> ipywidgets.DOMWidget:
        from ipywidgets import VBox

        speaker, rows = Speaker(), VBox()
        known: dict[str, Any] = {}  # what somebody has begun to write outlives another look

        def look() -> None:
            waiting = pending_connections(self._lab)
            for one in waiting:
                if one.name not in known:
                    known[one.name] = _row(self._lab, one, speaker, look)
            rows.children = tuple(known[one.name] for one in waiting)
            speaker.say(f"{len(waiting)} waiting for your answer." if waiting else "Nothing waits for an answer.")

        look()
        again = button("Look again", look, explained="Ask the registry again what waits")
        return stacked(
            rows, row(again), speaker.widget, label=f"Connections to {self._lab.settings.registry_name} that wait"
        )


def approval_panel(lab: Lab) -> ApprovalPanel:
    """Show the connections that wait, to approve or reject; as a table where nobody can click."""
    return ApprovalPanel(lab)


def _row(lab: Lab, connection: Connection, speaker: Speaker, look: Any) -> Any:
    from ipywidgets import HTML, Layout, Text

    name = connection.endpoint
    reason = Text(description="Description", placeholder="what the other side will read", layout=Layout(width="24rem"))

    def decided(decide: Any) -> None:
        done = decide(lab, connection, reason.value)
        look()
        speaker.say(f"{done.endpoint} is {done.status} now{f': {done.description}' if done.description else ''}.")

    buttons = actions(
        speaker,
        {
            f"Approve {name}": ("Approving", "Let it in", lambda: decided(approve)),
            f"Reject {name}": ("Rejecting", "Turn it away, for good", lambda: decided(reject)),
        },
    )
    return row(HTML(f"<strong>{escape(name)}</strong>"), reason, *buttons)
