"""The second subscription of a lab: named, added on the emulated Azure, or missing; and the lab as it is there."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.emulator.core import subscriptions as known
from acrlab.errors import ConfigurationError, NotReadyError, RefusedError
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


# -- with a partner ----------------------------------------------------------------------------------------------------

MANUAL = "Microsoft.Network/privateEndpoints/myManualEndpoint"


@pytest.fixture
def pair(lab):
    """An owner's lab with its registry, and a consumer's in another subscription, each with its own half to play."""
    acrlab.bring_to(lab, "registry")
    consumer = lab.in_subscription(subscriptions.other_subscription(lab), partner=lab.registry_id)
    return lab.elsewhere(partner=consumer.subscription), consumer


def of_another_consumer(owner, name):
    """One more consumer, in a subscription of their own: the owner's lab that knows them, and theirs."""
    with owner.backend.azure.world.transaction():
        id = known.add(owner.backend.azure.world, name).id
    both = owner.elsewhere(partner=f"{owner.settings.partner},{id.upper()}")
    return both, owner.in_subscription(id, partner=owner.registry_id)


def test_each_of_two_partners_plays_and_sees_one_half(pair):
    owner, consumer = pair

    asked = subscriptions.ask_across(consumer)
    assert (asked.owner_sees, asked.consumer_sees, asked.statuses) == ("", "Pending", {"Pending"})
    seen = subscriptions.ask_across(owner)
    assert (seen.endpoint, seen.owner_sees, seen.consumer_sees) == (asked.endpoint, "Pending", "")
    answered = subscriptions.answer_across(owner, "Ticket 1")
    assert (answered.endpoint, answered.statuses) == (asked.endpoint, {"Approved"})
    told = subscriptions.answer_across(consumer)
    assert (told.owner_sees, told.consumer_sees) == ("", "Approved")

    assert asked.endpoint.endswith(f"/resourceGroups/myResourceGroup-consumer/providers/{MANUAL}")
    assert subscriptions.take_across_back(consumer) == subscriptions.take_across_back(owner) == ()


def test_a_half_is_shown_as_one_row(pair):
    owner, consumer = pair

    of_consumer = repr(subscriptions.request_table(subscriptions.ask_across(consumer)))
    of_owner = repr(subscriptions.request_table(subscriptions.ask_across(owner)))

    assert "consumer" in of_consumer
    assert "owner" not in of_consumer
    assert "owner" in of_owner
    assert "consumer" not in of_owner


def test_an_owner_s_half_waits_for_the_request_and_for_the_endpoint_to_go(pair):
    owner, consumer = pair

    with pytest.raises(NotReadyError, match=r"A partner asks for an endpoint: not within 600 s\. Seen last: no"):
        subscriptions.ask_across(owner)
    with pytest.raises(RefusedError, match="no partner has asked contoso42"):
        subscriptions.answer_across(owner)
    subscriptions.ask_across(consumer)
    subscriptions.answer_across(owner)
    with pytest.raises(NotReadyError, match="have deleted the endpoints that were approved: not within 600 s"):
        subscriptions.take_across_back(owner)


def test_a_consumer_s_half_waits_for_the_answer(pair):
    _, consumer = pair
    subscriptions.ask_across(consumer)

    with pytest.raises(NotReadyError, match=r"myManualEndpoint is Approved: not within 600 s\. Seen last: Pending"):
        subscriptions.answer_across(consumer)


def test_an_owner_approves_one_request_after_the_other_and_nothing_of_a_stranger(pair):
    owner, first = pair
    _, stranger = of_another_consumer(owner, "Stranger")
    owner, second = of_another_consumer(owner, "Second")
    for one in (stranger, first, second):
        subscriptions.ask_across(one)

    answered = [subscriptions.answer_across(owner).endpoint for _ in range(2)]

    assert {id.split("/")[2] for id in answered} == {first.subscription, second.subscription}
    assert subscriptions.answer_across(owner).statuses == {"Approved"}  # once more changes nothing
    assert {subscriptions.request_across(one).consumer_sees for one in (first, second)} == {"Approved"}
    assert subscriptions.request_across(stranger).consumer_sees == "Pending"


def test_with_a_partner_no_second_subscription_is_added(lab, world):
    acrlab.bring_to(lab, "registry")
    owner = lab.elsewhere(partner=OTHER)

    with pytest.raises(RefusedError):
        subscriptions.answer_across(owner)
    assert subscriptions.consumer(owner) is None
    assert known.added(world) == []


@pytest.mark.parametrize(
    "partner",
    [
        "bob",
        f"{OTHER},",
        f"{OTHER},bob",
        f"/subscriptions/{OTHER}/resourceGroups/g",
        f"/subscriptions/{OTHER}/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/e",
    ],
)
def test_what_is_neither_a_registry_nor_subscriptions_is_no_partner(partner):
    with pytest.raises(ConfigurationError, match="Who plays the other side"):
        acrlab.Settings.given(partner=partner)
