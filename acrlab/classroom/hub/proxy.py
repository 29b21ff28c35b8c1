"""configurable-http-proxy, which stands before the hub and all servers: found, started, asked what it routes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from acrlab.classroom.hub.room import Room
from acrlab.errors import ConfigurationError

VARIABLE = "ACRLAB_PROXY"  # where it is; else it is looked for on the PATH
OLDEST_NODE = 20
GET_IT = "Run make class in a checkout, or: npm install --global configurable-http-proxy"


def found() -> list[str]:
    """Give the words that start it.

    Raises: ConfigurationError: it or Node.js is not there, or Node.js is too old.
    """
    node = shutil.which("node")
    if node is None:
        raise ConfigurationError("node", f"there is no Node.js on the PATH. Install version {OLDEST_NODE} or newer.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    number = re.match(r"v(\d+)", version)
    if number is None or int(number[1]) < OLDEST_NODE:
        raise ConfigurationError("node", f"{node} is {version}. Install version {OLDEST_NODE} or newer.")
    script = os.environ.get(VARIABLE) or shutil.which("configurable-http-proxy")
    if script is None or not Path(script).is_file():
        raise ConfigurationError(VARIABLE, f"there is no configurable-http-proxy at {script or 'PATH'}. {GET_IT}")
    return [node, script]


def options(room: Room) -> list[str]:
    secure = ["--ssl-key", room.key, "--ssl-cert", room.certificate] if room.certificate else []
    return [
        *("--ip", room.host, "--port", str(room.port), *secure),
        *("--api-ip", "127.0.0.1", "--api-port", str(room.inner_ports[1])),
        *("--default-target", room.hub_url, "--error-target", f"{room.hub_url}/hub/error", "--log-level", "warn"),
    ]


def routes(room: Room, token: str) -> set[str]:
    """Ask which paths lead somewhere; none as long as it does not answer."""
    return set(asked(f"{room.proxy_url}/api/routes", token) or {})


def asked(url: str, token: str, method: str = "GET") -> dict[str, object] | None:
    """Ask the proxy or the hub. Returns: what it answers; None: it does not answer, or refuses."""
    request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.loads(answer.read() or b"{}"))
    except (OSError, ValueError):
        return None
