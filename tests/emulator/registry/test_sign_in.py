"""The way to a token: challenge, exchange, scopes cut to rights, admin user, anonymous pulls."""

import base64

import jwt
import pytest

from acrlab.emulator.core import subscriptions
from acrlab.emulator.entra import applications, tokens
from acrlab.emulator.entra.credentials import client_id, client_secret
from acrlab.emulator.registry.passwords import regenerate_credential, registry_credentials
from tests.emulator.registry.conftest import HOST

AUDIENCE = "https://containerregistry.azure.net"
NULL_USER = "00000000-0000-0000-0000-000000000000"
VM = "11111111-2222-4333-8444-555555555555"
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
DELETE = "c2f4ef07-c644-48eb-af81-4b1b4947fb11"
ASKED = "repository:hello-world:pull,push,delete,metadata_read,metadata_write"


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_a_stranger_is_told_where_to_get_a_token(lab):
    answer = lab.ask("GET", "/v2/")

    assert answer.status == 401
    assert answer.headers["Www-Authenticate"] == (
        'Bearer realm="https://contoso.azurecr.io/oauth2/token",service="contoso.azurecr.io"'
    )
    message = "authentication required, visit https://aka.ms/acr/authorization for more information."
    assert answer.body == {"errors": [{"code": "UNAUTHORIZED", "message": message, "detail": None}]}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v2/a/b/manifests/v1", "repository:a/b:pull"),
        ("GET", "/v2/x/blobs/sha256:0", "repository:x:pull"),
        ("PUT", "/v2/x/manifests/v1", "repository:x:pull,push"),
        ("POST", "/v2/x/blobs/uploads/", "repository:x:pull,push"),
        ("DELETE", "/v2/x/manifests/v1", "repository:x:delete"),
        ("GET", "/v2/x/tags/list", "repository:x:metadata_read"),
        ("GET", "/v2/_catalog", "registry:catalog:*"),
        ("GET", "/acr/v1/_catalog", "registry:catalog:*"),
        ("GET", "/acr/v1/x/_tags", "repository:x:metadata_read"),
        ("PATCH", "/acr/v1/x/_tags/v1", "repository:x:metadata_write"),
        ("DELETE", "/acr/v1/x", "repository:x:delete"),
    ],
)
def test_the_challenge_names_what_the_operation_needs(lab, method, path, scope):
    answer = lab.ask(method, path)

    assert answer.status == 401
    assert answer.headers["Www-Authenticate"].endswith(f',scope="{scope}"')
    type, name, actions = scope.split(":")
    missing = [{"Type": type, "Name": name, "Action": action} for action in actions.split(",")]
    assert answer.body["errors"][0]["detail"] == missing


def test_the_learner_gets_from_entra_to_an_access_token(lab):
    refresh = lab.refresh_token()
    access = lab.token("repository:hello-world:pull")

    assert (claims(refresh)["grant_type"], claims(refresh)["aud"]) == ("refresh_token", "contoso.azurecr.io")
    assert claims(refresh)["exp"] - claims(refresh)["iat"] == 3 * 3600
    assert claims(access)["exp"] - claims(access)["iat"] == 75 * 60
    assert claims(access)["access"] == [{"type": "repository", "name": "hello-world", "actions": ["pull"]}]
    assert lab.ask("GET", "/v2/", token=access).status == 200


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c"])
def test_what_is_no_entra_token_is_not_exchanged(lab, token):
    answer = lab.post_form("/oauth2/exchange", grant_type="access_token", access_token=token)

    told = "authentication required, visit https://aka.ms/acr/authorization for more information. CorrelationId: "
    assert answer.body["errors"][0]["message"].startswith(told)

    assert (answer.status, answer.body["errors"][0]["code"]) == (401, "UNAUTHORIZED")


def test_an_entra_token_for_another_service_is_not_exchanged(lab):
    token = tokens.issue(lab.world, tokens.learner(lab.world), "https://vault.azure.net")

    assert lab.post_form("/oauth2/exchange", grant_type="access_token", access_token=token).status == 401


def test_a_principal_without_a_role_is_not_let_in(lab):
    token = tokens.issue(lab.world, VM, AUDIENCE, kind="app")

    assert lab.post_form("/oauth2/exchange", grant_type="access_token", access_token=token).status == 401


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (PULL, ["pull", "metadata_read"]),
        (PUSH, ["pull", "push", "metadata_read", "metadata_write"]),
        (DELETE, ["delete"]),
    ],
)
def test_a_token_is_cut_down_to_what_the_role_allows(lab, role, granted):
    lab.assign(role, VM)

    assert claims(lab.token(ASKED, principal=VM))["access"][0]["actions"] == granted
    assert claims(lab.token("repository:x:*", principal=VM))["access"][0]["actions"] == sorted(granted)


def test_who_may_pull_may_read_the_catalog(lab):
    lab.assign(PULL, VM)

    assert lab.ask("GET", "/v2/_catalog", token=lab.token("registry:catalog:*", principal=VM)).status == 200


def test_who_may_only_delete_may_not_read_the_catalog(lab):
    lab.assign(DELETE, VM)

    assert lab.ask("GET", "/v2/_catalog", token=lab.token("registry:catalog:*", principal=VM)).status == 401


def test_pulling_rights_are_not_enough_to_push(lab):
    lab.assign(PULL, VM)
    token = lab.token("repository:x:pull,push", principal=VM)

    answer = lab.ask("POST", "/v2/x/blobs/uploads/", token=token)

    assert answer.status == 401
    assert answer.headers["Www-Authenticate"].endswith(',scope="repository:x:pull,push",error="insufficient_scope"')


def test_the_right_to_pull_is_not_enough_to_list_tags(lab):
    lab.import_hello()

    answer = lab.ask("GET", "/v2/hello-world/tags/list", token=lab.token("repository:hello-world:pull"))

    assert answer.status == 401
    assert answer.headers["Www-Authenticate"].endswith(
        ',scope="repository:hello-world:metadata_read",error="insufficient_scope"'
    )
    again = lab.token("repository:hello-world:pull", "repository:hello-world:metadata_read")
    assert lab.ask("GET", "/v2/hello-world/tags/list", token=again).body["tags"] == ["v1"]


def test_a_token_for_one_repository_opens_no_other(lab):
    lab.import_hello()

    token = lab.token("repository:other:pull")
    assert lab.ask("GET", "/v2/hello-world/manifests/v1", token=token).status == 401


def test_one_token_may_be_good_for_several_repositories(lab):
    lab.import_hello()

    token = lab.token("repository:other:pull", "repository:hello-world:pull")
    assert lab.ask("GET", "/v2/hello-world/manifests/v1", token=token).status == 200


def test_a_role_that_is_taken_away_counts_from_the_next_sign_in(lab):
    lab.assign(PULL, VM)
    refresh = lab.refresh_token(VM)
    for assignment in lab.world.of_type("Microsoft.Authorization/roleAssignments"):
        lab.world.delete(assignment.id)

    form = {"grant_type": "refresh_token", "service": "contoso.azurecr.io", "refresh_token": refresh}
    kept = lab.post_form("/oauth2/token", scope="repository:x:pull", **form)
    aad = tokens.issue(lab.world, VM, AUDIENCE)
    again = lab.post_form("/oauth2/exchange", grant_type="access_token", access_token=aad)

    assert (kept.status, again.status) == (200, 401)


def test_an_access_token_ends_after_75_minutes_of_the_world(lab):
    token = lab.token("registry:catalog:*")

    lab.world.advance_to(lab.world.now + 75 * 60 + 300)

    answer = lab.ask("GET", "/v2/_catalog", token=token)
    assert answer.status == 401
    assert answer.headers["Www-Authenticate"].endswith('error="invalid_token"')


def test_a_refresh_token_is_no_access_token(lab):
    assert lab.ask("GET", "/v2/", token=lab.refresh_token()).status == 401


def test_a_token_of_one_registry_is_worth_nothing_at_another(lab, second):
    token = lab.token("registry:catalog:*")

    assert lab.ask("GET", "https://fabrikam.azurecr.io/v2/_catalog", token=token).status == 401


def test_a_token_for_another_service_is_not_given(lab):
    form = {"grant_type": "refresh_token", "service": "fabrikam.azurecr.io", "refresh_token": lab.refresh_token()}

    assert lab.post_form("/oauth2/token", scope="registry:catalog:*", **form).status == 401


def test_docker_signs_in_with_the_refresh_token_as_its_password(lab):
    login = basic(NULL_USER, lab.refresh_token())
    path = "/oauth2/token?service=contoso.azurecr.io&scope=repository:hello-world:pull&offline_token=true"

    answer = lab.ask("GET", path, authorization=login)

    assert answer.status == 200
    assert claims(answer.body["access_token"])["access"][0]["actions"] == ["pull"]
    assert claims(answer.body["refresh_token"])["grant_type"] == "refresh_token"


def test_docker_signs_in_with_an_access_token_for_its_scopes_and_its_time(lab):
    lab.import_hello()
    token = lab.token("repository:hello-world:pull")
    lab.world.advance_to(lab.world.now + 600)

    def signed_in(scope):
        path = f"/oauth2/token?service={HOST}&scope={scope}&offline_token=true"
        answer = lab.ask("GET", path, authorization=basic(NULL_USER, token))
        assert set(answer.body) == {"access_token"}
        return claims(answer.body["access_token"])

    got = signed_in("repository:hello-world:pull,push")
    assert got["access"] == [{"type": "repository", "name": "hello-world", "actions": ["pull"]}]
    assert got["exp"] == claims(token)["exp"]
    for scope in ("repository:other:pull", "registry:catalog:*"):
        assert [scope["actions"] for scope in signed_in(scope)["access"]] == [[]]
    path = "/v2/hello-world/manifests/v1"
    assert lab.ask("GET", path, authorization=basic(NULL_USER, token)).status == 200


def test_an_access_token_is_exchanged_for_no_other(lab):
    form = {"grant_type": "refresh_token", "service": HOST, "scope": "repository:hello-world:pull"}

    answer = lab.post_form("/oauth2/token", refresh_token=lab.token("repository:hello-world:pull"), **form)

    assert answer.status == 401


def test_a_password_is_good_on_every_path_as_well(lab):
    lab.import_hello()
    login = basic(NULL_USER, lab.refresh_token())

    assert lab.ask("GET", "/v2/", authorization=login).status == 200
    assert lab.ask("GET", "/v2/hello-world/manifests/v1", authorization=login).status == 200
    assert lab.ask("GET", "/v2/", authorization="Basic !!!").status == 401


def test_the_admin_user_may_do_everything_while_it_is_enabled(lab):
    lab.set(adminUserEnabled=True)
    credentials = lab.act("listCredentials").body
    logins = [basic("contoso", p["value"]) for p in credentials["passwords"]]

    assert credentials["username"] == "contoso"
    assert [p["name"] for p in credentials["passwords"]] == ["password", "password2"]
    assert len(set(logins)) == 2
    assert [lab.ask("GET", "/v2/_catalog", authorization=login).status for login in logins] == [200, 200]
    lab.set(adminUserEnabled=False)
    assert lab.ask("GET", "/v2/_catalog", authorization=logins[0]).status == 401


def test_a_regenerated_password_replaces_the_old_one_and_leaves_the_other(lab):
    lab.set(adminUserEnabled=True)
    old = [p["value"] for p in lab.act("listCredentials").body["passwords"]]

    new = [p["value"] for p in regenerate_credential(lab.world, lab.registry, "password")["passwords"]]

    assert (new[0] != old[0], new[1] == old[1]) == (True, True)
    assert lab.ask("GET", "/v2/", authorization=basic("contoso", old[0])).status == 401
    assert lab.ask("GET", "/v2/", authorization=basic("contoso", new[0])).status == 200


def test_the_service_principal_signs_in_by_its_id_and_secret(lab):
    app, secret = client_id(lab.world), client_secret(lab.world)

    answer = lab.ask("GET", "/oauth2/token?scope=repository:app:pull,push", authorization=basic(app, secret))

    assert answer.status == 200
    assert lab.ask("POST", "/v2/app/blobs/uploads/", token=answer.body["access_token"]).status == 202
    for name, password in ((app, f"{secret}x"), (app, ""), ("x", secret)):
        assert lab.ask("GET", "/v2/", authorization=basic(name, password)).status == 401


def test_an_application_that_was_added_signs_in_where_its_subscription_is(lab):
    with lab.world.transaction():
        subscriptions.add(lab.world, "Theirs")
        hers, of_hers = applications.add(lab.world, "hers", lab.world.setting("subscription"), role="Contributor")
        theirs, of_theirs = applications.add(lab.world, "theirs", "Theirs")

    granted = {}
    for app, secret in ((hers, of_hers), (theirs, of_theirs)):
        wanted = "/oauth2/token?scope=repository:app:pull,push"
        answer = lab.ask("GET", wanted, authorization=basic(app.id, secret))
        granted[app.name] = claims(answer.body["access_token"])["access"][0]["actions"]

    assert granted == {"hers": ["pull", "push"], "theirs": []}
    assert lab.ask("GET", "/v2/", authorization=basic(hers.id, of_theirs)).status == 401


def test_a_wrong_password_is_refused(lab):
    lab.set(adminUserEnabled=True)

    assert lab.ask("GET", "/oauth2/token?scope=registry:catalog:*", authorization=basic("contoso", "é")).status == 401


def test_nobody_pulls_without_a_name_unless_the_registry_allows_it(lab):
    lab.import_hello()
    path = "/oauth2/token?service=contoso.azurecr.io&scope=repository:hello-world:pull,push"

    assert lab.ask("GET", path).status == 401
    lab.set(anonymousPullEnabled=True)
    token = lab.ask("GET", path).body["access_token"]

    assert claims(token)["access"][0]["actions"] == ["pull"]
    assert lab.ask("GET", "/v2/hello-world/manifests/v1", token=token).status == 200


def test_the_sdk_asks_for_an_anonymous_token_with_an_empty_password_grant(lab):
    lab.set(anonymousPullEnabled=True)
    form = {"grant_type": "password", "service": "contoso.azurecr.io", "scope": "repository:x:metadata_read"}

    assert lab.post_form("/oauth2/token", **form).status == 200


def test_another_way_to_sign_in_is_named_as_a_gap(lab):
    answer = lab.post_form("/oauth2/token", grant_type="device_code")

    assert (answer.status, answer.body["errors"][0]["code"]) == (501, "NotEmulated")
    assert "device_code" in answer.body["errors"][0]["message"]


def test_every_answer_looks_like_the_registry_s(lab):
    headers = lab.ask("GET", "/v2/").headers

    assert headers["Server"] == "openresty"
    assert headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert len(headers["X-Ms-Correlation-Request-Id"]) == 36
    assert headers["Access-Control-Expose-Headers"] == (
        "Docker-Content-Digest, WWW-Authenticate, Link, X-Ms-Correlation-Request-Id"
    )
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_answers_to_signing_in_are_another_service_s(lab):
    headers = lab.post_form("/oauth2/exchange", grant_type="access_token", access_token="x").headers

    assert set(headers) == {"Server", "Strict-Transport-Security", "X-Ms-Correlation-Request-Id"}


@pytest.mark.parametrize(("method", "path"), [("GET", "/oauth2/exchange"), ("PUT", "/oauth2/token")])
def test_signing_in_another_way_leads_nowhere(lab, method, path):
    answer = lab.ask(method, path)

    assert (answer.status, answer.body) == (404, b"404 page not found\n")


def test_a_token_is_posted_for_with_a_scope(lab):
    """As containerd did at a login: it gets 400, and a token by GET then."""
    lab.set(adminUserEnabled=True)
    password = registry_credentials(lab.world, lab.registry)["passwords"][0]["value"]
    for scope in ({}, {"scope": ""}):
        form = {"grant_type": "password", "service": HOST, "username": "contoso", "password": password, **scope}
        answer = lab.post_form("/oauth2/token", **form)
        assert (answer.status, answer.body) == (400, None)

    got = lab.ask("GET", f"/oauth2/token?service={HOST}", authorization=basic("contoso", password))
    assert got.status == 200
