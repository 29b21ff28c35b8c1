"""An emulated Azure with so many resources in it, and the requests that are measured against it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.transport import open_azure

__all__ = ["Populated"]

HOST = "management.azure.com"
VERSION = "2024-05-01"
REGISTRY = "Microsoft.ContainerRegistry/registries"
IN_A_GROUP = 10  # resources: the group, a registry, a network and seven subnets in it
SUBNETS = IN_A_GROUP - 3
TAKEN: Any = {"name": "registryg0", "type": REGISTRY}


class Populated:
    """A world in a file, filled group by group, so that every group looks alike whatever their number."""

    def __init__(self, path: Path, *, resources: int) -> None:
        self._opened = open_azure(path)
        self._root = f"/subscriptions/{self._opened.subscription}/resourceGroups"
        there: dict[str, Any] = {"credential": self._opened.credential, "subscription_id": self._opened.subscription}
        self.groups = ResourceManagementClient(**there, transport=self._opened.transport).resource_groups
        self.network = NetworkManagementClient(**there, transport=self._opened.transport)
        self.registry = ContainerRegistryManagementClient(**there, transport=self._opened.transport).registries
        self._turn = itertools.count()
        world = self._opened.azure.world
        for number in range(resources // IN_A_GROUP):
            self._fill(f"g{number}")
        world.advance_to(world.now + 3600)
        self.send("GET", f"{self._root}/g0")  # settles whatever was under way
        assert world.count() == resources, world.count()

    def _fill(self, group: str) -> None:
        subnets = [{"name": f"s{n}", "properties": {"addressPrefix": f"10.0.{n}.0/24"}} for n in range(SUBNETS)]
        body = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
        self.send("PUT", f"{self._root}/{group}", {"location": "westus"})
        self.send("PUT", self._network(group), {"location": "westus", "properties": body})
        registry = f"{self._root}/{group}/providers/{REGISTRY}/registry{group}"
        self.send("PUT", registry, {"location": "westus", "sku": {"name": "Premium"}})

    def send(self, method: str, path: str, body: Any = None) -> Response:
        """Ask Resource Manager itself, below the SDK."""
        raw = b"" if body is None else json.dumps(body).encode()
        request = Request(method, HOST, path, {"api-version": VERSION}, {}, raw, f"https://{HOST}")
        answer = self._opened.azure.manager.handle(request)
        assert answer.status < 400, answer.body
        return answer

    def _network(self, group: str, name: str = "v") -> str:
        return f"{self._root}/{group}/providers/Microsoft.Network/virtualNetworks/{name}"

    def below_the_sdk(self) -> dict[str, Callable[[], object]]:
        """One request each."""
        network, subnet = self._network("g0"), f"{self._network('g0')}/subnets/s0"
        names = f"{self._root.rpartition('/')[0]}/providers/{REGISTRY.partition('/')[0]}/checkNameAvailability"
        return {
            "GET a network with 7 subnets": lambda: self.send("GET", network),
            "GET a subnet": lambda: self.send("GET", subnet),
            "LIST the networks of a group": lambda: self.send("GET", network.rpartition("/")[0]),
            "PUT a group": lambda: self.send("PUT", f"{self._root}/g0", self._changed()),
            "POST a name to check": lambda: self.send("POST", names, TAKEN),
        }

    def through_the_sdk(self) -> dict[str, Callable[[], object]]:
        """The same requests, asked by the SDK's clients."""
        return {
            "GET a network with 7 subnets": lambda: self.network.virtual_networks.get("g0", "v"),
            "GET a subnet": lambda: self.network.subnets.get("g0", "v", "s0"),
            "LIST the networks of a group": lambda: list(self.network.virtual_networks.list("g0")),
            "PUT a group": lambda: self.groups.create_or_update("g0", self._changed()),
            "POST a name to check": lambda: self.registry.check_name_availability(TAKEN),
        }

    def whole_operations(self) -> dict[str, Callable[[], object]]:
        """Long-running ones, polled to their end by the SDK: several requests each."""
        body: Any = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}}

        def make_and_delete() -> None:
            self.network.virtual_networks.begin_create_or_update("g0", "new", body).result()
            self.network.virtual_networks.begin_delete("g0", "new").result()

        return {"make a network and delete it": make_and_delete}

    def _changed(self) -> Any:
        return {"location": "westus", "tags": {"turn": str(next(self._turn))}}

    def close(self) -> None:
        self._opened.close()
