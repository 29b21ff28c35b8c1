"""A legal body with one thing in it that is wrong: a 4xx, or a 501 that names it, and the world as it was."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request
from tests.examples import often

ID = "{root}/resourceGroups/g/providers/"
BODIES: dict[str, dict[str, Any]] = {
    "Microsoft.Network/virtualNetworks/v": {
        "location": "westus",
        "tags": {"a": "b"},
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24", "delegations": []}}],
        },
    },
    "Microsoft.ContainerRegistry/registries/contoso": {
        "location": "westus",
        "sku": {"name": "Premium"},
        "properties": {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.4"}]}},
    },
    "Microsoft.Network/privateEndpoints/e": {
        "location": "westus",
        "properties": {
            "subnet": {"id": f"{ID}Microsoft.Network/virtualNetworks/v/subnets/s"},
            "privateLinkServiceConnections": [
                {
                    "name": "c",
                    "properties": {
                        "privateLinkServiceId": f"{ID}Microsoft.ContainerRegistry/registries/contoso",
                        "groupIds": ["registry"],
                    },
                }
            ],
        },
    },
    "Microsoft.Network/privateDnsZones/z.io/A/www": {
        "properties": {"ttl": 60, "aRecords": [{"ipv4Address": "203.0.113.4"}]}
    },
    "Microsoft.Resources/deployments/d": {
        "properties": {
            "mode": "Incremental",
            "template": {
                "parameters": {"p": {"type": "string", "defaultValue": "x"}},
                "resources": [
                    {"type": "A/b", "apiVersion": "2020-01-01", "name": "[parameters('p')]", "properties": {}}
                ],
                "outputs": {"o": {"type": "string", "value": "[parameters('p')]"}},
            },
        }
    },
}
WRONG = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=30), st.just([]), st.just({}),
    st.just("a" * 10_000), st.just([[[]]]), st.just({"id": "/subscriptions/x"}), st.just("[concat(]"), st.just("../.."),
)  # fmt: skip


@pytest.fixture(scope="module")
def azure():
    azure = EmulatedAzure()
    root = f"/subscriptions/{azure.world.setting('subscription')}"
    ask(azure, root, "", {"location": "westus"})
    ask(azure, root, "Microsoft.Network/privateDnsZones/z.io", {"location": "global"})
    azure.world.advance_to(1000)
    yield azure
    azure.close()


def ask(azure, root, path, body):
    where = f"{root}/resourceGroups/g" + (f"/providers/{path}" if path else "")
    raw = json.dumps(body).replace("{root}", root).encode()
    request = Request("PUT", "management.azure.com", where, {"api-version": "2024-05-01"}, {}, raw, "https://m")
    return azure.manager.handle(request)


def places(value, path=()):
    """Every place in a body, as the keys that lead to it."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))


@often(300)
@given(data=st.data())
def test_one_wrong_thing_in_a_body_is_refused_in_order(azure, data):
    path = data.draw(st.sampled_from(sorted(BODIES)))
    body: Any = {"": copy.deepcopy(BODIES[path])}
    *way, last = ("", *data.draw(st.sampled_from(list(places(BODIES[path])))))
    inner = body
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(WRONG)

    root = f"/subscriptions/{azure.world.setting('subscription')}"
    answer = ask(azure, root, path, body[""])

    assert answer.status < 500 or answer.status == 501, (path, body[""], answer)
    if answer.status >= 400:
        error = answer.body.get("error", answer.body)
        assert error["code"], answer
        assert error["message"], answer
    json.dumps(answer.body)
