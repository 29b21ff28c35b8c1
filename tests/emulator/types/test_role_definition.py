"""Custom roles: made, found where they can be assigned, changed, and refused in Azure's words."""

import json

import pytest

from acrlab.emulator.arm.linked_access import ACTIONS
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import NotEmulated, Request
from acrlab.emulator.types import ALL
from acrlab.emulator.types.authorization import role_definition
from acrlab.emulator.types.authorization.custom_roles import DEFINITION_TYPE
from acrlab.emulator.types.authorization.provider_operations import operations, require_known
from acrlab.emulator.types.authorization.roles import BUILT_IN
from acrlab.preflight.rights import NEEDED_RIGHTS

GUID, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
VERSION = "2022-04-01"


@pytest.fixture
def root(cloud):
    return f"/subscriptions/{cloud.opened.subscription}"


@pytest.fixture
def define(cloud, root):
    """Write a role through the SDK's client."""

    def define(name="Joiner", *, guid=GUID, at=None, scopes=None, **more):
        properties = {
            "roleName": name,
            "description": "May join subnets.",
            "type": "CustomRole",
            "assignableScopes": [root] if scopes is None else scopes,
            "permissions": [{"actions": ["*/read", JOIN]}],
            **more,
        }
        id = f"{at or root}/providers/{DEFINITION_TYPE}/{guid}"
        body = {"properties": {name: value for name, value in properties.items() if value is not None}}
        return cloud.resources.resources.begin_create_or_update_by_id(id, body, api_version=VERSION).result()

    return define


@pytest.fixture
def assign(cloud, root):
    def assign(scope, guid=GUID):
        principal = cloud.world.derive("principal", "learner")
        body = {"properties": {"roleDefinitionId": f"{root}/providers/{DEFINITION_TYPE}/{guid}"}}
        body["properties"]["principalId"] = principal
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{cloud.world.derive(scope)}"
        return cloud.resources.resources.begin_create_or_update_by_id(id, body, api_version=VERSION).result()

    return assign


@pytest.fixture
def ask(cloud):
    """Ask Resource Manager; status, and the body or the code of the refusal."""

    def ask(method, path, question=""):
        query = {"api-version": VERSION} | ({"$filter": question} if question else {})
        answer = cloud.opened.azure.manage(Request(method, "", path, query))
        body = answer.body or {}
        return answer.status, body["error"]["code"] if "error" in body else body

    return ask


def names(ask, scope, question=""):
    status, body = ask("GET", f"{scope}/providers/{DEFINITION_TYPE}", question)
    assert status == 200
    return [one["properties"]["roleName"] for one in body["value"] if one["properties"]["type"] == "CustomRole"]


def test_a_custom_role_is_shown_as_it_was_made(define, ask, root):
    made = define().as_dict()

    status, seen = ask("GET", f"{root}/providers/{DEFINITION_TYPE}/{GUID}")

    assert status == 200
    assert made["id"] == seen["id"] == f"{root}/providers/{DEFINITION_TYPE}/{GUID}"
    properties = seen["properties"]
    assert (properties["roleName"], properties["type"]) == ("Joiner", "CustomRole")
    assert properties["assignableScopes"] == [root]
    (permission,) = properties["permissions"]
    assert permission == {"actions": ["*/read", JOIN], "notActions": [], "dataActions": [], "notDataActions": []}
    assert properties["createdOn"] == properties["updatedOn"]


def test_without_a_scope_a_custom_role_is_not_shown_and_none_is_not_there(define, ask):
    path = f"/providers/{DEFINITION_TYPE}/{GUID}"

    assert ask("GET", path) == (404, "RoleDefinitionDoesNotExist")
    define()
    assert ask("GET", path) == (501, "NotEmulated")


def test_a_creation_and_a_change_are_both_201(cloud, define, root):
    define()
    body = {"properties": {"roleName": "Reader of mine", "assignableScopes": [root], "permissions": []}}
    path = f"{root}/providers/{DEFINITION_TYPE}/{GUID}"
    request = Request("PUT", "", path, {"api-version": VERSION}, body=json.dumps(body).encode())

    answer = cloud.opened.azure.manage(request)

    assert (answer.status, answer.body["properties"]["roleName"]) == (201, "Reader of mine")


def test_a_list_has_what_can_be_assigned_there(define, ask, root):
    group = f"{root}/resourceGroups/g"
    define("Everywhere")
    define("In the group", guid=OTHER, at=group, scopes=[group])

    assert names(ask, root) == ["Everywhere"]
    assert names(ask, group) == ["Everywhere", "In the group"]
    assert names(ask, root, "atScopeAndBelow()") == ["Everywhere", "In the group"]
    assert names(ask, group, "roleName eq 'in the GROUP'") == ["In the group"]
    assert names(ask, group, "type eq 'BuiltInRole'") == []


def test_a_role_written_at_another_scope_is_the_same_one(cloud, define, ask, root):
    define("Joiner")
    group = f"{root}/resourceGroups/g"

    define("Joiner of g", at=group, scopes=[group])

    assert names(ask, root) == []
    assert names(ask, group) == ["Joiner of g"]
    assert len(list(cloud.world.named(DEFINITION_TYPE, GUID))) == 1


def test_a_role_outlives_the_group_that_it_is_for(cloud, define, ask, root):
    group = f"{root}/resourceGroups/g"
    define(at=group, scopes=[group])

    cloud.resources.resource_groups.begin_delete("g").result()

    assert ask("GET", f"{root}/providers/{DEFINITION_TYPE}/{GUID}")[0] == 200


def test_a_name_is_taken_in_all_of_a_tenant_in_any_case(cloud, define, refused):
    with cloud.world.transaction():
        spokes = subscriptions.add(cloud.world, "Spokes")
        others = subscriptions.add(cloud.world, "Others", tenant=OTHER)
    define("Joiner")

    for place in (None, f"/subscriptions/{spokes.id}"):
        assert refused(lambda place=place: define("JOINER", guid=OTHER, at=place)) == (
            409,
            "RoleDefinitionWithSameNameExists",
        )
    assert refused(lambda: define("Reader", guid=OTHER)) == (409, "RoleDefinitionWithSameNameExists")
    elsewhere = f"/subscriptions/{others.id}"
    assert define("Joiner", guid=OTHER, at=elsewhere, scopes=[elsewhere]).name == OTHER


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, (400, "RoleDefinitionNameNullOrEmpty")),
        ({"roleName": None}, (400, "RoleDefinitionNameNullOrEmpty")),
        ({"type": "BuiltInRole"}, (400, "InvalidRoleDefinitionType")),
        ({"guid": BUILT_IN["Reader"].guid}, (409, "RoleDefinitionExists")),
        ({"scopes": []}, (400, "MissingAssignableScopes")),
        ({"scopes": ["/"]}, (400, "LinkedInvalidPropertyId")),
        ({"scopes": ["Invalid_Scope"]}, (400, "LinkedInvalidPropertyId")),
        ({"scopes": ["/subscriptions/*"]}, (400, "LinkedInvalidPropertyId")),
        ({"scopes": [f"/subscriptions/{OTHER}"]}, (403, "LinkedAuthorizationFailed")),
        ({"scopes": ["/providers/Microsoft.Management/managementGroups/m"]}, (501, "NotEmulated")),
    ],
)
def test_what_is_no_role_is_refused(define, refused, change, told):
    assert refused(lambda: define(**change)) == told


@pytest.mark.parametrize(
    ("kind", "action", "told"),
    [
        ("actions", "Microsoft.Network/virtualNetworks/drink/action", (400, "InvalidActionOrNotAction")),
        ("notActions", "Microsoft.Network/virtualNetworks/joins/*", (400, "InvalidActionOrNotAction")),
        ("actions", "Microsoft.Nework/virtualNetworks/read", (400, "InvalidActionOrNotAction")),
        ("actions", "*/virtualNetworks/*", (400, "InvalidActionOrNotAction")),
        ("actions", "", (400, "InvalidActionOrNotAction")),
        (
            "dataActions",
            "Microsoft.ContainerRegistry/registries/pull/read",
            (400, "InvalidDataActionOrNotDataAction"),
        ),
        ("actions", "Microsoft.Network/loadBalancers/read", (501, "NotEmulated")),
    ],
)
def test_an_action_that_no_provider_has_is_refused_and_one_that_is_not_known_is_a_gap(
    define, refused, kind, action, told
):
    assert refused(lambda: define(permissions=[{kind: [action]}])) == told


@pytest.mark.parametrize(
    "action",
    ["*", "*/read", "Microsoft.Network/*", "microsoft.network/VIRTUALNETWORKS/read", "Microsoft.Support/*", "*/write"],
)
def test_patterns_of_azures_own_roles_can_be_named(define, action):
    assert define(permissions=[{"actions": [action]}]).name == GUID


def test_a_role_in_use_stays_and_one_that_is_not_goes_twice(define, assign, ask, cloud, root):
    define()
    given = assign(f"{root}/resourceGroups/g")
    path = f"{root}/providers/{DEFINITION_TYPE}/{GUID}"

    assert ask("DELETE", path) == (400, "RoleDefinitionHasAssignments")
    cloud.resources.resources.begin_delete_by_id(given.id, api_version=VERSION).result()

    status, shown = ask("DELETE", path)
    assert (status, shown["properties"]["roleName"]) == (200, "Joiner")
    assert ask("DELETE", path) == (204, {})
    assert ask("GET", path) == (404, "RoleDefinitionDoesNotExist")


def test_a_built_in_role_cannot_be_deleted(ask, root):
    path = f"{root}/providers/{DEFINITION_TYPE}/{BUILT_IN['Reader'].guid}"

    assert ask("DELETE", path) == (400, "CannotDeleteBuiltInRole")


def test_a_role_is_assigned_where_it_is_meant_to_be_and_below(cloud, define, assign, refused, root):
    cloud.resources.resource_groups.create_or_update("h", {"location": "westus"})
    group = f"{root}/resourceGroups/g"
    define(at=group, scopes=[group])

    assert assign(cloud.registry().id).as_dict()["properties"]["roleDefinitionId"].endswith(GUID)
    assert refused(lambda: assign(f"{root}/resourceGroups/h")) == (404, "RoleDefinitionDoesNotExist")
    assert refused(lambda: assign(root)) == (404, "RoleDefinitionDoesNotExist")


def test_there_are_at_most_so_many(define, refused, monkeypatch):
    assert role_definition.MOST == 5000
    monkeypatch.setattr(role_definition, "MOST", 1)
    define("One")

    assert refused(lambda: define("Two", guid=OTHER)) == (400, "RoleDefinitionLimitExceeded")
    assert define("Still the one").name == GUID


# -- which operations there are ----------------------------------------------------------------------------------------


def test_whatever_is_emulated_can_be_named_in_a_role():
    verbs = {"GET": "read", "LIST": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
    for kind in ALL:
        type = kind.type.replace(
            "Microsoft.Resources/resourceGroups", "Microsoft.Resources/subscriptions/resourceGroups"
        )
        for verb in kind.verbs:
            if (verb, kind.type.rpartition("/")[2]) != ("DELETE", "SOA"):  # which goes with its zone alone
                require_known(f"{type}/{verbs[verb]}", data=False)
        for name, action in kind.actions.items():
            if kind.type.rpartition("/")[2] not in ("runCommands", "extensions"):  # their view is a part of themselves
                require_known(f"{type}/{name}/{'read' if action.method == 'GET' else 'action'}", data=False)


def test_whatever_is_asked_for_can_be_named_in_a_role():
    for action in (*ACTIONS.values(), *(one for actions in NEEDED_RIGHTS.values() for one in actions)):
        if not action.startswith("PrivateEndpointConnectionsApproval"):
            require_known(action, data=False)


def test_azures_own_roles_name_what_there_is():
    for role in BUILT_IN.values():
        for permission in role.permissions:
            for action in (*permission.actions, *permission.not_actions):
                if not action.startswith(("Microsoft.Authorization/*", "Microsoft.Compute/galleries")):
                    require_known(action, data=False)
            for action in permission.data_actions:
                require_known(action, data=True)


def test_an_operation_is_listed_once():
    names = [(one.name.lower(), one.data) for one in operations()]

    assert len(names) == len(set(names))


def test_operations_are_listed_by_provider(ask, cloud):
    path = "/providers/Microsoft.Authorization/providerOperations"
    query = {"api-version": VERSION, "$expand": "resourceTypes"}

    one = cloud.opened.azure.manage(Request("GET", "", f"{path}/microsoft.containerregistry", query)).body
    every = cloud.opened.azure.manage(Request("GET", "", path, query)).body["value"]

    assert one["name"] == "Microsoft.ContainerRegistry"
    shown = {o["name"]: o["isDataAction"] for kind in one["resourceTypes"] for o in kind["operations"]}
    assert shown["Microsoft.ContainerRegistry/registries/pull/read"] is False
    assert shown["Microsoft.ContainerRegistry/registries/repositories/content/read"] is True
    assert one in every
    assert ask("GET", path)[1]["value"][0]["resourceTypes"] == []
    assert ask("GET", f"{path}/Microsoft.KeyVault") == (501, "NotEmulated")
    assert ask("GET", f"{path}/Contoso.Coffee") == (404, "ProviderNotFound")


def test_what_may_be_azures_is_not_called_a_mistake():
    with pytest.raises(NotEmulated):
        require_known("Microsoft.Compute/galleries/share/action", data=False)


def test_a_role_of_azure_s_own_was_made_by_no_person(cloud, root):
    path = f"{root}/providers/{DEFINITION_TYPE}"
    answer = cloud.opened.azure.manager.handle(Request("GET", "", path, {"api-version": VERSION}))

    told = [role["properties"] for role in answer.body["value"]]
    assert len(told) == len(BUILT_IN)
    assert {(p["createdBy"], p["updatedBy"]) for p in told} == {(None, None)}
    assert all(p["createdOn"] and p["updatedOn"] for p in told)


def test_what_was_not_said_of_a_role_is_null(ask, cloud, root):
    path = f"{root}/providers/{DEFINITION_TYPE}/{GUID}"
    said = {"roleName": "Joiner", "assignableScopes": [root], "permissions": [{"actions": [JOIN]}]}
    raw = json.dumps({"properties": said}).encode()

    made = cloud.opened.azure.manager.handle(Request("PUT", "", path, {"api-version": "2022-04-01"}, {}, raw))

    assert made.body["properties"]["description"] is None
    assert ask("GET", path)[1]["properties"]["description"] is None


def test_the_answer_to_a_write_of_a_role_tells_when_it_was_written_and_not_who_made_it(cloud, ask, root):
    path = f"{root}/providers/{DEFINITION_TYPE}/{GUID}"
    said = {"roleName": "Joiner", "assignableScopes": [root], "permissions": [{"actions": [JOIN]}]}
    write = Request("PUT", "", path, {"api-version": "2022-04-01"}, {}, json.dumps({"properties": said}).encode())
    first = cloud.opened.azure.manager.handle(write).body["properties"]
    cloud.world.advance_to(cloud.world.now + 100)

    second = cloud.opened.azure.manager.handle(write).body["properties"]

    assert (second["createdBy"], second["createdOn"]) == (None, second["updatedOn"])
    seen = ask("GET", path)[1]["properties"]
    assert (seen["createdOn"], seen["updatedOn"]) == (first["createdOn"], second["updatedOn"])
    assert seen["createdBy"] == second["updatedBy"] == cloud.world.derive("principal", "learner")
