"""Hold the emulated Azure against recorded traffic of the real one, where recordings lie beside this checkout.

Without options the reproductions of reviews, which lie there as well, are run too (`reproductions`).

python -m tests.parity [options of the scorer, such as --show 30 or --only dns]

The recordings begin in the middle of somebody's day: in a subscription with groups and registries that no recorded
request made. Those are made first, with ordinary requests; then the scorer plays the recordings against a served world.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.server.server import Connection, running
from acrlab.serving.connection import opened_server
from tests.parity import reproductions

ROOT = Path(__file__).resolve().parents[2]
SCORER = ROOT.parent / "shared" / "parity" / "parity.py"
FINDINGS = ROOT.parent / "shared" / "findings"
RECORDINGS = SCORER.with_name("recordings.jsonl")
BARS = {"status": 0.97, "headers": 0.95, "shape": 0.95, "value": 0.90}
NOBODY = "00000000-0000-0000-0000-000000000000"  # the subscription as the recordings call it
MOMENT = 1000  # the scorer makes names unique with the time: it is told this one
GROUP = re.compile(r"(/subscriptions/[^/]+)/resourcegroups/([^/?]+)", re.IGNORECASE)


def main(options: list[str]) -> int:
    if options:
        return _recordings(options)
    return max(_recordings(options), _reproductions())


def _reproductions() -> int:
    """Reviews saw what they saw in a world of today, too, of their own."""
    if not FINDINGS.exists():
        print(f"skipped: no reproductions at {FINDINGS.relative_to(ROOT.parent)} beside this checkout")
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        opened_server(Path(folder) / "world.db", port=0) as server,
        running(server) as connection,
        _client(connection) as client,
    ):
        client.headers["Authorization"] = f"Bearer {_token(client, connection)}"
        return min(reproductions.hold(FINDINGS, connection, client), 1)


def _recordings(options: list[str]) -> int:
    if not SCORER.exists():
        print(f"skipped: no recordings at {SCORER.parent.relative_to(ROOT.parent)} beside this checkout")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _hold(_world_of_today(Path(folder) / "world.db"), options)


def _world_of_today(path: Path) -> Path:
    """The recordings are younger than the article: subnets start without policies for endpoints. Groups are there."""
    azure = EmulatedAzure(path)
    azure.world.set_setting("subnet-network-policies", "as-today")
    azure.world.set_setting("groups", "assumed")
    azure.close()
    return path


def _hold(world: Path, options: list[str]) -> int:
    with opened_server(world, port=0) as server, running(server) as connection:
        with _client(connection) as client:
            client.headers["Authorization"] = f"Bearer {_token(client, connection)}"
            made = sum(_make(client, connection.subscription, *one) for one in _found_before())
            token = client.headers["Authorization"].removeprefix("Bearer ")
        print(f"{made} groups and registries were there before the recordings began", file=sys.stderr)
        bars = [word for name, bar in BARS.items() for word in (f"--min-{name}", str(bar))]
        wanted = ["--base", connection.arm, "--subscription", connection.subscription, "--token", token]
        return _score([*wanted, *bars, *options])


def _score(options: list[str]) -> int:
    start = f"import runpy, time; time.time = lambda: {MOMENT}; runpy.run_path({str(SCORER)!r}, run_name='__main__')"
    return subprocess.call([sys.executable, "-c", start, *options])


def _client(connection: Connection) -> httpx.Client:
    return httpx.Client(base_url=connection.arm, verify=ssl.create_default_context(cafile=connection.ca))


def _token(client: httpx.Client, connection: Connection) -> str:
    """Sign in as the service principal."""
    form = {"grant_type": "client_credentials", "scope": f"{connection.arm}/.default"}
    form |= {"client_id": connection.client_id, "client_secret": connection.client_secret}
    answer = client.post(f"/{connection.tenant}/oauth2/v2.0/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


def _found_before() -> Iterator[tuple[str, dict[str, Any]]]:
    """Path -> body of everything that the recordings find and that none of their requests made."""
    rows = [json.loads(line) for line in RECORDINGS.open(encoding="utf-8")]
    scenarios: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        scenarios.setdefault(row["scenario"], []).append(row)
    seen: set[str] = set()
    for number, recorded in enumerate(scenarios.values()):
        unique = f"{MOMENT + number:04d}"
        for path, body in (*_groups(recorded), *_listed(recorded)):
            path = re.sub(r"(?<=[A-Za-z_])0000(\d\d)(?!\d)", rf"{unique}\1", path)
            if path.lower() not in seen:
                seen.add(path.lower())
                yield path, body


def _groups(recorded: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Groups that a scenario reads before it does anything in them."""
    known: set[str] = set()
    for row in recorded:
        found = GROUP.match(row["url"])
        if not found or found[2].lower() in known:
            continue
        known.add(found[2].lower())
        alone = GROUP.fullmatch(row["url"].partition("?")[0])
        if alone and row["method"] == "GET" and row["status"] == 200:
            yield alone[0], _body(row["response_body"], "location", "tags")


def _listed(recorded: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Registries of others, with the groups that they lie in: a list of the subscription shows them."""
    made = {row["url"].partition("?")[0].rpartition("/")[2].lower() for row in recorded if row["method"] == "PUT"}
    for row in recorded:
        if "/resources?" not in row["url"]:
            continue
        for one in row["response_body"].get("value", []):
            if one["type"] == "Microsoft.ContainerRegistry/registries" and one["name"].lower() not in made:
                yield one["id"].partition("/providers/")[0], {"location": "westus"}
                yield one["id"], _body(one, "location", "tags", "sku") | {"properties": {}}


def _body(shown: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: shown[name] for name in names if name in shown}


def _make(client: httpx.Client, subscription: str, path: str, body: dict[str, Any]) -> int:
    version = "2023-07-01" if "/providers/" in path else "2022-09-01"
    body = {**body, "sku": {"name": body["sku"]["name"]}} if "sku" in body else body
    answer = client.put(path.replace(NOBODY, subscription), params={"api-version": version}, json=body)
    if answer.is_error:
        print(f"not made: {path}: {answer.json()['error']['message']}", file=sys.stderr)
    return answer.is_success


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
