"""Sanitize requests and answers: each sensitive value gets a stand-in, the same one every time, and no way back.

Names become those of the article's lab, so that a recording reads like the stored notebooks. What no
two runs have in common, such as the tags that tell of one run, is left out: a replay has to find the same request.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

from azure.core.rest import HttpRequest

from acrlab.azure.sdk_http import body_of
from acrlab.recordings.format import Request
from acrlab.recordings.sensitive import GUID, KINDS, Kind, made_up_guid, names_of_this_computer

SUBSCRIPTION = "00000000-0000-4000-8000-00000000ac1a"  # the emulated Azure's
HIDDEN = "hidden"
# Keys of JSON objects whose values are secrets, whatever they look like.
SECRET_KEYS = {
    *("access_token", "refresh_token", "id_token", "client_secret", "password", "adminpassword", "customdata"),
    *("accesssas", "primarykey", "secondarykey", "keydata", "value of passwords", "token"),
}
SPACES = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")  # for documentation; RFC 5737
ENCODED = r"(?<=%[0-9a-fA-F]{2})"  # what stands before may be the end of a character in an address
START = r"(?<![A-Za-z0-9])(?<!Microsoft\.)"  # of a name, which is neither the end of another nor a service's
FORM = "application/x-www-form-urlencoded"
RUN_TAGS = ("acrlab-owner", "acrlab-run", "acrlab-expires")
# The lab makes the name of an assignment of the VM's id, which is another one in a recording.
ASSIGNMENT = re.compile(rf"(?<=/roleAssignments/){GUID}", re.IGNORECASE)
IN_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)
ANY_NAME = "00000000-0000-4000-8000-000000000000"
# A built-in role's GUID is the same everywhere.
ANY_GUID = re.compile(rf"(?<!roleDefinitions/)(?:{ENCODED}|(?<![0-9a-fA-F-])){GUID}(?![0-9a-fA-F-])")


class Pseudonyms:
    """Replaces what is sensitive. What it has replaced it leaves as it is when it meets it again."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Args:
        names: what is known by name -> what it is to be called.
        """
        own = dict.fromkeys(names_of_this_computer(), "computer")
        self._names = {real.lower(): called for real, called in (own | dict(names)).items() if real}
        longest_first = sorted(self._names, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, longest_first)) or r"(?!)"
        self._known = re.compile(rf"(?:{ENCODED}|{START})(?:{alternatives})(?![A-Za-z0-9])", re.IGNORECASE)
        self._key = secrets.token_bytes(32)  # kept nowhere: no one can find out whose an id was by trying
        self._numbered: dict[str, int] = {}
        self._lock = Lock()

    def text(self, text: str) -> str:
        """Replace all that is sensitive in a text."""
        text = self._known.sub(lambda found: self._names[found[0].lower()], text)
        for kind in KINDS:
            text = kind.pattern.sub(partial(self._replaced, kind), text)
        return ANY_GUID.sub(lambda found: self._guid(found[0]), text)

    def json(self, value: Any, key: str = "") -> Any:
        """Replace all that is sensitive in what JSON can carry; what a key calls a secret, too."""
        if isinstance(value, dict):
            within = "value of passwords" if key == "passwords" else ""
            return {
                self.text(name): self.json(one, within if within and name == "value" else name)
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self.json(one, key) for one in value]
        if isinstance(value, str):
            return HIDDEN if key.lower() in SECRET_KEYS and value else self.text(value)
        return value

    def _replaced(self, kind: Kind, found: re.Match[str]) -> str:
        group = next(name for name, value in found.groupdict().items() if value is not None)
        if not kind.counts(found[group]):
            return found[0]
        start, end = (at - found.start() for at in found.span(group))
        return f"{found[0][:start]}{self._instead(kind.name, found[group])}{found[0][end:]}"

    def _instead(self, kind: str, value: str) -> str:
        match kind:
            case "id":
                return self._guid(value)
            case "encoded JSON":
                return f"encoded-{self._digest(value)[:20]}"
            case "e-mail address":
                return f"person{self._number(value)}@example.com"
            case "public address":
                return self._address(value)
        return HIDDEN

    def _guid(self, value: str) -> str:
        if made_up_guid(value):
            return value
        digest = self._digest(value.lower())
        return f"{digest[:8]}-0000-4000-8000-{digest[8:20]}"

    def _digest(self, value: str) -> str:
        return hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()

    def _address(self, value: str) -> str:
        """One of the addresses for documentation; a few hundred, which is more than a lab has."""
        number = self._number(value)
        space = ipaddress.ip_network(SPACES[number // 200 % len(SPACES)])
        return str(space[number % 200 + 20])

    def _number(self, value: str) -> int:
        """The number of a mail or other address, from 1 on, in the order in which they were met."""
        with self._lock:
            return self._numbered.setdefault(value.lower(), len(self._numbered) + 1)


def as_recorded(request: HttpRequest, pseudonyms: Pseudonyms) -> Request:
    """Sanitize a request for a recording; one that comes from a recording stays as it is."""
    kind = request.headers.get("Content-Type", "")
    headers = {"Content-Type": kind.partition(";")[0], "Range": request.headers.get("Range", "")}
    headers = {name: value for name, value in headers.items() if value}
    return Request(
        request.method, without_assignment_name(pseudonyms.text(request.url)), _body(request, kind, pseudonyms), headers
    )


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
