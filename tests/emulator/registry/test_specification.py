"""What the distribution specification says that a registry MUST do, sentence by sentence, where no other test says it.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import base64
import errno
import json

import pytest

from acrlab.emulator.registry import growing_files
from tests.emulator.registry.conftest import HOST, IMAGE, INDEX, code, digest_of

EMPTY = digest_of(b"")
BAD = "sha256:baddigeststring"
ERRORS = {"BLOB_UNKNOWN", "DIGEST_INVALID", "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_UNKNOWN", "TAG_INVALID"}


# -- pull --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("what", ["manifests", "blobs"])
def test_what_is_not_there_is_404_whichever_way_it_is_asked_for(client, method, what):
    client.put(client.manifest())

    answer = client.ask(method, f"/v2/app/{what}/{digest_of(b'nothing')}")

    assert answer.status == 404
    assert answer.body is None or answer.body["errors"][0]["code"] in ERRORS


@pytest.mark.parametrize("path", [f"/v2/app/manifests/{BAD}", f"/v2/app/blobs/{BAD}", "/v2/app/manifests/.INVALID"])
def test_a_reference_of_no_valid_form_is_refused(client, path):
    client.put(client.manifest())

    assert client.ask("GET", path).status in (400, 404)


def test_a_pull_says_which_digest_it_is(client):
    made = client.put(client.manifest())

    answer = client.ask("GET", "/v2/app/manifests/v1", accept=IMAGE)

    assert answer.headers["Docker-Content-Digest"] == made.headers["Docker-Content-Digest"] == digest_of(answer.body)
    assert answer.headers["Content-Type"] == IMAGE


def test_an_error_has_the_form_of_the_specification(client):
    answer = client.ask("GET", f"/v2/app/manifests/{digest_of(b'x')}")

    assert set(answer.body) == {"errors"}
    assert {"code", "message"} <= set(answer.body["errors"][0])


# -- push --------------------------------------------------------------------------------------------------------------


def test_an_empty_blob_is_a_blob(client):
    location = client.begin()

    assert client.ask("PUT", f"{location}&digest={EMPTY}").status == 201
    assert client.has(EMPTY)


def test_the_last_chunk_may_come_with_the_end(client):
    location = client.begin()
    first = client.ask("PATCH", location, b"lay", content_range="0-2", content_length="3")
    end = f"{first.headers['Location']}&digest={digest_of(b'layer')}"

    answer = client.ask("PUT", end, b"er", content_range="3-4", content_length="2")

    assert (answer.status, answer.headers["Location"]) == (201, f"/v2/app/blobs/{digest_of(b'layer')}")


def test_a_last_chunk_out_of_order_is_refused_like_any_other(client):
    location = client.begin()
    location = client.ask("PATCH", location, b"lay", content_range="0-2").headers["Location"]

    answer = client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"er", content_range="7-8")

    assert code(answer) == (416, "BLOB_UPLOAD_RANGE_INVALID")
    assert client.ask("GET", location).headers["Range"] == "0-2"


def test_a_chunk_is_not_taken_twice(client):
    location = client.begin()
    location = client.ask("PATCH", location, b"lay", content_range="0-2").headers["Location"]

    assert client.ask("PATCH", location, b"lay", content_range="0-2").status == 416


def test_a_chunk_of_another_size_than_it_says_is_refused(client):
    location = client.begin()

    answer = client.ask("PATCH", location, b"layer", content_range="0-2", content_length="5")

    assert answer.status in (400, 416)
    assert client.ask("GET", location).headers["Range"] == "0-0"


def test_a_large_manifest_is_taken_and_one_that_is_too_large_is_not(client):
    config = client.push(b"{}")

    def padded(size):
        document = {"schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": []}
        document["annotations"] = {"padding": "x" * size}
        return json.dumps(document).encode()

    assert client.put(padded(3_900_000), "large").status == 201
    assert code(client.put(padded(5_000_000), "too-large")) == (413, "SIZE_INVALID")


def test_an_index_may_be_empty_and_may_list_an_index(client):
    empty = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
    assert client.put(empty, "empty", media_type=INDEX).status == 201
    inner = {"mediaType": INDEX, "digest": digest_of(empty), "size": len(empty)}
    outer = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [inner]}).encode()

    assert client.put(outer, "outer", media_type=INDEX).status == 201
    assert client.ask("GET", "/v2/app/manifests/outer").body == outer


def test_a_manifest_with_custom_fields_comes_back_byte_for_byte(client):
    sent = client.manifest()[:-1] + b' , "org.example.custom":  {"a": 1}\n}'

    assert client.put(sent).status == 201
    assert client.ask("GET", "/v2/app/manifests/v1").body == sent


def test_a_manifest_under_another_digest_is_refused(client):
    assert code(client.put(client.manifest(), digest_of(b"other"))) == (400, "DIGEST_INVALID")


# -- discovery ---------------------------------------------------------------------------------------------------------


def test_tags_are_in_order_and_pages_go_on_where_the_last_one_ended(client):
    for tag in ("b", "a", "d", "c"):
        client.put(client.manifest(), tag)

    def tags(query=""):
        return client.ask("GET", f"/v2/app/tags/list{query}").body["tags"]

    assert tags() == ["a", "b", "c", "d"]
    assert tags("?n=2") == ["a", "b"]
    assert tags("?n=2&last=b") == ["c", "d"]
    assert tags("?last=d") in ([], None)
    assert 'rel="next"' in client.ask("GET", "/v2/app/tags/list?n=2").headers["Link"]


def test_no_tags_at_all_can_be_asked_for(client):
    client.put(client.manifest())

    answer = client.ask("GET", "/v2/app/tags/list?n=0")

    assert (answer.status, answer.body["tags"] or []) == (200, [])


def test_referrers_of_what_is_not_there_are_an_empty_index(client):
    client.put(client.manifest())

    answer = client.ask("GET", f"/v2/app/referrers/{digest_of(b'nobody')}")

    assert (answer.status, answer.headers["Content-Type"], answer.body["manifests"]) == (200, INDEX, [])


# -- management --------------------------------------------------------------------------------------------------------


def test_deleting_twice_is_not_found_the_second_time(client):
    digest = client.put(client.manifest()).headers["Docker-Content-Digest"]
    client.put(client.manifest(client.push(b"other")), "other")

    assert client.ask("DELETE", f"/v2/app/manifests/{digest}").status == 202
    assert client.ask("DELETE", f"/v2/app/manifests/{digest}").status == 404
    assert client.ask("GET", f"/v2/app/manifests/{digest}").status == 404


def test_a_deleted_blob_is_gone(client):
    blob = client.push(b"layer")["digest"]

    assert client.ask("DELETE", f"/v2/app/blobs/{blob}").status == 202
    assert client.ask("GET", f"/v2/app/blobs/{blob}").status == 404
    assert client.ask("DELETE", f"/v2/app/blobs/{blob}").status == 404


# -- names and credentials that are none -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["..", "app/..", "App", "app//x", "-app", "app/", "a" * 300, "app%2F..%2Fother", "_app", "app."]
)
def test_a_name_that_is_none_reaches_nothing(client, name):
    client.put(client.manifest())

    for path in (f"/v2/{name}/manifests/v1", f"/v2/{name}/blobs/{EMPTY}", f"/v2/{name}/tags/list"):
        answer = client.ask("GET", path)
        assert (answer.status, answer.body["errors"][0]["code"]) == (400, "NAME_INVALID"), path


def test_a_name_may_have_255_characters_and_no_more(lab):
    longest = "a" * 255
    scopes = lab.token(f"repository:{longest}:*")

    assert lab.ask("POST", f"/v2/{longest}/blobs/uploads/", token=scopes).status == 202
    assert lab.ask("POST", f"/v2/{longest}a/blobs/uploads/", token=scopes).body["errors"][0]["code"] == "NAME_INVALID"


def test_the_root_without_its_slash_leads_to_the_root(client):
    answer = client.ask("GET", "/v2")

    assert (answer.status, answer.headers["Location"]) == (301, "/v2/")


def test_a_token_whose_payload_was_changed_is_no_token(lab, client):
    head, payload, signature = client.token.split(".")
    forged = [f"{head}.{payload[:-4]}AAAA.{signature}", f"{head}.{payload}.", f"{head}.{payload}", "x.y.z", ""]

    for token in forged:
        assert lab.ask("GET", "/v2/app/tags/list", token=token or "-").status == 401


def test_a_token_that_says_itself_that_it_needs_no_signature_is_no_token(lab, client):
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    forged = ".".join([unsigned, client.token.split(".")[1], ""])

    assert lab.ask("GET", "/v2/app/tags/list", token=forged).status == 401


def test_an_expired_token_is_refused_with_a_challenge(lab, client):
    lab.world.advance_to(lab.world.now + 75 * 60 + 300)

    answer = client.ask("GET", "/v2/app/tags/list")

    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["Www-Authenticate"]
    assert f'realm="https://{HOST}/oauth2/token"' in answer.headers["Www-Authenticate"]


def test_a_disk_that_is_full_is_said_and_leaves_nothing(client, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    location = client.begin()
    with monkeypatch.context() as patched:
        patched.setattr(growing_files, "write_all", full)
        answer = client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"layer")

    assert answer.status in (500, 507)
    assert answer.body["errors"]
    assert not client.has(digest_of(b"layer"))
    assert client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"layer").status == 201


def test_a_blob_that_was_just_pushed_stays_when_the_last_manifest_goes(client):
    digest = client.put(client.manifest()).headers["Docker-Content-Digest"]
    layer = client.push(b"for the next image")

    client.ask("DELETE", f"/v2/app/manifests/{digest}")

    assert client.has(layer["digest"])
    assert client.put(client.manifest(layer)).status == 201
