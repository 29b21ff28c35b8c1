"""Installed, far from any checkout: what the README promises works, and the package stays as it was."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import time
import tomllib
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.real_clients.installed.conftest import CHECKOUT, Built, Person

CHAPTERS = {path.name: path.read_bytes() for path in (CHECKOUT / "notebooks").glob("*.ipynb")}
RECORDING = CHECKOUT / "tests" / "fixtures" / "article.jsonl"
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
START_S = 60


@pytest.fixture(scope="module", autouse=True)
def untouched(person: Person) -> object:
    """Whatever is done here, the package stays as it was installed: it may lie where nobody can write."""
    before = _package(person)
    yield
    assert _package(person) == before


def _package(person: Person) -> dict[str, int]:
    (folder,) = person.environment.rglob("site-packages/acrlab")
    return {str(path): path.stat().st_size for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_the_sdist_builds_the_same_wheel_as_the_checkout(built: Built) -> None:
    assert built.wheel.name == built.from_checkout.name
    assert built.wheel.read_bytes() == built.from_checkout.read_bytes()


def test_the_sdist_s_own_tests_pass_where_it_is_unpacked(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (root,) = tmp_path.iterdir()
    tests = ["tests/project/test_commands.py", "tests/project/test_environment.py", "tests/notebooks/test_form.py"]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:nbval", *tests], cwd=root, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
    assert len([*(root / "tests").rglob("test_*.py")]) == len([*(CHECKOUT / "tests").rglob("test_*.py")])


def test_the_version_is_the_changelog_s(person: Person) -> None:
    newest = re.search(r"^## \[(\d[^]]*)\]", (CHECKOUT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert newest
    assert newest[1] == PROJECT["version"]
    assert person.acrlab("--version").stdout == f"acrlab {PROJECT['version']}\n"


def test_every_command_explains_itself(person: Person) -> None:
    listed = re.findall(r"^│ ([a-z][a-z-]*) ", person.acrlab("--help").stdout, re.MULTILINE)

    assert {"learn", "run", "doctor", "handout", "practice", "record"} <= {*listed}
    for command in listed:
        if command != "az":  # hands everything on to the real one
            assert f"acrlab {command}" in person.acrlab(command, "--help").stdout


def test_the_chapters_are_copied_with_their_outputs_and_nothing_else(person: Person) -> None:
    said = person.acrlab("learn", "course", "--no-open").stdout

    assert said == f"Copied {len(CHAPTERS)} chapters to course.\nOpen them: acrlab learn course\n"
    assert {path.name: path.read_bytes() for path in (person.folder / "course").iterdir()} == CHAPTERS


def test_jupyterlab_opens_there_trusted_and_without_the_news(person: Person, tmp_path: Path) -> None:
    log = tmp_path / "log"
    options = ("--no-browser", "--port=0", "--ip=127.0.0.1", "--IdentityProvider.token=here")
    with person.started("learn", "course", "--", *options, log=log) as process:
        until = time.monotonic() + START_S
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)(/lab\S*)\?token", log.read_text("utf-8"))):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.2)
        server, place = found[1], found[2]
        settings = "lab/api/settings/@jupyterlab/apputils-extension:notification"
        news = _asked(server, settings, until)["schema"]["properties"]["fetchNews"]["default"]
        cells = _asked(server, "api/contents/03-private-link.ipynb", until)["content"]["cells"]

    assert place == "/lab/tree/00-start-here.ipynb"
    assert news == "false"
    assert {cell["metadata"]["trusted"] for cell in cells if cell["cell_type"] == "code"} == {True}


def _asked(server: str, path: str, until: float) -> dict:
    """Ask JupyterLab, which prints its address before it listens."""
    while True:
        with suppress(ConnectionError), urllib.request.urlopen(f"{server}/{path}?token=here", timeout=20) as answer:
            return json.load(answer)
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_run_needs_no_folder_of_notebooks(person: Person) -> None:
    said = person.acrlab("run", "--only", "00", "--only", "03").stdout

    assert re.search(r"2 notebooks, no failed cell, [\d.]+ s\. Record: runs/[\dT-]+/record\.json\n$", said)
    assert len([*person.folder.glob("runs/*/03-private-link.ipynb")]) == 1
    assert not [*person.environment.rglob(".acrlab")]  # nothing of the lab is kept beside the installed package


def test_the_learner_s_copy_is_run_from_its_first_to_its_last_chapter(person: Person) -> None:
    done = person.acrlab("run", "--notebooks", "course")

    assert re.search(r"pull_digest: sha256:[0-9a-f]{64}\n", done.stdout)
    skipped = re.findall(r"^(\S+) is skipped: ", done.stderr, re.MULTILINE)
    assert {*skipped} <= {"10-real-packets"}
    assert f"{len(CHAPTERS) - len(skipped)} notebooks, no failed cell" in done.stdout


def test_a_run_that_stopped_is_taken_up_again(person: Person) -> None:
    chapter = person.folder / "broken" / "00-start-here.ipynb"
    chapter.parent.mkdir()
    chapter.write_bytes(CHAPTERS[chapter.name].replace(b'"import acrlab"', b'"import acrlap as acrlab"'))
    stopped = person.acrlab("run", "--notebooks", "broken", code=1)
    chapter.write_bytes(CHAPTERS[chapter.name])

    assert "To continue from there: acrlab run --resume\n" in stopped.stderr
    assert "1 notebook, no failed cell" in person.acrlab("run", "--resume").stdout


def test_a_recording_is_replayed(person: Person) -> None:
    said = person.acrlab("run", "--backend", "replay", "--fixtures", str(RECORDING), "--only", "04").stdout

    assert "1 notebook, no failed cell" in said


def test_handouts_are_complete(person: Person) -> None:
    """The picture on the cover comes along, too."""
    person.acrlab("handout", "--only", "00")

    (page,) = person.folder.glob("handouts/00-*.html")
    assert '<header class="cover">' in page.read_text("utf-8")
    assert 'src="data:image/svg+xml;base64,' in page.read_text("utf-8")


def test_faults_can_be_practised_on_and_diagnosed(person: Person) -> None:
    person.acrlab("practice", "start", "the-quiet-layer")

    assert person.acrlab("practice", "check", code=1).stdout
    assert "keeps silent" in person.acrlab("doctor", code=2).stderr
    person.acrlab("practice", "give-up")
    assert "myregistry" in person.acrlab("doctor").stdout


def test_outputs_are_stored_in_a_checkout_alone(person: Person) -> None:
    said = person.acrlab("record", code=2).stderr

    assert said.startswith("acrlab: record: it stores outputs in the notebooks of a checkout")
