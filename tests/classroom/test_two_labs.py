"""Two learners in one subscription do the whole course and never meet: no resource, no address, no name is both's."""

from __future__ import annotations

import ipaddress
from contextlib import closing

import pytest

from acrlab.classroom.plan import plan
from acrlab.classroom.roster import Learner
from acrlab.course.lookup import PLAN
from acrlab.course.progress import bring_to
from acrlab.lab.lab import connect
from acrlab.steps.approval import ensure_manual_endpoint
from acrlab.steps.clean_up import delete_lab, prove_absence
from acrlab.steps.portal import ensure_portal_endpoint

EVERYTHING = [step.name for step in PLAN if not step.name.startswith("public-access")]


def whole(lab):
    """Make all that the chapters make."""
    bring_to(lab, *EVERYTHING)
    ensure_manual_endpoint(lab)
    ensure_portal_endpoint(lab)


def things_of(lab):
    """Ids of all resources of a subscription, and the ranges and addresses in them."""
    found = {}
    for group in lab.resources.resource_groups.list():
        found[group.id.lower()] = set()
        for one in lab.resources.resources.list_by_resource_group(group.name):
            found[one.id.lower()] = set()
    for network in lab.network.virtual_networks.list_all():
        found[network.id.lower()] = {ipaddress.ip_network(p) for p in network.address_space.address_prefixes}
    return found


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Two learners' labs in one emulated subscription."""
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)
    planned = plan([Learner("ada"), Learner("bob")])
    with closing(connect(planned[0].settings)) as ada, closing(connect(planned[1].settings)) as bob:
        yield ada, bob


def test_two_labs_share_no_name_and_no_address(two):
    ada, bob = two
    whole(ada)
    hers = things_of(ada)
    whole(bob)
    both = things_of(bob)

    his = {id: ranges for id, ranges in both.items() if id not in hers}
    assert len(his) == len(hers)
    assert hers == {id: ranges for id, ranges in both.items() if id in hers}
    ranges = [[r for found in things.values() for r in found] for things in (hers, his)]
    assert len(ranges[0]) == len(ranges[1]) >= 2
    assert not any(a.overlaps(b) for a in ranges[0] for b in ranges[1])


def test_one_is_taken_away_and_the_other_stays(two):
    ada, bob = two
    for lab in two:
        whole(lab)
    before = things_of(bob)

    delete_lab(ada)

    assert prove_absence(ada) == ()
    left = things_of(bob)
    assert 0 < len(left) == len(before) // 2
    assert all("acrlab-bob" in id for id in left)
