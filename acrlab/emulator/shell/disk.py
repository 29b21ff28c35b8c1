"""A VM's disk: files, installed packages, stopped services. It lies in the VM's state and outlives commands.

Text of moderate size stands in the state itself; everything else is a blob of the world, named by its digest. What an
Ubuntu VM has from the start is not stored at all.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.blob_files import BlobFiles

INLINE = 4096
FOLDERS = (
    "/", "/bin", "/boot", "/dev", "/etc", "/etc/apt", "/etc/apt/sources.list.d", "/etc/docker", "/home", "/lib",
    "/mnt", "/opt", "/proc", "/root", "/run", "/run/systemd", "/run/systemd/resolve", "/sbin", "/srv", "/sys", "/tmp",
    "/usr", "/usr/bin", "/usr/local/bin", "/var", "/var/lib", "/var/lib/apt/lists", "/var/log", "/var/run",
    "/var/tmp",
)  # fmt: skip


class NoFile(Exception):
    """There is no such file or folder, or it is the other of the two. Says why in the system's words."""


class Disk:
    """Reads and writes `vm.state["disk"]`; the caller stores the VM afterwards."""

    def __init__(self, world: World, state: JSON, given: Mapping[str, str], folders: Iterable[str] = FOLDERS) -> None:
        """`given`, `folders`: files, as path -> text, and folders that were there from the start."""
        self._blobs, self._state, self._given = BlobFiles(world.blobs), state, given
        self._folders = {"/", *folders}

    # -- files -------------------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes:
        """Read a file. Raises: NoFile."""
        if self.is_folder(path):
            raise NoFile("Is a directory")
        if path == "/dev/null":
            return b""
        found = self._files.get(path)
        if found is None:
            if path in self._files or path not in self._given:
                raise NoFile("No such file or directory")
            return self._given[path].encode()
        if "text" in found:
            return str(found["text"]).encode("utf-8", "surrogateescape")
        blob = self._blobs.find(found["digest"])
        if blob is None:
            raise NoFile("Input/output error")
        return blob.read()

    def text(self, path: str) -> str:
        """Read a file as text; bytes that are not text survive a round trip. Raises: NoFile."""
        return self.read(path).decode("utf-8", "surrogateescape")

    def write(self, path: str, content: bytes | str) -> None:
        """Write a file. Raises: NoFile: the folder is not there, or the path is one."""
        if self.is_folder(path):
            raise NoFile("Is a directory")
        if not self.is_folder(posixpath.dirname(path)):
            raise NoFile("No such file or directory")
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        self._files[path] = self._kept(raw)

    def _kept(self, raw: bytes) -> JSON:
        if len(raw) <= INLINE:
            try:
                return {"text": raw.decode()}
            except UnicodeDecodeError:
                pass
        return {"digest": self._blobs.write(raw).digest, "size": len(raw)}

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with everything in it."""
        for each in [p for p in self._paths() if p == path or p.startswith(f"{path}/")]:
            if each in self._given:
                self._files[each] = None
            else:
                self._files.pop(each, None)
        made = self._state.get("folders", [])
        self._state["folders"] = [f for f in made if f != path and not f.startswith(f"{path}/")]

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        made = self._state.setdefault("folders", [])
        while not self.is_folder(path):
            made.append(path)
            path = posixpath.dirname(path)

    def is_file(self, path: str) -> bool:
        return self._files.get(path) is not None or (path in self._given and path not in self._files)

    def is_folder(self, path: str) -> bool:
        return path in self._folders or path in self._state.get("folders", ())

    def size(self, path: str) -> int:
        return len(self.read(path))

    def names_in(self, folder: str) -> list[str]:
        """Return what lies directly in a folder."""
        root = folder.rstrip("/") + "/"
        every = (*self._paths(), *self._folders, *self._state.get("folders", ()))
        return sorted({p[len(root) :].split("/")[0] for p in every if p.startswith(root) and p != root})

    def _paths(self) -> Iterator[str]:
        yield from (p for p in {**self._given, **self._files} if self.is_file(p))

    @property
    def _files(self) -> dict[str, JSON | None]:
        files: dict[str, JSON | None] = self._state.setdefault("files", {})
        return files

    # -- what is installed -------------------------------------------------------------------------------------------

    @property
    def packages(self) -> dict[str, str]:
        """Name -> version of what was installed."""
        packages: dict[str, str] = self._state.setdefault("packages", {})
        return packages

    @property
    def stopped(self) -> list[str]:
        """Services that were stopped by hand."""
        stopped: list[str] = self._state.setdefault("stopped", [])
        return stopped

    @property
    def disabled(self) -> list[str]:
        """Services that do not start with the VM."""
        disabled: list[str] = self._state.setdefault("disabled", [])
        return disabled

    @property
    def failed(self) -> dict[str, str]:
        """Service that could not be started -> why."""
        failed: dict[str, str] = self._state.setdefault("failed", {})
        return failed

    @property
    def groups(self) -> dict[str, list[str]]:
        """Group -> the users who were put into it."""
        groups: dict[str, list[str]] = self._state.setdefault("groups", {})
        return groups

    @property
    def journal(self) -> list[str]:
        """What docker's daemon wrote down last, line by line."""
        journal: list[str] = self._state.setdefault("journal", [])
        return journal

    @property
    def images(self) -> dict[str, JSON]:
        """What the docker daemon keeps: id of an image -> its names and where its parts are."""
        images: dict[str, JSON] = self._state.setdefault("images", {})
        return images
