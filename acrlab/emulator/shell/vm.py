"""The VM as its own commands see it: its disk, its place in the network, its users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

from acrlab.azure.dns_answer import Answer, Record
from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.http import Request, Response, Unreachable, Vantage
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.world import World
from acrlab.emulator.network import resolver
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.routing import OPEN_WITHOUT_TLS, Delivery, Destination
from acrlab.emulator.shell.disk import FOLDERS, Disk, NoFile
from acrlab.emulator.types.compute.vm_place import interface_of

STUB = "127.0.0.53"  # Ubuntu's own resolver, which asks the network's. Source: systemd-resolved.service(8)
UPLINK = "/run/systemd/resolve/resolv.conf"  # whom that one asks
HTTP, HTTPS = 80, 443
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


class Vm:
    """One VM, running Ubuntu 22.04."""

    def __init__(self, delivery: Delivery, resource: Resource) -> None:
        self.delivery, self.resource = delivery, resource
        state = resource.state.setdefault("disk", {})
        self.disk = Disk(self.world, state, self._given(), (*FOLDERS, f"/home/{self.admin}"))

    def _given(self) -> dict[str, str]:
        """Path -> text of the files that matter here, as a new VM has them."""
        servers = resolver.servers_of(self.world, self.vantage)
        return {**_given(self.hostname), UPLINK: "".join(f"nameserver {address}\n" for address in servers)}

    def with_disk(self, disk: Disk) -> Vm:
        """Return the same VM as a container sees it: on another disk."""
        inside = copy(self)
        inside.disk = disk
        return inside

    @property
    def world(self) -> World:
        return self.delivery.world

    @property
    def _profile(self) -> Mapping[str, str]:
        profile: Mapping[str, str] = self.resource.properties.get("osProfile", {})
        return profile

    @property
    def hostname(self) -> str:
        return self._profile.get("computerName", self.resource.id.name)

    @property
    def admin(self) -> str:
        """The user that the VM was made with."""
        return self._profile.get("adminUsername", "azureuser")

    @cached_property
    def vantage(self) -> Vantage:
        return vantage_of(self.world, self.resource)

    @property
    def tenant(self) -> str:
        """The tenant that the VM's identity is in."""
        return tenant_of(self.world, self.resource.id.subscription)

    @property
    def suffix(self) -> str:
        """What Azure's resolver calls the network's own domain."""
        interface = interface_of(self.world, self.resource)
        digits = self.world.guid(interface, "suffix").replace("-", "")[:26] if interface else "lost"
        return f"{digits}.dx.internal.cloudapp.net"

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.world.now)

    # -- names and requests ------------------------------------------------------------------------------------------

    def resolve(self, name: str) -> Answer:
        """Ask the VM's resolver."""
        own = {self.hostname.lower(), f"{self.hostname}.{self.suffix}".lower()}
        if name.lower().rstrip(".") in own:
            return Answer(name, (Record(name.lower(), "A", self.vantage.address, 0),))
        return resolver.resolve(self.world, name, self.vantage)

    def ask(self, name: str, server: str) -> Answer | None:
        """Ask a name server; None: nothing answers there."""
        at = self.vantage.address if server == "127.0.0.1" else server
        return resolver.ask(self.world, name, self.vantage, at)

    def find_address(self, host: str) -> str:
        """Find the address of a host: `/etc/hosts` first, then the resolver. Raises: Unreachable: it has none."""
        if ADDRESS.fullmatch(host):
            return host
        return self._in_hosts(host) or self.delivery.find_address(host, self.vantage)

    def _in_hosts(self, host: str) -> str:
        try:
            lines = self.disk.text("/etc/hosts").splitlines()
        except NoFile:
            return ""
        entries = (line.partition("#")[0].split() for line in lines)
        return next((e[0] for e in entries if host in e[1:] and ADDRESS.fullmatch(e[0])), "")

    def reach(self, host: str, address: str, port: int) -> Destination:
        """Open a connection to what answers at an address, and send nothing.

        Args:
            host: what was typed: a name or the address.
            port: 443 or 80.

        Raises: Unreachable: nothing listens there, or something is in the way.
        """
        found = self.delivery.destination(host, self.vantage, address, port)
        if not (found.certificate if port == HTTPS else found.plane in OPEN_WITHOUT_TLS or not found.certificate):
            raise Unreachable(host, "connection refused", address)
        return found

    def fetch(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        trusting: bool = False,
        address: str = "",
    ) -> Response:
        """Send one request from here.

        Args:
            trusting: take any certificate.
            address: where to connect; empty: what the host's name leads to.

        Raises: Unreachable: no answer.
        """
        request, usual = _request(method, url, headers, body, self.vantage)
        found = address or self.find_address(request.host)
        if not usual:
            raise Unreachable(request.host, "connection refused", found)
        return self.delivery.connect(request, found, trusting=trusting)


def ask_from(
    delivery: Delivery, vantage: Vantage, method: str, url: str, headers: Mapping[str, str] | None, body: bytes
) -> Response:
    """Send one request from a place that is no VM of one's own. Raises: Unreachable: no answer."""
    request, usual = _request(method, url, headers, body, vantage)
    found = delivery.find_address(request.host, vantage)
    if not usual:
        raise Unreachable(request.host, "connection refused", found)
    return delivery.connect(request, found)


def _request(
    method: str, url: str, headers: Mapping[str, str] | None, body: bytes, vantage: Vantage
) -> tuple[Request, bool]:
    """Make a request for an address, and tell whether it goes to the usual port. Raises: Unreachable: it is none."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as problem:
        raise Unreachable(url, "no such host") from problem
    request = Request(
        method=method,
        host=host,
        path=unquote(parts.path) or "/",
        query={name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)},
        headers={name.lower(): value for name, value in (headers or {}).items()},
        body=body,
        origin=f"{parts.scheme}://{parts.netloc}",
        vantage=vantage,
    )
    return request, port in (None, 443 if parts.scheme == "https" else 80)


def _given(hostname: str) -> dict[str, str]:
    return {
        "/etc/hostname": f"{hostname}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {hostname}\n",
        "/etc/resolv.conf": f"nameserver {STUB}\noptions edns0 trust-ad\nsearch .\n",
        "/etc/os-release": (
            'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\n'
            'VERSION="22.04.5 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n'
            "UBUNTU_CODENAME=jammy\n"
        ),
        "/etc/lsb-release": (
            "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n"
            'DISTRIB_DESCRIPTION="Ubuntu 22.04.5 LTS"\n'
        ),
        "/etc/apt/sources.list": "deb http://azure.archive.ubuntu.com/ubuntu/ jammy main universe\n",
    }
