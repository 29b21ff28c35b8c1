"""Pulling: manifests by tag and digest, layers by way of another host."""

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest

REPOSITORY = "repository:hello-world:pull"
DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"


@pytest.fixture
def token(lab):
    lab.import_hello()
    return lab.token(REPOSITORY)


@pytest.fixture
def layer(lab, token):
    manifest = json.loads(lab.ask("GET", "/v2/hello-world/manifests/v1", token=token).body)
    return manifest["layers"][0]


def redirect(lab, token, layer, **how):
    answer = lab.ask("GET", f"/v2/hello-world/blobs/{layer['digest']}", token=token, **how)
    assert (answer.status, answer.body) == (307, None)
    return answer.headers["Location"]


@pytest.mark.parametrize("reference", ["v1", DIGEST])
def test_a_manifest_is_found_by_tag_and_by_digest(lab, token, reference):
    answer = lab.ask("GET", f"/v2/hello-world/manifests/{reference}", token=token)

    assert answer.status == 200
    assert f"sha256:{hashlib.sha256(answer.body).hexdigest()}" == answer.headers["Docker-Content-Digest"] == DIGEST
    assert answer.headers["Content-Type"] == "application/vnd.oci.image.manifest.v1+json"


def test_the_head_of_a_manifest_has_its_digest_and_size_and_no_body(lab, token):
    answer = lab.ask("HEAD", "/v2/hello-world/manifests/v1", token=token)

    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, None, "401")
    assert answer.headers["Docker-Content-Digest"] == DIGEST


@pytest.mark.parametrize(
    ("path", "code", "message", "detail"),
    [
        ("hello-world/manifests/v9", "MANIFEST_UNKNOWN", 'manifest tagged by "v9" is not found', {"Tag": "v9"}),
        ("nothing/manifests/v1", "NAME_UNKNOWN", "repository name not known to registry", {"name": "nothing"}),
        ("nothing/tags/list", "NAME_UNKNOWN", "repository name not known to registry", {"name": "nothing"}),
        (f"hello-world/blobs/sha256:{'0' * 64}", "BLOB_UNKNOWN", "blob unknown to registry", f"sha256:{'0' * 64}"),
    ],
)
def test_what_is_not_there_is_named(lab, token, path, code, message, detail):
    answer = lab.ask("GET", f"/v2/{path}", token=lab.token(REPOSITORY, "repository:nothing:pull,metadata_read"))

    assert answer.status == 404
    assert answer.body == {"errors": [{"code": code, "message": message, "detail": detail}]}


def test_a_digest_of_a_wrong_form_is_refused(lab, token):
    answer = lab.ask("GET", "/v2/hello-world/blobs/sha256:0", token=token)

    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "DIGEST_INVALID")


def test_a_layer_comes_from_storage_while_the_registry_has_no_data_endpoint(lab, token, layer):
    location = redirect(lab, token, layer)
    host, query = urlsplit(location).hostname, parse_qs(urlsplit(location).query)

    assert host.startswith("acrlab")
    assert host.endswith(".blob.core.windows.net")
    name = layer["digest"].removeprefix("sha256:")
    assert urlsplit(location).path.endswith(f"//docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data")
    assert set(query) == {"se", "sig", "sp", "spr", "sr", "sv", "regid"}
    assert hashlib.sha256(lab.ask("GET", location).raw).hexdigest() == name


def test_a_layer_comes_from_the_data_endpoint_when_it_is_enabled(lab, token, layer):
    lab.set(dataEndpointEnabled=True)

    location = redirect(lab, token, layer)
    query = parse_qs(urlsplit(location).query)

    assert urlsplit(location).hostname == "contoso.westus.data.azurecr.io"
    assert (query["h"], query["r"], query["d"]) == (["contoso.azurecr.io"], ["hello-world"], [layer["digest"]])
    assert len(lab.ask("GET", location).raw) == layer["size"]


def test_a_private_endpoint_brings_the_data_endpoint_even_if_it_is_not_enabled(lab, token, layer):
    inside = lab.connect()
    lab.set(publicNetworkAccess="Disabled")

    location = redirect(lab, token, layer, arrival=inside)

    assert urlsplit(location).hostname == "contoso.westus.data.azurecr.io"
    assert lab.ask("GET", location, arrival=inside).status == 200
    assert lab.ask("GET", location).status == 403


def test_configs_are_sent_on_like_layers(lab, token):
    manifest = json.loads(lab.ask("GET", "/v2/hello-world/manifests/v1", token=token).body)

    config = json.loads(lab.ask("GET", redirect(lab, token, manifest["config"])).raw)

    assert config["config"]["Cmd"] == ["/message.txt"]


def test_the_head_of_a_layer_is_answered_without_sending_on(lab, token, layer):
    answer = lab.ask("HEAD", f"/v2/hello-world/blobs/{layer['digest']}", token=token)

    assert (answer.status, answer.body) == (200, None)
    assert answer.headers["Content-Length"] == str(layer["size"])


@pytest.mark.parametrize("enabled", [True, False])
def test_a_signed_address_is_good_for_one_blob_and_twenty_minutes(lab, token, layer, enabled):
    lab.set(dataEndpointEnabled=enabled)
    location = redirect(lab, token, layer)
    other = json.loads(lab.ask("GET", "/v2/hello-world/manifests/v1", token=token).body)["config"]["digest"]
    name = layer["digest"].removeprefix("sha256:")

    swapped = lab.ask("GET", location.replace(name, other.removeprefix("sha256:")))
    lab.world.advance_to(lab.world.now + 20 * 60 + 300)
    late = lab.ask("GET", location)

    assert (swapped.status, late.status) == (403, 403)


def test_a_signed_address_of_one_registry_is_not_good_at_another(lab, second, token, layer):
    lab.set(dataEndpointEnabled=True)
    location = redirect(lab, token, layer)

    assert lab.ask("GET", location.replace("contoso.westus", "fabrikam.westus")).status == 403


def test_nothing_is_written_to_a_data_endpoint(lab, token, layer):
    assert lab.ask("PUT", redirect(lab, token, layer), b"x").status == 405


@pytest.mark.parametrize(
    ("header", "status", "start", "stop"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, None),
        ("bytes=-5", 206, -5, None),
        ("bytes=0-4194303", 206, 0, None),
        ("lines=1-2", 200, 0, None),
    ],
)
def test_a_part_of_a_layer_can_be_asked_for(lab, token, layer, header, status, start, stop):
    location = redirect(lab, token, layer)
    whole = lab.ask("GET", location).raw

    answer = lab.ask("GET", location, range=header)

    assert (answer.status, answer.raw) == (status, whole[start:stop])
    assert answer.headers["Content-Length"] == str(len(answer.raw))
    if status == 206:
        first = len(whole) + start if start < 0 else start
        expected = f"bytes {first}-{first + len(answer.raw) - 1}/{len(whole)}"
        assert answer.headers["Content-Range"] == expected


@pytest.mark.parametrize("wanted", ["100000-", "9-0", "-0"])
def test_a_part_behind_the_end_or_of_nothing_cannot_be_had(lab, token, layer, wanted):
    answer = lab.ask("GET", redirect(lab, token, layer), range=f"bytes={wanted}")

    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{layer['size']}")


def test_a_part_of_something_else_is_not_continued(lab, token, layer):
    location = redirect(lab, token, layer)

    other = lab.ask("GET", location, range="bytes=0-1", if_range='"another"')
    same = lab.ask("GET", location, range="bytes=0-1", if_range=f'"{layer["digest"]}"')

    assert (other.status, same.status) == (200, 206)


def test_tags_and_repositories_are_listed_in_pages(lab):
    for tag in ("v1", "v2", "latest"):
        lab.import_hello(f"hello-world:{tag}")
    lab.import_hello("app/web:v1")
    token = lab.token("repository:hello-world:metadata_read", "registry:catalog:*")

    first = lab.ask("GET", "/v2/hello-world/tags/list?n=2", token=token)
    link = first.headers["Link"]
    second = lab.ask("GET", link[1 : link.index(">")], token=token)

    assert first.body == {"name": "hello-world", "tags": ["latest", "v1"]}
    assert link == '</v2/hello-world/tags/list?last=v1&n=2&orderby=>; rel="next"'
    assert (second.body["tags"], "Link" in second.headers) == (["v2"], False)
    assert lab.ask("GET", "/v2/_catalog", token=token).body == {"repositories": ["app/web", "hello-world"]}
    assert lab.ask("GET", "/v2/_catalog?n=x", token=token).status == 400


def test_what_the_registry_does_not_emulate_is_named(lab):
    answer = lab.ask("GET", "/helm/v1/repo/index.yaml")
    wrong_verb = lab.ask("POST", "/v2/hello-world/manifests/v1")

    assert (answer.status, answer.body["errors"][0]["code"]) == (501, "NotEmulated")
    assert "GET /helm/v1/repo/index.yaml" in answer.body["errors"][0]["message"]
    assert "GET HEAD /v2/{name}/manifests/{reference}" in wrong_verb.body["errors"][0]["message"]


def test_content_and_tokens_go_with_their_registry(lab):
    lab.import_hello()
    token = lab.token("registry:catalog:*")

    lab.delete_registry()
    lab.make_registry()

    assert lab.ask("GET", "/v2/_catalog", token=token).status == 401
    assert lab.ask("GET", "/v2/_catalog", token=lab.token("registry:catalog:*")).body == {"repositories": []}


def test_the_head_of_an_error_has_no_body(lab):
    answer = lab.ask("HEAD", "/v2/hello-world/manifests/v1")

    assert (answer.status, answer.body) == (401, None)
    assert "scope=" in answer.headers["Www-Authenticate"]
