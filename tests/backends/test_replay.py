"""Which answer of a recording comes next."""

from __future__ import annotations

import pytest

from acrlab.backends.replay import Playback
from acrlab.errors import NotRecordedError
from acrlab.recordings.format import Exchange, Request


def asked(method: str, uri: str, body: bytes = b"") -> Request:
    return Request(method, uri, body, {})


def recorded(*said: tuple[str, str, str]) -> list[Exchange]:
    """Exchanges of method, address and answer, counted as a recorder counts them."""
    counts: dict[tuple[str, str], int] = {}
    made = []
    for method, uri, answer in said:
        counts[method, uri] = counts.get((method, uri), 0) + 1
        made.append(Exchange(asked(method, uri), 200, {}, answer.encode(), counts[method, uri]))
    return made


def playing(*said: tuple[str, str, str], again: bool = False) -> Playback:
    return Playback(recorded(*said), "chapter 03 of class.jsonl", again=again)


def told(playback: Playback, method: str, uri: str) -> str:
    return playback.answer(asked(method, uri)).content.decode()


def test_the_same_question_gets_its_answers_in_order() -> None:
    playback = playing(("GET", "/a", "none"), ("PUT", "/a", "made"), ("GET", "/a", "there"))

    seen = [told(playback, *one) for one in (("GET", "/a"), ("PUT", "/a"), ("GET", "/a"))]

    assert seen == ["none", "made", "there"]


def test_what_was_not_changed_yet_is_still_as_it_was() -> None:
    playback = playing(("GET", "/a", "none"), ("PUT", "/a", "made"), ("GET", "/a", "there"))

    assert [told(playback, "GET", "/a") for _ in range(3)] == ["none"] * 3
    told(playback, "PUT", "/a")
    assert told(playback, "GET", "/a") == "there"


def test_two_threads_may_come_in_another_order() -> None:
    """While /a was made, /b was polled; this time /b is first."""
    playback = playing(
        ("GET", "/b/operation", "running"),
        ("PUT", "/a", "made"),
        ("GET", "/b/operation", "done"),
    )

    assert told(playback, "GET", "/b/operation") == "running"
    assert told(playback, "GET", "/b/operation") == "running", "it cannot be done before what was done before it"
    told(playback, "PUT", "/a")
    assert told(playback, "GET", "/b/operation") == "done"


def test_an_answer_that_no_thread_came_for_is_not_told_when_all_has_changed() -> None:
    """The second look at /a came before /b was made, and was told the first answer again; the third comes last."""
    playback = playing(
        ("GET", "/a", "alone"),
        ("PUT", "/b", "made"),
        ("GET", "/a", "with b"),
        ("PUT", "/c", "made"),
        ("GET", "/a", "with b and c"),
    )

    early = [told(playback, "GET", "/a") for _ in range(2)]
    made = [told(playback, "PUT", uri) for uri in ("/b", "/c")]

    assert (early, made) == (["alone", "alone"], ["made", "made"])
    assert told(playback, "GET", "/a") == "with b and c"


def test_two_readings_of_an_operation_at_work_are_both_told() -> None:
    playback = playing(("PUT", "/a", "begun"), ("GET", "/op", "at work"), ("GET", "/op", "done"))

    assert [told(playback, *one) for one in (("PUT", "/a"), ("GET", "/op"), ("GET", "/op"))] == [
        "begun", "at work", "done",
    ]  # fmt: skip


def test_a_request_that_is_not_there_is_named_with_the_nearest_that_is() -> None:
    playback = playing(("GET", "/networks/myNetwork", "x"))

    with pytest.raises(NotRecordedError) as caught:
        playback.answer(asked("GET", "/networks/myOtherNetwork"))

    assert str(caught.value) == (
        "GET /networks/myOtherNetwork: chapter 03 of class.jsonl does not have it. "
        "The nearest that it has: GET /networks/myNetwork. Run the chapter from its beginning, or record it again."
    )
    assert (caught.value.method, caught.value.uri) == ("GET", "/networks/myOtherNetwork")


def test_one_more_than_recorded_is_named_with_how_often() -> None:
    playback = playing(("GET", "/a", "x"))
    told(playback, "GET", "/a")

    with pytest.raises(NotRecordedError, match=r"GET /a: chapter 03 of class.jsonl has it only once"):
        told(playback, "GET", "/a")


@pytest.mark.parametrize("gone", range(5))
def test_whichever_exchange_is_missing_is_named(gone: int) -> None:
    whole = recorded(
        ("GET", "/a", "none"), ("PUT", "/a", "made"), ("GET", "/a", "there"), ("GET", "/b", "x"), ("GET", "/a", "there")
    )
    playback = Playback([one for n, one in enumerate(whole) if n != gone], "it", again=False)

    with pytest.raises(NotRecordedError) as caught:
        for one in whole:
            playback.answer(one.request)

    assert (caught.value.method, caught.value.uri) == (whole[gone].request.method, whole[gone].request.uri)


def test_for_a_reader_who_clicks_the_last_answer_is_told_again() -> None:
    playback = playing(("POST", "/a/run", "out"), again=True)

    assert [told(playback, "POST", "/a/run") for _ in range(3)] == ["out"] * 3


def test_parts_of_a_blob_are_different_questions() -> None:
    parts = [Exchange(Request("GET", "/blob", b"", {"Range": r}), 206, {}, r.encode(), 1) for r in ("0-9", "10-19")]

    playback = Playback(parts, "it", again=False)

    assert playback.answer(Request("GET", "/blob", b"", {"Range": "10-19"})).content == b"10-19"
