"""A database within a transaction: what was read is not read again, and what was written since is seen."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from pathlib import Path

import pytest

import acrlab.emulator
from acrlab.emulator.core.database import MOST_KEPT, Database
from acrlab.emulator.core.http import Request
from acrlab.emulator.transport import open_azure

EMULATOR = Path(acrlab.emulator.__file__).parent
ASK = "SELECT value FROM told WHERE key = ?"


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "some.db")
    database.execute("CREATE TABLE told (key TEXT PRIMARY KEY, value TEXT)")
    database.execute("INSERT INTO told VALUES ('a', 'first')")
    yield database
    database.close()


def heard(database):
    statements = []
    database.set_trace_callback(statements.append)
    return statements


def test_a_transaction_asks_the_file_once_for_the_same(database):
    statements = heard(database)

    with database.transaction():
        assert [database.row(ASK, ("a",)) for _ in range(3)] == [("first",)] * 3

    assert len([text for text in statements if text.startswith("SELECT")]) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda database: database.execute("UPDATE told SET value = 'second'"),
        lambda database: database.execute_each("UPDATE told SET value = ?", [("second",)]),
    ],
    ids=["one", "each"],
)
def test_what_it_has_written_it_sees(database, write):
    with database.transaction():
        database.row(ASK, ("a",))
        write(database)
        assert database.row(ASK, ("a",)) == ("second",)


def test_what_was_undone_is_not_seen(database):
    with database.transaction():
        with pytest.raises(RuntimeError), database.savepoint():
            database.execute("UPDATE told SET value = 'second'")
            assert database.row(ASK, ("a",)) == ("second",)
            raise RuntimeError
        assert database.row(ASK, ("a",)) == ("first",)


def test_the_next_transaction_sees_what_another_process_wrote(database, tmp_path):
    with database.transaction():
        database.row(ASK, ("a",))
    other = Database(tmp_path / "some.db")
    other.execute("UPDATE told SET value = 'second'")
    other.close()

    with database.transaction():
        assert database.row(ASK, ("a",)) == ("second",)


def test_the_next_transaction_does_not_ask_again_for_what_was_not_written(database):
    with database.transaction():
        database.row(ASK, ("a",))
    statements = heard(database)

    with database.transaction():
        assert database.row(ASK, ("a",)) == ("first",)

    assert [text for text in statements if text.startswith("SELECT")] == []


@pytest.mark.parametrize(
    "write",
    [
        lambda database: database.execute("UPDATE told SET value = 'second'"),
        lambda database: database.execute_each("UPDATE told SET value = ?", [("second",)]),
        lambda database: database.execute_script("UPDATE told SET value = 'second';"),
    ],
    ids=["one", "each", "script"],
)
def test_the_next_transaction_sees_what_was_written_between(database, write):
    with database.transaction():
        database.row(ASK, ("a",))
    write(database)

    with database.transaction():
        assert database.row(ASK, ("a",)) == ("second",)


def test_the_next_transaction_does_not_see_what_was_taken_back(database):
    with pytest.raises(RuntimeError), database.transaction():
        database.execute("UPDATE told SET value = 'second'")
        assert database.row(ASK, ("a",)) == ("second",)
        raise RuntimeError

    with database.transaction():
        assert database.row(ASK, ("a",)) == ("first",)


def test_a_transaction_that_only_read_and_failed_leaves_what_it_read(database):
    with pytest.raises(RuntimeError), database.transaction():
        database.row(ASK, ("a",))
        raise RuntimeError
    statements = heard(database)

    with database.transaction():
        assert database.row(ASK, ("a",)) == ("first",)

    assert [text for text in statements if text.startswith("SELECT")] == []


def test_a_reading_asks_the_file_once_for_the_same(database):
    statements = heard(database)

    with database.reading():
        assert [database.row(ASK, ("a",)) for _ in range(3)] == [("first",)] * 3
        with database.transaction():
            assert database.row(ASK, ("a",)) == ("first",)

    assert len([text for text in statements if text.startswith("SELECT")]) == 1


def test_a_reading_sees_what_this_process_writes(database):
    with database.reading():
        database.row(ASK, ("a",))
        with database.transaction():
            database.execute("UPDATE told SET value = 'second'")
        assert database.row(ASK, ("a",)) == ("second",)


def test_the_next_reading_sees_what_another_process_wrote(database, tmp_path):
    with database.reading():
        database.row(ASK, ("a",))
    other = Database(tmp_path / "some.db")
    other.execute("UPDATE told SET value = 'second'")
    other.close()

    with database.reading():
        assert database.row(ASK, ("a",)) == ("second",)


def test_a_transaction_within_a_reading_sees_what_another_process_wrote_meanwhile(database, tmp_path):
    other = Database(tmp_path / "some.db")
    with database.reading():
        database.row(ASK, ("a",))
        other.execute("UPDATE told SET value = 'second'")
        with database.transaction():
            assert database.row(ASK, ("a",)) == ("second",)
    other.close()


def test_after_a_reading_each_statement_asks_the_file(database, tmp_path):
    with database.reading(), database.reading():
        database.row(ASK, ("a",))
    other = Database(tmp_path / "some.db")
    other.execute("UPDATE told SET value = 'second'")
    other.close()

    assert database.row(ASK, ("a",)) == ("second",)


def test_a_reading_is_its_threads_own(database, tmp_path):
    seen = []
    other = Database(tmp_path / "some.db")
    with database.reading():
        database.row(ASK, ("a",))
        other.execute("UPDATE told SET value = 'second'")
        thread = threading.Thread(target=lambda: seen.append(database.row(ASK, ("a",))))
        thread.start()
        thread.join()
    other.close()

    assert seen == [("second",)]


def test_a_database_that_has_become_another_shows_that_one(database, tmp_path):
    with database.transaction():
        database.row(ASK, ("a",))
    other = Database(tmp_path / "other.db")
    other.execute_script("CREATE TABLE told (key TEXT, value TEXT); INSERT INTO told VALUES ('a', 'another');")
    database.become(other)
    other.close()

    with database.transaction():
        assert database.row(ASK, ("a",)) == ("another",)


def test_what_is_kept_from_one_transaction_to_the_next_is_bounded(database):
    for most, kept in ((MOST_KEPT, MOST_KEPT), (MOST_KEPT + 1, 0)):
        with database.transaction():
            for number in range(most):
                database.row(ASK, (str(number),))

        assert len(database._read) == kept


def test_a_network_is_read_with_one_question_a_subnet(tmp_path):
    """What a network shows costs one for each subnet, one for the etag of all, and some for the request itself."""
    with contextlib.closing(open_azure(tmp_path / "world.db")) as opened:
        root = f"/subscriptions/{opened.subscription}/resourceGroups/g"
        network = f"{root}/providers/Microsoft.Network/virtualNetworks/v"
        subnets = [{"name": f"s{n}", "properties": {"addressPrefix": f"10.0.{n}.0/24"}} for n in range(7)]
        body = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}

        def send(method, path, body=None):
            raw = json.dumps(body).encode() if body else b""
            query = {"api-version": "2024-05-01"}
            return opened.azure.manager.handle(Request(method, "management.azure.com", path, query, {}, raw))

        send("PUT", root, {"location": "westus"})
        send("PUT", network, {"location": "westus", "properties": body})
        statements = heard(opened.azure.world.db)
        assert len(send("GET", network).body["properties"]["subnets"]) == 7

    assert len(statements) <= 7 + 1 + 18


def test_a_request_of_the_learners_own_takes_few_locks_of_the_file(tmp_path):
    """Each statement that stands alone takes and gives back a lock; a transaction does so once."""
    with contextlib.closing(open_azure(tmp_path / "world.db")) as opened:
        opened.other_subscription()  # so that tenants and rights are asked about
        path = f"/subscriptions/{opened.subscription}/resourceGroups/g"
        request = Request("GET", "management.azure.com", path, {"api-version": "2021-04-01"}, {}, b"")
        opened.azure.manage(request)
        statements = heard(opened.azure.world.db)
        assert opened.azure.manage(request).status == 404

    assert statements.count("BEGIN IMMEDIATE") == 1
    alone = statements[: statements.index("BEGIN IMMEDIATE")] + statements[statements.index("ROLLBACK") + 1 :]
    assert alone == ["PRAGMA data_version"]


def test_no_statement_numbers_its_placeholders():
    """Python 3.14 refuses a sequence of values for those, and 3.12 warns of it."""
    numbered = [path.name for path in EMULATOR.rglob("*.py") if re.search(r"[=(,] ?\?\d", path.read_text("utf-8"))]

    assert numbered == []
