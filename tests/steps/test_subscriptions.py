"""The second subscription of a lab: named, added on the emulated Azure, or missing; and the lab as it is there."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.emulator.core import subscriptions as known
from acrlab.errors import ConfigurationError
from acrlab.steps.beyond import subscriptions

OTHER = "11111111-2222-4333-8444-555555555555"


def test_the_emulated_azure_adds_one_and_gives_the_same_again(lab, world):
    first = subscriptions.other_subscription(lab)

    assert first == subscriptions.other_subscription(lab) != lab.subscription
    assert [one.name for one in known.added(world)] == ["Second subscription"]


def test_one_that_is_the_learner_s_already_is_taken(lab, world):
    with world.transaction():
        known.add(world, "Theirs", role="Reader")
        mine = known.add(world, "Mine")

    assert subscriptions.other_subscription(lab) == mine.id


def test_a_setting_names_it(tmp_path):
    lab = acrlab.connect(world=str(tmp_path / "w.db"), other_subscription=OTHER)

    assert subscriptions.other_subscription(lab) == OTHER
    lab.close()


def test_where_there_is_none_the_setting_is_named(lab, monkeypatch):
    monkeypatch.setattr(lab.backend, "other_subscription", str)  # as on a real Azure

    with pytest.raises(ConfigurationError, match="this goes across two") as caught:
        subscriptions.in_other_subscription(lab)

    assert caught.value.field == "other_subscription"


def test_what_is_not_an_id_is_refused():
    with pytest.raises(ConfigurationError, match="Id of a second subscription"):
        acrlab.Settings.given(other_subscription="mine")


def test_a_consumer_asks_by_the_registry_s_id_and_the_owner_approves(lab, world):
    acrlab.bring_to(lab, "registry")

    asked = subscriptions.ask_across(lab)
    answered = subscriptions.answer_across(lab, "Ticket 1")

    assert (asked.owner_sees, asked.consumer_sees) == ("Pending", "Pending")
    assert (answered.owner_sees, answered.consumer_sees) == ("Approved", "Approved")
    assert answered.endpoint.startswith(f"/subscriptions/{known.added(world)[0].id}/resourceGroups/myResourceGroup-con")
    assert "owner     registry         Approved" in repr(subscriptions.request_table(answered))


def test_asking_once_more_asks_anew_and_taking_back_leaves_nothing(lab):
    acrlab.bring_to(lab, "registry")
    subscriptions.ask_across(lab)
    subscriptions.answer_across(lab)

    assert subscriptions.ask_across(lab).owner_sees == "Pending"
    assert subscriptions.take_across_back(lab) == ()
    assert subscriptions.take_across_back(lab) == ()
    there = subscriptions.consumer(lab)
    assert there is not None
    assert list(there.resources.resource_groups.list()) == []
    assert acrlab.steps.connections(lab) == ()


def test_where_no_second_subscription_is_named_all_of_it_is_skipped_and_nothing_is_asked(lab, monkeypatch):
    monkeypatch.setattr(lab.backend, "other_subscription", str)  # as on a real Azure

    def no_request(*_: object, **__: object) -> None:
        raise AssertionError("it sent a request")

    monkeypatch.setattr(lab.backend.options()["transport"], "send", no_request)

    seen = subscriptions.ask_across(lab)

    assert seen.skipped
    assert subscriptions.answer_across(lab).skipped
    assert subscriptions.take_across_back(lab) == ()
    assert "other_subscription = its id" in repr(subscriptions.request_table(seen))


def test_the_lab_there_has_ids_and_clients_of_that_subscription(lab):
    there = subscriptions.in_other_subscription(lab, resource_group="theirs")
    acrlab.ensure_group(lab)
    acrlab.ensure_group(there)

    assert there.group_id() == f"/subscriptions/{there.subscription}/resourceGroups/theirs"
    assert [group.name for group in there.resources.resource_groups.list()] == ["theirs"]
    assert [group.name for group in lab.resources.resource_groups.list()] == ["myResourceGroup"]
    assert subscriptions.registration(lab, there.subscription) == "NotRegistered"
