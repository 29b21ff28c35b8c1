"""A short soak: the same load, checks and `kill -9` as `make soak`, at a higher speed. And what it would find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.ledger import Ledger, differences

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_what_was_answered_is_there_after_a_kill_and_in_the_end() -> None:
    words = [sys.executable, "-m", "tests.faults.soak", "--seconds", "12"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")

    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_what_is_not_as_it_was_answered_is_named() -> None:
    told = [("/a", "1"), ("/b", "1"), ("/c", "1"), ("/d", "1")]
    found = [("/a", "1"), ("/b", "2"), ("/c", "1"), ("/c", "1"), ("/e", "1")]

    assert differences(told, found, doubt=()) == [
        "/d: lost",
        "/c: doubled",
        "/e: never asked for",
        "/b: not as written last",
    ]


def test_what_is_in_doubt_may_be_there_or_not() -> None:
    assert differences([("/a", "1"), ("/b", "1")], [("/b", "2"), ("/c", "1")], doubt=["/a", "/b", "/c"]) == []


def test_a_ledger_notes_what_was_answered_and_doubts_what_was_not() -> None:
    ledger = Ledger()
    with ledger.making("/A", "1"), ledger.making("/B", "1"):
        pass
    with ledger.deleting("/A"):
        pass
    with pytest.raises(TimeoutError), ledger.making("/C", "1"):
        raise TimeoutError

    assert ledger.entries("/") == [("/b", "1")]
    assert ledger.doubt == {"/c"}
