"""The programs of an open class, and what each is started with.

The board and the site are the supervisor's and not the hub's: it would end where one is not up after ten seconds, as on
a busy computer, and would take them along whenever it is started again.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from acrlab.classroom.hub import proxy
from acrlab.classroom.hub.room import BOARD, CODES, PROXY, ROOM, SITE, VARIABLE, Room

HUB = "hub"


@dataclass(frozen=True)
class Program:
    """One of them.

    Attributes:
        environment: what it gets besides this process's own.
        port: that it listens on, on this computer alone.
    """

    words: list[str]
    port: int
    environment: dict[str, str] = field(default_factory=dict)


def programs(room: Room, proxy_words: list[str]) -> dict[str, Program]:
    """Name -> program, of all that a class needs."""
    hub, orders, board, site = room.inner_ports
    secret = {"CONFIGPROXY_AUTH_TOKEN": room.token(PROXY)}
    file = str(Path(__file__).with_name("jupyterhub_config.py"))
    made = {
        PROXY: Program([*proxy_words, *proxy.options(room)], orders, secret),
        HUB: Program(
            [sys.executable, "-m", "jupyterhub", "-f", file], hub, {VARIABLE: str(room.state / ROOM), **secret}
        ),
        BOARD: Program([sys.executable, "-m", "acrlab.classroom.board"], board, _board(room)),
    }
    if room.site:
        words = [sys.executable, "-m", "acrlab.classroom.hub.site", room.site]
        made[SITE] = Program(words, site, _service(SITE, site))
    return made


def _board(room: Room) -> dict[str, str]:
    """What the board reads, and what a hub tells its services."""
    return {
        **_service(BOARD, room.inner_ports[2]),
        "JUPYTERHUB_API_URL": f"{room.hub_url}/hub/api",
        "JUPYTERHUB_API_TOKEN": room.token(BOARD),
        "JUPYTERHUB_CLIENT_ID": f"service-{BOARD}",
        "ACRLAB_BOARD_STATE": str(room.state / "board"),
        "ACRLAB_BOARD_ROSTER": str(room.roster),
        **({"ACRLAB_BOARD_CODES": str(room.state / CODES)} if room.site else {}),
    }


def _service(name: str, port: int) -> dict[str, str]:
    return {
        "JUPYTERHUB_SERVICE_NAME": name,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
        "JUPYTERHUB_SERVICE_PREFIX": f"/services/{name}/",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_HOST": "",
    }
