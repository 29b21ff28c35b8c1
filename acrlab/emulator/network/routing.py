"""Delivery of a request: which address its host's name leads to from where the caller stands, who owns that address,
and whether anything gets there.

It knows networks and certificates, and nothing of what a plane answers. A **plane** is one API behind an address:
Resource Manager, Entra ID's login, registries, Docker Hub, package archives, instance metadata.

The order in which a connection meets its obstacles is Azure's, and decides what a client sees:

    no address             "no such host"; the name servers don't answer: "server misbehaving"
    the caller's own       "connection refused"
    rules of the caller    "timeout": network security groups drop, they never refuse; so do routes that lead elsewhere
    a private address      "timeout" where no open peering leads to it, nothing holds it, its subnet's rules drop,
                           or the endpoint is not approved
    a public address       "timeout" where the caller has no way out; a registry's is reached by the subnet's service
                           endpoint where it has one, and then sees the private address
    the certificate        an error that names both names, if the host is not among them
    the plane              whatever it answers, refusals included
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import ArmError, Arrival, Request, Response, Unreachable, Vantage
from acrlab.emulator.core.world import World
from acrlab.emulator.network import public_dns, reachability, resolver
from acrlab.emulator.network.routes import REGISTRIES
from acrlab.emulator.types.private_link.endpoint_parts import carries_traffic

Plane = Callable[[Request, Arrival], Response]
METADATA_ADDRESS = "169.254.169.254"  # Source: Azure Instance Metadata Service; reachable from VMs only
OPEN_WITHOUT_TLS = ("packages", "metadata")
TLS, PLAIN = 443, 80


@dataclass(frozen=True)
class Destination:
    """What a connection ends at.

    Attributes:
        plane: who answers there.
        arrival: how the request came in.
        certificate: names that its certificate is valid for; empty where no TLS is spoken.
    """

    plane: str
    arrival: Arrival
    certificate: tuple[str, ...] = ()


class Delivery:
    """Brings requests to the owner of the address that their host's name leads to."""

    def __init__(self, world: World, planes: Mapping[str, Plane]) -> None:
        """`planes`: answers by name: `management`, `login`, `registry`, `hub`, `packages`, `metadata`."""
        self.world = world
        self._planes = planes

    def deliver(self, request: Request) -> Response:
        """Bring a request to its host. Raises: Unreachable: it does not get there."""
        return self.connect(request, self.find_address(request.host, request.vantage))

    def find_address(self, host: str, vantage: Vantage) -> str:
        """Resolve a host where the caller stands. Raises: Unreachable: it has no address there."""
        if _is_address(host):
            return host
        with self.world.transaction():  # a chain of names is followed in one state of the world
            answer = resolver.resolve(self.world, host, vantage)
        if answer.status == "SERVFAIL":
            raise Unreachable(host, "server misbehaving")
        if not answer.addresses:
            raise Unreachable(host, "no such host")
        return answer.addresses[0]

    def connect(self, request: Request, address: str, *, trusting: bool = False) -> Response:
        """Bring a request to an address that the caller found for its host.

        Args:
            trusting: take any certificate, as `curl --insecure` does.

        Raises: Unreachable: nothing is there, something is in the way, or the certificate is for another name.
        """
        destination = self.destination(request.host, request.vantage, address, _port(request))
        valid = destination.certificate
        if valid and _port(request) == TLS and not trusting and not public_dns.is_named(valid, request.host):
            reason = f"certificate is valid for {', '.join(valid)}, not {request.host}"
            raise Unreachable(request.host, reason, address)
        return self._answer(request, destination)

    def connected(self, request: Request, address: str) -> Response:
        """Bring a request over a connection that was made before. Raises: Unreachable: nothing is there any more."""
        return self._answer(request, self.established(request.host, request.vantage, address))

    def _answer(self, request: Request, destination: Destination) -> Response:
        plain = _port(request) != TLS
        # Port 80 is for what speaks no TLS, and for the two planes that speak both.
        if plain != (not destination.certificate) and not (plain and destination.plane in OPEN_WITHOUT_TLS):
            raise Unreachable(request.host, "connection refused", destination.arrival.address)
        try:
            return self._planes[destination.plane](request, destination.arrival)
        except ArmError as problem:
            return problem.response()  # what a plane doesn't emulate is an answer to its client, too

    def destination(self, host: str, vantage: Vantage, address: str, port: int) -> Destination:
        """Find what a new connection to an address ends at.

        Raises: Unreachable: at nothing, or something is in the way.
        """
        if not _stays_on(vantage, address) and not reachability.admits(self.world, vantage, address, port):
            raise Unreachable(host, "timeout", address)
        return self.established(host, vantage, address)

    def established(self, host: str, vantage: Vantage, address: str) -> Destination:
        """Find what a connection ends at that security groups have let pass.

        Raises: Unreachable: at nothing, or routes do not lead there.
        """
        if address == METADATA_ADDRESS and vantage.vm:
            return Destination("metadata", Arrival(address, vantage.address))
        if _stays_on(vantage, address):
            raise Unreachable(host, "connection refused", address)
        if not reachability.routes_lead_to(self.world, vantage, address):
            raise Unreachable(host, "timeout", address)
        network = reachability.network_with(self.world, vantage.network, address)
        if network:
            return self._private_destination(host, vantage, network, address)
        return self._public_destination(host, vantage, address)

    def _private_destination(self, host: str, vantage: Vantage, network: str, address: str) -> Destination:
        held = reachability.holder_of(self.world, network, address)
        if held is None:
            raise Unreachable(host, "timeout", address)
        interface, configuration = held
        endpoint = self.world.find(interface.state.get("endpoint", ""))
        if "endpoint" not in interface.state:
            # Another VM: it is there, and nothing on it listens.
            raise Unreachable(host, "connection refused", address)
        if endpoint is None or not carries_traffic(self.world, endpoint):
            raise Unreachable(host, "timeout", address)
        # Each address of an endpoint is one member's: swapped records lead to a certificate for another name.
        member = interface.state["members"][configuration["name"]]["fqdns"][0]
        certificate = (f"*.{member.partition('.')[2]}",)
        return Destination("registry", Arrival(address, vantage.address, str(endpoint.id)), certificate)

    def _public_destination(self, host: str, vantage: Vantage, address: str) -> Destination:
        site = public_dns.sites().get(address)
        subnet = reachability.service_endpoint_of(self.world, vantage) if site and REGISTRIES in site.tags else ""
        source = vantage.address if subnet else vantage.egress
        if site is None or not source:
            raise Unreachable(host, "timeout", address)
        arrival = Arrival(address, source, subnet=subnet, service=vantage.service)
        return Destination(site.plane, arrival, site.certificate)


def _port(request: Request) -> int:
    return PLAIN if request.origin.startswith("http://") else TLS


def _stays_on(vantage: Vantage, address: str) -> bool:
    """Tell whether a connection never leaves its caller's computer: no rule and no route is about it."""
    here = address == vantage.address or ipaddress.ip_address(address).is_loopback
    return here or (address == METADATA_ADDRESS and bool(vantage.vm))


def _is_address(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


DEVIATIONS = (
    Deviation(
        of="open connections",
        what="A request on an open connection to an endpoint that is rejected or deleted ends the connection.",
        impact="The client is told at once that it was closed; on Azure it may wait until a time-out of its own.",
        reason="That security groups spare open connections is documented; what becomes of one to an endpoint is not.",
        workaround="Give clients a time-out, and expect a connection to end at any time.",
    ),
)
