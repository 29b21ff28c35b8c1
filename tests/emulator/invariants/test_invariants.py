"""Random requests, legal and not, in any order: the world's laws hold after each, and all of it survives a restart."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request, Response
from tests.emulator.invariants.laws import broken
from tests.examples import FUZZING, often

VERSIONS = ("2019-04-01", "2020-06-01", "2022-01-01", "2023-11-01-preview", "2024-05-01", "2026-01-01")
GROUPS, NAMES = ("g1", "G2"), ("alpha", "Beta", "gamma9")
NETWORK, REGISTRY = "Microsoft.Network/virtualNetworks", "Microsoft.ContainerRegistry/registries"
ZONE = "Microsoft.Network/privateDnsZones"
ZONES = ("privatelink.azurecr.io", "lab.internal")
PREFIXES = ("10.0.0.0/24", "10.0.1.0/29", "10.0.1.0/24", "192.168.0.0/24", "10.0.0.0/8", "nonsense")

names, groups, versions = st.sampled_from(NAMES), st.sampled_from(GROUPS), st.sampled_from(VERSIONS)
prefixes, zone_names = st.sampled_from(PREFIXES), st.sampled_from(ZONES)


class RandomRequests(RuleBasedStateMachine):
    """One world, asked at random."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="acrlab-"))
        self.azure = EmulatedAzure(self.folder / "world.db")
        self.root = f"/subscriptions/{self.azure.world.setting('subscription')}"

    def teardown(self) -> None:
        """Everything that was accepted is there after a restart."""
        before = self.azure.world.dump()
        self.azure.close()
        again = EmulatedAzure(self.folder / "world.db")
        assert again.world.dump() == before
        assert broken(again.world) == []
        again.close()
        shutil.rmtree(self.folder)

    def ask(self, method: str, path: str, body: Any = None, version: str = "2024-05-01", **headers: str) -> Response:
        raw = json.dumps(body).encode() if body is not None else b""
        query = {"api-version": version}
        request = Request(method, "management.azure.com", self.root + path, query, headers, raw, "https://m")
        before = self.azure.world.dump() if method in ("GET", "HEAD") else None
        answer = self.azure.manager.handle(request)
        assert answer.status < 500 or answer.status == 501, (method, path, body, answer)
        if answer.status >= 400 and method != "HEAD":
            error = answer.body.get("error", answer.body)
            assert error["code"], (method, path, body, answer)
            assert error["message"], (method, path, body, answer)
        if before is not None:
            assert self.azure.world.dump() == before, f"{method} {path} changed something"
        json.dumps(answer.body)
        return answer

    def id(self, group: str, type: str, *parts: str) -> str:
        """`/resourceGroups/g/providers/NS/a/x/b/y`, below the subscription."""
        namespace, *segments = type.split("/")
        tail = "/".join(f"{s}/{n}" for s, n in zip(segments, parts, strict=True))
        return f"/resourceGroups/{group}/providers/{namespace}/{tail}"

    # -- what is asked -----------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        for group in GROUPS:
            self.group(group)
        self.network("g1", "alpha", "10.0.0.0/24", "2024-05-01")
        self.registry("g1", "gamma9", "Premium", "2024-05-01")
        self.registry("G2", "alpha", "Premium", "2024-05-01")
        self.zone("g1", ZONES[0], "")
        self.time_passes(1000)

    @rule(group=groups)
    def group(self, group: str) -> None:
        self.ask("PUT", f"/resourceGroups/{group}", {"location": "westus"})

    @rule(group=groups, name=names, prefix=prefixes, version=versions)
    def network(self, group: str, name: str, prefix: str, version: str) -> None:
        subnet = {"name": "Sub", "properties": {"addressPrefix": prefix, "privateEndpointNetworkPolicies": "Disabled"}}
        properties = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]}
        self.ask("PUT", self.id(group, NETWORK, name), {"location": "westus", "properties": properties}, version)

    @rule(group=groups, name=names, prefix=prefixes, subnet=st.sampled_from(("sub", "SUB", "other")))
    def subnet(self, group: str, name: str, prefix: str, subnet: str) -> None:
        properties = {"addressPrefix": prefix, "privateEndpointNetworkPolicies": "Disabled"}
        self.ask("PUT", self.id(group, f"{NETWORK}/subnets", name, subnet), {"properties": properties})

    @rule(group=groups, name=names, sku=st.sampled_from(("Premium", "Premium", "Basic", "Gold")), version=versions)
    def registry(self, group: str, name: str, sku: str, version: str) -> None:
        body = {"location": "westus", "sku": {"name": sku}, "properties": {}}
        self.ask("PUT", self.id(group, REGISTRY, name), body, version)

    @rule(group=groups, name=names, action=st.sampled_from(("Allow", "Deny", "Perhaps")))
    def access(self, group: str, name: str, action: str) -> None:
        body = {"properties": {"networkRuleSet": {"defaultAction": action}}}
        self.ask("PATCH", self.id(group, REGISTRY, name), body)

    @rule(group=groups, name=names, region=st.sampled_from(("eastus", "westus", "mars")))
    def replica(self, group: str, name: str, region: str) -> None:
        body = {"location": region, "properties": {}}
        self.ask("PUT", self.id(group, f"{REGISTRY}/replications", name, region), body)

    @rule(group=groups, name=names, other=names, manual=st.booleans(), version=versions)
    def endpoint(self, group: str, name: str, other: str, manual: bool, version: str) -> None:
        kind = "manualPrivateLinkServiceConnections" if manual else "privateLinkServiceConnections"
        home = "G2" if other == "alpha" else "g1"
        target = {"privateLinkServiceId": self.root + self.id(home, REGISTRY, other), "groupIds": ["registry"]}
        place = {"id": self.root + self.id("g1", f"{NETWORK}/subnets", "alpha", "sub")}
        properties = {"subnet": place, kind: [{"name": "c", "properties": target}]}
        path = self.id(group, "Microsoft.Network/privateEndpoints", name)
        self.ask("PUT", path, {"location": "westus", "properties": properties}, version)

    @rule(status=st.sampled_from(("Approved", "Rejected", "Pending", "Disconnected")), pick=st.integers(0, 5))
    def decide(self, status: str, pick: int) -> None:
        found = list(self.azure.world.of_type(f"{REGISTRY}/privateEndpointConnections"))
        if found:
            path = str(found[pick % len(found)].id).removeprefix(self.root)
            self.ask("PUT", path, {"properties": {"privateLinkServiceConnectionState": {"status": status}}})

    @rule(group=groups, zone=zone_names, condition=st.sampled_from(("", "*", "wrong")))
    def zone(self, group: str, zone: str, condition: str) -> None:
        headers = {"*": {"if-none-match": "*"}, "wrong": {"if-match": "wrong"}}.get(condition, {})
        self.ask("PUT", self.id(group, ZONE, zone), {"location": "global"}, "2018-09-01", **headers)

    @rule(group=groups, zone=zone_names, network=names, registers=st.booleans())
    def link(self, group: str, zone: str, network: str, registers: bool) -> None:
        target = {"id": self.root + self.id("g1", NETWORK, network)}
        properties = {"registrationEnabled": registers, "virtualNetwork": target}
        path = self.id(group, f"{ZONE}/virtualNetworkLinks", zone, "link")
        self.ask("PUT", path, {"location": "global", "properties": properties}, "2018-09-01")

    @rule(group=groups, zone=zone_names, name=st.sampled_from(("www", "@", "*.x", "gamma9")), address=names)
    def record(self, group: str, zone: str, name: str, address: str) -> None:
        value = {"alpha": "10.0.0.4", "Beta": "10.0.0.300"}.get(address, "10.0.0.5")
        body = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": value}]}}
        self.ask("PUT", self.id(group, f"{ZONE}/A", zone, name), body, "2018-09-01")

    @rule(group=groups, endpoint=names, zone=zone_names)
    def zone_group(self, group: str, endpoint: str, zone: str) -> None:
        configuration = {"name": "c", "properties": {"privateDnsZoneId": self.root + self.id("g1", ZONE, zone)}}
        path = self.id(group, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", endpoint, "default")
        self.ask("PUT", path, {"properties": {"privateDnsZoneConfigs": [configuration]}})

    @rule(group=groups, name=names, public=st.booleans())
    def vm(self, group: str, name: str, public: bool) -> None:
        """Its interface first; a VM without one is refused."""
        configuration: dict[str, Any] = {
            "subnet": {"id": self.root + self.id("g1", f"{NETWORK}/subnets", "alpha", "sub")}
        }
        if public:
            address = self.id(group, "Microsoft.Network/publicIPAddresses", name)
            self.ask("PUT", address, {"location": "westus", "sku": {"name": "Standard"}, "properties": {}})
            configuration["publicIPAddress"] = {"id": self.root + address}
        card = self.id(group, "Microsoft.Network/networkInterfaces", name)
        parts = {"ipConfigurations": [{"name": "one", "properties": configuration}]}
        self.ask("PUT", card, {"location": "westus", "properties": parts})
        image = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "latest"}
        profile = {"adminUsername": "azureuser", "adminPassword": "Lab-1" + "-lab-1"}
        properties = {
            "hardwareProfile": {"vmSize": "Standard_B1s"},
            "storageProfile": {"imageReference": image},
            "osProfile": profile,
            "networkProfile": {"networkInterfaces": [{"id": self.root + card}]},
        }
        path = self.id(group, "Microsoft.Compute/virtualMachines", name)
        self.ask("PUT", path, {"location": "westus", "properties": properties})

    @rule(
        pick=st.integers(0, 60), method=st.sampled_from(("GET", "HEAD", "DELETE", "DELETE", "POST")), loud=st.booleans()
    )
    def touch(self, pick: int, method: str, loud: bool) -> None:
        """Read or delete anything that is there, in any casing."""
        found = sorted(self.azure.world.dump())
        if found:
            path = found[pick % len(found)].removeprefix(self.root.lower())
            self.ask(method, path.upper() if loud else path)

    @rule(group=groups, type=st.sampled_from((NETWORK, REGISTRY, ZONE, "Microsoft.Network/privateEndpoints")))
    def lists_hold_what_gets_find(self, group: str, type: str) -> None:
        answer = self.ask("GET", f"/resourceGroups/{group}/providers/{type}")
        for one in answer.body.get("value", []):
            shown = self.ask("GET", one["id"].removeprefix(self.root))
            assert (shown.status, shown.body["id"]) == (200, one["id"])

    @rule(group=groups, sure=st.integers(0, 9))
    def group_goes(self, group: str, sure: int) -> None:
        if sure == 0:
            self.ask("DELETE", f"/resourcegroups/{group}")

    @rule(seconds=st.sampled_from((1, 11, 61, 1000)))
    def time_passes(self, seconds: int) -> None:
        self.azure.world.advance_to(self.azure.world.now + seconds)

    @invariant()
    def every_law_holds(self) -> None:
        assert broken(self.azure.world) == []


RandomRequests.TestCase.settings = often(12, stateful_step_count=60 if FUZZING else 25)
TestRandomRequests = RandomRequests.TestCase
