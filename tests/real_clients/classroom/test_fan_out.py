"""Rows on workers in processes of their own: each is done once and right, whatever is killed in the middle."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.real_clients.classroom import certificates
from tests.real_clients.classroom.conftest import Cluster, Command

# The row's own parameter becomes a fact, so that it is seen that each row ran with its own.
KEEP = 'acrlab.runs.record.keep_fact("said", registry_name)'
SLOWLY = "time.sleep(0.4)"
ROWS = 40


def matrix(folder: Path, rows: int) -> Path:
    path = folder / "m.csv"
    path.write_text("registry_name\n" + "".join(f"contoso{number:04}\n" for number in range(rows)))
    return path


def the_pass(folder: Path) -> dict[str, object]:
    (path,) = (folder / "runs").glob("*/pass.json")
    found: dict[str, object] = json.loads(path.read_text("utf-8"))
    return found


def finished_runs(folder: Path) -> dict[str, int]:
    """How many runs of each row ended well, counted by their records and not by what was told."""
    counted: dict[str, int] = {}
    for path in (folder / "runs").glob("*/rows/*.try*/*/record.json"):
        if json.loads(path.read_text("utf-8"))["status"] == "finished":
            key = path.parents[1].name.partition(".try")[0]
            counted[key] = counted.get(key, 0) + 1
    return counted


def test_forty_rows_are_done_once_though_a_worker_and_the_command_are_killed(
    folder: Path, cluster: Cluster, write_notebooks: Callable[..., Path]
) -> None:
    write_notebooks([KEEP, SLOWLY])
    matrix(folder, ROWS)
    cluster.add_workers(4)
    words = ("--scheduler", cluster.address)
    command = Command(folder, "run", "--notebooks", "notebooks", "--matrix", "m.csv", *words)

    command.wait_for(4, folder)
    cluster.workers[0].send_signal(signal.SIGKILL)
    command.wait_for(12, folder)
    command.kill()
    (begun,) = (folder / "runs").iterdir()
    again = Command(folder, "run", "--run", str(begun.relative_to(folder)), *words)

    assert again.ended() == 0, again.text
    assert f"{ROWS} of {ROWS} rows are done." in again.text
    told = the_pass(folder)
    assert told["status"] == "finished"
    results = [row["result"] for row in told["rows"]]  # type: ignore[attr-defined]
    assert [result["facts"]["said"] for result in results] == [f"contoso{number:04}" for number in range(ROWS)]
    assert {result["status"] for result in results} == {"finished"}
    runs = finished_runs(folder)
    assert (len(runs), {*runs.values()}) == (ROWS, {1})
    assert sum(result["attempt"] > 1 for result in results) <= 1 + 4, "only what was killed is begun again"
    with (begun / "results.csv").open(newline="") as file:
        assert [row["said"] for row in csv.DictReader(file)] == [f"contoso{number:04}" for number in range(ROWS)]


def test_a_scheduler_that_goes_is_said_and_another_takes_up_the_rest(
    folder: Path, cluster: Cluster, write_notebooks: Callable[..., Path]
) -> None:
    write_notebooks([KEEP, SLOWLY])
    matrix(folder, 6)
    cluster.add_workers(1)
    command = Command(folder, "run", "--notebooks", "notebooks", "--matrix", "m.csv", "--scheduler", cluster.address)
    command.wait_for(1, folder)
    cluster.scheduler.send_signal(signal.SIGKILL)

    assert command.ended() == 1
    (begun,) = (folder / "runs").iterdir()
    assert "acrlab: the scheduler has ended, or has dropped this command" in command.text
    assert re.search(rf"To continue with the [45] that are left: acrlab run --run runs/{begun.name}", command.text)
    again = Command(folder, "run", "--run", f"runs/{begun.name}", "--workers", "1")
    assert again.ended() == 0, again.text
    assert {*finished_runs(folder).values()} == {1}


def test_a_row_that_fails_is_named_and_the_others_are_done(folder: Path, write_notebooks: Callable[..., Path]) -> None:
    source = 'assert registry_name != "contoso0001" or Path("go").exists(), "no\\nluck"'
    notebooks = write_notebooks([source, KEEP])
    matrix(folder, 3)
    command = Command(folder, "run", "--notebooks", "notebooks", "--matrix", "m.csv", "--workers", "2")

    assert command.ended() == 1
    (begun,) = (folder / "runs").iterdir()
    assert "FAILED" in command.text
    assert "registry_name=contoso0001  00-a In [4]: AssertionError: no luck" in command.text
    assert f"To continue with the 1 that are left: acrlab run --run runs/{begun.name}" in command.text
    (notebooks / "go").touch()
    again = Command(folder, "run", "--run", f"runs/{begun.name}")
    assert again.ended() == 0, again.text
    assert "2 of 3 rows are done.\n" in again.text
    assert {*finished_runs(folder).values()} == {1}


def test_labs_are_prepared_and_taken_away_each_alone(folder: Path) -> None:
    (folder / "class.csv").write_text("id\n" + "".join(f"l{number}\n" for number in range(6)))
    assert Command(folder, "class", "plan", "class.csv", "--out", "class").ended() == 0
    prepared = Command(folder, "class", "prepare", "class.csv", "--chapter", "03", "--workers", "2")
    prepared.wait_for(1, folder)
    second = Command(folder, "class", "clean-up", "class.csv", "--yes")

    assert second.ended() == 2
    assert "another command is using" in second.text
    assert prepared.ended() == 0, prepared.text
    assert "6 of 6 rows are done." in prepared.text
    for number in range(6):
        status = Command(folder, "status", "--world", f"class/l{number}/.acrlab/world.db")
        assert status.ended() == 0
        assert f"acrlab-l{number}" in status.text
        assert "myDockerVM" in status.text

    taken = Command(folder, "class", "clean-up", "class.csv", "--yes", "--workers", "2")
    assert taken.ended() == 0, taken.text
    for number in range(6):
        status = Command(folder, "status", "--world", f"class/l{number}/.acrlab/world.db")
        assert status.ended() == 0
        assert status.text.startswith("empty")


LISTENING = """
import psutil
from acrlab.classroom.cluster import opened

if __name__ == "__main__":
    with opened(workers=1):
        me = psutil.Process()
        for one in (me, *me.children(recursive=True)):
            for there in one.net_connections(kind="tcp"):
                if there.status == psutil.CONN_LISTEN:
                    print(there.laddr.ip)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS shows sockets only to root")
def test_workers_that_are_started_here_listen_on_this_computer_alone(folder: Path) -> None:
    script = folder / "listening.py"
    script.write_text(LISTENING)

    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert {*done.stdout.split()} == {"127.0.0.1"}


def test_over_tls_only_who_has_a_certificate_is_let_in(
    folder: Path, write_notebooks: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebooks([KEEP])
    matrix(folder, 1)
    (folder / "dask").mkdir()
    secured = certificates.variables(folder / "dask")
    for name, value in secured.items():
        monkeypatch.setenv(name, value)
    with closing(Cluster(folder / "dask", "tls")) as cluster:
        cluster.add_workers(1)
        words = ("run", "--notebooks", "notebooks", "--matrix", "m.csv", "--scheduler")
        command = Command(folder, *words, cluster.address)
        assert command.ended() == 0, command.text
        for name in secured:
            monkeypatch.delenv(name)
        for address in (cluster.address, cluster.address.replace("tls", "tcp")):
            stranger = Command(folder, *words, address)
            assert stranger.ended() == 2
            assert f"'{address}' can't be reached" in stranger.text


def test_no_process_is_left_behind(folder: Path, write_notebooks: Callable[..., Path]) -> None:
    write_notebooks([KEEP])
    matrix(folder, 2)
    before = {one.pid for one in psutil.process_iter()}
    command = Command(folder, "run", "--notebooks", "notebooks", "--matrix", "m.csv", "--workers", "2")
    assert command.ended() == 0, command.text

    until = time.monotonic() + 30  # a process that is told to end takes its time on a busy computer
    while left := _in(folder, before):
        assert time.monotonic() < until, left
        time.sleep(0.2)


def _in(folder: Path, before: set[int]) -> list[list[str]]:
    """Command lines of the processes that have come since then, and work in a folder."""
    now = [one.info for one in psutil.process_iter(["pid", "cwd", "cmdline"])]
    return [one["cmdline"] for one in now if one["pid"] not in before and str(folder) in str(one["cwd"])]


def test_a_scheduler_without_workers_is_said_so(
    folder: Path, cluster: Cluster, write_notebooks: Callable[..., Path]
) -> None:
    write_notebooks([KEEP])
    matrix(folder, 1)

    command = Command(folder, "run", "--notebooks", "notebooks", "--matrix", "m.csv", "--scheduler", cluster.address)

    assert command.ended() == 2
    assert (
        f"{cluster.address} has no worker after 20 seconds. Start some: dask worker {cluster.address}" in command.text
    )
    assert not (folder / "runs").exists()
