"""A recorded run on a served Azure, as somebody with a name and a secret makes it: nothing of either is written."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from acrlab.serving.connection import environment, serving

pytestmark = pytest.mark.long

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
USER = "adalovelace"
ACRLAB = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]


@dataclass(frozen=True)
class Done:
    """What a run left: everything below `home`, and what it was trusted with."""

    home: Path
    variables: dict[str, str]

    def acrlab(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*ACRLAB, *words], env=self.variables, cwd=self.home, capture_output=True, text=True)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    home = tmp_path_factory.mktemp("home") / USER
    home.mkdir()
    served = tmp_path_factory.mktemp("served")
    with serving(served / "world.db", 0) as connection:
        own = {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "LOGNAME": USER,
            "USER": USER,
            "ACRLAB_HOME": str(home / "lab"),
        }
        run = Done(home, {**os.environ, **environment(connection, served / "azure"), **own})
        chapters = ["--only", "02", "--only", "06", "--only", "12", "--notebooks", str(NOTEBOOKS)]
        finished = run.acrlab("run", "--backend", "azure", "--yes", "--record", "class.jsonl", *chapters)
    assert finished.returncode == 0, finished.stderr
    return run


def test_the_scanner_finds_nothing(done: Done) -> None:
    scanned = done.acrlab("scan", "runs", "class.jsonl")

    assert scanned.stdout.startswith("Nothing sensitive in ")
    assert scanned.returncode == 0


def test_no_file_has_the_secret_a_token_or_the_user_s_name_in_it(done: Done) -> None:
    secret, token = done.variables["AZURE_CLIENT_SECRET"], "e" + "yJ"
    written = {path: path.read_bytes() for path in done.home.rglob("*") if path.is_file()}
    assert {path.name for path in written} > {"record.json", "kernels.log", "class.jsonl", "06-verify-access.ipynb"}

    found = [
        f"{path.relative_to(done.home)}: {text[:4]}…"
        for path, content in written.items()
        for text in (secret, token, USER)
        if text.encode() in content
    ]

    assert found == []


def test_the_scanner_would_have_seen_them(done: Done) -> None:
    note = done.home / "note.txt"
    note.write_text(f"{done.variables['AZURE_CLIENT_SECRET']} of {USER}", "utf-8")

    scanned = done.acrlab("scan", "note.txt")
    note.unlink()

    assert "client secret" in scanned.stdout
    assert "name of this computer or its user" in scanned.stdout
    assert scanned.returncode == 1


def test_such_a_run_can_be_taken_up_again(done: Done) -> None:
    """Its record says `~` where the user's home is."""
    (record,) = done.home.glob("runs/*/record.json")

    assert '"recording": "~/class.jsonl"' in record.read_text("utf-8")
    again = done.acrlab("run", "--run", str(record.parent))
    assert again.returncode == 0, again.stderr
