"""A cloud with the article's lab in it, and ways to export it and to deploy what was exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from acrlab.emulator.core.http import JSON, Request, Response
from tests.emulator.types.conftest import Cloud

RULE = {
    "protocol": "Tcp",
    "access": "Allow",
    "priority": 100,
    "direction": "Inbound",
    "sourcePortRange": "*",
    "destinationPortRange": "22",
    "sourceAddressPrefix": "*",
    "destinationAddressPrefix": "*",
}


class Desk(Cloud):
    """Resource Manager's desk, where groups are exported and templates deployed."""

    @property
    def group(self) -> str:
        return f"/subscriptions/{self.world.setting('subscription')}/resourceGroups/g"

    def send(self, method: str, path: str, body: Any = None, version: str = "2024-11-01") -> Response:
        raw = json.dumps(body).encode() if body is not None else b""
        request = Request(method, "", path, {"api-version": version}, {}, raw, "https://management.azure.com")
        return self.opened.azure.manager.handle(request)

    def export(self, *ids: str, options: str = "") -> JSON:
        body = {"resources": list(ids) or ["*"], "options": options}
        result = self.resources.resource_groups.begin_export_template("g", body).result()
        return dict(result.as_dict())

    def exported(self, *ids: str, options: str = "") -> dict[str, JSON]:
        """The resources of an export, by their types; of several of a type, the last."""
        return {r["type"].partition("/")[2]: r for r in self.export(*ids, options=options)["template"]["resources"]}

    def deploy(self, template: JSON, **values: str) -> JSON:
        """Deploy a template and let it end; its properties, or the error that refused it."""
        path = f"{self.group}/providers/Microsoft.Resources/deployments/d"
        parameters = {name: {"value": value} for name, value in values.items()}
        properties = {"mode": "Incremental", "template": template, "parameters": parameters}
        answer = self.send("PUT", path, {"properties": properties})
        if answer.status >= 400:
            return dict(answer.body["error"])
        self.world.advance_to(self.world.now + 300)
        return dict(self.send("GET", path).body["properties"])

    def lab(self) -> None:
        """The article's: registry, network, endpoint with its zone, and a VM with all that it needs."""
        subnet, registry, zone = self.subnet(), self.registry(), self.zone()
        self.link(zone.name, self.network.virtual_networks.get("g", "v").id)
        self.endpoint(registry, subnet)
        configurations = [{"name": "acr", "properties": {"privateDnsZoneId": zone.id}}]
        self.network.private_dns_zone_groups.begin_create_or_update(
            "g", "e", "default", {"properties": {"privateDnsZoneConfigs": configurations}}
        ).result()
        rules = {"securityRules": [{"name": "ssh", "properties": RULE}]}
        guard = self.network.network_security_groups.begin_create_or_update(
            "g", "guard", {"location": "westus", "properties": rules}
        ).result()
        address = self.network.public_ip_addresses.begin_create_or_update(
            "g",
            "door",
            {
                "location": "westus",
                "sku": {"name": "Standard"},
                "properties": {"publicIPAllocationMethod": "Static"},
            },
        ).result()
        configuration = {"subnet": {"id": subnet.id}, "publicIPAddress": {"id": address.id}}
        body = {
            "location": "westus",
            "properties": {
                "ipConfigurations": [{"name": "one", "properties": configuration}],
                "networkSecurityGroup": {"id": guard.id},
            },
        }
        interface = self.network.network_interfaces.begin_create_or_update("g", "card", body).result()
        self.vm(interface, "machine")


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.opened.azure.close()


@pytest.fixture
def lab(desk: Desk) -> Desk:
    desk.lab()
    return desk
