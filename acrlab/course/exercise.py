"""One fault at a time, in a lab that works: started, hinted at, checked, solved. What was done is kept beside the lab.

The lab is brought to where it works before, and the fault is all that is wrong with it then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from acrlab.course.drill import READY
from acrlab.course.fault import Fault
from acrlab.course.faults import FAULTS, named
from acrlab.course.plan import needed, perform
from acrlab.display import Table, table
from acrlab.doctor import diagnose
from acrlab.errors import ConfigurationError
from acrlab.lab import memory
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours

__all__ = ["Outcome", "check", "hint", "listed", "solve", "solved", "start", "take_back"]


@dataclass
class _Kept:
    """What is remembered: the fault planted last, hints given for it, whether it is mended; names of those solved."""

    fault: str = ""
    hints: int = 0
    solved: list[str] = field(default_factory=list)
    mended: bool = False


@dataclass(frozen=True, repr=False)
class Outcome:
    """Whether the lab works again.

    Attributes:
        left: titles of what is still wrong; they name no remedy.
        hints: how many were asked for.
    """

    fault: str
    mended: bool
    left: tuple[str, ...]
    hints: int

    def __repr__(self) -> str:
        if self.mended:
            return f"{self.fault}: mended, with {self.hints} of 3 hints. Everything that was asked is fine."
        return "\n".join([f"{self.fault}: not yet. Still wrong, by its symptom:", *(f"  {s}" for s in self.left)])


def start(lab: Lab, name: str = "") -> Fault:
    """Bring the lab to where it works, and plant a fault.

    Args:
        name: of the fault; empty: the first that is not solved, or the first.

    Raises:
        ConfigurationError: there is no such fault, or the lab does not work for another reason.
        RefusedError: the lab stands on a registry, a network or a zone that is somebody else's.
    """
    take_back(lab)
    kept = _read(lab)
    fault = named(name) if name else next((f for f in FAULTS if f.name not in kept.solved), FAULTS[0])
    perform(lab, needed(READY))
    _require_own(lab)
    before = diagnose(lab)
    if not before.healthy:
        message = (
            f"the lab has other troubles ({', '.join(before.codes)}). Mend them first, or begin anew: acrlab reset."
        )
        raise ConfigurationError("practice", message)
    _write(lab, _Kept(fault.name, 0, kept.solved))  # before: a kill leaves a fault that is known of
    for step in fault.plant:
        step(lab)
    return fault


def take_back(lab: Lab) -> str:
    """Mend the fault that is planted, as if nobody had practised. Returns: its name; empty: there is none."""
    kept = _read(lab)
    if not kept.fault or kept.mended:
        return ""
    _mend(lab, named(kept.fault))
    _write(lab, replace(kept, mended=True))
    return kept.fault


def _require_own(lab: Lab) -> None:
    """Nobody's registry, network or zone is broken for a lesson."""
    s = lab.settings
    with asking("Looking whose things these are", str(lab.group_id())):
        for found in (
            lab.registry.registries.get(s.resource_group, s.registry_name),
            lab.network.virtual_networks.get(s.resource_group, s.network_name),
            lab.dns.private_zones.get(s.resource_group, s.zone_name),
        ):
            require_ours(lab, found.tags, found.id)


def hint(lab: Lab) -> tuple[int, str]:
    """Give the next hint; the third again when there is none left. Returns: its number, and the hint."""
    kept = _read(lab)
    fault = _planted(kept)
    kept.hints = min(kept.hints + 1, len(fault.hints))
    _write(lab, kept)
    return kept.hints, fault.hints[kept.hints - 1]


def check(lab: Lab) -> Outcome:
    """Look whether the lab works again. What is still wrong is told by the fault's symptom, not by its name."""
    kept = _read(lab)
    fault = _planted(kept)
    found = diagnose(lab, expect=fault.expect)
    if found.healthy:
        _write(lab, replace(kept, solved=sorted({*kept.solved, fault.name}), mended=True))
    left = tuple(fault.symptom if f.code == fault.code else f.title for f in found.findings)
    return Outcome(fault.name, found.healthy, left, kept.hints)


def solve(lab: Lab) -> Fault:
    """Mend the planted fault the author's way. Returns: the fault, with its story."""
    fault = _planted(_read(lab))
    _mend(lab, fault)
    _write(lab, replace(_read(lab), mended=True))
    return fault


def solved(lab: Lab) -> tuple[str, ...]:
    """Name the faults that were mended in this lab."""
    return tuple(_read(lab).solved)


def listed(lab: Lab) -> Table:
    """Show every fault by its symptom, and which were mended in this lab."""
    done = _read(lab).solved
    rows = [{"fault": f.name, "symptom": f.symptom, "solved": "✓" if f.name in done else ""} for f in FAULTS]
    return table(rows, caption="Faults to practise on")


def _mend(lab: Lab, fault: Fault) -> None:
    """The author's steps, as far as the fault is still there."""
    if fault.code in diagnose(lab, expect=fault.expect).codes:
        for step in fault.solution:
            step(lab)


def _planted(kept: _Kept) -> Fault:
    if not kept.fault:
        raise ConfigurationError("practice", "no fault is planted. Begin: acrlab practice start.")
    return named(kept.fault)


def _read(lab: Lab) -> _Kept:
    return _Kept(**(memory.kept(lab, memory.PRACTICE) or {}))


def _write(lab: Lab, kept: _Kept) -> None:
    memory.put(lab, memory.PRACTICE, asdict(kept))
