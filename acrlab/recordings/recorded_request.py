"""A request as it stands in a recording: nothing sensitive in it, nor anything that no two runs have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from azure.core.rest import HttpRequest

from acrlab.azure.sdk_http import body_of
from acrlab.recordings.sanitize import HIDDEN, SECRET_KEYS, Pseudonyms
from acrlab.recordings.sensitive import GUID

if TYPE_CHECKING:
    from vcr.request import Request

__all__ = ["as_recorded", "nameless", "of_the_lab", "without_run"]

FORM = "application/x-www-form-urlencoded"
RUN_TAGS = ("acrlab-owner", "acrlab-run", "acrlab-expires")
# The lab makes the name of an assignment of the machine's id, which is another one in a recording.
ASSIGNMENT = re.compile(rf"(?<=/roleAssignments/){GUID}", re.IGNORECASE)
IN_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)
ANY_NAME = "00000000-0000-4000-8000-000000000000"


def as_recorded(request: HttpRequest, pseudonyms: Pseudonyms) -> Request:
    """Write a request as a recording has it; one that comes from a recording stays as it is."""
    from vcr.request import Request

    kind = request.headers.get("Content-Type", "")
    headers = {"Content-Type": kind.partition(";")[0], "Range": request.headers.get("Range", "")}
    headers = {name: value for name, value in headers.items() if value}
    return Request(request.method, nameless(pseudonyms.text(request.url)), _body(request, kind, pseudonyms), headers)


def nameless(uri: str) -> str:
    """Take the name of a role assignment out of an address."""
    return ASSIGNMENT.sub(ANY_NAME, uri)


def without_run(value: Any) -> Any:
    """Take the tags out that tell of one run: which it was, whose, and until when."""
    if isinstance(value, dict):
        return {name: without_run(one) for name, one in value.items() if name not in RUN_TAGS}
    return [without_run(one) for one in value] if isinstance(value, list) else value


def of_the_lab(value: Any, groups: Sequence[str]) -> Any:
    """Leave out of a list what is in other resource groups: it is somebody else's, and no learner's business.

    Args:
        groups: names of the lab's, in lower case.
    """
    if not isinstance(value, dict) or not isinstance(value.get("value"), list):
        return value
    return value | {"value": [one for one in value["value"] if _group(one) in ("", *groups)]}


def _group(item: Any) -> str:
    """The resource group that something is in, or is, in lower case; empty: none."""
    found = IN_GROUP.match(str(item.get("id", ""))) if isinstance(item, dict) else None
    return found[1].lower() if found else ""


def _body(request: HttpRequest, kind: str, pseudonyms: Pseudonyms) -> bytes:
    body = body_of(request)
    if "json" in kind:
        said = pseudonyms.json(without_run(json.loads(body or b"null")))
        return json.dumps(said, sort_keys=True).encode()
    if kind.startswith(FORM):
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        return urlencode([(n, HIDDEN if n in SECRET_KEYS else pseudonyms.text(v)) for n, v in pairs]).encode()
    return body
