"""What follows a lab: which look is a change, of which step, and when it looks at all."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

import acrlab
from acrlab import capabilities
from acrlab.doctor.observe import survey
from acrlab.widgets.following import Changes, Follower, clicking, follow, stop_following


@pytest.fixture
def first(lab):
    acrlab.bring_to(lab, "registry")
    return survey(lab)


def closer(snapshot, action):
    return replace(snapshot, registry=replace(snapshot.registry, default_action=action))


def test_the_same_again_is_no_change_however_many_requests_it_took(first):
    changes = Changes(first)

    assert not changes.see(replace(first, requests=first.requests + 7), step=1)
    assert changes.before is None


def test_two_changes_within_a_step_are_one(first):
    changes = Changes(first)
    denied, named = closer(first, "Deny"), replace(first, other_registries=("another",))

    assert changes.see(denied, step=3)
    assert changes.see(named, step=3)

    assert (changes.before, changes.now) == (first, named)


def test_the_next_step_s_change_is_measured_from_the_last_one(first):
    changes = Changes(first)
    denied = closer(first, "Deny")
    changes.see(denied, step=3)

    changes.see(first, step=4)

    assert (changes.before, changes.now) == (denied, first)


def test_it_looks_when_the_world_is_written_to_and_not_before(lab, first):
    looks = []
    follower = Follower(lab, survey, lambda snapshot, step: looks.append(snapshot), pytest.fail)
    follower.start()
    try:
        time.sleep(1)
        assert looks == []
        acrlab.deny_public_access(lab)
        until = time.monotonic() + 10
        while not looks and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        follower.close()

    assert looks[-1].registry.default_action == "Deny"


def test_what_keeps_it_from_looking_is_told(lab):
    told = []

    def refuses(_lab):
        raise acrlab.RefusedError("no way there", status=0, code="", resource_id="")

    Follower(lab, refuses, lambda snapshot, step: pytest.fail("nothing was seen"), told.append).look()

    assert "no way there" in told[0]


@pytest.fixture
def shell(lab, monkeypatch):
    """An IPython of its own, in which `lab` is known."""
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    made.user_ns["lab"] = lab
    monkeypatch.setattr("acrlab.widgets.following._shell", lambda: made)
    yield made
    stop_following()
    made.history_manager.end_session()


def test_a_change_is_the_cell_s_that_made_it_a_click_s_or_another_program_s(lab, first, shell, monkeypatch):
    monkeypatch.setattr("acrlab.widgets.following.LOOK_S", 3600)  # no thread looks in between
    steps, changes = [], Changes(first)

    def seen(snapshot, step):
        if changes.see(snapshot, step):
            steps.append(step)

    shell.run_cell("import acrlab", store_history=True)
    follow("picture", Follower(lab, survey, seen, pytest.fail))
    shell.run_cell("1 + 1", store_history=True)
    shell.run_cell("_ = acrlab.deny_public_access(lab)", store_history=True)
    acrlab.remedies.allow_public_access(lab)
    shell.run_cell("2 + 2", store_history=True)
    with clicking("Solve"):
        acrlab.bring_to(lab, "zone")

    assert steps == ["cell 3", "another program", "a click on Solve"]


def test_only_the_last_control_of_a_kind_follows(lab, first, shell):
    looks = []
    for name in ("old", "new"):
        follow("picture", Follower(lab, survey, lambda snapshot, step, name=name: looks.append(name), pytest.fail))
    shell.run_cell("import acrlab; acrlab.deny_public_access(lab)", store_history=True)

    assert set(looks) == {"new"}


def test_where_no_thread_can_start_it_looks_when_a_cell_has_ended_all_the_same(lab, first, monkeypatch):
    monkeypatch.setattr(capabilities, "PLATFORM", capabilities.BROWSER)
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail(f"{thread.name} is started"))
    looks = []
    follower = Follower(lab, survey, lambda snapshot, step: looks.append(snapshot), pytest.fail)
    follower.start()
    acrlab.deny_public_access(lab)

    follower._cell_ended(None)

    follower.close()
    assert looks[-1].registry.default_action == "Deny"
