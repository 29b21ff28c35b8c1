"""Chapter 05's last task: the group goes where it is the lab's and may go; else what the lab made in it goes alone."""

import pytest

import acrlab
from acrlab.emulator.core import fault_injection
from acrlab.errors import UnfinishedError

GROUP = "myPortalResourceGroup"
CLASS = {"class": "acrlab", "acrlab-owner": "ada"}
NO = "does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/delete'"


@pytest.fixture
def portal(lab):
    """A lab with the portal's, whose first two tasks are done."""
    acrlab.bring_to(lab, "registry")
    acrlab.steps.ensure_portal_endpoint(lab)
    acrlab.solve(lab, "lost-record")
    acrlab.solve(lab, "zone-group")
    return lab


def held(lab):
    return sorted(str(one.name) for one in lab.resources.resources.list_by_resource_group(GROUP))


def give_to_a_class(lab):
    lab.resources.resource_groups.update(GROUP, {"tags": CLASS})


def forbid(lab, world, monkeypatch):
    """Let this identity do all but delete groups; Azure says so when asked, too."""
    fault = fault_injection.Fault("error", "DELETE", f"*/{GROUP}", "every", code="AuthorizationFailed", message=NO)
    fault_injection.plant(world, fault)
    asked = lab.arm.get_all

    def limited(path, *args, **query):
        found = asked(path, *args, **query)
        less = {"notActions": ["Microsoft.Resources/subscriptions/resourceGroups/delete"]}
        return [{**one, **less} for one in found] if path.endswith("/permissions") else found

    monkeypatch.setattr(lab.arm, "get_all", limited)


def test_the_lab_s_own_group_goes(portal):
    seen = acrlab.check(portal, "portal-deleted").seen

    assert seen == f"no group {GROUP}, and no connection of its endpoint"
    assert not portal.resources.resource_groups.check_existence(GROUP)


def test_a_group_of_the_class_stays_with_its_tags_and_what_the_lab_made_in_it_goes(portal):
    give_to_a_class(portal)

    seen = acrlab.check(portal, "portal-deleted").seen

    reason = "it does not carry the lab's tag; nothing of the lab is in it"
    assert seen == f"the group {GROUP} stays, because {reason}, and no connection of its endpoint"
    assert held(portal) == []
    assert portal.resources.resource_groups.get(GROUP).tags == CLASS
    assert acrlab.steps.connections(portal) == ()


def test_what_a_colleague_has_in_the_group_stays_with_it(portal):
    space = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    portal.network.virtual_networks.begin_create_or_update(GROUP, "theirs", space).result()

    seen = acrlab.check(portal, "portal-deleted").seen

    assert seen.startswith(
        f"the group {GROUP} stays, because it holds theirs, which stays; nothing of the lab is in it"
    )
    assert held(portal) == ["theirs"]


def test_a_group_of_the_lab_that_may_not_be_deleted_stays_empty(portal, world, monkeypatch):
    forbid(portal, world, monkeypatch)

    seen = acrlab.check(portal, "portal-deleted").seen

    assert seen.startswith(f"the group {GROUP} stays, because this identity may not delete it; nothing of the lab")
    assert held(portal) == []


@pytest.mark.parametrize("keep", ["a class's", "may not be deleted", "the lab's"])
def test_the_task_is_the_reader_s_as_long_as_something_of_the_lab_is_there(portal, world, monkeypatch, keep):
    monkeypatch.setattr(portal, "settings", portal.settings.model_copy(update={"hands_on": "on"}))
    if keep == "a class's":
        give_to_a_class(portal)
    if keep == "may not be deleted":
        forbid(portal, world, monkeypatch)

    with pytest.raises(UnfinishedError, match=f"Seen: the group {GROUP} is still there, with "):
        acrlab.check(portal, "portal-deleted")


def test_an_empty_group_that_may_go_is_still_to_be_deleted(portal, world, monkeypatch):
    monkeypatch.setattr(portal, "settings", portal.settings.model_copy(update={"hands_on": "on"}))
    forbid(portal, world, monkeypatch)
    acrlab.steps.remove_portal_endpoint(portal)
    assert acrlab.check(portal, "portal-deleted").done
    monkeypatch.undo()
    fault_injection.clear(world)
    monkeypatch.setattr(portal, "settings", portal.settings.model_copy(update={"hands_on": "on"}))

    with pytest.raises(UnfinishedError, match=rf"Seen: the group {GROUP} is still there\."):
        acrlab.check(portal, "portal-deleted")


def test_the_chapter_begins_anew_in_a_group_that_stays(portal):
    give_to_a_class(portal)

    acrlab.bring_to(portal, "registry", without=["portal-lab"])

    assert held(portal) == []
    assert acrlab.steps.ensure_portal_endpoint(portal).records
