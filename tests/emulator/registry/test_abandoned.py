"""Uploads that nobody ends, and what kills leave of them."""

import os
import time

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.registry.abandoned import STILL_S, WEEK_S
from tests.emulator.registry.conftest import SCOPES, Client, code, digest_of


@pytest.fixture
def client(open_lab, tmp_path):
    lab = open_lab(tmp_path / "world.db")
    lab.make_registry()
    lab.world.advance_to(60)
    return Client(lab)


def parts(client):
    return sorted(path.name for path in (client.lab.world.blobs / "uploads").iterdir())


def age(client):
    """Let every part lie still for longer than any request takes."""
    moment = time.time() - STILL_S - 1
    for path in (client.lab.world.blobs / "uploads").iterdir():
        os.utime(path, (moment, moment))


def start(client):
    EmulatedAzure(client.lab.world.path).close()


def test_a_part_that_no_upload_names_is_deleted_at_the_next_start(client):
    location = client.begin()
    location = client.ask("PATCH", location, b"lay").headers["Location"]
    named = parts(client)
    (client.lab.world.blobs / "uploads" / "tmpkilled").write_bytes(b"half a layer")
    age(client)

    start(client)

    assert parts(client) == named
    assert client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"er").status == 201


def test_a_part_that_still_grows_belongs_to_another_process_and_stays(client):
    client.begin()
    client.lab.world.blobs.joinpath("uploads").mkdir(exist_ok=True)
    (client.lab.world.blobs / "uploads" / "tmpgrowing").write_bytes(b"half a layer")

    start(client)

    assert parts(client) == ["tmpgrowing"]


def test_an_upload_that_nobody_touched_for_a_week_is_over_with_its_parts(client):
    over, later = client.begin(), client.begin()
    over = client.ask("PATCH", over, b"lay").headers["Location"]
    client.lab.world.advance_to(client.lab.world.now + WEEK_S - 60)
    client.token = client.lab.token(*SCOPES)
    later = client.ask("PATCH", later, b"lay").headers["Location"]
    assert client.ask("GET", over).status == 204
    kept = len(parts(client))
    client.lab.world.advance_to(client.lab.world.now + 60)
    age(client)

    client.token = client.lab.token(*SCOPES)
    assert code(client.ask("GET", over)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert code(client.ask("PATCH", over, b"er")) == (404, "BLOB_UPLOAD_UNKNOWN")
    start(client)
    assert (kept, len(parts(client))) == (2, 1)
    assert client.ask("GET", later).status == 204


def test_opening_a_world_without_parts_writes_nothing(tmp_path):
    EmulatedAzure(tmp_path / "world.db").close()
    before = (tmp_path / "world.db").read_bytes()

    EmulatedAzure(tmp_path / "world.db").close()

    assert (tmp_path / "world.db").read_bytes() == before
    assert not (tmp_path / "world.blobs").exists()


def test_an_upload_of_a_world_from_before_uploads_grew_in_one_file_is_not_gone_on_with(client):
    location = client.begin()
    with client.lab.world.transaction():
        client.lab.world.db.execute("UPDATE content SET value = json_remove(value, '$.size') WHERE kind = 'upload'")

    assert client.ask("PATCH", location, b"lay").status == 404
    assert client.ask("GET", location).status == 404
