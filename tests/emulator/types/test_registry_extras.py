"""Webhooks, cache rules and credential sets: kept as they are written, and without effect."""

import pytest
from azure.core.exceptions import HttpResponseError


@pytest.fixture
def registries(cloud):
    cloud.registry()
    return cloud.registries


HOOK = {"serviceUri": "https://example.com/hook", "customHeaders": {"Authorization": "Basic x"}, "actions": ["push"]}


def hook(registries, name="notify", **more):
    body = {"location": "westus", "properties": {**HOOK, **more}}
    return registries.webhooks.begin_create("g", "contoso", name, body).result()


def test_a_webhook_does_not_show_where_it_leads(registries):
    made = hook(registries)

    assert (made.properties.status, made.properties.actions) == ("enabled", ["push"])
    assert not {"serviceUri", "customHeaders"} & set(made.as_dict()["properties"])
    callback = registries.webhooks.get_callback_config("g", "contoso", "notify")
    assert (callback.service_uri, callback.custom_headers) == (HOOK["serviceUri"], HOOK["customHeaders"])


@pytest.mark.parametrize("headers", [{}, {"X-Team": "one"}])
def test_headers_of_a_webhook_are_replaced_as_a_whole(registries, headers):
    hook(registries)

    registries.webhooks.begin_update("g", "contoso", "notify", {"properties": {"customHeaders": headers}}).result()

    assert (registries.webhooks.get_callback_config("g", "contoso", "notify").custom_headers or {}) == headers


def test_a_webhook_sends_nothing_and_says_so(registries):
    hook(registries)

    with pytest.raises(HttpResponseError, match=r"sending an event to https://example\.com/hook") as caught:
        registries.webhooks.ping("g", "contoso", "notify")

    assert caught.value.status_code == 501
    assert list(registries.webhooks.list_events("g", "contoso", "notify")) == []


def test_a_small_tier_has_two_webhooks(cloud):
    cloud.registry(sku="Basic")
    hook(cloud.registries, "first")
    hook(cloud.registries, "second")

    with pytest.raises(HttpResponseError, match="at most 2 webhooks"):
        hook(cloud.registries, "third")


SECRETS = {f"{part}SecretIdentifier": f"https://v.vault.azure.net/secrets/{part}" for part in ("username", "password")}


def credentials(registries):
    properties = {"loginServer": "docker.io", "authCredentials": [{"name": "Credential1", **SECRETS}]}
    body = {"identity": {"type": "SystemAssigned"}, "properties": properties}
    return registries.credential_sets.begin_create("g", "contoso", "docker", body).result()


def rule(registries, name="ubuntu", **more):
    properties = {"sourceRepository": "docker.io/library/ubuntu", "targetRepository": "ubuntu", **more}
    return registries.cache_rules.begin_create("g", "contoso", name, {"properties": properties}).result()


def test_a_cache_rule_is_kept_with_its_credentials(registries):
    made = rule(registries, credentialSetResourceId=credentials(registries).id)

    assert made.properties.target_repository == "ubuntu"
    assert [one.name for one in registries.cache_rules.list("g", "contoso")] == ["ubuntu"]
    with pytest.raises(HttpResponseError, match="is used by the cache rules ubuntu"):
        registries.credential_sets.begin_delete("g", "contoso", "docker").result()
    registries.cache_rules.begin_delete("g", "contoso", "ubuntu").result()
    registries.credential_sets.begin_delete("g", "contoso", "docker").result()


def test_credentials_have_an_identity_and_were_not_read(registries):
    made = credentials(registries)

    assert made.identity.principal_id
    health = made.properties.auth_credentials[0].credential_health
    assert health.status == "Unhealthy"
    assert "Not emulated" in health.error_message


def test_two_rules_do_not_fill_one_repository(registries):
    rule(registries)

    with pytest.raises(HttpResponseError, match="already has the target repository 'ubuntu'"):
        rule(registries, "another")


def test_a_rule_needs_credentials_that_are_there(registries):
    with pytest.raises(HttpResponseError, match="was not found"):
        rule(registries, credentialSetResourceId=f"{registries.registries.get('g', 'contoso').id}/credentialSets/none")
