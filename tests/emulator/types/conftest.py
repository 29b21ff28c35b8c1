"""One emulated Azure with a group, a network and the SDK's clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.transport import open_azure
from tests.sdk import client

LOCATED = {"location": "westus"}
UBUNTU = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
}


class Cloud:
    """Every client over one emulated Azure, and short ways to make what most tests need."""

    def __init__(self) -> None:
        opened = self.opened = open_azure()
        self.world = opened.azure.world
        self.resources = client(ResourceManagementClient, opened)
        self.network = client(NetworkManagementClient, opened)
        self.dns = client(PrivateDnsManagementClient, opened)
        self.compute = client(ComputeManagementClient, opened)
        self.registries = client(ContainerRegistryManagementClient, opened)
        self.resources.resource_groups.create_or_update("g", LOCATED)

    def subnet(self, name: str = "s", prefix: str = "10.0.0.0/24", policies: str = "Disabled") -> Any:
        space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        self.network.virtual_networks.begin_create_or_update("g", "v", {**LOCATED, "properties": space}).result()
        body = {"properties": {"addressPrefix": prefix, "privateEndpointNetworkPolicies": policies}}
        return self.network.subnets.begin_create_or_update("g", "v", name, body).result()

    def registry(self, name: str = "contoso", sku: str = "Premium") -> Any:
        body = {**LOCATED, "sku": {"name": sku}, "properties": {}}
        return self.registries.registries.begin_create("g", name, body).result()

    def endpoint(self, registry: Any, subnet: Any, name: str = "e", *, manual: bool = False, **more: Any) -> Any:
        kind = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        request = {"name": "c", "properties": {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}}
        body = {**LOCATED, "properties": {"subnet": {"id": subnet.id}, kind: [request], **more}}
        return self.network.private_endpoints.begin_create_or_update("g", name, body).result()

    def zone(self, name: str = "privatelink.azurecr.io") -> Any:
        return self.dns.private_zones.begin_create_or_update("g", name, {"location": "global"}).result()

    def link(self, zone: str, network: str, name: str = "l", *, registration: bool = False) -> Any:
        properties = {"registrationEnabled": registration, "virtualNetwork": {"id": network}}
        body = {"location": "global", "properties": properties}
        return self.dns.virtual_network_links.begin_create_or_update("g", zone, name, body).result()

    def interface(self, subnet: Any, name: str = "i", **more: Any) -> Any:
        configuration = {"name": "one", "properties": {"subnet": {"id": subnet.id}, **more}}
        body = {**LOCATED, "properties": {"ipConfigurations": [configuration]}}
        return self.network.network_interfaces.begin_create_or_update("g", name, body).result()

    def vm(self, interface: Any, name: str = "m", **more: Any) -> Any:
        properties = {
            "hardwareProfile": {"vmSize": "Standard_B2s"},
            "storageProfile": {"imageReference": UBUNTU, "osDisk": {"createOption": "FromImage"}},
            "osProfile": {"computerName": name, "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"},
            "networkProfile": {"networkInterfaces": [{"id": interface.id}]},
            **more,
        }
        body = {**LOCATED, "identity": {"type": "SystemAssigned"}, "properties": properties}
        return self.compute.virtual_machines.begin_create_or_update("g", name, body).result()


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    yield cloud
    cloud.opened.close()


@pytest.fixture
def refused() -> Any:
    """Call something that Azure refuses, and give status and code."""

    def refused(call: Any) -> tuple[int | None, str]:
        with pytest.raises(HttpResponseError) as caught:
            call()
        return caught.value.status_code, caught.value.error.code if caught.value.error else ""

    return refused
