"""A recording is data, from anyone: nothing in it is a path, and what is not a recording is refused in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrlab.backends.file_memory import FileMemory
from acrlab.backends.replay import Replay
from acrlab.cli.app import main
from acrlab.errors import ConfigurationError
from acrlab.recordings.format import About, begin
from tests.examples import often

ESCAPES = (
    "/etc/x.json",
    "../x.json",
    "a/../../x.json",
    "..\\x.json",
    "C:\\x.json",
    ".bashrc",
    "x\0.json",
    "memory.lock",
)
CHAPTER = "00-start-here"
LINE: dict[str, Any] = {
    "chapter": CHAPTER,
    "time": 1,
    "request": {"method": "GET", "uri": "https://x/", "headers": {}, "body": {"string": ""}},
    "response": {"status": {"code": 200, "message": ""}, "headers": {}, "body": {"string": "{}"}},
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(ESCAPES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(ESCAPES), inner, max_size=3)
    ),
    max_leaves=6,
)
FEW = often(60)


def opened(path: Path) -> None:
    """Open a recording as a replay does, and close it. Raises: ConfigurationError: it is refused."""
    Replay(path, CHAPTER).close()


def refusal(path: Path) -> str:
    """What the refusal of a recording says; nothing: it was opened."""
    try:
        opened(path)
    except ConfigurationError as refused:
        return str(refused)
    return ""


def written(path: Path, head: Any, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in (head, *lines)), "utf-8")
    return path


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_that_is_a_path_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    begin(tmp_path / "evil.jsonl", About("2026-01-01", "0", {}, {CHAPTER: {name: "PWNED"}}))

    with pytest.raises(ConfigurationError, match=r"evil\.jsonl is not a recording: its first line can't be read\."):
        opened(tmp_path / "evil.jsonl")

    assert [path.name for path in tmp_path.iterdir()] == ["evil.jsonl"]


def test_a_path_of_an_absolute_place_is_refused(tmp_path: Path) -> None:
    begin(tmp_path / "evil.jsonl", About("2026-01-01", "0", {}, {CHAPTER: {str(tmp_path / "x.json"): "PWNED"}}))

    with pytest.raises(ConfigurationError):
        opened(tmp_path / "evil.jsonl")

    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize("name", [*ESCAPES[:-1], ""])
def test_the_memory_has_no_text_outside_of_its_folder(name: str, tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "memory")

    for act in (memory.read, memory.delete, lambda n: memory.write(n, "x")):
        with pytest.raises(ValueError, match="is not a plain name"):
            act(name)

    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.name != "memory.lock"] == []


@FEW
@given(kept=ANYTHING, parameters=ANYTHING, made=ANYTHING)
def test_any_first_line_is_opened_or_refused_in_a_line(kept: Any, parameters: Any, made: Any, tmp_path: Path) -> None:
    head = {"acrlab-recording": 1, "made": made, "acrlab": "0", "parameters": parameters, "kept": kept}
    path = written(tmp_path / "evil.jsonl", head, LINE)

    assert len(refusal(path).splitlines()) <= 1

    assert [one.name for one in tmp_path.rglob("*")] == ["evil.jsonl"]


@FEW
@given(data=st.data())
def test_any_other_line_is_read_or_refused_in_a_line(data: st.DataObject, tmp_path: Path) -> None:
    line = json.loads(json.dumps(LINE))
    for where in data.draw(st.lists(st.sampled_from(["time", "request", "response"]), min_size=1, unique=True)):
        inner = line[where]
        if isinstance(inner, dict) and data.draw(st.booleans()):
            inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(ANYTHING)
        else:
            line[where] = data.draw(ANYTHING)
    path = written(tmp_path / "evil.jsonl", {"acrlab-recording": 1, "made": "", "acrlab": "0"}, line)

    assert len(refusal(path).splitlines()) <= 1


@pytest.mark.parametrize(
    "second", ["[", "[" * 100_000, '{"chapter": "../x"}', '{"chapter": "00-start-here", "time": 1}', "\x85", ""]
)
def test_a_line_that_is_none_is_named(second: str, tmp_path: Path) -> None:
    path = tmp_path / "evil.jsonl"
    head = json.dumps({"acrlab-recording": 1, "made": "", "acrlab": "0"})
    path.write_text(f"{head}\n{json.dumps(LINE)}\n{second}\n", "utf-8")

    with pytest.raises(ConfigurationError, match=r"evil\.jsonl is not a recording: its line 3 can't be read\."):
        opened(path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\x1f\x8b" + b"\0" * 40, b"{" * 50_000, b"", b"null\n", b"[1]\n"]
)
def test_a_file_of_anything_is_refused_by_the_command(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("evil.jsonl").write_bytes(content)

    with pytest.raises(SystemExit) as ended:
        main(["run", "--backend", "replay", "--fixtures", "evil.jsonl", "--only", "00"])

    told = capsys.readouterr().err.strip()
    assert ended.value.code == 2
    assert "evil.jsonl is not a recording" in " ".join(told.split())
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["evil.jsonl"]
