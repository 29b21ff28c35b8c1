"""The data plane through the SDK's own client: sign-in, pull, push, properties, and the 403 from outside."""

import hashlib
import io
import json

import pytest
from azure.containerregistry import ArtifactTagOrder, ContainerRegistryClient
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from acrlab.emulator.transport import EmulatorCredential, EmulatorTransport

IMAGE = "application/vnd.oci.image.manifest.v1+json"
DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"


class Straight:
    """Delivers every request to the registry, as if it came from one place."""

    def __init__(self, lab):
        self.lab, self.world, self.arrival, self.hosts = lab, lab.azure.world, lab.outside, []

    def deliver(self, request):
        self.hosts.append(request.host)
        return self.lab.service.handle(request, self.arrival)


@pytest.fixture
def road(lab):
    lab.azure.delivery = Straight(lab)
    return lab.azure.delivery


@pytest.fixture
def client(lab, road):
    lab.import_hello()
    transport = EmulatorTransport(lab.azure)
    with ContainerRegistryClient("https://contoso.azurecr.io", EmulatorCredential(lab.azure), transport=transport) as c:
        yield c


def test_repositories_and_tags_are_listed(lab, client):
    lab.import_hello("hello-world:v2")
    lab.import_hello("app:v1")

    assert list(client.list_repository_names()) == ["app", "hello-world"]
    assert list(client.list_repository_names(results_per_page=1)) == ["app", "hello-world"]
    newest = client.list_tag_properties("hello-world", order_by=ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING)
    assert sorted(tag.name for tag in newest) == ["v1", "v2"]
    assert [t.name for t in client.list_tag_properties("hello-world", results_per_page=1)] == ["v1", "v2"]
    for order in (ArtifactTagOrder.LAST_UPDATED_ON_DESCENDING, ArtifactTagOrder.LAST_UPDATED_ON_ASCENDING):
        by_time = client.list_tag_properties("hello-world", order_by=order, results_per_page=1)
        assert sorted(tag.name for tag in by_time) == ["v1", "v2"]


def test_an_image_is_pulled_with_its_layer(lab, client, road):
    lab.set(dataEndpointEnabled=True)
    found = client.get_manifest("hello-world", "v1")
    layer = found.manifest["layers"][0]

    content = b"".join(client.download_blob("hello-world", layer["digest"]))

    assert (found.digest, found.media_type) == (DIGEST, IMAGE)
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == layer["digest"]
    assert road.hosts[-1] == "contoso.westus.data.azurecr.io"


def test_properties_are_read(client):
    manifest = client.get_manifest_properties("hello-world", "v1")
    repository = client.get_repository_properties("hello-world")

    assert (manifest.digest, manifest.tags, manifest.size_in_bytes) == (DIGEST, ["v1"], 1465)
    assert (manifest.architecture, manifest.operating_system) == ("amd64", "linux")
    assert [m.digest for m in client.list_manifest_properties("hello-world")] == [DIGEST]
    assert (repository.manifest_count, repository.tag_count, repository.can_delete) == (1, 1, True)
    assert client.get_tag_properties("hello-world", "v1").created_on.isoformat() == "2026-01-05T09:01:00+00:00"


def test_an_image_is_pushed_and_pulled_again(client):
    layer = bytes(range(256)) * 20_000  # more than one chunk of the client's
    digest, size = client.upload_blob("app", io.BytesIO(layer))
    config_digest, config_size = client.upload_blob("app", io.BytesIO(b"no json"))
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config_digest, "size": config_size}
    layers = [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": size}]

    pushed = client.set_manifest("app", {"schemaVersion": 2, "config": config, "layers": layers}, tag="v1")

    assert client.get_manifest("app", "v1").digest == pushed
    assert b"".join(client.download_blob("app", digest)) == layer
    assert client.get_manifest_properties("app", "v1").size_in_bytes == size


def test_a_manifest_is_pushed_as_a_stream_without_a_tag(client):
    raw = json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "layers": []}).encode()

    digest = client.set_manifest("app", io.BytesIO(raw))

    assert digest == f"sha256:{hashlib.sha256(raw).hexdigest()}"
    assert client.get_manifest("app", digest).manifest["layers"] == []


def test_things_are_deleted_and_deleting_them_again_is_no_error(client):
    layer = client.get_manifest("hello-world", "v1").manifest["layers"][0]["digest"]
    for _ in range(2):
        client.delete_tag("hello-world", "v1")
    for _ in range(2):
        client.delete_blob("hello-world", layer)
        client.delete_manifest("hello-world", DIGEST)
        client.delete_repository("hello-world")

    assert list(client.list_repository_names()) == []


def test_a_lock_is_set_and_holds(client):
    locked = client.update_tag_properties("hello-world", "v1", can_write=False)
    client.update_manifest_properties("hello-world", DIGEST, can_list=True)
    client.update_repository_properties("hello-world", can_read=True)

    assert (locked.can_write, locked.can_delete) == (False, True)
    with pytest.raises(HttpResponseError) as caught:
        client.delete_tag("hello-world", "v1")
    assert caught.value.status_code == 405


@pytest.mark.parametrize("ask", ["get_repository_properties", "list_tag_properties"])
def test_what_is_not_there_is_not_found(client, ask):
    with pytest.raises(ResourceNotFoundError, match="repository name not known to registry"):
        answer = getattr(client, ask)("nothing")
        list(answer)


def test_from_outside_a_closed_registry_the_client_reads_the_refusal(lab, client):
    lab.set(networkRuleSet={"defaultAction": "Deny", "ipRules": []})

    with pytest.raises(HttpResponseError, match=r"client with IP '198\.51\.100\.20' is not allowed access") as caught:
        client.get_manifest("hello-world", "v1")

    assert caught.value.status_code == 403


def test_from_inside_the_same_client_pulls(lab, client, road):
    road.arrival = lab.connect()
    lab.set(publicNetworkAccess="Disabled")

    layer = client.get_manifest("hello-world", "v1").manifest["layers"][0]

    assert len(b"".join(client.download_blob("hello-world", layer["digest"]))) == layer["size"]
    assert road.hosts[-1] == "contoso.westus.data.azurecr.io"


def test_without_a_credential_only_an_open_registry_is_read(lab, road):
    lab.import_hello()
    transport = EmulatorTransport(lab.azure)
    with ContainerRegistryClient("https://contoso.azurecr.io", transport=transport) as anonymous:
        with pytest.raises(ClientAuthenticationError):
            anonymous.get_manifest("hello-world", "v1")
        lab.set(anonymousPullEnabled=True)
        assert anonymous.get_manifest("hello-world", "v1").digest == DIGEST
