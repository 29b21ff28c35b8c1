"""One ticket at a time, in a lab that works: opened, answered, hinted at, fixed, checked, given up.

The lab is brought to where it works before, and the fault is all that is wrong with it then. Which fault is planted
is kept beside the lab, and who found it with the marks of the tasks. While a ticket is open the doctor says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from acrlab.course import marks
from acrlab.course.attempt import Shown, waits
from acrlab.course.lookup import needed
from acrlab.course.practice import leftovers
from acrlab.course.practice.diagnoses import BY_CODE, choices
from acrlab.course.practice.drill import by_call, examined, settled
from acrlab.course.practice.faults import FAULTS, named
from acrlab.course.practice.note import Note, note_of, remember
from acrlab.course.reporting import report
from acrlab.course.runner import perform
from acrlab.course.section import LAB, Diagnosis, Fault, Stage
from acrlab.course.verify import Verdict
from acrlab.display import Table, table
from acrlab.doctor.finding import Remedy
from acrlab.doctor.report import Report
from acrlab.errors import ConfigurationError, UnfinishedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours
from acrlab.steps.public_access import find_registry

READY = ("records", "pull-right", "sample-image", "public-access-as-before")  # steps of a lab that works
ANOTHER = "another"  # in place of a ticket's name: any that is not closed
EXPECTED = "the lab works again, and you have said what it was"
ROUNDS = 3  # of fixes when a ticket is given up: the fault, and what was broken besides while looking for it


@dataclass(frozen=True, repr=False)
class Answer:
    """What came of a diagnosis."""

    right: bool
    chosen: Diagnosis

    def __repr__(self) -> str:
        if self.right:
            return f"✓ {self.chosen.code}: {self.chosen.says} Now fix it, then check."
        return (
            f"✗ {self.chosen.code}: not that. If it were, {self.chosen.shows}. Look again; a wrong answer counts as a "
            "hint."
        )


def start(lab: Lab, name: str = "", *, choose: Callable[[Sequence[str]], str] = min) -> Fault:
    """Open a ticket: bring the lab to where it works, and plant a fault. One that is open already is gone on with.

    Args:
        name: of the fault; empty: the one that is open, or the next; `another`: one that is not closed.
        choose: which one `another` is, of the names that it may be.

    Raises:
        ConfigurationError: there is no such fault, the lab does not work for another reason, or on a real
            subscription no one has confirmed what the ticket's stage costs.
        RefusedError: the lab stands on a registry, a network or a zone that is not the lab's own.
    """
    note = note_of(lab)
    pending = note is not None and note.planted and not (note.fixed or note.given_up)
    if note is not None and pending and name in ("", note.fault) and _is_there(lab):
        return named(note.fault)
    fault = _chosen(lab, name, choose)
    if fault.stage.build:
        require_confirmation(lab, fault.stage.chapter)
    _fix_last(lab)
    if note is not None and named(note.fault).stage != fault.stage:
        _leave(lab)
    leftovers.clear_zones(lab)
    perform(lab, needed(READY))
    _require_own(lab)
    leftovers.clear(lab)
    perform(lab, needed(("records",)))
    _require_healthy(lab)
    if _mark(lab, fault) == marks.SHOWN:
        marks.clear(lab, fault.name)  # this time she may do it herself
    remember(lab, Note(fault.name))  # before: a kill leaves a fault, and a stage, that are known of
    if fault.stage.build:
        _do(lab, fault.stage.build)
        _require_healthy(lab, fault.stage)
    _do(lab, fault.plant)
    settled(lab, fault.stage, fault.expect)  # no one has to wonder about an answer that is older than the fault
    remember(lab, Note(fault.name, planted=True))
    report(lab, fault.name, "begun")
    return fault


def _do(lab: Lab, steps: Sequence[Callable[[Lab], object]]) -> None:
    for step in steps:
        step(lab)


def _require_healthy(lab: Lab, stage: Stage = LAB) -> None:
    before = settled(lab, stage)
    if not before.healthy:
        message = (
            f"the lab has other faults ({', '.join(before.codes)}). Fix them first, or start again with an empty "
            "lab: acrlab reset."
        )
        raise ConfigurationError("practice", message)


def _chosen(lab: Lab, name: str, choose: Callable[[Sequence[str]], str]) -> Fault:
    if name not in ("", ANOTHER):
        return named(name)
    # What needs more than the lab itself costs more, too: it is opened by its name.
    usual = [fault.name for fault in FAULTS if not fault.stage.build]
    left = [one for one in usual if one not in closed(lab)] or usual
    return named(choose(left) if name else left[0])


def take_back(lab: Lab) -> str:
    """Fix the planted fault without closing its ticket, and take its stage away.

    Returns: its name; empty: there is none.
    """
    fixed = _fix_last(lab)
    _leave(lab)
    return fixed


def _fix_last(lab: Lab) -> str:
    """Fix the planted fault, and leave its stage. Returns: its name; empty: there is none."""
    note = note_of(lab)
    if note is None or note.fixed:
        return ""
    fault = named(note.fault)
    there = _is_there(lab)
    if there and fault.code in examined(lab, fault.stage, fault.expect).codes:
        _do(lab, fault.solution)
    remember(lab, replace(note, fixed=True))
    return note.fault if there else ""


def _leave(lab: Lab) -> None:
    """Take away the stage of the last ticket, where it has one and the lab is still there."""
    note = note_of(lab)
    clear = named(note.fault).stage.clear if note is not None else ()
    if note is not None and clear and not note.left and _is_there(lab):
        _do(lab, clear)
        remember(lab, replace(note, left=True))


def _is_there(lab: Lab) -> bool:
    """Whether there is a registry that a fault can be in: with a lab that was deleted its fault is gone, too."""
    with asking("Looking for the registry", lab.registry_id):
        return find_registry(lab) is not None


def _require_own(lab: Lab) -> None:
    """Refuse to break a registry, a network or a zone that the lab did not make."""
    s = lab.settings
    with asking("Reading whose the registry, the network and the zone are", lab.group_id()):
        for found in (
            lab.registry.registries.get(s.resource_group, s.registry_name),
            lab.network.virtual_networks.get(s.resource_group, s.network_name),
            lab.dns.private_zones.get(s.resource_group, s.zone_name),
        ):
            require_ours(lab, found.tags, str(found.id))


def answer(lab: Lab, diagnosis: str | int) -> Answer:
    """Say what the open ticket's trouble is. A wrong answer counts as a hint.

    Args:
        diagnosis: its name or its number in the list of the ticket.

    Raises: ConfigurationError: no ticket is open, or the list has no such diagnosis.
    """
    note, fault = _open(lab)
    offered = choices(fault)
    numbers = {str(at): one for at, one in enumerate(offered, 1)}
    chosen = {**numbers, **{one.code: one for one in offered}}.get(str(diagnosis))
    if chosen is None:
        listed = ", ".join(f"{at} {one.code}" for at, one in numbers.items())
        raise ConfigurationError("diagnosis", f"{diagnosis!r} is not in the list: {listed}")
    if chosen.code == fault.code:
        remember(lab, replace(note, answered=True))
    elif not (note.answered or note.given_up):
        marks.note_hint(lab, fault.name)
    return Answer(chosen.code == fault.code, chosen)


def hint(lab: Lab) -> str:
    """Give the next hint, and count it; the last again when there is none left."""
    _, fault = _open(lab)
    number = max(1, min(marks.note_hint(lab, fault.name), len(fault.hints)))
    return f"Hint {number} of {len(fault.hints)}: {fault.hints[number - 1]}"


def verified(lab: Lab) -> Verdict:
    """Check whether the lab works again and the open ticket is answered, without noting anything.

    What is still wrong is told by its symptom, not by its name.
    """
    note, fault = _open(lab)
    return _judged(lab, note, fault, settled(lab, fault.stage, fault.expect))


def _judged(lab: Lab, note: Note, fault: Fault, report: Report) -> Verdict:
    """Say how far a ticket is; what is still wrong, by its symptom and not by its name."""
    if not report.healthy:
        cause = "" if note.answered else "you have not said yet what it is"
        following = "investigate, answer, fix, and check again"
        return Verdict(fault.name, False, EXPECTED, _still(fault, report), cause, following)
    if not (note.answered or note.given_up):
        following = "choose the diagnosis that explains what you have fixed"
        return Verdict(fault.name, False, EXPECTED, "the lab works again", "you have not said what it was", following)
    if problem := fault.stage.in_the_way(lab):
        return Verdict(fault.name, False, EXPECTED, problem, "", "read the whole message, fix, and check again")
    client = "the cluster" if fault.stage.cluster else "the VM"
    return Verdict(fault.name, True, EXPECTED, f"{client} pulls, and it was {fault.code}")


def _still(fault: Fault, report: Report) -> str:
    told = [fault.symptom for code in report.codes if code == fault.code]
    more = len(report.codes) - len(told)
    besides = f"{more} more that the ticket did not start with"
    if not told:
        besides = "something that was not there when the ticket started"
    return " And ".join([*told, *([besides] if more else [])]).rstrip(".")


def check(lab: Lab, name: str = "") -> Verdict:
    """Check the open ticket, and note who closed it. Where no one sits in front, close it first, and show the code.

    Args:
        name: of the ticket; empty: the one that is open.

    Raises:
        ConfigurationError: no ticket is open, or another one.
        UnfinishedError: it is not done, and the reader does the tickets.
    """
    note, fault = _open(lab)
    if name and name != fault.name:
        message = f"the ticket {name} is not open, {fault.name} is. Open it: acrlab.ticket(lab, {name!r})"
        raise ConfigurationError("ticket", message)
    if not waits(lab) and not note.answered:
        return give_up(lab)
    verdict = verified(lab)
    if verdict.done:
        remember(lab, replace(note, fixed=True))
        marks.note_done(lab, fault.name)
    elif waits(lab):
        marks.note_attempt(lab, fault.name, verdict.seen)
        calls = f"acrlab.hint(lab, {fault.name!r}) helps, acrlab.solve(lab, {fault.name!r}) gives up and shows how."
        because = f" Likely cause: {verdict.cause}." if verdict.cause else ""
        message = f"{fault.symptom} Expected: {verdict.expected}. Seen: {verdict.seen}.{because} {calls}"
        raise UnfinishedError(message, task=fault.name)
    return verdict


def give_up(lab: Lab) -> Shown:
    """Say what it was, fix it as the doctor would, and show the calls that did. The ticket counts as *shown*."""
    note, fault = _open(lab)
    marks.note_shown(lab, fault.name)
    remember(lab, note := replace(note, given_up=True))
    done: list[Remedy] = []
    while not (report := settled(lab, fault.stage, fault.expect)).healthy and len(done) < ROUNDS:
        done.append(report.findings[0].remedy)
        by_call(lab, done[-1])
    if report.healthy:
        remember(lab, note := replace(note, fixed=True))
    told = f"It was {fault.code}: {BY_CODE[fault.code].says} {fault.fix} How this happens: {fault.story}"
    verdict = _judged(lab, note, fault, report)
    code = "\n".join(remedy.call.replace("; ", "\n") for remedy in done)
    az = "\n".join(command for remedy in done for command in remedy.az)
    return Shown(fault.name, verdict.done, EXPECTED, verdict.seen, verdict.cause, verdict.next, code, az, told)


def _mark(lab: Lab, fault: Fault) -> str:
    mark = marks.read(lab).get(fault.name)
    return mark.told if mark else ""


def closed(lab: Lab) -> tuple[str, ...]:
    """Name the tickets that the learner closed herself, with hints or without."""
    return tuple(fault.name for fault in FAULTS if _mark(lab, fault) in (marks.DONE, marks.WITH_HINTS))


def listed(lab: Lab) -> Table:
    """Show every ticket by its symptom, and how far one is with it in this lab."""
    rows = [{"ticket": f.name, "symptom": f.symptom, "closed": _mark(lab, f)} for f in FAULTS]
    return table(rows, caption="Tickets")


def _open(lab: Lab) -> tuple[Note, Fault]:
    note = note_of(lab)
    if note is None:
        raise ConfigurationError("practice", "no ticket is open. Open one: acrlab practice start, acrlab.ticket(lab).")
    return note, named(note.fault)
