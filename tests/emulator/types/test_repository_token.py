"""Repository tokens and their scope maps, by the SDK; what they are good for at the registry itself."""

from __future__ import annotations

import base64

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Arrival, Request
from acrlab.emulator.registry import tokens
from acrlab.emulator.registry.service import RegistryService

READ = "repositories/samples/app/content/read"
NOBODY = "nothing-of-this-name"


@pytest.fixture
def registry(cloud):
    cloud.registry()
    return cloud.registries


@pytest.fixture
def scope_map(registry):
    def scope_map(*actions, name="readers"):
        body = {"properties": {"actions": [*actions], "description": "who may read"}}
        return registry.scope_maps.begin_create("g", "contoso", name, body).result()

    return scope_map


@pytest.fixture
def token(registry):
    def token(scope_map_id, name="build-01", **properties):
        body = {"properties": {"scopeMapId": scope_map_id, **properties}}
        return registry.tokens.begin_create("g", "contoso", name, body).result()

    return token


def passwords(registry, token, **asked):
    made = registry.registries.begin_generate_credentials("g", "contoso", {"tokenId": token.id, **asked}).result()
    return made.username, {p.name: p.value for p in made.passwords}


def code(caught):
    return caught.value.status_code, caught.value.error.code


@pytest.fixture
def signed_in(cloud):
    """Ask for an access token as docker does. Returns: the status, and what the token is good for."""

    def signed_in(user, password, scope):
        azure = cloud.opened.azure
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        query = {"service": "contoso.azurecr.io", "scope": scope}
        headers = {"authorization": f"Basic {basic}"}
        request = Request(
            "GET", "contoso.azurecr.io", "/oauth2/token", query, headers, b"", "https://contoso.azurecr.io"
        )
        answer = RegistryService(azure.world).handle(request, Arrival("192.0.2.1", "198.51.100.20"))
        if answer.status != 200:
            return answer.status, []
        found = next(azure.world.of_type("Microsoft.ContainerRegistry/registries"))
        return 200, [a for s in tokens.access_of(azure.world, found, answer.body["access_token"]) for a in s.actions]

    return signed_in


def test_a_scope_map_says_what_it_allows_and_whose_it_is(scope_map):
    made = scope_map(READ)

    assert (made.actions, made.properties.type, made.provisioning_state) == ([READ], "UserDefined", "Succeeded")


def test_maps_of_the_system_are_there_without_anybody_having_made_them(registry):
    found = registry.scope_maps.get("g", "contoso", "_repositories_pull")

    assert (found.actions, found.properties.type) == (["repositories/*/content/read"], "SystemDefined")


@pytest.mark.parametrize("action", ["content/read", "repositories/a/content/execute", "repositories/content/read"])
def test_an_action_that_is_none_is_refused(scope_map, action):
    with pytest.raises(HttpResponseError) as caught:
        scope_map(action)

    assert caught.value.status_code == 400


def test_a_token_without_its_map_is_refused(token, scope_map, registry):
    id = scope_map(READ).id

    with pytest.raises(HttpResponseError) as caught:
        token(id.replace("readers", "writers"))

    assert code(caught) == (404, "ScopeMapNotFound")


def test_a_map_that_a_token_uses_stays(registry, token, scope_map):
    token(scope_map(READ).id)

    with pytest.raises(HttpResponseError) as caught:
        registry.scope_maps.begin_delete("g", "contoso", "readers").result()

    assert code(caught) == (409, "ScopeMapInUse")


def test_passwords_are_shown_where_they_are_made_and_nowhere_else(registry, token, scope_map):
    made = token(scope_map(READ).id)

    user, values = passwords(registry, made)

    shown = registry.tokens.get("g", "contoso", "build-01")
    assert (user, sorted(values)) == ("build-01", ["password1", "password2"])
    assert [(p.name, p.value) for p in shown.credentials.passwords] == [("password1", None), ("password2", None)]


def test_a_token_opens_what_its_map_says_and_nothing_else(registry, token, scope_map, signed_in):
    user, values = passwords(registry, token(scope_map(READ).id))

    for password in values.values():
        assert signed_in(user, password, "repository:samples/app:pull,push") == (200, ["pull"])
        assert signed_in(user, password, "repository:other:pull") == (200, [])
    assert signed_in(user, NOBODY, "repository:samples/app:pull")[0] == 401


def test_a_star_stands_for_what_begins_so(registry, token, scope_map, signed_in):
    user, values = passwords(registry, token(scope_map("repositories/samples/*/content/read").id))

    assert signed_in(user, values["password1"], "repository:samples/app:pull") == (200, ["pull"])
    assert signed_in(user, values["password1"], "repository:other/app:pull") == (200, [])


def test_a_map_of_the_system_is_good_for_every_repository(registry, token, scope_map, signed_in):
    id = registry.scope_maps.get("g", "contoso", "_repositories_push").id
    user, values = passwords(registry, token(id))

    assert signed_in(user, values["password1"], "repository:anything:pull,push,delete") == (200, ["pull", "push"])


@pytest.mark.parametrize(
    ("map", "allowed"),
    [
        ("_repositories_pull", []),
        ("_repositories_pull_metadata_read", []),
        ("_repositories_push_metadata_write", []),
        ("_repositories_admin", ["*"]),
    ],
)
def test_a_token_lists_repositories_where_it_may_do_everything(registry, token, signed_in, map, allowed):
    user, values = passwords(registry, token(registry.scope_maps.get("g", "contoso", map).id))

    assert signed_in(user, values["password1"], "registry:catalog:*") == (200, allowed)


def test_a_token_that_may_only_pull_lists_no_tags(registry, token, scope_map, signed_in):
    user, values = passwords(registry, token(scope_map(READ).id))

    assert signed_in(user, values["password1"], "repository:samples/app:metadata_read") == (200, [])


def test_a_password_that_is_made_anew_replaces_the_old_one(registry, token, scope_map, signed_in):
    made = token(scope_map(READ).id)
    user, before = passwords(registry, made)
    _, after = passwords(registry, made, name="password1")

    scope = "repository:samples/app:pull"
    assert list(after) == ["password1"]
    assert signed_in(user, before["password1"], scope)[0] == 401
    assert signed_in(user, after["password1"], scope) == (200, ["pull"])
    assert signed_in(user, before["password2"], scope) == (200, ["pull"])


def test_a_password_ends_with_its_expiry(registry, token, scope_map, signed_in):
    user, values = passwords(registry, token(scope_map(READ).id), name="password1", expiry="2020-01-01T00:00:00Z")

    assert signed_in(user, values["password1"], "repository:samples/app:pull")[0] == 401


def test_a_disabled_token_opens_nothing(registry, token, scope_map, signed_in):
    user, values = passwords(registry, token(scope_map(READ).id))
    registry.tokens.begin_update("g", "contoso", "build-01", {"properties": {"status": "disabled"}}).result()

    assert signed_in(user, values["password1"], "repository:samples/app:pull")[0] == 401


def test_a_password_that_is_left_out_of_a_change_is_gone(registry, token, scope_map, signed_in):
    user, values = passwords(registry, token(scope_map(READ).id))
    left = {"properties": {"credentials": {"passwords": [{"name": "password2"}]}}}
    registry.tokens.begin_update("g", "contoso", "build-01", left).result()

    assert signed_in(user, values["password1"], "repository:samples/app:pull")[0] == 401
    assert signed_in(user, values["password2"], "repository:samples/app:pull") == (200, ["pull"])


def test_a_token_of_another_registry_has_no_passwords_here(registry, token, scope_map):
    made = token(scope_map(READ).id)

    with pytest.raises(HttpResponseError) as caught:
        passwords(registry, type("Elsewhere", (), {"id": made.id.replace("contoso", "fabrikam")}))

    assert code(caught) == (404, "TokenNotFound")


@pytest.mark.parametrize(
    "credentials",
    [
        {"certificates": [{"name": "certificate1", "encodedPemCertificate": "AA=="}]},
        {"passwords": [{"name": "password1", "expiry": "2030-01-01T00:00:00Z"}]},
    ],
    ids=["certificate", "password"],
)
def test_credentials_of_ones_own_are_not_passed_over(token, scope_map, credentials):
    map = scope_map(READ)

    with pytest.raises(HttpResponseError) as caught:
        token(map.id, credentials=credentials)

    assert caught.value.error.code == "NotEmulated"


def test_a_token_without_credentials_may_say_so(token, scope_map):
    made = token(scope_map(READ).id, credentials={"certificates": [], "passwords": []})

    assert made.properties.provisioning_state == "Succeeded"
