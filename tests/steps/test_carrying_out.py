"""How a plan is carried out: in which order, what a refusal keeps, and what is said of what is left."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from acrlab.errors import NotVisibleError, RefusedError
from acrlab.steps import clean_up
from acrlab.steps.clean_up import carry_out, give_back, prove_absence
from acrlab.steps.clean_up_plan import Item, Kept, plan_clean_up

NETWORK, ZONE = "Microsoft.Network/virtualNetworks", "Microsoft.Network/privateDnsZones"
LINK = f"{ZONE}/virtualNetworkLinks"
GROUP, PORTAL = "myResourceGroup", "myPortalResourceGroup"
THEIRS = {"acrlab": "fabrikam"}


def no(what, status=409):
    return RefusedError(what, status=status, code="Conflict", resource_id="")


INVISIBLE = NotVisibleError("not yours", resource_id="/x", permission="a/delete")


# -- one after another -------------------------------------------------------------------------------------------------

IN_ORDER = [
    "roleAssignments",
    "privateDnsZones/A",
    "managedClusters",
    "virtualMachines",
    "privateEndpoints",
    "privateDnsZones/virtualNetworkLinks",
    "dnsForwardingRulesets/virtualNetworkLinks",
    "dnsForwardingRulesets",
    "dnsResolvers/inboundEndpoints",
    "dnsResolvers/outboundEndpoints",
    "dnsResolvers",
    "registries",  # as all that is not named
    "networkInterfaces",
    "disks",
    "publicIPAddresses",
    "networkSecurityGroups",
    "virtualNetworks",
]


def item(kind, name="x"):
    return Item(name, kind, f"/{kind}/{name}", f"Microsoft.Some/{kind}")


def test_what_holds_on_to_others_goes_before_them_and_what_holds_others_last():
    assert [clean_up._rank(item(kind)) for kind in IN_ORDER] == list(range(17))


@pytest.fixture
def attempts(monkeypatch):
    """Has deletions refused as a test says: id -> how many times it is refused. What was tried, in order."""
    tried, times = [], {}

    def refused(_, one):
        tried.append(one.id)
        times[one.id] = times.get(one.id, 0) - 1
        return no(f"{one.name} is held") if times[one.id] >= 0 else None

    monkeypatch.setattr(clean_up, "_refused", refused)
    return SimpleNamespace(tried=tried, times=times)


@pytest.fixture
def pool(monkeypatch):
    """One thing after another, so that the order can be told."""
    monkeypatch.setattr(clean_up, "executor", lambda most: nullcontext(SimpleNamespace(map=map)))
    return SimpleNamespace(map=map)


def test_things_go_rank_by_rank_whatever_their_order_in_the_plan(lab, attempts, pool):
    things = [item(kind) for kind in ("virtualNetworks", "registries", "virtualMachines")]

    assert clean_up._one_by_one(lab, [*things, item("registries", "y")], pool) == {}
    assert attempts.tried == ["/virtualMachines/x", "/registries/x", "/registries/y", "/virtualNetworks/x"]


def test_what_was_held_goes_in_the_next_round_and_nothing_else_is_tried_again(lab, attempts, pool):
    attempts.times["/disks/x"] = 1

    assert clean_up._one_by_one(lab, [item("disks"), item("registries")], pool) == {}
    assert attempts.tried == ["/registries/x", "/disks/x", "/disks/x"]


def test_rounds_go_on_as_long_as_one_helps(lab, attempts, pool):
    attempts.times |= {"/disks/x": 2, "/disks/y": 1}

    assert clean_up._one_by_one(lab, [item("disks"), item("disks", "y"), item("registries")], pool) == {}
    assert attempts.tried == ["/registries/x", "/disks/x", "/disks/y", "/disks/x", "/disks/y", "/disks/x"]


def test_when_a_round_helps_nothing_all_that_is_left_is_told(lab, attempts, pool):
    attempts.times |= {"/disks/x": 9, "/disks/y": 9}

    refused = clean_up._one_by_one(lab, [item("disks"), item("registries"), item("disks", "y")], pool)

    assert {id: str(problem) for id, problem in refused.items()} == {
        "/disks/x": "x is held",
        "/disks/y": "y is held",
    }
    assert attempts.tried == ["/registries/x", "/disks/x", "/disks/y", "/disks/x", "/disks/y"]


# -- one thing ---------------------------------------------------------------------------------------------------------


def deleted(sent):
    return [one.partition("?")[0].rpartition("/")[2] for one in sent if one.startswith("DELETE")]


def test_a_thing_is_deleted_and_waited_for(lab, azure, world):
    azure.group()
    network = azure.network()

    assert clean_up._refused(lab, Item("net", "virtualNetworks", network, NETWORK)) is None
    assert world.find(network) is None


def test_what_is_gone_is_deleted(lab, azure):
    azure.group()
    gone = lab.id_of(NETWORK, "gone")

    assert clean_up._refused(lab, Item("gone", "virtualNetworks", gone, NETWORK)) is None


def test_what_is_gone_with_its_parent_is_deleted(lab):
    part = lab.id_of(LINK, "gone", "link")

    assert clean_up._refused(lab, Item("gone/link", "privateDnsZones/virtualNetworkLinks", part, LINK)) is None


def refusing(monkeypatch, problem):
    def refuse(*_, **__):
        raise problem

    monkeypatch.setattr(clean_up, "follow", refuse)


@pytest.mark.parametrize("problem", [no("held"), INVISIBLE, no("no answer", 0)])
def test_a_refusal_is_told_and_not_raised(lab, azure, monkeypatch, problem):
    azure.group()
    refusing(monkeypatch, problem)

    assert clean_up._refused(lab, Item("net", "virtualNetworks", azure.network(), NETWORK)) is problem
    assert clean_up._group_refused(lab, GROUP) is problem


def test_a_refusal_of_not_found_is_none(lab, azure, monkeypatch):
    azure.group()
    refusing(monkeypatch, no("gone", 404))

    assert clean_up._refused(lab, Item("net", "virtualNetworks", azure.network(), NETWORK)) is None


def test_a_refused_deletion_says_what_was_to_be_deleted(lab, azure):
    azure.group()
    network = azure.network()
    azure.lock(network)

    refused = clean_up._refused(lab, Item("net", "virtualNetworks", network, NETWORK))

    assert str(refused).startswith("Deleting net failed")
    assert refused.resource_id == network


def test_a_group_that_may_not_be_deleted_is_named(lab, azure):
    azure.lock(azure.group())

    refused = clean_up._group_refused(lab, GROUP)

    assert str(refused).startswith("Deleting the group failed")
    assert refused.resource_id == lab.group_id(GROUP)


def test_a_group_is_deleted_and_waited_for(lab, azure, world):
    azure.group()

    assert clean_up._group_refused(lab, GROUP) is None
    assert world.find(lab.group_id(GROUP)) is None


def test_people_are_told_what_is_waited_for(lab, azure, monkeypatch):
    told = []
    monkeypatch.setattr(clean_up, "follow", lambda poller, what: told.append((poller.result(), what)))
    azure.group()

    clean_up._refused(lab, Item("net", "virtualNetworks", azure.network(), NETWORK))
    clean_up._group_refused(lab, GROUP)

    assert told == [(None, "Deleting net"), (None, "Deleting myResourceGroup")]


def provider(monkeypatch, *types):
    def told(_, namespace):
        assert namespace == "Microsoft.Some"
        found = [SimpleNamespace(resource_type=name, api_versions=versions) for name, versions in types]
        return SimpleNamespace(resource_types=found)

    monkeypatch.setattr(clean_up, "provider", told)


def test_a_thing_is_deleted_at_the_newest_version_that_is_not_a_preview(lab, monkeypatch):
    versions = ["2023-01-01", "2024-05-01", "2025-01-01-preview", "2024-01-01"]
    provider(monkeypatch, ("others", ["2026-01-01"]), ("Things/Parts", versions))

    assert clean_up._version(lab, "Microsoft.Some/things/parts") == "2024-05-01"


def test_of_previews_alone_the_newest_is_taken(lab, monkeypatch):
    provider(monkeypatch, ("things", ["2025-01-01-preview", "2025-03-01-preview", "2024-01-01-preview"]))

    assert clean_up._version(lab, "Microsoft.Some/Things") == "2025-03-01-preview"


# -- a plan ------------------------------------------------------------------------------------------------------------


def test_groups_go_as_a_whole_and_nothing_of_them_alone(lab, azure, world, sent):
    for name in (GROUP, PORTAL):
        azure.network(group=azure.group(name).rpartition("/")[2])
    plan = plan_clean_up(lab)

    assert carry_out(lab, plan) == {}
    assert sorted(deleted(sent)) == [PORTAL, GROUP]
    assert world.count() == 0


def test_in_a_group_that_stays_the_lab_s_own_go_alone(lab, azure, sent):
    azure.group(tags={})
    azure.network("ours")
    azure.network("theirs", THEIRS)

    assert carry_out(lab, plan_clean_up(lab)) == {}
    assert deleted(sent) == ["ours"]


def test_what_is_refused_is_told_by_its_id_groups_and_things_alike(lab, azure, monkeypatch):
    azure.group()
    azure.group(PORTAL, {})
    azure.network(group=PORTAL)
    monkeypatch.setattr(clean_up, "_group_refused", lambda _, name: no(f"group {name}"))
    monkeypatch.setattr(clean_up, "_refused", lambda _, one: no(f"thing {one.name}"))

    refused = carry_out(lab, plan_clean_up(lab))

    assert {id: str(problem) for id, problem in refused.items()} == {
        lab.group_id(GROUP): f"group {GROUP}",
        lab.id_of(NETWORK, "net", group=PORTAL): "thing net",
    }


def test_a_group_that_something_came_into_since_is_told_with_the_newcomer_s_name(lab, azure):
    azure.group()
    azure.network()
    plan = plan_clean_up(lab)
    azure.zone("new.internal", THEIRS)
    azure.zone("newer.internal", THEIRS)

    (problem,) = carry_out(lab, plan).values()

    assert str(problem) == (
        "myResourceGroup is not deleted as a whole: new.internal, newer.internal came or changed after the plan was "
        "shown."
    )
    assert (problem.status, problem.code, problem.resource_id) == (0, "NotOurs", lab.group_id(GROUP))
    assert list(carry_out(lab, plan)) == [lab.group_id(GROUP)]


def test_a_group_in_which_something_changed_hands_is_told_with_its_name(lab, azure):
    azure.group()
    azure.network()
    azure.zone()
    plan = plan_clean_up(lab)
    azure.network(tags=THEIRS)

    (problem,) = carry_out(lab, plan).values()

    assert str(problem).startswith("myResourceGroup is not deleted as a whole: net came or changed")


def test_a_group_that_became_someone_else_s_is_told_with_the_reason(lab, azure):
    azure.group()
    plan = plan_clean_up(lab)
    azure.group(tags=THEIRS)

    (problem,) = carry_out(lab, plan).values()

    assert str(problem) == "myResourceGroup is not deleted as a whole: it does not carry the lab's tag."


def test_a_group_that_was_locked_since_is_told_with_the_lock(lab, azure):
    azure.group()
    plan = plan_clean_up(lab)
    azure.lock(lab.group_id())

    (problem,) = carry_out(lab, plan).values()

    assert str(problem) == "myResourceGroup is not deleted as a whole: it is locked by keep."


def test_a_group_that_is_gone_since_is_not_told(lab, azure):
    azure.group()
    plan = plan_clean_up(lab)
    clean_up.delete_lab(lab)

    assert carry_out(lab, plan) == {}


def test_no_more_than_eight_things_are_deleted_at_a_time(lab, azure, monkeypatch):
    at_once = []
    monkeypatch.setattr(clean_up, "executor", lambda most: at_once.append(most) or ThreadPoolExecutor(most))

    carry_out(lab, plan_clean_up(lab))

    assert at_once == [8]


def test_a_group_that_stays_anyway_and_one_that_goes_are_not_told(lab, azure):
    azure.group()
    azure.group(PORTAL, {})
    azure.network("theirs", THEIRS, PORTAL)
    plan = plan_clean_up(lab)

    assert clean_up._changed(lab, plan, plan) == {}


def test_a_group_whose_name_begins_alike_is_another(lab, azure):
    azure.group()
    plan = plan_clean_up(lab)
    gone = type(plan)((), (), (Kept("x", "virtualNetworks", f"{lab.group_id(GROUP)}2/providers/n/x", "why"),))

    assert clean_up._changed(lab, plan, gone) == {}


def test_deleting_a_group_takes_nothing_of_another(lab, azure, world):
    azure.group()
    azure.group("another")

    clean_up.delete_group(lab, "another")

    assert world.find(lab.group_id("another")) is None
    assert world.find(lab.group_id(GROUP)) is not None


def test_deleting_a_group_raises_what_is_refused(lab, azure, monkeypatch):
    azure.group("another")
    monkeypatch.setattr(clean_up, "_group_refused", lambda *_: no("held"))

    with pytest.raises(RefusedError, match="held"):
        clean_up.delete_group(lab, "another")


@pytest.fixture
def kept_group(lab, azure, monkeypatch):
    """A group of the lab that this identity may not delete, with a network in it; the network's id."""
    azure.group(PORTAL)
    monkeypatch.setattr(clean_up, "_group_refused", lambda *_: INVISIBLE)
    return azure.network(group=PORTAL)


def test_what_is_in_a_group_that_may_not_be_deleted_goes_without_it(lab, world, kept_group):
    refusals = carry_out(lab, plan_clean_up(lab, PORTAL))

    assert refusals == {lab.group_id(PORTAL): INVISIBLE}
    assert world.find(kept_group) is None
    assert world.find(lab.group_id(PORTAL)) is not None


def test_that_a_group_may_not_be_deleted_is_raised_or_left_out(lab, world, kept_group):
    clean_up.empty_group(lab, PORTAL)
    assert world.find(kept_group) is None

    with pytest.raises(NotVisibleError, match="not yours"):
        clean_up.delete_group(lab, PORTAL)


def test_what_else_is_refused_while_a_group_is_emptied_is_raised(lab, world, kept_group, monkeypatch):
    monkeypatch.setattr(clean_up, "_refused", lambda *_: no("held"))

    with pytest.raises(RefusedError, match="held"):
        clean_up.empty_group(lab, PORTAL)


def test_a_group_that_azure_refuses_for_another_reason_keeps_what_is_in_it(lab, azure, world, monkeypatch):
    azure.group(PORTAL)
    network = azure.network(group=PORTAL)
    monkeypatch.setattr(clean_up, "_group_refused", lambda *_: no("held"))

    with pytest.raises(RefusedError, match="held"):
        clean_up.empty_group(lab, PORTAL)

    assert world.find(network) is not None


def test_the_first_refusal_is_raised_and_none_is_no_error():
    clean_up._raise_first({})

    with pytest.raises(RefusedError, match="one"):
        clean_up._raise_first({"a": no("one"), "b": no("two")})


# -- the whole lab -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ways(monkeypatch):
    """The ways to put something back, each noted when it is gone; `refused` says which are."""
    gone, refused = [], {}

    def way(name):
        def go(given):
            gone.append((name, given))
            if name in refused:
                raise refused[name]

        return go

    for name in ("give_policies_back", "reopen", "take_image_back"):
        monkeypatch.setattr(clean_up, name, way(name))
    monkeypatch.setattr("acrlab.steps.beyond.replicas.take_back", way("take_back"))
    return SimpleNamespace(gone=gone, refused=refused)


def planned(*items):
    return SimpleNamespace(resources=items)


def test_a_registry_that_stays_is_opened_before_its_image_and_its_regions_are_taken_back(lab, ways):
    assert give_back(lab, planned(item("registries", "theirs"), item("virtualNetworks", "contoso42"))) == {}
    names = ["give_policies_back", "reopen", "take_image_back", "take_back"]
    assert ways.gone == [(name, lab) for name in names]


def test_a_registry_that_goes_gets_nothing_back(lab, ways):
    assert give_back(lab, planned(item("registries", "contoso42"))) == {}
    assert ways.gone == [("give_policies_back", lab)]


def test_what_is_not_as_it_was_is_told_in_words_and_keeps_nothing_else(lab, ways):
    ways.refused |= {
        "give_policies_back": no("a"),
        "reopen": INVISIBLE,
        "take_image_back": no("c"),
        "take_back": no("d"),
    }

    refused = give_back(lab, planned())

    assert {what: str(problem) for what, problem in refused.items()} == {
        "network policies of myDockerVMSubnet": "a",
        "access settings of contoso42": "not yours",
        "an image in contoso42": "c",
        "regions of contoso42": "d",
    }


def test_what_can_t_be_given_back_is_raised_and_keeps_nothing_of_the_lab(lab, azure, ways, world):
    azure.group()
    ways.refused["give_policies_back"] = no("policies")

    with pytest.raises(RefusedError, match="policies"):
        clean_up.delete_lab(lab)

    assert world.count() == 0


def test_deleting_the_lab_returns_what_was_planned(lab, azure, ways):
    azure.group()
    azure.network()

    plan = clean_up.delete_lab(lab)

    assert (plan.groups, [one.name for one in plan.resources]) == ((GROUP,), ["net"])
    assert prove_absence(lab) == ()


def test_what_is_refused_to_the_lab_is_raised(lab, azure, ways, monkeypatch):
    azure.group()
    monkeypatch.setattr(clean_up, "_group_refused", lambda *_: no("held"))

    with pytest.raises(RefusedError, match="held"):
        clean_up.delete_lab(lab)


def test_what_is_left_of_the_lab_is_listed(lab, azure):
    azure.group(tags={})
    network = azure.network()

    assert prove_absence(lab) == (Item("net", "virtualNetworks", network, NETWORK),)


def test_the_portal_s_group_goes_and_the_registry_s_connections_are_shown(lab, azure, world, monkeypatch):
    azure.group()
    azure.group(PORTAL)
    asked = []
    monkeypatch.setattr(clean_up, "connections", lambda given: asked.append(given) or ("one",))

    assert clean_up.remove_portal_endpoint(lab) == ("one",)
    assert asked == [lab]
    assert world.find(lab.group_id(PORTAL)) is None
    assert world.find(lab.group_id(GROUP)) is not None
