"""One row on a worker: once, whatever dies. Here without an engine; its own tests are `make test-class`."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest

from acrlab.classroom.rows import Row, RowFailure, attempts_of, carry_out, forget_failure, result_of, variables

ROW = Row("row-1", "the first", {"n": 1})


def count(values, own):
    """Work that leaves a line each time it is done."""
    with (own.parent.parent / "done").open("a") as file:
        file.write(f"{values['n']}\n")
    return {"n": values["n"]}


def fail(values, own):
    raise RowFailure("no\nluck")


def broken(values, own):
    raise ZeroDivisionError("by zero")


def fail_twice(values, own):
    if attempts_of(own.parent.parent, "row-1") < 3:
        raise RowFailure("not yet")
    return {}


def test_a_row_is_done_and_its_result_stays(tmp_path):
    done = carry_out(ROW, str(tmp_path), count, 0, 0)

    assert (done["status"], done["attempt"], done["facts"]) == ("finished", 1, {"n": 1})
    assert result_of(tmp_path, "row-1") == done


def test_a_row_that_an_engine_repeats_is_not_done_again(tmp_path):
    carry_out(ROW, str(tmp_path), count, 0, 0)

    again = carry_out(ROW, str(tmp_path), count, 0, 0)

    assert again["reused"]
    assert (tmp_path / "done").read_text() == "1\n"


def test_two_that_get_the_same_row_at_once_do_it_once(tmp_path):
    begun = threading.Barrier(4)
    results = []

    def one():
        begun.wait()
        results.append(carry_out(ROW, str(tmp_path), count, 0, 0))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(bool(result.get("reused")) for result in results) == [False, True, True, True]
    assert (tmp_path / "done").read_text() == "1\n"


@pytest.mark.parametrize(("work", "told"), [(fail, "no luck"), (broken, "ZeroDivisionError: by zero")])
def test_a_row_that_fails_says_why_in_one_line(tmp_path, work, told):
    done = carry_out(ROW, str(tmp_path), work, 0, 0)

    assert (done["status"], done["told"], done["attempt"]) == ("failed", told, 1)


def test_a_row_is_tried_again_as_often_as_is_said(tmp_path):
    assert carry_out(ROW, str(tmp_path / "a"), fail_twice, 0, 1)["status"] == "failed"
    assert carry_out(ROW, str(tmp_path / "b"), fail_twice, 0, 2)["attempt"] == 3


def test_a_row_that_failed_is_done_again_only_where_that_is_wanted(tmp_path):
    carry_out(ROW, str(tmp_path), fail, 0, 0)
    assert carry_out(ROW, str(tmp_path), count, 1, 0)["status"] == "failed"

    forget_failure(tmp_path, "row-1")

    done = carry_out(ROW, str(tmp_path), count, attempts_of(tmp_path, "row-1"), 0)
    assert (done["status"], done["attempt"]) == ("finished", 2)
    forget_failure(tmp_path, "row-1")
    assert result_of(tmp_path, "row-1") == done


def test_a_row_whose_process_ends_each_time_is_given_up(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / "rows" / f"row-1.try{number}").mkdir(parents=True)

    assert carry_out(ROW, str(tmp_path), count, 1, 0)["status"] == "finished"  # one of them was of an earlier pass
    (tmp_path / "rows" / "row-1.json").unlink()
    (tmp_path / "rows" / "row-1.try4").rmdir()
    done = carry_out(ROW, str(tmp_path), count, 0, 0)

    assert (done["status"], done["told"]) == ("failed", "its process ended 3 times")


KILLED = """
import sys, time
from pathlib import Path
from acrlab.classroom.rows import Row, carry_out
def work(values, own):
    Path(sys.argv[1], "begun").touch()
    time.sleep(60)
carry_out(Row("row-1", "", {}), sys.argv[1], work, 0, 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_keeps_no_one_from_its_row(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()

    done = carry_out(ROW, str(tmp_path), count, 0, 0)

    assert (done["status"], done["attempt"]) == ("finished", 2)
    assert (tmp_path / "done").read_text() == "1\n"


def test_variables_are_those_of_a_row_as_long_as_it_is_done(monkeypatch):
    monkeypatch.setenv("ACRLAB_HOME", "before")
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)

    with variables(ACRLAB_HOME="own", ACRLAB_WORLD="w"):
        assert (os.environ["ACRLAB_HOME"], os.environ["ACRLAB_WORLD"]) == ("own", "w")

    assert os.environ["ACRLAB_HOME"] == "before"
    assert "ACRLAB_WORLD" not in os.environ


def test_what_travels_is_what_was_asked_for_and_no_credential(tmp_path, monkeypatch):
    from acrlab.classroom.members import members
    from acrlab.classroom.plan import plan, write_files
    from acrlab.classroom.roster import read_roster

    for name in ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_PASSWORD"):
        monkeypatch.setenv(name, "canary-5f1e")
    roster = tmp_path / "class.csv"
    roster.write_text("id\nada\n")
    write_files(plan(read_roster(roster)), tmp_path / "class")

    (row,) = members(roster, tmp_path / "class", steps=["registry"])

    assert set(row.values) == {"folder", "steps", "more"}
    assert b"canary" not in pickle.dumps(row)
    assert json.dumps(row.values)
