"""A lab that works, as a snapshot: made by hand, so that checks are tested without any Azure."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import acrlab
from acrlab.azure.dns_answer import Answer, Record
from acrlab.doctor.finding import Remedy
from acrlab.snapshot import LabNames, Snapshot, Subject
from acrlab.snapshot.network import Link, Network, SecurityGroup, SecurityRule, Subnet, Zone, ZoneRecord
from acrlab.snapshot.registry import Address, Endpoint, Registry, RegistryConnection
from acrlab.snapshot.vm import VM, Probe, VMView

GROUP = "/subscriptions/s/resourceGroups/g"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
OTHER_NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/other"
SUBNET = f"{NETWORK}/subnets/default"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/e"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
FILTER = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/n"
VM_ID = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/m"
NAMES = LabNames(NETWORK, "10.0.0.0/16", "default", "10.0.0.0/24", "myEndpoint", "myRequest", "myLink", "r.io/hello:1")
HOST, DATA = "contoso.azurecr.io", "contoso.westus.data.azurecr.io"


def rule(name: str, priority: int, access: str, **given: Any) -> SecurityRule:
    parts: dict[str, Any] = {
        "direction": "Outbound",
        "protocol": "*",
        "sources": ("*",),
        "source_ports": ("*",),
        "destinations": ("*",),
        "ports": ("*",),
    }
    return SecurityRule(name, priority, access=access, **(parts | given))


def answer(host: str, address: str) -> Answer:
    alias = host.replace(".azurecr.io", ".privatelink.azurecr.io")
    return Answer(host, (Record(host, "CNAME", alias, 60), Record(alias, "A", address, 10)))


@pytest.fixture(autouse=True)
def _remedies_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look at every remedy that a test meets: its call is of functions that there are, with what they take."""
    met: list[Remedy] = []
    init = Remedy.__init__

    def noting(self: Remedy, *given: Any, **more: Any) -> None:
        init(self, *given, **more)
        met.append(self)

    monkeypatch.setattr(Remedy, "__init__", noting)
    yield
    for remedy in met:
        for statement in ast.parse(remedy.call).body:
            assert isinstance(statement, ast.Expr), remedy.call
            require_call(statement.value)
        assert all(command.startswith("az ") for command in remedy.az)


def require_call(node: ast.expr) -> None:
    assert isinstance(node, ast.Call), ast.unparse(node)
    assert isinstance(node.func, ast.Attribute), ast.unparse(node)
    faces = {"acrlab": acrlab, "acrlab.steps": acrlab.steps, "acrlab.remedies": acrlab.remedies}
    face = faces[ast.unparse(node.func.value)]
    function = getattr(face, node.func.attr)
    assert node.func.attr in getattr(face, "__all__", vars(face)), ast.unparse(node)
    assert ast.unparse(node.args[0]) == "lab", ast.unparse(node)
    inspect.signature(function).bind(*node.args, **{str(k.arg): k.value for k in node.keywords})
    for argument in node.args[1:]:
        if isinstance(argument, ast.Call):
            require_call(argument)
        else:
            ast.literal_eval(argument)


@pytest.fixture
def healthy() -> Snapshot:
    return Snapshot(
        subject=Subject("s", "g", "contoso", NAMES, network=NETWORK, vm="m", image="hello-world:v1"),
        registry=Registry(
            id=REGISTRY,
            name="contoso",
            sku="Premium",
            region="westus",
            state="Succeeded",
            login_server=HOST,
            public_access="Enabled",
            default_action="Allow",
            ip_rules=(),
            bypass="AzureServices",
            connections=(RegistryConnection(f"{REGISTRY}/privateEndpointConnections/c", "c", ENDPOINT, "Approved"),),
            data_hosts=(DATA,),
        ),
        endpoints=(
            Endpoint(
                id=ENDPOINT,
                name="e",
                state="Succeeded",
                network=NETWORK,
                subnet=SUBNET,
                target=REGISTRY,
                members=("registry",),
                status="Approved",
                connection_name="c",
                location="westus",
                addresses=(
                    Address("registry", HOST, "10.0.0.6"),
                    Address("registry_data_westus", DATA, "10.0.0.5"),
                ),
            ),
        ),
        zones=(
            Zone(
                ZONE,
                "privatelink.azurecr.io",
                (Link(f"{ZONE}/virtualNetworkLinks/l", "l", NETWORK, "Completed"),),
                (
                    ZoneRecord("contoso", "A", ("10.0.0.6",), 3600),
                    ZoneRecord("contoso.westus.data", "A", ("10.0.0.5",), 3600),
                ),
            ),
        ),
        networks=(
            Network(
                NETWORK,
                "v",
                ("10.0.0.0/16",),
                (),
                (
                    Subnet(
                        SUBNET, "default", ("10.0.0.0/24",), 248, security_group=FILTER, endpoint_policies="Disabled"
                    ),
                ),
                "westus",
            ),
        ),
        security_groups=(
            SecurityGroup(
                FILTER,
                "n",
                (
                    rule(
                        "AllowVnetOutBound",
                        65000,
                        "Allow",
                        sources=("VirtualNetwork",),
                        destinations=("VirtualNetwork",),
                    ),
                    rule("DenyAllOutBound", 65500, "Deny"),
                ),
            ),
        ),
        route_tables=(),
        vm=VM(
            VM_ID,
            "m",
            NETWORK,
            SUBNET,
            "10.0.0.4",
            "203.0.113.7",
            "running",
            "11111111-2222-4333-8444-555555555555",
            (),
            "",
            "mVMNic",
            ("AcrPull",),
        ),
        vm_view=VMView(
            answers=(answer(HOST, "10.0.0.6"), answer(DATA, "10.0.0.5")),
            pinned=(),
            used=((HOST, "10.0.0.6"), (DATA, "10.0.0.5")),
            nameservers=("127.0.0.53",),
            daemon_proxy="",
            probes=(
                Probe("challenge", HOST, 401, "10.0.0.6"),
                Probe("identity", HOST, 200),
                Probe("sign-in", HOST, 200),
                Probe("manifest", HOST, 200, "10.0.0.6"),
                Probe("layer", DATA, 206, "10.0.0.5"),
            ),
        ),
    )


class Change:
    """Short ways to a snapshot that differs in one place."""

    def __init__(self, healthy: Snapshot) -> None:
        self.healthy = healthy

    def registry(self, **changes: Any) -> Snapshot:
        assert self.healthy.registry is not None
        return replace(self.healthy, registry=replace(self.healthy.registry, **changes))

    def endpoint(self, status: str = "Approved", **changes: Any) -> Snapshot:
        seen = self.registry(connections=(RegistryConnection("id", "c", ENDPOINT, status),))
        return replace(seen, endpoints=(replace(seen.endpoints[0], status=status, **changes),))

    def zone(self, **changes: Any) -> Snapshot:
        return replace(self.healthy, zones=(replace(self.healthy.zones[0], **changes),))

    def records(self, **addresses: tuple[str, ...]) -> Snapshot:
        """`records(own=…, layers=…)`: what the two records say; one that is not named is not there."""
        names = {"own": "contoso", "layers": "contoso.westus.data"}
        return self.zone(records=tuple(ZoneRecord(names[k], "A", v, 3600) for k, v in addresses.items()))

    def network(self, **changes: Any) -> Snapshot:
        return replace(self.healthy, networks=(replace(self.healthy.networks[0], **changes),))

    def subnet(self, **changes: Any) -> Snapshot:
        network = self.healthy.networks[0]
        return self.network(subnets=(replace(network.subnets[0], **changes),))

    def vm(self, **changes: Any) -> Snapshot:
        assert self.healthy.vm is not None
        return replace(self.healthy, vm=replace(self.healthy.vm, **changes))

    def view(self, **changes: Any) -> Snapshot:
        assert self.healthy.vm_view is not None
        return replace(self.healthy, vm_view=replace(self.healthy.vm_view, **changes))

    def rules(self, *rules: SecurityRule) -> Snapshot:
        group = self.healthy.security_groups[0]
        return replace(self.healthy, security_groups=(replace(group, rules=(*rules, *group.rules)),))

    def expecting(self, expected: str, **access: Any) -> Snapshot:
        seen = self.registry(**access)
        return replace(seen, subject=replace(seen.subject, expected=expected))


@pytest.fixture
def change(healthy: Snapshot) -> Change:
    return Change(healthy)
