"""Every `az` line that is printed anywhere is one that a suite types into the real CLI or the VM's shell.

What the suites are to type is in tests/real_clients/az/printed.py; `make test-az` and `make test-doctor` type it.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing

import pytest

import acrlab
from acrlab.course.practice.drill import by_call, drill
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS
from acrlab.course.tasks.table import TASKS
from tests.real_clients.az import printed
from tests.real_clients.az.test_printed import SECTIONS_TYPED
from tests.real_clients.az.test_tasks import BEGIN


def _shapes(lines):
    found = defaultdict(list)
    for line in lines:
        for verbs, options in (printed.shape(line), *printed.mentions(line)):
            found[verbs].append(options)
    return found


@pytest.fixture(scope="module")
def remedies(tmp_path_factory):
    """What `make test-doctor` types: the fix of each fault."""
    found: set[str] = set()

    def noted(lab, remedy):
        found.update(printed.normal(command) for command in remedy.az)
        by_call(lab, remedy)

    for fault in FAULTS:  # each in a world of its own: what one leaves behind is not the next one's
        world = tmp_path_factory.mktemp("remedies") / "world.db"
        with closing(acrlab.connect(world=str(world), registry_name="myregistry")) as lab:
            acrlab.bring_to(lab, *READY)
            drill(lab, fault, noted)
    return found


@pytest.fixture(scope="module")
def typed(remedies):
    return _shapes({*printed.typed(), *printed.NOT_TYPED, *remedies})


def test_the_suites_type_all_sections_and_all_tasks():
    assert {name for name, text in printed.sections().items() if text} == set(SECTIONS_TYPED)
    assert {task.chapter for task in TASKS} <= {*BEGIN}


@pytest.mark.parametrize("line", printed.ELSEWHERE)
def test_what_another_suite_is_said_to_type_is_in_it(line):
    suite = printed.ROOT / "tests" / "real_clients" / "az" / printed.ELSEWHERE[line]

    assert line in suite.read_text("utf-8")


@pytest.mark.parametrize("module", printed.SCRIPTS)
def test_what_a_suite_is_said_to_run_whole_is_in_it(module):
    suite, *scripts = printed.SCRIPTS[module]
    text = (printed.ROOT / "tests" / "real_clients" / "az" / suite).read_text("utf-8")

    assert scripts
    assert all(f"bash {{classroom}}/{script}" in text for script in scripts)


@pytest.mark.long
def test_each_line_that_a_page_or_a_cell_shows_is_typed_as_it_stands(remedies):
    """A fix's addresses and priorities depend on the lab: there the same command with the same options counts."""
    known, fixed = {*printed.typed(), *printed.NOT_TYPED}, _shapes(remedies)

    def is_typed(line):
        verbs, options = printed.shape(line)
        return line in known or options in fixed[verbs]

    found = {(where, line) for where, text in printed.pages() for line in printed.lines(text)}
    assert len(found) > 80, "the search finds what is printed"
    assert sorted((where, line) for where, line in found if not is_typed(line)) == []


@pytest.mark.long
def test_each_command_that_a_sentence_a_hint_or_a_message_names_is_typed_with_its_options(typed):
    found = [(where, one) for where, text in (*printed.pages(), *printed.strings()) for one in printed.mentions(text)]

    assert len(found) > 100
    assert [(where, one[0], sorted(one[1])) for where, one in found if not printed.covered(one, typed)] == []


@pytest.mark.long
def test_each_command_that_the_doctor_can_print_is_typed_with_its_options(typed):
    found = list(printed.of_the_doctor())

    assert len(found) > 20, "the search finds what checks write"
    assert [one for one in found if not printed.covered(one[1], typed)] == []
