"""Clean-up shows first, deletes only what is its own, and proves that nothing is left."""

from datetime import UTC, datetime

import pytest

import acrlab
from acrlab.course.practice import landing_zone_faults
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS
from acrlab.emulator.core import fault_injection
from acrlab.emulator.core import subscriptions as known
from acrlab.lab import memory
from acrlab.lab.ownership import expired
from acrlab.steps.beyond import subscriptions


def lock(lab, scope):
    """Keep something from being deleted."""
    id = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    body = {"properties": {"level": "CanNotDelete"}}
    lab.resources.resources.begin_create_or_update_by_id(id, body, api_version="2020-05-01").result()


def facts(dump):
    """What there is, without what every write to a neighbour moves: versions, counts, times."""
    return {id: (found.get("tags"), found.get("location"), found.get("sku")) for id, found in dump.items()}


def test_the_plan_names_everything_and_deletes_nothing(lab, world):
    acrlab.bring_to(lab, "records")
    before = world.dump()

    plan = acrlab.plan_clean_up(lab)

    assert {"contoso42", "myDockerVM", "myDockerVMVNET", "privatelink.azurecr.io"} <= {i.name for i in plan.resources}
    assert world.dump() == before


def test_after_a_clean_up_nothing_is_left(lab, world):
    acrlab.bring_to(lab, "pull-right", "records")

    acrlab.delete_lab(lab)

    assert acrlab.prove_absence(lab) == ()
    assert world.count() == 0
    assert acrlab.steps.name_is_available(lab)


def test_a_group_without_the_lab_s_tag_is_not_touched(lab, world):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})

    plan = acrlab.delete_lab(lab)

    assert [(one.name, one.reason, one.ours) for one in plan.kept] == [
        ("myResourceGroup", "it does not carry the lab's tag", False)
    ]
    assert (plan.empty, acrlab.prove_absence(lab), world.count()) == (True, (), 1)


def test_cleaning_up_nothing_is_no_error(lab):
    assert acrlab.delete_lab(lab).groups == ()


def test_a_locked_group_stays_with_the_lock_s_name_and_does_not_keep_the_other(lab):
    acrlab.bring_to(lab, "zone")
    acrlab.ensure_group(lab, "myPortalResourceGroup")
    lock(lab, lab.group_id())

    plan = acrlab.delete_lab(lab)

    assert plan.groups == ("myPortalResourceGroup",)
    assert {(one.name, one.reason) for one in acrlab.prove_absence(lab)} == {
        ("myResourceGroup", "it is locked by keep"),
        ("privatelink.azurecr.io", "it is locked by keep"),
    }


def test_beside_foreign_things_only_the_lab_s_own_go(lab, world):
    """A group, a zone and a registry that were there before; and in them what the lab added."""
    group = lab.settings.resource_group
    lab.resources.resource_groups.create_or_update(group, {"location": "westus"})
    foreign = {"location": "westus", "sku": {"name": "Premium"}}
    lab.registry.registries.begin_create(group, lab.settings.registry_name, foreign).result()
    lab.dns.private_zones.begin_create_or_update(group, lab.settings.zone_name, {"location": "global"}).result()
    theirs = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.9.9.9"}]}}
    lab.dns.record_sets.create_or_update(group, lab.settings.zone_name, "A", "theirs", theirs)
    before = world.dump()
    acrlab.bring_to(lab, "pull-right", "records")

    plan = acrlab.plan_clean_up(lab)
    acrlab.delete_lab(lab)

    assert plan.groups == ()
    assert {"privateDnsZones/A", "roleAssignments", "disks", "networkInterfaces"} <= {i.kind for i in plan.resources}
    assert [one.name for one in plan.kept] == [group, lab.settings.registry_name, lab.settings.zone_name]
    assert acrlab.prove_absence(lab) == ()
    assert facts(world.dump()) == facts(before)


def test_a_group_of_the_lab_stays_while_it_holds_a_foreign_thing(lab, world):
    acrlab.bring_to(lab, "records")
    space = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    lab.network.virtual_networks.begin_create_or_update("myResourceGroup", "theirs", space).result()

    acrlab.delete_lab(lab)

    (left,) = acrlab.prove_absence(lab)
    assert (left.name, left.reason) == ("myResourceGroup", "it holds theirs, which stays")
    assert [r.name for r in lab.resources.resources.list_by_resource_group("myResourceGroup")] == ["theirs"]


def test_a_locked_thing_stays_with_what_holds_on_to_it_and_everything_else_goes(lab):
    acrlab.bring_to(lab, "records")
    lock(lab, lab.id_of("Microsoft.Network/virtualNetworks", "myDockerVMVNET"))

    acrlab.delete_lab(lab)

    left = acrlab.prove_absence(lab)
    assert {(one.name, one.reason) for one in left} == {
        ("myResourceGroup", "it holds myDockerVMVNET, which stays"),
        ("myDockerVMVNET", "it is locked by keep"),
    }


def test_a_deletion_that_fails_keeps_nothing_else(lab, world):
    acrlab.bring_to(lab, "records")
    acrlab.ensure_group(lab, "myPortalResourceGroup")
    space = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    lab.network.virtual_networks.begin_create_or_update("myResourceGroup", "theirs", space).result()
    fault_injection.plant(
        world, fault_injection.Fault("error", "DELETE", "*/privateDnsZones/privatelink.azurecr.io", "every")
    )

    refusals = acrlab.steps.carry_out(lab, acrlab.plan_clean_up(lab))

    assert [id.rpartition("/")[2] for id in refusals] == ["privatelink.azurecr.io"]
    assert {one.name for one in acrlab.prove_absence(lab)} == {"myResourceGroup", "privatelink.azurecr.io"}


def test_what_this_identity_may_not_delete_keeps_nothing_else(lab, world):
    acrlab.bring_to(lab, "zone", "registry", "network")
    space = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    lab.network.virtual_networks.begin_create_or_update("myResourceGroup", "theirs", space).result()
    no = "does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/delete' over scope"
    fault_injection.plant(
        world,
        fault_injection.Fault("error", "DELETE", "*/registries/*", "every", code="AuthorizationFailed", message=no),
    )

    (refusal,) = acrlab.steps.carry_out(lab, acrlab.plan_clean_up(lab)).values()

    assert refusal.permission == "Microsoft.ContainerRegistry/registries/delete"
    assert {one.name for one in acrlab.prove_absence(lab)} == {"myResourceGroup", "contoso42"}


def test_a_registry_that_refuses_its_old_settings_keeps_nothing_else(lab, world):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    theirs = {"location": "westus", "sku": {"name": "Premium"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", theirs).result()
    acrlab.bring_to(lab, "network", "public-access-denied")
    fault_injection.plant(world, fault_injection.Fault("error", "PATCH", "*/registries/contoso42", "every"))

    with pytest.raises(acrlab.RefusedError, match="Changing the registry's access failed"):
        acrlab.delete_lab(lab)

    assert acrlab.prove_absence(lab) == ()
    fault_injection.clear(world)
    acrlab.delete_lab(lab)
    assert acrlab.steps.current_access(lab).default_action == "Allow"


def test_two_labs_in_one_group_do_not_touch_each_other(lab, world):
    acrlab.bring_to(lab, "zone", "registry")
    other = acrlab.connect(lab.settings.model_copy(update={"registry_name": "another42"}))
    acrlab.ensure_registry(other)

    acrlab.delete_lab(other)
    assert sorted(r.name for r in lab.resources.resources.list_by_resource_group("myResourceGroup")) == [
        "contoso42",
        "privatelink.azurecr.io",
    ]
    other.close()


@pytest.mark.table
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_a_fault_left_behind_carries_the_tag_as_well(lab, world, fault):
    acrlab.bring_to(lab, *READY)
    for step in (*fault.stage.build, *fault.plant):
        step(lab)

    acrlab.delete_lab(lab)

    assert world.count() == 0


# -- in a second subscription ------------------------------------------------------------------------------------------


@pytest.fixture
def across(lab):
    """The lab as it is in a second subscription, where it has asked for an endpoint."""
    acrlab.bring_to(lab, "registry")
    subscriptions.ask_across(lab)
    return subscriptions.consumer(lab)


def test_what_the_lab_has_in_a_second_subscription_is_planned_and_goes(lab, world, across):
    plan = acrlab.plan_clean_up(lab)

    assert plan.groups == ("myResourceGroup", across.group_id())
    assert {"contoso42", across.settings.network_name} <= {one.name for one in plan.resources}
    acrlab.delete_lab(lab)
    assert acrlab.prove_absence(lab) == ()
    assert world.count() == 0


def test_beside_foreign_things_in_a_second_subscription_only_the_lab_s_own_go(lab, across):
    group = across.settings.resource_group
    body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    across.network.virtual_networks.begin_create_or_update(group, "theirs", body).result()
    across.resources.resource_groups.create_or_update("theirs", {"location": "westus"})

    acrlab.delete_lab(lab)

    (left,) = acrlab.prove_absence(lab)
    assert (left.id, left.reason) == (across.group_id(), "it holds theirs, which stays")
    assert [r.name for r in across.resources.resources.list()] == ["theirs"]
    assert {g.name for g in across.resources.resource_groups.list()} == {group, "theirs"}


def test_a_group_in_a_second_subscription_that_came_to_hold_more_does_not_go_as_a_whole(lab, across):
    plan = acrlab.plan_clean_up(lab)
    body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    across.network.virtual_networks.begin_create_or_update(across.settings.resource_group, "late", body).result()

    refusals = acrlab.steps.carry_out(lab, plan)

    assert list(refusals) == [across.group_id()]
    assert [r.name for r in across.resources.resources.list()] == ["late"]


def test_a_group_of_someone_else_with_the_consumer_s_name_stays(lab, world):
    acrlab.bring_to(lab, "registry")
    there = subscriptions.consumer(lab)
    there.resources.resource_groups.create_or_update(there.settings.resource_group, {"location": "westus"})
    subscriptions.ask_across(lab)

    acrlab.delete_lab(lab)

    assert list(there.resources.resources.list()) == []
    assert there.resources.resource_groups.get(there.settings.resource_group).tags is None
    assert acrlab.prove_absence(lab) == ()


def test_a_second_subscription_that_may_not_be_read_keeps_nothing_else_and_is_told(lab, world, across):
    with world.transaction():
        known.set_role(world, across.subscription, "none")

    acrlab.delete_lab(lab)

    (left,) = acrlab.prove_absence(lab)
    assert (left.id, left.reason) == (across.group_id(), "this identity may not read it")
    assert not lab.resources.resource_groups.check_existence("myResourceGroup")


def test_what_was_taken_back_from_a_second_subscription_is_not_asked_for_again(lab, world, across):
    subscriptions.take_across_back(lab)

    assert memory.groups_elsewhere(lab) == ()
    assert acrlab.plan_clean_up(lab).groups == ("myResourceGroup",)


def test_a_stage_in_a_second_subscription_that_was_cleared_is_not_asked_for_again(lab, world):
    acrlab.bring_to(lab, "records")
    landing_zone_faults.build_connectivity(lab)
    assert memory.groups_elsewhere(lab) == (landing_zone_faults.connectivity(lab).group_id(),)

    landing_zone_faults.come_home(lab)

    assert memory.groups_elsewhere(lab) == ()
    assert list(landing_zone_faults.connectivity(lab).resources.resource_groups.list()) == []


def test_what_was_meant_to_be_gone_by_now_is_found_whoever_made_it(lab, world, monkeypatch):
    forgotten = acrlab.connect(
        lab.settings.model_copy(update={"registry_name": "old42", "resource_group": "old", "expires_hours": 1})
    )
    forgotten.opened = datetime(2020, 1, 1, tzinfo=UTC)
    acrlab.bring_to(forgotten, "registry")
    fresh = acrlab.connect(
        lab.settings.model_copy(update={"registry_name": "new42", "resource_group": "new", "expires_hours": 1})
    )
    acrlab.bring_to(fresh, "registry")
    acrlab.bring_to(lab, "registry")  # says no time

    plan = acrlab.steps.plan_expired(lab)
    acrlab.steps.carry_out(lab, plan)

    assert plan.groups == ("old",)
    assert sorted(g.name for g in lab.resources.resource_groups.list()) == ["myResourceGroup", "new"]
    forgotten.close()
    fresh.close()


@pytest.mark.parametrize(
    ("tags", "gone"),
    [
        ({"acrlab": "x", "acrlab-expires": "2026-01-01T12:00Z"}, True),
        ({"acrlab": "x", "acrlab-expires": "2026-01-01T12:01Z"}, False),
        ({"acrlab": "x", "acrlab-expires": "2026-01-01"}, True),
        ({"acrlab": "x", "acrlab-expires": "soon"}, False),
        ({"acrlab": "x"}, False),
        ({"acrlab-expires": "2020-01-01T12:00Z"}, False),
        (None, False),
    ],
)
def test_only_a_time_that_is_over_is_over(tags, gone):
    assert expired(tags, datetime(2026, 1, 1, 12, 0, tzinfo=UTC)) is gone


def test_a_registry_that_stays_gets_its_access_settings_back(lab):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    theirs = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"networkRuleBypassOptions": "None"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", theirs).result()
    before = acrlab.steps.capture_access(lab)
    acrlab.deny_public_access(lab)

    acrlab.delete_lab(lab)

    assert acrlab.steps.current_access(lab) == before


# -- where the list of all resources is old ----------------------------------------------------------------------------


@pytest.fixture
def late(lab, world):
    world.set_setting("timing", "as-azure")
    return lab


def test_what_an_old_list_does_not_show_yet_keeps_its_group_from_being_deleted(late, world):
    acrlab.bring_to(late, "zone", "network")
    theirs = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.200.0.0/16"]}}}
    late.network.virtual_networks.begin_create_or_update("myResourceGroup", "theirs", theirs).result()
    assert "theirs" not in [r.name for r in late.resources.resources.list_by_resource_group("myResourceGroup")]

    plan = acrlab.delete_lab(late)

    assert (plan.groups, [one.name for one in plan.kept]) == ((), ["myResourceGroup", "theirs"])
    assert [n.name for n in late.network.virtual_networks.list("myResourceGroup")] == ["theirs"]


def test_what_an_old_list_still_shows_is_not_left(late, world):
    late.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    acrlab.bring_to(late, "pull-right", "records")

    acrlab.delete_lab(late)

    assert list(late.resources.resources.list_by_resource_group("myResourceGroup"))
    assert acrlab.prove_absence(late) == ()
