"""What this Python can do besides computing: start threads and processes, and open sockets. A browser's can do none.

The only place that asks for the platform; everything else asks here, when it is about to do such a thing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from acrlab.errors import ConfigurationError

BROWSER = "emscripten"
PLATFORM = sys.platform  # read at each question, so that a test can be in a browser
_threads_wanted = True


def in_browser() -> bool:
    """Say whether this Python runs in a browser's page, or in Node as it would there."""
    return PLATFORM == BROWSER


def can_start_threads() -> bool:
    """Say whether a thread can start here; otherwise one thing is done after another."""
    return _threads_wanted and not in_browser()


@contextmanager
def without_threads() -> Iterator[None]:
    """Do one thing after another in this block, as a process has to that forks."""
    global _threads_wanted
    _threads_wanted = False
    try:
        yield
    finally:
        _threads_wanted = True


class InPlaceExecutor(Executor):
    """Does what is submitted before it returns; its futures are done."""

    def submit(self, do: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do it now. Returns: what came of it, a failure included."""
        future: Future[Any] = Future()
        try:
            future.set_result(do(*arguments, **named))
        except Exception as problem:
            future.set_exception(problem)
        return future


def executor(workers: int) -> Executor:
    """Give what does things at once: at most so many threads, or one thing after another where none can start."""
    if not can_start_threads():
        return InPlaceExecutor()
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(workers)


def thread_time() -> float:
    """CPU seconds that this thread has taken; the whole process has taken them where it is the only one."""
    return time.process_time() if in_browser() else time.thread_time()


def can_share_memory() -> bool:
    """Say whether programs here can share memory through a file, as SQLite's write-ahead log does."""
    return not in_browser()


def require_processes(what: str) -> None:
    """Raise ConfigurationError where no other program can be started.

    Args:
        what: needs one, to begin a sentence with.
    """
    _require(what, "starts another program")


def require_sockets(what: str) -> None:
    """Raise ConfigurationError where no connection can be opened.

    Args:
        what: needs one, to begin a sentence with.
    """
    _require(what, "opens a network connection")


def _require(what: str, does: str) -> None:
    if in_browser():
        message = f"{what} {does}, which a browser does not allow. Install acrlab on a computer, and do it there."
        raise ConfigurationError("browser", message)
