"""importImage: from the public registries, from another registry, and what is refused."""

import pytest

from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.registry.passwords import registry_credentials

DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"
MICROSOFT = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
SCOPES = ("repository:hello-world:pull", "repository:library/hello-world:pull", "repository:copy:pull")


def tags(lab, name="hello-world"):
    answer = lab.ask("GET", f"/v2/{name}/tags/list", token=lab.token(*SCOPES))
    return answer.body.get("tags")


def error(answer):
    return answer.status, answer.body["error"]["code"], answer.body["error"]["message"]


@pytest.mark.parametrize(
    "source",
    [
        MICROSOFT,
        {"registryUri": "mcr.microsoft.com", "sourceImage": "mcr/hello-world:v1"},
        {"registryUri": "docker.io", "sourceImage": "library/hello-world:latest"},
        {"registryUri": "docker.io", "sourceImage": "hello-world"},
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


def test_several_tags_are_one_image(lab):
    lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v1", "hello-world", "copy:v1"])

    assert (tags(lab), tags(lab, "copy")) == (["latest", "v1"], ["v1"])


def test_a_closed_registry_still_imports(lab):
    lab.set(publicNetworkAccess="Disabled")

    assert lab.act("importImage", source=MICROSOFT, targetTags=["hello-world:v1"]).status == 202


def test_an_existing_tag_is_kept_unless_forced(lab):
    body = {"source": MICROSOFT, "targetTags": ["hello-world:v1"]}
    lab.act("importImage", **body)

    refused = lab.act("importImage", **body, mode="NoForce")

    assert error(refused) == (409, "Conflict", "Tag hello-world:v1 already exists in target registry.")
    assert lab.act("importImage", **body, mode="Force").status == 202


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("hello-world:v9", 'manifest tagged by \\"v9\\" is not found'),
        ("nothing:v1", "repository name not known to registry"),
    ],
)
def test_an_image_that_is_not_there_is_named(lab, image, said):
    answer = lab.act("importImage", source={"registryUri": "mcr.microsoft.com", "sourceImage": image})

    status, code, message = error(answer)
    assert (status, code) == (400, "InvalidParameters")
    assert said in message
    assert str(lab.registry.id) in message


@pytest.mark.parametrize(
    "source",
    [
        {"registryUri": "nowhere.example.com", "sourceImage": "hello-world:v1"},
        {"registryUri": "fabrikam.azurecr.io", "sourceImage": "hello-world:v1"},
        {"registryUri": "mcr.microsoft.com", "sourceImage": "Hello World"},
        {"resourceId": "no id", "sourceImage": "hello-world:v1"},
    ],
)
def test_a_source_that_cannot_be_read_is_refused(lab, source):
    assert error(lab.act("importImage", source=source))[:2] == (400, "InvalidParameters")


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


@pytest.mark.parametrize(("bypass", "status"), [("AzureServices", 202), ("None", 400)])
def test_a_closed_source_lets_trusted_services_in_if_it_says_so(lab, stocked, bypass, status):
    stocked.properties.update(publicNetworkAccess="Disabled", networkRuleBypassOptions=bypass)
    lab.world.put(stocked)

    assert import_by_id(lab, stocked).status == status


def test_a_source_that_is_only_an_address_wants_credentials(lab, stocked):
    source = {"registryUri": "fabrikam.azurecr.io", "sourceImage": "hello-world:v1"}
    body = {"targetTags": ["copy:v1"]}

    assert "authentication required" in error(lab.act("importImage", source=source, **body))[2]
    stocked.properties["anonymousPullEnabled"] = True
    lab.world.put(stocked)
    assert lab.act("importImage", source=source, **body).status == 202


def test_a_source_takes_its_admin_user_s_password(lab, stocked):
    stocked.properties["adminUserEnabled"] = True
    lab.world.put(stocked)
    password = registry_credentials(lab.world, stocked)["passwords"][1]["value"]
    credentials = {"username": "fabrikam", "password": password}
    source = {"registryUri": "fabrikam.azurecr.io", "sourceImage": "hello-world:v1", "credentials": credentials}

    assert lab.act("importImage", source=source, targetTags=["copy:v1"]).status == 202


def test_an_image_is_tagged_anew_within_its_registry(lab):
    lab.import_hello("hello-world:v1")

    source = {"resourceId": str(lab.registry.id), "sourceImage": "hello-world:v1"}
    assert lab.act("importImage", source=source, targetTags=["hello-world:v2"]).status == 202
    assert tags(lab) == ["v1", "v2"]
