"""The portal's pages: what passes Next, what Create leaves on the page, and what cells do before and after it."""

from __future__ import annotations

import time

import pytest

import acrlab
from acrlab.widgets.following import stop_following
from tests.widgets.clicks import named, problems_at, shown, status


def create_from(pages):
    named(pages, "Review + create").click()
    named(pages, "Create").click()


def test_a_name_that_is_not_possible_does_not_pass_next(asked):
    pages = acrlab.endpoint_form(asked)
    assert named(pages, "Previous").disabled

    named(pages, "Name").value = "-no-"
    named(pages, "Next").click()

    assert "1 of 4: Basics" in shown(pages)
    assert "Name '-no-' is not possible" in problems_at(pages, "Name")
    assert "acrlab-wrong" in named(pages, "Name")._dom_classes
    named(pages, "Name").value = "yes"
    assert problems_at(pages, "Name") == ""
    named(pages, "Next").click()
    assert "2 of 4: Resource" in shown(pages)
    assert [s for s in ("Basics", "Resource") if "acrlab-current" in named(pages, s)._dom_classes] == ["Resource"]
    named(pages, "Previous").click()
    assert "1 of 4: Basics" in shown(pages)


def test_after_create_nothing_says_that_validation_failed(asked, person):
    pages = acrlab.endpoint_form(asked)

    create_from(pages)

    assert "Your deployment is complete: myPortalEndpoint" in status(pages)
    assert "Validation failed" not in shown(pages)
    assert "is taken" not in shown(pages)
    assert named(pages, "Create").disabled
    named(pages, "Basics").click()
    name = named(pages, "Name")
    name.value = "another"
    assert "deployment is complete" not in status(pages)
    named(pages, "Review + create").click()
    assert "Validation passed" in status(pages)
    assert not named(pages, "Create").disabled
    name.value = "myPortalEndpoint"
    assert "Name myPortalEndpoint is taken" in status(pages)


def test_what_is_deleted_elsewhere_the_portal_s_form_knows(asked, elsewhere, person):
    pages = acrlab.endpoint_form(asked)
    create_from(pages)

    acrlab.steps.remove_portal_endpoint(elsewhere)

    until = time.monotonic() + 10
    while "is deleted" not in status(pages) and time.monotonic() < until:
        time.sleep(0.05)
    assert "myPortalEndpoint, which was made here, is deleted. By another program." in status(pages)
    assert "Virtual network myPortalVNET is not there: create it first" in status(pages)
    acrlab.steps.ensure_portal_network(elsewhere)
    named(pages, "Review + create").click()
    assert "Validation passed" in status(pages)


@pytest.mark.parametrize(
    ("page", "label", "answer"),
    [
        ("Basics", "Name", "myPortalEndpoint"),
        ("Basics", "Name", "fromTheForm"),
        ("Configuration", "Integrate with private DNS zone", False),
    ],
)
def test_what_was_made_by_a_click_is_in_no_cell_s_way(asked, page, label, answer):
    pages = acrlab.endpoint_form(asked)
    named(pages, page).click()
    named(pages, label).value = answer
    create_from(pages)
    assert "deployment is complete" in status(pages)

    stop_following()
    portal = acrlab.steps.ensure_portal_endpoint(asked)

    assert {f"{r.name}.azurecr.io" for r in portal.records} == set(
        acrlab.tables.endpoint_names(asked.settings).values()
    )
    assert {r.ttl for r in portal.records} == {10}
    assert portal.endpoint.custom_dns_configs == []
    left = [c.endpoint for c in acrlab.steps.remove_portal_endpoint(asked)]
    assert left == ["myManualEndpoint"]
