"""What the benchmark of the plan measures against."""

from __future__ import annotations

from acrlab.course.section import Step
from tests.benchmarks.plan import longest_chain


def step(name: str, *needs: str) -> Step:
    return Step(name, "", lambda lab: None, needs)


def test_the_longest_chain_goes_by_seconds_and_not_by_steps() -> None:
    steps = [step("a"), step("b", "a"), step("c", "b"), step("d", "a"), step("e", "c", "d"), step("f")]
    seconds = {"a": 1, "b": 2, "c": 3, "d": 9, "e": 1, "f": 10}

    assert longest_chain(steps, seconds) == ["a", "d", "e"]


def test_a_step_that_nobody_needs_can_be_the_longest_chain() -> None:
    assert longest_chain([step("a"), step("b", "a"), step("f")], {"a": 1, "b": 1, "f": 10}) == ["f"]
