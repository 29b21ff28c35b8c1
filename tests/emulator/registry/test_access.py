"""Who is let in at all: by private endpoint, by address, or not."""

import json

import pytest

from acrlab.emulator.core.http import Arrival, Request
from acrlab.emulator.registry.access import admits_public, decide, passes_as_trusted

SOURCE = "198.51.100.20"
DENIED = {
    "code": "DENIED",
    "message": f"client with IP '{SOURCE}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
}


def rules(default, *values):
    return {"defaultAction": default, "ipRules": [{"action": "Allow", "value": value} for value in values]}


@pytest.mark.parametrize(
    ("public", "rule_set", "allowed"),
    [
        ("Enabled", rules("Allow"), True),
        ("Enabled", rules("Deny"), False),
        ("Enabled", rules("Deny", SOURCE), True),
        ("Enabled", rules("Deny", "198.51.100.0/24"), True),
        ("Enabled", rules("Deny", "198.51.100.21"), False),
        ("Enabled", rules("Deny", "203.0.113.0/24", SOURCE), True),
        ("Enabled", None, True),
        ("Disabled", rules("Allow"), False),
        ("Disabled", rules("Allow", SOURCE), False),
        ("Disabled", rules("Deny", SOURCE), False),
    ],
)
def test_the_public_door(lab, public, rule_set, allowed):
    lab.set(publicNetworkAccess=public, networkRuleSet=rule_set)

    refused = decide(lab.world, lab.registry, lab.outside)

    assert (refused is None) == allowed
    assert allowed or refused.body == {"errors": [DENIED]}


@pytest.mark.parametrize("public", ["Enabled", "Disabled"])
@pytest.mark.parametrize("default", ["Allow", "Deny"])
def test_an_approved_private_endpoint_is_let_in_whatever_the_public_door_says(lab, public, default):
    inside = lab.connect("Approved")
    lab.set(publicNetworkAccess=public, networkRuleSet=rules(default))

    assert decide(lab.world, lab.registry, inside) is None


@pytest.mark.parametrize("status", ["Pending", "Rejected", "Disconnected"])
def test_a_private_endpoint_that_is_not_approved_is_not_let_in(lab, status):
    refused = decide(lab.world, lab.registry, lab.connect(status))

    assert refused.status == 403
    assert "client with IP '10.0.0.4'" in refused.message


def test_somebody_else_s_private_endpoint_is_not_let_in(lab):
    lab.connect("Approved")

    assert decide(lab.world, lab.registry, Arrival("10.0.0.5", "10.0.0.4", endpoint="/another")).status == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/"),
        ("GET", "/v2/hello-world/manifests/v1"),
        ("POST", "/oauth2/exchange"),
        ("GET", "/oauth2/token"),
        ("GET", "/acr/v1/_catalog"),
        ("GET", "https://contoso.westus.data.azurecr.io/?d=sha256:0"),
    ],
)
def test_a_closed_door_answers_every_path_the_same_instead_of_the_challenge(lab, method, path):
    lab.set(networkRuleSet=rules("Deny"))

    answer = lab.ask(method, path)

    assert (answer.status, answer.body) == (403, {"errors": [DENIED]})
    assert "Www-Authenticate" not in answer.headers


def test_inside_the_challenge_comes_as_usual(lab):
    inside = lab.connect("Approved")
    lab.set(publicNetworkAccess="Disabled")

    assert lab.ask("GET", "/v2/", arrival=inside).status == 401


def test_a_host_without_a_registry_is_nobody_s(lab):
    assert lab.ask("GET", "https://fabrikam.azurecr.io/v2/").status == 404


# -- by service endpoint, as a trusted service, and late ---------------------------------------------------------------

SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/net/subnets/sub"


@pytest.mark.parametrize(
    ("rule", "subnet", "allowed"),
    [
        (SUBNET, SUBNET, True),
        (SUBNET, SUBNET.replace("virtualNetworks/net", "VirtualNetworks/Net"), True),
        (SUBNET, f"{SUBNET}2", False),
    ],
)
def test_what_comes_by_a_service_endpoint_is_let_in_by_its_subnet(lab, rule, subnet, allowed):
    lab.set(networkRuleSet={"defaultAction": "Deny", "virtualNetworkRules": [{"action": "Allow", "id": rule}]})

    refused = decide(lab.world, lab.registry, Arrival("203.0.113.10", "10.0.0.4", subnet=subnet))

    assert (refused is None) == allowed


def test_what_comes_by_a_service_endpoint_needs_a_rule_for_its_subnet_and_not_its_address(lab):
    lab.set(networkRuleSet=rules("Deny", "10.0.0.4"))

    assert decide(lab.world, lab.registry, Arrival("203.0.113.10", "10.0.0.4", subnet=SUBNET)).status == 403


def test_a_rule_for_a_subnet_lets_no_address_in(lab):
    lab.set(networkRuleSet={"defaultAction": "Deny", "virtualNetworkRules": [{"action": "Allow", "id": SUBNET}]})

    assert decide(lab.world, lab.registry, lab.outside).status == 403


def test_without_a_subnet_the_addresses_are_asked(lab):
    lab.set(networkRuleSet=rules("Deny", SOURCE))

    assert admits_public(lab.world, lab.registry, SOURCE)
    assert not admits_public(lab.world, lab.registry, SOURCE, subnet=SUBNET)


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ({"value": SOURCE}, True),
        ({"value": "198.51.100.77/24", "action": "Allow"}, True),  # with bits beyond its mask, as Azure takes it
        ({"value": SOURCE, "action": "Deny"}, False),
    ],
)
def test_a_rule_allows_unless_it_says_otherwise(lab, rule, allowed):
    lab.set(networkRuleSet={"defaultAction": "Deny", "ipRules": [rule]})

    assert (decide(lab.world, lab.registry, lab.outside) is None) == allowed


TASK = Arrival("203.0.113.10", "203.0.113.200", service="tasks")
CLOSED = {"networkRuleBypassAllowedForTasks": True, "publicNetworkAccess": "Disabled"}


@pytest.mark.parametrize(
    ("arrival", "said", "allowed"),
    [
        (TASK, {}, True),
        (TASK, {"networkRuleBypassOptions": "AzureServices"}, True),
        (TASK, {"networkRuleBypassOptions": "None"}, False),
        (TASK, {"networkRuleBypassAllowedForTasks": False}, False),
        (TASK, {"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": SUBNET}]}}, False),
        (Arrival("203.0.113.10", "203.0.113.200", service="runs"), {}, False),
        (Arrival("203.0.113.10", "203.0.113.200"), {}, False),
    ],
)
def test_a_task_with_its_own_identity_passes_where_the_registry_lets_tasks(lab, arrival, said, allowed):
    lab.set(**CLOSED | said)
    if "networkRuleBypassOptions" not in said:
        forget(lab, "networkRuleBypassOptions")

    assert (decide(lab.world, lab.registry, arrival) is None) == allowed


def forget(lab, name):
    """As a registry is stored that was made by an api-version which does not know a property."""
    with lab.world.transaction():
        registry = lab.registry
        registry.properties.pop(name, None)
        lab.world.put(registry)


def test_a_registry_that_says_nothing_of_tasks_does_not_let_them_pass(lab):
    lab.set(publicNetworkAccess="Disabled")
    forget(lab, "networkRuleBypassAllowedForTasks")

    assert decide(lab.world, lab.registry, TASK).status == 403


@pytest.mark.parametrize(
    ("options", "set_of_rules", "trusted"),
    [
        ("AzureServices", None, True),
        ("None", None, False),
        ("AzureServices", {"virtualNetworkRules": [{"id": SUBNET}]}, False),
        ("AzureServices", {"virtualNetworkRules": []}, True),
    ],
)
def test_trusted_services_pass_unless_told_and_not_beside_rules_for_subnets(lab, options, set_of_rules, trusted):
    lab.set(networkRuleBypassOptions=options, networkRuleSet=set_of_rules)

    assert passes_as_trusted(lab.registry) == trusted


def put(lab, id, **body):
    """Write a resource through Resource Manager, which notes what counts late."""
    query = {"api-version": "2023-07-01"}
    request = Request("PUT", "management.azure.com", str(id), query, {}, json.dumps(body).encode())
    answer = lab.azure.manager.handle(request)
    assert answer.status in (200, 201), answer.body


def test_a_late_world_goes_on_with_the_rules_that_were_there_before(lab):
    lab.world.set_setting("timing", "as-azure")
    closed = {"publicNetworkAccess": "Disabled"}
    put(lab, lab.registry.id, location="westus", sku={"name": "Premium"}, properties=closed)

    assert decide(lab.world, lab.registry, lab.outside) is None

    lab.world.advance_to(lab.world.now + 121)
    assert decide(lab.world, lab.registry, lab.outside).status == 403


def test_a_late_world_goes_on_with_the_approval_that_was_there_before(lab):
    inside = lab.connect("Approved")
    lab.set(publicNetworkAccess="Disabled")
    lab.world.set_setting("timing", "as-azure")
    connection = lab.registry.id.child("privateEndpointConnections", "contoso.e")
    answer = {"status": "Rejected", "description": "Not this one."}
    put(lab, connection, properties={"privateLinkServiceConnectionState": answer})

    lab.world.advance_to(lab.world.now + 60)  # by then the operation has ended
    lab.azure.manager.handle(Request("GET", "management.azure.com", str(connection), {"api-version": "2023-07-01"}))

    assert decide(lab.world, lab.registry, inside) is None

    lab.world.advance_to(lab.world.now + 31)
    assert decide(lab.world, lab.registry, inside).status == 403
