import errno
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from acrlab import capabilities
from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.world import World
from acrlab.emulator.types import ALL
from acrlab.errors import ConfigurationError

WAY_OUT = "(Move the file away|On the first page of this site)"  # a browser shows no files
GROUP = ArmId.of_group("s", "g")


def grouped(world, name="g"):
    with world.transaction():
        return world.put(world.new(ArmId.of_group("s", name), {"location": "westus", "properties": {}}))


def test_two_worlds_over_one_file_see_the_same_resources(tmp_path):
    one, two = World(ALL, tmp_path / "world.db"), World(ALL, tmp_path / "world.db")

    grouped(one)

    assert two.find(GROUP).body["location"] == "westus"


def test_a_browser_s_world_sees_what_another_page_stored_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(capabilities, "PLATFORM", capabilities.BROWSER)
    here, elsewhere = tmp_path / "world.db", tmp_path / "elsewhere.db"
    world = World(ALL, here)
    grouped(world)
    shutil.copy(here, elsewhere)
    other = World(ALL, elsewhere)
    grouped(other, "h")
    other.close()

    here.write_bytes(elsewhere.read_bytes())

    assert world.find(ArmId.of_group("s", "h")) is not None
    assert sorted(path.name for path in tmp_path.glob("*.db*")) == ["elsewhere.db", "world.db"]


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
        "with world.transaction():\n"
        "    world.put(world.new(ArmId.of_group('s', 'half'), {}))\n"
        "    os.kill(os.getpid(), 9)"
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


def test_a_world_of_an_older_version_gets_the_tables_that_it_lacks(tmp_path):
    path = tmp_path / "world.db"
    with closing(World(ALL, path)) as made:
        made.set_value("kept", "yes")
        made.db.execute("DROP TABLE kept_name")
        made.db.execute("PRAGMA user_version = 1")

    with closing(World(ALL, path)) as opened:
        assert opened.value("kept", "") == "yes"
        assert opened.db.rows("SELECT * FROM kept_name") == []


def test_a_world_of_a_newer_version_is_refused_in_one_line(tmp_path):
    path = tmp_path / "world.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(ConfigurationError, match=r"written by a newer acrlab \(layout 99, this one reads 4\)"):
        World(ALL, path)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full, or fails. Free space, and go on"),
        (OSError(errno.EROFS, "Read-only file system"), "is read-only here. Copy it to a folder of your own"),
        (PermissionError(errno.EACCES, "Permission denied"), "is read-only here. Copy it to a folder of your own"),
    ],
)
def test_a_file_that_cannot_be_made_is_told_as_that_and_leaves_nothing(tmp_path, monkeypatch, problem, told):
    def fail(path, *given, **more):
        raise problem

    monkeypatch.setattr(Path, "touch", fail)
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        World(ALL, tmp_path / "new" / "world.db")

    assert list((tmp_path / "new").iterdir()) == []


def full(world, pages=3):
    """Let the world's file grow by no more than some pages, as on a disk that is full."""
    count = world.db.rows("PRAGMA page_count")[0][0]
    world.db.execute(f"PRAGMA max_page_count = {count + pages}")


def test_a_disk_that_is_full_keeps_what_was_answered_and_lets_one_go_on_later(tmp_path):
    world = World(ALL, tmp_path / "world.db")
    grouped(world)
    full(world)

    with pytest.raises(
        ConfigurationError, match=r"the disk is full, or fails\. Free space, and go on: nothing"
    ) as caught:
        for number in range(1000):
            grouped(world, f"g{number}" * 100)
    world.db.execute("PRAGMA max_page_count = 100000")
    grouped(world, "later")

    assert "Move the file away" not in str(caught.value)
    assert world.find(GROUP) is not None
    assert world.find(ArmId.of_group("s", "later")) is not None


def test_a_disk_that_is_full_in_an_inner_step_is_told_as_that(tmp_path):
    world = World(ALL, tmp_path / "world.db")
    full(world)

    with pytest.raises(ConfigurationError, match="the disk is full"), world.transaction(), world.savepoint():
        for number in range(1000):
            grouped(world, f"g{number}" * 100)

    assert world.count() == 0


def test_a_world_that_somebody_else_writes_to_is_busy_and_not_damaged(tmp_path):
    one, two = World(ALL, tmp_path / "world.db"), World(ALL, tmp_path / "world.db")
    two.db.execute("PRAGMA busy_timeout = 1")

    with one.transaction(), pytest.raises(ConfigurationError, match="is busy: another command") as caught:
        grouped(two)

    assert "Move the file away" not in str(caught.value)


def pages_of(path, table):
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        return root, db.execute("PRAGMA page_size").fetchone()[0]


@pytest.mark.parametrize("table", ["resource", "resource_type", "operation"])
def test_damage_is_found_when_the_file_is_opened(tmp_path, table):
    path = tmp_path / "world.db"
    world = World(ALL, path)
    grouped(world)
    world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    world.close()
    page, size = pages_of(path, table)
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\x55" * size
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=rf"is not a readable world: .* {WAY_OUT}"):
        World(ALL, path)

    assert path.read_bytes() == bytes(content)


@pytest.mark.parametrize("damage", ["{", "[1, 2", '{"a": \udc80}'])
def test_a_row_that_does_not_read_is_damage_and_no_fault_of_the_request(tmp_path, damage):
    world = World(ALL, tmp_path / "world.db")
    grouped(world)
    world.db.execute("UPDATE resource SET body = ?", (damage.encode("utf-8", "surrogateescape"),))

    with pytest.raises(ConfigurationError, match=rf"a row is damaged\. {WAY_OUT}"), world.transaction():
        world.find(GROUP)


def test_a_world_in_memory_takes_its_folder_along():
    look = "from acrlab.emulator.core.world import World; world = World([]); print(world.blobs)"

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    folder = Path(done.stdout.strip())
    assert folder.name.startswith("acrlab-")
    assert not folder.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_a_fork_that_ends_leaves_the_folder_of_a_world_in_memory_alone():
    look = (
        "import os, sys; from acrlab.emulator.core.world import World; world = World([]); folder = world.blobs\n"
        "if not (child := os.fork()): sys.exit()\n"
        "os.waitpid(child, 0); print(folder.exists())"
    )

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert done.stdout == "True\n"
