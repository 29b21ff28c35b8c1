"""How far a ticket is, by what the doctor has just said of the lab and what the learner has said of the ticket."""

from __future__ import annotations

from acrlab.course.practice.note import Note
from acrlab.course.section import Fault
from acrlab.course.verify import Verdict
from acrlab.doctor.report import Report
from acrlab.lab.lab import Lab

EXPECTED = "the lab works again, and you have said what it was"


def judged(lab: Lab, note: Note, fault: Fault, report: Report) -> Verdict:
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
    besides = (
        f"{more} more that the ticket did not start with"
        if told
        else "something that was not there when the ticket started"
    )
    return " And ".join([*told, *([besides] if more else [])]).rstrip(".")
