"""Faults that are dealt to a class: fair, repeatable, and different from the neighbour's."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrlab.course.practice.dealing import deal
from acrlab.course.practice.faults import FAULTS
from acrlab.errors import ConfigurationError

IDS = st.lists(st.text("abcdefgh0123456789-", min_size=1, max_size=6), unique=True, max_size=60)
NAMES = st.lists(st.sampled_from([fault.name for fault in FAULTS]), unique=True, min_size=2, max_size=12)


@given(IDS, NAMES, st.text(max_size=8))
def test_neighbours_differ_and_everyone_has_one(learners, faults, seed):
    dealt = deal(learners, faults, seed=seed)

    assert list(dealt) == learners
    assert set(dealt.values()) <= set(faults)
    assert all(one != other for one, other in pairwise(dealt.values()))


@given(IDS, NAMES, st.text(max_size=8))
def test_no_fault_comes_twice_more_often_than_another(learners, faults, seed):
    counts = Counter(dict.fromkeys(faults, 0)) + Counter(deal(learners, faults, seed=seed).values())
    often = [counts[name] for name in faults]

    assert max(often) - min(often) <= 1


@given(IDS, NAMES, st.text(max_size=8), st.randoms())
def test_neither_the_order_of_the_faults_nor_a_late_learner_changes_what_others_have(learners, faults, seed, chance):
    shuffled = chance.sample(faults, len(faults))

    again = deal([*learners, "late"], shuffled, seed=seed)

    assert deal(learners, faults, seed=seed).items() <= again.items()


def test_a_seed_deals_the_same_today_and_tomorrow():
    assert deal(["ada", "bob", "cy"], ["x", "y", "z"], seed="monday") == {"ada": "x", "bob": "y", "cy": "z"}


def test_another_seed_deals_otherwise():
    learners, faults = [f"learner{n}" for n in range(20)], [fault.name for fault in FAULTS]

    assert deal(learners, faults, seed="monday") != deal(learners, faults, seed="tuesday")


def test_one_fault_is_everyones():
    assert deal(["ada", "bob"], ["x"], seed="") == {"ada": "x", "bob": "x"}


def test_a_class_without_learners_gets_nothing_and_one_without_faults_is_refused():
    assert deal([], [], seed="") == {}
    with pytest.raises(ConfigurationError, match="there are no faults to deal"):
        deal(["ada"], [], seed="")
