"""Show connections that wait for the registry's owner, with a button to approve and one to reject each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from acrlab.display import Table, table
from acrlab.lab.lab import Lab
from acrlab.steps.approval import Connection, approve, connections, pending_connections, reject
from acrlab.widgets.control import Control, Offer, Speaker, actions, button, row, stacked
from acrlab.widgets.following import Follower, follow

if TYPE_CHECKING:
    import ipywidgets


class ApprovalPanel(Control):
    """Show the connections that wait, to approve or reject; a table where no one can click.

    It follows what cells and other programs decide.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def _twin(self) -> Table:
        waiting = [{"endpoint": c.endpoint, "status": c.status} for c in pending_connections(self._lab)]
        return table(waiting, caption="Waiting for your answer", columns=("endpoint", "status"))

    def _built(self) -> ipywidgets.DOMWidget:
        desk = _Desk(self._lab)
        follower = Follower(self._lab, connections, desk.seen, lambda told: desk.speaker.say(told, ok=False))
        follow("approval", follower)
        return desk.frame


class _Desk:
    """The widgets of one panel, and what was seen last."""

    def __init__(self, lab: Lab) -> None:
        from ipywidgets import VBox

        self._lab, self.speaker, self._rows = lab, Speaker(), VBox()
        self._known: dict[str, Any] = {}  # what the owner has begun to write outlives a refresh
        self._states = {c.name: c for c in connections(lab)}
        again = button("Refresh", self._refresh, explained="Ask the registry again what waits")
        label = f"Connections to {lab.settings.registry_name} that wait"
        self.frame = stacked(self._rows, row(again), self.speaker.widget, label=label)
        self._draw("")

    def seen(self, listed: tuple[Connection, ...], step: str) -> None:
        """Show a new reading, after a cell, a click or another program."""
        news = [told for c in listed if (told := self._news(c, step))]
        if {c.name: c for c in listed} != self._states:
            self._states = {c.name: c for c in listed}
            self._draw("\n".join(news))

    def _news(self, connection: Connection, step: str) -> str:
        """What has become of a request that waited here; the panel's own decisions it tells itself."""
        was = self._states.get(connection.name)
        if was is None or was.status != "Pending" or connection.status == "Pending":
            return ""
        return f"{_decided(connection)} By {step}."

    def _refresh(self) -> None:
        self._states = {c.name: c for c in connections(self._lab)}
        self._draw("")

    def _draw(self, news: str) -> None:
        waiting = [c for c in self._states.values() if c.status == "Pending"]
        for one in waiting:
            if one.name not in self._known:
                self._known[one.name] = self._row(one)
        self._rows.children = tuple(self._known[one.name] for one in waiting)
        count = f"{len(waiting)} waiting for your answer." if waiting else "Nothing waits for an answer."
        self.speaker.say(f"{news}\n{count}" if news else count)

    def _row(self, connection: Connection) -> Any:
        from ipywidgets import HTML, Layout, Text

        name = connection.endpoint
        placeholder = "what the other side will read"
        reason = Text(
            description="Description", placeholder=placeholder, layout=Layout(width="24rem", max_width="100%")
        )

        def decide(answer: Any) -> None:
            done = answer(self._lab, connection, reason.value)
            self._states[done.name] = done
            self._draw(_decided(done))

        buttons = actions(
            self.speaker,
            {
                f"Approve {name}": Offer("Approving", lambda: decide(approve), "Let it in", look="primary"),
                f"Reject {name}": Offer(
                    "Rejecting", lambda: decide(reject), "Turn it away: final for this request", look="danger"
                ),
            },
        )
        return row(HTML(f"<strong>{escape(name)}</strong>"), reason, *buttons)


def _decided(connection: Connection) -> str:
    said = f": {connection.description}" if connection.description else ""
    final = " That is final: it has to ask again." if connection.status == "Rejected" else ""
    return f"{connection.endpoint} is {connection.status} now{said}.{final}"


approval_panel = ApprovalPanel  # a notebook calls it as it calls every step
