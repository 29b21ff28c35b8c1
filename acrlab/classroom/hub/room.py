"""What is true of a class while it is open: who, where, on which ports. The supervisor writes it, the hub reads it.

A class has one folder: a folder for each learner in it, as `acrlab class plan --out` makes them, and `.hub`, which none
but its owner can read.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from acrlab.errors import ConfigurationError

VARIABLE = "ACRLAB_CLASS_ROOM"  # for the hub: where its room is written
ROOM = "room.json"
PROXY, SUPERVISOR, BOARD = "proxy", "supervisor", "board"  # who has a token
SITE = "site"
CODES = "codes.json"
# They go with the process that started them: one that is left holds a port, and an old token.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()


@dataclass(frozen=True)
class Room:
    """An open class.

    Attributes:
        folder: of the class, absolute.
        learners: ids of those who may sign in, the teachers' not among them.
        host, port: where browsers reach the class.
        inner_ports: of the hub, of the proxy's own answers, of the board, of the site; for this computer alone.
        certificate, key: files for HTTPS; empty: HTTP.
        python: what learners' servers run on.
        accounts: learner or teacher -> the system's user that their programs run as; empty: all as the hub's.
        idle_s: after how many seconds without a running cell a kernel is ended.
        memory: bytes that a process of a learner may take; 0: any.
        site: folder of the site for learners in the browser only; empty: there is none.
    """

    folder: Path
    roster: Path
    learners: tuple[str, ...]
    teachers: tuple[str, ...]
    host: str
    port: int
    inner_ports: tuple[int, int, int, int]
    python: str
    certificate: str = ""
    key: str = ""
    accounts: dict[str, str] = field(default_factory=dict)
    idle_s: int = 3600
    memory: int = 0
    site: str = ""

    @property
    def state(self) -> Path:
        return state_of(self.folder)

    @property
    def people(self) -> tuple[str, ...]:
        return (*self.learners, *self.teachers)

    @property
    def hub_url(self) -> str:
        return f"http://127.0.0.1:{self.inner_ports[0]}"

    @property
    def proxy_url(self) -> str:
        """Where the proxy takes orders."""
        return f"http://127.0.0.1:{self.inner_ports[1]}"

    @property
    def url(self) -> str:
        """The address that browsers open; its path begins with a slash."""
        scheme = "https" if self.certificate else "http"
        host = "127.0.0.1" if self.host in ("", "0.0.0.0") else f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def board_url(self) -> str:
        """The board's own address, which learners' programs post to: no certificate stands between."""
        return f"http://127.0.0.1:{self.inner_ports[2]}/services/board"

    @property
    def site_url(self) -> str:
        """The site's own address."""
        return f"http://127.0.0.1:{self.inner_ports[3]}"

    def home(self, person: str) -> Path:
        return self.folder / person

    def token(self, of: str) -> str:
        return (self.state / f"{of}.token").read_text("utf-8")

    def write(self) -> Path:
        path = self.state / ROOM
        write_secret(path, json.dumps(asdict(self), default=str))
        return path

    @classmethod
    def read(cls, path: Path) -> Room:
        values = json.loads(path.read_text("utf-8"))
        paths = {name: Path(values[name]) for name in ("folder", "roster")}
        rows = {name: tuple(values[name]) for name in ("learners", "teachers", "inner_ports")}
        return cls(**{**values, **paths, **rows})


def state_of(folder: Path) -> Path:
    """Name the folder of a class's own state: codes, tokens, the hub's and the board's data, logs."""
    return folder / ".hub"


def write_secret(path: Path, text: str) -> None:
    """Write a file that its owner alone can read: whole, or not at all.

    Raises: ConfigurationError: it can't be written, as where the disk is full.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as problem:
        raise ConfigurationError("--out", f"{path} can't be written: {problem.strerror}.") from problem


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a class's folder to oneself, with its `.hub` in it.

    Raises: ConfigurationError: the class is open already, or the folder can't be made.
    """
    from filelock import FileLock, Timeout

    state = state_of(folder)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        state.chmod(0o700)
        with FileLock(state / "lock", timeout=0):
            yield
    except Timeout:
        raise ConfigurationError("--out", f"the class in {folder} is open already. Name another folder.") from None
    except (FileExistsError, NotADirectoryError, PermissionError) as problem:
        message = f"{problem.filename} can't hold a class: {problem.strerror}. Name another folder."
        raise ConfigurationError("--out", message) from problem
