"""Sanitize requests and answers: each sensitive value gets a stand-in, the same one every time, and no way back.

Names become those of the article's lab, so that a recording reads like the stored notebooks. What may
stay is listed (`kept`); in what stays, whatever is sensitive by its form is replaced, however it is encoded. A
stand-in is its own stand-in: a replay finds a request by what it says once it is sanitized as the recorded one was.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import quote

from acrlab.recordings import kept
from acrlab.recordings.encodings import Found, found_in
from acrlab.recordings.sensitive import CALLED, in_plain
from acrlab.recordings.strangers import OTHER, in_a_recording
from acrlab.recordings.telling import COMMON, GUID, HIDDEN, made_up_guid, names_of_this_computer

SUBSCRIPTION = "00000000-0000-4000-8000-00000000ac1a"  # the emulated Azure's
SUBSCRIPTION_NAME = "acrlab emulated subscription"
SPACES = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")  # for documentation; RFC 5737
START = r"(?<![A-Za-z0-9])(?<!Microsoft\.)"  # of a name, which is neither the end of another nor a service's
# A service's own ways to say that what stands beside is a secret: {"name": "password", "value": "..."}.
NAMING = ("name", "keyname", "kind", "type")
SECRET_NAME = re.compile(rf"{CALLED}|\bkey\d?$", re.IGNORECASE)
# Of several that are in the same place: a replay, which knows no names, hides the same parameters.
ORDER = {"parameter": 0, "known": 1}
# What Azure notes on a record that it writes.
CREATOR = re.compile(r"(?P<begins>created by private endpoint )(?P<endpoint>[\w.-]+)(?P<ends> with resource guid .*)")
STAYS = re.compile(rf"{GUID}|person\d+@example\.com|")


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
        self._known = re.compile(rf"{START}(?:{alternatives})(?![A-Za-z0-9])", re.IGNORECASE)
        self._key = secrets.token_bytes(32)  # kept nowhere: no one can find out whose an id was by trying
        self._numbered: dict[str, int] = {}
        self._lock = Lock()

    def text(self, text: str) -> str:
        """Replace all that is sensitive in a text."""
        parts: list[str] = []
        at = 0
        for one in _apart(found_in(text, self._found)):
            parts += (text[at : one.start], self._instead(one))
            at = one.end
        return "".join((*parts, text[at:]))

    def json(self, value: Any) -> Any:
        """Keep of what JSON can carry what may stay: what has a key that is listed, without what is sensitive in it."""
        if isinstance(value, dict):
            secret = any(SECRET_NAME.search(str(one)) for name, one in value.items() if name.lower() in NAMING)
            said = {
                name: HIDDEN if secret and name.lower() == "value" and isinstance(one, str) else kept_value
                for name, one in value.items()
                for kept_value in self._of_key(name, one, value)
            }
            id, name = str(value.get("id", "")), value.get("name")
            if name and id.endswith(f"/{name}"):  # which says whose group a thing is in, as its name alone does not
                said["name"] = str(said["id"]).rpartition("/")[2]
            return said
        if isinstance(value, list):
            return [self.json(one) for one in value]
        return self._string(value) if isinstance(value, str) else value

    def line(self, text: str) -> str:
        """Keep of a line of JSON what may stay; its end stays."""
        said = text.rstrip("\r\n")
        return self._string(said) + text[len(said) :]

    def _of_key(self, name: str, value: Any, beside: Mapping[str, Any]) -> Iterator[Any]:
        """What stays under a key; nothing: the key does not stay."""
        key = name.lower()
        if key == "metadata" and isinstance(value, dict) and beside.keys() >= kept.KUBERNETES:
            yield self.json({part: value[part] for part in kept.NAMED if part in value})
        elif key in kept.TAGS and isinstance(value, dict):
            yield dict(self._tag(*item) for item in value.items())
        elif key == "displayname" and "subscriptionId" in beside:
            yield SUBSCRIPTION_NAME
        elif key in kept.HIDDEN_KEYS:
            yield HIDDEN if value else value
        elif key == "passwords" and isinstance(value, list):
            yield [{n: HIDDEN if n == "value" else v for n, v in self.json(one).items()} for one in value]
        elif key == "internaldomainnamesuffix":
            yield self.text(value) if str(value).endswith(".internal.cloudapp.net") else HIDDEN
        elif key == "domainname":  # of a forwarding rule, which may be for a company's own
            yield value if kept.REGISTRIES.fullmatch(str(value)) else HIDDEN
        elif key in kept.AUTHORS | kept.USERS and isinstance(value, str):
            said = self.text(value)
            stays = STAYS.fullmatch(said) if key in kept.AUTHORS else said.lower() in COMMON
            yield said if stays else HIDDEN
        elif key in kept.KEYS or key == "tags":  # the registry calls lists so
            yield self.json(value)

    def _tag(self, name: str, value: Any) -> tuple[str, Any]:
        if name.startswith(kept.OWN_TAGS) or (name, str(value)) in kept.COURSE_TAGS:
            return name, self.json(value)
        if name == "creator" and (by := CREATOR.fullmatch(str(value))):
            return name, f"{by['begins']}{self._of_the_lab(by['endpoint'])}{self.text(by['ends'])}"
        known = re.fullmatch(r"tag-[0-9a-f]{8}", name)
        return (name if known else f"tag-{self._digest(name)[:8]}"), HIDDEN

    def _of_the_lab(self, name: str) -> str:
        """What a name is called, where it is the lab's; other people's endpoints may write into its zone."""
        if name in self._names.values() or OTHER.fullmatch(name):
            return name
        return self._names.get(name.lower()) or f"other-{self._digest(name.lower())[:8]}"

    def _string(self, value: str) -> str:
        """A string, which may be JSON itself."""
        if value.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
            try:
                inner = json.loads(value.lstrip("\ufeff"))
            except (ValueError, RecursionError):
                return self.text(value)
            said = self.json(inner)
            return value if said == inner else json.dumps(said, ensure_ascii=False)
        return self.text(value)

    def _found(self, text: str) -> Iterator[Found]:
        yield from (Found("known", *match.span(), match[0]) for match in self._known.finditer(text))
        yield from in_plain(text)
        yield from in_a_recording(text, self._names)

    def _instead(self, one: Found) -> str:
        said = f"encoded-{self._digest(one.value)[:20]}" if one.form == "base64" else self._named(one.kind, one.value)
        return quote(said, safe="") if one.form == "address" else said

    def _named(self, kind: str, value: str) -> str:
        match kind:
            case "known":
                return self._names[value.lower()]
            case "id":
                return self._guid(value)
            case "encoded JSON":
                return f"encoded-{self._digest(value)[:20]}"
            case "e-mail address" | "guest account":
                return f"person{self._number(value)}@example.com"
            case "public address":
                return self._address(value)
            case "hardware address":
                return f"00-00-5E-00-53-{self._number(value) % 256:02X}"
            case "tenant":
                return "hidden.onmicrosoft.com"
            case "other group" | "other name":
                return f"other-{self._digest(value.lower())[:8]}"
            case "storage account":
                return f"acrlab{self._digest(value)[:8]}"
        return HIDDEN

    def _guid(self, value: str) -> str:
        if made_up_guid(value):
            return value
        digest = self._digest(re.sub("[-_]", "", value.lower()))
        between = "-0000-4000-8000-" if "-" in value else "000040008000"
        return f"{digest[:8]}{between}{digest[8:20]}"

    def _digest(self, value: str) -> str:
        return hmac.new(self._key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _address(self, value: str) -> str:
        """One of the addresses for documentation; a few hundred, which is more than a lab has."""
        number = self._number(value)
        if ":" in value:
            return f"2001:db8::{number:x}"
        space = ipaddress.ip_network(SPACES[number // 200 % len(SPACES)])
        return str(space[number % 200 + 20]).replace(".", "-" if "-" in value else ".")

    def _number(self, value: str) -> int:
        """The number of a mail or other address, from 1 on, in the order in which they were met."""
        with self._lock:
            return self._numbered.setdefault(value.lower(), len(self._numbered) + 1)


def _apart(found: Iterable[Found]) -> list[Found]:
    """What was found, without what lies in another; of what laps over, nothing can be read."""
    apart: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end, ORDER.get(one.kind, len(ORDER)))):
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
        elif one.end > apart[-1].end:
            apart[-1] = Found("both", apart[-1].start, one.end, "")
    return [one for one in apart if one.end > one.start]
