"""A fault to practise on: how it is planted, how it looks to people, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acrlab.lab.lab import Lab

__all__ = ["Fault", "Step"]

Step = Callable[[Lab], object]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for people, made with ordinary Azure requests.

    Attributes:
        name: kebab-case; it does not give the fault away.
        code: the finding that names it.
        symptom: what a user reports, in their words.
        hints: three, each clearer than the one before.
        plant: the requests that make it so, on a lab that works.
        fix: what makes it right, in one sentence.
        solution: the author's own steps.
        story: how people get there.
        expect: what public access is meant to be, where the fault is about that.
    """

    name: str
    code: str
    symptom: str
    hints: tuple[str, str, str]
    plant: tuple[Step, ...]
    fix: str
    solution: tuple[Step, ...]
    story: str
    expect: str = ""
