"""One thing that is wrong, said so that somebody can act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Remedy", "Severity"]

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Remedy:
    """What makes it right.

    Attributes:
        az: commands of the Azure CLI, to be typed in this order; empty: none mends it.
        call: the same with the library, as Python with `lab` for the open lab; empty: no call does.
    """

    az: tuple[str, ...] = ()
    call: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: stable, kebab-case.
        severity: `error`: clients inside can't pull, or the wrong ones can; `warning`: that may be so;
            `note`: worth knowing, nothing to mend.
        title: what is wrong, on which resource, in one sentence.
        evidence: what was seen; values that Azure or the machine gave, never an interpretation.
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
