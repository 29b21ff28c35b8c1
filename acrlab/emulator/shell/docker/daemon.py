"""Docker's daemon: who may ask it for something, and whether it runs."""

from __future__ import annotations

from acrlab.emulator.shell.commands.users import may_use_docker
from acrlab.emulator.shell.process import Process

SOCKET = "unix:///var/run/docker.sock"
NO_DAEMON = f"Cannot connect to the Docker daemon at {SOCKET}. Is the docker daemon running?"
API = "1.45"
# What the client asks the daemon for, which it says where it may not ask: method and path of each verb.
ASKS = {
    "run": "Head /_ping",
    "pull": "Post /v{api}/images/create",
    "push": "Post /v{api}/images/push",
    "tag": "Post /v{api}/images/tag",
    "images": "Get /v{api}/images/json",
    "rmi": "Delete /v{api}/images",
    "ps": "Get /v{api}/containers/json",
    "login": "Post /v{api}/auth",
    "version": "Get /v{api}/version",
}
DENIED = (
    'permission denied while trying to connect to the Docker daemon socket at {socket}: {method} "http://%2Fvar%2Frun'
    '%2Fdocker.sock{path}": dial unix /var/run/docker.sock: connect: permission denied'
)


def may_connect(process: Process, verb: str) -> bool:
    """The daemon's socket is root's, and its group's."""
    if not may_use_docker(process.vm, process.user):
        method, path = ASKS[verb].format(api=API).split()
        told = DENIED.format(socket=SOCKET, method=method, path=path)
        process.warn(f"docker: {told}.\nSee 'docker run --help'." if verb == "run" else told)
        return False
    if "docker" in process.disk.stopped:
        process.warn(NO_DAEMON)
        return False
    return True
