"""The proxy that docker's daemon is told to send requests to. No proxy is emulated: what would go by one, does not go.

The daemon's files count at once, not when it is started again.
Source: https://docs.docker.com/engine/daemon/proxy/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from acrlab.emulator.core.http import Response
from acrlab.emulator.shell.disk import Disk
from acrlab.emulator.shell.docker.client import DockerProblem
from acrlab.emulator.shell.vm import Vm

OWN = "/etc/docker/daemon.json"  # goes before systemd's
FOLDER = "/etc/systemd/system/docker.service.d"
_SETTING = r"{0}(?:\"\s*:\s*\"|=)([^\"'\n]*)"
_PROXY = re.compile(_SETTING.format("https[-_]proxy"), re.IGNORECASE)
_BYPASS = re.compile(_SETTING.format("no[-_]proxy"), re.IGNORECASE)


class Daemon:
    """Docker's daemon on a VM, as far as it sends requests."""

    def __init__(self, vm: Vm) -> None:
        self._vm = vm
        self._proxy = _set(vm.disk, _PROXY)
        self._bypass = [name.strip() for name in _set(vm.disk, _BYPASS).split(",") if name.strip()]

    def fetch(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Response:
        """Send one request. Raises: Unreachable: no answer; DockerProblem: it would go by a proxy."""
        host = (urlsplit(url).hostname or "").lower()
        if self._proxy and not any(_covers(name.lower(), host) for name in self._bypass):
            told = f"(not emulated: the proxy {self._proxy.rpartition('@')[2]} that docker's daemon is told to ask)"
            raise DockerProblem(f'{method.capitalize()} "{url}": {told}')
        return self._vm.fetch(method, url, headers, body)


def _set(disk: Disk, pattern: re.Pattern[str]) -> str:
    """Find a setting: daemon.json's, else that of the last of systemd's files that has it."""
    files = [OWN, *(f"{FOLDER}/{name}" for name in reversed(disk.names_in(FOLDER)) if name.endswith(".conf"))]
    found = (pattern.findall(disk.text(path)) for path in files if disk.is_file(path))
    return next((values[-1].strip() for values in found if values), "")


def _covers(name: str, host: str) -> bool:
    """Source: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config"""
    domain = name.lstrip("*").lstrip(".")
    return name == "*" or (bool(domain) and f".{host}".endswith(f".{domain}"))
