"""What a run builds from: a packed folder that was brought to the registry's storage, and the files in it."""

from __future__ import annotations

import io
import posixpath
import tarfile
from dataclasses import dataclass

from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.inflate import TooLong, inflated

LARGEST = 64 * 1024 * 1024  # bytes of a file, and of all of them


@dataclass(frozen=True)
class Source:
    """The files of a source, by their paths without a leading slash."""

    files: dict[str, bytes]

    def text(self, path: str) -> str:
        """Read a file. Raises: ArmError: it is not there, or no text."""
        found = self.files.get(posixpath.normpath(path))
        if found is None:
            raise ArmError(400, "InvalidRunRequest", f"unable to find '{path}' in the source of the run")
        return found.decode("utf-8", "replace")

    def below(self, path: str) -> dict[str, bytes]:
        """Return the file of this path, or all files in the folder of this path, by what they are called there."""
        wanted = posixpath.normpath(path).lstrip("/")
        if wanted in self.files:
            return {posixpath.basename(wanted): self.files[wanted]}
        head = "" if wanted == "." else f"{wanted}/"
        return {name[len(head) :]: content for name, content in self.files.items() if name.startswith(head)}


def unpack(raw: bytes) -> Source:
    """Unpack a `.tar.gz`. Raises: ArmError: it is none, or too large."""
    try:
        with tarfile.open(fileobj=io.BytesIO(inflated(raw, LARGEST))) as archive:
            members = [member for member in archive if member.isfile()]
            if sum(member.size for member in members) > LARGEST:  # of a sparse file a few bytes say that it is long
                raise TooLong
            files = {posixpath.normpath(m.name).lstrip("/"): _content(archive, m) for m in members}
    except TooLong as problem:
        message = "The source of the run is too large for the emulated Azure."
        raise ArmError(413, "RequestEntityTooLarge", message) from problem
    except (OSError, EOFError, tarfile.TarError) as problem:
        raise ArmError(400, "InvalidRunRequest", f"The source of the run can't be unpacked: {problem}") from problem
    return Source(files)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = archive.extractfile(member)
    return opened.read() if opened is not None else b""
