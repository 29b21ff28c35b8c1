"""An estate as JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from acrlab.doctor.estate import Estate, Member


def as_json(estate: Estate) -> str:
    """Write every registry with its findings, and what could not be read of it."""
    form: dict[str, Any] = {
        "subscription": estate.subscription,
        "healthy": estate.healthy,
        "partial": estate.partial,
        "registries": [_member(member) for member in estate.members],
        "requests": estate.requests,
        "looks": estate.looks,
    }
    return json.dumps(form, indent=2, ensure_ascii=False)


def _member(member: Member) -> dict[str, Any]:
    unseen = {u for d in member.diagnoses for u in d.unseen}
    return {
        "registry": member.registry,
        "group": member.group,
        "id": member.id,
        "state": member.state,
        "vms": list(member.vms),
        "findings": [asdict(finding) | {"network": network} for finding, network in member.findings],
        "unseen": [asdict(u) for u in sorted(unseen, key=lambda u: (u.what, u.resource))],
    }
