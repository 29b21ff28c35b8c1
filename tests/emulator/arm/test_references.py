"""Nothing is built on what is being deleted; what is gone is not there, as ever."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request, Response
from tests.emulator.invariants.laws import broken

NETWORK, INTERFACE = "Microsoft.Network/virtualNetworks/v", "Microsoft.Network/networkInterfaces/i"
LINK = "Microsoft.Network/privateDnsZones/privatelink.azurecr.io/virtualNetworkLinks/l"
SPACE = {
    "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
    "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}],
}


class Place:
    """Two groups: `net` has a network with a subnet, in `app` something is built on it."""

    def __init__(self) -> None:
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.root = f"/subscriptions/{self.world.setting('subscription')}/resourceGroups"
        for group in ("net", "app"):
            self.ask("PUT", group, {"location": "westus"})
        self.ask("PUT", f"net/providers/{NETWORK}", {"location": "westus", "properties": SPACE})
        self.ask("PUT", f"app/providers/{LINK.partition('/virtualNetworkLinks')[0]}", {"location": "global"})
        self.pass_by(1000)

    def ask(self, method: str, path: str, body: Any = None) -> Response:
        raw = b"" if body is None else json.dumps(body).encode()
        version = {"api-version": "2018-09-01" if "privateDnsZones" in path else "2024-05-01"}
        request = Request(method, "management.azure.com", f"{self.root}/{path}", version, {}, raw, "https://m")
        return self.azure.manager.handle(request)

    def pass_by(self, seconds: float) -> None:
        self.world.advance_to(self.world.now + seconds)

    def build_interface(self) -> Response:
        subnet = {"id": f"{self.root}/net/providers/{NETWORK}/subnets/s"}
        parts = {"ipConfigurations": [{"name": "one", "properties": {"subnet": subnet}}]}
        return self.ask("PUT", f"app/providers/{INTERFACE}", {"location": "westus", "properties": parts})

    def build_link(self) -> Response:
        network = {"id": f"{self.root}/net/providers/{NETWORK}"}
        properties = {"registrationEnabled": False, "virtualNetwork": network}
        return self.ask("PUT", f"app/providers/{LINK}", {"location": "global", "properties": properties})


@pytest.mark.parametrize("build", [Place.build_interface, Place.build_link], ids=["an interface", "a link"])
@pytest.mark.parametrize(
    ("deleted", "kind"), [(f"net/providers/{NETWORK}", "VirtualNetwork"), ("net", "ResourceGroup")]
)
def test_nothing_is_built_on_what_is_being_deleted(build: Any, deleted: str, kind: str) -> None:
    place = Place()
    assert place.ask("DELETE", deleted).status == 202

    answer = build(place)

    assert (answer.status, answer.body["error"]["code"]) == (400, "ReferencedResourceNotProvisioned")
    message = answer.body["error"]["message"]
    assert message.startswith(
        f"Cannot proceed with operation because resource {place.root}/{deleted} used by resource "
    )
    assert message.endswith(f"is Delete{kind}Operation.")
    place.pass_by(1000)
    place.ask("PUT", "app", {"location": "westus"})
    assert broken(place.world) == []


def test_what_is_gone_is_not_there() -> None:
    place = Place()
    place.ask("DELETE", f"net/providers/{NETWORK}")
    place.pass_by(1000)

    assert place.build_interface().body["error"]["code"] == "InvalidResourceReference"


def test_on_what_stays_something_is_built() -> None:
    place = Place()

    assert (place.build_interface().status, place.build_link().status) == (201, 202)
