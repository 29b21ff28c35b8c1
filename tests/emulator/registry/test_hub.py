"""The public registries: Docker Hub with its token, Microsoft's without."""

import hashlib
import json

import pytest

DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"
HUB, TOKENS, MICROSOFT = "https://registry-1.docker.io", "https://auth.docker.io", "https://mcr.microsoft.com"


def test_docker_hub_sends_everybody_for_a_token_first(lab):
    answer = lab.ask("GET", f"{HUB}/v2/library/hello-world/manifests/latest")

    assert (answer.status, answer.body["errors"][0]["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["Www-Authenticate"] == (
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:library/hello-world:pull"'
    )


def test_the_shipped_image_is_pulled_from_docker_hub(lab):
    asked = lab.ask("GET", f"{TOKENS}/token?service=registry.docker.io&scope=repository:library/hello-world:pull")
    token = asked.body["token"]

    manifest = lab.ask("GET", f"{HUB}/v2/library/hello-world/manifests/latest", token=token)
    layer = json.loads(manifest.body)["layers"][0]
    blob = lab.ask("GET", f"{HUB}/v2/library/hello-world/blobs/{layer['digest']}", token=token)

    assert manifest.headers["Docker-Content-Digest"] == DIGEST
    assert f"sha256:{hashlib.sha256(blob.raw).hexdigest()}" == layer["digest"]


def test_a_docker_hub_token_ends_with_the_world_s_clock(lab):
    token = lab.ask("GET", f"{TOKENS}/token").body["token"]
    assert lab.ask("GET", f"{HUB}/v2/", token=token).status == 200

    lab.world.advance_to(lab.world.now + 600)
    assert lab.ask("GET", f"{HUB}/v2/", token=token).status == 401


@pytest.mark.parametrize("name", ["hello-world", "mcr/hello-world"])
@pytest.mark.parametrize("reference", ["latest", "v1", DIGEST])
def test_microsoft_s_registry_serves_it_to_everybody(lab, name, reference):
    answer = lab.ask("HEAD", f"{MICROSOFT}/v2/{name}/manifests/{reference}")

    assert (answer.status, answer.body, answer.headers["Docker-Content-Digest"]) == (200, None, DIGEST)


def test_tags_are_listed(lab):
    assert lab.ask("GET", f"{MICROSOFT}/v2/hello-world/tags/list").body["tags"] == ["latest", "v1"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nothing/manifests/latest", "NAME_UNKNOWN"),
        ("hello-world/manifests/v9", "MANIFEST_UNKNOWN"),
        (f"hello-world/blobs/sha256:{'0' * 64}", "BLOB_UNKNOWN"),
    ],
)
def test_what_the_kit_does_not_ship_is_not_there(lab, path, code):
    answer = lab.ask("GET", f"{MICROSOFT}/v2/{path}")

    assert (answer.status, answer.body["errors"][0]["code"]) == (404, code)


def test_nothing_can_be_pushed_there(lab):
    answer = lab.ask("POST", f"{MICROSOFT}/v2/hello-world/blobs/uploads/")

    assert (answer.status, answer.body["errors"][0]["code"]) == (501, "NotEmulated")
