"""Layers on their way in and out of a served registry: in pieces, never whole in memory, never half there."""

import contextlib
import errno
import hashlib
import socket
import time
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from acrlab.emulator.registry import growing_files, uploads
from acrlab.emulator.registry.blob_files import BlobFiles
from acrlab.emulator.registry.growing_files import GrowingFiles

MIB = 2**20


@pytest.fixture
def pusher(served):
    """A client that may push and pull in a registry, at its own name."""
    name = served.registry(adminUserEnabled=True)
    path = (
        f"/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/{name.partition('.')[0]}/listCredentials"
    )
    found = served.arm("POST", path, version="2023-07-01").json()
    proxy = served.connection.proxy
    login = (found["username"], found["passwords"][0]["value"])
    with httpx.Client(
        base_url=f"https://{name}", verify=served.trust, proxy=proxy, auth=login, timeout=60, trust_env=False
    ) as client:
        yield client


def digest_of(content, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def begin(client):
    return client.post("/v2/app/blobs/uploads/").headers["location"]


def has(client, digest):
    return client.head(f"/v2/app/blobs/{digest}").status_code == 200


def parts(served):
    """Files of bytes that belong to no blob yet."""
    folder = served.world.blobs / "uploads"
    return list(folder.iterdir()) if folder.exists() else []


def pieces(size, piece=b"0123456789abcdef" * 4096):
    for at in range(0, size, len(piece)):
        yield piece[: size - at]


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_layer_larger_than_any_other_body_is_pushed_and_pulled(pusher, served, algorithm):
    layer = b"".join(pieces(9 * MIB + 7))
    digest = digest_of(layer, algorithm)

    made = pusher.put(f"{begin(pusher)}&digest={digest}", content=layer)

    assert (made.status_code, made.headers["docker-content-digest"]) == (201, digest)
    assert pusher.get(f"/v2/app/blobs/{digest}", follow_redirects=True).content == layer
    assert parts(served) == []


@pytest.mark.long
def test_memory_does_not_grow_with_a_layer(pusher, served):
    """This process holds the client, too, so what is measured is the two of them."""
    size, digest = 256 * MIB, hashlib.sha256()
    for piece in pieces(size):
        digest.update(piece)
    digest = f"sha256:{digest.hexdigest()}"
    before, most = psutil.Process().memory_info().rss, 0

    def watched():
        nonlocal most
        for piece in pieces(size):
            most = max(most, psutil.Process().memory_info().rss)
            yield piece

    assert pusher.put(f"{begin(pusher)}&digest={digest}", content=watched()).status_code == 201
    got = hashlib.sha256()
    with pusher.stream("GET", f"/v2/app/blobs/{digest}", follow_redirects=True) as answer:
        for piece in answer.iter_bytes():
            got.update(piece)
            most = max(most, psutil.Process().memory_info().rss)

    assert f"sha256:{got.hexdigest()}" == digest
    assert most - before < 100 * MIB


def test_a_layer_of_a_stranger_is_not_stored(pusher, served):
    location, before = begin(pusher), parts(served)

    refused = pusher.put(f"{location}&digest={digest_of(b'')}", content=b"x" * MIB, auth=("another", "user"))

    assert refused.status_code == 401
    assert parts(served) == before


def test_a_layer_of_another_digest_leaves_nothing(pusher, served):
    wrong = digest_of(b"another")

    refused = pusher.put(f"{begin(pusher)}&digest={wrong}", content=b"x" * MIB)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "DIGEST_INVALID")
    assert not has(pusher, wrong)
    assert not has(pusher, digest_of(b"x" * MIB))
    assert parts(served) == []


def test_an_upload_that_breaks_off_is_over(pusher, served):
    layer, location = b"".join(pieces(2 * MIB)), begin(pusher)
    authorization = next(pusher.auth.auth_flow(httpx.Request("GET", "https://x"))).headers["authorization"]
    host = urlsplit(str(pusher.base_url)).hostname
    head = f"PATCH {location} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n"
    with served.dial(host) as line:
        line.sendall(f"{head}Content-Length: {len(layer)}\r\n\r\n".encode() + layer[:MIB])

    end = time.monotonic() + 20
    while (seen := pusher.get(location)).status_code == 204:
        assert time.monotonic() < end
        time.sleep(0.01)

    assert seen.json()["errors"] == [{"code": "BLOB_UPLOAD_INVALID", "message": "blob upload invalid"}]
    assert pusher.patch(location, content=layer).json()["errors"][0]["code"] == "BLOB_UPLOAD_UNKNOWN"
    assert parts(served) == []
    assert not has(pusher, digest_of(layer))


@pytest.mark.parametrize(("wanted", "status"), [("0-9", 416), ("5-1048580", 416), ("x", 416), ("1048576-1048580", 400)])
def test_a_chunk_at_a_wrong_place_or_of_another_length_is_refused(pusher, wanted, status):
    location = begin(pusher)
    location = pusher.patch(location, content=b"x" * MIB).headers["location"]

    refused = pusher.patch(location, content=b"y" * MIB, headers={"Content-Range": wanted})

    assert refused.status_code == status
    assert pusher.get(location).headers["range"] == f"0-{MIB - 1}"


def test_a_layer_may_not_be_larger_than_azure_allows(pusher, served, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", MIB)

    refused = pusher.put(f"{begin(pusher)}&digest={digest_of(b'')}", content=b"x" * (MIB + 1))

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (413, "SIZE_INVALID")
    assert parts(served) == []


def test_a_full_disk_refuses_and_keeps_what_was_there(pusher, served, monkeypatch):
    location, layer = begin(pusher), b"x" * MIB
    location = pusher.patch(location, content=layer).headers["location"]
    before = parts(served)
    with monkeypatch.context() as full:
        full.setattr(growing_files, "write_all", _no_room)
        refused = pusher.patch(location, content=layer)

    assert (refused.status_code, len(refused.json()["errors"])) == (507, 1)
    assert parts(served) == before
    assert pusher.put(f"{location}&digest={digest_of(layer)}").status_code == 201


def _no_room(number, piece):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_two_requests_on_one_upload_do_not_mix(pusher, served, monkeypatch):
    """The second finds that the first is still writing."""
    location, layer, refused = begin(pusher), b"x" * MIB, []
    grow = GrowingFiles.grow

    def disturbed(self, *words):
        monkeypatch.setattr(GrowingFiles, "grow", grow)
        refused.append(pusher.patch(location, content=b"quick" * 100))
        return grow(self, *words)

    monkeypatch.setattr(GrowingFiles, "grow", disturbed)

    location = pusher.patch(location, content=layer).headers["location"]
    assert [answer.status_code for answer in refused] == [416]
    assert pusher.put(f"{location}&digest={digest_of(layer)}").status_code == 201


def test_ending_an_upload_gives_its_file_a_name_and_copies_nothing(pusher, served):
    location, layer = begin(pusher), b"".join(pieces(3 * MIB))
    for at in range(0, len(layer), MIB):
        location = pusher.patch(location, content=layer[at : at + MIB]).headers["location"]
    (grown,) = parts(served)
    before = grown.stat()

    assert pusher.put(f"{location}&digest={digest_of(layer)}").status_code == 201

    after = BlobFiles(served.world.blobs).find(digest_of(layer)).path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert parts(served) == []


@pytest.mark.parametrize("ended_by", ["sha256", "sha512"])
def test_an_upload_is_ended_by_a_process_that_did_not_see_it_grow(pusher, served, ended_by):
    location, layer = begin(pusher), b"".join(pieces(2 * MIB))
    location = pusher.patch(location, content=layer[:MIB]).headers["location"]
    growing_files._MEMORIES.clear()
    location = pusher.patch(location, content=layer[MIB:]).headers["location"]

    assert pusher.put(f"{location}&digest={digest_of(layer, ended_by)}").status_code == 201


def test_bytes_of_a_request_that_was_killed_are_not_counted(pusher, served):
    location, layer = begin(pusher), b"".join(pieces(2 * MIB))
    location = pusher.patch(location, content=layer[:MIB]).headers["location"]
    (grown,) = parts(served)
    with grown.open("ab") as file:
        file.write(b"half of a request")  # written, and never acknowledged

    assert pusher.get(location).headers["range"] == f"0-{MIB - 1}"
    location = pusher.patch(location, content=layer[MIB:]).headers["location"]
    assert pusher.put(f"{location}&digest={digest_of(layer)}").status_code == 201


def test_slow_uploads_keep_nobody_waiting(pusher, served):
    layer, host = b"x" * MIB, pusher.base_url.host
    login = pusher.build_request("GET", "/v2/")
    login = next(pusher.auth.auth_flow(login)).headers["authorization"]
    with contextlib.ExitStack() as slow:
        for _ in range(40):
            plain = slow.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            sent = slow.enter_context(served.trust.wrap_socket(plain, server_hostname=host))
            head = f"PATCH {begin(pusher)} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10000000\r\n"
            sent.sendall(f"{head}Authorization: {login}\r\n\r\nx".encode())

        assert pusher.put(f"{begin(pusher)}&digest={digest_of(layer)}", content=layer, timeout=10).status_code == 201
