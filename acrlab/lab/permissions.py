"""What this identity may do somewhere, as Azure itself says: asked before something is tried."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from acrlab.lab.lab import Lab

VERSION = "2022-04-01"


def permissions(lab: Lab, scope: str) -> list[dict[str, Any]]:
    """List what this identity's roles give it on a group or subscription, each with `actions` and `notActions`.

    Raises: NotVisibleError: it may not read that.
    Source: https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
    """
    return lab.arm.get_all(f"{scope}/providers/Microsoft.Authorization/permissions", VERSION)


def allows(granted: Iterable[dict[str, Any]], action: str) -> bool:
    """Say whether one of these permissions has an action; what one takes off, another may still give."""
    return any(
        _matches(action, one.get("actions") or []) and not _matches(action, one.get("notActions") or [])
        for one in granted
    )


def _matches(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
