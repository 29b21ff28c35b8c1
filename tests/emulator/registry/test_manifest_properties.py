"""What the registry's own API counts and tells of a manifest."""

import json

from acrlab.emulator.registry.imports import import_image
from tests.emulator.registry.conftest import IMAGE, INDEX, digest_of


def described(raw, media_type, **platform):
    return {"mediaType": media_type, "digest": digest_of(raw), "size": len(raw), "platform": platform}


def index(client, *images):
    raw = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(images)}).encode()
    assert client.put(raw, "many", media_type=INDEX).status == 201
    return raw


def told(client, name="app"):
    """What the list tells of each manifest, by its digest."""
    token = client.lab.token(f"repository:{name}:metadata_read")
    answer = client.lab.ask("GET", f"/acr/v1/{name}/_manifests", token=token)
    return {manifest["digest"]: manifest for manifest in answer.body["manifests"]}


def import_again(lab, tag, target):
    source = {"resourceId": str(lab.registry.id), "sourceImage": tag}
    with lab.world.transaction():
        import_image(lab.world, lab.registry, source, [target], "Force")


def test_the_size_of_a_pushed_image_is_that_of_its_layers(client):
    raw = client.manifest(client.push(b"layer"), client.push(b"another"))
    client.put(raw)

    manifest = told(client)[digest_of(raw)]

    assert manifest["imageSize"] == len(b"layer") + len(b"another")
    assert manifest["configMediaType"] == "application/octet-stream"


def test_the_size_of_an_imported_image_is_that_of_all_that_came(client):
    raw = client.manifest(client.push(b"layer"))
    client.put(raw, "one")
    many = index(client, described(raw, IMAGE, architecture="amd64", os="linux"))
    import_again(client.lab, "app:many", "copy:many")

    copies = told(client, "copy")

    one = len(b"{}") + len(b"layer") + len(raw)
    assert copies[digest_of(raw)]["imageSize"] == one
    assert copies[digest_of(many)]["imageSize"] == len(many) + one
    assert all("configMediaType" not in copy for copy in copies.values())


def test_a_manifest_without_a_tag_has_no_tags(client):
    raw = client.manifest()
    client.put(raw, digest_of(raw))

    assert "tags" not in told(client)[digest_of(raw)]


def test_an_index_tells_of_each_image_its_architecture_and_system_and_no_more(client):
    raw = client.manifest()
    client.put(raw, "one")
    platform = {"architecture": "arm", "os": "linux", "variant": "v7", "os.version": "10.0", "os.features": ["x"]}
    many = index(client, described(raw, IMAGE, **platform), described(raw, IMAGE))

    assert told(client)[digest_of(many)]["references"] == [
        {"digest": digest_of(raw), "architecture": "arm", "os": "linux"},
        {"digest": digest_of(raw)},
    ]
