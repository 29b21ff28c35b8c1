"""Judge a snapshot: ask every check in order and keep what each answered. Pure: same snapshot, same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from acrlab.doctor.checks.hops import HOPS, LAST
from acrlab.doctor.facts import present
from acrlab.doctor.finding import Check, Finding
from acrlab.snapshot import Snapshot, Unseen

Outcome = Literal["fine", "found", "noted", "not seen", "not asked"]


@dataclass(frozen=True)
class Checked:
    """What one check answered.

    Attributes:
        outcome: `not seen`: something that it needs could not be read; `not asked`: what it is about does not exist.
    """

    hop: str
    name: str
    asks: str
    outcome: Outcome
    finding: Finding | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, and what was checked.

    Attributes:
        findings: errors before warnings, each group in the order of the checks.
        notes: worth knowing; a lab with notes alone is healthy.
        checked: every check, in order.
        unseen: what could not be read.
    """

    snapshot: Snapshot
    checked: tuple[Checked, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        found = [c.finding for c in self.checked if c.finding and c.finding.severity != "note"]
        return tuple(sorted(found, key=lambda f: f.severity != "error"))

    @property
    def notes(self) -> tuple[Finding, ...]:
        return tuple(c.finding for c in self.checked if c.finding and c.finding.severity == "note")

    @property
    def healthy(self) -> bool:
        return not self.findings

    @property
    def codes(self) -> tuple[str, ...]:
        """The findings' codes, in their order."""
        return tuple(f.code for f in self.findings)

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        return self.snapshot.unseen


def judge(snapshot: Snapshot) -> Diagnosis:
    """Ask every check and, where all pass, whether the image really arrives."""
    there = present(snapshot)
    checked = [_ask(hop.name, check, snapshot, there) for hop in HOPS for check in hop.checks]
    content = not any(c.outcome == "found" for c in checked)
    end = HOPS[-1].name
    last = _ask(end, LAST, snapshot, there) if content else Checked(end, LAST.name, LAST.asks, "not asked")
    return Diagnosis(snapshot, (*checked, last))


def _ask(hop: str, check: Check, snapshot: Snapshot, there: set[str]) -> Checked:
    if not there.issuperset(check.about):
        return Checked(hop, check.name, check.asks, "not asked")
    if not snapshot.saw(*{*check.needs} - {*check.moot(snapshot)}):
        return Checked(hop, check.name, check.asks, "not seen")
    finding = check.answer(snapshot)
    if finding is None:
        return Checked(hop, check.name, check.asks, "fine")
    return Checked(hop, check.name, check.asks, "noted" if finding.severity == "note" else "found", finding)
