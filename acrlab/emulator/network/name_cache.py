"""Caches of names: what a resolver was told it tells again, until the record's TTL has passed.

A name is one entry, and an answer is made of as many as its chain has names. So an alias may be an old one while the
address at its end is fresh, and the other way round. It knows nothing of zones: what it does not hold it asks further.

A server that does not answer leaves nothing behind, and a circle of aliases stays one for as long as its aliases do.
Source: RFC 1035, RFC 2308 (negative answers), and systemd's resolved-dns-cache.c
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from acrlab.azure.dns_answer import Record
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.world import World

STUB_LONGEST_S = 7200  # Source: CACHE_TTL_MAX_USEC
LARGEST = 4096  # entries of one cache. Source: CACHE_MAX
KEEP = "INSERT OR REPLACE INTO kept_name VALUES (?, ?, ?, ?)"
FULL = "SELECT count(*) FROM kept_name WHERE cache = ?"
EVICT = (
    "DELETE FROM kept_name WHERE (cache, name) IN"
    " (SELECT cache, name FROM kept_name WHERE cache = ? ORDER BY until LIMIT ?)"
)


@dataclass(frozen=True)
class Found:
    """What one name leads to: one alias, or addresses, or nothing.

    Attributes:
        exists: there is such a name, be it without addresses.
        zone: where nothing was found, the zone that says so.
        negative_s: seconds that such a "no" may be kept.
        told: the status with which another server told the whole chain; empty: it is one name's own.
    """

    records: tuple[Record, ...] = ()
    exists: bool = True
    zone: str = ""
    negative_s: int = 0
    told: str = ""

    @property
    def kept_s(self) -> int:
        ends = bool(self.records) and (not self.told or self.records[-1].type == "A")
        return min([*(r.ttl for r in self.records), *([] if ends else [self.negative_s])])

    def aged(self, kept_s: int) -> Found:
        """Return it as a cache tells it that may keep it for so many seconds more."""
        return replace(self, records=tuple(replace(r, ttl=kept_s) for r in self.records), negative_s=kept_s)


Ask = Callable[[str], Found]


@dataclass(frozen=True)
class NameCache:
    """The names that one resolver keeps.

    Attributes:
        of: whose it is.
        longest_s: it keeps nothing longer than that.
    """

    world: World
    of: str
    longest_s: int = 2**31

    def before(self, further: Ask) -> Ask:
        """Return a resolver that answers from here, and asks `further` for what is not here."""

        def ask(name: str) -> Found:
            with self.world.transaction():
                kept = self._kept(name)
                if kept is None:
                    kept = further(name)
                    self._keep(name, kept)
                return kept

        return ask

    def flush(self) -> None:
        """Forget every name."""
        self.world.db.execute("DELETE FROM kept_name WHERE cache = ?", (self.of,))

    def _kept(self, name: str) -> Found | None:
        row = self.world.db.row("SELECT until, found FROM kept_name WHERE cache = ? AND name = ?", (self.of, name))
        if row is None or row[0] <= self.world.now:
            return None
        found = json.loads(row[1])
        records = tuple(Record(**one) for one in found.pop("records"))
        return Found(records, **found).aged(int(row[0] - self.world.now))

    def _keep(self, name: str, found: Found) -> None:
        seconds, now, db = min(found.kept_s, self.longest_s), self.world.now, self.world.db
        if seconds <= 0:
            return
        db.execute("DELETE FROM kept_name WHERE until <= ?", (now,))
        surplus = int(db.rows(FULL, (self.of,))[0][0]) - LARGEST + 1
        if surplus > 0:
            db.execute(EVICT, (self.of, surplus))
        db.execute(KEEP, (self.of, name, now + seconds, json.dumps(asdict(found))))


DEVIATIONS = (
    Deviation(
        of="names, where the world's `timing` is `as-azure`",
        what="168.63.129.16 keeps each answer for its whole TTL, private ones included, for each virtual network apart",
        impact="a name that the VM asked for before a change keeps its old answer for up to an hour, flushed or not",
        reason="how long Azure's resolver keeps what it was told is not documented; this is the harder case",
        workaround="wait until the TTL that `dig` shows has passed; the clock is virtual",
    ),
)
