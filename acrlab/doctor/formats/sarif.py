"""SARIF 2.1.0, as code scanning shows it: a rule for each code, a result for each finding.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

from acrlab.doctor.estate import Member
from acrlab.doctor.finding import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SAID_ONCE = "acrlab/v1"  # name of the fingerprint by which a finding is known again


def as_sarif(members: Iterable[Member]) -> str:
    """Write one run with every finding, and notifications of what could not be read."""
    there = tuple(members)
    findings = [(member, finding, network) for member in there for finding, network in member.findings]
    rules = {finding.code: finding for _, finding, _ in findings}
    codes = [*rules]
    driver = {"name": "acrlab doctor", "version": _version(), "rules": [_rule(f) for f in rules.values()]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _unseen(there)}],
        "results": [_result(m, f, network, codes.index(f.code)) for m, f, network in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _version() -> str:
    try:
        return version("acrlab")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.code,
        "shortDescription": {"text": finding.code.replace("-", " ").capitalize()},
        "fullDescription": {"text": finding.why},
        "help": {"text": f"{finding.why} {finding.source}"},
        "helpUri": finding.source,
        "defaultConfiguration": {"level": finding.severity},
    }


def _result(member: Member, finding: Finding, network: str, rule: int) -> dict[str, Any]:
    known = hashlib.sha256(f"{member.id.lower()}\n{finding.code}\n{network.lower()}".encode()).hexdigest()
    text = "\n".join((finding.title, *(f"Seen: {seen}" for seen in finding.evidence), *finding.remedy.az))
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [_location(member)],
        "partialFingerprints": {SAID_ONCE: known},
        "properties": {"network": network, "call": finding.remedy.call},
    }


def _location(member: Member) -> dict[str, Any]:
    """Name the registry twice: by its id, and as a file of that path, as some readers show nothing else."""
    return {
        "physicalLocation": {"artifactLocation": {"uri": quote(member.id.lstrip("/"))}, "region": {"startLine": 1}},
        "logicalLocations": [{"name": member.registry, "fullyQualifiedName": member.id, "kind": "resource"}],
    }


def _unseen(members: tuple[Member, ...]) -> list[dict[str, Any]]:
    seen = {(u.what, u.resource, u.permission or u.reason) for m in members for d in m.diagnoses for u in d.unseen}
    return [
        {"level": "warning", "message": {"text": f"Not seen: {what}, {why}: {resource}"}}
        for what, resource, why in sorted(seen)
    ]
