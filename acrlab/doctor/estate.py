"""Judge every registry of a subscription: a line each, worst first. Pure, once what the lists say was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from acrlab.doctor.diagnosis import Diagnosis
from acrlab.doctor.finding import Finding

MARKS = {"error": "✗", "warning": "!", "not seen": "?", "fine": "✓", "silent": "–"}
ORDER = tuple(MARKS)


@dataclass(frozen=True)
class Member:
    """One registry of an estate.

    Attributes:
        diagnoses: one from each network in which its clients are taken to be.
        ticket: the practice ticket that is open in it, of which nothing is said; empty: none is.
    """

    registry: str
    group: str
    id: str
    diagnoses: tuple[Diagnosis, ...]
    ticket: str = ""

    @cached_property
    def findings(self) -> tuple[tuple[Finding, str], ...]:
        """Each finding once, errors first, with the name of the network that it is about."""
        if self.ticket:
            return ()
        found: dict[tuple[str, str], tuple[Finding, str]] = {}
        for diagnosis in self.diagnoses:
            network = diagnosis.snapshot.network
            for finding in diagnosis.findings:
                found.setdefault((finding.code, finding.title), (finding, network.name if network else ""))
        return tuple(sorted(found.values(), key=lambda one: one[0].severity != "error"))

    @property
    def state(self) -> str:
        """`error`, `warning`, `not seen`, `fine`; `silent`: a practice ticket is open."""
        if self.ticket:
            return "silent"
        if self.findings:
            return self.findings[0][0].severity
        blind = any(c.outcome == "not seen" for d in self.diagnoses for c in d.checked)
        return "not seen" if blind and self.unseen else "fine"

    @property
    def unseen(self) -> tuple[str, ...]:
        """Kinds of things that could not be read, beside those that are read of one registry at a time."""
        return tuple(sorted({u.what for d in self.diagnoses for u in d.unseen} - {"zone-groups", "roles"}))

    @property
    def vms(self) -> tuple[str, ...]:
        """Names of the VMs from which it was looked at."""
        return tuple(sorted({d.snapshot.vm.name for d in self.diagnoses if d.snapshot.vm}))


@dataclass(frozen=True)
class Estate:
    """All registries that could be seen, worst first.

    Attributes:
        blind: whether the registries themselves could not be listed.
        partial: whether there may be more registries, as this identity reads only parts of the subscription.
        requests: how many were sent to read it.
        looks: how many looks from inside are among what was seen: one for each registry and network of its clients.
    """

    subscription: str
    members: tuple[Member, ...]
    blind: bool
    partial: bool
    requests: int
    looks: int = 0

    @property
    def healthy(self) -> bool:
        return not any(member.findings for member in self.members)


def ranked(members: Iterable[Member]) -> tuple[Member, ...]:
    """Sort registries: the worst first, then those with the most findings, then by name."""
    return tuple(sorted(members, key=lambda m: (ORDER.index(m.state), -len(m.findings), m.registry.lower(), m.id)))


def summary(estate: Estate) -> str:
    """Sum up an estate in one line."""
    if estate.blind and not estate.members:
        return "No registry could be seen."
    states = [member.state for member in estate.members]
    counted = [
        (states.count("error"), "with errors"),
        (states.count("warning"), "with warnings"),
        (states.count("not seen"), "not seen in part"),
        (states.count("silent"), "with an open practice ticket"),
        (states.count("fine"), "without a finding"),
    ]
    parts = ", ".join(f"{n} {what}" for n, what in counted if n) or "none"
    noun = "registry" if len(states) == 1 else "registries"
    more = ". There may be more: this identity reads only parts of the subscription" if estate.partial else ""
    inside = f", looks from inside: {estate.looks}" if estate.looks else ""
    return f"{len(states)} {noun}: {parts} ({estate.requests} requests{inside}){more}"


def as_text(estate: Estate) -> str:
    """Write a line a registry: mark, name, group, and the findings by code with their networks."""
    name = max((len(m.registry) for m in estate.members), default=0)
    group = max((len(m.group) for m in estate.members), default=0)
    lines = [f"{MARKS[m.state]} {m.registry:{name}}  {m.group:{group}}  {_told(m)}".rstrip() for m in estate.members]
    return "\n".join((*lines, summary(estate)))


def _told(member: Member) -> str:
    return " ".join(filter(None, (_state(member), f"(from {', '.join(member.vms)})" if member.vms else "")))


def _state(member: Member) -> str:
    if member.ticket:
        return f"the practice ticket {member.ticket} is open"
    if member.findings:
        return "; ".join(f"{f.code} in {network}" if network else f.code for f, network in member.findings)
    if member.state == "not seen":
        return f"not seen: {', '.join(member.unseen)}"
    return ""
