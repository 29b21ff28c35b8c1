"""What learners' labs are called: the same every time, and nothing of one is another's."""

from __future__ import annotations

import ipaddress
import time
import tomllib
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrlab.classroom.plan import plan, write_files
from acrlab.classroom.roster import ID, MOST, RESERVED, Learner
from acrlab.errors import ConfigurationError

SUBSCRIPTIONS = [f"00000000-0000-0000-0000-{n:012}" for n in range(3)]
ids = (
    st.from_regex(ID, fullmatch=True)
    .map(str.lower)
    .filter(lambda i: not (RESERVED.fullmatch(i) or i.endswith("-portal")))
)
rosters = st.lists(ids, min_size=1, max_size=60, unique=True).map(lambda found: [Learner(id) for id in found])


def class_of(number):
    return [Learner(f"learner{n}") for n in range(number)]


def names_of(one):
    """Names that no other lab in a subscription may have, and that of the registry, which is one's own in the world."""
    s = one.settings
    return {s.resource_group.lower(), s.portal_resource_group.lower(), s.registry_name.lower()}


def ranges_of(one):
    return [ipaddress.IPv4Network(v) for n, v in one.settings.model_dump().items() if n.endswith("network_prefix")]


@given(rosters, st.sampled_from([[], SUBSCRIPTIONS[:1], SUBSCRIPTIONS]))
def test_no_two_learners_share_a_name_or_an_address(learners, subscriptions):
    planned = plan(learners, backend="azure" if subscriptions else "emulator", subscriptions=subscriptions)

    names = [name for one in planned for name in names_of(one)]
    assert len(names) == len({*names}) == 3 * len(learners)
    ranges = sorted(found for one in planned for found in ranges_of(one))
    assert all(a.broadcast_address < b.network_address for a, b in pairwise(ranges))
    assert all(found.is_private and not found.overlaps(ipaddress.IPv4Network("10.0.0.0/16")) for found in ranges)


@pytest.mark.long
@given(rosters, ids)
def test_a_learner_who_comes_last_changes_nothing_for_the_others(learners, late):
    if late not in [one.id for one in learners]:
        assert plan([*learners, Learner(late)])[:-1] == plan(learners)


def test_a_plan_is_the_same_every_time():
    (ada,) = plan([Learner("ada", "Ada Lovelace", "a")], hours=4)

    assert ada.values == {
        "backend": "emulator",
        "resource_group": "acrlab-ada",
        "registry_name": "acrlabada4726ceea",
        "network_prefix": "10.4.208.0/23",
        "subnet_prefix": "10.4.208.0/24",
        "portal_network_prefix": "10.4.210.0/23",
        "portal_subnet_prefix": "10.4.210.0/24",
        "owner": "ada",
        "tags": "class=acrlab",
    }


def test_every_setting_that_is_an_address_or_has_to_be_unique_is_planned():
    one, other = (learner.settings.model_dump() for learner in plan(class_of(2)))

    same = {name for name, value in one.items() if value == other[name]}
    assert {name for name in same if name.endswith("prefix")} == set()
    assert {"resource_group", "portal_resource_group", "registry_name", "owner"} & same == set()


def test_two_hundred_learners_are_planned_below_a_second():
    begun = time.perf_counter()
    planned = plan(class_of(200))

    assert time.perf_counter() - begun < 1
    assert not any(a.overlaps(b) for a, b in combinations([found for one in planned for found in ranges_of(one)], 2))


def test_a_full_class_has_addresses_for_everyone_and_no_one_more():
    blocks = {one.values["network_prefix"] for one in plan(class_of(MOST))}

    assert len(blocks) == MOST
    with pytest.raises(ConfigurationError, match="there are addresses for 4080 learners, but the roster has 4081"):
        plan(class_of(MOST + 1))


def test_subscriptions_are_dealt_out_and_a_learner_s_own_stays():
    learners = [Learner("a"), Learner("b", subscription="own"), Learner("c"), Learner("d")]

    planned = plan(learners, backend="azure", subscriptions=SUBSCRIPTIONS[:2])

    dealt = [one.values["subscription"] for one in planned]
    assert dealt == [SUBSCRIPTIONS[0], "own", SUBSCRIPTIONS[0], SUBSCRIPTIONS[1]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prefix": "My class"}, "--prefix: 'My class' is not possible: 2 to 10 lower-case letters and digits."),
        ({"hours": -1}, "--hours: -1 is not possible. Write 0 to 8760."),
        ({"hours": float("nan")}, "--hours: nan is not possible"),
        ({"location": "mars"}, "roster: ada: location: there is no Azure region mars"),
        ({"backend": "azur"}, "roster: ada: backend: 'azur' is not possible"),
    ],
)
def test_what_is_not_possible_is_said_in_one_line(options, words):
    with pytest.raises(ConfigurationError) as caught:
        plan([Learner("ada")], **options)

    assert str(caught.value).startswith(words)


def test_a_class_without_a_subscription_is_told_so(monkeypatch):
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)

    with pytest.raises(ConfigurationError, match="roster: ada: subscription: backend azure needs the id"):
        plan([Learner("ada")], backend="azure")


def test_each_learner_gets_a_settings_file_in_which_other_lines_stay(tmp_path):
    planned = plan(class_of(2))
    write_files(planned, tmp_path)
    file = tmp_path / "learner1" / "acrlab.toml"
    file.write_text(f'{file.read_text()}vm_size = "Standard_B1s"\n')

    write_files(planned, tmp_path)

    assert tomllib.loads(file.read_text()) == {**planned[1].values, "vm_size": "Standard_B1s"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["learner0", "learner1"]


def test_another_lab_s_file_is_not_written_over(tmp_path):
    write_files(plan(class_of(2), prefix="spring"), tmp_path)

    with pytest.raises(ConfigurationError, match="belongs to another lab, spring-learner0"):
        write_files(plan([Learner("new"), *class_of(2)], prefix="autumn"), tmp_path)

    assert not (tmp_path / "new").exists()
