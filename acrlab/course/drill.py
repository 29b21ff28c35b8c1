"""Plants a fault, asks the doctor, does what it prints, and asks again: the proof that what it says is right."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import acrlab
from acrlab.course.fault import Fault
from acrlab.doctor import diagnose
from acrlab.doctor.finding import Remedy
from acrlab.lab.lab import Lab

__all__ = ["READY", "Drill", "by_call", "drill"]

READY = ("records", "pull-right", "sample-image", "public-access-as-before")  # steps of a lab that works

Mend = Callable[[Lab, Remedy], object]


@dataclass(frozen=True)
class Drill:
    """How one fault went.

    Attributes:
        named: the findings' codes while the fault was there.
        left: those after the remedy.
    """

    fault: Fault
    named: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return self.named == (self.fault.code,) and not self.left


def drill(lab: Lab, fault: Fault, mend: Mend) -> Drill:
    """Plant a fault in a lab that works, mend what is found with `mend`, and look again."""
    for step in fault.plant:
        step(lab)
    found = diagnose(lab, expect=fault.expect)
    for finding in found.findings[:1]:
        mend(lab, finding.remedy)
    return Drill(fault, found.codes, diagnose(lab, expect=fault.expect).codes)


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
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        function = getattr(acrlab, node.func.attr)
        result: object = function(*(_called(argument, lab) for argument in node.args))
        return result
    literal: object = ast.literal_eval(node)
    return literal
