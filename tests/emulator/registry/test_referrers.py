"""What points at what: subjects, and the list of a manifest's referrers."""

import json

from tests.emulator.registry.conftest import IMAGE, INDEX, code, digest_of

EMPTY = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
SIGNATURE = "application/vnd.example.signature"


def descriptor(raw, media_type=IMAGE):
    return {"mediaType": media_type, "digest": digest_of(raw), "size": len(raw)}


def artifact(client, subject, **more):
    client.push(b"{}")
    document = {"schemaVersion": 2, "mediaType": IMAGE, "config": EMPTY, "layers": [EMPTY], "subject": subject, **more}
    return json.dumps(document).encode()


def referrers(client, digest, query=""):
    return client.ask("GET", f"/v2/app/referrers/{digest}{query}")


def test_an_artifact_is_listed_at_its_subject(client):
    image = client.manifest(client.push(b"layer"))
    client.put(image)
    signature = artifact(client, descriptor(image), artifactType=SIGNATURE, annotations={"by": "us"})
    made = client.put(signature, digest_of(signature))

    listed = referrers(client, digest_of(image))

    assert (made.status, made.headers["OCI-Subject"]) == (201, digest_of(image))
    assert (listed.status, listed.headers["Content-Type"]) == (200, INDEX)
    expected = {**descriptor(signature), "artifactType": SIGNATURE, "annotations": {"by": "us"}}
    assert listed.body == {"schemaVersion": 2, "mediaType": INDEX, "manifests": [expected]}


def test_an_image_without_an_artifact_type_is_of_its_configs_type(client):
    image = client.manifest(client.push(b"layer"))
    other = artifact(client, descriptor(image))
    client.put(other, "other")

    (found,) = referrers(client, digest_of(image)).body["manifests"]

    assert found["artifactType"] == EMPTY["mediaType"]


def test_an_index_may_have_a_subject_too(client):
    image = client.manifest(client.push(b"layer"))
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "subject": descriptor(image)}
    raw = json.dumps({**index, "artifactType": SIGNATURE}).encode()
    client.put(raw, "signed", media_type=INDEX)

    (found,) = referrers(client, digest_of(image)).body["manifests"]

    assert found == {**descriptor(raw, INDEX), "artifactType": SIGNATURE}


def test_the_list_is_filtered_by_the_artifact_type(client):
    image = client.manifest(client.push(b"layer"))
    one, two = (artifact(client, descriptor(image), artifactType=f"{SIGNATURE}.{n}") for n in "12")
    for raw in (one, two):
        client.put(raw, digest_of(raw))

    filtered = referrers(client, digest_of(image), f"?artifactType={SIGNATURE}.2")

    assert [found["digest"] for found in filtered.body["manifests"]] == [digest_of(two)]
    assert filtered.headers["OCI-Filters-Applied"] == "artifactType"
    assert len(referrers(client, digest_of(image)).body["manifests"]) == 2


def test_a_subject_need_not_be_there(client):
    assert referrers(client, digest_of(b"nothing")).body["manifests"] == []
    missing = artifact(client, {"mediaType": IMAGE, "digest": digest_of(b"nothing"), "size": 3})
    client.put(missing, "v1")

    assert len(referrers(client, digest_of(b"nothing")).body["manifests"]) == 1


def test_a_deleted_referrer_is_listed_no_more(client):
    image = client.manifest(client.push(b"layer"))
    client.put(image)
    signature = artifact(client, descriptor(image))
    client.put(signature, digest_of(signature))

    assert client.ask("DELETE", f"/v2/app/manifests/{digest_of(signature)}").status == 202
    assert referrers(client, digest_of(image)).body["manifests"] == []


def test_what_is_no_digest_has_no_referrers(client):
    assert code(referrers(client, "sha256:no")) == (400, "DIGEST_INVALID")


def test_a_manifest_can_be_known_by_its_sha512(client):
    image = client.manifest(client.push(b"layer"))
    digest = digest_of(image, "sha512")

    made = client.put(image, digest)

    assert (made.status, made.headers["Docker-Content-Digest"]) == (201, digest)
    assert client.ask("GET", f"/v2/app/manifests/{digest}").body == image


def test_a_token_for_one_repository_takes_no_blob_from_another(lab, client):
    digest = client.push(b"layer", name="other")["digest"]
    path = f"/v2/app/blobs/uploads/?mount={digest}&from=other"

    stranger = lab.ask("POST", path)
    uploading = lab.ask("POST", path, token=lab.token("repository:app:pull,push"))

    assert code(stranger) == (401, "UNAUTHORIZED")
    assert 'scope="repository:other:pull repository:app:pull,push"' in stranger.headers["Www-Authenticate"]
    assert (uploading.status, "Docker-Upload-UUID" in uploading.headers) == (202, True)
    assert lab.ask("HEAD", f"/v2/app/blobs/{digest}", token=client.token).status == 404
    both = lab.token("repository:app:pull,push", "repository:other:pull")
    assert lab.ask("POST", path, token=both).status == 201
