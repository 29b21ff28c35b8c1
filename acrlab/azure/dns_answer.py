"""What a resolver answered: the chain of names that was walked, and the addresses at its end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """One line of a DNS answer.

    Attributes:
        name: owner, fully qualified, without the final dot, lower case.
        type: `CNAME` or `A`.
        value: the name or the dotted quad that it leads to.
        ttl: seconds that it may be kept.
    """

    name: str
    type: str
    value: str
    ttl: int


@dataclass(frozen=True)
class Answer:
    """One resolution, as seen from one place.

    Attributes:
        name: what was asked.
        records: the answer section, in order.
        status: `NOERROR`, `NXDOMAIN`, or `SERVFAIL` where the name servers that were asked do not answer.
        zone: name of the zone whose SOA stands in a negative answer; empty otherwise.
        negative_s: seconds that a negative answer may be kept: the TTL of that SOA.
    """

    name: str
    records: tuple[Record, ...] = ()
    status: str = "NOERROR"
    zone: str = ""
    negative_s: int = 0

    @property
    def aliases(self) -> tuple[str, ...]:
        """Names that the question led to, in order, the asked one left out."""
        return tuple(r.value for r in self.records if r.type == "CNAME")

    @property
    def addresses(self) -> tuple[str, ...]:
        """IPv4 addresses at the end of the chain; empty when there is none."""
        return tuple(r.value for r in self.records if r.type == "A")

    @property
    def kept_s(self) -> int:
        """Seconds that some part of it may be kept by the one who was told; 0: the resolver does not tell."""
        if self.addresses:
            return max(r.ttl for r in self.records)
        return self.negative_s
