"""The headers that every answer has, and those that one service adds."""

import json

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request

VERSION = {"api-version": "2024-05-01"}


class Caller:
    def __init__(self):
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.subscription = f"/subscriptions/{self.world.setting('subscription')}"
        self.group = f"{self.subscription}/resourceGroups/g"
        self("PUT", self.group, {"location": "westus"})

    def __call__(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        where = path if path.startswith("/") else f"{self.group}/providers/{path}"
        raw = json.dumps(body).encode() if body is not None else b""
        request = Request(method, "management.azure.com", where, VERSION, sent, raw, "https://management.azure.com")
        return self.azure.manager.handle(request)


@pytest.fixture
def ask():
    caller = Caller()
    yield caller
    caller.azure.close()


def test_every_answer_has_the_same_headers_good_or_bad(ask):
    for answer in (ask("GET", ask.group), ask("GET", f"{ask.subscription}/resourceGroups/none")):
        headers = answer.headers
        assert headers["Cache-Control"] == headers["Pragma"] == "no-cache"
        assert headers["Expires"] == "-1"
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Date"] == "Mon, 05 Jan 2026 09:00:00 GMT"
        serial = headers["x-ms-request-id"]
        assert headers["x-ms-correlation-request-id"] == serial
        assert headers["x-ms-routing-request-id"] == f"WESTUS:20260105T090000Z:{serial}"


def test_no_two_answers_have_the_same_id(ask):
    ids = {ask("GET", ask.group).headers["x-ms-request-id"] for _ in range(20)}

    assert len(ids) == 20


def test_time_in_the_headers_is_the_worlds(ask):
    ask.world.advance_to(3661)

    headers = ask("GET", ask.group).headers

    assert headers["Date"] == "Mon, 05 Jan 2026 10:01:01 GMT"
    assert headers["x-ms-routing-request-id"].startswith("WESTUS:20260105T100101Z:")


def test_a_client_gets_its_own_ids_back(ask):
    own = {"x_ms_correlation_request_id": "mine", "x_ms_client_request_id": "c"}

    told = ask("GET", ask.group, **own, x_ms_return_client_request_id="True").headers
    silent = ask("GET", ask.group, **own).headers

    assert (told["x-ms-correlation-request-id"], told["x-ms-client-request-id"]) == ("mine", "c")
    assert silent["x-ms-correlation-request-id"] == "mine"
    assert "x-ms-client-request-id" not in silent


@pytest.mark.parametrize(
    ("method", "kind", "left", "everywhere"),
    [("GET", "reads", 249, 3749), ("HEAD", "reads", 249, 3749), ("DELETE", "deletes", 199, 2999)],
)
def test_each_class_of_requests_has_its_own_limit(ask, method, kind, left, everywhere):
    headers = ask(method, ask.group).headers

    assert headers[f"x-ms-ratelimit-remaining-subscription-{kind}"] == str(left)
    assert headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] == str(everywhere)
    assert [h for h in headers if "remaining-subscription" in h and not h.endswith(kind)] == []


def test_no_request_is_counted(ask):
    left = [ask("GET", ask.group).headers["x-ms-ratelimit-remaining-subscription-reads"] for _ in range(3)]

    assert left == ["249", "249", "249"]


def test_outside_a_subscription_the_tenant_counts(ask):
    headers = ask("GET", "/subscriptions").headers

    assert headers["x-ms-ratelimit-remaining-tenant-reads"] == "249"


def test_the_network_service_has_a_request_id_of_its_own(ask):
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}

    headers = ask("PUT", "Microsoft.Network/virtualNetworks/v", {"location": "westus", "properties": space}).headers
    missing = ask("GET", "Microsoft.Network/virtualNetworks/v/subnets/none").headers

    assert headers["Server"] == "Microsoft-HTTPAPI/2.0"
    assert headers["x-ms-arm-service-request-id"] != headers["x-ms-request-id"]
    assert "ETag" not in headers  # only a GET has it
    assert missing["x-ms-arm-service-request-id"]


def test_private_dns_is_another_server(ask):
    ask("PUT", "Microsoft.Network/privateDnsZones/z.net", {"location": "global"})
    ask.world.advance_to(1000)

    answer = ask("PUT", "Microsoft.Network/privateDnsZones/z.net/A/r", {"properties": {"ttl": 9}})

    assert answer.headers["ETag"] == answer.body["etag"]
    assert answer.headers["Cache-Control"] == "private"
    assert answer.headers["Server"] == "Microsoft-IIS/10.0"
    assert answer.headers["X-Powered-By"] == "ASP.NET"
    assert "x-ms-arm-service-request-id" not in answer.headers


def test_registries_say_which_versions_they_know(ask):
    registry = {"location": "westus", "sku": {"name": "Basic"}, "properties": {}}

    headers = ask("PUT", "Microsoft.ContainerRegistry/registries/contoso", registry).headers

    assert "2023-11-01-preview" in headers["api-supported-versions"].split(", ")


def test_compute_counts_by_itself(ask):
    path = "/providers/Microsoft.Compute/locations/westus/publishers"

    headers = ask("GET", f"{ask.subscription}{path}/Canonical/artifacttypes/vmimage/offers").headers

    assert headers["x-ms-ratelimit-remaining-resource"] == (
        "Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;35"
    )


def test_what_the_front_door_refuses_no_service_has_seen(ask):
    headers = ask("GET", "Microsoft.Network/virtualNetworks/none").headers

    assert headers["x-ms-failure-cause"] == "gateway"
    assert "x-ms-arm-service-request-id" not in headers
