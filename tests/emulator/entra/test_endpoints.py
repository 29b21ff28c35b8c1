"""Signing in over HTTPS: what clients read first, every way to a token, and every refusal by its number."""

import base64
import json

import pytest

from acrlab.emulator.entra import device_codes
from acrlab.emulator.entra.grants import PERSON
from acrlab.errors import ConfigurationError

MANAGEMENT = "https://management.azure.com/.default"


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def refusal(answer):
    body = answer.json()
    return answer.status_code, body["error"], body["error_codes"]


# -- before signing in -------------------------------------------------------------------------------------------------


def test_the_configuration_leads_back_to_the_address_that_was_asked(served):
    arm, tenant = served.connection.arm, served.connection.tenant

    found = served.http.get(f"/{tenant}/v2.0/.well-known/openid-configuration").json()

    assert found["token_endpoint"] == f"{arm}/{tenant}/oauth2/v2.0/token"
    assert found["authorization_endpoint"] == f"{arm}/{tenant}/oauth2/v2.0/authorize"
    assert found["device_authorization_endpoint"] == f"{arm}/{tenant}/oauth2/v2.0/devicecode"
    assert found["issuer"] == f"{arm}/{tenant}/v2.0"


def test_the_configuration_of_version_1_leads_to_version_1(served):
    found = served.http.get(f"/{served.connection.tenant}/.well-known/openid-configuration").json()

    assert found["token_endpoint"].endswith("/oauth2/token")


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers"])
def test_the_shared_tenants_know_the_worlds_own(served, tenant):
    found = served.http.get(f"/{tenant}/v2.0/.well-known/openid-configuration").json()

    assert f"/{tenant}/oauth2/v2.0/token" in found["token_endpoint"]
    assert found["issuer"] == f"{served.connection.arm}/{served.connection.tenant}/v2.0"


def test_discovery_names_this_authority_and_no_other(served):
    asked = {"authorization_endpoint": f"{served.connection.arm}/common/oauth2/v2.0/authorize", "api-version": "1.1"}

    found = served.http.get("/common/discovery/instance", params=asked).json()

    host = served.connection.arm.removeprefix("https://")
    assert [one["aliases"] for one in found["metadata"]] == [[host]]


def test_the_cloud_tells_its_endpoints_to_anybody(served):
    found = served.http.get("/metadata/endpoints", params={"api-version": "2022-09-01"}).json()

    assert found["resourceManager"] == served.connection.arm
    assert found["authentication"]["loginEndpoint"] == served.connection.arm
    assert found["suffixes"]["acrLoginServer"] == "azurecr.io"


# -- programs ----------------------------------------------------------------------------------------------------------


def test_a_program_signs_in_with_its_secret_in_the_form(served):
    answer = served.sign_in()

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store, no-cache"
    assert answer.json()["token_type"] == "Bearer"
    held = claims(answer.json()["access_token"])
    assert (held["aud"], held["appid"]) == ("https://management.azure.com", served.connection.client_id)
    assert (held["tid"], held["idtyp"]) == (served.connection.tenant, "app")


def test_a_program_signs_in_with_its_secret_in_a_header(served):
    form = {"grant_type": "client_credentials", "scope": MANAGEMENT}
    account = (served.connection.client_id, served.connection.client_secret)

    answer = served.http.post(f"/{served.connection.tenant}/oauth2/v2.0/token", data=form, auth=account)

    assert answer.status_code == 200


def test_version_1_names_a_resource_in_place_of_a_scope(served):
    form = {
        "grant_type": "client_credentials",
        "client_id": served.connection.client_id,
        "client_secret": served.connection.client_secret,
        "resource": "https://management.core.windows.net/",
    }

    answer = served.sign_in(version="", **form)

    assert claims(answer.json()["access_token"])["aud"] == "https://management.core.windows.net/"


@pytest.mark.parametrize(
    "resource",
    [
        "https://management.azure.com",
        "https://management.azure.com/",
        "https://management.core.windows.net",
        "https://management.core.windows.net/",
        "https://containerregistry.azure.net",
    ],
)
def test_there_are_tokens_for(served, resource):
    form = {"grant_type": "client_credentials", "client_id": served.connection.client_id}
    secret = {"client_secret": served.connection.client_secret}

    answer = served.sign_in(**form, **secret, scope=f"{resource}/.default")

    assert claims(answer.json()["access_token"])["aud"] == resource


def test_there_are_tokens_for_the_servers_own_address(served):
    form = {"grant_type": "client_credentials", "client_id": served.connection.client_id}
    secret = {"client_secret": served.connection.client_secret}

    answer = served.sign_in(**form, **secret, scope=f"{served.connection.arm}/.default")

    assert served.arm("GET", "/resourcegroups", token=answer.json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"grant_type": ""}, (400, "invalid_request", [900144])),
        ({"grant_type": "implicit"}, (400, "unsupported_grant_type", [70003])),
        ({"client_id": ""}, (400, "invalid_request", [900144])),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, (400, "unauthorized_client", [700016])),
        ({"client_secret": "wrong"}, (401, "invalid_client", [7000215])),
        ({"client_secret": ""}, (401, "invalid_client", [7000216])),
        ({"scope": "https://example.com/.default"}, (400, "invalid_resource", [500011])),
        ({"scope": ""}, (400, "invalid_request", [900144])),
        ({"scope": "https://management.azure.com/user_impersonation"}, (400, "invalid_scope", [1002012])),
    ],
)
def test_a_program_is_refused_for(served, change, expected):
    form = {
        "grant_type": "client_credentials",
        "client_id": served.connection.client_id,
        "client_secret": served.connection.client_secret,
        "scope": MANAGEMENT,
    }

    answer = served.sign_in(**{**form, **change})

    assert refusal(answer) == expected
    assert answer.json()["error_description"].startswith(f"AADSTS{expected[2][0]}: ")


def test_a_refusal_carries_the_ids_that_support_asks_for(served):
    path = f"/{served.connection.tenant}/oauth2/v2.0/token"
    asked = "77777777-2222-4333-8444-555555555555"

    body = served.http.post(path, data={}, headers={"client-request-id": asked}).json()

    assert body["correlation_id"] == asked
    told = f"Trace ID: {body['trace_id']} Correlation ID: {asked} Timestamp: {body['timestamp']}"
    assert body["error_description"] == (
        f"AADSTS900144: The request body must contain the following parameter: 'grant_type'. {told}"
    )


def test_a_refusal_never_repeats_the_secret(served):
    form = {"grant_type": "client_credentials", "client_id": served.connection.client_id, "scope": MANAGEMENT}

    assert "guessed-secret" not in served.sign_in(**form, client_secret="guessed-secret").text


def test_another_tenant_is_not_found(served):
    answer = served.sign_in(tenant="11111111-2222-4333-8444-555555555555")

    assert refusal(answer) == (400, "invalid_request", [90002])


def test_a_client_assertion_is_not_emulated(served):
    form = {"grant_type": "client_credentials", "client_id": served.connection.client_id, "scope": MANAGEMENT}

    answer = served.sign_in(**form, client_assertion="x.y.z")

    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotEmulated")


def test_a_form_that_is_no_text_is_refused(served):
    path = f"/{served.connection.tenant}/oauth2/v2.0/token"

    answer = served.http.post(path, content=b"grant_type=\xff\xfe")

    assert refusal(answer) == (400, "invalid_request", [900144])


def test_a_header_that_is_no_account_is_refused(served):
    path = f"/{served.connection.tenant}/oauth2/v2.0/token"

    answer = served.http.post(path, data={"grant_type": "x"}, headers={"Authorization": "Basic !!!"})

    assert refusal(answer) == (400, "invalid_request", [900144])


# -- the person --------------------------------------------------------------------------------------------------------


def device(served):
    path = f"/{served.connection.tenant}/oauth2/v2.0/devicecode"
    return served.http.post(path, data={"client_id": "cli", "scope": MANAGEMENT}).json()


def by_device(served, code):
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    return served.sign_in(grant_type=grant, client_id="cli", device_code=code, scope=MANAGEMENT)


def test_a_person_signs_in_with_a_code_that_was_approved(served):
    given = device(served)
    for _ in range(3):  # however often its holder asks
        assert refusal(by_device(served, given["device_code"])) == (400, "authorization_pending", [70016])
    device_codes.approve(served.world, given["user_code"].lower())

    answer = by_device(served, given["device_code"])

    assert claims(answer.json()["access_token"])["idtyp"] == "user"
    assert claims(answer.json()["id_token"])["preferred_username"].startswith("learner@")


def test_approving_one_code_lets_no_other_in(served):
    given, other = device(served), device(served)
    device_codes.approve(served.world, given["user_code"])

    assert refusal(by_device(served, other["device_code"])) == (400, "authorization_pending", [70016])


def test_a_code_remembers_what_it_was_asked_for(served):
    given = device(served)
    device_codes.approve(served.world, given["user_code"])
    grant = {"grant_type": "device_code", "client_id": "cli", "code": given["device_code"]}

    assert claims(served.sign_in(**grant).json()["access_token"])["aud"] == "https://management.azure.com"


def test_the_page_of_the_code_says_how_it_is_approved(served):
    given = device(served)

    assert "acrlab emulator approve CODE" in served.http.get(given["verification_uri"]).text
    assert given["message"].endswith(f"acrlab emulator approve {given['user_code']}")


def test_a_code_serves_once(served):
    given = device(served)
    device_codes.approve(served.world, given["user_code"])
    by_device(served, given["device_code"])

    assert refusal(by_device(served, given["device_code"])) == (400, "invalid_grant", [54005])


@pytest.mark.parametrize("spoiled", ["", "NOBODYS", "used"])
def test_only_a_code_that_waits_is_approved(served, spoiled):
    given = device(served)
    if spoiled == "used":
        spoiled = given["user_code"]
        device_codes.approve(served.world, spoiled)

    with pytest.raises(ConfigurationError, match="no sign-in of this world waits for the code"):
        device_codes.approve(served.world, spoiled)


def test_whoever_asks_for_many_codes_fills_nothing(served):
    for _ in range(device_codes.MOST_CODES + 5):
        device(served)

    assert len(json.loads(served.world.value("device codes", "{}"))) == device_codes.MOST_CODES


def test_every_code_is_another(served):
    assert device(served)["device_code"] != device(served)["device_code"]


def test_a_code_that_was_never_given_out_is_refused(served):
    assert refusal(by_device(served, "guessed")) == (400, "expired_token", [70020])


def test_a_person_signs_in_with_the_secret_as_password(served):
    account = {"username": PERSON, "password": served.connection.client_secret}

    answer = served.sign_in(grant_type="password", client_id="cli", scope=MANAGEMENT, **account)

    assert claims(answer.json()["access_token"])["idtyp"] == "user"


@pytest.mark.parametrize(
    ("username", "password", "number"),
    [(PERSON, "guessed", 50126), ("somebody else", "", 50034)],
)
def test_nobody_else_does(served, username, password, number):
    answer = served.sign_in(
        grant_type="password", client_id="cli", scope=MANAGEMENT, username=username, password=password
    )

    assert refusal(answer) == (400, "invalid_grant", [number])


def test_a_person_stays_signed_in(served):
    account = {"username": PERSON, "password": served.connection.client_secret}
    first = served.sign_in(grant_type="password", client_id="cli", scope=MANAGEMENT, **account).json()
    scope = "https://containerregistry.azure.net/.default"

    answer = served.sign_in(
        grant_type="refresh_token", client_id="cli", refresh_token=first["refresh_token"], scope=scope
    )

    assert claims(answer.json()["access_token"])["aud"] == "https://containerregistry.azure.net"
    assert answer.json()["refresh_token"]


def test_an_access_token_is_no_refresh_token(served):
    answer = served.sign_in(grant_type="refresh_token", client_id="cli", refresh_token=served.token(), scope=MANAGEMENT)

    assert refusal(answer) == (400, "invalid_grant", [70000])
