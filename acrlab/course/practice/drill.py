"""Prove what the doctor says of a fault: plant it, do what the doctor prints, and ask again."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from inspect import isfunction

from acrlab import doctor, steps
from acrlab.azure.cloud import VM
from acrlab.course.section import LAB, Fault, Stage
from acrlab.doctor import examine, remedies
from acrlab.doctor.finding import Remedy
from acrlab.doctor.report import Report
from acrlab.lab.lab import Lab
from acrlab.lab.waiting import look_until

# As findings write a module -> where its functions are.
HOMES = {"acrlab": (steps, doctor), "acrlab.steps": (steps,), "acrlab.remedies": (remedies,)}
# What passes by itself: an older answer, or a step that fails though nothing is wrong that would explain it, as while a
# role is young or a registry asks to come again.
LATE = re.compile("vm-answers-differ|.+-fails")

Fix = Callable[[Lab, Remedy], object]


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
    """Plant a fault in a lab that works, on its stage, fix what is found with `fix`, and ask again."""
    for step in (*fault.stage.build, *fault.plant):
        step(lab)
    found = examined(lab, fault.stage, fault.expect)
    for finding in found.findings[:1]:
        fix(lab, finding.remedy)
    return Drill(fault, found.codes, settled(lab, fault.stage, fault.expect).codes)


def examined(lab: Lab, stage: Stage = LAB, expect: str = "") -> Report:
    """Ask the doctor from where the faults of a stage are met."""
    return examine(stage.at(lab), expect=expect, cluster=stage.cluster)


def settled(lab: Lab, stage: Stage = LAB, expect: str = "") -> Report:
    """Ask the doctor; as long as the VM is told an older answer than its zone's, or its role is young, again."""
    place = stage.at(lab)
    return look_until(
        lambda seen: not any(map(LATE.fullmatch, seen.codes)),
        lambda: examined(lab, stage, expect),
        what=f"What was changed counts for {place.settings.vm_name}",
        resource_id=place.id_of(VM, place.settings.vm_name),
        pause=lab.backend.pause,
        told=lambda seen: next(f.title for f in seen.findings if LATE.fullmatch(f.code)),
        lasts_s=_longest_s,
    )


def _longest_s(seen: Report) -> int:
    view = seen.diagnosis.snapshot.vm_view
    return max((answer.kept_s for answer in view.answers), default=0) if view else 0


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
