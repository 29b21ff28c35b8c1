"""What one client of the soak does: a mix of the article's operations on its own and on shared resources."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx

from tests.benchmarks.https_client import HttpsClient, UnexpectedError
from tests.faults.ledger import Entry, Ledger, differences

__all__ = ["RACE", "REGISTRY", "SHARED", "SoakClient", "addresses", "make_shared", "records", "subnets", "tracked"]

GROUPS, NETWORK, DNS, COMPUTE, REGISTRIES = "2022-09-01", "2024-01-01", "2020-06-01", "2024-07-01", "2023-07-01"
SHARED, REGISTRY, ZONE, IMAGE, TAG = "shared", "soakregistry", "privatelink.azurecr.io", "hello-world", "v1"
WEST = {"location": "westus"}
RACE = "race-"
MOST = 12  # of its own resources of a type; the oldest goes first
KEY = {"path": "/home/azureuser/.ssh/authorized_keys", "keyData": "ssh-ed25519 c29hay1jbGllbnQ= soak"}
UBUNTU = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
}


def group_id(client: HttpsClient, name: str) -> str:
    return f"{client.subscription}/resourceGroups/{name}"


def _shared(client: HttpsClient, type: str, name: str) -> str:
    return f"{group_id(client, SHARED)}/providers/Microsoft.{type}/{name}"


def make_shared(client: HttpsClient) -> None:
    """Make what all clients share: a network, a registry with an image, a zone that is linked."""
    client.ask("PUT", group_id(client, SHARED), WEST, version=GROUPS)
    subnet = {"addressPrefix": "10.0.0.0/17", "privateEndpointNetworkPolicies": "Disabled"}
    space = {"addressPrefixes": ["10.0.0.0/8"]}
    body = {**WEST, "properties": {"addressSpace": space, "subnets": [{"name": "all", "properties": subnet}]}}
    client.carry_out("PUT", _shared(client, "Network/virtualNetworks", "net"), body, version=NETWORK)
    registry = _shared(client, "ContainerRegistry/registries", REGISTRY)
    open_to_data = {**WEST, "sku": {"name": "Premium"}, "properties": {"dataEndpointEnabled": True}}
    client.carry_out("PUT", registry, open_to_data, version=REGISTRIES)
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    image = {"source": source, "targetTags": [f"{IMAGE}:{TAG}"], "mode": "Force"}
    client.carry_out("POST", f"{registry}/importImage", image, version=REGISTRIES)
    client.carry_out("PUT", _shared(client, "Network/privateDnsZones", ZONE), {"location": "global"}, version=DNS)


class SoakClient:
    """One client, its own group and VM, and its ledger.

    Attributes:
        done: how often it did what.
        wins: ids of the races that it was told it has won.
    """

    def __init__(self, number: int, client: HttpsClient) -> None:
        self.number, self.client, self.ledger = number, client, Ledger()
        self.failures: list[str] = []
        self.done: dict[str, int] = {}
        self.wins: list[str] = []
        self._random = random.Random(number)
        self._turn = 0
        self._group = group_id(client, f"client-{number}")
        self._vm = f"{self._group}/providers/Microsoft.Compute/virtualMachines/vm"

    def work(self, is_over: Callable[[], bool]) -> None:
        """Do one thing after the other until it is over; what goes wrong is written down."""
        try:
            self._make_vm()
            while not is_over():
                deed = self._random.choice(self.DEEDS)
                deed(self)
                self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1
        except (UnexpectedError, httpx.TransportError, KeyError, ValueError) as problem:
            self.failures.append(f"client {self.number}: {type(problem).__name__}: {problem}")
        finally:
            self.client.leave()

    def _own(self, type: str, name: str) -> str:
        return f"{self._group}/providers/Microsoft.{type}/{name}"

    def _next(self) -> str:
        self._turn += 1
        return f"{self._turn:05d}"

    def _make_vm(self) -> None:
        self.client.ask("PUT", self._group, WEST, version=GROUPS)
        interface = self._make_interface("vm-interface")
        profile = {"imageReference": UBUNTU, "osDisk": {"createOption": "FromImage", "name": "disk"}}
        linux = {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [KEY]}}
        system = {"computerName": f"vm{self.number}", "adminUsername": "azureuser", "linuxConfiguration": linux}
        body = {
            "hardwareProfile": {"vmSize": "Standard_DS1_v2"},
            "storageProfile": profile,
            "osProfile": system,
            "networkProfile": {"networkInterfaces": [{"id": interface}]},
        }
        with self.ledger.making(self._vm), self.ledger.making(self._own("Compute/disks", "disk")):
            self.client.carry_out("PUT", self._vm, {**WEST, "properties": body}, version=COMPUTE)

    # -- its own -----------------------------------------------------------------------------------------------------

    def make_network(self) -> None:
        number = self._next()
        subnet = {"name": "sub", "properties": {"addressPrefix": "10.0.0.0/24"}}
        body = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]}
        self._write(self._own("Network/virtualNetworks", f"net-{number}"), body, number)
        self._thin_out("/virtualNetworks/")

    def make_address(self) -> None:
        number = self._next()
        body = {"publicIPAllocationMethod": "Static"}
        self._write(self._own("Network/publicIPAddresses", f"address-{number}"), body, number, sku={"name": "Standard"})
        self._thin_out("/publicIPAddresses/")

    def make_interface(self) -> None:
        """In the shared subnet, where everybody asks for addresses."""
        self._make_interface(f"interface-{self._next()}")
        self._thin_out("/networkInterfaces/interface-")

    def _make_interface(self, name: str) -> str:
        subnet = {"id": f"{_shared(self.client, 'Network/virtualNetworks', 'net')}/subnets/all"}
        body = {"ipConfigurations": [{"name": "one", "properties": {"subnet": subnet}}]}
        id = self._own("Network/networkInterfaces", name)
        self._write(id, body, name)
        return id

    def retag(self) -> None:
        """Change something that is there."""
        there = self.ledger.entries(f"{self._group}/providers/Microsoft.Network/virtualNetworks/")
        if there:
            id, number = self._random.choice(there)[0], self._next()
            with self.ledger.making(id, number):
                self.client.ask("PATCH", id, {"tags": {"word": number}}, version=NETWORK)

    def _write(self, id: str, properties: Any, word: str, **envelope: Any) -> None:
        body = {**WEST, **envelope, "tags": {"word": word}, "properties": properties}
        with self.ledger.making(id, word):
            self.client.carry_out("PUT", id, body, version=NETWORK)

    def _thin_out(self, part: str, version: str = NETWORK) -> None:
        there = self.ledger.entries(part)
        if len(there) > MOST:
            with self.ledger.deleting(there[0][0]):
                self.client.carry_out("DELETE", there[0][0], version=version)

    # -- shared ------------------------------------------------------------------------------------------------------

    def connect_to_registry(self) -> None:
        """Make an endpoint that the registry's owner has to approve, approve it, and take it away again."""
        registry = _shared(self.client, "ContainerRegistry/registries", REGISTRY)
        subnet = {"id": f"{_shared(self.client, 'Network/virtualNetworks', 'net')}/subnets/all"}
        number = self._next()
        id = self._own("Network/privateEndpoints", f"endpoint-{number}")
        asked = {"name": "c", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
        body = {"subnet": subnet, "manualPrivateLinkServiceConnections": [asked]}
        self._write(id, body, number)
        interface = self.client.ask("GET", id, version=NETWORK).json()["properties"]["networkInterfaces"][0]["id"]
        listed = self.client.collect(f"{registry}/privateEndpointConnections", version=REGISTRIES)
        mine = [c["id"] for c in listed if c["properties"]["privateEndpoint"]["id"].lower() == id.lower()]
        if len(mine) != 1:
            raise UnexpectedError(f"{id} has {len(mine)} connections")
        state = {"status": "Approved", "description": number}
        approval = {"properties": {"privateEndpoint": {"id": id}, "privateLinkServiceConnectionState": state}}
        self.client.carry_out("PUT", mine[0], approval, version=REGISTRIES)
        with self.ledger.deleting(id):
            self.client.carry_out("DELETE", id, version=NETWORK)
        self.client.ask("GET", interface, version=NETWORK, expected=(404,))

    def write_record(self) -> None:
        """In the shared zone: a record set of its own, changed and in the end deleted."""
        number = self._next()
        address = f"10.{self.number}.{self._turn // 250 % 250}.{self._turn % 250 + 1}"
        id = f"{_shared(self.client, 'Network/privateDnsZones', ZONE)}/A/client-{self.number}-{self._turn % MOST}"
        body = {"properties": {"ttl": int(number) % 3600 + 1, "aRecords": [{"ipv4Address": address}]}}
        with self.ledger.making(id, address):
            self.client.ask("PUT", id, body, version=DNS)
        if self._random.random() < 0.3:
            with self.ledger.deleting(id):
                self.client.ask("DELETE", id, version=DNS)

    def race(self) -> None:
        """Make a record set that everybody wants to be the first to make: one may succeed."""
        minute = self.client.moment[17:22].replace(":", "-")
        id = f"{_shared(self.client, 'Network/privateDnsZones', ZONE)}/A/{RACE}{minute}"
        body = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": f"10.200.0.{self.number + 1}"}]}}
        first = {"If-None-Match": "*"}
        with self.ledger.doubting(id):
            answer = self.client.ask("PUT", id, body, version=DNS, headers=first, expected=(201, 412))
        if answer.status_code == 201:
            self.wins.append(id.lower())

    def add_subnet(self) -> None:
        """To the shared network, while others change it, too."""
        self._next()
        prefix = f"10.{128 + self.number}.{self._turn % 250}.0/24"
        id = f"{_shared(self.client, 'Network/virtualNetworks', 'net')}/subnets/client-{self.number}-{self._turn % 250}"
        with self.ledger.making(id, prefix):
            self.client.carry_out("PUT", id, {"properties": {"addressPrefix": prefix}}, version=NETWORK)
        there = self.ledger.entries(f"/subnets/client-{self.number}-")
        if len(there) > MOST // 4:
            with self.ledger.deleting(there[0][0]):
                self.client.carry_out("DELETE", there[0][0], version=NETWORK)

    # -- looking -----------------------------------------------------------------------------------------------------

    def run_command(self) -> None:
        """Ask for the registry's name on the VM."""
        body = {"commandId": "RunShellScript", "script": [f"hostname; nslookup {REGISTRY}.azurecr.io"]}
        self.client.carry_out("POST", f"{self._vm}/runCommand", body, version=COMPUTE)

    def pull(self) -> None:
        if self.client.pull(f"{REGISTRY}.azurecr.io", IMAGE, TAG) < 1000:
            raise UnexpectedError("the image is too small to be one")

    def look(self) -> None:
        """Read each of its own things, and hold the list of its group against what it was told."""
        for id, word in self.ledger.entries("/providers/Microsoft.Network/virtualNetworks/net-"):
            if self.client.ask("GET", id, version=NETWORK).json()["tags"]["word"] != word:
                raise UnexpectedError(f"{id} is not as it was written last")
        told = self.ledger.entries(f"{self._group}/providers/")
        problems = differences(told, tracked(self.client, self._group), self.ledger.doubt)
        if problems:
            raise UnexpectedError("; ".join(problems))

    DEEDS: tuple[Callable[[SoakClient], None], ...] = (
        make_network,
        make_address,
        make_interface,
        retag,
        connect_to_registry,
        write_record,
        race,
        add_subnet,
        run_command,
        pull,
        look,
        look,
    )


# -- what there is -----------------------------------------------------------------------------------------------------


def tracked(client: HttpsClient, scope: str) -> list[Entry]:
    """What clients made below a subscription or a group, with the word that was written there last.

    The interface of an endpoint comes and goes with it.
    """
    listed = [one for one in client.collect(f"{scope}/resources", version=GROUPS) if ".nic." not in one["name"]]
    return [(one["id"].lower(), one.get("tags", {}).get("word", "")) for one in listed]


def records(client: HttpsClient) -> list[Entry]:
    """The A records of the shared zone, with their address."""
    listed = client.collect(f"{_shared(client, 'Network/privateDnsZones', ZONE)}/A", version=DNS)
    return [(one["id"].lower(), one["properties"]["aRecords"][0]["ipv4Address"]) for one in listed]


def subnets(client: HttpsClient) -> list[Entry]:
    """The subnets of the shared network, with their prefix."""
    listed = client.collect(f"{_shared(client, 'Network/virtualNetworks', 'net')}/subnets", version=NETWORK)
    return [(one["id"].lower(), one["properties"]["addressPrefix"]) for one in listed]


def addresses(client: HttpsClient) -> list[Entry]:
    """Every address that an interface holds, with its subnet, and every public one."""
    interfaces = f"{client.subscription}/providers/Microsoft.Network/networkInterfaces"
    parts = [
        c["properties"]
        for one in client.collect(interfaces, version=NETWORK)
        for c in one["properties"]["ipConfigurations"]
    ]
    public = client.collect(f"{client.subscription}/providers/Microsoft.Network/publicIPAddresses", version=NETWORK)
    held = [(part["privateIPAddress"], part["subnet"]["id"].lower()) for part in parts]
    return held + [(one["properties"]["ipAddress"], "internet") for one in public]
