"""What must not be written where others may read it, and the patterns that find it.

Recordings replace it (`sanitize`); `acrlab scan` reports it (`scan`).
"""

from __future__ import annotations

import getpass
import ipaddress
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
# Names that many computers and users have identify no one.
COMMON = {
    *("root", "user", "admin", "administrator", "azureuser", "runner", "jovyan", "vscode", "ubuntu", "debian"),
    *("localhost", "docker", "jupyter", "notebook", "nobody", "computer", "container"),
}
LEAST_LETTERS = 4
KEPT_ADDRESSES = {"168.63.129.16", "169.254.169.254"}  # Azure's own, the same everywhere
DOCUMENTATION = tuple(ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))


@dataclass(frozen=True)
class Kind:
    """Something sensitive.

    Attributes:
        name: what it is, for people.
        pattern: finds it; its group `value` is the part that must not be read.
        counts: says of such a value whether it is one, and not an example.
    """

    name: str
    pattern: re.Pattern[str]
    counts: Callable[[str], bool] = bool


@dataclass(frozen=True)
class Sighting:
    """A place in a text where something sensitive stands; never the thing itself."""

    kind: str
    start: int
    end: int


def made_up_guid(value: str) -> bool:
    """Whether a GUID identifies no one: the emulated Azure's own, a recording's, an example's."""
    first, *_ = parts = value.lower().split("-")
    return parts[1:4] == ["0000", "4000", "8000"] or len(set(first)) == 1


def public_address(value: str) -> bool:
    """Whether an address is one on the internet; those for documentation are not."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return address.is_global and value not in KEPT_ADDRESSES and not any(address in n for n in DOCUMENTATION)


@cache
def names_of_this_computer() -> tuple[str, ...]:
    """Name this computer and its user, where that identifies either."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        user = ""
    names = (user, socket.gethostname(), socket.gethostname().partition(".")[0])
    return tuple(n for n in dict.fromkeys(names) if len(n) >= LEAST_LETTERS and n.lower() not in COMMON)


def _real_mail(value: str) -> bool:
    host = value.partition("@")[2].lower()
    return not re.search(r"(^|\.)(example|contoso)\.", f".{host}")


NO_VERSION = r"""(?<!ersion": ")(?<!ersion\\": \\")(?<!section )"""  # four numbers of another kind
# The classes of one letter keep these patterns from finding themselves.
KINDS = (
    Kind("token", re.compile(r"(?P<value>\bey[J][\w-]{10,}\.[\w-]{10,}\.[\w-]*)")),
    # Azure's names of operations are JSON that names what they are about.
    Kind("encoded JSON", re.compile(r"(?<![\w+-])(?P<value>ey[J][\w+/-]{20,}={0,2})(?![\w.])")),
    Kind("private key", re.compile(r"(?P<value>-----BEGI[N] [A-Z ]*PRIVATE KEY-----[\w+/=\s\\-]*)")),
    # Source: https://learn.microsoft.com/purview/sit-defn-client-secret-api-key, sit-defn-azure-container-registry-key
    Kind("client secret", re.compile(r"(?<![\w~.-])(?P<value>[\w~.-]{3}\d[Q]~[\w~.-]{31,34})(?![\w~.-])")),
    Kind("password", re.compile(r"(?<![\w+/])(?P<value>[A-Za-z0-9+/]{42}\+[A]CR[A-Za-z0-9]{6})(?![\w+/])")),
    Kind("account key", re.compile(r"(?:Account|SharedAccess)[K]ey=(?P<value>[\w+/]{20,}=*)")),
    Kind("signed address", re.compile(r"[?&](?:sig|s|h|c)=(?P<value>[\w%+/.~-]{16,}=*)")),
    Kind(
        "e-mail address", re.compile(r"(?P<value>[\w.+-]+@(?:[\w-]+\.)+(?:com|org|net|io|dev|[a-z]{2}))\b"), _real_mail
    ),
    Kind(
        "id",
        re.compile(
            rf"""(?:subscriptions|tenants)/(?P<value>{GUID})|"""
            r"""(?:subscription|tenant|principal|client|object|app)[ _]?id"""
            rf"""['"\\]*\s*[:=]?\s*['"\\]*(?P<other>{GUID})""",
            re.IGNORECASE,
        ),
        lambda value: not made_up_guid(value),
    ),
    Kind(
        "public address",
        re.compile(rf"{NO_VERSION}(?<![\w.-])(?P<value>(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?![\w-]|\.\d)"),
        public_address,
    ),
)


def sightings(text: str, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Sighting]:
    """Find what is sensitive in a text."""
    for kind in kinds:
        for match in kind.pattern.finditer(text):
            group = next(name for name, value in match.groupdict().items() if value is not None)
            if kind.counts(match[group]):
                yield Sighting(kind.name, *match.span(group))
    for name in names_of_this_computer():
        for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            yield Sighting("name of this computer or its user", *match.span())
