"""What a class takes of quotas, and whether its names are free, asked of the emulated Azure."""

from __future__ import annotations

import pytest

from acrlab.classroom import quotas
from acrlab.classroom.plan import plan
from acrlab.classroom.quotas import QUOTAS, Quota, needs, taken_names
from acrlab.classroom.roster import Learner
from acrlab.course.progress import bring_to
from acrlab.steps.approval import ensure_manual_endpoint
from acrlab.steps.portal import ensure_portal_endpoint


@pytest.fixture
def learners():
    return plan([Learner(f"l{number}") for number in range(60)])


def found(learners, **how):
    return {one.what: one for one in needs(learners, **how)}


def test_what_is_needed_is_that_of_all_labs_together(lab, learners):
    cores = found(learners, ask=True)["cores (2 of a Standard_B2s)"]

    assert (cores.needed, cores.limit, cores.asked, cores.enough) == (120, 100, True, False)
    assert cores.where == "westus"


def test_what_is_there_already_is_not_left(lab, learners):
    before = found(learners, ask=True)
    bring_to(lab, "vm")
    after = found(learners, ask=True)

    taken = {name: before[name].limit - after[name].limit for name in before if before[name].asked}
    assert taken["cores (2 of a Standard_B2s)"] == 2
    assert taken["networks"] == taken["public addresses, Standard"] == taken["network security groups"] == 1


def test_a_lab_takes_no_more_than_is_counted(lab, learners):
    """Counted against what the whole course makes, but for what its chapters take away before."""
    bring_to(lab, "pull-right", "records", "sample-image")
    ensure_manual_endpoint(lab)
    ensure_portal_endpoint(lab)
    groups = [group.name for group in lab.resources.resource_groups.list()]
    found = [one for name in groups for one in lab.resources.resources.list_by_resource_group(name)]
    kinds = [one.type.rpartition("/")[2] for one in found]

    each = {quota.what: quota.each for quota in QUOTAS}
    assert kinds.count("virtualNetworks") == each["networks"]
    assert kinds.count("privateEndpoints") == each["private endpoints"]
    assert kinds.count("networkInterfaces") == each["network interfaces"]
    assert kinds.count("privateDnsZones") == each["private DNS zones"]
    assert kinds.count("registries") == each["registries"]
    assert kinds.count("publicIPAddresses") == each["public addresses, Standard"]
    assert len(groups) == each["resource groups"]


def test_without_asking_what_is_documented_counts(learners):
    told = found(learners, ask=False)

    assert {one.asked for one in told.values()} == {False}
    assert (told["private DNS zones"].limit, told["private DNS zones"].enough) == (1000, True)
    assert (told["registries"].limit, told["registries"].enough) == (None, True)
    assert (told["public addresses, Standard"].limit, told["public addresses, Standard"].enough) == (10, False)


def test_each_subscription_and_region_has_its_own():
    learners = plan([Learner(f"l{n}") for n in range(10)], backend="azure", subscriptions=["s1", "s2"])

    told = [(one.where, one.needed) for one in needs(learners, ask=False) if one.what == "networks"]

    assert told == [("westus, s1", 10), ("westus, s2", 10)]


def test_of_several_quotas_of_one_kind_the_smallest_counts(lab, learners, monkeypatch):
    both = Quota("either", 1, 0, quotas.NETWORK, ("VirtualNetworks", "NetworkSecurityGroups", "not-there"))
    monkeypatch.setattr(quotas, "QUOTAS", (both,))

    assert found(learners, ask=True)["either"].limit == 1000


def test_a_name_that_someone_else_has_is_taken_and_one_s_own_is_not(lab, learners):
    two = learners[:2]
    assert taken_names(two) == {}
    theirs = {"location": "westus", "sku": {"name": "Basic"}}
    for group, registry in (("other", two[0].settings.registry_name), ("acrlab-l1", two[1].settings.registry_name)):
        lab.resources.resource_groups.create_or_update(group, {"location": "westus"})
        lab.registry.registries.begin_create(group, registry, theirs).result()

    assert taken_names(two) == {"l0": f"{two[0].settings.registry_name} is taken"}
