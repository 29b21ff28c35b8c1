"""Who is let in at all: by private endpoint, by address, or not."""

import pytest

from acrlab.emulator.core.http import Arrival
from acrlab.emulator.registry.access import decide

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
