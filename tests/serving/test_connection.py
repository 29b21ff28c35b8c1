"""A served world: where its server tells about itself, who may serve it, and what a shell is told."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import acrlab
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.serving import connection as served
from acrlab.serving.processes import began
from acrlab.settings.environment import world_file

CONNECTION = {
    "arm": "https://localhost:8443",
    "ca": "/somewhere/it's here/ca.pem",
    "proxy": "http://127.0.0.1:9",
    "dns": "127.0.0.1:53",
    "tenant": "t",
    "subscription": "s",
    "client_id": "c",
    "client_secret": "-" + "se$cret'",
    "pid": os.getpid(),
    "begun": began(os.getpid()),
    "world": "world.db",
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


def announce(world: Path, **changes: Any) -> None:
    served.announcement(world).write_text(json.dumps({**CONNECTION, **changes}))


# -- finding a server --------------------------------------------------------------------------------------------------


def test_a_server_that_runs_is_found(world: Path) -> None:
    announce(world)

    assert served.find(world) == CONNECTION


@pytest.mark.parametrize("text", [None, "", "{", "{}x"])
def test_without_word_of_it_there_is_none(world: Path, text: str | None) -> None:
    if text is not None:
        served.announcement(world).write_text(text)

    assert served.find(world) is None


def test_a_server_that_was_killed_is_none(world: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    announce(world, pid=ended.pid)

    assert served.find(world) is None


def test_a_later_process_of_the_same_number_is_none(world: Path) -> None:
    announce(world, begun=CONNECTION["begun"] - 3600)

    assert served.find(world) is None


@pytest.mark.parametrize("jump", [1, 2**33])
def test_a_server_is_found_whatever_the_clock_was_set_to_since(
    world: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    """Setting the clock moves the boot's time, and with it what the system says of a process's beginning."""
    announce(world)
    os.utime(served.announcement(world), (jump, jump))
    if sys.platform == "linux":
        moved = psutil.boot_time() + jump
        monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: moved)

    assert served.find(world) == CONNECTION


# -- one server a world ------------------------------------------------------------------------------------------------


def test_a_world_is_served_by_one(world: Path) -> None:
    with served.opened_server(world, port=0), pytest.raises(ConfigurationError) as caught:
        served.opened_server(world, port=0).__enter__()

    assert str(caught.value) == (
        f"world: {world} is being served: a command that is running serves it. "
        "Use that, stop it, or name another world."
    )


def test_who_serves_it_is_named(world: Path) -> None:
    with served.opened_server(world, port=0), pytest.raises(ConfigurationError) as caught:
        announce(world)
        served.opened_server(world, port=0).__enter__()

    assert f"process {os.getpid()} serves it at https://localhost:8443." in str(caught.value)


def test_a_world_is_free_again_after_its_server(world: Path) -> None:
    for _ in range(2):
        with served.opened_server(world, port=0) as server:
            assert server.connection.arm.startswith("https://localhost:")


def test_a_port_that_is_taken_is_named(world: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"127.0.0.1:{port} cannot be listened on: Address already in use"):
            served.opened_server(world, port=port).__enter__()


def test_a_speed_that_is_none_is_named(world: Path) -> None:
    with pytest.raises(ConfigurationError, match="'fast' is not `instant`, `real` or a number above 0"):
        served.opened_server(world, port=0, speed="fast").__enter__()


def test_the_folder_of_a_new_world_is_made(world: Path) -> None:
    world = world.parent / "lab" / "world.db"

    with served.opened_server(world, port=0, files=[served.announcement(world)]):
        assert world.exists()


def test_a_folder_that_is_not_there_is_named(world: Path) -> None:
    file = world.parent / "missing" / "ready.json"

    with pytest.raises(ConfigurationError, match=r"there is no folder .*missing for ready.json\. Make it first\."):
        served.opened_server(world, port=0, files=[file]).__enter__()


# -- serving for a while -----------------------------------------------------------------------------------------------


def test_whoever_serves_it_already_is_used(world: Path) -> None:
    announce(world)

    with served.serving(world, 0) as connection:
        assert connection == CONNECTION


def test_without_a_server_there_is_one_for_a_while(world: Path) -> None:
    with served.serving(world, 0) as connection:
        socket.create_connection(("127.0.0.1", int(connection["arm"].rpartition(":")[2]))).close()
        assert served.find(world) is None  # nobody else may rely on it

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(connection["arm"].rpartition(":")[2])))


def test_two_at_a_time_take_turns(world: Path) -> None:
    order: list[str] = []

    def other() -> None:
        with served.serving(world, 0):
            order.append("second")

    with served.serving(world, 0):
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.1)
        order.append("first")
    waiting.join()

    assert order == ["first", "second"]


def test_a_port_that_is_taken_is_no_hindrance(world: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with served.serving(world, port) as connection:
            assert not connection["arm"].endswith(f":{port}")


def test_a_notebook_that_was_open_before_its_world_was_served_goes_on(lab: Lab) -> None:
    """Its world leaps from January to the present; what it has signed in with before stays good."""
    acrlab.bring_to(lab, "sample-image")
    before = acrlab.tags(lab)

    with served.serving(world_file(lab.settings.world), 0) as connection, closing(_http(connection)) as http:
        date = parsedate_to_datetime(http.get("/subscriptions").headers["Date"])
        assert abs((date - datetime.now(UTC)).total_seconds()) < 60

        assert acrlab.tags(lab) == before != ()
    acrlab.bring_to(lab, "endpoint")


def _http(connection: dict[str, Any]) -> httpx.Client:
    trust = ssl.create_default_context(cafile=connection["ca"])
    return httpx.Client(base_url=connection["arm"], verify=trust, trust_env=False)


# -- what a shell is told ----------------------------------------------------------------------------------------------


def test_every_tool_is_told_the_way_and_whom_to_trust() -> None:
    told = served.environment(CONNECTION, Path("/lab/world.azure"))

    assert told["HTTPS_PROXY"] == told["https_proxy"] == CONNECTION["proxy"]
    assert told["NO_PROXY"] == "localhost,127.0.0.1,::1"
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        assert told[name] == CONNECTION["ca"]
    assert told["AZURE_CONFIG_DIR"] == "/lab/world.azure"
    assert (told["AZURE_TENANT_ID"], told["AZURE_CLIENT_ID"]) == ("t", "c")
    assert told["ACRLAB_DNS"] == CONNECTION["dns"]
    assert told["AZURE_CLIENT_SECRET"] == CONNECTION["client_secret"]


def test_a_shell_reads_what_was_written() -> None:
    script = served.script(served.environment(CONNECTION, Path("/lab")), "sh")

    words = ["sh", "-c", f'{script}\nprintf "%s|%s" "$AZURE_CLIENT_SECRET" "$SSL_CERT_FILE"']
    read = subprocess.run(words, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}).stdout

    assert read == f"{CONNECTION['client_secret']}|{CONNECTION['ca']}"


def test_powershell_has_its_own_quotes() -> None:
    assert served.script({"NAME": "it's $5"}, "powershell") == "$env:NAME = 'it''s $5'"


def test_a_program_in_such_a_shell_signs_in_with_what_it_finds_there(world, tmp_path):
    """DefaultAzureCredential, with no option: wherever the server listens."""
    program = (
        "from azure.identity import DefaultAzureCredential as Credential\n"
        "print(len(Credential().get_token('https://management.azure.com/.default').token) > 100)"
    )
    with served.serving(world, 0) as connection:
        variables = served.environment(connection, tmp_path / "az")
        here = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", program], env=here | variables, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("True\n", "")
