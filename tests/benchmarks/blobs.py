"""Layers in and out: the emulated registry beside Debian's `docker-registry`, on the same disk, over TLS, in turn.

The emulated registry is met as a client on this computer meets it: through the proxy, with an access token that was
asked for before, and sent on to storage for every blob. The other one is asked directly and lets everybody in.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.table import Table

from acrlab.emulator.server.certificates import open_authority, write_server_certificate
from tests.benchmarks.https_client import HttpsClient
from tests.benchmarks.measure import Spread, interleave
from tests.benchmarks.ports import await_server, free_port
from tests.benchmarks.served_world import ServedWorld

__all__ = ["blobs"]

MIB = 2**20
SMALL = 200
SIZES = {"64 MiB": 64, "1 GiB": 1024}
CLIENTS = (8, 32, 64)  # that pull at once
SHARED_MIB = 16  # what each of them pulls
TIMEOUT_S = 120
REGISTRY = "blobsregistry"


@dataclass
class Registry:
    """A registry to push to and pull from, as a client that is signed in.

    Attributes:
        client: makes the requests of one client.
        curl: what curl is told to be such a client, too.
    """

    client: httpx.Client
    curl: tuple[str, ...]

    def push(self, digest: str, pieces: Callable[[], Iterator[bytes]], size: int) -> None:
        """Push a blob in one request, in pieces."""
        begun = self.client.post("/v2/app/blobs/uploads/")
        assert begun.status_code == 202, begun.text
        where = httpx.URL(begun.headers["location"])
        url = where.copy_merge_params({"digest": digest})
        done = self.client.put(url, content=pieces(), headers={"Content-Length": str(size)})
        assert done.status_code == 201, done.text

    def pull(self, digest: str) -> int:
        """Pull a blob, from wherever it is sent on to. Returns: its size in bytes."""
        with self.client.stream("GET", f"/v2/app/blobs/{digest}", follow_redirects=True) as answer:
            assert answer.status_code == 200, answer.status_code
            return sum(len(piece) for piece in answer.iter_raw(MIB))

    def pull_at_once(self, digest: str, clients: int, mib: int) -> None:
        """Pull a blob with many clients, each on a connection of its own. One curl is all of them: it costs little."""
        url = str(self.client.base_url.join(f"/v2/app/blobs/{digest}"))
        named = [word for _ in range(clients) for word in ("--output", "/dev/null", url)]
        limits = ("--parallel", "--parallel-immediate", "--parallel-max", str(clients), "--max-time", str(TIMEOUT_S))
        told = ("--silent", "--fail", "--location", "--write-out", "%{size_download}\n", *limits, *self.curl)
        done = subprocess.run(["curl", *told, *named], capture_output=True, text=True, check=True)
        assert done.stdout.split() == [str(mib * MIB)] * clients, done.stdout

    def remove(self, digest: str) -> None:
        self.client.delete(f"/v2/app/blobs/{digest}")


def blobs(*, rounds: int = 3) -> Table:
    """Measure pushes and pulls of large layers, and of many small blobs."""
    columns = ("what", "emulated registry", "docker-registry", "emulated / docker-registry")
    table = Table(*columns, title="Seconds, median (lowest-highest), one client where no other number is given")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, _registries(Path(name)) as registries:
        for label, size in SIZES.items():
            _large(table, registries, label, size, rounds=rounds)
        _small(table, registries, rounds=rounds)
        _at_once(table, registries, rounds=rounds)
        if len(registries) == 1:
            table.caption = "docker-registry is not compared: it is not installed (apt-get install docker-registry)."
    return table


def _large(table: Table, registries: Mapping[str, Registry], label: str, mib: int, *, rounds: int) -> None:
    piece = os.urandom(MIB)
    digest = hashlib.sha256()
    for _ in range(mib):
        digest.update(piece)
    name = f"sha256:{digest.hexdigest()}"

    def pieces() -> Iterator[bytes]:
        return (piece for _ in range(mib))

    def pushed(registry: Registry) -> None:
        registry.push(name, pieces, mib * MIB)

    def pulled(registry: Registry) -> None:
        assert registry.pull(name) == mib * MIB

    _measure(table, registries, f"push a layer of {label}", pushed, rounds, before=lambda r: r.remove(name))
    _measure(table, registries, f"pull a layer of {label}", pulled, rounds)


def _small(table: Table, registries: Mapping[str, Registry], *, rounds: int) -> None:
    contents = [os.urandom(4096) for _ in range(SMALL)]
    digests = [f"sha256:{hashlib.sha256(c).hexdigest()}" for c in contents]

    def pushed(registry: Registry) -> None:
        for digest, content in zip(digests, contents, strict=True):
            registry.push(digest, lambda content=content: iter([content]), len(content))

    def pulled(registry: Registry) -> None:
        for digest in digests:
            assert registry.pull(digest) == 4096

    def removed(registry: Registry) -> None:
        for digest in digests:
            registry.remove(digest)

    _measure(table, registries, f"push {SMALL} small blobs", pushed, rounds, before=removed)
    _measure(table, registries, f"pull {SMALL} small blobs", pulled, rounds)


def _at_once(table: Table, registries: Mapping[str, Registry], *, rounds: int) -> None:
    content = os.urandom(SHARED_MIB * MIB)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    for registry in registries.values():
        registry.push(digest, lambda: iter([content]), len(content))
    for clients in CLIENTS:

        def pulled(registry: Registry, clients: int = clients) -> None:
            registry.pull_at_once(digest, clients, SHARED_MIB)

        _measure(table, registries, f"pull {SHARED_MIB} MiB with {clients} clients at once", pulled, rounds)


def _measure(
    table: Table,
    registries: Mapping[str, Registry],
    what: str,
    act: Callable[[Registry], None],
    rounds: int,
    *,
    before: Callable[[Registry], None] = lambda registry: None,
) -> None:
    def timed(registry: Registry) -> Callable[[], float]:
        def once() -> float:
            before(registry)
            begun = time.perf_counter()
            act(registry)
            return time.perf_counter() - begun

        return once

    measured: dict[str, Spread] = interleave({name: timed(r) for name, r in registries.items()}, rounds=rounds)
    azure, other = measured["azure"], measured.get("debian")
    table.add_row(
        what, azure.text(), other.text() if other else "-", f"{azure.median / other.median:.2f}" if other else "-"
    )


# -- the two registries ------------------------------------------------------------------------------------------------


@contextmanager
def _registries(folder: Path) -> Iterator[dict[str, Registry]]:
    world = ServedWorld(folder / "world.db")
    try:
        with _emulated(world) as azure, _debian(folder / "debian") as debian:
            yield {"azure": azure, **({"debian": debian} if debian else {})}
    finally:
        world.stop()


@contextmanager
def _emulated(world: ServedWorld) -> Iterator[Registry]:
    with closing(HttpsClient(world)) as arm:
        group = f"{arm.subscription}/resourceGroups/g"
        arm.carry_out("PUT", group, {"location": "westus"}, version="2022-09-01")
        body = {"location": "westus", "sku": {"name": "Premium"}}
        path = f"{group}/providers/Microsoft.ContainerRegistry/registries/{REGISTRY}"
        arm.carry_out("PUT", path, body, version="2023-07-01")
        entra = arm.token
    trust = ssl.create_default_context(cafile=world.connection["ca"])
    host = f"{REGISTRY}.azurecr.io"
    settings = {"verify": trust, "proxy": world.connection["proxy"], "timeout": TIMEOUT_S, "trust_env": False}
    with httpx.Client(base_url=f"https://{host}", **settings) as client:
        asked = {"grant_type": "access_token", "service": host, "access_token": entra}
        refresh = client.post("/oauth2/exchange", data=asked).json()["refresh_token"]
        asked = {"grant_type": "refresh_token", "service": host, "refresh_token": refresh}
        asked["scope"] = "repository:app:pull,push,delete"
        token = client.post("/oauth2/token", data=asked).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        curl = ("--cacert", world.connection["ca"], "--proxy", world.connection["proxy"])
        yield Registry(client, (*curl, "--header", f"Authorization: Bearer {token}"))


@contextmanager
def _debian(folder: Path) -> Iterator[Registry | None]:
    """Serve Debian's registry for a while; None where it is not installed."""
    program = shutil.which("docker-registry")
    if not program:
        yield None
        return
    folder.mkdir()
    authority = open_authority(folder / "tls", ("localhost",))
    certificate = write_server_certificate(authority, folder / "tls", ["localhost"])
    port = free_port()
    (folder / "config.yml").write_text(
        "version: 0.1\nlog: {level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}', tls: {{certificate: {certificate}, key: {certificate}}}}}\n"
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([program, "serve", str(folder / "config.yml")], **quiet)
    try:
        await_server(port, "docker-registry")
        trust = ssl.create_default_context(cafile=str(authority.file))
        address = f"https://localhost:{port}"
        with httpx.Client(base_url=address, verify=trust, timeout=TIMEOUT_S, trust_env=False) as client:
            yield Registry(client, ("--cacert", str(authority.file)))
    finally:
        server.terminate()
        server.wait()
