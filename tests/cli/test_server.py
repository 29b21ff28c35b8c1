"""`acrlab emulator serve` and `env` as somebody types them: in a process of their own, until they are told to stop."""

from __future__ import annotations

import json
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import Request
from acrlab.emulator.transport import open_azure
from acrlab.serving import sign_in
from tests.cli.conftest import Typed

ACRLAB = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]
KEYS = ["arm", "ca", "proxy", "dns", "tenant", "subscription", "client_id", "client_secret", "pid", "begun", "world"]
KEYS += ["vms", "vms_problem"]
MOST_S = 60

Started = Callable[..., "Running"]


class Running:
    """A command that runs, and the world that it serves."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder, self.ready, self.world = folder, folder / "ready.json", folder / "world.db"
        given = ["--port", "0", "--ready-file", str(self.ready), "--state", str(self.world), *words]
        self.process = subprocess.Popen(
            [*ACRLAB, "emulator", "serve", *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def connection(self) -> dict[str, Any]:
        """Wait until it answers."""
        end = time.monotonic() + MOST_S
        while self.told().get("pid") != self.process.pid:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, "it is not ready"
            time.sleep(0.02)
        return self.told()

    def told(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.ready.read_text())
        except FileNotFoundError:
            return {}
        return found

    def stop(self, number: int) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=MOST_S)
        return self.process.returncode, out, err


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    all: list[Running] = []

    def started(*words: str) -> Running:
        all.append(Running(tmp_path, *words))
        return all[-1]

    yield started
    for one in all:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@contextmanager
def client(connection: dict[str, Any]) -> Iterator[httpx.Client]:
    form = {
        "grant_type": "client_credentials",
        "client_id": connection["client_id"],
        "client_secret": connection["client_secret"],
        "scope": "https://management.azure.com/.default",
    }
    with anybody(connection) as http:
        token = http.post(f"/{connection['tenant']}/oauth2/v2.0/token", data=form).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        http.params = httpx.QueryParams({"api-version": "2021-04-01"})
        yield http


def anybody(connection: dict[str, Any]) -> httpx.Client:
    trust = ssl.create_default_context(cafile=connection["ca"])
    return httpx.Client(base_url=connection["arm"], verify=trust, timeout=20, trust_env=False)


@pytest.fixture
def typed(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command where the Azure CLI is not installed."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("ACRLAB_AZ", raising=False)
    return typed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_how_to_connect_and_goes_without_a_trace(started: Started, number: int) -> None:
    one = started()
    connection = one.connection()

    assert list(connection) == KEYS
    assert (connection["pid"], connection["world"]) == (one.process.pid, str(one.world))
    assert one.ready.stat().st_mode & 0o777 == 0o600
    with client(connection) as http:
        assert http.get(f"/subscriptions/{connection['subscription']}").status_code == 200
        code, out, err = one.stop(number)  # with a client that has not hung up

    assert (code, out) == (0, "")
    assert err.splitlines()[0] == f"Serving {one.world} at {connection['arm']}, until Ctrl-C."
    assert "Traceback" not in err
    assert not one.ready.exists()
    assert sorted(file.name for file in one.folder.iterdir() if "server.json" in file.name) == []


@pytest.mark.long
def test_the_authority_and_what_was_made_survive_a_restart(started: Started) -> None:
    first = started()
    connection = first.connection()
    authority = Path(connection["ca"]).read_bytes()
    group = f"/subscriptions/{connection['subscription']}/resourcegroups/g"
    with client(connection) as http:
        assert http.put(group, json={"location": "westus"}).status_code == 201
    first.stop(signal.SIGTERM)

    second = started().connection()

    assert Path(second["ca"]).read_bytes() == authority
    kept = ("tenant", "subscription", "client_id", "client_secret")
    assert [second[name] for name in kept] == [connection[name] for name in kept]
    with client(second) as http:
        assert http.get(group).status_code == 200


@pytest.mark.long
def test_what_was_answered_survives_a_kill(started: Started) -> None:
    first = started()
    connection = first.connection()
    group = f"/subscriptions/{connection['subscription']}/resourcegroups/g"
    with client(connection) as http:
        assert http.put(group, json={"location": "westus"}).status_code == 201
        first.process.kill()
        first.process.communicate()
    second = started()  # over the file that the first one left

    with client(second.connection()) as http:
        assert http.get(group).status_code == 200


@pytest.mark.long
def test_a_notebook_and_the_server_share_a_world_at_the_same_time(started: Started) -> None:
    one = started()
    connection = one.connection()
    root = f"/subscriptions/{connection['subscription']}/resourcegroups"
    notebook = open_azure(one.world)
    manager = notebook.azure.manager
    try:
        with client(connection) as http:
            for number in range(10):
                assert http.put(f"{root}/served{number}", json={"location": "westus"}).status_code == 201
                here = request("PUT", f"{root}/here{number}", b'{"location": "westus"}')
                assert manager.handle(here).status == 201
            found = {group["name"] for group in http.get(root).json()["value"]}
        assert found == {f"{who}{number}" for who in ("served", "here") for number in range(10)}
        assert {group["name"] for group in manager.handle(request("GET", root)).body["value"]} == found
    finally:
        notebook.close()


def request(method: str, path: str, body: bytes = b"") -> Request:
    return Request(method, "management.azure.com", path, {"api-version": "2021-04-01"}, body=body)


@pytest.mark.long
def test_other_commands_know_the_server(started: Started, typed: Typed) -> None:
    one = started()
    connection = one.connection()

    code, out, err = typed("emulator", "env", "--world", str(one.world))
    assert (code, err) == (0, "")
    assert f"export ACRLAB_ARM={connection['arm']}\n" in out
    assert f"export HTTPS_PROXY={connection['proxy']}\n" in out

    code, out, err = typed("emulator", "serve", "--port", "0", "--state", str(one.world))
    assert (code, out) == (2, "")
    assert f"process {one.process.pid} serves it at {connection['arm']}" in err

    port = connection["arm"].rpartition(":")[2]
    code, out, err = typed("emulator", "serve", "--port", port, "--world", "other.db")
    assert (code, out) == (2, "")
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use." in err


def test_a_shell_can_act_as_a_vm(started: Started, typed: Typed) -> None:
    one = started()
    connection = one.connection()
    put_vm(one.world)

    code, out, err = typed("emulator", "env", "--world", str(one.world), "--vm", "myDockerVM")

    assert (code, err) == (0, "")
    assert "unset AZURE_CLIENT_SECRET\n" in out
    assert connection["client_secret"] not in out
    host = re.search(r"^export AZURE_POD_IDENTITY_AUTHORITY_HOST=(.*)$", out, re.MULTILINE)
    assert host
    asked = {"api-version": "2018-02-01", "resource": "https://management.azure.com/"}
    with anybody(connection) as http:
        address = f"{host[1]}/metadata/identity/oauth2/token"
        assert http.get(address, params=asked, headers={"Metadata": "true"}).json()["access_token"]

    said = "acrlab: vm: there is no VM called other. The world has: myDockerVM.\n"
    assert typed("emulator", "env", "--world", str(one.world), "--vm", "other") == (2, "", said)


@pytest.mark.long
def test_a_shell_can_act_as_an_application_that_was_added(started: Started, typed: Typed) -> None:
    one = started()
    connection = one.connection()
    world = ("--world", str(one.world))
    typed("emulator", "subscription", "add", "Spokes", *world)
    typed("emulator", "application", "add", "ada", "--subscription", "Spokes", "--out", "ada.json", *world)
    given = sign_in.read(Path("ada.json"))

    code, out, err = typed("emulator", "env", *world, "--sign-in", "ada.json")

    assert (code, err) == (0, "")
    variables = {name: value.strip("'") for name, value in re.findall(r"^export (\w+)=(.*)$", out, re.MULTILINE)}
    assert variables["AZURE_CLIENT_ID"] == given.client_id
    assert variables["AZURE_CLIENT_SECRET"] == given.client_secret
    assert variables["AZURE_SUBSCRIPTION_ID"] == given.subscription != connection["subscription"]
    assert variables["AZURE_CONFIG_DIR"].endswith(f"world.azure-{given.client_id}")
    assert connection["client_secret"] not in out
    code, _, err = typed("emulator", "env", *world, "--sign-in", "ada.json", "--vm", "myDockerVM")
    assert (code, err) == (
        2,
        "acrlab: sign-in: a virtual machine signs in as itself. Leave --vm or --sign-in out.\n",
    )


def put_vm(file: Path) -> None:
    opened = open_azure(file)
    world = opened.azure.world
    group = ArmId.of_group(world.setting("subscription"), "g")
    id = ArmId(str(group), "Microsoft.Compute/virtualMachines", ("myDockerVM",))
    with world.transaction():
        body = {"properties": {"networkProfile": {"networkInterfaces": []}}, "identity": {"type": "SystemAssigned"}}
        world.put(world.new(id, body))
    opened.close()


def test_env_needs_a_server(typed: Typed) -> None:
    said = "acrlab: world: no server runs for w.db. Start: acrlab emulator serve --world w.db\n"

    assert typed("emulator", "env", "--world", "w.db") == (2, "", said)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--listen", "0.0.0.0"], "other computers can reach 0.0.0.0. Add --open-to-others to allow that"),
        (["--listen", "192.0.2.1"], "other computers can reach 192.0.2.1. Add --open-to-others to allow that"),
        (["--listen", "::"], "other computers can reach ::. Add --open-to-others to allow that"),
        (["--listen", "localhost"], "'localhost' is not an address. Use 127.0.0.1."),
        (["--speed", "fast"], "'fast' is not `instant`, `real` or a number above 0, such as 60."),
        (["--ready-file", "missing/ready.json"], "there is no folder missing for ready.json. Make it first."),
        (["--listen", "192.0.2.1", "--open-to-others"], "192.0.2.1:0 cannot be listened on"),
    ],
)
def test_it_does_not_begin_with(typed: Typed, words: list[str], problem: str) -> None:
    code, out, err = typed("emulator", "serve", "--port", "0", "--world", "w.db", *words)

    assert (code, out) == (2, "")
    assert err.startswith("acrlab: ")
    assert problem in err
    assert err.count("\n") == 1


def test_where_others_can_reach_it_a_code_signs_nobody_in(started: Started) -> None:
    connection = started("--listen", "0.0.0.0", "--open-to-others").connection()
    with anybody(connection) as http:
        path = f"/{connection['tenant']}/oauth2/v2.0"
        code = http.post(f"{path}/devicecode", data={"client_id": "cli"})
        grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "cli", "device_code": "x"}
        token = http.post(f"{path}/token", data=grant)
        away = http.post(f"{path}/token", data=grant, headers={"Host": "login.microsoftonline.com"})

    for answer in (code, token, away):
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [53003])
    with client(connection) as http:  # with a secret it goes on
        assert http.get(f"/subscriptions/{connection['subscription']}").status_code == 200


@pytest.mark.long
def test_another_account_of_this_computer_gets_no_token_with_a_code(started: Started, typed: Typed) -> None:
    """It can talk to the server, and can read nothing of its owner's: so nothing but the owner lets it in."""
    one = started()
    connection = one.connection()
    path = f"/{connection['tenant']}/oauth2/v2.0"
    with anybody(connection) as http:
        given = http.post(f"{path}/devicecode", data={"client_id": "cli"}).json()
        kind = "urn:ietf:params:oauth:grant-type:device_code"
        grant = {"grant_type": kind, "client_id": "cli", "device_code": given["device_code"]}
        answers = [http.post(f"{path}/token", data=grant) for _ in range(3)]
        assert [answer.json()["error"] for answer in answers] == ["authorization_pending"] * 3
        assert {file.stat().st_mode & 0o077 for file in (one.world, one.ready)} == {0}

        told = typed("emulator", "approve", given["user_code"], "--world", str(one.world))

        assert told == (0, f"Approved: the client that shows {given['user_code']} is signed in.\n", "")
        assert http.post(f"{path}/token", data=grant).json()["access_token"]


def test_approving_needs_the_world_that_is_served(typed: Typed) -> None:
    said = "acrlab: world: there is no w.db. Name the world that is served with --world.\n"

    assert typed("emulator", "approve", "ABC", "--world", "w.db") == (2, "", said)


# -- what time it is ---------------------------------------------------------------------------------------------------


def made(http: httpx.Client, connection: dict[str, Any]) -> datetime:
    """Make a registry, and read when it was made."""
    group = f"/subscriptions/{connection['subscription']}/resourcegroups/g"
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/contoso42"
    version = {"api-version": "2023-07-01"}
    assert http.put(group, json={"location": "westus"}).status_code in (200, 201)
    body = {"location": "westus", "sku": {"name": "Premium"}}
    assert http.put(registry, params=version, json=body).status_code < 300
    return datetime.fromisoformat(http.get(registry, params=version).json()["properties"]["creationDate"])


@pytest.mark.long
def test_what_is_made_now_is_made_now(started: Started) -> None:
    connection = started().connection()

    with client(connection) as http:
        assert abs((made(http, connection) - datetime.now(UTC)).total_seconds()) < MOST_S


@pytest.mark.long
def test_a_password_of_a_day_holds_for_a_day(started: Started) -> None:
    """The client says until when, by its own clock."""
    connection = started().connection()
    with client(connection) as http:
        made(http, connection)
        registry = (
            f"/subscriptions/{connection['subscription']}/resourceGroups/g/providers/Microsoft.ContainerRegistry"
            "/registries/contoso42"
        )
        version = {"api-version": "2023-07-01"}
        scope = f"{registry}/scopeMaps/_repositories_pull"
        token = {"properties": {"scopeMapId": scope, "status": "enabled"}}
        assert http.put(f"{registry}/tokens/pulls", params=version, json=token).status_code < 300
        expiry = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        body = {"tokenId": f"{registry}/tokens/pulls", "expiry": expiry, "name": "password1"}
        answer = http.post(f"{registry}/generateCredentials", params=version, json=body)
        password = answer.json()["passwords"][0]

    trust = ssl.create_default_context(cafile=connection["ca"])
    with httpx.Client(verify=trust, trust_env=False, proxy=connection["proxy"]) as docker:
        wanted = {"service": "contoso42.azurecr.io", "scope": "repository:x:pull"}
        signed = docker.get(
            "https://contoso42.azurecr.io/oauth2/token", params=wanted, auth=("pulls", password["value"])
        )

    assert abs((datetime.fromisoformat(password["creationTime"]) - datetime.now(UTC)).total_seconds()) < MOST_S
    assert signed.status_code == 200


def test_a_deterministic_world_begins_in_january(started: Started) -> None:
    connection = started("--clock", "deterministic").connection()

    with client(connection) as http:
        assert f"{made(http, connection):%Y-%m-%dT%H:%M}" == "2026-01-05T09:00"


@pytest.mark.long
def test_a_world_that_is_ahead_keeps_its_time_and_says_so(started: Started) -> None:
    first = started("--clock", "2077-06-01T09:00:00Z")
    with client(first.connection()) as http:
        assert made(http, first.connection()).year == 2077
    first.stop(signal.SIGTERM)

    second = started()
    with client(second.connection()) as http:
        assert parsedate_to_datetime(http.get("/tenants").headers["Date"]).year == 2077
    _, _, err = second.stop(signal.SIGTERM)

    assert err.splitlines()[2].startswith(f"The clock of {second.world} is ahead by ")
    assert err.splitlines()[2].endswith("acrlab reset sets it to the beginning.")


def test_a_clock_that_is_none_is_named(typed: Typed) -> None:
    code, _, err = typed("emulator", "serve", "--port", "0", "--clock", "noon")

    assert (code, "clock: 'noon' is not `now`, `deterministic` or a moment of this century" in err) == (2, True)
