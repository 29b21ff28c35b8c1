"""importImage: from the public registries, from another registry, and what is refused."""

import json
from urllib.parse import urlsplit

import pytest

from acrlab.emulator.core.http import Request
from acrlab.emulator.registry.content import TAG, Content
from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.registry.passwords import registry_credentials, token_passwords
from tests.emulator.registry.conftest import IMAGE as OCI_IMAGE
from tests.emulator.registry.conftest import INDEX, digest_of

DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"
MICROSOFT = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
SCOPES = (
    "repository:hello-world:pull,metadata_read",
    "repository:library/hello-world:pull,metadata_read",
    "repository:copy:pull,metadata_read",
)


def tags(lab, name="hello-world"):
    answer = lab.ask("GET", f"/v2/{name}/tags/list", token=lab.token(*SCOPES))
    return answer.body.get("tags")


def error(answer):
    return answer.status, answer.body["error"]["code"], answer.body["error"]["message"]


def failure(lab, answer):
    """Follow an import that was accepted to its end. Returns: code and message of how it failed; None: it did not."""
    assert (answer.status, answer.body) == (202, None)
    lab.world.advance_to(lab.world.now + 11)
    parts = urlsplit(answer.headers["Location"])
    ended = lab.azure.manager.handle(
        Request("GET", "management.azure.com", parts.path, {"api-version": "2023-07-01"}, {})
    )
    if ended.status == 200:
        return None
    name = parts.path.rpartition("/")[2]
    assert ended.body["error"]["message"].startswith(f"Operation {name} failed. Resource {lab.registry.id} ")
    return ended.body["error"]["code"], ended.body["error"]["message"].partition(f"{lab.registry.id} ")[2]


@pytest.mark.parametrize(
    "source",
    [
        MICROSOFT,
        {"registryUri": "mcr.microsoft.com", "sourceImage": "mcr/hello-world:v1"},
        {"registryUri": "docker.io", "sourceImage": "library/hello-world:latest"},
        {"registryUri": "registry-1.docker.io", "sourceImage": f"library/hello-world@{DIGEST}"},
    ],
)
def test_an_image_comes_from_a_public_registry(lab, source):
    answer = lab.act("importImage", source=source, targetTags=["hello-world:v1"], mode="NoForce")

    assert answer.status == 202
    assert tags(lab) == ["v1"]
    manifest = lab.ask("GET", "/v2/hello-world/manifests/v1", token=lab.token(*SCOPES))
    assert manifest.headers["Docker-Content-Digest"] == DIGEST


def test_without_target_tags_the_image_keeps_its_name(lab):
    lab.act("importImage", source={"registryUri": "docker.io", "sourceImage": "library/hello-world:latest"})

    assert tags(lab, "library/hello-world") == ["latest"]


def test_an_image_is_imported_by_digest_into_another_repository_without_a_tag(lab):
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": f"hello-world@{DIGEST}"}
    answer = lab.act("importImage", source=source, untaggedTargetRepositories=["copy"])

    assert answer.status == 202
    content = Content(lab.world, lab.registry)
    assert content.repositories() == ["copy"]
    assert (content.manifest("copy", DIGEST) is not None, tags(lab, "copy")) == (True, [])


def test_an_image_is_imported_with_a_tag_here_and_without_one_there(lab):
    lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v1"], untaggedTargetRepositories=["copy"])

    assert (tags(lab), tags(lab, "copy")) == (["v1"], [])


def test_what_is_no_repository_gets_no_import(lab):
    answer = lab.act("importImage", source=MICROSOFT, untaggedTargetRepositories=["copy:v1"])

    assert error(answer)[:2] == (400, "InvalidParameters")


@pytest.mark.parametrize(("count", "refused"), [(50, False), (51, True)])
def test_an_index_of_more_than_fifty_manifests_is_not_imported(lab, client, count, refused):
    listed = []
    for number in range(count):
        client.put(raw := client.manifest(client.push(b"%d" % number)), digest_of(raw))
        listed.append({"mediaType": OCI_IMAGE, "digest": digest_of(raw), "size": len(raw)})
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()
    assert client.put(index, "many", media_type=INDEX).status == 201

    source = {"resourceId": str(lab.registry.id), "sourceImage": "app:many"}
    failed = failure(lab, lab.act("importImage", source=source, targetTags=["copy:many"]))

    said = ("InvalidParameters", "The maximum number of manifests for an imported image is 50.")
    assert failed == (said if refused else None)


def test_several_tags_are_one_image(lab):
    lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v1", "hello-world", "copy:v1"])

    assert (tags(lab), tags(lab, "copy")) == (["latest", "v1"], ["v1"])


@pytest.mark.parametrize("closed", [{"publicNetworkAccess": "Disabled"}, {"networkRuleSet": {"defaultAction": "Deny"}}])
def test_a_closed_registry_imports_if_it_lets_trusted_services_pass(lab, closed):
    lab.set(**closed, networkRuleBypassOptions="AzureServices")
    assert failure(lab, lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v1"])) is None

    lab.set(networkRuleBypassOptions="None")
    code, reason = failure(lab, lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v2"]))

    said = (
        'Invalid message Forbidden Forbidden {"errors":[{"code":"DENIED","message":"client with IP '
        r'\u0027192.0.2.1\u0027 is not allowed access. Refer https://aka.ms/acr/firewall to grant access."}]}'
    )
    assert (code, reason) == ("InvalidParameters", said)
    lab.set(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"})
    assert tags(lab) == ["v1"]


def test_docker_hub_knows_its_own_images_by_their_whole_name_alone(lab):
    answer = lab.act("importImage", source={"registryUri": "docker.io", "sourceImage": "hello-world"})

    code, reason = failure(lab, answer)
    assert code == "InvalidParameters"
    assert reason.startswith('Invalid message Unauthorized Unauthorized {"errors":[{"code":"UNAUTHORIZED",')


@pytest.mark.parametrize("mode", [{}, {"mode": "NoForce"}])
def test_an_existing_tag_is_kept_unless_forced(lab, mode):
    body = {"source": MICROSOFT, "targetTags": ["hello-world:v1"]}
    lab.act("importImage", **body)

    refused = failure(lab, lab.act("importImage", **body, **mode))

    assert refused == ("Conflict", "Tag hello-world:v1 already exists in target registry.")
    assert failure(lab, lab.act("importImage", **body, mode="Force")) is None


def test_force_moves_a_tag_that_is_locked_and_leaves_it_locked(lab):
    lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v1"])
    content = Content(lab.world, lab.registry)
    with lab.world.transaction():
        tag = content.find(TAG, "hello-world", "v1")
        tag.value |= {"digest": "sha256:" + "0" * 64, "attributes": {"writeEnabled": False}}
        content.put(tag)
    assert content.find(TAG, "hello-world", "v1").attributes["writeEnabled"] is False

    body = {"source": MICROSOFT, "targetTags": ["hello-world:v1"]}
    assert failure(lab, lab.act("importImage", **body, mode="Force")) is None

    moved = content.find(TAG, "hello-world", "v1")
    assert (moved.value["digest"], moved.attributes["writeEnabled"]) == (DIGEST, False)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("hello-world:v9", 'manifest tagged by \\"v9\\" is not found'),
        ("nothing:v1", "repository name not known to registry"),
    ],
)
def test_an_image_that_is_not_there_is_named(lab, image, said):
    answer = lab.act("importImage", source={"registryUri": "mcr.microsoft.com", "sourceImage": image})

    code, reason = failure(lab, answer)
    assert code == "InvalidParameters"
    assert said in reason


@pytest.mark.parametrize(
    "source",
    [
        {"registryUri": "mcr.microsoft.com", "sourceImage": "Hello World"},
        {"resourceId": "no id", "sourceImage": "hello-world:v1"},
    ],
)
def test_a_source_that_cannot_be_read_is_refused(lab, source):
    assert error(lab.act("importImage", source=source))[:2] == (400, "InvalidParameters")


@pytest.mark.parametrize("host", ["nowhere.example.com", "fabrikam.azurecr.io"])
def test_a_registry_that_is_nowhere_fails_the_import(lab, host):
    code, reason = failure(lab, lab.act("importImage", source={"registryUri": host, "sourceImage": "hello-world:v1"}))

    assert (code, reason[:30]) == ("InvalidParameters", f"The source registry '{host}'"[:30])


# -- from another registry -------------------------------------------------------------------------------------------


@pytest.fixture
def stocked(lab, second):
    """The other registry, with an image in it."""
    with lab.world.transaction():
        import_image(lab.world, second, MICROSOFT, ["hello-world:v1"], "Force")
    return second


def import_by_id(lab, registry):
    source = {"resourceId": str(registry.id), "sourceImage": "hello-world:v1"}
    return lab.act("importImage", source=source, targetTags=["copy:v1"])


def test_an_image_comes_from_another_registry_by_its_id(lab, stocked):
    assert import_by_id(lab, stocked).status == 202
    assert tags(lab, "copy") == ["v1"]


@pytest.mark.parametrize(("bypass", "code"), [("AzureServices", None), ("None", "InvalidParameters")])
def test_a_closed_source_lets_trusted_services_in_if_it_says_so(lab, stocked, bypass, code):
    stocked.properties.update(publicNetworkAccess="Disabled", networkRuleBypassOptions=bypass)
    lab.world.put(stocked)

    assert (failure(lab, import_by_id(lab, stocked)) or (None,))[0] == code


def test_a_source_that_has_exports_disabled_keeps_its_images(lab, stocked):
    stocked.properties.update(publicNetworkAccess="Disabled", policies={"exportPolicy": {"status": "disabled"}})
    lab.world.put(stocked)

    failed = failure(lab, import_by_id(lab, stocked))

    assert failed == ("InvalidParameters", "The source registry 'fabrikam' has exports disabled.")


def test_a_source_that_is_only_an_address_wants_credentials(lab, stocked):
    source = {"registryUri": "fabrikam.azurecr.io", "sourceImage": "hello-world:v1"}
    body = {"targetTags": ["copy:v1"]}

    assert "authentication required" in failure(lab, lab.act("importImage", source=source, **body))[1]
    stocked.properties["anonymousPullEnabled"] = True
    lab.world.put(stocked)
    assert failure(lab, lab.act("importImage", source=source, **body)) is None


def test_a_source_takes_its_admin_user_s_password(lab, stocked):
    stocked.properties["adminUserEnabled"] = True
    lab.world.put(stocked)
    password = registry_credentials(lab.world, stocked)["passwords"][1]["value"]
    credentials = {"username": "fabrikam", "password": password}
    source = {"registryUri": "fabrikam.azurecr.io", "sourceImage": "hello-world:v1", "credentials": credentials}

    assert lab.act("importImage", source=source, targetTags=["copy:v1"]).status == 202


@pytest.mark.parametrize(("repository", "taken"), [("hello-world", True), ("another", False)])
def test_a_source_takes_a_repository_token_for_what_its_scope_map_says(lab, stocked, repository, taken):
    world, token_id = lab.world, stocked.id.child("tokens", "puller")
    with world.transaction():
        actions = {"properties": {"actions": [f"repositories/{repository}/content/read"]}}
        scope_map = world.put(world.new(stocked.id.child("scopeMaps", "reader"), actions))
        body = {"properties": {"scopeMapId": str(scope_map.id), "status": "enabled"}}
        made = {"passwords": {"password1": {"created": world.timestamp(), "count": 1}}}
        token = world.put(world.new(token_id, body, made))
    credentials = {"username": "puller", "password": token_passwords(world, stocked, token)["password1"]}
    source = {"registryUri": "fabrikam.azurecr.io", "sourceImage": "hello-world:v1", "credentials": credentials}

    failed = failure(lab, lab.act("importImage", source=source, targetTags=["copy:v1"]))

    assert (failed is None) == taken


def test_an_image_is_tagged_anew_within_its_registry(lab):
    lab.import_hello("hello-world:v1")

    source = {"resourceId": str(lab.registry.id), "sourceImage": "hello-world:v1"}
    assert lab.act("importImage", source=source, targetTags=["hello-world:v2"]).status == 202
    assert tags(lab) == ["v1", "v2"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "Required property 'source' not found"),
        ({"source": {"registryUri": "mcr.microsoft.com"}}, 400, "Required property 'sourceImage' not found"),
        ({"source": "hello-world"}, 400, "Path 'source'"),
        ({"source": MICROSOFT, "targetTags": "copy:v1"}, 400, "Path 'targetTags'"),
        ({"source": MICROSOFT, "mode": "Sometimes"}, 400, "Path 'mode'"),
        ({"source": {**MICROSOFT, "platform": "linux"}}, 501, "source.platform of"),
    ],
)
def test_an_import_that_cannot_be_read_is_refused_before_it_begins(lab, body, status, words):
    answer = lab.act("importImage", **body)

    assert answer.status == status
    assert words in error(answer)[2]
    assert tags(lab) is None


def test_the_mode_of_an_import_is_read_in_any_case(lab):
    lab.act("importImage", source=MICROSOFT, targetTags=["copy:v1"])
    lab.world.advance_to(lab.world.now + 11)

    again = lab.act("importImage", source=MICROSOFT, targetTags=["copy:v1"], mode="noforce")

    assert failure(lab, again)[0] == "Conflict"


def test_a_cache_is_imported_with_the_blobs_that_it_lists(lab, client):
    cache = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [client.push(b"layer")]}
    client.put(json.dumps(cache).encode(), "cache", media_type=INDEX)
    source = {"resourceId": str(lab.registry.id), "sourceImage": "app:cache"}
    with lab.world.transaction():
        import_image(lab.world, lab.registry, source, ["other:cache"], "Force")

    assert client.has(digest_of(b"layer"), name="other")
