"""Where the emulated Azure knowingly answers otherwise than Azure, said beside the code that does so.

A module that deviates has a tuple `DEVIATIONS`; the reference is made from them. What is not emulated at all needs
none: it says so itself, with `NotEmulated`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """One difference.

    Attributes:
        of: the resource type, or the part of Azure, that it belongs to.
        what: what is different.
        impact: what a reader who relies on it would notice.
        reason: why it is so.
        workaround: what to do where it matters.
    """

    of: str
    what: str
    impact: str
    reason: str
    workaround: str
