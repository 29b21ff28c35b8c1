"""Sanitize what requests and answers carry: JSON in its forms, forms, texts in whatever coding; nothing else stays."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from azure.core.rest import HttpRequest

from acrlab.azure.sdk_http import body_of
from acrlab.recordings import kept
from acrlab.recordings.format import Request
from acrlab.recordings.names import group_behind
from acrlab.recordings.sanitize import Pseudonyms
from acrlab.recordings.telling import GUID, HIDDEN

FORM = "application/x-www-form-urlencoded"
RUN_TAGS = ("acrlab-owner", "acrlab-run", "acrlab-expires")
# The lab makes the name of an assignment of the VM's id, which is another one in a recording.
ASSIGNMENT = re.compile(rf"(?<=/roleAssignments/){GUID}", re.IGNORECASE)
IN_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)
ANY_NAME = "00000000-0000-4000-8000-000000000000"
IMAGE_HOSTS = re.compile(r"https://[^/?#]+(?:\.data\.azurecr\.io|\.blob\.core\.windows\.net)(?::\d+)?/", re.IGNORECASE)
WITHOUT_TEXT = re.compile(r"[\0-\x08\x0e-\x1f]")


def as_recorded(request: HttpRequest, pseudonyms: Pseudonyms) -> Request:
    """Sanitize a request for a recording; one that comes from a recording stays as it is."""
    headers = {name: request.headers.get(name, "") for name in ("Content-Type", "Range")}
    return sanitized(Request(request.method, request.url, body_of(request), headers), pseudonyms)


def sanitized(request: Request, pseudonyms: Pseudonyms) -> Request:
    """Sanitize a request as it stands in a recording, which may have been made by an acrlab that kept more."""
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    headers = {"Content-Type": pseudonyms.text(kind), "Range": pseudonyms.text(request.headers.get("Range", ""))}
    return replace(
        request,
        uri=without_assignment_name(pseudonyms.text(request.uri)),
        body=_asked(request.body, kind, pseudonyms),
        headers={name: value for name, value in headers.items() if value},
    )


def said(
    content: bytes, request: Request, headers: Mapping[str, str], pseudonyms: Pseudonyms, groups: Sequence[str]
) -> bytes:
    """Sanitize an answer.

    Args:
        request: as it was asked, not sanitized.
        groups: names of the lab's resource groups, in lower case.
    """
    image = _of_an_image(content, request, headers)
    return _kept(content, pseudonyms, lambda value: without_run(of_the_lab(value, groups)), image=image)


def without_assignment_name(uri: str) -> str:
    """Replace the name of a role assignment in an address by one that all recordings share."""
    return ASSIGNMENT.sub(ANY_NAME, uri)


def without_run(value: Any) -> Any:
    """Take the tags out that tell of one run: which it was, whose, and until when."""
    if isinstance(value, dict):
        return {name: without_run(one) for name, one in value.items() if name not in RUN_TAGS}
    return [without_run(one) for one in value] if isinstance(value, list) else value


def of_the_lab(value: Any, groups: Sequence[str]) -> Any:
    """Leave out of a list what is in other resource groups: it belongs to other people.

    Args:
        groups: names of the lab's, in lower case.
    """
    if not isinstance(value, dict) or not isinstance(value.get("value"), list):
        return value
    return value | {"value": [one for one in value["value"] if _group(one) in ("", *groups)]}


def _group(item: Any) -> str:
    """The resource group that something is in, or is, in lower case; empty: none."""
    found = IN_GROUP.match(str(item.get("id", ""))) if isinstance(item, dict) else None
    return group_behind(found[1]).lower() if found else ""


def _asked(body: bytes, kind: str, pseudonyms: Pseudonyms) -> bytes:
    if kind == FORM:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        known = [(n, pseudonyms.text(v) if n in kept.PARAMETERS else HIDDEN) for n, v in pairs]
        return urlencode([(n if n in kept.PARAMETERS else pseudonyms.text(n), v) for n, v in known]).encode()
    if "json" in kind:
        try:
            value = json.loads(body or b"null")
        except (ValueError, RecursionError):
            return _kept(body, pseudonyms, without_run)
        return json.dumps(pseudonyms.json(without_run(value)), sort_keys=True).encode()
    return _kept(body, pseudonyms, without_run)


def _of_an_image(content: bytes, request: Request, headers: Mapping[str, str]) -> bool:
    """Whether an answer is a part of an image, which is known by its digest and has to stay what it was."""
    digest = hashlib.sha256(content).hexdigest()
    named = [request.uri, *(v for n, v in headers.items() if n.lower() == "docker-content-digest")]
    part = bool(request.headers.get("Range")) and bool(IMAGE_HOSTS.match(request.uri))
    return part or bool(content and any(digest in one for one in named))


def _kept(content: bytes, pseudonyms: Pseudonyms, shape: Callable[[Any], Any], *, image: bool = False) -> bytes:
    """What stays of a body; what can't be read does not, but for the layers of an image."""
    text = _read(content)
    if text is None:
        return content if image else HIDDEN.encode()
    if image:
        return pseudonyms.text(text).encode()
    try:
        value = json.loads(text)
        changed = pseudonyms.json(shape(value))
    except (ValueError, RecursionError):
        lines = text.splitlines(keepends=True) if _in_lines(text) else ()
        return "".join(map(pseudonyms.line, lines)).encode() or pseudonyms.text(text).encode()
    # Untouched, it stays byte by byte what it was.
    return content if changed == value else json.dumps(changed, ensure_ascii=False).encode()


def _in_lines(text: str) -> bool:
    """Whether a text is JSON a line."""
    return all(line.lstrip().startswith(("{", "[")) for line in text.splitlines() if line.strip())


def _read(content: bytes) -> str | None:
    """The text of a body without a byte order mark; None: it is not the UTF-8 that all of Azure speaks."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if WITHOUT_TEXT.search(text) else text
