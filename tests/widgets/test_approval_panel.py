"""The owner's panel: what it decides, and what it follows."""

from __future__ import annotations

import time

import acrlab
from tests.widgets.clicks import all_of, named, shown, status


def test_what_was_written_for_a_connection_outlives_another_look(asked, person):
    panel = acrlab.approval_panel(asked)
    named(panel, "Description").value = "asked by"

    named(panel, "Refresh").click()

    assert named(panel, "Description").value == "asked by"


def test_an_owner_s_answer_for_somebody_else_s_request_is_theirs_alone(asked):
    panel = acrlab.approval_panel(asked)
    named(panel, "Description").value = "not today"

    named(panel, "Reject myManualEndpoint").click()

    decided = acrlab.steps.connection_of(asked, "myManualEndpoint")
    assert (decided.status, decided.description) == ("Rejected", "not today")
    assert "Rejected now: not today" in shown(panel)
    assert [w for w in all_of(panel.widget) if getattr(w, "description", "").startswith("Approve")] == []


def test_the_panel_follows_what_others_decide(asked, elsewhere, person):
    panel = acrlab.approval_panel(asked)
    assert "1 waiting for your answer." in status(panel)

    acrlab.steps.approve(elsewhere, acrlab.steps.connection_of(elsewhere, "myManualEndpoint"), "by phone")

    until = time.monotonic() + 10
    while "Nothing waits" not in status(panel) and time.monotonic() < until:
        time.sleep(0.05)
    assert "myManualEndpoint is Approved now: by phone. By another program.\nNothing waits for an answer." in status(
        panel
    )
    assert [w for w in all_of(panel.widget) if getattr(w, "description", "").startswith("Approve")] == []


def test_what_a_panel_has_decided_it_says_once(asked, person):
    panel = acrlab.approval_panel(asked)
    named(panel, "Reject myManualEndpoint").click()
    time.sleep(1)  # its own follower looks, and has nothing to add

    told = "myManualEndpoint is Rejected now. That is final: it has to ask again.\nNothing waits for an answer."
    assert status(panel) == told


def test_a_request_that_asks_anew_after_a_no_waits_in_the_panel(asked, elsewhere, person):
    panel = acrlab.approval_panel(asked)
    named(panel, "Reject myManualEndpoint").click()
    acrlab.steps.remove_manual_endpoint(elsewhere)
    acrlab.ensure_manual_endpoint(elsewhere)

    named(panel, "Refresh").click()

    assert "1 waiting for your answer." in status(panel)
    named(panel, "Approve myManualEndpoint").click()
    assert acrlab.steps.connection_of(elsewhere, "myManualEndpoint").status == "Approved"
