"""One hour of the world's time from clients that work at once, with a `kill -9` in the middle.

`python -m tests.faults.soak`. What was answered has to be there, once, and the server has to be as small in the end as
it was when it had warmed up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.https_client import HttpsClient, Outage
from tests.benchmarks.served_world import ServedWorld
from tests.faults import soak_client
from tests.faults.ledger import differences
from tests.faults.soak_client import RACE, SoakClient

HOUR_S = 3600  # of the world's time, at least
MORE = 1.05  # of that hour: what passes after the last answer before a kill is forgotten with it
AROUND_S = 5  # of the real time, about: start, restart, the last look
GATHER_S = 40  # for every client to notice that the server is gone; above any timeout of theirs
SAMPLE_S = 0.25
# Memory that CPython and SQLite take for themselves as they please: free lists, and SQLite's cache of up to 2 MiB.
ELBOW_ROOM = 6 * 2**20
LEAK = 512  # bytes a request: less than any object that could be left behind by each request
REST_S = 15  # for connections that nobody uses to be closed


@dataclass
class Sizes:
    """The server's memory over the life of one process: bytes, with the requests answered until then."""

    seen: list[tuple[int, int]] = field(default_factory=list)

    def growth(self) -> tuple[int, int]:
        """Bytes since it had warmed up, at a third of its life, and requests since then."""
        warm, end = self.seen[len(self.seen) // 3], self.seen[-1]
        return end[0] - warm[0], end[1] - warm[1]


class Soak:
    """One run."""

    def __init__(self, folder: Path, *, clients: int, seconds: float) -> None:
        self._begun = time.monotonic()
        self._load_s = seconds - AROUND_S
        self._rate = HOUR_S * MORE / self._load_s
        self.world = ServedWorld(folder / "world.db", speed=f"{self._rate:.3f}")
        self.outage = Outage(clients)
        self.own = HttpsClient(self.world, rate=self._rate)
        self.at_rest = [self._open_files()]
        soak_client.make_shared(self.own)
        self.beginning, self.given = self.own.moment, soak_client.tracked(self.own, self.own.subscription)
        self.clients = [SoakClient(n, HttpsClient(self.world, self.outage, rate=self._rate)) for n in range(clients)]
        self.sizes: list[Sizes] = []
        self.unsure: set[str] = set()
        self.problems: list[str] = []

    def run(self) -> None:
        """Work, kill, look, work on, look again."""
        over = threading.Event()
        with ThreadPoolExecutor(len(self.clients)) as threads:
            working = [threads.submit(one.work, over.is_set) for one in self.clients]
            try:
                self._watch(self._load_s / 2)
                self._kill()
                self._watch(self._load_s / 2)
            finally:
                over.set()
                self.outage.end()
            for each in working:
                each.result()
        self.problems += [text for one in self.clients for text in one.failures]
        self._look()
        for one in self.clients:
            one.client.close()
        self._rest()

    def _watch(self, seconds: float) -> None:
        sizes, end = Sizes(), time.monotonic() + seconds
        while time.monotonic() < end:
            sizes.seen.append((self.world.process.memory_info().rss, self.requests))
            time.sleep(SAMPLE_S)
        self.sizes.append(sizes)

    def _kill(self) -> None:
        """In the middle of everything; then hold what is there against what was answered, before anybody goes on."""
        self.outage.begin()
        self.world.kill()
        if not self.outage.everybody_waits(GATHER_S):
            self.problems.append("not every client lived to see the restart")
        self.world.start()
        self.own.close()
        self.own = HttpsClient(self.world, rate=self._rate)
        self.at_rest.append(self._open_files())
        self.unsure = {id for one in self.clients for id in one.ledger.doubt}
        self._look()
        self.outage.end()

    def _open_files(self) -> int:
        return int(self.world.process.num_fds()) if hasattr(self.world.process, "num_fds") else 0

    def _rest(self) -> None:
        """Wait for the server to close what the clients left."""
        end = time.monotonic() + REST_S
        while self._open_files() > self.at_rest[-1] and time.monotonic() < end:
            time.sleep(SAMPLE_S)
        if self._open_files() > self.at_rest[-1]:
            self.problems.append(f"{self._open_files()} files are open at rest, {self.at_rest[-1]} were at the start")

    # -- what there is against what was answered -------------------------------------------------------------------

    def _look(self) -> None:
        told = [entry for one in self.clients for entry in one.ledger.entries("/")]
        found = [
            *(entry for entry in soak_client.tracked(self.own, self.own.subscription) if entry not in self.given),
            *(entry for entry in soak_client.records(self.own) if RACE not in entry[0]),
            *(entry for entry in soak_client.subnets(self.own) if not entry[0].endswith("/all")),
        ]
        doubt = {id for one in self.clients for id in one.ledger.doubt}
        self.problems += differences(told, found, doubt)
        held = Counter(soak_client.addresses(self.own))
        self.problems += [f"{address} was given {count} times" for address, count in held.items() if count > 1]
        self._look_at_races(doubt)

    def _look_at_races(self, doubt: Iterable[str]) -> None:
        """A name that only one could make was made by one, unless the answer was lost with the server."""
        wins = Counter(id for one in self.clients for id in one.wins)
        made = {id for id, _ in soak_client.records(self.own) if RACE in id}
        for id in made | wins.keys():
            allowed = (0, 1) if id in {*doubt, *self.unsure} else (1,)
            if wins[id] not in allowed or id not in made:
                self.problems.append(f"{id}: {wins[id]} clients were told that they made it")

    # -- the report ------------------------------------------------------------------------------------------------

    @property
    def statuses(self) -> Counter[int]:
        return sum((one.client.statuses for one in self.clients), Counter())

    @property
    def requests(self) -> int:
        return self.statuses.total()

    @property
    def passed_s(self) -> float:
        """Seconds of the world's time."""
        return (parsedate_to_datetime(self.own.moment) - parsedate_to_datetime(self.beginning)).total_seconds()

    def table(self) -> Table:
        """Judge the run. Whatever is wrong is in `problems` then."""
        table = Table("what", "seen", "bound")
        table.title = f"{len(self.clients)} clients, {time.monotonic() - self._begun:.0f} s, kill -9 in the middle"
        self._row(
            table, "time in the world", f"{self.passed_s / 60:.0f} min", "60 min or more", self.passed_s >= HOUR_S
        )
        rate = self.requests / (time.monotonic() - self._begun)
        self._row(table, "requests", f"{self.requests:,} ({rate:.0f} a second)", "", True)
        faults = sum(count for status, count in self.statuses.items() if status >= 500)
        self._row(table, "answers 5xx", str(faults), "0", not faults)
        done = sum((Counter(one.done) for one in self.clients), Counter())
        idle = [deed.__name__ for deed in SoakClient.DEEDS if not done[deed.__name__]]
        self._row(table, "operations of each kind", f"{min(done.values(), default=0)} or more", "1", not idle)
        for which, sizes in zip(("until the kill", "after it"), self.sizes, strict=True):
            grown, requests = sizes.growth()
            bound = ELBOW_ROOM + LEAK * requests
            seen = f"{grown / 2**20:+.1f} MiB to {sizes.seen[-1][0] / 2**20:.0f} MiB"
            self._row(table, f"memory {which}", seen, f"{bound / 2**20:.1f} MiB more", grown <= bound)
        self._row(
            table, "files open at rest", f"{self.at_rest[-1]} before, {self._open_files()} after", "no more", True
        )
        self._row(table, "differences from what was answered", str(len(self.problems)), "0", not self.problems)
        return table

    def _row(self, table: Table, what: str, seen: str, bound: str, holds: bool) -> None:
        table.add_row(what, f"[{'green' if holds else 'bold red'}]{seen}[/]", bound)
        if not holds and what not in str(self.problems):
            self.problems.append(f"{what}: {seen}")


def main() -> int:
    ask = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    ask.add_argument("--seconds", type=float, default=115, help="of real time, all in all, about; 10 or more")
    ask.add_argument("--clients", type=int, default=8)
    options = ask.parse_args()
    if options.seconds < 2 * AROUND_S:
        ask.error(f"--seconds is at least {2 * AROUND_S}: there is something to do around the load")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), clients=options.clients, seconds=options.seconds)
        try:
            soak.run()
            Console(width=100).print(soak.table())
        finally:
            code = soak.world.stop()
    if code:
        soak.problems.append(f"the server ended with {code}")
    for problem in soak.problems:
        print(problem, file=sys.stderr)
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
