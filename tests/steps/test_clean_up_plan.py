"""What a plan names and what it leaves alone, read from things that were put straight into the world."""

from types import SimpleNamespace

import pytest

from acrlab.emulator.core import fault_injection
from acrlab.errors import NotVisibleError, RefusedError
from acrlab.lab.group_contents import Held
from acrlab.lab.memory import GROUPS, keep, note_elsewhere
from acrlab.steps import clean_up_plan
from acrlab.steps.clean_up_plan import (
    CleanUpPlan,
    Item,
    Kept,
    labs_of,
    look_again,
    plan_clean_up,
    plan_expired,
)

OURS, THEIRS = {"acrlab": "contoso42"}, {"acrlab": "fabrikam"}
OVER, TO_COME = ({"acrlab": "old42", "acrlab-expires": f"{year}-01-01T00:00Z"} for year in ("2020", "2999"))
GROUP, PORTAL = "myResourceGroup", "myPortalResourceGroup"
NETWORK, ZONE = "Microsoft.Network/virtualNetworks", "Microsoft.Network/privateDnsZones"
DISK, VM, NIC = "Microsoft.Compute/disks", "Microsoft.Compute/virtualMachines", "Microsoft.Network/networkInterfaces"
FOREIGN = "it does not carry the lab's tag"


def refuse(world, path, *, code="", message="", method="GET"):
    fault_injection.plant(world, fault_injection.Fault("error", method, path, "every", code=code, message=message))


def invisible(world, path):
    refuse(world, path, code="AuthorizationFailed", message="does not have authorization to perform action 'a/read'")


# -- a group -----------------------------------------------------------------------------------------------------------


def test_a_group_of_the_lab_goes_as_a_whole_with_what_is_in_it_by_type_and_name(lab, azure):
    azure.group()
    azure.network("b")
    azure.network("a")
    azure.zone()

    plan = plan_clean_up(lab)

    assert plan.groups == (GROUP,)
    assert plan.resources == (
        Item("contoso.internal", "privateDnsZones", lab.id_of(ZONE, "contoso.internal"), ZONE),
        Item("a", "virtualNetworks", lab.id_of(NETWORK, "a"), NETWORK),
        Item("b", "virtualNetworks", lab.id_of(NETWORK, "b"), NETWORK),
    )
    assert (plan.kept, plan.left, plan.empty) == ((), plan.resources, False)


def test_where_there_is_nothing_the_plan_is_empty(lab):
    plan = plan_clean_up(lab)

    assert (plan.groups, plan.resources, plan.kept, plan.left, plan.empty) == ((), (), (), (), True)


def test_an_empty_group_of_the_lab_is_not_an_empty_plan(lab, azure):
    azure.group()

    assert plan_clean_up(lab).groups == (GROUP,)
    assert not plan_clean_up(lab).empty


def test_in_a_group_of_someone_else_the_lab_s_own_go_alone(lab, azure):
    azure.group(tags={})
    azure.network("ours")
    azure.network("theirs", THEIRS)

    plan = plan_clean_up(lab)

    assert plan.groups == ()
    assert [one.name for one in plan.resources] == ["ours"]
    assert plan.kept == (
        Kept(GROUP, "group", lab.group_id(), FOREIGN, ours=False),
        Kept("theirs", "virtualNetworks", lab.id_of(NETWORK, "theirs"), FOREIGN, ours=False),
    )
    assert plan.left == plan.resources
    assert not plan.empty


def test_a_group_of_someone_else_in_which_all_is_the_lab_s_stays(lab, azure):
    azure.group(tags={})
    azure.network()

    assert plan_clean_up(lab).kept == (Kept(GROUP, "group", lab.group_id(), FOREIGN, ours=False),)


def test_a_group_of_the_lab_stays_with_the_first_thing_that_does(lab, azure):
    azure.group()
    azure.network("theirs", THEIRS)
    azure.zone("theirs.internal", THEIRS)

    plan = plan_clean_up(lab)

    assert plan.groups == ()
    assert plan.kept[0] == Kept(GROUP, "group", lab.group_id(), "it holds theirs.internal, which stays", ours=True)
    assert plan.left == plan.kept[:1]


def test_what_is_locked_stays_with_the_lock_s_name_and_is_still_ours(lab, azure):
    azure.group()
    azure.zone()
    locked = azure.network()
    azure.lock(locked)

    plan = plan_clean_up(lab)

    assert [one.name for one in plan.resources] == ["contoso.internal"]
    assert plan.kept == (
        Kept(GROUP, "group", lab.group_id(), "it holds net, which stays", ours=True),
        Kept("net", "virtualNetworks", locked, "it is locked by keep", ours=True),
    )


def test_a_lock_on_one_thing_does_not_hold_another_whose_name_begins_alike(lab, azure):
    azure.group()
    azure.lock(azure.network("net"))
    azure.network("net2")

    assert [one.name for one in plan_clean_up(lab).resources] == ["net2"]


def test_a_locked_group_stays_with_all_that_is_in_it(lab, azure):
    azure.lock(azure.group(), "whole")
    azure.network()

    plan = plan_clean_up(lab)

    assert (plan.groups, plan.resources) == ((), ())
    assert {(one.name, one.reason) for one in plan.kept} == {
        (GROUP, "it is locked by whole"),
        ("net", "it is locked by whole"),
    }


def test_a_locked_group_of_someone_else_stays_because_it_is_theirs(lab, azure):
    azure.lock(azure.group(tags={}))

    assert plan_clean_up(lab).kept == (Kept(GROUP, "group", lab.group_id(), FOREIGN, ours=False),)


def test_where_locks_may_not_be_read_the_plan_goes_on_without(lab, azure, world):
    azure.lock(azure.group())
    invisible(world, "*/locks")

    assert plan_clean_up(lab).groups == (GROUP,)


def test_where_locks_can_t_be_told_for_another_reason_there_is_no_plan(lab, azure, world):
    azure.group()
    refuse(world, "*/locks", code="Conflict", message="not now")

    with pytest.raises(RefusedError, match="not now"):
        plan_clean_up(lab)


def test_a_group_that_goes_meanwhile_has_no_locks(lab, monkeypatch):
    def gone(*_, **__):
        raise RefusedError("gone", status=404, code="ResourceGroupNotFound", resource_id="")

    monkeypatch.setattr(lab.arm, "get_all", gone)

    assert clean_up_plan._locks(lab, lab.group_id()) == {}


def test_a_plan_looks_in_all_groups_of_the_lab_or_in_those_that_are_named(lab, azure):
    for name in (GROUP, PORTAL, "noted", "another"):
        azure.group(name)
    keep(lab, GROUPS, ["noted"])

    assert plan_clean_up(lab).groups == (GROUP, PORTAL, "noted")
    assert plan_clean_up(lab, PORTAL, "another").groups == (PORTAL, "another")


def test_a_plan_looks_in_another_subscription_where_the_lab_noted_a_group(lab):
    there = lab.in_subscription(lab.backend.other_subscription())
    note_elsewhere(lab, there.group_id())
    there.resources.resource_groups.create_or_update(GROUP, {"location": "westus", "tags": OURS})

    assert plan_clean_up(lab).groups == (there.group_id(),)


def test_what_may_not_be_listed_stops_the_plan_with_the_group_s_name(lab, azure, world):
    azure.group()
    refuse(world, f"*/resourceGroups/{GROUP}", code="Conflict", message="not now")

    with pytest.raises(RefusedError, match="Reading the group failed") as caught:
        plan_clean_up(lab)
    assert caught.value.resource_id == lab.group_id()


# -- what belongs to what --------------------------------------------------------------------------------------------


def listed(lab, *found):
    """What a lab's clients say when they list a group, each a `Held`."""
    return {one.id.lower() for one in found}


def held(lab, type, name, tags=None, managed_by=""):
    return Held(lab.id_of(type, *name.split("/")), name, type, tags or {}, managed_by)


def test_a_disk_belongs_to_the_vm_that_it_is_part_of(lab):
    vm = held(lab, VM, "vm", OURS)
    disks = [held(lab, DISK, "disk", None, vm.id.upper()), held(lab, DISK, "spare", None, lab.id_of(VM, "other"))]

    mine = clean_up_plan._owned([*disks, vm], lambda tags: tags == OURS)

    assert mine == listed(lab, vm, disks[0])


def test_a_part_belongs_to_what_it_is_part_of(lab):
    zone, link = held(lab, ZONE, "z", OURS), held(lab, f"{ZONE}/virtualNetworkLinks", "z/link")

    assert clean_up_plan._owned([zone, link], lambda tags: tags == OURS) == listed(lab, zone, link)
    assert clean_up_plan._owned([link], lambda tags: tags == OURS) == set()


def test_the_interface_that_an_endpoint_brought_along_goes_with_it(lab):
    endpoint = held(lab, "Microsoft.Network/PrivateEndpoints", "pe", OURS)
    brought = Held(lab.id_of(NIC, "pe.nic.1"), "pe.nic.1", NIC, {}, endpoint.id.upper())
    others = [held(lab, NIC, "other"), Held(lab.id_of(NIC, "theirs"), "theirs", NIC, {}, f"{endpoint.id}2")]

    mine = clean_up_plan._owned([*others, endpoint, brought], lambda tags: tags == OURS)

    assert mine == listed(lab, endpoint, brought)


# -- things of others that the lab put something into ------------------------------------------------------------------


def test_the_lab_s_records_in_a_zone_of_someone_else_go(lab, azure):
    azure.group(tags={})
    zone = azure.zone(tags=THEIRS)
    azure.record(zone, "ours", OURS)
    azure.record(zone, "theirs", THEIRS)
    azure.record(zone, "bare", None)

    plan = plan_clean_up(lab)

    assert plan.resources == (Item("ours", "privateDnsZones/A", f"{zone}/A/ours", f"{ZONE}/A"),)
    assert [one.name for one in plan.kept] == [GROUP, "contoso.internal"]


def test_records_in_a_zone_of_the_lab_go_with_it(lab, azure):
    azure.group()
    azure.record(azure.zone(), "ours", OURS)

    assert [one.kind for one in plan_clean_up(lab).resources] == ["privateDnsZones"]


def test_the_right_that_the_lab_gave_its_vm_on_a_registry_of_someone_else_goes(lab, monkeypatch):
    registry = held(lab, "Microsoft.ContainerRegistry/Registries", "theirs")
    going = [
        Item("vm", "virtualMachines", "/vm", VM),
        Item("net", "virtualNetworks", "/net", NETWORK),
        Item("vm2", "virtualMachines", "/vm2", VM),
    ]
    role = "/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"

    def rights_of(asked, vm, scope):
        assert (asked, scope) == (lab, registry.id)
        return [{"id": f"{vm}/{n}", "given": n == "ours", "properties": {"roleDefinitionId": role}} for n in RIGHTS]

    def is_given(asked, right, scope):
        assert (asked, scope) == (lab, registry.id)
        return right["given"]

    monkeypatch.setattr(clean_up_plan, "rights_of", rights_of)
    monkeypatch.setattr(clean_up_plan, "is_given_by_lab", is_given)

    parts = list(clean_up_plan._parts(lab, [registry, held(lab, NETWORK, "theirs")], going, lambda tags: False))

    assert parts == [
        Item("AcrPull", "roleAssignments", f"/{vm}/ours", "Microsoft.Authorization/roleAssignments")
        for vm in ("vm", "vm2")
    ]


RIGHTS = ("theirs", "ours")


def test_what_a_vm_may_do_in_a_group_that_stays_goes_with_the_vm(lab, monkeypatch):
    going = [Item("net", "virtualNetworks", "/net", NETWORK), Item("vm", "virtualMachines", "/vm", VM.upper())]
    role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"

    def own_rights_on(asked, vm, scope):
        assert (asked, vm, scope) == (lab, "/vm", lab.group_id())
        return [{"id": "/0", "properties": {"roleDefinitionId": role}}]

    monkeypatch.setattr(clean_up_plan, "own_rights_on", own_rights_on)

    parts = list(clean_up_plan._rights_on(lab, lab.group_id(), going))

    assert parts == [Item("Reader", "roleAssignments", "/0", "Microsoft.Authorization/roleAssignments")]


def test_who_may_not_read_rights_can_clean_up(lab, monkeypatch):
    def own_rights_on(asked, vm, scope):
        if vm == "/vm":
            raise NotVisibleError("no", resource_id=scope, permission="Microsoft.Authorization/roleAssignments/read")
        return [{"id": "/0", "properties": {"roleDefinitionId": "/roleDefinitions/else"}}]

    monkeypatch.setattr(clean_up_plan, "own_rights_on", own_rights_on)
    going = [Item(name, "virtualMachines", f"/{name}", VM) for name in ("vm", "vm2")]

    assert [one.id for one in clean_up_plan._rights_on(lab, "/group", going)] == ["/0"]


# -- labs, and what is over --------------------------------------------------------------------------------------------


def test_the_labs_in_the_groups_of_these_settings_are_named_once(lab, azure):
    azure.group(tags=OURS)
    azure.network("a", THEIRS)
    azure.network("b", {"team": "web"})
    azure.group(PORTAL, {})
    azure.zone("c.internal", {"acrlab": "adatum"}, PORTAL)
    azure.zone("d.internal", {"acrlab": "fabrikam"}, PORTAL)

    assert labs_of(lab) == ("adatum", "contoso42", "fabrikam")


def test_where_there_are_no_groups_there_are_no_labs(lab):
    assert labs_of(lab) == ()


def test_in_a_group_without_tags_the_things_tell_of_their_labs(lab, azure):
    azure.put(lab.group_id(), location="westus")
    azure.network(tags=THEIRS)

    assert labs_of(lab) == ("fabrikam",)


def test_a_group_that_may_not_be_read_is_named(lab, azure, world):
    azure.group()
    refuse(world, f"*/resourceGroups/{PORTAL}", code="Conflict", message="not now")

    with pytest.raises(RefusedError, match="Reading the group failed") as caught:
        labs_of(lab)
    assert caught.value.resource_id == lab.group_id(PORTAL)


def test_what_was_meant_to_be_gone_goes_with_its_group_or_alone(lab, azure):
    azure.group("b-over", OVER)
    azure.network("in-it", OVER, "b-over")
    azure.group("A-mixed", {})
    azure.network("over", OVER, "A-mixed")
    azure.network("to-come", TO_COME, "A-mixed")
    azure.group("c-to-come", TO_COME)
    azure.network("with-it", TO_COME, "c-to-come")

    plan = plan_expired(lab)

    assert plan.groups == ("b-over",)
    assert [one.name for one in plan.resources] == ["over", "in-it"]
    assert [(one.name, one.reason) for one in plan.kept] == [("A-mixed", FOREIGN), ("to-come", FOREIGN)]
    assert plan.ours(OVER)
    assert not plan.ours(TO_COME)


def test_a_group_that_ids_spell_in_other_letters_is_planned_once(lab, azure, monkeypatch):
    """Azure's list of a subscription has disks in their group's name in capitals."""
    azure.group("over", OVER)
    network = azure.network(tags=OVER, group="over")
    shouted = SimpleNamespace(id=network.replace("/over/", "/OVER/"), tags=OVER)
    monkeypatch.setattr(lab.resources.resources, "list", lambda: [shouted])

    plan = plan_expired(lab)

    assert plan.groups == ("over",)
    assert [one.name for one in plan.resources] == ["net"]


def test_a_subscription_that_may_not_be_listed_is_named(lab, world):
    refuse(world, "*/resourcegroups", code="Conflict", message="not now")

    with pytest.raises(RefusedError, match="Listing the subscription failed") as caught:
        plan_expired(lab)
    assert caught.value.resource_id == f"/subscriptions/{lab.subscription}"


# -- looking again -----------------------------------------------------------------------------------------------------


def test_what_is_as_it_was_shown_goes(lab, azure):
    azure.group()
    azure.network()
    plan = plan_clean_up(lab)

    now = look_again(lab, plan)

    assert (now.groups, now.resources, now.kept) == (plan.groups, plan.resources, plan.kept)
    assert now.ours is plan.ours


def test_what_came_since_stays_and_keeps_its_group(lab, azure):
    azure.group()
    azure.network()
    plan = plan_clean_up(lab)
    azure.zone()

    now = look_again(lab, plan)

    assert now.groups == ()
    assert [one.name for one in now.resources] == ["net"]
    reason = "it was not there when the plan was shown"
    zone = lab.id_of(ZONE, "contoso.internal")
    assert now.kept == (Kept("contoso.internal", "privateDnsZones", zone, reason, ours=True),)


def test_what_became_someone_else_s_since_stays(lab, azure):
    azure.group()
    azure.network()
    azure.zone()
    plan = plan_clean_up(lab)
    azure.network(tags=THEIRS)

    now = look_again(lab, plan)

    assert now.groups == ()
    assert [one.name for one in now.resources] == ["contoso.internal"]
    assert [(one.name, one.reason) for one in now.kept] == [(GROUP, "it holds net, which stays"), ("net", FOREIGN)]


def test_a_group_that_became_the_lab_s_since_does_not_go_as_a_whole(lab, azure):
    azure.group(tags={})
    azure.network()
    plan = plan_clean_up(lab)
    azure.group()

    assert look_again(lab, plan).groups == ()


def test_a_group_is_looked_at_once_however_it_is_spelled(lab, azure, sent):
    azure.group()
    azure.network()
    plan = plan_clean_up(lab)
    spelled = CleanUpPlan((GROUP.upper(),), plan.resources, ours=plan.ours)
    sent.clear()

    now = look_again(lab, spelled)

    assert [one.name for one in now.resources] == ["net"]
    assert [name.lower() for name in now.groups] == [GROUP.lower()]
    assert sum(f"/resourcegroups/{GROUP}?".lower() in one.lower() for one in sent) == 1


def test_what_is_in_a_group_beside_those_of_the_plan_is_looked_at_there(lab, azure):
    azure.group("another", {})
    azure.network(group="another")
    plan = plan_clean_up(lab, "another")

    assert look_again(lab, plan).resources == plan.resources
    assert [one.name for one in plan.resources] == ["net"]


def test_a_plan_of_one_s_own_owns_nothing_unless_told():
    assert not CleanUpPlan((), ()).ours(OURS)
