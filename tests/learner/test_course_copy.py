"""`acrlab learn`: a copy of the chapters that stays the learner's, is trusted, and opens where it should."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from jupyterlab.labapp import LabApp
from nbformat.sign import NotebookNotary

from acrlab.cli.app import main
from acrlab.learner import course_copy
from acrlab.learner.course_copy import copy_chapters, trust
from acrlab.runs.notebooks import find, folder_of, shipped

CHECKOUT = Path(__file__).resolve().parents[2]
CHAPTERS = len(list((CHECKOUT / "notebooks").glob("*.ipynb")))


@pytest.fixture(autouse=True)
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's own folders, and the lab's, are the test's; nothing of this computer's user."""
    monkeypatch.chdir(tmp_path)
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    for name in ("ACRLAB_HOME", "JUPYTER_CONFIG_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What JupyterLab would be started with; it is not."""
    words: list[str] = []
    monkeypatch.setattr(LabApp, "launch_instance", lambda argv: words.extend(argv))
    # What is set for JupyterLab does not outlive the test.
    monkeypatch.setattr(course_copy, "os", SimpleNamespace(**{**vars(os), "environ": dict(os.environ)}))
    return words


def trusted(path: Path) -> bool:
    notary = NotebookNotary()
    try:
        return bool(notary.check_signature(nbformat.read(path, as_version=4)))
    finally:
        notary.store.close()


def test_every_chapter_is_copied_as_it_is() -> None:
    copied = copy_chapters(Path("course"))

    there = {path.name: path.read_bytes() for path in Path("course").iterdir()}
    assert there == {chapter.path.name: chapter.path.read_bytes() for chapter in find(CHECKOUT / "notebooks")}
    assert copied.new == tuple(sorted(there))
    assert copied.left == ()


def test_what_a_learner_wrote_stays_and_what_is_missing_comes_back() -> None:
    copy_chapters(Path("course"))
    mine = Path("course") / "03-private-link.ipynb"
    mine.write_text("my answers", "utf-8")
    (Path("course") / "05-portal.ipynb").unlink()

    copied = copy_chapters(Path("course"))

    assert mine.read_text("utf-8") == "my answers"
    assert copied.left == ("03-private-link.ipynb",)
    assert copied.new == ("05-portal.ipynb",)


def test_only_what_came_with_acrlab_is_trusted() -> None:
    copy_chapters(Path("course"))
    changed = Path("course") / "01-registry.ipynb"
    document = json.loads(changed.read_text("utf-8"))
    document["cells"][2]["outputs"] = [{"output_type": "display_data", "data": {"text/html": "x"}, "metadata": {}}]
    changed.write_text(json.dumps(document), "utf-8")

    trust(copy_chapters(Path("course")).fresh)

    assert trusted(Path("course") / "03-private-link.ipynb")
    assert not trusted(changed)


def test_the_checkout_s_own_folder_is_used_as_it_is() -> None:
    before = {path: path.stat().st_mtime_ns for path in (CHECKOUT / "notebooks").iterdir()}

    copied = copy_chapters(CHECKOUT / "notebooks")

    assert (copied.new, copied.left, len(copied.fresh)) == ((), (), CHAPTERS)
    assert {path: path.stat().st_mtime_ns for path in (CHECKOUT / "notebooks").iterdir()} == before


def test_a_file_in_the_way_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("course").write_text("a note", "utf-8")

    with pytest.raises(SystemExit) as ended:
        main(["learn", "course", "--no-open"])

    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said == "acrlab: folder: course cannot hold the chapters: File exists. Name another: acrlab learn FOLDER\n"


def test_the_command_says_what_it_did_and_what_it_left(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["learn", "--no-open"])
    first = capsys.readouterr()
    (Path("acrlab-course") / "04-manual-approval.ipynb").write_text("mine", "utf-8")
    with pytest.raises(SystemExit):
        main(["learn", "--no-open"])
    again = capsys.readouterr()

    assert first.out == f"Copied {CHAPTERS} chapters to acrlab-course.\nOpen them: acrlab learn acrlab-course\n"
    assert again.out == "Open them: acrlab learn acrlab-course\n"
    assert again.err == (
        "Not overwritten, because you have changed them: 04-manual-approval.ipynb. "
        "For a fresh copy of one, rename yours and run this again.\n"
    )


def test_it_opens_at_the_first_chapter_and_later_where_the_learner_was(opened: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["learn", "course"])
    first = list(opened)
    workspaces = tmp_path / "course" / ".acrlab" / "workspaces"
    workspaces.mkdir(parents=True)
    (workspaces / "default.jupyterlab-workspace").write_text("{}", "utf-8")
    with pytest.raises(SystemExit):
        main(["learn", "course"])

    assert f"--ServerApp.root_dir={tmp_path / 'course'}" in first
    assert f"--LabApp.workspaces_dir={workspaces}" in first
    assert "--LabApp.default_url=/lab/tree/00-start-here.ipynb" in first
    assert "--LabApp.default_url=/lab" in opened


@pytest.mark.parametrize("words", [["learn", "--"], ["learn", "course", "--"]])
def test_what_follows_two_dashes_goes_to_jupyterlab(words: list[str], opened: list[str]) -> None:
    with pytest.raises(SystemExit):
        main([*words, "--no-browser", "--port", "9999"])

    assert opened[-3:] == ["--no-browser", "--port", "9999"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there is no root on this system")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_where_one_is_root(user: int, allowed: bool, opened: list[str]) -> None:
    course_copy.os.geteuid = lambda: user

    with pytest.raises(SystemExit):
        main(["learn", "course"])

    assert ("--allow-root" in opened) is allowed


def test_jupyterlab_gets_defaults_of_the_kit_and_no_settings_of_the_learner_are_touched(
    opened: list[str], tmp_path: Path
) -> None:
    course_copy.os.environ["JUPYTER_CONFIG_PATH"] = str(tmp_path / "theirs")
    with pytest.raises(SystemExit):
        main(["learn", "course"])

    ours, theirs = course_copy.os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    found = json.loads((Path(ours) / "labconfig" / "default_setting_overrides.json").read_text("utf-8"))
    assert found["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    assert found["@jupyterlab/filebrowser-extension:browser"]["showLastModifiedColumn"] is False
    assert theirs == str(tmp_path / "theirs")
    written = {path.name for path in (tmp_path / "jupyter_config_dir").rglob("*")} - {"migrated"}  # Jupyter's own mark
    assert written == set(), "the learner's own settings were touched"


def test_a_learner_s_folder_is_found_where_one_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def named() -> Path:
        return folder_of(None).resolve()

    assert named() == shipped() == CHECKOUT / "notebooks"

    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01-my-own-work.ipynb").write_text("{}", "utf-8")
    assert named() == shipped(), "somebody else's notebooks are not the course"

    copy_chapters(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    assert named() == tmp_path / "course"
