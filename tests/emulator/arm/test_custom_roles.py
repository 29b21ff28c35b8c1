"""What a custom role allows, over HTTPS with a token of who has it: exactly what it says, there and below."""

import pytest

DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions"
ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"
SOMEBODY, GUID = "11111111-2222-4333-8444-555555555555", "22222222-3333-4444-8555-666666666666"
NETWORKS = "/resourceGroups/g/providers/Microsoft.Network/virtualNetworks"
SPACE = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
V = "2022-04-01"


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def root(served):
    for group in ("g", "h"):
        assert served.arm("PUT", f"/resourcegroups/{group}", json={"location": "westus"}).status_code == 201
    return f"/subscriptions/{served.connection.subscription}"


@pytest.fixture
def define(served, root):
    def define(*actions, scopes=("",), token=None, guid=GUID, name="Ours", **more):
        body = {
            "roleName": name,
            "assignableScopes": [f"{root}{scope}" for scope in scopes],
            "permissions": [{"actions": list(actions), **more}],
        }
        path = f"{scopes[0]}/{DEFINITIONS}/{guid}"
        return served.arm("PUT", path, version=V, json={"properties": body}, **({"token": token} if token else {}))

    return define


@pytest.fixture
def give(served, root):
    """Give somebody a role of that GUID; their token."""

    def give(scope="", guid=GUID, principal=SOMEBODY):
        properties = {"roleDefinitionId": f"{root}/{DEFINITIONS}/{guid}", "principalId": principal}
        name = served.world.derive(scope, guid, principal)
        body = {"properties": {**properties, "principalType": "User"}}
        answer = served.arm("PUT", f"{scope}/{ASSIGNMENTS}/{name}", version=V, json=body)
        assert answer.status_code == 201, answer.text
        return served.token(principal)

    return give


def test_it_allows_what_it_names_and_nothing_else(served, define, give):
    assert define("*/read", "Microsoft.Network/virtualNetworks/write").status_code == 201
    token = give("/resourceGroups/g")

    def write(path, method="PUT", **more):
        return served.arm(method, path, token=token, version="2023-04-01", **more)

    assert write(f"{NETWORKS}/v", json=SPACE).status_code == 201
    assert write(f"{NETWORKS}/v", "GET").status_code == 200
    assert code(write(f"{NETWORKS}/v", "DELETE")) == (403, "AuthorizationFailed")
    assert code(write(f"{NETWORKS.replace('/g/', '/h/')}/v", json=SPACE)) == (403, "AuthorizationFailed")
    assert code(served.arm("GET", "/resourceGroups/h", token=token)) == (403, "AuthorizationFailed")


def test_what_it_takes_back_it_does_not_allow_but_another_role_may(served, define, give):
    define("Microsoft.Network/*", notActions=["Microsoft.Network/virtualNetworks/delete"])
    token = give("/resourceGroups/g")
    served.arm("PUT", f"{NETWORKS}/v", version="2023-04-01", json=SPACE)
    assert code(served.arm("DELETE", f"{NETWORKS}/v", token=token)) == (403, "AuthorizationFailed")

    other = GUID.replace("2", "3")
    define("Microsoft.Network/virtualNetworks/delete", guid=other, name="Other")
    give("/resourceGroups/g", other)

    assert served.arm("DELETE", f"{NETWORKS}/v", token=token, version="2023-04-01").status_code in (200, 202)


def test_a_change_of_the_role_changes_what_its_holders_may(served, define, give):
    define("Microsoft.Network/virtualNetworks/read")
    token = give()
    assert served.arm("PUT", f"{NETWORKS}/v", token=token, version="2023-04-01", json=SPACE).status_code == 403

    define("Microsoft.Network/virtualNetworks/write")

    assert served.arm("PUT", f"{NETWORKS}/v", token=token, version="2023-04-01", json=SPACE).status_code == 201


def test_a_group_is_written_by_the_name_that_roles_have_for_it(served, define, give):
    define("Microsoft.Resources/subscriptions/resourceGroups/write")
    token = give("/resourceGroups/g")
    body = {"location": "westus", "tags": {"a": "b"}}

    assert served.arm("PUT", "/resourcegroups/g", token=token, json=body).status_code == 200
    assert served.arm("PUT", "/resourcegroups/h", token=token, json=body).status_code == 403


def test_a_linked_resource_needs_the_right_to_join_it(served, define, give):
    define("*/read", "Microsoft.Network/networkInterfaces/write")
    token = give("/resourceGroups/g")
    served.arm("PUT", f"{NETWORKS}/v", version="2023-04-01", json=SPACE)
    subnet = f"{NETWORKS}/v/subnets/s"
    body = {"properties": {"addressPrefix": "10.0.0.0/24"}}
    assert served.arm("PUT", subnet, version="2023-04-01", json=body).status_code == 201
    id = f"/subscriptions/{served.connection.subscription}{subnet}"
    configuration = {"name": "one", "properties": {"subnet": {"id": id}}}
    interface = {"location": "westus", "properties": {"ipConfigurations": [configuration]}}
    path = "/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/i"

    refused = served.arm("PUT", path, token=token, version="2023-04-01", json=interface)
    define("Microsoft.Network/networkInterfaces/write", "Microsoft.Network/virtualNetworks/subnets/join/action")

    assert code(refused) == (403, "LinkedAuthorizationFailed")
    assert served.arm("PUT", path, token=token, version="2023-04-01", json=interface).status_code == 201


def test_permissions_are_shown_to_their_holder(served, define, give):
    define("*/read", notActions=["Microsoft.Compute/disks/read"])
    token = give()

    answer = served.arm(
        "GET", "/resourceGroups/g/providers/Microsoft.Authorization/permissions", token=token, version=V
    )

    (shown,) = answer.json()["value"]
    assert (shown["actions"], shown["notActions"]) == (["*/read"], ["Microsoft.Compute/disks/read"])


def test_who_may_not_define_roles_is_refused(served, define, give):
    define("*/read", "Microsoft.Authorization/roleAssignments/write")
    token = give()

    answer = define("*", token=token, guid=GUID.replace("2", "3"), name="More")

    assert code(answer) == (403, "AuthorizationFailed")
    assert "'Microsoft.Authorization/roleDefinitions/write'" in answer.json()["error"]["message"]


def test_who_rules_over_one_scope_cannot_define_roles_for_another(served, define, give):
    define("Microsoft.Authorization/*")
    token = give("/resourceGroups/g")
    groups, third = ["/resourceGroups/g", "/resourceGroups/h"], GUID.replace("2", "3")

    both = define("*", scopes=groups, token=token, guid=third, name="Both")
    own = define("*", scopes=groups[:1], token=token, guid=third, name="Own")

    assert code(both) == (403, "LinkedAuthorizationFailed")
    assert own.status_code == 201


def test_who_rules_over_one_scope_of_a_role_can_neither_change_nor_delete_it(served, define, give):
    define("Microsoft.Authorization/*")
    token = give("/resourceGroups/g")
    third = GUID.replace("2", "3")
    define("*/read", scopes=["/resourceGroups/g", "/resourceGroups/h"], guid=third, name="Both")

    change = define("*", scopes=["/resourceGroups/g"], token=token, guid=third, name="Both")
    deletion = served.arm("DELETE", f"/resourceGroups/g/{DEFINITIONS}/{third}", token=token, version=V)

    assert code(change) == code(deletion) == (403, "LinkedAuthorizationFailed")
    for refused in (change, deletion):
        message = refused.json()["error"]["message"]
        assert "perform action(s) 'Microsoft.Authorization/roleDefinitions/write' on the linked scope(s)" in message
        assert "/resourceGroups/h'" in message


def test_who_rules_over_all_scopes_of_a_role_changes_and_deletes_it(served, define, give):
    define("Microsoft.Authorization/*")
    token = give("/resourceGroups/g")
    third = GUID.replace("2", "3")
    define("*/read", scopes=["/resourceGroups/g"], guid=third, name="Own")

    change = define("*", scopes=["/resourceGroups/g"], token=token, guid=third, name="Own")
    deletion = served.arm("DELETE", f"/resourceGroups/g/{DEFINITIONS}/{third}", token=token, version=V)

    assert (change.status_code, deletion.status_code) == (201, 200)


def test_an_endpoint_that_is_approved_by_itself_needs_the_right_to_approve(served, root, define, give):
    """Source: https://learn.microsoft.com/azure/private-link/rbac-permissions"""
    endpoints, join = (
        "Microsoft.Network/privateEndpoints/write",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
    )
    registries = "Microsoft.ContainerRegistry/registries"
    define("*/read", endpoints, join)
    token = give("/resourceGroups/g")
    there = {"location": "westus", "sku": {"name": "Premium"}}
    registry = f"/resourceGroups/g/providers/{registries}/contoso"
    assert served.arm("PUT", registry, version="2023-07-01", json=there).status_code in (200, 201)
    subnet = f"{NETWORKS}/v/subnets/s"
    body = {"properties": {"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": "Disabled"}}
    served.arm("PUT", f"{NETWORKS}/v", version="2023-04-01", json=SPACE)
    served.arm("PUT", subnet, version="2023-04-01", json=body)
    target = {"privateLinkServiceId": root + registry, "groupIds": ["registry"]}
    asked = {
        "subnet": {"id": root + subnet},
        "privateLinkServiceConnections": [{"name": "c", "properties": target}],
    }

    def ask():
        path = "/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/pe"
        return served.arm(
            "PUT", path, token=token, version="2023-04-01", json={"location": "westus", "properties": asked}
        )

    refused = ask()
    define("*/read", endpoints, join, f"{registries}/privateEndpointConnectionsApproval/action")

    assert code(refused) == (403, "LinkedAuthorizationFailed")
    made = ask()
    assert made.status_code == 201, made.text


def test_everyone_of_the_tenant_reads_its_built_in_roles_and_operations(served):
    headers = {"Authorization": f"Bearer {served.token(SOMEBODY)}"}
    for type in ("roleDefinitions", "providerOperations", "providerOperations/"):
        answer = served.http.get(
            f"/providers/Microsoft.Authorization/{type}", params={"api-version": V}, headers=headers
        )
        assert answer.status_code == 200


def test_data_actions_of_a_custom_role_open_repositories(served, define, give):
    name = "Microsoft.ContainerRegistry/registries/repositories/content/read"

    assert define(dataActions=[name]).status_code == 201
    token = give()
    answer = served.arm(
        "GET", "/resourceGroups/g/providers/Microsoft.Authorization/permissions", token=token, version=V
    )

    assert code(answer) == (403, "AuthorizationFailed")  # what is for data is not for Resource Manager
