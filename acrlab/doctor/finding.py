"""A check asks a snapshot one question; a finding is its answer where something is wrong, with what fixes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from acrlab.snapshot import Snapshot

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Remedy:
    """What fixes a finding.

    Attributes:
        az: commands of the Azure CLI, to be typed in this order; empty: no command fixes it.
        call: the same with the library, as Python with `lab` for the open lab; empty: no call does.
    """

    az: tuple[str, ...] = ()
    call: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in words that a reader can act on.

    Attributes:
        code: stable, kebab-case.
        severity: `error`: clients inside can't pull, or the wrong ones can; `warning`: that may be so;
            `note`: worth knowing, nothing to fix.
        title: what is wrong, on which resource, in one sentence.
        evidence: what was seen; values that Azure or the VM gave, never an interpretation.
        why: what it does to people, and why.
        source: address of the documentation.
    """

    code: str
    severity: Severity
    title: str
    evidence: tuple[str, ...]
    why: str
    remedy: Remedy
    source: str


@dataclass(frozen=True)
class Check:
    """One question, asked of a snapshot by a pure function.

    Attributes:
        name: kebab-case.
        asks: the question, as an expert would put it.
        answer: what is wrong, or None.
        needs: kinds of things that must have been seen, as `Unseen.what` names them; otherwise the check is skipped.
        about: what must be there for the question to make sense, as `facts.present` names it.
        moot: names kinds of `needs` that the answer does not depend on, by what else was seen.
    """

    name: str
    asks: str
    answer: Callable[[Snapshot], Finding | None]
    needs: tuple[str, ...] = ()
    about: tuple[str, ...] = ("registry",)
    moot: Callable[[Snapshot], tuple[str, ...]] = lambda snapshot: ()
