"""The workers: a cluster of this computer's own, or whatever a scheduler's address leads to. Knows Dask, and no row."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from distributed import Client

EXTRA = "acrlab[class]"
LOOPBACK = "127.0.0.1"
ANY_PORT = f"{LOOPBACK}:0"  # without a host Dask's pages would be open to other computers
PATIENCE_S = 5  # real seconds that a scheduler is tried to be reached
WORKERS_S = 20  # and that a first worker is waited for
COMPARED = ("acrlab", "dask", "distributed")
START = "dask worker ADDRESS --nthreads 1 --memory-limit 0"


@contextmanager
def opened(scheduler: str = "", workers: int = 0) -> Iterator[Client]:
    """Connect to workers, and leave nothing of one's own behind.

    Args:
        scheduler: its address, such as tcp://127.0.0.1:8786; empty: workers are started here, for this alone.
        workers: how many of those; 0: one for each core.

    Raises: ConfigurationError: Dask is not installed, no scheduler answers, there are no workers, or versions differ.
    """
    if find_spec("distributed") is None:
        message = f"the class runs on Dask, which is not installed. Install it: python -m pip install '{EXTRA}'"
        raise ConfigurationError("class", message)
    with ExitStack() as stack:
        client = stack.enter_context(_connected(scheduler) if scheduler else _local(workers))
        _require_workers(client, scheduler)
        _require_same(client)
        yield client


def dashboard(client: Client) -> str:
    """The page on which one can watch the workers: the dashboard, or without Bokeh a plain table; empty: none."""
    if "dashboard" not in client.scheduler_info()["services"]:  # a link is given all the same
        return ""
    link = str(client.dashboard_link)
    return link if find_spec("bokeh") else link.replace("/status", "/info/main/workers.html")


@contextmanager
def _local(workers: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    _settle()
    count = workers or os.cpu_count() or 1
    with (
        tempfile.TemporaryDirectory(prefix="acrlab-class-", ignore_cleanup_errors=True) as scratch,
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            host=LOOPBACK,
            dashboard_address=ANY_PORT,
            local_directory=scratch,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    from distributed import Client

    _settle()
    try:
        client = Client(scheduler, timeout=f"{PATIENCE_S}s")
    except (OSError, ValueError, MemoryError, TypeError) as problem:  # a web server's answer is read as a huge length
        said = "it is not an address such as tcp://127.0.0.1:8786" if isinstance(problem, ValueError) else "no answer"
        if isinstance(problem, MemoryError):
            said = "what answers there is not a scheduler of Dask"
        message = f"{scheduler[:80]!r} can't be reached: {said}. Start one: dask scheduler --host {LOOPBACK}"
        raise ConfigurationError("--scheduler", message) from None
    try:
        yield client
    finally:
        _close(client)


def _close(client: Client) -> None:
    """Let go of a scheduler, which may have gone before."""
    from concurrent.futures import CancelledError
    from contextlib import suppress

    with suppress(CancelledError, OSError, TimeoutError):
        client.close()


def _settle() -> None:
    """A killed scheduler is noticed soon, and Dask's own reports go to its logs, not to the terminal."""
    import logging

    import dask

    dask.config.set({"distributed.comm.timeouts.connect": f"{PATIENCE_S}s", "distributed.comm.retry.count": 0})
    for name in (
        "distributed",
        "distributed.worker",
        "distributed.nanny",
        "distributed.scheduler",
        "distributed.client",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _require_workers(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError:
        start = START.replace("ADDRESS", scheduler or "ADDRESS")
        message = f"{scheduler or 'the cluster'} has no worker after {WORKERS_S} seconds. Start some: {start}"
        raise ConfigurationError("--scheduler", message) from None


def _require_same(client: Client) -> None:
    """Refuse workers of other versions: a row would be another one there."""
    found = client.get_versions(packages=["acrlab"])
    here = _versions(found["client"])
    others = {"the scheduler": found["scheduler"], **{f"worker {name}": one for name, one in found["workers"].items()}}
    for who, told in others.items():
        there = _versions(told)
        if who == "the scheduler" and there["acrlab"] is None:
            there["acrlab"] = here["acrlab"]  # it runs no row
        different = [n for n in here if there[n] != here[n]]
        if different:
            told = ", ".join(f"{n} {there[n]}, and here it is {here[n]}" if there[n] else f"no {n}" for n in different)
            raise ConfigurationError("--scheduler", f"{who} has {told}. Install the same on both sides.")


def _versions(told: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Version of Python, without its last number, and of what both sides run."""
    told = told or {}
    python = ".".join(str(told.get("host", {}).get("python", "")).split(".")[:2])
    packages = told.get("packages", {})
    return {"python": python or None, **{name: packages.get(name) for name in COMPARED}}
