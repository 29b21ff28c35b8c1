"""Registries as Resource Manager knows them, through the SDK's own client."""

import json
import re

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request


@pytest.fixture
def registries(cloud):
    cloud.resources.resource_groups.create_or_update("h", {"location": "westus"})
    return cloud.registries.registries


def body(sku="Premium", **properties):
    return {"location": "westus", "sku": {"name": sku}, "properties": properties}


def test_a_premium_registry_starts_open_to_everybody(registries):
    made = registries.begin_create("g", "contoso", body()).result()

    assert made.login_server == "contoso.azurecr.io"
    assert (made.public_network_access, made.network_rule_set.default_action) == ("Enabled", "Allow")
    assert made.sku.as_dict() == {"name": "Premium", "tier": "Premium"}


def test_only_premium_registries_show_network_rules(registries):
    assert registries.begin_create("g", "contoso", body("Standard")).result().network_rule_set is None


def test_a_name_is_taken_in_every_group(registries, refused):
    registries.begin_create("g", "contoso", body()).result()

    assert refused(lambda: registries.begin_create("h", "Contoso", body())) == (409, "AlreadyInUse")
    answer = registries.check_name_availability({"name": "contoso", "type": "Microsoft.ContainerRegistry/registries"})
    assert (answer.name_available, answer.message) == (False, "The registry contoso is already in use.")


@pytest.mark.parametrize("name", ["abcd", "has-dash", "a" * 51])
def test_a_name_out_of_the_rule_is_refused(registries, refused, name):
    assert refused(lambda: registries.begin_create("g", name, body()))[0] == 400


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"publicNetworkAccess": "Disabled"}, "DisablingPublicNetworkAccessNotSupported"),
        ({"networkRuleSet": {"defaultAction": "Deny"}}, "NetworkRuleNotSupported"),
        ({"dataEndpointEnabled": True}, "DataEndpointNotSupported"),
    ],
)
def test_what_needs_premium_is_refused_below_it(registries, refused, properties, code):
    assert refused(lambda: registries.begin_create("g", "contoso", body("Basic", **properties))) == (400, code)


def test_patching_the_default_action_leaves_the_rest(registries):
    registries.begin_create("g", "contoso", body(adminUserEnabled=True)).result()
    change = {"properties": {"networkRuleSet": {"defaultAction": "Deny"}}}

    changed = registries.begin_update("g", "contoso", change).result()

    assert (changed.network_rule_set.default_action, changed.admin_user_enabled) == ("Deny", True)


EXPORTS_DISABLED = {"policies": {"exportPolicy": {"status": "disabled"}}}


def refusal(change):
    with pytest.raises(HttpResponseError) as caught:
        change().result()
    return caught.value.status_code, caught.value.error.code, caught.value.error.message


def test_a_registry_with_exports_disabled_is_not_opened(registries):
    registries.begin_create("g", "contoso", body(publicNetworkAccess="Disabled", **EXPORTS_DISABLED)).result()
    opening = {"properties": {"publicNetworkAccess": "Enabled"}}

    words = "Enabling public network access is not supported because the registry 'contoso' has exports disabled."
    assert refusal(lambda: registries.begin_update("g", "contoso", opening)) == (400, "BadRequest", words)
    opening["properties"] |= {"policies": {"exportPolicy": {"status": "enabled"}}}
    assert registries.begin_update("g", "contoso", opening).result().public_network_access == "Enabled"


def test_exports_are_disabled_with_public_access_and_not_without(registries):
    registries.begin_create("g", "contoso", body()).result()
    change = {"properties": {**EXPORTS_DISABLED}}

    assert refusal(lambda: registries.begin_update("g", "contoso", change))[0] == 400
    change["properties"] |= {"publicNetworkAccess": "Disabled"}
    closed = registries.begin_update("g", "contoso", change).result()
    assert closed.policies.export_policy.status == "disabled"


def test_enabling_public_access_again_leaves_deny_behind(registries):
    registries.begin_create("g", "contoso", body()).result()
    close = {"properties": {"publicNetworkAccess": "Disabled", "networkRuleSet": {"defaultAction": "Deny"}}}
    registries.begin_update("g", "contoso", close).result()

    opened = registries.begin_update("g", "contoso", {"properties": {"publicNetworkAccess": "Enabled"}}).result()

    assert (opened.public_network_access, opened.network_rule_set.default_action) == ("Enabled", "Deny")


def test_a_data_endpoint_is_named_after_the_region(registries):
    made = registries.begin_create("g", "contoso", body(dataEndpointEnabled=True)).result()

    assert made.data_endpoint_host_names == ["contoso.westus.data.azurecr.io"]


def test_private_link_resources_name_the_data_endpoint_first(registries):
    registries.begin_create("g", "contoso", body()).result()

    (resource,) = registries.list_private_link_resources("g", "contoso")

    assert resource.properties.required_members == ["registry_data_westus", "registry"]
    assert resource.properties.required_zone_names == ["privatelink.azurecr.io"]


@pytest.mark.parametrize(
    ("version", "status", "state"), [("2019-12-01-preview", 200, "Succeeded"), ("2023-11-01-preview", 201, "Creating")]
)
def test_creation_is_an_operation_only_since_late_2023(cloud, version, status, state):
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.ContainerRegistry"
    sent = b'{"location": "westus", "sku": {"name": "Premium"}, "properties": {}}'
    query = {"api-version": version}

    answer = cloud.opened.azure.manager.handle(
        Request("PUT", "", f"{path}/registries/contoso", query, {}, sent, "https://m")
    )

    assert (answer.status, answer.body["properties"]["provisioningState"]) == (status, state)
    assert ("Azure-AsyncOperation" in answer.headers) == (status == 201)
    assert ("virtualNetworkRules" in answer.body["properties"]["networkRuleSet"]) == (status == 200)


def test_a_regenerated_password_replaces_one_of_the_two(registries):
    registries.begin_create("g", "contoso", body(adminUserEnabled=True)).result()
    before = {p.name: p.value for p in registries.list_credentials("g", "contoso").passwords}

    after = {p.name: p.value for p in registries.regenerate_credential("g", "contoso", {"name": "password2"}).passwords}

    assert (after["password"], after["password2"] != before["password2"]) == (before["password"], True)


def test_credentials_are_listed_only_for_the_admin_user(registries, refused):
    registries.begin_create("g", "contoso", body()).result()

    assert refused(lambda: registries.list_credentials("g", "contoso")) == (400, "UnAuthorizedForCredentialOperations")


def test_everyone_may_pull_from_standard_and_premium_only(registries):
    basic = {**body(anonymousPullEnabled=True), "sku": {"name": "Basic"}}

    with pytest.raises(HttpResponseError) as refused:
        registries.begin_create("g", "contoso", basic).result()

    assert (refused.value.status_code, refused.value.error.code) == (400, "BadRequest")
    assert "Anonymous pull is not supported for SKU Managed_Basic." in refused.value.message
    standard = {**basic, "sku": {"name": "Standard"}}
    assert registries.begin_create("g", "contoso", standard).result().anonymous_pull_enabled is True


SCOPES = ["TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "NoReuse"]


def make(cloud, group, scope, name="contoso"):
    """The SDK's models do not know the property yet."""
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/{group}/providers"
    path += f"/Microsoft.ContainerRegistry/registries/{name}"
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": {}}
    body["properties"] = {"autoGeneratedDomainNameLabelScope": scope} if scope else {}
    query = {"api-version": "2025-11-01-preview"}
    raw = json.dumps(body).encode()
    answer = cloud.opened.azure.manager.handle(Request("PUT", "management.azure.com", path, query, {}, raw))
    return answer.status, answer.body


@pytest.mark.parametrize("scope", SCOPES)
def test_a_domain_name_label_scope_puts_a_hash_into_every_name(cloud, scope):
    _, made = make(cloud, "g", scope)
    server = made["properties"]["loginServer"]

    assert re.fullmatch(r"contoso-[a-z0-9]{16}\.azurecr\.io", server)
    registry = cloud.registries.registries.get("g", "contoso")
    assert registry.login_server == server
    endpoint = cloud.endpoint(registry, cloud.subnet())
    label = server.partition(".")[0]
    names = [c.fqdn for c in endpoint.custom_dns_configs]
    assert sorted(names) == sorted([server, f"{label}.westus.data.azurecr.io"])


@pytest.mark.parametrize(("scope", "again"), [*((scope, True) for scope in SCOPES[:3]), ("NoReuse", False)])
def test_a_name_gets_its_hash_again_within_its_scope(cloud, scope, again):
    first = make(cloud, "g", scope)[1]["properties"]["loginServer"]
    cloud.registries.registries.begin_delete("g", "contoso").result()

    second = make(cloud, "g", scope)[1]["properties"]["loginServer"]

    assert (first == second) == again


def test_a_registry_keeps_its_label_and_a_label_is_taken_once(cloud, registries):
    assert make(cloud, "g", "ResourceGroupReuse")[0] < 300
    status, refused = make(cloud, "g", "SubscriptionReuse")
    assert (status, refused["error"]["code"]) == (501, "NotEmulated"), "another scope of a registry that exists"
    assert make(cloud, "h", "SubscriptionReuse", "another")[0] < 300
    assert make(cloud, "g", "SubscriptionReuse", "another")[1]["error"]["code"] == "AlreadyInUse"


def test_a_subscription_has_a_name_once_though_the_hash_would_be_another(cloud):
    cloud.resources.resource_groups.create_or_update("h", {"location": "westus"})
    make(cloud, "g", "ResourceGroupReuse")

    status, refused = make(cloud, "h", "ResourceGroupReuse")

    text = "The registry name contoso is already in use. You can check if the name is already claimed using following"
    assert (status, refused["error"]["code"]) == (409, "RegistryNameAlreadyInUse")
    assert refused["error"]["message"] == f"{text} API: https://aka.ms/acr/check-name-availability"
    assert free(cloud, resourceGroupName="h", autoGeneratedDomainNameLabelScope="ResourceGroupReuse") == {
        "nameAvailable": False,
        "reason": "AlreadyExists",
        "message": "The registry contoso is already in use.",
    }


def free(cloud, *, version="2026-09-01-preview", **asked):
    """Ask whether the name is free, with an api-version that knows labels."""
    body = {"name": "contoso", "type": "Microsoft.ContainerRegistry/registries", **asked}
    path = f"/subscriptions/{cloud.opened.subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability"
    request = Request("POST", "", path, {"api-version": version}, {}, json.dumps(body).encode())
    return cloud.opened.azure.manager.handle(request).body


@pytest.mark.parametrize("scope", ["Unsecure", *SCOPES])
def test_a_free_name_is_told_with_the_host_that_it_would_get(cloud, scope):
    told = free(cloud, resourceGroupName="g", autoGeneratedDomainNameLabelScope=scope)

    made = make(cloud, "g", scope)[1]["properties"]["loginServer"]
    assert told == {"availableLoginServerName": made, "nameAvailable": True}


def test_no_host_is_told_where_no_label_was_asked_about_or_the_api_version_knows_none(cloud):
    assert free(cloud) == {"nameAvailable": True}
    old = free(cloud, version="2022-02-01-preview", autoGeneratedDomainNameLabelScope="NoReuse")
    assert old == {"nameAvailable": True}


def test_no_registry_is_classic_any_more(cloud):
    body = {"location": "westus", "sku": {"name": "Classic"}, "properties": {}}

    with pytest.raises(HttpResponseError) as caught:
        cloud.registries.registries.begin_create("g", "contoso", body)

    assert (caught.value.status_code, caught.value.error.code) == (400, "ClassicSkuDeprecated")
    assert caught.value.error.message == (
        "Classic SKU is now deprecated. Please select a managed SKU. Kindly refer to docs for instructions: "
        "https://docs.microsoft.com/en-us/azure/container-registry/container-registry-upgrade"
    )
