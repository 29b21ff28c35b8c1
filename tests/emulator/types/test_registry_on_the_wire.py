"""How a registry and its parts answer, byte by byte where no SDK looks: held against recordings of the real Azure.

Source: the recordings of azure-cli's tests (acr) and of azure-powershell's (ContainerRegistry.Autorest), 2021 to 2026.
"""

import base64
import json

import pytest

from acrlab.emulator.core.http import Request

IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"


@pytest.fixture
def ask(cloud):
    """Send one request about the registry `contoso`, or a part of it, and return the answer as it is."""
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g"

    def ask(method, part="", body=None, version="2023-07-01"):
        path = f"{group}/providers/Microsoft.ContainerRegistry/registries/contoso{part}"
        path = part if part.startswith("/subscriptions/") else path
        raw = b"" if body is None else json.dumps(body).encode()
        request = Request(method, "", path, {"api-version": version}, {}, raw, "https://management.azure.com")
        return cloud.opened.azure.manager.handle(request)

    return ask


@pytest.fixture
def registry(ask):
    ask("PUT", "", {"location": "westus", "sku": {"name": "Premium"}})
    return ask


def operation_of(answer):
    """The name of the operation that an answer tells to follow, without its GUID; empty: none."""
    url = answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location", "")
    return url.rpartition("?")[0].rpartition("/")[2][:-37]


@pytest.mark.parametrize(
    ("version", "status", "state"),
    [
        ("2020-11-01-preview", 200, "Succeeded"),
        ("2021-06-01-preview", 201, "Creating"),
        ("2022-02-01-preview", 201, "Creating"),
        ("2025-03-01-preview", 201, "Creating"),
        ("2026-09-01-preview", 200, "Succeeded"),
    ],
)
def test_a_new_registry_is_an_operation_or_there_at_once_by_the_api_version(ask, version, status, state):
    answer = ask("PUT", "", {"location": "westus", "sku": {"name": "Premium"}}, version)

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (status, state)
    assert operation_of(answer) == ("registries" if status == 201 else "")


def test_a_registry_that_goes_is_shown_and_its_operation_named_after_it(registry):
    answer = registry("DELETE", version="2026-03-01-preview")

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (202, "Deleting")
    assert "/locations/westus/operationResults/delete-contoso-" in answer.headers["Location"]


def test_a_webhook_is_made_changed_and_deleted_at_once_and_keeps_its_spelling(registry):
    properties = {"serviceUri": "https://example.com", "status": "Enabled", "actions": ["Delete", "Push"]}

    made = registry("PUT", "/webhooks/notify", {"location": "westus", "properties": properties})
    changed = registry("PATCH", "/webhooks/notify", {"properties": {"status": "disabled"}})
    gone = registry("DELETE", "/webhooks/notify")

    assert [(a.status, operation_of(a)) for a in (made, changed, gone)] == [(200, "")] * 3
    told = made.body["properties"]
    assert (told["provisioningState"], told["status"], told["actions"]) == ("Succeeded", "enabled", ["Delete", "Push"])
    assert gone.body is None


def test_a_scope_map_is_made_at_once_and_its_changes_are_operations_of_the_tokens_service(registry):
    actions = {"properties": {"actions": ["repositories/app/content/read"]}}

    made = registry("PUT", "/scopeMaps/readers", actions)
    changed = registry("PATCH", "/scopeMaps/readers", actions)

    assert (made.status, made.body["properties"]["provisioningState"], operation_of(made)) == (200, "Succeeded", "")
    assert (changed.status, changed.body["properties"]["provisioningState"]) == (201, "Updating")
    assert operation_of(changed) == "token"


def test_a_part_without_a_region_is_deleted_in_that_of_its_registry(registry, cloud):
    registry("PUT", "/scopeMaps/readers", {"properties": {"actions": ["repositories/app/content/read"]}})

    answer = registry("DELETE", "/scopeMaps/readers")

    assert (answer.status, operation_of(answer)) == (202, "token")
    assert "/Microsoft.ContainerRegistry/locations/WESTUS/operationResults/token-" in answer.headers["Location"]


@pytest.mark.parametrize("kind", ["scopeMaps", "tokens", "cacheRules", "credentialSets", "privateEndpointConnections"])
def test_parts_that_the_front_door_does_not_know_are_missed_in_the_service_s_words(registry, kind):
    answer = registry("GET", f"/{kind}/nothing")

    error = {"code": "ResourceNotFound", "message": "The resource nothing could not be found."}
    assert (answer.status, answer.body) == (404, {"error": error, "status": "Failed"})


@pytest.mark.parametrize("kind", ["webhooks", "replications"])
def test_parts_with_a_region_are_missed_by_the_front_door(registry, kind):
    error = registry("GET", f"/{kind}/nothing").body["error"]

    assert error["message"].startswith(f"The Resource 'Microsoft.ContainerRegistry/registries/contoso/{kind}/nothing'")


def test_an_import_that_is_done_says_so(registry, cloud):
    source = {"source": {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}}
    begun = registry("POST", "/importImage", {**source, "targetTags": ["hello-world:v1"]})
    cloud.world.advance_to(cloud.world.now + 60)

    done = registry("GET", begun.headers["Location"].removeprefix("https://management.azure.com").partition("?")[0])

    assert (done.status, done.body) == (200, {"status": "Succeeded"})


def test_whatever_a_rule_is_said_to_do_with_an_address_it_lets_it_in(registry):
    rules = [{"action": "Forbidden", "value": "192.0.2.31"}]

    answer = registry("PATCH", "", {"properties": {"networkRuleSet": {"ipRules": rules}}}, "2022-02-01-preview")

    assert answer.status == 200
    assert answer.body["properties"]["networkRuleSet"]["ipRules"] == [{"action": "Allow", "value": "192.0.2.31"}]


def test_a_password_expires_at_a_moment_in_the_service_s_own_form(registry):
    registry("PUT", "/scopeMaps/readers", {"properties": {"actions": ["repositories/app/content/read"]}})
    map_id = registry("GET", "/scopeMaps/readers").body["id"]
    token = registry("PUT", "/tokens/build", {"properties": {"scopeMapId": map_id}}).body

    made = registry("POST", "/generateCredentials", {"tokenId": token["id"], "expiry": "2100-12-31T12:59:59.000Z"})

    assert {p["expiry"] for p in made.body["passwords"]} == {"2100-12-31T12:59:59+00:00"}
    assert token["properties"]["credentials"] == {"passwords": []}


# -- identities --------------------------------------------------------------------------------------------------------


@pytest.fixture
def identity(ask, cloud):
    """Make an identity that is a resource, and return the answer."""

    def identity(name="worker"):
        path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/{IDENTITY}/{name}"
        return ask("PUT", path, {"location": "westus"}, "2023-01-31")

    return identity


def given(*identities):
    return {"type": "UserAssigned", "userAssignedIdentities": {one.body["id"]: {} for one in identities}}


def test_a_registry_shows_the_ids_of_the_identities_it_was_given(registry, identity):
    worker = identity()

    shown = registry("PATCH", "", {"identity": given(worker)}).body["identity"]

    ids = {name: worker.body["properties"][name] for name in ("principalId", "clientId")}
    assert shown["type"] == "userAssigned"
    assert list(shown["userAssignedIdentities"].values()) == [ids]


def test_a_registry_whose_identity_is_none_shows_none(registry, identity):
    registry("PATCH", "", {"identity": given(identity())})

    registry("PATCH", "", {"identity": {"type": "None"}})

    assert "identity" not in registry("GET").body


def test_an_identity_of_its_own_takes_the_place_of_those_it_was_given(registry, identity):
    registry("PATCH", "", {"identity": given(identity())})

    shown = registry("PATCH", "", {"identity": {"type": "SystemAssigned"}}).body["identity"]

    assert shown.keys() == {"type", "principalId", "tenantId"}
    assert shown["type"] == "systemAssigned"


@pytest.mark.parametrize("wrong", [{"type": "Nonsense"}, {"type": "UserAssigned"}])
def test_a_registry_takes_no_identity_that_is_none(registry, wrong):
    assert registry("PATCH", "", {"identity": wrong}).status == 400


def test_a_new_identity_is_told_where_it_is_in_small_letters(identity, cloud):
    new, again = identity(), identity()

    path = f"/subscriptions/{cloud.opened.subscription}/resourcegroups/g/providers/{IDENTITY}/worker"
    assert (new.status, new.headers["Location"], new.body["id"], new.body["tags"]) == (201, path, path, {})
    assert (again.status, "Location" in again.headers) == (200, False)


# -- tasks and runs ----------------------------------------------------------------------------------------------------

TASK = {
    "platform": {"os": "linux"},
    "step": {
        "type": "EncodedTask",
        "encodedTaskContent": base64.b64encode(b"version: v1.1.0\nsteps:\n  - cmd: hello-world\n").decode(),
        "values": [{"name": "key", "value": "hidden", "isSecret": True}, {"name": "open", "value": "seen"}],
        "contextAccessToken": "hidden",
    },
    "credentials": {"customRegistries": {"example.com": {"userName": {"type": "Opaque", "value": "hidden"}}}},
}


def task(ask, **properties):
    body = {"location": "westus", "properties": {**TASK, **properties}}
    return ask("PUT", "/tasks/build", body, "2019-06-01-preview")


def test_what_a_task_keeps_secret_is_told_by_its_details_alone(registry):
    made = task(registry)

    told = [made, registry("GET", "/tasks/build", version="2019-06-01-preview")]
    told.append(registry("PATCH", "/tasks/build", {"properties": {"status": "Enabled"}}, "2019-06-01-preview"))
    details = registry("POST", "/tasks/build/listDetails", {}, "2019-06-01-preview")

    for answer in told:
        assert answer.body["properties"]["credentials"] == {"customRegistries": {"example.com": None}}
        assert "hidden" not in json.dumps(answer.body)
    properties = details.body["properties"]
    assert properties["credentials"] == TASK["credentials"]
    assert properties["step"] == TASK["step"]


def test_a_task_shows_what_its_kind_of_step_has_and_what_was_set(registry):
    made = task(registry, credentials={}).body

    assert made["properties"]["platform"] == {"os": "linux"}
    assert made["properties"]["step"].keys() == {"type", "encodedTaskContent", "values"}
    assert "credentials" not in made["properties"]
    assert "tags" not in made


def test_a_task_that_builds_shows_no_arguments_where_none_were_sent(registry):
    """As recorded by Azure/azure-sdk-for-net."""
    step = {"type": "Docker", "imageNames": ["image:latest"], "dockerFilePath": "Dockerfile", "noCache": True}

    made = task(registry, step=step | {"contextPath": "https://github.com/azure/acr-builder.git"}).body

    assert made["properties"]["step"].keys() == {*step, "isPushEnabled", "contextPath"}
    assert "isSystemTask" not in made["properties"]
    assert made["properties"]["creationDate"].endswith("+00:00")


def test_a_run_of_a_task_is_a_quick_run_and_its_first_answer_is_short(registry):
    task(registry)
    id = registry("GET", "/tasks/build", version="2019-06-01-preview").body["id"]

    queued = registry("POST", "/scheduleRun", {"type": "TaskRunRequest", "taskId": id}, "2019-06-01-preview").body
    run = registry("GET", f"/runs/{queued['name']}", version="2019-06-01-preview").body

    short = {"provisioningState", "runId", "status", "lastUpdatedTime", "isArchiveEnabled"}
    assert queued["properties"].keys() == short
    assert run["properties"]["runType"] == "QuickRun"
    assert run["systemData"].keys() == {"lastModifiedBy", "lastModifiedByType", "lastModifiedAt"}


@pytest.mark.parametrize("path", ["/scopeMaps/readers", "/tokens/build-01"])
def test_the_service_of_tokens_takes_who_wrote_last_for_who_made_it(cloud, registry, path):
    """As recorded by Azure/azure-powershell; `creationDate` alone stays."""
    maps = registry("PUT", "/scopeMaps/readers", {"properties": {"actions": ["repositories/app/content/read"]}})
    registry("PUT", "/tokens/build-01", {"properties": {"scopeMapId": maps.body["id"]}})
    cloud.world.advance_to(cloud.world.now + 100)
    made = registry("GET", path).body
    cloud.world.advance_to(cloud.world.now + 100)
    change = {"description": "x"} if "scopeMaps" in path else {"status": "disabled"}

    registry("PATCH", path, {"properties": change})
    cloud.world.advance_to(cloud.world.now + 100)

    seen = registry("GET", path).body
    assert seen["systemData"]["createdAt"] == seen["systemData"]["lastModifiedAt"] > made["systemData"]["createdAt"]
    assert seen["properties"]["creationDate"] == made["properties"]["creationDate"]
