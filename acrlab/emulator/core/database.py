"""A world's SQLite database behind one door, through which one thread goes at a time.

The rows of a statement are all here when it returns, so no cursor is ever read while another thread is at work. A
transaction holds off every other thread until it has ended: what is half done is never seen.

What transactions and readings have read is kept until the next write, here or in another process, so that a client
that polls costs no statement but those that tell whether there was one. Each statement that stands alone takes and
gives back locks of the file, which costs more than what it reads.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

DatabaseError, OperationalError = sqlite3.DatabaseError, sqlite3.OperationalError
Row = tuple[Any, ...]
BUSY_S = 30  # for another process that writes; threads of this one wait at the lock
MOST_KEPT = 2000  # rows that one transaction leaves to the next


class Database:
    """One connection that threads share.

    Attributes:
        lock: re-entrant; its holder is alone with the database, for what takes more than one statement.
    """

    def __init__(self, path: Path | None) -> None:
        """`path`: None: in memory. Raises: OperationalError: the file cannot be opened."""
        self.lock = threading.RLock()
        self._open, self._wrote = False, False  # whether a transaction is, and whether it has written
        self._readings = threading.local()  # `depth`: how many readings each thread is in
        self._read: dict[tuple[str, tuple[Any, ...]], list[Row]] = {}  # in those two, since the last write
        self._kept, self._seen = 0, 0  # rows in it, and the number that the writes of others change
        self._connection = sqlite3.connect(
            path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Carry out a statement and return all that it finds.

        What transactions and readings have read they do not read again.
        """
        with self.lock:
            if not statement.startswith("SELECT"):
                self._write()
                return self._connection.execute(statement, values).fetchall()
            if not self._open and not self._depth:
                return self._connection.execute(statement, values).fetchall()
            question = (statement, tuple(values))
            found = self._read.get(question)
            if found is None:
                found = self._read[question] = self._connection.execute(statement, values).fetchall()
                self._kept += 1 + len(found)
            return found

    def row(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        """Carry out a statement that finds one row at most."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Carry out a statement that changes something."""
        self.rows(statement, values)

    def execute_each(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Carry out a statement once for each row of values, all or none of them."""
        with self.transaction():
            self._write()
            self._connection.executemany(statement, values)

    def execute_script(self, statements: str) -> None:
        """Carry out several statements, separated by semicolons."""
        with self.lock:
            self._write()
            self._connection.executescript(statements)

    # -- a request's reading ---------------------------------------------------------------------------------------

    @property
    def _depth(self) -> int:
        return getattr(self._readings, "depth", 0)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read inside what was so when it began, or later, with one look for writes of other processes.

        What this process writes is seen at once, and what others write from the next transaction on. For the length of
        one request, not for what waits.
        """
        if not self._depth:
            with self.lock:
                self._look_for_writes_of_others()
        self._readings.depth = self._depth + 1
        try:
            yield
        finally:
            self._readings.depth -= 1
            self._bound()

    # -- all or nothing --------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or nothing; nested uses join the outermost."""
        with self.lock:
            if self._open:
                yield
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._open, self._wrote = True, False
                self._look_for_writes_of_others()
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()  # of nothing, where it never began
                if self._wrote:  # a refusal alone takes nothing back
                    self._forget()
                raise
            finally:
                self._open = False
                self._bound()

    def _look_for_writes_of_others(self) -> None:
        """Forget what was read before them. Within a transaction no other connection can write until that has ended."""
        seen = self._writes_of_others()
        if seen != self._seen:
            self._forget()
        self._seen = seen

    def _writes_of_others(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _write(self) -> None:
        self._wrote = True
        self._forget()

    def _bound(self) -> None:
        if self._kept > MOST_KEPT:
            self._forget()

    def _forget(self) -> None:
        with self.lock:
            self._read.clear()
            self._kept = 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happens inside when it fails, without failing the transaction around it."""
        with self.transaction():
            self._connection.execute("SAVEPOINT inner_step")
            try:
                yield
            except BaseException:
                self._forget()
                if self._connection.in_transaction:  # where a disk is full, SQLite may have undone all of it already
                    self._connection.execute("ROLLBACK TO inner_step")
                raise
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("RELEASE inner_step")

    # -- the whole of it -------------------------------------------------------------------------------------------

    def version(self) -> tuple[int, int]:
        """Numbers that change with every write of this process, and of any other."""
        with self.lock:
            return self._connection.total_changes, self._writes_of_others()

    def copy_to(self, path: Path) -> None:
        """Write all of it to a file."""
        with self.lock, closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)

    def become(self, other: Database) -> None:
        """Hold what another database holds, and nothing else."""
        with self.lock, other.lock:
            other._connection.backup(self._connection)
            self._forget()

    def set_trace_callback(self, heard: Callable[[str], object] | None) -> None:
        """Call a listener with every statement; None: no more."""
        self._connection.set_trace_callback(heard)

    def close(self) -> None:
        with self.lock:
            self._connection.close()
