"""One node: a computer of a pool, where its subnet is, with the images that it has pulled."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urlencode

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.azure.dns_answer import Answer
from acrlab.emulator.core.http import JSON, Unreachable, Vantage
from acrlab.emulator.core.json_depth import loads
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.entra import tokens
from acrlab.emulator.network import resolver
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell.vm import ADDRESS, Vm
from acrlab.emulator.types.identity import principal_of

NO_USER = "00000000-0000-0000-0000-000000000000"
SUFFIX = ".azurecr.io"


class Node(Vm):
    """A node as its own programs see it. Its name servers are those that it started with."""

    def __init__(self, delivery: Delivery, cluster: Resource, pool: Resource, kept: JSON) -> None:
        self._cluster, self._pool, self.kept = cluster, pool, kept
        body = {"properties": {"osProfile": {"computerName": kept["name"]}}}
        id = pool.id.child("machines", kept["name"])
        super().__init__(delivery, Resource(id, body, {"disk": kept["disk"]}))

    @property
    def name(self) -> str:
        return str(self.kept["name"])

    @property
    def servers(self) -> list[str]:
        """The name servers that DHCP told it."""
        servers: list[str] = self.kept["servers"]
        return servers

    @cached_property
    def vantage(self) -> Vantage:
        outbound = self.world.find(self._cluster.state.get("outbound", ""))
        subnet = ArmId.parse(self._pool.state["subnet"])
        egress = str(outbound.state.get("ipAddress", "")) if outbound else ""
        return Vantage(self.kept["address"], network=str(subnet.parent), egress=egress, subnet=str(subnet))

    def resolve(self, name: str) -> Answer:
        """Ask the node's name servers, one after the other."""
        told = [resolver.ask(self.world, name, self.vantage, server) for server in self.servers]
        answers = [answer for answer in told if answer is not None]
        final = next((answer for answer in answers if answer.status in resolver.FINAL), None)
        return final or (Answer(name, status="SERVFAIL") if answers else Answer(name, status="TIMEOUT"))

    def find_address(self, host: str) -> str:
        """Find a host's address. Raises: Unreachable: it has none; without an address: no name server answers."""
        if ADDRESS.fullmatch(host):
            return host
        answer = self.resolve(host)
        if not answer.addresses:
            reasons = {"SERVFAIL": "server misbehaving", "TIMEOUT": "timeout"}
            raise Unreachable(host, reasons.get(answer.status, "no such host"))
        return answer.addresses[0]

    def kubelet_token(self) -> str:
        """Return a token of the kubelets' identity for Resource Manager; empty: the identity is gone."""
        found = self.world.find(self._cluster.state.get("kubelet", ""))
        return tokens.issue(self.world, principal_of(self.world, found), MANAGEMENT, kind="app") if found else ""

    def credential(self, host: str) -> str:
        """Ask the credential provider for `user:password` at a registry; empty: it has none, and the pull is anonymous.

        The names of regional endpoints are not known to the providers of this node image.
        Source: https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication
        """
        if not host.endswith(SUFFIX) or host.removesuffix(SUFFIX).count("."):
            return ""
        try:
            status, body = self.exchange(host)
        except Unreachable:
            return ""
        return f"{NO_USER}:{body['refresh_token']}" if status == 200 else ""

    def exchange(self, host: str) -> tuple[int, JSON]:
        """Exchange the kubelets' token at a registry; return status and body. Raises: Unreachable."""
        form = {"grant_type": "access_token", "service": host, "access_token": self.kubelet_token()}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.fetch("POST", f"https://{host}/oauth2/exchange", kind, urlencode(form).encode())
        body = loads(answer.raw) if answer.raw else {}
        return answer.status, body if isinstance(body, dict) else {}
