import os
import sqlite3
import subprocess
import sys
import threading

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.world import World
from acrlab.emulator.types import ALL
from acrlab.errors import ConfigurationError

GROUP = ArmId.of_group("s", "g")


def grouped(world, name="g"):
    with world.transaction():
        return world.put(world.new(ArmId.of_group("s", name), {"location": "westus", "properties": {}}))


def test_two_worlds_over_one_file_see_the_same_resources(tmp_path):
    one, two = World(ALL, tmp_path / "world.db"), World(ALL, tmp_path / "world.db")

    grouped(one)

    assert two.find(GROUP).body["location"] == "westus"


def test_what_fails_inside_a_transaction_leaves_nothing_behind(tmp_path):
    world = World(ALL, tmp_path / "world.db")

    with pytest.raises(RuntimeError), world.transaction():
        grouped(world)
        raise RuntimeError

    assert world.find(GROUP) is None


def test_a_killed_process_loses_nothing_that_was_answered(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from acrlab.azure.arm_id import ArmId;"
        "from acrlab.emulator.types import ALL; from acrlab.emulator.core.world import World;"
        "world = World(ALL, Path(sys.argv[1]));\n"
        "with world.transaction():\n"
        "    world.put(world.new(ArmId.of_group('s', 'g'), {'location': 'westus'}))\n"
        "world.db.execute('BEGIN IMMEDIATE'); world.put(world.new(ArmId.of_group('s', 'half'), {}))\n"
        "os.kill(os.getpid(), 9)"
    )

    subprocess.run([sys.executable, "-c", script, str(tmp_path / "world.db")], check=False)

    world = World(ALL, tmp_path / "world.db")
    assert world.find(GROUP) is not None
    assert world.find(ArmId.of_group("s", "half")) is None


def test_ids_repeat_in_another_world_of_the_same_seed_and_differ_for_another_seed():
    one, two, other = World(ALL), World(ALL), World(ALL)
    other.set_setting("seed", "somebody else")

    ids = [world.guid(grouped(world), "resource") for world in (one, two, other)]

    assert ids[0] == ids[1] != ids[2]


def test_a_resource_made_again_gets_new_ids():
    world = World(ALL)
    first = world.guid(grouped(world), "resource")
    world.delete(GROUP)

    assert world.guid(grouped(world), "resource") != first


def test_time_moves_forward_only():
    world = World(ALL)
    world.advance_to(10)

    world.advance_to(5)

    assert world.now == 10


def test_writers_in_many_threads_lose_no_resource():
    world = World(ALL)
    threads = [threading.Thread(target=grouped, args=(world, f"g{i}")) for i in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert world.count() == 20


def test_deleting_a_resource_takes_everything_below_it_and_nothing_beside_it():
    world = World(ALL)
    network = GROUP.child("x", "x").sibling("Microsoft.Network/virtualNetworks", "v")
    for id in (network, network.child("subnets", "s"), network.sibling(network.type, "v2")):
        world.put(world.new(id, {"properties": {}}))

    world.delete(network)

    assert [r.id.name for r in world.of_type(network.type)] == ["v2"]
    assert list(world.of_type(f"{network.type}/subnets")) == []


def test_a_resource_knows_who_refers_to_it():
    world = World(ALL)
    target = GROUP.sibling("Microsoft.Network/virtualNetworks", "v")
    holder = GROUP.sibling("Microsoft.Network/privateEndpoints", "p")
    world.put(world.new(holder, {"properties": {"subnet": {"id": str(target).upper()}}}))

    assert [r.id.name for r in world.referrers(target)] == ["p"]


def test_a_saved_world_comes_back_with_its_blobs(tmp_path):
    world = World(ALL, tmp_path / "world.db")
    grouped(world)
    (world.blobs / "layer").write_text("content")
    world.save(tmp_path / "saved.db")
    world.reset()

    world.restore(tmp_path / "saved.db")

    assert world.find(GROUP) is not None
    assert (world.blobs / "layer").read_text() == "content"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_world_and_its_copies_are_their_owners_alone(tmp_path):
    world = World(ALL, tmp_path / "world.db")
    grouped(world)
    (tmp_path / "readable.db").touch(mode=0o644)

    for name in ("saved.db", "readable.db"):
        world.save(tmp_path / name)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("*.db*")}
    assert set(modes.values()) == {"0o600"}, modes


def test_a_reset_world_starts_again_with_the_same_ids():
    world = World(ALL)
    before = world.guid(grouped(world), "resource")
    world.advance_to(100)

    world.reset()

    assert (world.count(), world.now) == (0, 0)
    assert world.guid(grouped(world), "resource") == before


def test_a_file_that_is_no_world_is_named_and_kept(tmp_path):
    path = tmp_path / "world.db"
    path.write_text("this is a letter, not a database, and it is long enough to be looked at " * 20)

    with pytest.raises(ConfigurationError, match=r"world: .*world\.db is not a readable world") as caught:
        World(ALL, path)

    assert caught.value.field == "world"
    assert path.read_text().startswith("this is a letter")


def test_a_world_of_a_newer_version_is_refused_in_one_line(tmp_path):
    path = tmp_path / "world.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(ConfigurationError, match=r"written by a newer acrlab \(layout 99, this one reads 1\)"):
        World(ALL, path)
