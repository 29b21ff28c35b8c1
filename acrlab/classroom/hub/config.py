"""How JupyterHub is set up for a class: who signs in how, what a server is started with, who may do what."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from acrlab.classroom.hub.authenticator import CodeAuthenticator
from acrlab.classroom.hub.learners.spawner import LearnerSpawner
from acrlab.classroom.hub.room import BOARD, CODES, PROXY, SITE, SUPERVISOR, Room
from acrlab.settings import environment

READ, POST = "custom:board:read", "custom:board:post"
TEACHERS = "teachers"


def configure(c: Any, room: Room) -> None:
    """Set all that is not as the hub has it.

    Args:
        c: what `get_config()` gives in a configuration file of the hub.
    """
    _network(c, room)
    _people(c, room)
    _servers(c, room)
    _services(c, room)


def _network(c: Any, room: Room) -> None:
    c.JupyterHub.bind_url = room.url
    c.JupyterHub.hub_bind_url = room.hub_url
    c.ConfigurableHTTPProxy.api_url = room.proxy_url
    c.ConfigurableHTTPProxy.auth_token = room.token(PROXY)
    c.ConfigurableHTTPProxy.should_start = False  # the supervisor's, so that connections outlive the hub
    c.JupyterHub.cookie_secret_file = str(room.state / "cookie_secret")
    c.JupyterHub.db_url = f"sqlite:///{room.state / 'hub.sqlite'}"


def _people(c: Any, room: Room) -> None:
    c.JupyterHub.authenticator_class = CodeAuthenticator
    c.CodeAuthenticator.codes = str(room.state / CODES)
    c.Authenticator.allowed_users = set(room.people)
    c.Authenticator.delete_invalid_users = True  # who is gone from the roster
    c.JupyterHub.load_groups = {TEACHERS: {"users": list(room.teachers)}}
    c.JupyterHub.custom_scopes = {
        READ: {"description": "See the board of the class"},
        POST: {"description": "Tell the board how far one is"},
    }
    look = [READ, f"access:services!service={BOARD}", "list:users", "read:users:activity"]
    c.JupyterHub.load_roles = [
        {"name": "teacher", "groups": [TEACHERS], "scopes": look},
        # A server's token may do what both its owner and its role may.
        {"name": "user", "scopes": ["self", POST]},
        {"name": "server", "scopes": ["users:activity!user", "access:servers!server", POST]},
        {"name": SUPERVISOR, "services": [SUPERVISOR], "scopes": ["proxy", "list:users", "servers"]},
    ]


def _servers(c: Any, room: Room) -> None:
    c.JupyterHub.spawner_class = LearnerSpawner
    c.LearnerSpawner.accounts = room.accounts
    c.LearnerSpawner.folder = str(room.folder)
    c.LearnerSpawner.most_memory = room.memory
    c.Spawner.cmd = [room.python, "-m", "acrlab.classroom.hub.learners.server"]
    c.Spawner.args = [
        # A server looks at its own kernels and spares those that compute. The hub's culler knows only a time that
        # servers report every five minutes, and ends cells.
        f"--MappingKernelManager.cull_idle_timeout={room.idle_s}",
        "--MappingKernelManager.cull_busy=False",
        "--MappingKernelManager.cull_connected=True",
        f"--MappingKernelManager.cull_interval={max(3, room.idle_s // 10)}",
        f"--ServerApp.shutdown_no_activity_timeout={room.idle_s}",
        *([] if room.accounts or os.geteuid() else ["--allow-root"]),
    ]
    c.Spawner.default_url = "/lab/tree/00-start-here.ipynb"
    c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # a whole class at once, on few cores
    c.Spawner.env_keep = ["LANG", "LC_ALL", "TZ"]
    own = Path(str(files("acrlab") / "jupyter"))
    c.Spawner.environment = {
        "PATH": f"{Path(room.python).parent}:{os.environ.get('PATH', os.defpath)}",
        "JUPYTER_CONFIG_PATH": str(own),
        "PYTHONSTARTUP": str(own / "kernel_start.py"),
        environment.BOARD: f"{room.board_url}/api/events",
    }


def _services(c: Any, room: Room) -> None:
    """Name what the supervisor runs beside the hub: where it is, and what it may do."""
    board = {
        "name": BOARD,
        "url": room.board_url.removesuffix("/services/board"),
        "api_token": room.token(BOARD),
        "oauth_client_allowed_scopes": [READ],
        "oauth_no_confirm": True,
        "display": True,
    }
    own = {"name": SUPERVISOR, "api_token": room.token(SUPERVISOR)}
    site = {"name": SITE, "url": room.site_url, "display": True}
    c.JupyterHub.services = [board, own, *([site] if room.site else [])]
    c.JupyterHub.default_url = _first_page(room)


def _first_page(room: Room) -> Any:
    def page(handler: Any) -> str:
        user = handler.current_user
        if user is None and room.site:
            return f"/services/{SITE}/"
        return f"/services/{BOARD}/" if user and user.name in room.teachers else "/hub/spawn"

    return page
