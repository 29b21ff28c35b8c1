"""Whichever request a registry answers with "too many requests": what acrlab does with it comes through, or waits."""

import json

import pytest

import acrlab
from acrlab.course.tasks.vm import pull_on_the_vm
from acrlab.emulator.registry.throttling import EVERY

MOST = 30  # requests for content that one of these may send


@pytest.fixture
def open_lab(lab, world):
    """A lab in a late world in which a pull works."""
    world.set_setting("timing", "as-azure")
    acrlab.bring_to(lab, "sample-image", "pull-right", "records")
    acrlab.login_and_pull(lab)
    return lab


def healthy(lab):
    assert acrlab.diagnose(lab, expect="open").codes == ()


@pytest.mark.parametrize(
    "action",
    [acrlab.tags, acrlab.pull_from_here, acrlab.login_and_pull, pull_on_the_vm, healthy],
    ids=lambda a: a.__name__,
)
def test_no_request_is_lost_to_throttling(open_lab, world, action):
    key = f"requests {open_lab.registry_id.lower()}"
    assert world.value(key, "")
    for before in range(MOST):
        world.set_value(key, json.dumps([EVERY - 1 - before, 0]))
        action(open_lab)
        if json.loads(world.value(key, ""))[0] < EVERY:
            return  # it sends fewer requests than that
    pytest.fail(f"more than {MOST} requests: not every one was throttled")
