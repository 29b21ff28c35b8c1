"""Role assignments: who is given what, where."""

import json

import pytest

from acrlab.emulator.core.http import Request

PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
NAME = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def assign(cloud):
    def assign(scope, principal, role=PULL, name=NAME, **more):
        root = f"/subscriptions/{cloud.opened.subscription}/providers/Microsoft.Authorization/roleDefinitions"
        body = {"properties": {"roleDefinitionId": f"{root}/{role}", "principalId": principal, **more}}
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        operations = cloud.resources.resources
        return operations.begin_create_or_update_by_id(id, body, api_version="2022-04-01").result()

    return assign


def test_a_vm_s_identity_can_be_given_a_role_on_a_registry(cloud, assign):
    vm = cloud.vm(cloud.interface(cloud.subnet()))
    registry = cloud.registry()

    made = assign(registry.id, vm.identity.principal_id)

    properties = made.as_dict()["properties"]
    assert (properties["scope"], properties["principalType"]) == (registry.id, "ServicePrincipal")
    assert properties["createdBy"] == cloud.world.derive("principal", "learner")


def test_a_principal_is_what_it_is(cloud, assign, refused):
    vm, registry = cloud.vm(cloud.interface(cloud.subnet())), cloud.registry()

    code = refused(lambda: assign(registry.id, vm.identity.principal_id, principalType="User"))

    assert code == (400, "UnmatchedPrincipalType")


def test_a_vm_without_an_identity_is_nobody(cloud, assign, refused):
    vm, registry = cloud.vm(cloud.interface(cloud.subnet())), cloud.registry()
    cloud.compute.virtual_machines.begin_update("g", "m", {"identity": {"type": "None"}}).result()

    assert refused(lambda: assign(registry.id, vm.identity.principal_id)) == (400, "PrincipalNotFound")


def test_a_right_is_a_right_to_something(cloud, assign, refused):
    learner, group = (
        cloud.world.derive("principal", "learner"),
        f"/subscriptions/{cloud.opened.subscription}/resourceGroups",
    )
    missing = f"{group}/g/providers/Microsoft.ContainerRegistry/registries/none"

    assert refused(lambda: assign(f"{group}/none", learner)) == (404, "ResourceGroupNotFound")
    assert refused(lambda: assign(missing, learner)) == (404, "ResourceNotFound")
    assert refused(lambda: assign(f"/subscriptions/{NAME}", learner)) == (404, "SubscriptionNotFound")


READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
HELLO = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals 'hello-world'"


def test_a_condition_is_not_silently_passed_over(cloud, assign, refused):
    learner, registry = cloud.world.derive("principal", "learner"), cloud.registry()

    assert refused(lambda: assign(registry.id, learner, condition=HELLO)) == (501, "NotEmulated")
    assign(registry.id, learner, condition=None)


def test_a_role_for_repositories_may_have_a_condition(cloud, assign):
    learner, registry = cloud.world.derive("principal", "learner"), cloud.registry()

    made = assign(registry.id, learner, READER, condition=HELLO).as_dict()["properties"]

    assert (made["condition"], made["conditionVersion"]) == (HELLO, "2.0")


def test_a_condition_of_another_version_or_form_is_invalid(cloud, assign, refused):
    learner, registry = cloud.world.derive("principal", "learner"), cloud.registry()

    old = refused(lambda: assign(registry.id, learner, READER, condition=HELLO, conditionVersion="1.0"))
    odd = refused(lambda: assign(registry.id, learner, READER, condition="hello-world"))

    assert old == odd == (400, "InvalidRoleAssignmentCondition")


def test_an_assignment_s_name_is_taken_everywhere(cloud, assign, refused):
    learner, registry = cloud.world.derive("principal", "learner"), cloud.registry()
    assign(registry.id, learner)

    assign(registry.id, learner)
    code = refused(lambda: assign(f"/subscriptions/{cloud.opened.subscription}", learner))

    assert code == (400, "RoleAssignmentUpdateNotPermitted")


def test_the_same_right_is_given_once(cloud, assign, refused):
    vm, registry = cloud.vm(cloud.interface(cloud.subnet())), cloud.registry()
    assign(registry.id, vm.identity.principal_id)

    again = refused(lambda: assign(registry.id, vm.identity.principal_id, name=NAME.replace("1", "2")))

    assert again == (409, "RoleAssignmentExists")


def test_an_unknown_principal_and_an_unknown_role_are_refused(cloud, assign, refused):
    registry = cloud.registry()
    vm = cloud.vm(cloud.interface(cloud.subnet()))

    assert refused(lambda: assign(registry.id, NAME)) == (400, "PrincipalNotFound")
    assert refused(lambda: assign(registry.id, vm.identity.principal_id, role=NAME)) == (
        404,
        "RoleDefinitionDoesNotExist",
    )


def test_assignments_go_with_what_they_are_on(cloud, assign):
    vm, registry = cloud.vm(cloud.interface(cloud.subnet())), cloud.registry()
    assign(registry.id, vm.identity.principal_id)

    cloud.registries.registries.begin_delete("g", "contoso").result()

    assert list(cloud.world.of_type("Microsoft.Authorization/roleAssignments")) == []


def test_an_assignment_can_be_read_and_deleted_twice(cloud, assign):
    made = assign(cloud.registry().id, cloud.world.derive("principal", "learner"))
    operations = cloud.resources.resources

    assert operations.get_by_id(made.id, api_version="2022-04-01").name == NAME
    operations.begin_delete_by_id(made.id, api_version="2022-04-01").result()
    operations.begin_delete_by_id(made.id, api_version="2022-04-01").result()
    assert list(cloud.world.named("Microsoft.Authorization/roleAssignments", NAME)) == []


def test_a_deletion_answers_with_what_was_deleted_as_az_expects(cloud, assign):
    made = assign(cloud.registry().id, cloud.world.derive("principal", "learner"))
    deletion = Request("DELETE", "", made.id, {"api-version": "2022-04-01"})

    first, second = (cloud.opened.azure.manager.handle(deletion) for _ in range(2))

    assert (first.status, first.body["name"]) == (200, NAME)
    assert (second.status, second.body) == (204, None)


@pytest.fixture
def listed(cloud):
    """Status and values of a list under Microsoft.Authorization."""

    def listed(scope, type, question=""):
        query = {"api-version": "2022-04-01"} | ({"$filter": question} if question else {})
        path = f"{scope}/providers/Microsoft.Authorization/{type}"
        answer = cloud.opened.azure.manager.handle(Request("GET", "", path, query))
        return answer.status, answer.body.get("value", [])

    return listed


def test_a_list_has_what_is_above_and_below_and_can_be_narrowed(cloud, assign, listed):
    learner, vm = cloud.world.derive("principal", "learner"), cloud.vm(cloud.interface(cloud.subnet()))
    registry = cloud.registry()
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g"
    scopes = {"1": f"/subscriptions/{cloud.opened.subscription}", "2": group, "3": registry.id}
    for digit, scope in scopes.items():
        assign(scope, learner, name=NAME.replace("1", digit))
    assign(registry.id, vm.identity.principal_id, name=NAME.replace("1", "4"))

    def names(scope, question=""):
        return "".join(sorted(v["name"][0] for v in listed(scope, "roleAssignments", question)[1]))

    assert names(group) == "1234"
    assert names(group, "atScope()") == names(group, "(atScope())") == "12"
    assert names(registry.id, "atScope()") == "1234"
    assert names(group, f"principalId eq '{learner}'") == "123"
    assert names(registry.id, f"atScope() and assignedTo('{vm.identity.principal_id}')") == "4"


@pytest.mark.parametrize(
    "question",
    ["bogus eq '1'", "principalId ne '1'", "atScope() or asTarget()", "atScope() and (", "atScope('1', '2')"],
)
def test_a_filter_that_is_not_known_is_not_passed_over(cloud, listed, question):
    scope = f"/subscriptions/{cloud.opened.subscription}"

    assert listed(scope, "roleAssignments", question)[0] == 501
    assert listed(scope, "roleDefinitions", question)[0] == 501


def test_a_built_in_role_is_found_by_its_name_at_any_scope(cloud, listed):
    registry = cloud.registry()

    (found,) = listed(registry.id, "roleDefinitions", "roleName eq 'AcrPull'")[1]

    root = f"/subscriptions/{cloud.opened.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    assert found["id"] == f"{root}/{PULL}"
    assert found["properties"]["permissions"] == [
        {
            "actions": ["Microsoft.ContainerRegistry/registries/pull/read"],
            "notActions": [],
            "dataActions": [],
            "notDataActions": [],
        }
    ]
    assert len(listed(registry.id, "roleDefinitions")[1]) == 13
    assert listed(registry.id, "roleDefinitions", "type eq 'CustomRole'")[1] == []


def test_a_role_is_read_by_its_id_with_a_scope_and_without(cloud, refused):
    get = cloud.resources.resources.get_by_id
    path = f"/providers/Microsoft.Authorization/roleDefinitions/{PULL}"

    assert get(path, api_version="2022-04-01").id == path
    scoped = get(f"/subscriptions/{cloud.opened.subscription}{path}", api_version="2022-04-01")
    assert scoped.as_dict()["properties"]["roleName"] == "AcrPull"
    code = (404, "RoleDefinitionDoesNotExist")
    assert refused(lambda: get(path.replace(PULL, NAME), api_version="2022-04-01")) == code


def test_what_was_not_said_of_an_assignment_is_null(cloud, assign):
    id = assign(cloud.registry().id, cloud.world.derive("principal", "learner")).id

    shown = cloud.opened.azure.manager.handle(Request("GET", "", id, {"api-version": "2022-04-01"})).body["properties"]

    names = ("condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description")
    assert [shown[name] for name in names] == [None] * 4


def test_a_registry_s_identity_can_be_given_a_role(cloud, assign):
    cloud.registry()
    body = {"identity": {"type": "SystemAssigned"}}
    registry = cloud.registries.registries.begin_update("g", "contoso", body).result()

    made = assign(f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g", registry.identity.principal_id)

    assert made.as_dict()["properties"]["principalType"] == "ServicePrincipal"


# -- as other tools' recordings have it --------------------------------------------------------------------------------


@pytest.fixture
def written(cloud):
    """Write an assignment of the learner's, and read it."""
    path = f"{cloud.registry().id}/providers/Microsoft.Authorization/roleAssignments/{NAME}"
    role = f"/subscriptions/{cloud.opened.subscription}/providers/Microsoft.Authorization/roleDefinitions/{PULL}"
    said = {"principalId": cloud.world.derive("principal", "learner"), "roleDefinitionId": role}

    def written(method="PUT", **more):
        raw = json.dumps({"properties": {**said, **more}}).encode() if method == "PUT" else b""
        return cloud.opened.azure.manager.handle(Request(method, "", path, {"api-version": "2022-04-01"}, {}, raw))

    return written


def test_an_assignment_is_created_with_each_write_and_made_by_no_one_that_the_answer_knows(cloud, written):
    first = written()
    cloud.world.advance_to(cloud.world.now + 100)
    second = written(description="why")

    assert (first.status, second.status) == (201, 201)
    one, other = first.body["properties"], second.body["properties"]
    assert (one["createdBy"], other["createdBy"]) == (None, None)
    assert one["updatedBy"] == other["updatedBy"] == cloud.world.derive("principal", "learner")
    assert one["createdOn"] == one["updatedOn"] < other["createdOn"] == other["updatedOn"]


def test_a_reader_of_an_assignment_learns_who_made_it_and_when(cloud, written):
    first = written().body["properties"]
    cloud.world.advance_to(cloud.world.now + 100)
    written(description="why")

    seen = written("GET").body["properties"]

    assert (seen["createdOn"], seen["createdBy"]) == (first["createdOn"], first["updatedBy"])
    assert seen["updatedOn"] > seen["createdOn"]


def test_the_service_says_itself_that_there_is_no_such_assignment(written):
    answer = written("GET")

    assert (answer.status, answer.body) == (
        404,
        {"error": {"code": "RoleAssignmentNotFound", "message": f"The role assignment '{NAME}' is not found."}},
    )
    assert "x-ms-failure-cause" not in answer.headers
