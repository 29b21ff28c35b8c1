"""Every fault: planted, the doctor names exactly it; mended as it is printed, or the author's way, all is well."""

from __future__ import annotations

import re

import pytest

import acrlab
from acrlab.course.practice import exercise
from acrlab.course.practice.drill import by_call, drill, examined
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS, named
from acrlab.doctor import diagnose
from acrlab.doctor.checks.hops import HOPS
from acrlab.doctor.finding import Remedy
from acrlab.preflight.rights import REGISTERING, SENT


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, *READY)
    return lab


@pytest.mark.table
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_a_fault_is_named_and_its_remedy_mends_it(working, actions, fault):
    outcome = drill(working, fault, by_call)

    assert (outcome.named, outcome.left) == ((fault.code,), ())
    chapters = ("11", fault.stage.chapter, *fault.stage.rights_of, REGISTERING)
    assert actions <= {action for chapter in chapters for action in SENT[chapter]}


@pytest.mark.table
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_the_author_s_own_solution_mends_it(working, fault):
    exercise.start(working, fault.name)

    assert examined(working, fault.stage, fault.expect).codes == (fault.code,)
    assert exercise.take_back(working) == fault.name
    assert diagnose(working, expect=fault.expect).healthy


@pytest.mark.table
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the-quiet-layer", "shown-the-door"),
        ("the-zone-next-door", "the-quiet-layer"),
        ("a-wall-of-silence", "who-are-you"),
        ("asking-the-wrong-people", "open-and-shut"),
        ("written-in-stone", "a-wall-of-silence"),
        ("the-zone-next-door", "the-wrong-neighbour"),
        ("the-greedy-zone", "nobody-by-that-name"),
        ("an-answer-is-due", "who-are-you"),
    ],
)
def test_two_faults_at_once_are_both_named(working, one, other):
    for fault in (named(one), named(other)):
        for step in fault.plant:
            step(working)

    found = diagnose(working, expect=named(other).expect or named(one).expect)

    assert set(found.codes) == {named(one).code, named(other).code}


def test_the_working_lab_has_no_finding_and_no_note(working):
    found = diagnose(working)

    assert (found.codes, found.diagnosis.notes, found.diagnosis.unseen) == ((), (), ())


def test_the_lab_that_the_article_closed_has_no_finding_either(working):
    acrlab.deny_public_access(working)

    assert diagnose(working).healthy


def test_every_fault_has_a_name_of_its_own():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_fault_of_a_stage_has_a_code_of_its_own():
    assert len({(f.stage.name, f.code) for f in FAULTS}) == len(FAULTS) >= 12


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_neither_name_nor_symptom_nor_first_hint_gives_a_fault_away(fault):
    words = set(fault.code.split("-"))

    assert not words & set(fault.name.split("-")) - {"is", "the", "in", "zone", "record"}
    assert fault.code not in fault.symptom + fault.hints[0]
    assert len(fault.hints) == 3


def test_a_remedy_is_calls_and_nothing_else(working):
    with pytest.raises(ValueError, match="not a call"):
        by_call(working, Remedy((), "import os"))


def test_every_code_in_the_checks_is_kebab_case():
    names = [c.name for hop in HOPS for c in hop.checks]

    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)
    assert len(set(names)) == len(names)
