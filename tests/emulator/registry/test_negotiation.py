"""What a client gets by what it says that it accepts: a manifest, another one, or nothing."""

import json

import pytest

from tests.emulator.registry.conftest import DOCKER_IMAGE, DOCKER_LIST, IMAGE, INDEX, MANIFESTS, code, digest_of

ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"


def described(raw, media_type, **platform):
    return {"mediaType": media_type, "digest": digest_of(raw), "size": len(raw), "platform": platform}


def image(client, layer, media_type=DOCKER_IMAGE):
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": client.push(b"{}"),
        "layers": [client.push(layer)],
    }
    return json.dumps(document).encode()


def push(client, raw, media_type, tag="v1"):
    assert client.put(raw, tag, media_type=media_type).status == 201
    return raw


def listed(client, *images, media_type=DOCKER_LIST):
    document = {"schemaVersion": 2, "mediaType": media_type, "manifests": list(images)}
    return push(client, json.dumps(document).encode(), media_type)


def get(client, reference="v1", accept="", method="GET"):
    return client.ask(method, f"/v2/app/manifests/{reference}", accept=accept)


def message(answer):
    return answer.body["errors"][0]["message"]


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", DOCKER_IMAGE, f"{DOCKER_IMAGE}, {INDEX}"])
@pytest.mark.parametrize("reference", ["v1", "digest"])
def test_a_manifest_of_oci_goes_to_no_client_that_does_not_name_it(client, accept, reference):
    raw = push(client, image(client, b"layer", IMAGE), IMAGE)

    answer = get(client, digest_of(raw) if reference == "digest" else reference, accept)

    text = "OCI manifest found, but accept header does not support OCI manifests"
    assert answer.status == 404
    assert answer.body == {"errors": [{"code": "MANIFEST_UNKNOWN", "message": text}]}


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        (INDEX, "OCI index found, but accept header does not support OCI indexes"),
        (ARTIFACT, "OCI artifact found, but accept header does not support OCI artifacts"),
    ],
)
def test_nor_does_an_index_or_an_artifact(client, media_type, text):
    raw = listed(client, media_type=media_type)

    assert message(get(client, accept=f"{IMAGE}, {DOCKER_IMAGE}, {DOCKER_LIST}, */*")) == text
    assert get(client, accept=f"{media_type};q=0.5").body == raw


@pytest.mark.parametrize("accept", [IMAGE, f"text/html, {IMAGE}", f"{IMAGE}; q=0.8,*/*", MANIFESTS])
def test_who_names_it_gets_it(client, accept):
    raw = push(client, image(client, b"layer", IMAGE), IMAGE)

    assert get(client, accept=accept).body == raw
    assert get(client, accept=accept, method="HEAD").headers["Docker-Content-Digest"] == digest_of(raw)


def test_the_head_of_what_is_not_accepted_is_404_too(client):
    push(client, image(client, b"layer", IMAGE), IMAGE)

    answer = get(client, accept="*/*", method="HEAD")

    assert (answer.status, answer.body) == (404, None)


def test_a_client_that_knows_no_lists_gets_the_image_for_linux_on_amd64(client):
    arm, windows, linux = (
        push(client, image(client, layer), DOCKER_IMAGE, layer.decode()) for layer in (b"a", b"w", b"l")
    )
    listed(
        client,
        described(arm, DOCKER_IMAGE, architecture="arm64", os="linux"),
        described(windows, DOCKER_IMAGE, architecture="amd64", os="windows"),
        described(linux, DOCKER_IMAGE, architecture="amd64", os="linux"),
    )

    answer = get(client, accept=DOCKER_IMAGE)

    assert (answer.body, answer.headers["Content-Type"]) == (linux, DOCKER_IMAGE)
    assert answer.headers["Docker-Content-Digest"] == digest_of(linux)
    assert get(client, accept=DOCKER_IMAGE, method="HEAD").headers["Content-Length"] == str(len(linux))


def test_a_list_without_that_platform_is_not_there_for_it(client):
    arm = push(client, image(client, b"a"), DOCKER_IMAGE, "arm")
    listed(client, described(arm, DOCKER_IMAGE, architecture="arm64", os="linux"))

    assert code(get(client, accept=DOCKER_IMAGE)) == (404, "MANIFEST_UNKNOWN")


@pytest.mark.parametrize("accept", ["", "*/*", "application/vnd.docker.distribution.manifest.v1+prettyjws"])
def test_a_tag_of_dockers_is_not_converted_to_schema_1(client, accept):
    raw = push(client, image(client, b"layer"), DOCKER_IMAGE)

    answer = get(client, accept=accept)

    assert code(answer) == (501, "NotEmulated")
    assert "schema 1" in message(answer)
    assert get(client, digest_of(raw), accept).body == raw


def test_nor_is_a_list(client):
    raw = listed(client)

    assert code(get(client, accept="*/*")) == (501, "NotEmulated")
    assert get(client, digest_of(raw), "*/*").body == raw
