"""JUnit's XML, as pipelines show it beside tests: a suite for each registry, a case for each question that was asked.

There is no standard; this is the form that Jenkins, Azure Pipelines and GitLab read.
Source: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from acrlab.doctor.diagnosis import Checked, Diagnosis
from acrlab.doctor.estate import Member
from acrlab.doctor.finding import Finding

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(members: Iterable[Member]) -> str:
    """Write a suite a registry. A finding is a failure; what could not be seen is skipped."""
    suites = [_suite(member) for member in members]
    root = ElementTree.Element("testsuites", {"name": "acrlab doctor", **_counts(suites)})
    root.extend(suites)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, "us-ascii", xml_declaration=True)
    return text.decode()


def _suite(member: Member) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": member.registry})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("id", member.id), ("resource group", member.group)):
        ElementTree.SubElement(properties, "property", {"name": name, "value": _plain(value)})
    suite.extend(_cases(member))
    suite.attrib.update({"tests": str(len(suite.findall("testcase"))), **_found(suite)})
    return suite


def _found(suite: ElementTree.Element) -> dict[str, str]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {name: str(len(suite.findall(f"testcase/{kind}"))) for name, kind in kinds.items()}


def _counts(suites: list[ElementTree.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    return {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in names}


def _cases(member: Member) -> Iterator[ElementTree.Element]:
    if member.ticket:
        case = ElementTree.Element("testcase", {"classname": member.registry, "name": "Practice"})
        ElementTree.SubElement(case, "skipped", {"message": f"the practice ticket {member.ticket} is open"})
        yield case
        return
    for diagnosis in member.diagnoses:
        yield from (_case(member, diagnosis, one) for one in diagnosis.checked if one.outcome != "not asked")


def _case(member: Member, diagnosis: Diagnosis, checked: Checked) -> ElementTree.Element:
    network = diagnosis.snapshot.network
    place = ".".join((member.registry, network.name, checked.hop) if network else (member.registry, checked.hop))
    case = ElementTree.Element("testcase", {"classname": _plain(place), "name": checked.asks})
    if checked.outcome == "not seen":
        reasons = sorted({f"{u.what}: {u.permission or u.reason}" for u in diagnosis.unseen})
        ElementTree.SubElement(case, "skipped", {"message": _plain(f"not seen: {'; '.join(reasons)}")})
    elif checked.finding and checked.outcome == "found":
        named = {"message": _plain(checked.finding.title), "type": checked.finding.code}
        ElementTree.SubElement(case, "failure", named).text = _plain(_story(checked.finding))
    elif checked.finding:
        ElementTree.SubElement(case, "system-out").text = _plain(f"{checked.finding.code}: {checked.finding.title}")
    return case


def _story(finding: Finding) -> str:
    seen = (f"seen: {text}" for text in finding.evidence)
    return "\n".join((*seen, f"why: {finding.why}", *finding.remedy.az, f"read: {finding.source}"))


def _plain(text: str) -> str:
    """Leave out what XML can't hold."""
    return NOT_XML.sub("", text)
