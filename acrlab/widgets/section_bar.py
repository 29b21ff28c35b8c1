"""Offer a section of the article as a bar: verify, hint, solve, reset, progress. Azure itself is the memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from acrlab.course.progress import expected, hint, look, note_begun, progress, reset, solve, taken_by_reset, verify
from acrlab.course.verify import Verdict
from acrlab.lab.lab import Lab
from acrlab.widgets.control import Control, Offer, Speaker, actions, row, stacked

if TYPE_CHECKING:
    import ipywidgets


@dataclass(frozen=True, repr=False)
class _Invitation:
    """What the bar offers, in words."""

    section: str
    expected: str

    def __repr__(self) -> str:
        calls = "verify, hint, solve or reset"
        return f"Section {self.section}: {self.expected}\n  to {calls} it: acrlab.verify(lab, {self.section!r}), ..."

    def _repr_html_(self) -> str:
        call = f"acrlab.verify(lab, {self.section!r})"
        return (
            f"<p><strong>Section {escape(self.section)}</strong>: {escape(self.expected)}. "
            f"To look at it: <code>{escape(call)}</code>, and in the same way <code>hint</code>, <code>solve</code>, "
            "<code>reset</code>.</p>"
        )


class SectionBar(Control):
    """Show a section with buttons to verify, hint at, solve and reset it; text where no one can click.

    Args:
        section: its name, as `progress` shows it, e.g. `private-dns-zone`.

    Raises: ConfigurationError: there is no such section.
    """

    def __init__(self, lab: Lab, section: str) -> None:
        self._lab, self._section = lab, section
        self._expected = expected(lab, section)

    def _twin(self) -> _Invitation:
        return _Invitation(self._section, self._expected)

    def _built(self) -> ipywidgets.DOMWidget:
        lab, section = self._lab, self._section
        speaker, clock = Speaker(), _Clock()
        taken = taken_by_reset(lab, section)

        def told(verdict: Verdict) -> None:
            speaker.show(verdict._repr_html_())
            clock.verified(verdict)

        def said(text: str) -> None:
            clock.say("")
            speaker.say(text)

        def listed() -> None:
            clock.say("")
            speaker.show(progress(lab)._repr_html_())

        buttons = actions(
            speaker,
            {
                "Verify": Offer("Verifying", lambda: told(verify(lab, section)), "Check whether it is done"),
                "Hint": Offer("Thinking", lambda: said(hint(lab, section)), "What to try, without the answer"),
                "Progress": Offer("Reading", listed, "All sections"),
                "Solve": Offer(
                    "Solving",
                    lambda: told(solve(lab, section)),
                    "Let the library do this section, and what it needs, in your place",
                    look="primary",
                ),
                "Reset": Offer(
                    "Resetting",
                    lambda: told(reset(lab, section)),
                    f"Take back what this section made: {taken}",
                    look="danger",
                    asks=f"Reset takes away: {taken}. Solve, or running the cells above again, recreates it.",
                ),
            },
        )
        # Verifying costs nothing on the emulated Azure, and after a restart it tells how far one is.
        if lab.settings.backend == "emulator":
            told(look(lab, section))
        note_begun(lab, section)
        return stacked(row(*buttons), speaker.widget, clock.widget, label=f"{section}: {self._expected}")


class _Clock(Speaker):
    """Says when a section was verified, so that verifying it again shows something new."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Verdict | None = None

    def verified(self, verdict: Verdict) -> None:
        at = f"{datetime.now():%H:%M:%S}"
        self.say(f"Verified again at {at}: still so." if verdict == self._last else f"Verified at {at}.")
        self._last = verdict


section_bar = SectionBar  # a notebook calls it as it calls every step
