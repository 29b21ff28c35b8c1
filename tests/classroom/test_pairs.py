"""Pairs of a class: who plays with whom, what each gets, and that it is all or nothing."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from acrlab.classroom.pairs import opening
from acrlab.classroom.pairs.pairing import paired, settings_of
from acrlab.classroom.roster import Learner
from acrlab.errors import ConfigurationError
from acrlab.serving import sign_in
from acrlab.serving.world_file import applications_of, subscriptions_of
from acrlab.settings import Settings
from acrlab.settings.file import read

IDS = ("ada", "bob", "cleo", "dan", "eve")
GUIDS = {id: f"{at}1111111-2222-4333-8444-555555555555" for at, id in enumerate(IDS)}


def learners(*ids: str) -> list[Learner]:
    return [Learner(id) for id in ids]


def test_learners_are_paired_in_the_order_of_the_roster() -> None:
    found = paired(learners("dan", "ada", "cleo", "bob"))

    assert [[one.id for one in pair.learners] for pair in found] == [["dan", "ada"], ["cleo", "bob"]]


def test_with_an_odd_number_the_last_is_a_second_consumer() -> None:
    found = paired(learners(*IDS))

    assert [[one.id for one in pair.consumers] for pair in found] == [["bob"], ["dan", "eve"]]


def test_one_learner_is_no_pair() -> None:
    with pytest.raises(ConfigurationError, match="a pair takes two learners, and there is one"):
        paired(learners("ada"))


def test_a_consumer_is_told_the_registry_and_an_owner_the_consumers() -> None:
    planned = {one.learner.id: one for one in settings_of(paired(learners(*IDS)), GUIDS, "it")}

    group = f"/subscriptions/{GUIDS['cleo']}/resourceGroups/it-cleo"
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/{planned['cleo'].settings.registry_name}"
    assert planned["dan"].settings.partner == planned["eve"].settings.partner == registry
    assert planned["cleo"].settings.partner == f"{GUIDS['dan']},{GUIDS['eve']}"
    assert planned["ada"].settings.partner == GUIDS["bob"]
    assert {id: one.settings.subscription for id, one in planned.items()} == GUIDS


def test_each_gets_settings_and_a_sign_in_for_a_subscription_of_their_own(tmp_path: Path) -> None:
    world, out = tmp_path / "w.db", tmp_path / "class"

    places = opening.open_pairs(paired(learners("ada", "bob")), world, out, prefix="it")

    ids = {one.name: one.id for one in subscriptions_of(world)}
    known = {one.name: one for one in applications_of(world)}
    for place in places:
        id = place.planned.learner.id
        signs_in = sign_in.read(out / id / opening.SIGN_IN)
        settings = Settings.alone(**read(out / id / "acrlab.toml"))
        assert settings.subscription == signs_in.subscription == known[f"it-{id}"].subscription == ids[f"it-{id}"]
        assert (signs_in.client_id, signs_in.client_secret) == (known[f"it-{id}"].id, place.secret)
        assert stat.S_IMODE((out / id / opening.SIGN_IN).stat().st_mode) == 0o600
        assert place.secret not in (out / id / "acrlab.toml").read_text()


@pytest.mark.parametrize("name", ["acrlab.toml", "sign-in.json"])
def test_a_file_that_is_there_stays_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    world, out = tmp_path / "w.db", tmp_path / "class"
    (out / "bob").mkdir(parents=True)
    (out / "bob" / name).write_text("his own")

    with pytest.raises(ConfigurationError, match=re.escape(f"{out / 'bob' / name} exists already")):
        opening.open_pairs(paired(learners("ada", "bob")), world, out, prefix="it")

    assert (out / "bob" / name).read_text() == "his own"
    assert [path for path in out.rglob("*") if path.is_file()] == [out / "bob" / name]
    assert not world.exists()


def test_what_cannot_be_written_takes_everything_back(tmp_path: Path) -> None:
    world, out = tmp_path / "w.db", tmp_path / "class"
    out.mkdir()
    (out / "bob").write_text("a file where his folder would be")

    with pytest.raises(ConfigurationError, match="bob"):
        opening.open_pairs(paired(learners("ada", "bob")), world, out, prefix="it")

    assert applications_of(world) == []
    assert len(subscriptions_of(world)) == 1
    assert [path for path in out.rglob("*") if path.is_file()] == [out / "bob"]


def test_a_prefix_that_is_taken_in_that_world_is_named_with_the_way_out(tmp_path: Path) -> None:
    world = tmp_path / "w.db"
    opening.open_pairs(paired(learners("ada", "bob")), world, tmp_path / "one", prefix="it")

    with pytest.raises(ConfigurationError, match=r"'it-ada' .* Choose another prefix, or another --world") as caught:
        opening.open_pairs(paired(learners("ada", "bob")), world, tmp_path / "two", prefix="it")

    assert caught.value.field == "--prefix"
    assert not (tmp_path / "two").exists()
    assert len(applications_of(world)) == 2
