"""One fault at a time, in a lab that works: started, hinted at, checked, solved. What was done is kept beside the lab.

The lab is brought to where it works before, and the fault is all that is wrong with it then. `drill` proves what the
doctor says of a fault: it plants one, does what the doctor prints, and asks again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from inspect import isfunction

from acrlab import doctor, steps
from acrlab.azure.cloud import VM
from acrlab.course.faults import FAULTS, named
from acrlab.course.lookup import needed
from acrlab.course.runner import perform
from acrlab.course.section import Fault
from acrlab.display import Table, table
from acrlab.doctor import diagnose, remedies
from acrlab.doctor.finding import Remedy
from acrlab.doctor.report import Report
from acrlab.errors import ConfigurationError
from acrlab.lab import memory
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours
from acrlab.lab.waiting import look_until

# As findings write a module -> where its functions are.
HOMES = {"acrlab": (steps, doctor), "acrlab.steps": (steps,), "acrlab.remedies": (remedies,)}
READY = ("records", "pull-right", "sample-image", "public-access-as-before")  # steps of a lab that works
# What passes by itself: an older answer, or a step that fails though nothing is wrong that would explain it, as while a
# role is young or a registry asks to come again.
LATE = re.compile("vm-answers-differ|.+-fails")

Fix = Callable[[Lab, Remedy], object]


@dataclass
class _Kept:
    """What is remembered: the fault planted last, hints given for it, whether it is fixed; names of those solved."""

    fault: str = ""
    hints: int = 0
    solved: list[str] = field(default_factory=list)
    fixed: bool = False


@dataclass(frozen=True, repr=False)
class Outcome:
    """Whether the lab works again.

    Attributes:
        left: titles of what is still wrong; they do not say how to fix it.
        hints: how many were asked for.
    """

    fault: str
    fixed: bool
    left: tuple[str, ...]
    hints: int

    def __repr__(self) -> str:
        if self.fixed:
            return f"{self.fault}: fixed, with {self.hints} of 3 hints. Everything that was asked is fine."
        return "\n".join([f"{self.fault}: not yet. Still wrong, by its symptom:", *(f"  {s}" for s in self.left)])


def start(lab: Lab, name: str = "") -> Fault:
    """Bring the lab to where it works, and plant a fault.

    Args:
        name: of the fault; empty: the first that is not solved, or the first.

    Raises:
        ConfigurationError: there is no such fault, or the lab does not work for another reason.
        RefusedError: the lab stands on a registry, a network or a zone that is not the lab's own.
    """
    take_back(lab)
    kept = _read(lab)
    fault = named(name) if name else next((f for f in FAULTS if f.name not in kept.solved), FAULTS[0])
    perform(lab, needed(READY))
    _require_own(lab)
    before = _settled(lab)
    if not before.healthy:
        message = (
            f"the lab has other troubles ({', '.join(before.codes)}). Fix them first, or start again with an empty "
            "lab: acrlab reset."
        )
        raise ConfigurationError("practice", message)
    _write(lab, _Kept(fault.name, 0, kept.solved))  # before: a kill leaves a fault that is known of
    for step in fault.plant:
        step(lab)
    return fault


def take_back(lab: Lab) -> str:
    """Fix the planted fault without counting it as solved. Returns: its name; empty: there is none."""
    kept = _read(lab)
    if not kept.fault or kept.fixed:
        return ""
    _fix(lab, named(kept.fault))
    _write(lab, replace(kept, fixed=True))
    return kept.fault


def _require_own(lab: Lab) -> None:
    """Refuse to break a registry, a network or a zone that the lab did not make."""
    s = lab.settings
    with asking("Reading whose the registry, the network and the zone are", lab.group_id()):
        for found in (
            lab.registry.registries.get(s.resource_group, s.registry_name),
            lab.network.virtual_networks.get(s.resource_group, s.network_name),
            lab.dns.private_zones.get(s.resource_group, s.zone_name),
        ):
            require_ours(lab, found.tags, str(found.id))


def hint(lab: Lab) -> tuple[int, str]:
    """Give the next hint; the third again when there is none left. Returns: its number, and the hint."""
    kept = _read(lab)
    fault = _planted(kept)
    kept.hints = min(kept.hints + 1, len(fault.hints))
    _write(lab, kept)
    return kept.hints, fault.hints[kept.hints - 1]


def check(lab: Lab) -> Outcome:
    """Ask the doctor whether the lab works again. What is still wrong is told by its symptom, not by its name."""
    kept = _read(lab)
    fault = _planted(kept)
    found = _settled(lab, fault.expect)
    if found.healthy:
        _write(lab, replace(kept, solved=sorted({*kept.solved, fault.name}), fixed=True))
    left = tuple(fault.symptom if f.code == fault.code else f.title for f in found.findings)
    return Outcome(fault.name, found.healthy, left, kept.hints)


def solve(lab: Lab) -> Fault:
    """Fix the planted fault the author's way. Returns: the fault, with its story."""
    fault = _planted(_read(lab))
    _fix(lab, fault)
    _write(lab, replace(_read(lab), fixed=True))
    return fault


def solved(lab: Lab) -> tuple[str, ...]:
    """Name the faults that were fixed in this lab."""
    return tuple(_read(lab).solved)


def listed(lab: Lab) -> Table:
    """Show every fault by its symptom, and which were fixed in this lab."""
    done = _read(lab).solved
    rows = [{"fault": f.name, "symptom": f.symptom, "solved": "✓" if f.name in done else ""} for f in FAULTS]
    return table(rows, caption="Faults to practise on")


def _fix(lab: Lab, fault: Fault) -> None:
    """The author's steps, as far as the fault is still there."""
    if fault.code in diagnose(lab, expect=fault.expect).codes:
        for step in fault.solution:
            step(lab)


def _settled(lab: Lab, expect: str = "") -> Report:
    """Ask the doctor; as long as the VM is told an older answer than its zone's, or its role is young, again."""
    return look_until(
        lambda seen: not any(map(LATE.fullmatch, seen.codes)),
        lambda: diagnose(lab, expect=expect),
        what=f"What was changed counts for {lab.settings.vm_name}",
        resource_id=lab.id_of(VM, lab.settings.vm_name),
        pause=lab.backend.pause,
        told=lambda seen: next(f.title for f in seen.findings if LATE.fullmatch(f.code)),
        lasts_s=_longest_s,
    )


def _longest_s(seen: Report) -> int:
    view = seen.diagnosis.snapshot.vm_view
    return max((answer.kept_s for answer in view.answers), default=0) if view else 0


def _planted(kept: _Kept) -> Fault:
    if not kept.fault:
        raise ConfigurationError("practice", "no fault is planted. Begin: acrlab practice start.")
    return named(kept.fault)


def _read(lab: Lab) -> _Kept:
    return _Kept(**(memory.kept(lab, memory.PRACTICE) or {}))


def _write(lab: Lab, kept: _Kept) -> None:
    memory.put(lab, memory.PRACTICE, asdict(kept))


@dataclass(frozen=True)
class Drill:
    """How one fault went.

    Attributes:
        named: the findings' codes while the fault was there.
        left: those after the fix.
    """

    fault: Fault
    named: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return self.named == (self.fault.code,) and not self.left


def drill(lab: Lab, fault: Fault, fix: Fix) -> Drill:
    """Plant a fault in a lab that works, fix what is found with `fix`, and ask again."""
    for step in fault.plant:
        step(lab)
    found = diagnose(lab, expect=fault.expect)
    for finding in found.findings[:1]:
        fix(lab, finding.remedy)
    return Drill(fault, found.codes, _settled(lab, fault.expect).codes)


def by_call(lab: Lab, remedy: Remedy) -> None:
    """Do what a remedy's call says: calls of public functions with plain arguments, and nothing else.

    Raises: ValueError: it is something else.
    """
    for statement in ast.parse(remedy.call).body:
        if not isinstance(statement, ast.Expr):
            raise ValueError(f"not a call: {ast.unparse(statement)}")
        _called(statement.value, lab)


def _called(node: ast.expr, lab: Lab) -> object:
    if isinstance(node, ast.Name) and node.id == "lab":
        return lab
    if isinstance(node, ast.Call):
        result: object = _function(node.func)(*(_called(argument, lab) for argument in node.args))
        return result
    literal: object = ast.literal_eval(node)
    return literal


def _function(node: ast.expr) -> Callable[..., object]:
    module, _, name = ast.unparse(node).rpartition(".")
    for home in HOMES.get(module, ()):
        if isfunction(found := getattr(home, name, None)):
            return found
    raise ValueError(f"not a function of acrlab: {ast.unparse(node)}")
