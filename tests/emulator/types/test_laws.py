"""Laws that every declared type obeys: a new one is tested the moment it is listed."""

import inspect
import json

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator import types
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request
from acrlab.emulator.types import api_versions

VERSION = "2024-05-01"


@pytest.fixture
def azure():
    azure = EmulatedAzure()
    yield azure
    azure.close()


@pytest.fixture(params=types.ALL, ids=lambda kind: kind.type)
def kind(request):
    return request.param


def ask(azure, method, path, body=None):
    raw = json.dumps(body).encode() if body is not None else b""
    query = {"api-version": VERSION}
    return azure.manager.handle(Request(method, "", path, query, {}, raw, "https://management.azure.com"))


def path_of(azure, kind):
    subscription = azure.world.setting("subscription")
    group = ArmId.of_group(subscription, "g")
    if kind.type == group.type:
        return str(ArmId.of_group(subscription, "missing"))
    ask(azure, "PUT", str(group), {"location": "westus"})
    guid = "11111111-1111-4111-8111-111111111111"
    fitting = {"roleAssignments": guid, "roleDefinitions": guid, "privateDnsZones": "contoso.internal"}
    name = fitting.get(kind.type.rpartition("/")[2], "contoso")
    names = (name,) * kind.type.count("/")
    return str(ArmId(str(group), kind.type, names))


def test_reading_what_is_not_there_is_a_404(azure, kind):
    answer = ask(azure, "GET", path_of(azure, kind))

    error = answer.body.get("error", answer.body)
    assert (answer.status, error["code"]) in {
        (404, "ResourceNotFound"),
        (404, "NotFound"),
        (404, "ResourceGroupNotFound"),
        (404, "LockNotFound"),
        (404, "DeploymentNotFound"),
        (404, "RoleAssignmentNotFound"),
        (404, "RoleDefinitionDoesNotExist"),
    }


def in_nothing(kind):
    """Tell whether the front door refuses a path for its parent: of what has a location it asks the service."""
    return kind.type.count("/") > 1 and kind.in_group and "location" not in kind.envelope


def test_deleting_what_is_not_there_is_no_error_but_for_a_group(azure, kind):
    answer = ask(azure, "DELETE", path_of(azure, kind))

    told = 404 if in_nothing(kind) else kind.missing_delete
    assert answer.status == (told if "DELETE" in kind.verbs else 501)


def test_deleting_where_there_is_no_group_is_a_404(azure, kind):
    path = path_of(azure, kind).replace("/resourceGroups/g/", "/resourceGroups/none/")

    answer = ask(azure, "DELETE", path)

    if kind.in_group and "DELETE" in kind.verbs and "/resourceGroups/none/" in path:
        told = "ResourceNotFound" if in_nothing(kind) else "ResourceGroupNotFound"
        assert (answer.status, answer.body["error"]["code"]) == (404, told)
        assert answer.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize(
    "kind", [k for k in types.ALL if k.type.count("/") == 1 and "PUT" in k.verbs], ids=lambda kind: kind.type
)
def test_an_undeclared_property_is_refused_by_name(azure, kind):
    path = path_of(azure, kind)
    envelope = {"location": "global" if "privateDns" in kind.type else "westus", "sku": {"name": "Premium"}}
    body = {k: v for k, v in envelope.items() if k in kind.envelope}

    answer = ask(azure, "PUT", path, {**body, "madeUp": 1})

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")
    assert "madeUp" in answer.body["error"]["message"]


def test_a_declaration_names_its_source(kind):
    assert kind.source.startswith("https://learn.microsoft.com/")


def test_a_declaration_names_its_api_versions_newest_first(kind):
    assert kind.versions, "take them from api_versions.py"
    assert list(kind.versions) == sorted(kind.versions, reverse=True)
    assert all(api_versions.FORM.fullmatch(version) for version in kind.versions)


def test_rules_and_effects_say_why(kind):
    for function in (*kind.rules, *kind.delete_rules, kind.on_put, kind.on_ready, kind.on_delete):
        assert function is None or inspect.getdoc(function), function


def test_operations_that_take_time_say_how_long(kind):
    for verb in kind.polling:
        assert kind.seconds.get(verb, kind.seconds.get("PUT")), verb


@pytest.mark.parametrize("route", types.ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_other_operation_names_its_source(route):
    assert route.source.startswith("https://learn.microsoft.com/")
