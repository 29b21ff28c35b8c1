"""Requests per second over HTTPS: the emulated Azure beside a bare route that answers the same bytes, and beside moto.

The client is as thin as can be (`Line`), one request after the other, so that what is compared is the servers.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rich.table import Table

from tests.benchmarks.https_client import HttpsClient
from tests.benchmarks.line import Line, written
from tests.benchmarks.measure import Spread, interleave, per_call
from tests.benchmarks.moto_server import moto
from tests.benchmarks.served_world import ServedWorld, start

__all__ = ["served"]

VERSIONS = {"Network/virtualNetworks": "2024-05-01", "ContainerRegistry/registries": "2023-07-01"}
WEST = {"location": "westus"}
NETWORK = {**WEST, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
REGISTRY = {**WEST, "sku": {"name": "Premium"}}
Call = Callable[[], object]


def served(*, rounds: int = 7, calls: int = 60) -> Table:
    """Measure each request at each server."""
    columns = ("request", "emulated Azure", "bare route", "Azure / bare", "moto", "Azure / moto")
    table = Table(*columns, title="Requests per second over HTTPS, median, one client")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, _servers(Path(name)) as servers:
        for request in servers["azure"]:
            arms = {n: per_call(calls_of[request], calls=calls) for n, calls_of in servers.items() if calls_of}
            measured = interleave(arms, rounds=rounds)
            azure, bare = measured["azure"], measured["bare"]
            other = measured.get("moto")
            beside_moto = (f"{other.rate:,.0f}", _share(azure, other)) if other else ("-", "-")
            table.add_row(request, f"{azure.rate:,.0f}", f"{bare.rate:,.0f}", _share(azure, bare), *beside_moto)
        table.caption = (
            "" if servers["moto"] else "moto is not compared: there is no moto_server. `make bench` gets it."
        )
    return table


def _share(azure: Spread, other: Spread) -> str:
    return f"{azure.rate / other.rate:.2f}"


@contextmanager
def _servers(folder: Path) -> Iterator[Mapping[str, Mapping[str, Call]]]:
    """Server -> request -> a call that makes it; no request at all where the server is not installed."""
    world = ServedWorld(folder / "world.db")
    try:
        requests = _requests(world)
        with _bare(folder, world, requests) as bare, moto(list(requests)) as other, closing(_line(world)) as line:
            azure = {name: lambda make=make: line.ask(make()) for name, make in requests.items()}
            yield {"azure": azure, "bare": bare, "moto": other}
    finally:
        world.stop()


def _line(world: ServedWorld) -> Line:
    return Line(world.connection["arm"], world.connection["ca"])


def _requests(world: ServedWorld) -> dict[str, Callable[[], bytes]]:
    """Request -> what writes the next one of its kind."""
    with closing(HttpsClient(world)) as client:
        group = f"{client.subscription}/resourceGroups/g"
        client.ask("PUT", group, WEST, version="2022-09-01")
        headers = {"Authorization": f"Bearer {client.token}"}

        def writer(method: str, type: str, names: Iterator[str], body: Any = None) -> Callable[[], bytes]:
            root, query = (
                f"{world.connection['arm']}{group}/providers/Microsoft.{type}",
                f"api-version={VERSIONS[type]}",
            )
            return lambda: written(method, f"{root}/{next(names)}?{query}", headers, body)

        for type, body in (("Network/virtualNetworks", NETWORK), ("ContainerRegistry/registries", REGISTRY)):
            client.carry_out("PUT", f"{group}/providers/Microsoft.{type}/known", body, version=VERSIONS[type])
    known, new = itertools.repeat("known"), (f"brandnew{number}" for number in itertools.count())
    return {
        "read a network": writer("GET", "Network/virtualNetworks", known),
        "make a network": writer("PUT", "Network/virtualNetworks", new, NETWORK),
        "read a registry": writer("GET", "ContainerRegistry/registries", known),
        "make a registry": writer("PUT", "ContainerRegistry/registries", new, REGISTRY),
    }


@contextmanager
def _bare(folder: Path, world: ServedWorld, requests: Mapping[str, Callable[[], bytes]]) -> Iterator[dict[str, Call]]:
    """The same requests and answers, with nothing between them."""
    (folder / "bare").mkdir()
    raw = [make() for make in requests.values()]
    answers = [_answer(world, one) for one in raw]
    (folder / "bare" / "answers.json").write_text(json.dumps(answers), "utf-8")
    words = [sys.executable, "-m", "tests.benchmarks.bare", str(folder / "bare")]
    server, connection = start(words, folder / "bare" / "ready.json")
    try:
        with closing(Line(connection["arm"], connection["ca"])) as line:
            asked = [_redirected(one, f"/{number}") for number, one in enumerate(raw)]
            yield {name: lambda one=one: line.ask(one) for name, one in zip(requests, asked, strict=True)}
    finally:
        server.terminate()
        server.wait()


def _redirected(request: bytes, path: str) -> bytes:
    method, _, rest = request.split(b" ", 2)
    return b" ".join((method, path.encode(), rest))


def _answer(world: ServedWorld, request: bytes) -> dict[str, Any]:
    """What the emulated Azure answers: method, status, headers and body."""
    with closing(_line(world)) as line:
        head, body = line.exchange(request)
    status, *fields = head.decode().split("\r\n")
    headers = dict(field.split(": ", 1) for field in fields)
    method = request.partition(b" ")[0].decode()
    return {"method": method, "status": int(status.split()[1]), "headers": headers, "body": body.decode()}
