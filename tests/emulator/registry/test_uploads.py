"""What becomes of an upload whose client goes away, whose bytes are refused, or that others change meanwhile."""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from acrlab.emulator.core.http import Interrupted, Request
from acrlab.emulator.registry import uploads
from acrlab.emulator.registry.blob_files import BlobFiles
from acrlab.emulator.registry.calls import Call
from acrlab.emulator.registry.content import UPLOAD, Content
from acrlab.emulator.registry.growing_files import GrowingFiles
from acrlab.emulator.registry.refusals import Refusal
from tests.emulator.registry.conftest import Client, code, digest_of

NAME = "app/web"  # with a slash, which stays one in addresses


def parts(client):
    return sorted(path.name for path in BlobFiles(client.lab.world.blobs).parts())


def breaking_off(*pieces):
    yield from pieces
    raise Interrupted


def ask(client, method, path, *, rest=(), query=None, **headers):
    """Send what arrives piece by piece."""
    sent = {"authorization": f"Bearer {client.token}"} | {name.replace("_", "-"): v for name, v in headers.items()}
    parts = urlsplit(path)
    query = {**dict(parse_qsl(parts.query)), **(query or {})}
    request = Request(method, "contoso.azurecr.io", parts.path, query, sent, rest=rest)
    return client.lab.service.handle(replace(request, origin="https://contoso.azurecr.io"), client.lab.outside)


@pytest.fixture
def client(lab):
    client = Client(lab)
    client.token = lab.token(f"repository:{NAME}:*", "repository:app:*", "repository:secret:push")
    return client


def begin(client, name=NAME):
    return client.ask("POST", f"/v2/{name}/blobs/uploads/").headers["Location"]


def id_of(location):
    return urlsplit(location).path.rpartition("/")[2]


def call_of(client, location, body=b""):
    """The operation on an upload, as the service hands it on."""
    parts = urlsplit(location)
    query = dict(parse_qsl(parts.query))
    request = Request("PATCH", "contoso.azurecr.io", parts.path, query, body=body)
    return Call(client.lab.world, client.lab.registry, request, NAME, id_of(location))


def lock(client, name=NAME):
    content = Content(client.lab.world, client.lab.registry)
    client.put(client.manifest(client.push(b"l", name), config=client.push(b"{}", name)), name=name)
    with client.lab.world.transaction():
        repository = content.repository(name)
        repository.value.setdefault("attributes", {})["writeEnabled"] = False
        content.put(repository)


# -- answers -----------------------------------------------------------------------------------------------------------


def test_a_new_upload_says_where_it_goes_on_and_that_nothing_is_there(client):
    answer = client.ask("POST", f"/v2/{NAME}/blobs/uploads/")

    id = answer.headers["Docker-Upload-UUID"]
    assert answer.status == 202
    assert (urlsplit(answer.headers["Location"]).path, answer.headers["Range"]) == (
        f"/v2/{NAME}/blobs/uploads/{id}",
        "0-0",
    )


def test_the_address_of_an_upload_says_which_it_is_and_how_far_as_azure_writes_it(client):
    location = client.ask("PATCH", begin(client), b"four").headers["Location"]

    query = parse_qs(urlsplit(location).query)
    state = urlsafe_b64decode(query["_state"][0])
    assert list(query) == ["_nouploadcache", "_state"]
    assert query["_nouploadcache"] == ["false"]
    assert json.loads(state[32:]) == {
        "Name": NAME,
        "UUID": id_of(location),
        "Offset": 4,
        "StartedAt": "2026-01-05T09:01:00.0000000Z",
    }


def test_an_upload_says_how_far_it_is(client):
    location = begin(client)
    location = client.ask("PATCH", location, b"four").headers["Location"]

    answer = client.ask("GET", location)

    assert (answer.status, answer.headers["Range"], answer.headers["Location"]) == (204, "0-3", location)
    assert answer.headers["Docker-Upload-UUID"] == id_of(location)


def test_a_blob_that_was_made_says_where_it_is(client):
    answer = client.ask("POST", f"/v2/{NAME}/blobs/uploads/?digest={digest_of(b'x')}", b"x")

    assert answer.status == 201
    assert answer.headers["Location"] == f"/v2/{NAME}/blobs/{digest_of(b'x')}"
    assert answer.headers["Docker-Content-Digest"] == digest_of(b"x")


def test_uploads_have_ids_of_their_own_that_a_repeated_world_repeats(client, open_lab):
    twice = [begin(client), begin(client), begin(client)]
    other = open_lab()
    other.make_registry()
    again = Client(other)
    again.token = other.token(f"repository:{NAME}:*")

    assert len(set(map(id_of, twice))) == 3
    assert [id_of(begin(again)) for _ in twice] == [id_of(one) for one in twice]


def test_uploads_of_two_registries_have_different_ids(client, second):
    here = call_of(client, "/x")
    there = Call(client.lab.world, second, here.request, NAME, "x")

    with client.lab.world.transaction():
        assert uploads._next_upload(here) != uploads._next_upload(there)


def test_a_repository_that_is_locked_takes_no_upload(client):
    lock(client)

    assert code(client.ask("POST", f"/v2/{NAME}/blobs/uploads/")) == (405, "REGISTRY_DISALLOWED_OPERATION")


METHODS = ("GET", "PATCH", "PUT", "DELETE")


@pytest.mark.parametrize("method", METHODS)
def test_an_upload_that_was_given_up_can_t_be_gone_on_with(client, method):
    location = begin(client)
    client.ask("DELETE", location)

    answer = client.ask(method, f"{location}&digest={digest_of(b'')}")

    assert code(answer) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert answer.body["errors"][0]["detail"] == id_of(location)


def without_state(location):
    return f"{urlsplit(location).path}?digest={digest_of(b'')}"


def of_another_repository(location):
    return location.replace(NAME, "app")


def of_another_upload(location):
    return location.replace(id_of(location), "unheard-of")


def forged(location):
    return location.replace("_state=", "_state=AAAA")


def unreadable(location):
    return location.replace("_state=", "_state=!")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("change", [without_state, of_another_repository, of_another_upload, forged, unreadable])
def test_an_address_that_the_registry_did_not_give_is_no_upload_s(client, method, change):
    location = begin(client)

    answer = client.ask(method, change(location))

    assert answer.status == 404
    assert answer.body["errors"] == [{"code": "BLOB_UPLOAD_INVALID", "message": "blob upload invalid"}]
    assert client.ask("GET", location).status == 204


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_an_address_of_before_is_good_for_no_change(client, method):
    before = begin(client)
    location = client.ask("PATCH", before, b"four").headers["Location"]

    answer = client.ask(method, f"{before}&digest={digest_of(b'four')}")

    assert answer.status == 416
    assert answer.body["errors"] == [
        {"code": "BLOB_UPLOAD_RANGE_INVALID", "message": "blob upload range invalid", "detail": {}}
    ]
    assert client.ask("GET", location).headers["Range"] == "0-3"
    assert not client.has(digest_of(b"four"), NAME)


def test_a_right_range_does_not_make_an_address_of_before_good(client):
    before = begin(client)
    client.ask("PATCH", before, b"four")

    assert client.ask("PATCH", before, b"more", content_range="4-7").status == 416


def test_a_client_that_missed_an_answer_goes_on_from_where_the_upload_is(client):
    """As the conformance tests of the specification do, version 1.1.1."""
    before = begin(client)
    client.ask("PATCH", before, b"four", content_range="0-3")

    again = client.ask("PATCH", before, b"four", content_range="0-3")
    seen = client.ask("GET", before)
    more = client.ask("PATCH", seen.headers["Location"], b"more", content_range="4-7")

    assert (again.status, seen.status, seen.headers["Range"], more.status) == (416, 204, "0-3", 202)
    end = f"{more.headers['Location']}&digest={digest_of(b'fourmore')}"
    assert client.ask("PUT", end).status == 201


def test_an_upload_is_asked_about_where_a_chunk_was_refused(client):
    """As the conformance tests do: at the same address, with the digest that a last chunk came with."""
    location = begin(client)
    last = f"{location}&digest={digest_of(b'fourmore')}"

    assert client.ask("PUT", last, b"more", content_range="4-7").status == 416
    assert client.ask("GET", last).headers["Location"] == location


def test_an_upload_is_over_after_a_week(client):
    location = begin(client)
    client.lab.world.advance_to(client.lab.world.now + 7 * 24 * 3600 + 1)
    client.token = client.lab.token(f"repository:{NAME}:*")

    assert client.ask("GET", location).status == 404


# -- where a chunk begins ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("4-7", 202),
        ("bytes 4-7", 416),
        ("bytes 4-7/*", 416),
        ("4-7/100", 416),
        ("0-3", 416),
        ("5-8", 416),
        ("4", 416),
        ("words 4-7", 416),
        ("-4-7", 416),
        ("4-", 416),
        ("4-" + "7" * 19, 416),
    ],
)
def test_a_chunk_has_to_begin_where_the_last_one_ended(client, given, status):
    location = begin(client)
    location = client.ask("PATCH", location, b"four").headers["Location"]

    answer = client.ask("PATCH", location, b"more", content_range=given)

    assert answer.status == status
    assert client.ask("GET", location).headers["Range"] == ("0-7" if status == 202 else "0-3")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("3-24", "out of order chunk: content range should start at 0"),
        ("bytes 0-3/*", "the Content-Range header format is invalid"),
    ],
)
def test_a_chunk_at_a_wrong_place_is_refused_as_azure_refuses_it(client, given, reason):
    answer = client.ask("PATCH", begin(client), b"four", content_range=given)

    assert answer.status == 416
    assert answer.body["errors"] == [
        {
            "code": "BLOB_UPLOAD_RANGE_INVALID",
            "message": "blob upload range invalid",
            "detail": {"Range": given, "Reason": reason},
        }
    ]
    assert not {"Location", "Range", "Docker-Upload-UUID"} & set(answer.headers)


def test_a_chunk_that_comes_later_is_told_where_it_should_begin(client):
    location = client.ask("PATCH", begin(client), b"four").headers["Location"]

    answer = client.ask("PATCH", location, b"more", content_range="0-3")

    reason = "out of order chunk: content range should start at 4"
    assert answer.body["errors"][0]["detail"] == {"Range": "0-3", "Reason": reason}


@pytest.mark.parametrize(("length", "status"), [("4", 202), ("", 202), ("3", 400), ("5", 400)])
def test_a_chunk_has_to_be_as_long_as_it_says(client, length, status):
    answer = client.ask("PATCH", begin(client), b"four", content_range="0-3", content_length=length)

    assert answer.status == status


@pytest.mark.parametrize(("length", "status"), [("4", 202), ("12", 400)])
def test_a_later_chunk_has_to_be_as_long_as_it_says(client, length, status):
    location = begin(client)
    location = client.ask("PATCH", location, b"four").headers["Location"]

    assert client.ask("PATCH", location, b"more", content_range="4-7", content_length=length).status == status


def test_a_length_without_a_range_is_not_compared(client):
    assert client.ask("PATCH", begin(client), b"four", content_length="7").status == 202


def test_the_last_chunk_has_to_begin_there_too(client):
    location = begin(client)
    location = client.ask("PATCH", location, b"four").headers["Location"]

    answer = client.ask("PUT", f"{location}&digest={digest_of(b'fourmore')}", b"more", content_range="3-6")

    assert code(answer) == (416, "BLOB_UPLOAD_RANGE_INVALID")
    assert client.ask("GET", location).headers["Range"] == "0-3"


# -- clients that go away ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_upload_that_breaks_off_cannot_be_gone_on_with(client, method):
    location, digest = begin(client), digest_of(b"layer")

    answer = ask(client, method, location, rest=breaking_off(b"la"), query={"digest": digest})

    assert answer.status == 499
    assert code(client.ask(method, f"{location}&digest={digest}", b"layer")) == (404, "BLOB_UPLOAD_INVALID")
    assert code(client.ask("GET", location)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert not client.has(digest, NAME)
    assert parts(client) == []


@pytest.mark.parametrize("method", METHODS)
def test_the_first_request_after_an_upload_broke_off_ends_it(client, method):
    location = begin(client)
    ask(client, "PATCH", location, rest=breaking_off(b"la"))

    assert code(client.ask(method, f"{location}&digest={digest_of(b'layer')}")) == (404, "BLOB_UPLOAD_INVALID")
    assert code(client.ask("GET", location)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert parts(client) == []


def test_an_upload_that_broke_off_does_not_end_while_another_request_writes_to_it(client):
    location = begin(client)
    ask(client, "PATCH", location, rest=breaking_off(b"la"))
    with busy(client, location):
        assert code(client.ask("GET", location)) == (404, "BLOB_UPLOAD_INVALID")

    assert len(parts(client)) == 1


def test_a_request_that_breaks_off_before_its_first_byte_changes_nothing(client):
    location = begin(client)

    assert ask(client, "PATCH", location, rest=breaking_off()).status == 499
    assert client.ask("PATCH", location, b"four").headers["Range"] == "0-3"


def test_an_upload_in_one_request_that_breaks_off_leaves_nothing(client):
    path, query = f"/v2/{NAME}/blobs/uploads/", {"digest": digest_of(b"layer")}

    assert ask(client, "POST", path, rest=breaking_off(b"lay"), query=query).status == 499
    assert not client.has(digest_of(b"layer"), NAME)
    assert parts(client) == []


def test_an_upload_leaves_no_part_behind_when_it_is_ended_or_given_up(client):
    ended, given_up = begin(client), begin(client)
    given_up = client.ask("PATCH", given_up, b"x").headers["Location"]
    ended = client.ask("PATCH", ended, b"y").headers["Location"]
    assert len(parts(client)) == 2

    client.ask("PUT", f"{ended}&digest={digest_of(b'y')}")
    assert client.ask("DELETE", given_up).status == 204
    assert parts(client) == []
    assert client.ask("GET", given_up).status == client.ask("GET", ended).status == 404


# -- digests -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "detail"),
    [
        ("", "digest missing"),
        ("sha256:abc", "digest parsing failed"),
        ("md5:" + "0" * 32, "digest parsing failed"),
        ("layer", "digest parsing failed"),
    ],
)
def test_an_upload_ends_with_a_digest_alone(client, digest, detail):
    location = begin(client)

    answer = client.ask("PUT", f"{location}&digest={digest}", b"x")

    assert code(answer) == (400, "DIGEST_INVALID")
    assert answer.body["errors"][0]["detail"] == detail
    assert client.ask("GET", location).headers["Range"] == "0-0"


def test_an_upload_that_names_no_digest_does_not_end(client):
    answer = client.ask("PUT", begin(client), b"x")

    assert code(answer) == (400, "DIGEST_INVALID")
    assert answer.body["errors"][0]["detail"] == "digest missing"


def test_a_blob_can_be_named_by_sha512(client):
    digest = digest_of(b"layer", "sha512")
    location = begin(client)
    location = client.ask("PATCH", location, b"la").headers["Location"]

    assert client.ask("PUT", f"{location}&digest={digest}", b"yer").status == 201
    assert client.has(digest, NAME)
    at_once = digest_of(b"more", "sha512")
    assert client.ask("POST", f"/v2/{NAME}/blobs/uploads/?digest={at_once}", b"more").status == 201


def test_bytes_of_another_digest_end_the_upload(client):
    location = begin(client)
    location = client.ask("PATCH", location, b"la").headers["Location"]

    answer = client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"xyz")

    assert code(answer) == (400, "DIGEST_INVALID")
    assert answer.body["errors"][0]["detail"] == {"Digest": digest_of(b"layer"), "Reason": {}}
    assert code(client.ask("GET", location)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert parts(client) == []


def test_bytes_of_another_digest_in_one_request_leave_nothing(client):
    answer = client.ask("POST", f"/v2/{NAME}/blobs/uploads/?digest={digest_of(b'layer')}", b"xyz")

    assert code(answer) == (400, "DIGEST_INVALID")
    assert parts(client) == []


# -- limits ------------------------------------------------------------------------------------------------------------


def test_a_layer_may_have_200_gib(client):
    assert uploads.LARGEST == 214_748_364_800


def test_what_is_larger_than_a_layer_may_be_is_refused(client, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 4)

    assert ask(client, "PATCH", begin(client), rest=iter([b"ab", b"cd"])).status == 202
    location = begin(client)
    answer = ask(client, "PATCH", location, rest=iter([b"ab", b"cd", b"e"]))

    assert (*code(answer), answer.body["errors"][0]["message"]) == (413, "SIZE_INVALID", "layer too large")
    assert client.ask("GET", location).headers["Range"] == "0-0"


def test_a_full_disk_is_told_and_what_was_there_stays(client, monkeypatch):
    location = begin(client)
    location = client.ask("PATCH", location, b"la").headers["Location"]
    with monkeypatch.context() as patched:
        patched.setattr(GrowingFiles, "grow", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        assert code(client.ask("PATCH", location, b"yer")) == (507, "UNAVAILABLE")

    assert client.ask("PATCH", location, b"yer").headers["Range"] == "0-4"


# -- others at the same upload -----------------------------------------------------------------------------------------


def busy(client, location):
    return GrowingFiles(client.lab.world).claimed(id_of(location))


@pytest.mark.parametrize(("method", "query"), [("PATCH", ""), ("PUT", f"&digest={digest_of(b'ax')}"), ("DELETE", "")])
def test_an_upload_that_another_request_writes_to_is_not_touched(client, method, query):
    location = begin(client)
    location = client.ask("PATCH", location, b"a").headers["Location"]
    with busy(client, location):
        answer = client.ask(method, f"{location}{query}", b"x")

    assert code(answer) == (416, "BLOB_UPLOAD_RANGE_INVALID")
    assert client.ask("PATCH", location, b"x").headers["Range"] == "0-1"


def test_bytes_that_another_process_ended_meanwhile_belong_nowhere(client):
    """The upload is in the world, and its part is gone: the end of it was not told."""
    location = begin(client)
    location = client.ask("PATCH", location, b"la").headers["Location"]
    GrowingFiles(client.lab.world).discard(id_of(location))

    answer = client.ask("PATCH", location, b"yer")

    assert code(answer) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert answer.body["errors"][0]["detail"] == id_of(location)


def meanwhile(client, location, change):
    """Bytes in the middle of which another request changes the upload in the world."""

    def pieces():
        yield b"x"
        content = Content(client.lab.world, client.lab.registry)
        with client.lab.world.transaction():
            change(content, content.find(UPLOAD, NAME, id_of(location)))

    return pieces()


def grown(content, upload):
    upload.value["size"] = 9
    content.put(upload)


def gone(content, upload):
    content.remove(upload)


@pytest.mark.parametrize(("method", "query"), [("PATCH", {}), ("PUT", {"digest": digest_of(b"x")})])
def test_bytes_that_came_while_another_request_wrote_are_refused(client, method, query):
    location = begin(client)

    answer = ask(client, method, location, rest=meanwhile(client, location, grown), query=query)

    assert code(answer) == (416, "BLOB_UPLOAD_RANGE_INVALID")
    assert client.ask("GET", location).headers["Range"] == "0-8"
    assert not client.has(digest_of(b"x"), NAME)


@pytest.mark.parametrize(("method", "query"), [("PATCH", {}), ("PUT", {"digest": digest_of(b"x")})])
def test_bytes_that_came_while_the_upload_was_given_up_are_refused(client, method, query):
    location = begin(client)

    answer = ask(client, method, location, rest=meanwhile(client, location, gone), query=query)

    assert code(answer) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert answer.body["errors"][0]["detail"] == id_of(location)
    assert not client.has(digest_of(b"x"), NAME)


def test_a_request_that_waited_meets_the_upload_as_it_is_by_then(client):
    location = begin(client)
    call = call_of(client, location, body=b"x")
    later = uploads.append(call)
    client.ask("PATCH", location, b"before")

    with pytest.raises(Refusal) as caught, later.store():
        pass

    assert caught.value.status == 416
    assert client.ask("GET", location).headers["Range"] == "0-5"


# -- mounts ------------------------------------------------------------------------------------------------------------


def test_a_mount_needs_the_right_to_pull_from_where_it_is(client):
    client.token = client.lab.token("repository:secret:*")
    digest = client.push(b"layer", "secret")["digest"]
    client.token = client.lab.token("repository:app:*")

    answer = client.ask("POST", f"/v2/app/blobs/uploads/?mount={digest}&from=secret")

    assert answer.status in (202, 401)
    client.token = client.lab.token("repository:app:*", "repository:secret:pull")
    assert client.ask("POST", f"/v2/app/blobs/uploads/?mount={digest}&from=secret").status == 201


def test_a_mount_of_what_is_not_there_becomes_an_upload_that_can_be_ended(client):
    digest = digest_of(b"layer")
    client.token = client.lab.token("repository:app:*", f"repository:{NAME}:*")

    answer = client.ask("POST", f"/v2/app/blobs/uploads/?mount={digest}&from={NAME}")

    assert answer.status == 202
    assert client.ask("PUT", f"{answer.headers['Location']}&digest={digest}", b"layer").status == 201


def test_a_mounted_blob_says_where_it_is(client):
    client.token = client.lab.token("repository:app:*", f"repository:{NAME}:*")
    digest = client.push(b"layer", NAME)["digest"]

    answer = client.ask("POST", f"/v2/app/blobs/uploads/?mount={digest}&from={NAME}")

    assert (answer.status, answer.headers["Location"]) == (201, f"/v2/app/blobs/{digest}")
    assert answer.headers["Docker-Content-Digest"] == digest
    assert client.has(digest)


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ({"mount": "sha256:0", "from": "app"}, ("repository", "app", ("pull",))),
        ({"from": "app"}, None),
        ({"mount": "sha256:0"}, None),
        ({"mount": "sha256:0", "from": ""}, None),
    ],
)
def test_a_mount_asks_for_the_right_to_pull_from_its_source(query, source):
    scopes = uploads.source_of(Request("POST", "h", "/", query))

    assert [(one.type, one.name, one.actions) for one in scopes] == ([source] if source else [])
