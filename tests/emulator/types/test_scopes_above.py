"""What is listed at a scope is asked for in a subscription; above them there is nothing here, and it says so."""

from __future__ import annotations

import pytest

from acrlab.emulator.core.http import Request

LISTS = ("roleDefinitions", "roleAssignments", "locks", "permissions")


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize(
    "scope",
    ["/tenants", "/batch", "/subscriptions", "/x", "/providers/Microsoft.Management/managementGroups/m"],
)
def test_what_is_asked_for_above_the_subscriptions_is_not_made_up(place, scope, what):
    path = f"{scope}/providers/Microsoft.Authorization/{what}"

    answer = place.azure.manager.handle(Request("GET", "management.azure.com", path, {"api-version": "2022-04-01"}))

    assert answer.status in (400, 404, 501)
    assert answer.body["error"]["code"] in ("InvalidSubscriptionId", "MissingSubscription", "NotEmulated")
