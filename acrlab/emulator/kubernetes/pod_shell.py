"""`az aks command invoke`: a pod in the cluster with `kubectl` and a shell, which ends with its command.

Source: https://learn.microsoft.com/azure/aks/access-private-cluster
"""

from __future__ import annotations

import base64
import binascii
import io
import posixpath
import zipfile

from acrlab.emulator.core.http import JSON, Unreachable
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.kubernetes.node import Node
from acrlab.emulator.kubernetes.store import Kube
from acrlab.emulator.shell.vm import Vm

IMAGE_HOST = "mcr.microsoft.com"
FOLDER = "/command-files"
LARGEST = 4 * 2**20


class CommandPod(Vm):
    """The pod of one command: its names and requests go by the node that it runs on."""

    def __init__(self, kube: Kube, node: Node, files: dict[str, bytes]) -> None:
        self.kube, self._node = kube, node
        name = f"command-{kube.derive('command pod', str(kube.serial())).replace('-', '')}"
        body: JSON = {"properties": {"osProfile": {"computerName": name}}}
        # What the shell sees as a machine is the pod: its disk is gone with it.
        super().__init__(kube.delivery, Resource(kube.cluster.id.child("commands", name), body, {"disk": {}}))
        self.disk.make_folder(FOLDER)
        for path, content in files.items():
            folder = posixpath.dirname(path)
            self.disk.make_folder(folder)
            self.disk.write(path, content)

    def _given(self) -> dict[str, str]:
        return {"/etc/hostname": f"{self.hostname}\n", "/etc/resolv.conf": "nameserver 10.0.0.10\n"}

    def find_address(self, host: str) -> str:
        return self._node.find_address(host)


def can_start(node: Node) -> bool:
    """Tell whether the pod's own image can be fetched: it comes from Microsoft's public registry."""
    try:
        answer = node.fetch("GET", f"https://{IMAGE_HOST}/v2/")
    except Unreachable:
        return False
    return answer.status in (200, 401)


def files_of(context: str) -> dict[str, bytes]:
    """Path -> content of the files that came with a command: a zip in base64. Raises: ValueError: it is none."""
    if not context:
        return {}
    try:
        raw = base64.b64decode(context)
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise ValueError(f"files of more than {LARGEST} bytes")
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
            return {posixpath.normpath(f"{FOLDER}/{name}"): archive.read(name) for name in names if ".." not in name}
    except (binascii.Error, zipfile.BadZipFile) as problem:
        raise ValueError("the files are not a zip in base64") from problem
