"""Where no thread can start, as in a browser, the same steps run one after another; none even tries to start one."""

import threading
from dataclasses import replace

import pytest
from azure.core.exceptions import HttpResponseError

import acrlab
from acrlab import capabilities
from acrlab.course.lookup import PLAN
from acrlab.course.progress import reset, solve
from acrlab.course.runner import perform
from acrlab.course.sections import SECTIONS
from acrlab.emulator.core.fault_injection import Fault, plant
from acrlab.errors import RefusedError
from acrlab.steps import clean_up
from tests.course.test_plan import test_the_whole_plan_twice_changes_nothing as test_the_whole_plan_twice  # noqa: F401

LOCATED = {"location": "westus"}
SPACE = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}


@pytest.fixture(autouse=True)
def no_threads(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")  # as Pyodide has it

    monkeypatch.setattr(capabilities, "PLATFORM", capabilities.BROWSER)
    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.table
@pytest.mark.parametrize("name", [section.name for section in SECTIONS if section.verify])
def test_every_section_can_be_solved_taken_back_and_deleted(lab, name):
    assert solve(lab, name).done
    assert not reset(lab, name).done
    assert solve(lab, name).done

    clean_up.delete_lab(lab)

    assert clean_up.prove_absence(lab) == ()


def test_what_a_learner_begins_has_ended(lab, world):
    acrlab.ensure_group(lab)
    began = world.moment
    body = {**LOCATED, "properties": SPACE}

    poller = lab.network.virtual_networks.begin_create_or_update(lab.settings.resource_group, "v", body)

    assert (poller.done(), poller.status()) == (True, "Succeeded")
    assert poller.result().provisioning_state == "Succeeded"
    assert world.moment > began, "the operation took its time"


def test_a_refusal_is_raised_where_the_result_is_asked_for(lab, world):
    acrlab.ensure_group(lab)
    plant(world, Fault("fail-operation", code="AllocationFailed", message="No room."))
    body = {**LOCATED, "properties": SPACE}

    poller = lab.network.virtual_networks.begin_create_or_update(lab.settings.resource_group, "v", body)

    assert (poller.done(), poller.status()) == (True, "Failed")
    with pytest.raises(HttpResponseError, match="No room"):
        poller.result()


def test_nothing_begins_after_a_failure(lab):
    begun = []

    def fail(lab):
        raise RefusedError("No.", status=409, code="Conflict", resource_id="")

    first, second = (replace(step, needs=()) for step in PLAN[:2])
    with pytest.raises(RefusedError, match="There is now: nothing"):
        perform(lab, [replace(first, ensure=fail), replace(second, ensure=begun.append)])

    assert begun == []


def test_an_executor_keeps_the_order_and_hands_failures_on():
    seen = []
    with capabilities.executor(4) as pool:
        assert list(pool.map(lambda n: seen.append(n) or n * 2, range(3))) == [0, 2, 4]
        failed = pool.submit(lambda: 1 / 0)

    assert (seen, failed.done()) == ([0, 1, 2], True)
    with pytest.raises(ZeroDivisionError):
        failed.result()
