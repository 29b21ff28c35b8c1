"""Write what the doctor says of one registry, or of all, for people, programs and pipelines. Pure."""

from __future__ import annotations

from acrlab.doctor.diagnosis import Diagnosis
from acrlab.doctor.estate import Estate, Member

__all__ = ["FORMATS", "written"]

FORMATS = ("text", "json", "html", "junit", "sarif")


def written(said: Diagnosis | Estate, form: str) -> str:
    """Write it in one of `FORMATS`; `html`, `junit` and `sarif` are in ASCII, whatever a console takes for text."""
    from acrlab.doctor import estate, report
    from acrlab.doctor.formats import data, junit, page, sarif

    if form in ("junit", "sarif"):
        members = (_alone(said),) if isinstance(said, Diagnosis) else said.members
        return junit.as_junit(members) if form == "junit" else sarif.as_sarif(members)
    if isinstance(said, Diagnosis):
        shown = {"text": report.as_whole_text, "json": report.as_json, "html": report.as_page}[form](said)
    else:
        shown = {"text": estate.as_text, "json": data.as_json, "html": page.as_page}[form](said)
    return shown.encode("ascii", "xmlcharrefreplace").decode() if form == "html" else shown


def _alone(diagnosis: Diagnosis) -> Member:
    """Take one registry's diagnosis for an estate of one."""
    registry, subject = diagnosis.snapshot.registry, diagnosis.snapshot.subject
    id = f"/subscriptions/{subject.subscription}/resourceGroups/{subject.resource_group}"
    id = registry.id if registry else f"{id}/providers/Microsoft.ContainerRegistry/registries/{subject.registry}"
    return Member(subject.registry, id.split("/")[4], id, (diagnosis,))
