"""The file of a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from acrlab.errors import ConfigurationError
from acrlab.recordings.format import (
    About,
    Exchange,
    Request,
    about,
    append,
    begin,
    chapters,
    exchanges,
    merge,
    require_readable,
)


def exchange(uri: str, content: bytes = b"{}") -> Exchange:
    return Exchange(
        Request("POST", uri, b'{"x": 1}', {"Content-Type": "application/json"}), 201, {"etag": "1"}, content, 1
    )


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """A recording of two chapters."""
    path = tmp_path / "part.jsonl"
    begin(path, About("2026-01-01", "0.1.0", {"location": "westeurope"}, {"00-a": {}, "01-b": {"kept.json": "1"}}))
    append(path, "00-a", exchange("https://a/1"))
    append(path, "01-b", exchange("https://b/1", b"\x1f\x8b\x00\xff"))
    return path


def test_what_was_written_is_read(part: Path) -> None:
    (first,), (second,) = exchanges(part, "00-a"), exchanges(part, "01-b")

    assert (first.request.method, first.request.uri, first.request.body) == ("POST", "https://a/1", b'{"x": 1}')
    assert (first.status, first.headers, first.content, first.time) == (201, {"etag": "1"}, b"{}", 1)
    assert second.content == b"\x1f\x8b\x00\xff"
    assert chapters(part) == ("00-a", "01-b")
    assert about(part).parameters == {"location": "westeurope"}


def test_a_chapter_that_is_recorded_anew_takes_the_place_of_the_old_one(part: Path, tmp_path: Path) -> None:
    whole, again = tmp_path / "whole.jsonl", tmp_path / "again.jsonl"
    merge(part, whole)
    begin(again, About("2026-02-02", "0.2.0", {}, {"00-a": {"new.json": "2"}}))
    append(again, "00-a", exchange("https://a/2"))

    merge(again, whole)

    assert [one.request.uri for one in exchanges(whole, "00-a")] == ["https://a/2"]
    assert [one.request.uri for one in exchanges(whole, "01-b")] == ["https://b/1"]
    assert about(whole).kept == {"00-a": {"new.json": "2"}, "01-b": {"kept.json": "1"}}
    assert about(whole).made == "2026-02-02"


@pytest.fixture
def repeated(tmp_path: Path) -> Path:
    """A recording that was put together, of a request that was answered the same again and again."""
    part, whole = tmp_path / "part.jsonl", tmp_path / "whole.jsonl"
    begin(part, About("2026-01-01", "0.1.0"))
    for time, content in enumerate((b"as it was", b"changed", b"as it was", b"as it was"), 1):
        append(part, "00-a", replace(exchange("https://a/1", content), time=time))
    append(part, "00-a", exchange("https://a/2", b"as it was"))
    append(part, "01-b", exchange("https://a/1", b"as it was"))
    merge(part, whole)
    return whole


def test_what_the_same_request_was_answered_before_is_left_out_and_read_all_the_same(repeated: Path) -> None:
    told = [(one.time, one.content) for one in exchanges(repeated, "00-a")]

    assert told == [(1, b"as it was"), (2, b"changed"), (3, b"as it was"), (4, b"as it was"), (1, b"as it was")]
    assert repeated.read_text("utf-8").count("as it was") == 3, "each request and each chapter has its own"
    require_readable(repeated)


def test_what_was_shortened_once_stays_whole_when_it_is_put_together_again(repeated: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"

    merge(repeated, again)

    assert list(exchanges(again, "00-a")) == list(exchanges(repeated, "00-a"))


def test_an_answer_as_at_a_time_that_never_was_is_refused(repeated: Path) -> None:
    repeated.write_text(repeated.read_text("utf-8").replace('{"as_at": 1}', '{"as_at": 9}'), "utf-8")

    with pytest.raises(ConfigurationError, match="is not a recording: its line 4 can't be read"):
        require_readable(repeated)


def test_a_recording_of_the_first_form_is_still_read(part: Path) -> None:
    part.write_text(part.read_text("utf-8").replace('{"acrlab-recording": 2,', '{"acrlab-recording": 1,'), "utf-8")

    assert [one.request.uri for one in exchanges(part, "00-a")] == ["https://a/1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "fixtures: there is no recording {}. Make one: acrlab run --record."),
        ("not json\n", "fixtures: {} is not a recording: its first line can't be read."),
        ('{"chapter": "00-a"}\n', "fixtures: {} is not a recording: its first line can't be read."),
        ('{"acrlab-recording": 3}\n', "fixtures: {} is of form 3; this acrlab reads 1 and 2. Update it."),
    ],
)
def test_what_is_not_a_recording_is_refused(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "class.jsonl"
    if content is not None:
        path.write_text(content, "utf-8")

    with pytest.raises(ConfigurationError) as caught:
        about(path)

    assert str(caught.value) == message.format(path)


def test_a_chapter_that_is_not_there_is_refused_with_those_that_are(part: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        list(exchanges(part, "07-z"))

    assert str(caught.value) == f"fixtures: {part} has no chapter 07-z; it has 00-a, 01-b."
