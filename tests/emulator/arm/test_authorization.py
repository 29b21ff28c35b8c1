"""Authorization in Resource Manager, over HTTPS: whose token is good, for what, and what its holder may do."""

import base64
import json
import time

import jwt
import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.authorization import asked_action
from acrlab.emulator.core import subscriptions
from acrlab.emulator.entra import signing, tokens
from acrlab.emulator.entra.grants import PERSON
from acrlab.emulator.types.authorization.roles import BUILT_IN

SOMEBODY = "11111111-2222-4333-8444-555555555555"
ELSEWHERE = "99999999-0000-4000-8000-000000000000"
NETWORK = "/resourceGroups/g/providers/Microsoft.Network/virtualNetworks"
SPACE = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
GROUP = "/subscriptions/s/resourceGroups/g"
ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"
GROUPS, NETWORKS = "Microsoft.Resources/subscriptions/resourceGroups", "Microsoft.Network/virtualNetworks"
PROVIDERS, NAME_CHECK = (
    "Microsoft.Resources/subscriptions/providers",
    "Microsoft.ContainerRegistry/checkNameAvailability",
)
ROLES_READ = "Microsoft.Authorization/roleAssignments/read"
NAME = "22222222-3333-4444-8555-666666666666"


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def filled(served):
    """Two groups, with a network in each."""
    for group in ("g", "h"):
        assert served.arm("PUT", f"/resourcegroups/{group}", json={"location": "westus"}).status_code == 201
        path = f"/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/v"
        assert served.arm("PUT", path, version="2023-04-01", json=SPACE).status_code == 201
    return served


@pytest.fixture
def given(filled):
    """Give somebody a role at a scope of the subscription, as its owner does; gives their token."""

    def given(role, scope="", principal=SOMEBODY):
        world = filled.world
        root = f"/subscriptions/{filled.connection.subscription}"
        id = ArmId(root + scope, "Microsoft.Authorization/roleAssignments", (world.derive(role, scope, principal),))
        definition = f"{root}/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN[role].guid}"
        with world.transaction():
            world.put(world.new(id, {"properties": {"roleDefinitionId": definition, "principalId": principal}}))
        return filled.token(principal)

    return given


# -- whose token -------------------------------------------------------------------------------------------------------


def test_without_a_token_nobody_is_let_in(served):
    answer = served.http.get("/subscriptions", params={"api-version": "2022-12-01"})

    assert code(answer) == (401, "AuthenticationFailed")
    tenant = served.connection.tenant
    assert answer.headers["www-authenticate"].startswith(
        f'Bearer authorization_uri="https://login.windows.net/{tenant}"'
    )
    assert answer.headers["x-ms-failure-cause"] == "gateway"


@pytest.fixture
def theirs(served):
    """A subscription of another tenant; a reset of the world would leave it to the tests that follow."""
    yield subscriptions.add(served.world, "Theirs", tenant=ELSEWHERE).id
    served.world.set_value(subscriptions.ADDED, "[]")


def test_a_token_of_another_tenant_is_not_for_its_subscriptions(served, theirs):
    headers = {"Authorization": f"Bearer {served.token()}"}

    answer = served.http.get(
        f"/subscriptions/{theirs}/resourcegroups", params={"api-version": "2022-12-01"}, headers=headers
    )

    assert code(answer) == (401, "InvalidAuthenticationTokenTenant")
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    assert answer.headers["www-authenticate"] == (
        f'Bearer authorization_uri="https://login.windows.net/{ELSEWHERE}", error="invalid_token", '
        'error_description="The access token is from the wrong issuer."'
    )
    assert answer.json()["error"]["message"] == (
        f"The access token is from the wrong issuer 'https://sts.windows.net/{served.connection.tenant}/'. It must "
        f"match the tenant 'https://sts.windows.net/{ELSEWHERE}/' associated with this subscription. Please use the "
        f"authority (URL) 'https://login.windows.net/{ELSEWHERE}' to get the token. Note, if the subscription is "
        "transferred to another tenant there is no impact to the services, but information about new tenant could "
        "take time to propagate (up to an hour). If you just transferred your subscription and see this error "
        "message, please try back later."
    )


def test_the_learner_owns_a_subscription_of_another_tenant_there(served, theirs):
    learner = tokens.learner(served.world, ELSEWHERE)
    token = tokens.issue(served.world, learner, "https://management.azure.com", tenant=ELSEWHERE)

    answer = served.http.put(
        f"/subscriptions/{theirs}/resourcegroups/g",
        params={"api-version": "2022-12-01"},
        headers={"Authorization": f"Bearer {token}"},
        json={"location": "westus"},
    )

    assert answer.status_code == 201, answer.text


def forged(served, **changes):
    """A token as this world writes them, but with other claims, key or algorithm."""
    held = jwt.decode(served.token(), options={"verify_signature": False})
    key = changes.pop("key", "not the world's own key, but one as long")
    return jwt.encode(held | changes, key, algorithm="HS256")


def unsigned(served):
    part = served.token().split(".")[1]
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    return f"{head}.{part}."


def tampered(served):
    head, part, signature = served.token(SOMEBODY).split(".")
    other = served.token().split(".")[1]
    assert part != other
    return f"{head}.{other}.{signature}"


@pytest.mark.parametrize("make", [forged, unsigned, tampered], ids=lambda make: make.__name__)
def test_no_token_is_good_that_this_world_did_not_sign(served, make):
    assert code(served.arm("GET", "", token=make(served))) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("token", ["x", "a.b.c", "a" * 8000, "..", "\u00e9"])
def test_no_nonsense_is_good(served, token):
    headers = {"Authorization": f"Bearer {token}".encode()}

    answer = served.http.get("/subscriptions", params={"api-version": "2022-12-01"}, headers=headers)

    assert code(answer) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("kind", ["Basic", "Negotiate", "Bearer,"])
def test_no_other_way_of_saying_who_one_is_will_do(served, kind):
    headers = {"Authorization": f"{kind} {served.token()}"}

    answer = served.http.get("/subscriptions", params={"api-version": "2022-12-01"}, headers=headers)

    assert code(answer) == (401, "InvalidAuthenticationToken")


def test_an_identity_token_and_a_refresh_token_open_nothing(served):
    form = {"grant_type": "password", "client_id": "cli", "scope": "https://management.azure.com/.default"}
    account = {"username": PERSON, "password": served.connection.client_secret}
    held = served.sign_in(**form, **account).json()

    for kind in ("id_token", "refresh_token"):
        assert served.arm("GET", "", token=held[kind]).status_code == 401
    assert served.arm("GET", "", token=held["access_token"]).status_code == 200


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("audience", ["https://management.azure.com", "https://management.core.windows.net"])
def test_a_token_is_good_for(served, audience, end):
    assert served.arm("GET", "", token=served.token(audience=audience + end)).status_code == 200


@pytest.mark.parametrize("audience", ["https://containerregistry.azure.net", "https://vault.azure.net", ""])
def test_a_token_for_another_resource_is_refused(served, audience):
    answer = served.arm("GET", "", token=served.token(audience=audience))

    assert code(answer) == (401, "InvalidAuthenticationTokenAudience")


def test_a_token_that_was_given_out_here_ends_with_the_hour_of_the_computer(served, monkeypatch):
    token = served.sign_in().json()["access_token"]
    served.world.advance_to(served.world.now + 24 * 3600)  # leaps of the world's clock don't age it
    assert served.arm("GET", "", token=token).status_code == 200

    begun = time.time()
    monkeypatch.setattr(
        "acrlab.emulator.entra.signing.time.time", lambda: begun + tokens.LIFETIME_S + signing.CLOCK_SKEW_S + 1
    )

    assert served.arm("GET", "", token=token).status_code == 401


def test_a_token_of_the_world_ends_with_the_hour_of_the_world(served):
    token = served.token()
    served.world.advance_to(served.world.now + tokens.LIFETIME_S + signing.CLOCK_SKEW_S + 1)

    assert served.arm("GET", "", token=token).status_code == 401


# -- about what --------------------------------------------------------------------------------------------------------


def test_another_subscription_is_not_found(served):
    path = f"/subscriptions/{ELSEWHERE}/resourcegroups/g"

    for method in ("GET", "PUT", "DELETE"):
        assert code(served.arm(method, path, json={"location": "westus"})) == (404, "SubscriptionNotFound")


def test_who_has_no_right_is_told_which_is_missing(filled):
    answer = filled.arm("GET", f"{NETWORK}/v", token=filled.token(SOMEBODY))

    assert code(answer) == (403, "AuthorizationFailed")
    message = answer.json()["error"]["message"]
    assert "'Microsoft.Network/virtualNetworks/read'" in message
    assert f"'/subscriptions/{filled.connection.subscription}{NETWORK}/v'" in message
    assert f"'{SOMEBODY}'" in message


def test_who_has_no_right_does_not_learn_what_there_is(filled):
    there = filled.arm("GET", f"{NETWORK}/v", token=filled.token(SOMEBODY))
    missing = filled.arm("GET", f"{NETWORK}/w", token=filled.token(SOMEBODY))

    assert there.status_code == missing.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "scope", "action"),
    [
        ("GET", "/subscriptions/s", "/subscriptions/s", "Microsoft.Resources/subscriptions/read"),
        ("PUT", "/subscriptions/s/resourcegroups/g/", "/subscriptions/s/resourceGroups/g", GROUPS + "/write"),
        ("GET", "/subscriptions/s" + NETWORK, "/subscriptions/s/resourceGroups/g", NETWORKS + "/read"),
        ("DELETE", f"/subscriptions/s{NETWORK}/v", f"/subscriptions/s{NETWORK}/v", NETWORKS + "/delete"),
        ("GET", f"/subscriptions/s{NETWORK}/v/subnets", f"/subscriptions/s{NETWORK}/v", NETWORKS + "/subnets/read"),
        ("GET", f"/subscriptions/s{NETWORK}/v/{ASSIGNMENTS}", f"/subscriptions/s{NETWORK}/v", ROLES_READ),
        ("GET", f"/subscriptions/s/{ASSIGNMENTS}", "/subscriptions/s", ROLES_READ),
        ("GET", "/subscriptions/s/providers/Microsoft.Compute", "/subscriptions/s", f"{PROVIDERS}/read"),
        ("POST", "/subscriptions/s/providers/X/register", "/subscriptions/s", "X/register/action"),
        ("POST", f"/subscriptions/s/providers/{NAME_CHECK}", "/subscriptions/s", f"{NAME_CHECK}/read"),
        (
            "POST",
            "/subscriptions/s/resourceGroups/g/exportTemplate",
            "/subscriptions/s/resourceGroups/g",
            f"{GROUPS}/read",
        ),
    ],
)
def test_a_request_asks_for(method, path, scope, action):
    assert asked_action(method, path) == (scope, action)


# -- roles -------------------------------------------------------------------------------------------------------------


def test_a_reader_reads_and_no_more(given, filled):
    token = given("Reader")

    assert filled.arm("GET", f"{NETWORK}/v", token=token, version="2023-04-01").status_code == 200
    assert filled.arm("HEAD", "/resourcegroups/g", token=token).status_code == 204
    assert code(filled.arm("PUT", f"{NETWORK}/w", token=token, json=SPACE)) == (403, "AuthorizationFailed")
    assert code(filled.arm("PATCH", f"{NETWORK}/v", token=token, json={"tags": {}})) == (403, "AuthorizationFailed")
    assert code(filled.arm("DELETE", f"{NETWORK}/v", token=token)) == (403, "AuthorizationFailed")


def test_a_reader_of_a_group_may_export_it(given, filled):
    token = given("Reader", "/resourceGroups/g")

    answer = filled.arm("POST", "/resourcegroups/g/exportTemplate", token=token, json={"resources": ["*"]})

    assert answer.status_code == 202
    assert code(filled.arm("POST", "/resourcegroups/h/exportTemplate", token=token, json={"resources": ["*"]})) == (
        403,
        "AuthorizationFailed",
    )


def test_a_role_in_one_group_means_nothing_in_another(given, filled):
    token = given("Contributor", "/resourceGroups/g")

    assert filled.arm("PUT", f"{NETWORK}/w", token=token, version="2023-04-01", json=SPACE).status_code == 201
    other = NETWORK.replace("/g/", "/h/")
    assert filled.arm("PUT", f"{other}/w", token=token, version="2023-04-01", json=SPACE).status_code == 403
    assert filled.arm("PUT", "/resourcegroups/i", token=token, json={"location": "westus"}).status_code == 403


def test_a_role_at_one_resource_reaches_its_children(given, filled):
    token = given("Reader", f"{NETWORK}/v")

    assert filled.arm("GET", f"{NETWORK}/v/subnets", token=token, version="2023-04-01").status_code == 200
    assert filled.arm("GET", "/resourcegroups/g", token=token).status_code == 403


def test_a_contributor_cannot_assign_roles(given, filled):
    token = given("Contributor")
    root = f"/subscriptions/{filled.connection.subscription}"
    role = f"{root}/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN['Owner'].guid}"
    body = {"properties": {"roleDefinitionId": role, "principalId": SOMEBODY}}

    answer = filled.arm("PUT", f"/{ASSIGNMENTS}/{NAME}", token=token, version="2022-04-01", json=body)

    assert code(answer) == (403, "AuthorizationFailed")
    assert "'Microsoft.Authorization/roleAssignments/write'" in answer.json()["error"]["message"]
    assert filled.arm("GET", f"/{ASSIGNMENTS}", token=token, version="2022-04-01").status_code == 200


def test_a_contributor_cannot_take_roles_away(given, filled):
    token = given("Contributor")
    name = filled.world.derive("Contributor", "", SOMEBODY)

    answer = filled.arm("DELETE", f"/{ASSIGNMENTS}/{name}", token=token, version="2022-04-01")

    assert code(answer) == (403, "AuthorizationFailed")


@pytest.mark.parametrize("scope", ["", "/resourceGroups/g", f"{NETWORK}/v"])
def test_an_owner_assigns_roles_where_they_own(given, filled, scope):
    token = given("Owner", scope)
    root = f"/subscriptions/{filled.connection.subscription}"
    role = f"{root}/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN['Reader'].guid}"
    body = {"properties": {"roleDefinitionId": role, "principalId": tokens.learner(filled.world)}}

    for place, status in ((scope, 201), ("/resourceGroups/h", 403 if scope else 201)):
        name = filled.world.derive("test", place)
        path = f"{place}/{ASSIGNMENTS}/{name}"
        assert filled.arm("PUT", path, token=token, version="2022-04-01", json=body).status_code == status


def test_a_right_that_is_taken_away_is_gone(given, filled):
    token = given("Reader")
    name = filled.world.derive("Reader", "", SOMEBODY)
    assert filled.arm("GET", "/resourcegroups/g", token=token).status_code == 200

    assert filled.arm("DELETE", f"/{ASSIGNMENTS}/{name}", version="2022-04-01").status_code == 200

    assert filled.arm("GET", "/resourcegroups/g", token=token).status_code == 403


def test_an_action_needs_its_own_right(given, filled):
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"adminUserEnabled": True}}
    registry = "/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contoso42"
    assert filled.arm("PUT", registry, version="2023-07-01", json=body).status_code in (200, 201)
    filled.arm("GET", registry, version="2023-07-01")

    answer = filled.arm("POST", f"{registry}/listCredentials", token=given("Reader"), version="2023-07-01")

    assert code(answer) == (403, "AuthorizationFailed")
    message = answer.json()["error"]["message"]
    assert "'Microsoft.ContainerRegistry/registries/listCredentials/action'" in message
    token = given("Contributor", principal="33333333-2222-4333-8444-555555555555")
    assert filled.arm("POST", f"{registry}/listCredentials", token=token, version="2023-07-01").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/{ASSIGNMENTS}/{NAME}".replace("/role", "//role"),
        f"//{ASSIGNMENTS}/{NAME}",
        f"/{ASSIGNMENTS}//{NAME}",
        f"/{ASSIGNMENTS}/{NAME}".replace("providers/", "providers//"),
        f"/{ASSIGNMENTS}/{NAME}/",
        f"/{ASSIGNMENTS.upper()}/{NAME}",
    ],
)
def test_no_spelling_of_a_path_gets_around_a_right(given, filled, path):
    token = given("Contributor")
    root = f"/subscriptions/{filled.connection.subscription}"
    role = f"{root}/providers/Microsoft.Authorization/roleDefinitions/{BUILT_IN['Owner'].guid}"
    body = {"properties": {"roleDefinitionId": role, "principalId": tokens.learner(filled.world)}}

    answer = filled.arm("PUT", path, token=token, version="2022-04-01", json=body)

    assert code(answer) == (403, "AuthorizationFailed")
    assert filled.arm("PUT", path, version="2022-04-01", json=body).status_code == 201


def test_two_slashes_are_one_for_rights_as_well(given, filled):
    token = given("Reader", f"{NETWORK}/v")

    assert filled.arm("GET", f"{NETWORK}//v", token=token, version="2023-04-01").status_code == 200


# -- lists -------------------------------------------------------------------------------------------------------------


def names(answer):
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["value"]]


def test_lists_show_what_one_may_read(given, filled):
    token = given("Reader", "/resourceGroups/g")

    assert names(filled.arm("GET", "/resourcegroups", token=token)) == ["g"]
    whole = "/providers/Microsoft.Network/virtualNetworks"
    found = filled.arm("GET", whole, token=token, version="2023-04-01").json()["value"]
    assert [one["id"].split("/")[4] for one in found] == ["g"]
    found = filled.arm("GET", "/resources", token=token).json()["value"]
    assert [one["id"].split("/")[4] for one in found] == ["g"]


def test_a_group_whose_list_one_may_not_read_is_forbidden(given, filled):
    token = given("Reader", "/resourceGroups/g")

    assert names(filled.arm("GET", NETWORK, token=token, version="2023-04-01")) == ["v"]
    other = NETWORK.replace("/g/", "/h/")
    assert code(filled.arm("GET", other, token=token, version="2023-04-01")) == (403, "AuthorizationFailed")


def test_who_has_any_right_sees_the_subscription(given, filled):
    token = given("Reader", f"{NETWORK}/v")

    found = filled.arm("GET", "/subscriptions", token=token, version="2022-12-01").json()["value"]

    assert [one["subscriptionId"] for one in found] == [filled.connection.subscription]


def test_who_has_no_right_sees_no_subscription(filled):
    token = filled.token(SOMEBODY)

    assert filled.arm("GET", "/subscriptions", token=token, version="2022-12-01").json()["value"] == []
    assert filled.arm("GET", "", token=token, version="2022-12-01").status_code == 403
    assert filled.arm("GET", "/resourcegroups", token=token).status_code == 403
