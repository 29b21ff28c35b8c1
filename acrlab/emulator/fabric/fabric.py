"""Brings namespaces to the state that a world's wiring describes, and says which sockets came of it.

It moves no packet itself and decides nothing about who may talk to whom: that is asked for each connection.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.core.http import INTERNET
from acrlab.emulator.fabric import silence
from acrlab.emulator.fabric.holder import LARGEST
from acrlab.emulator.fabric.wiring import WiredVm, Wiring
from acrlab.emulator.network import public_dns
from acrlab.emulator.network.resolver import PUBLIC_RESOLVER
from acrlab.emulator.network.routing import METADATA_ADDRESS

INTERNET_SPACE, OUTSIDE = "internet", "outside"
ROUTER = f"{public_dns.POOL}.1"  # where a computer outside sends its packets; no site has it
ANY = "0.0.0.0"
PORTS = (443, 80)
DNS_PORT = 53


class FabricError(Exception):
    """The kernel, or a policy of this computer, does not allow namespaces; the message is its reason."""


@dataclass(frozen=True)
class Opened:
    """A socket that listens in a namespace.

    Attributes:
        network: ARM id of the network in lower case; empty: the internet.
        protocol: `tcp` or `udp`.
    """

    network: str
    protocol: str
    port: int
    socket: socket.socket


class Fabric:
    """Namespaces for the internet, for a client outside, and for each network and VM of a world."""

    def __init__(self, folder: Path, ca: Path) -> None:
        """Start the holder, with the internet and the outside.

        Raises: FabricError: namespaces are not available here.
        """
        self._folder, self._ca = folder, ca
        self._wiring = Wiring()
        self._spaces: dict[str, str] = {}  # network -> its space
        self._count = 0
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        words = [sys.executable, "-m", "acrlab.emulator.fabric.holder", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(words, pass_fds=[theirs.fileno()])
        try:
            self._received(self._control.recv(LARGEST))
            self.opened = self._internet()
        except BaseException:
            self.close()
            raise

    def follow(self, wiring: Wiring) -> list[Opened]:
        """Make, change and remove what differs from the wiring before. Returns: sockets of new networks.

        Raises: FabricError.
        """
        before, self._wiring = self._wiring, wiring
        for vm in _gone(before.vms, wiring.vms):
            self._ask("drop", name=vm.name)
            self._ip(self._spaces[vm.network], f"route del {vm.host}/32 dev subnet")
        for network in before.networks.keys() - wiring.networks.keys():
            self._remove(network)
        opened = [o for network in wiring.networks if network not in self._spaces for o in self._network(network)]
        for network, gateways in wiring.networks.items():
            known = before.networks.get(network, ())
            # Without routes for their subnets: who is in one has a route of its own, and nothing else is there.
            self._addresses(network, set(known), set(gateways), " noprefixroute")
            old, new = ({f"{a}/32" for n, a in w.endpoints if n == network} for w in (before, wiring))
            self._addresses(network, old, new)
        for vm in _gone(wiring.vms, before.vms):
            self._vm(vm)
        self._tell()
        return opened

    def close(self) -> None:
        """Let the holder end; the kernel takes everything away with it."""
        self._control.close()
        self._process.wait(5)

    @property
    def holder(self) -> int:
        """The process that holds the namespaces."""
        return self._process.pid

    @property
    def file(self) -> Path:
        """What `entry` needs to know to enter a VM."""
        return self._folder / "fabric.json"

    # -- parts -------------------------------------------------------------------------------------------------------

    def _internet(self) -> list[Opened]:
        here, public = INTERNET.address, (PUBLIC_RESOLVER, *public_dns.sites())
        self._ask("space", name=INTERNET_SPACE)
        self._ask("space", name=OUTSIDE)
        self._ip(
            INTERNET_SPACE,
            *(f"addr add {address}/32 dev lo" for address in (ROUTER, *public)),
            f"link add {OUTSIDE} type veth peer name eth0 netns @{OUTSIDE}@",
            f"link set {OUTSIDE} up",
            f"route add {here}/32 dev {OUTSIDE}",
            *silence.begin(OUTSIDE, PUBLIC_RESOLVER, PORTS),
            *silence.keep_silent((ROUTER, *public)),
        )
        self._ip(
            OUTSIDE,
            f"addr add {here}/32 dev eth0",
            "link set eth0 up",
            f"route add default via {ROUTER} dev eth0 onlink",
        )
        self._write_files(OUTSIDE, PUBLIC_RESOLVER)
        return self._sockets(INTERNET_SPACE, "", PUBLIC_RESOLVER)

    def _network(self, network: str) -> list[Opened]:
        """A network has the internet's addresses in it, too: what leaves it would only come back to this process."""
        space = self._spaces[network] = f"n{self._count}"
        self._count += 1
        everywhere = (AZURE_RESOLVER, METADATA_ADDRESS, *public_dns.sites())
        self._ask("space", name=space)
        self._ip(
            space,
            "link add subnet type bridge",
            "link set subnet up",
            *(f"addr add {address}/32 dev lo" for address in everywhere),
            *silence.begin("subnet", AZURE_RESOLVER, PORTS),
            *silence.keep_silent(everywhere),
        )
        # Packets between VMs pass through here; a hint that they could go straight would be of no use to anyone.
        quiet = {f"net/ipv4/conf/{device}/send_redirects": 0 for device in ("all", "subnet")}
        self._ask("settings", space=space, values={"net/ipv4/ip_forward": 1, **quiet})
        return self._sockets(space, network, AZURE_RESOLVER)

    def _vm(self, vm: WiredVm) -> None:
        space = self._spaces[vm.network]
        link = f"m{self._count}"
        self._count += 1
        self._ask("space", name=vm.name)
        self._ip(
            space,
            f"link add {link} type veth peer name eth0 netns @{vm.name}@",
            f"link set {link} master subnet up",
            f"route add {vm.host}/32 dev subnet",
        )
        gateway = _gateway_of(vm, self._wiring.networks[vm.network])
        self._ip(
            vm.name,
            f"addr add {vm.address} dev eth0 noprefixroute",
            "link set eth0 up",
            f"route add default via {gateway} dev eth0 onlink",
        )
        self._write_files(vm.name, *(vm.servers or (AZURE_RESOLVER,)))

    def _remove(self, network: str) -> None:
        self._ask("drop", name=self._spaces.pop(network))

    def _addresses(self, network: str, before: set[str], now: set[str], how: str = "") -> None:
        gone, new = sorted(before - now), sorted(now - before)
        batch = [f"addr del {address} dev subnet" for address in gone] + silence.forget(gone)
        batch += [f"addr add {address} dev subnet{how}" for address in new] + silence.keep_silent(new)
        self._ip(self._spaces[network], *batch)

    def _sockets(self, space: str, network: str, resolver: str) -> list[Opened]:
        wanted = [("tcp", ANY, port) for port in PORTS]
        wanted += [("udp", resolver, DNS_PORT), ("tcp", resolver, DNS_PORT)]
        return [Opened(network, p, port, self._listen(space, p, address, port)) for p, address, port in wanted]

    def _write_files(self, vm: str, *servers: str) -> None:
        folder = self._folder / vm
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"nameserver {server}\n" for server in servers)
        (folder / "resolv.conf").write_text(lines)
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {vm}\n")
        names = ("passwd", "group", "shadow", "services", "protocols")
        (folder / "nsswitch.conf").write_text("".join(f"{n}: files\n" for n in names) + "hosts: files dns\n")

    def _tell(self) -> None:
        about = self._ask("about")
        told = {**about, "folder": str(self._folder), "ca": str(self._ca)}
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(told))
        new.replace(self.file)

    # -- the holder ----------------------------------------------------------------------------------------------------

    def _ip(self, space: str, *lines: str) -> None:
        if lines:
            self._ask("ip", space=space, batch="\n".join(lines) + "\n")

    def _listen(self, space: str, protocol: str, address: str, port: int) -> socket.socket:
        asked = {"do": "listen", "space": space, "protocol": protocol, "address": address, "port": port}
        self._control.send(json.dumps(asked).encode())
        message, files, _, _ = socket.recv_fds(self._control, LARGEST, 1)
        self._received(message)
        made = socket.socket(fileno=files[0])
        made.setblocking(False)
        return made

    def _ask(self, what: str, **words: Any) -> dict[str, Any]:
        self._control.send(json.dumps({"do": what, **words}).encode())
        return self._received(self._control.recv(LARGEST))

    def _received(self, message: bytes = b"") -> dict[str, Any]:
        if not message:
            raise FabricError("the process that holds the namespaces has ended")
        answer: dict[str, Any] = json.loads(message)
        if "problem" in answer:
            raise FabricError(answer["problem"])
        return answer


def _gone(before: Iterable[WiredVm], now: Iterable[WiredVm]) -> list[WiredVm]:
    kept = set(now)
    return [vm for vm in before if vm not in kept]


def _gateway_of(vm: WiredVm, gateways: Iterable[str]) -> str:
    subnet = ipaddress.ip_interface(vm.address).network
    return next(g.partition("/")[0] for g in gateways if ipaddress.ip_interface(g).ip in subnet)
