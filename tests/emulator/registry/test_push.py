"""Pushing: blobs whole, in chunks and mounted; manifests with what they are made of."""

import json

import pytest

from acrlab.emulator.registry.blob_files import BlobFiles
from acrlab.emulator.registry.content import Content
from tests.emulator.registry.conftest import IMAGE, INDEX, Client, code, digest_of


def test_a_blob_is_pushed_in_one_request(client):
    digest = digest_of(b"layer")

    answer = client.ask("POST", f"/v2/app/blobs/uploads/?digest={digest}", b"layer")

    assert (answer.status, answer.headers["Location"]) == (201, f"/v2/app/blobs/{digest}")
    assert answer.headers["Docker-Content-Digest"] == digest
    assert client.has(digest)


def test_a_blob_is_pushed_in_two_requests(client):
    location = client.begin()

    assert client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"layer").status == 201
    assert client.has(digest_of(b"layer"))
    assert code(client.ask("GET", location)) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_a_blob_is_pushed_in_chunks(client):
    location = client.begin()
    first = client.ask("PATCH", location, b"lay", content_range="0-2")
    second = client.ask("PATCH", first.headers["Location"], b"er", content_range="3-4")
    seen = client.ask("GET", second.headers["Location"])

    assert (first.status, second.headers["Range"]) == (202, "0-4")
    assert (seen.status, seen.headers["Range"]) == (204, "0-4")
    assert client.ask("PUT", f"{seen.headers['Location']}&digest={digest_of(b'layer')}").status == 201
    assert client.has(digest_of(b"layer"))


def test_a_chunk_out_of_order_is_refused_and_the_upload_says_how_far_it_is(client):
    location = client.begin()
    location = client.ask("PATCH", location, b"lay", content_range="0-2").headers["Location"]

    answer = client.ask("PATCH", location, b"r", content_range="4-4")

    assert code(answer) == (416, "BLOB_UPLOAD_RANGE_INVALID")
    seen = client.ask("GET", location)
    assert (seen.headers["Range"], seen.headers["Location"]) == ("0-2", location)


def test_content_of_another_digest_is_refused_and_the_upload_is_over(client):
    location = client.begin()

    assert code(client.ask("PUT", f"{location}&digest={digest_of(b'other')}", b"layer")) == (400, "DIGEST_INVALID")
    assert not client.has(digest_of(b"other"))
    answer = client.ask("PUT", f"{location}&digest={digest_of(b'layer')}", b"layer")
    assert code(answer) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_an_upload_can_be_given_up(client):
    location = client.begin()

    assert client.ask("DELETE", location).status == 204
    assert client.ask("PATCH", location, b"x").status == 404


def test_uploads_of_a_repeated_world_have_the_same_ids(client):
    assert client.begin() != client.begin()
    assert client.begin().startswith("/v2/app/blobs/uploads/")


def test_a_blob_is_only_seen_where_it_was_pushed(client):
    client.push(b"layer")

    assert client.has(digest_of(b"layer"))
    assert not client.has(digest_of(b"layer"), name="other")


def test_a_blob_is_mounted_from_the_repository_that_has_it(client):
    digest = client.push(b"layer")["digest"]

    answer = client.ask("POST", f"/v2/other/blobs/uploads/?mount={digest}&from=app")

    assert (answer.status, answer.headers["Location"]) == (201, f"/v2/other/blobs/{digest}")
    assert client.has(digest, name="other")


@pytest.mark.parametrize("origin", ["", "&from=other"])
def test_a_mount_that_names_no_holder_becomes_an_upload(client, origin):
    digest = client.push(b"layer")["digest"]

    answer = client.ask("POST", f"/v2/other/blobs/uploads/?mount={digest}{origin}")

    assert answer.status == 202
    assert not client.has(digest, name="other")


def test_an_image_is_pushed_and_pulled_again(client):
    manifest = client.manifest(client.push(b"layer"))

    answer = client.put(manifest)

    assert (answer.status, answer.headers["Docker-Content-Digest"]) == (201, digest_of(manifest))
    assert answer.headers["Location"] == f"/v2/app/manifests/{digest_of(manifest)}"
    pulled = client.ask("GET", "/v2/app/manifests/v1")
    assert (pulled.body, pulled.headers["Content-Type"]) == (manifest, IMAGE)


def test_a_tag_moves_to_the_image_that_was_pushed_last(client):
    old, new = client.manifest(client.push(b"old")), client.manifest(client.push(b"new"))
    client.put(old)
    client.put(new)

    assert client.ask("GET", "/v2/app/manifests/v1").body == new
    assert client.ask("GET", f"/v2/app/manifests/{digest_of(old)}").body == old


def test_a_manifest_can_be_pushed_without_a_tag(client):
    manifest = client.manifest()

    assert client.put(manifest, digest_of(manifest)).status == 201
    assert client.ask("GET", "/v2/app/tags/list").body["tags"] == []


def test_a_repository_is_listed_once_it_has_a_manifest(client):
    client.push(b"layer")
    assert client.ask("GET", "/v2/_catalog").body["repositories"] == []

    client.put(client.manifest())
    assert client.ask("GET", "/v2/_catalog").body["repositories"] == ["app"]


def test_a_manifest_of_missing_blobs_is_refused(client):
    missing = {"mediaType": "application/octet-stream", "digest": digest_of(b"absent"), "size": 6}

    assert code(client.put(client.manifest(missing))) == (400, "MANIFEST_BLOB_UNKNOWN")


def test_layers_that_stay_elsewhere_need_not_be_there(client):
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    layer = {"mediaType": foreign, "digest": digest_of(b"windows"), "size": 7, "urls": ["https://example.com/layer"]}

    assert client.put(client.manifest(layer)).status == 201


def test_an_index_needs_the_images_that_it_lists(client):
    image = client.manifest()
    listed = {"mediaType": IMAGE, "digest": digest_of(image), "size": len(image), "platform": {"os": "linux"}}
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed]}).encode()

    assert code(client.put(index, media_type=INDEX)) == (400, "MANIFEST_BLOB_UNKNOWN")
    client.put(image, digest_of(image))
    assert client.put(index, media_type=INDEX).status == 201


def cache(client, *layers):
    """An index of blobs, as BuildKit writes its cache."""
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(layers)}).encode()


def test_an_index_may_list_blobs_as_buildkits_cache_does(client):
    layer, config = client.push(b"layer"), client.push(b"cache config")
    raw = cache(client, layer, {**config, "mediaType": "application/vnd.buildkit.cacheconfig.v0"})

    assert client.put(raw, "cache", media_type=INDEX).status == 201
    assert client.ask("GET", "/v2/app/manifests/cache").body == raw


def test_a_layer_of_a_cache_stays_while_the_cache_does(client):
    layer = client.push(b"layer")
    image, raw = client.manifest(layer), cache(client, layer)
    client.put(image)
    client.put(raw, "cache", media_type=INDEX)

    client.ask("DELETE", f"/v2/app/manifests/{digest_of(image)}")
    assert client.has(layer["digest"])
    client.ask("DELETE", f"/v2/app/manifests/{digest_of(raw)}")
    assert not client.has(layer["digest"])


def test_an_image_of_an_index_that_is_deleted_stays(client):
    image = client.manifest(client.push(b"layer"))
    client.put(image, "one")
    many = cache(client, {"mediaType": IMAGE, "digest": digest_of(image), "size": len(image)})
    client.put(many, "many", media_type=INDEX)

    client.ask("DELETE", f"/v2/app/manifests/{digest_of(many)}")

    assert client.ask("GET", "/v2/app/manifests/one").body == image
    assert client.has(digest_of(b"layer"))


@pytest.mark.parametrize(
    ("reference", "body", "expected"),
    [
        ("v1", b"no json", (400, "MANIFEST_INVALID")),
        ("v1", b"[]", (400, "MANIFEST_INVALID")),
        ("v1", b'{"schemaVersion": 1}', (400, "MANIFEST_INVALID")),
        ("-v1", b'{"schemaVersion": 2}', (400, "TAG_INVALID")),
        (f"sha256:{'0' * 64}", b'{"schemaVersion": 2}', (400, "DIGEST_INVALID")),
        ("sha256:0", b'{"schemaVersion": 2}', (400, "DIGEST_INVALID")),
        ("v1", b'{"schemaVersion": 2, "layers": {}}', (400, "MANIFEST_INVALID")),
        ("v1", b'{"schemaVersion": 2, "layers": ["x"]}', (400, "MANIFEST_INVALID")),
        ("v1", b'{"schemaVersion": 2, "layers": null}', (400, "MANIFEST_INVALID")),
        ("v1", b'{"schemaVersion": 2, "manifests": null}', (400, "MANIFEST_INVALID")),
        ("v1", b'{"schemaVersion": 2, "config": null}', (400, "MANIFEST_INVALID")),
        ("v1", b'{"schemaVersion": 2, "config": {"mediaType": "x", "size": 1}}', (400, "MANIFEST_INVALID")),
        (
            "v1",
            b'{"schemaVersion": 2, "subject": {"mediaType": "x", "digest": 7, "size": 1}}',
            (400, "MANIFEST_INVALID"),
        ),
        (
            "v1",
            b'{"schemaVersion": 2, "manifests": [{"mediaType": "x", "digest": "y", "size": 1}]}',
            (400, "MANIFEST_INVALID"),
        ),
        ("v1", b'{"schemaVersion": 2, "mediaType": "text/plain"}', (400, "MANIFEST_INVALID")),
        ("v1", b" " * (4 << 20) + b"{}", (413, "SIZE_INVALID")),
    ],
)
def test_what_is_no_manifest_is_refused(client, reference, body, expected):
    assert code(client.put(body, reference)) == expected


def test_an_image_of_an_index_has_a_platform_or_none(client):
    image = client.manifest()
    client.put(image, digest_of(image))
    listed = {"mediaType": IMAGE, "digest": digest_of(image), "size": len(image), "platform": None}
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed]}).encode()

    assert code(client.put(index, media_type=INDEX)) == (400, "MANIFEST_INVALID")


def test_a_manifest_is_deleted_with_its_tags_and_the_last_one_with_its_repository(client):
    one, two = client.manifest(client.push(b"one")), client.manifest(client.push(b"two"))
    for tag, manifest in (("a", one), ("b", one), ("c", two)):
        client.put(manifest, tag)

    assert client.ask("DELETE", f"/v2/app/manifests/{digest_of(one)}").status == 202
    assert client.ask("GET", "/v2/app/tags/list").body["tags"] == ["c"]
    assert code(client.ask("DELETE", f"/v2/app/manifests/{digest_of(one)}")) == (404, "MANIFEST_UNKNOWN")
    assert client.ask("DELETE", f"/v2/app/manifests/{digest_of(two)}").status == 202
    assert code(client.ask("GET", "/v2/app/tags/list")) == (404, "NAME_UNKNOWN")


def test_deleting_an_image_deletes_its_own_layers_and_leaves_those_of_others(client):
    shared, own = client.push(b"shared"), client.push(b"own")
    image = client.manifest(shared, own)
    client.put(image, "v1")
    client.put(client.manifest(shared), "v2")

    client.ask("DELETE", f"/v2/app/manifests/{digest_of(image)}")

    assert (client.has(shared["digest"]), client.has(own["digest"])) == (True, False)


def test_deleting_an_image_deletes_what_refers_to_it_unless_that_is_locked(client):
    image = client.manifest(client.push(b"layer"))
    client.put(image)
    subject = {"mediaType": IMAGE, "digest": digest_of(image), "size": len(image)}
    signatures = [json.dumps({**json.loads(image), "subject": subject, "annotations": {"n": n}}).encode() for n in "ab"]
    for signature in signatures:
        assert client.put(signature, digest_of(signature)).status == 201
    free, locked = map(digest_of, signatures)
    client.ask("PATCH", f"/acr/v1/app/_manifests/{locked}", b'{"deleteEnabled": false}')

    client.ask("DELETE", f"/v2/app/manifests/{digest_of(image)}")

    left = [client.ask("HEAD", f"/v2/app/manifests/{digest}").status for digest in (free, locked)]
    assert left == [404, 200]


@pytest.mark.parametrize("delete", ["image", "repository", "registry"])
def test_what_is_deleted_frees_its_files(client, delete):
    lab = client.lab
    client.put(image := client.manifest(layer := client.push(b"a layer of its own")))
    digests = (digest_of(image), layer["digest"])
    files = BlobFiles(lab.world.blobs)
    assert all(map(files.find, digests))

    if delete == "registry":
        lab.delete_registry()
        lab.world.advance_to(lab.world.now + 60)
    else:
        client.ask("DELETE", f"/v2/app/manifests/{digest_of(image)}" if delete == "image" else "/acr/v1/app")
    with lab.world.transaction():
        pass

    assert not any(map(files.find, digests))


def test_a_file_that_another_registry_names_stays(client, second):
    client.put(client.manifest(layer := client.push(b"shared by two")))
    with client.lab.world.transaction():
        Content(client.lab.world, second).allow_blob("app", layer["digest"])

    client.ask("DELETE", "/acr/v1/app")
    with client.lab.world.transaction():
        pass

    assert BlobFiles(client.lab.world.blobs).find(layer["digest"])


def test_a_manifest_is_not_deleted_by_a_tag(client):
    client.put(client.manifest())

    answer = client.ask("DELETE", "/v2/app/manifests/v1")

    assert answer.status == 405
    assert answer.body["errors"] == [{"code": "UNSUPPORTED", "message": "A manifest can only be deleted by digest."}]


@pytest.mark.parametrize(
    ("what", "message"),
    [("blobs", "blob unknown to registry"), ("manifests", f"manifest {digest_of(b'nothing')} is not found")],
)
def test_deleting_what_is_not_there_tells_no_detail(client, what, message):
    client.put(client.manifest())

    answer = client.ask("DELETE", f"/v2/app/{what}/{digest_of(b'nothing')}")

    assert answer.status == 404
    assert answer.body["errors"] == [{"code": f"{what[:-1].upper()}_UNKNOWN", "message": message}]


def test_a_manifest_that_is_sent_as_something_else_is_refused(client):
    answer = client.put(client.manifest(), media_type=INDEX)

    assert answer.status == 400
    error = {"code": "MANIFEST_INVALID", "message": "manifest invalid", "detail": {"Reason": {}}}
    assert answer.body["errors"] == [error]


def test_a_blob_that_is_deleted_in_one_repository_stays_in_another(client):
    digest = client.push(b"layer")["digest"]
    client.ask("POST", f"/v2/other/blobs/uploads/?mount={digest}&from=app")

    assert client.ask("DELETE", f"/v2/app/blobs/{digest}").status == 202
    assert (client.has(digest), client.has(digest, name="other")) == (False, True)


def test_a_refused_request_leaves_nothing_behind(client):
    location = client.begin()
    client.ask("PUT", f"{location}&digest=other", b"half")

    assert client.ask("GET", location).headers["Range"] == "0-0"
    location = client.ask("PATCH", location, b"layer").headers["Location"]
    assert client.ask("PUT", f"{location}&digest={digest_of(b'layer')}").status == 201


def test_what_one_process_pushes_another_pulls(open_lab, tmp_path):
    pushing, pulling = open_lab(tmp_path / "world.db"), open_lab(tmp_path / "world.db")
    pushing.make_registry()
    writer = Client(pushing)
    manifest = writer.manifest(writer.push(b"layer"))
    writer.put(manifest)

    reader = Client(pulling)

    assert reader.ask("GET", "/v2/app/manifests/v1").body == manifest
    location = reader.ask("GET", f"/v2/app/blobs/{digest_of(b'layer')}").headers["Location"]
    assert pulling.ask("GET", location).raw == b"layer"
