"""A world whose `groups` setting is `assumed`: callers bring the names of their own groups."""

import json

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request


class Caller:
    def __init__(self):
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.world.set_setting("groups", "assumed")
        self.group = f"/subscriptions/{self.world.setting('subscription')}/resourceGroups/theirs"

    def __call__(self, method, path, body=None):
        raw = json.dumps(body).encode() if body else b""
        return self.azure.manager.handle(Request(method, "", path, {"api-version": "2024-05-01"}, {}, raw, "https://x"))


@pytest.fixture
def ask():
    caller = Caller()
    yield caller
    caller.azure.close()


def test_a_group_that_nobody_made_is_there(ask):
    answer = ask("GET", ask.group)

    assert (answer.status, answer.body["location"], answer.body["name"]) == (200, "westus", "theirs")


def test_something_is_made_in_a_group_that_nobody_made(ask):
    path = f"{ask.group}/providers/Microsoft.Network/networkSecurityGroups/n"

    assert ask("PUT", path, {"location": "eastus"}).status == 201
    assert ask("GET", ask.group).body["location"] == "westus"


def test_what_is_missing_in_such_a_group_is_missing_by_itself(ask):
    answer = ask("GET", f"{ask.group}/providers/Microsoft.Network/networkSecurityGroups/n")

    assert (answer.status, answer.body["error"]["code"]) == (404, "ResourceNotFound")


def test_a_group_is_still_made_where_it_is_put(ask):
    assert ask("PUT", ask.group, {"location": "eastus"}).status == 201
    assert ask("GET", ask.group).body["location"] == "eastus"


def test_a_deleted_group_stays_deleted(ask):
    ask("DELETE", ask.group)
    ask.world.advance_to(ask.world.now + 1000)

    assert ask("GET", ask.group).status == 404
    assert ask("PUT", ask.group, {"location": "eastus"}).status == 201


def test_groups_of_another_subscription_are_not_assumed(ask):
    other = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/theirs"

    assert ask("GET", other).status == 404


def test_what_can_not_be_a_group_s_name_is_not_assumed(ask):
    assert ask("GET", f"{ask.group}.").status in (400, 404)


def test_groups_are_made_unless_told_otherwise(ask):
    ask.world.set_setting("groups", "made")

    assert ask("GET", ask.group).status == 404
