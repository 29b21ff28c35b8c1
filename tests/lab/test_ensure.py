"""Get or create, delete if there: waiting and ownership, once for every step."""

import pytest

from acrlab.azure.cloud import NETWORK, REGISTRY
from acrlab.errors import RefusedError
from acrlab.lab.ensure import ensure, remove, update
from acrlab.lab.ownership import tags_of

BODY = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}


@pytest.fixture
def networks(lab):
    lab.resources.resource_groups.create_or_update(lab.settings.resource_group, {"location": "westus"})
    return lab.network.virtual_networks


@pytest.fixture
def id(lab):
    return lab.id_of(NETWORK, "v")


@pytest.fixture
def foreign(lab, monkeypatch):
    """Let the lab take its Azure for a real one, where something without its tag belongs to someone else."""
    settings = lab.settings.model_copy(update={"backend": "azure", "confirm_cost": 1})
    monkeypatch.setattr(lab, "settings", settings)
    return settings


def test_what_is_not_there_is_created_and_waited_for(lab, networks, id):
    found = ensure(lab, id, networks, BODY)

    assert (found.name, found.provisioning_state) == ("v", "Succeeded")


def test_what_is_there_is_given_as_it_is(lab, networks, id, sent):
    ensure(lab, id, networks, BODY)
    sent.clear()

    found = ensure(lab, id, networks, {**BODY, "location": "eastus"})

    assert (found.location, len(sent)) == ("westus", 1)


def test_what_is_there_under_another_id_is_not_created_again(lab, networks, id):
    other = ensure(lab, lab.id_of(NETWORK, "other"), networks, BODY)

    assert ensure(lab, id, networks, BODY, read=lambda: other) is other
    assert [one.name for one in networks.list(lab.settings.resource_group)] == ["other"]


def test_a_change_leaves_what_the_body_does_not_name(lab, networks):
    registries, id = lab.registry.registries, lab.registry_id
    body = {"location": "westus", "sku": {"name": "Standard"}, "tags": {"a": "b"}}
    registries.begin_create(lab.settings.resource_group, lab.settings.registry_name, body).result()

    changed = update(lab, id, registries, {"sku": {"name": "Premium"}}, "Raising the tier")

    assert (changed.sku.name, changed.tags) == ("Premium", {"a": "b"})
    with pytest.raises(RefusedError, match=r"^Raising the tier failed on other: Azure answered 404 ResourceNotFound"):
        update(lab, lab.id_of(REGISTRY, "other"), registries, {"sku": {"name": "Premium"}}, "Raising the tier")


def test_what_azure_is_still_creating_is_waited_for(lab, networks, id, world):
    networks.begin_create_or_update(lab.settings.resource_group, "v", BODY, polling=False)

    assert ensure(lab, id, networks, BODY).provisioning_state == "Succeeded"


def test_what_is_refused_says_what_was_done_on_what(lab, id):
    with pytest.raises(RefusedError, match=r"^Creating v failed on v: Azure answered 404 ResourceGroupNotFound"):
        ensure(lab, id, lab.network.virtual_networks, BODY)


def test_what_is_there_is_removed_and_what_is_not_is_not_missed(lab, networks, id):
    ensure(lab, id, networks, BODY)

    assert (remove(lab, id, networks), remove(lab, id, networks)) == (True, False)
    assert list(networks.list(lab.settings.resource_group)) == []


def test_what_azure_is_still_creating_is_removed_when_it_is_there(lab, networks, id):
    networks.begin_create_or_update(lab.settings.resource_group, "v", BODY, polling=False)

    assert remove(lab, id, networks)
    assert list(networks.list(lab.settings.resource_group)) == []


def test_what_belongs_to_someone_else_is_left_alone(lab, networks, id, foreign):
    ensure(lab, id, networks, BODY)

    with pytest.raises(RefusedError, match="it does not carry the lab's tag") as caught:
        remove(lab, id, networks)

    assert caught.value.code == "NotOurs"
    assert [one.name for one in networks.list(lab.settings.resource_group)] == ["v"]


def test_what_carries_the_lab_s_tag_is_removed(lab, networks, id, foreign):
    ensure(lab, id, networks, {**BODY, "tags": tags_of(lab)})

    assert remove(lab, id, networks)
