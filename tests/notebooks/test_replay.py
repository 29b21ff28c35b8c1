"""The committed recording: every chapter from it, strictly compared with the stored outputs, and no network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

from acrlab.recordings.format import chapters
from acrlab.runs.kernels import QUIET
from acrlab.settings.environment import FIXTURES

ROOT = Path(__file__).resolve().parents[2]
RECORDING, ALLOWED = ROOT / "tests" / "fixtures" / "article.jsonl", ROOT / "tests" / "fixtures" / "replay.cfg"
# One chapter asks for nothing, the other looks inside the emulated Azure.
WITHOUT = {"00-start-here", "10-real-packets"}
CHAPTERS = sorted({path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - WITHOUT)
# No settings of this checkout's pytest, and no look into the folders above.
ALONE = ("-c", os.devnull, "--rootdir", ".", "--confcutdir", ".")
# Loaded by every Python that is started with it: whatever goes beyond this computer fails, and leaves a line.
NO_NETWORK = """
import os, socket

def refusing(function, place):
    def refused(*arguments, **named):
        target = arguments[place]
        host = target[0] if isinstance(target, tuple) else target
        if isinstance(host, str) and not host.startswith(("127.", "::1", "localhost", "/")) and host:
            with open(os.environ["NETWORK_ATTEMPTS"], "a") as file:
                file.write(f"{function.__name__} {host}\\n")
            raise OSError(f"this test has no network: {host}")
        return function(*arguments, **named)
    return refused

class Socket(socket.socket):
    connect = refusing(socket.socket.connect, 1)
    connect_ex = refusing(socket.socket.connect_ex, 1)

socket.socket = Socket
for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    setattr(socket, name, refusing(getattr(socket, name), 0))
"""


@pytest.fixture
def attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take the network away from every Python that is started. Returns: the file of what was tried nevertheless."""
    path = tmp_path / "no-network"
    path.mkdir()
    (path / "sitecustomize.py").write_text(NO_NETWORK, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(path))
    monkeypatch.setenv("NETWORK_ATTEMPTS", str(path / "attempts"))
    (path / "attempts").touch()
    return path / "attempts"


def test_without_a_network_other_hosts_are_out_of_reach(attempts: Path) -> None:
    words = "import socket; socket.create_connection(('192.0.2.1', 443))"

    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True)

    assert "this test has no network" in done.stderr
    assert attempts.read_text("utf-8").startswith("getaddrinfo 192.0.2.1")


@pytest.mark.table
@pytest.mark.parametrize("names", [CHAPTERS[first::5] for first in range(5)], ids=" ".join)
def test_chapters_show_what_is_stored(
    names: list[str], attempts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "conftest.py", folder)
    for name in names:
        _for_replay(ROOT / "notebooks" / f"{name}.ipynb", folder)
    monkeypatch.setenv(FIXTURES, str(RECORDING))
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-sanitize-with", str(ALLOWED), "-q", *ALONE]

    done = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True, encoding="utf-8")

    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"(\d+) passed in", done.stdout), done.stdout[-500:]
    assert "skipped" not in done.stdout.splitlines()[-1]
    assert attempts.read_text("utf-8") == ""


def test_the_recording_has_every_chapter_that_a_real_azure_can_run() -> None:
    assert sorted(chapters(RECORDING)) == CHAPTERS


@pytest.mark.long
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_one_missing_exchange_is_named(method: str, attempts: Path, tmp_path: Path) -> None:
    head, *lines = RECORDING.read_text("utf-8").splitlines(keepends=True)
    chapter = [line for line in lines if line.startswith('{"chapter": "04-manual-approval"')]
    place = max(at for at, line in enumerate(chapter) if json.loads(line)["request"]["method"] == method)
    gone = json.loads(chapter.pop(place))["request"]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("".join((head, *chapter)), "utf-8")
    words = ["run", "--backend", "replay", "--fixtures", str(broken), "--out", str(tmp_path / "runs")]

    done = subprocess.run(
        [sys.executable, "-c", "from acrlab.cli.app import main; main()", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert done.returncode == 1
    assert "NotRecordedError" in done.stderr
    assert f"{gone['method']} {gone['uri']}: chapter 04-manual-approval of broken.jsonl does not have it" in done.stderr


# The portal's form asks what networks there are, which its plain twin did not when it was recorded.
@pytest.mark.long
@pytest.mark.parametrize(("chapter", "clickable"), [("03-private-link", True), ("05-portal", False)])
def test_somebody_who_clicks_sees_a_replayed_chapter_too(
    chapter: str, clickable: bool, attempts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Controls look on their own, and a picture follows: that takes nothing away from the chapter."""
    monkeypatch.setenv(FIXTURES, str(RECORDING))
    monkeypatch.setenv("JPY_SESSION_NAME", f"notebooks/{chapter}.ipynb")
    document = nbformat.read(_for_replay(ROOT / "notebooks" / f"{chapter}.ipynb", tmp_path), as_version=4)

    nbclient.NotebookClient(document, timeout=60, extra_arguments=list(QUIET)).execute()

    controls = [c for c in document.cells if re.search(r"acrlab\.(endpoint_form|live_picture)\(", c.source)]
    assert ("widget-view+json" in str(controls)) is clickable
    assert "does not have it" not in str(document)
    assert attempts.read_text("utf-8") == ""


def _for_replay(path: Path, folder: Path) -> Path:
    """Copy a notebook whose parameters say that it is replayed; everything else stays as it is stored.

    A recording is of one subscription: what a chapter stores of two is left out.
    """
    document = json.loads(path.read_text("utf-8"))
    document["cells"] = [c for c in document["cells"] if "two-subscriptions" not in c["metadata"].get("tags", ())]
    (cell,) = [cell for cell in document["cells"] if "parameters" in cell["metadata"].get("tags", ())]
    cell["source"] = "".join(cell["source"]).replace('backend: str = "emulator"', 'backend: str = "replay"')
    (folder / path.name).write_text(json.dumps(document), "utf-8")
    return folder / path.name
