"""Whether a value tells of someone, or opens something: what only looks so is an example, or everybody's."""

from __future__ import annotations

import getpass
import ipaddress
import re
import socket
from functools import cache, lru_cache
from itertools import pairwise

from acrlab.azure.cloud import ROLES
from acrlab.recordings.encodings import decoded

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
# Names that many computers and users have identify no one.
COMMON = {
    *("root", "user", "admin", "administrator", "azureuser", "runner", "jovyan", "vscode", "ubuntu", "debian"),
    *("localhost", "docker", "jupyter", "notebook", "nobody", "computer", "container"),
}
LEAST_LETTERS = 4
RANDOM_FROM = 24  # letters; fewer may look so by chance
RESOLVERS = {".".join(digits) for digits in ("8888", "8844", "1111", "1001", "9999")}  # which anyone may ask
KEPT_ADDRESSES = {"168.63.129.16", "169.254.169.254", *RESOLVERS}  # and Azure's own, the same everywhere
DOCUMENTATION = tuple(
    ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "2001::/32")
)
TELLING = tuple(ipaddress.ip_network(n) for n in ("2000::/3", "fc00::/7", "fe80::/10"))  # of IPv6: someone's own
# Ids that are the same everywhere: of Azure's built-in roles, and of Microsoft's applications.
EVERYBODYS = {*ROLES, "11fb06fb-712d-4ddd-98c7-e71bbd588830"}  # the last: under which templates derive theirs
MADE_UP_NAMES = ("acrlab emulated ", "N/A(tenant level account", "hidden", "Python 3")
HIDDEN = "hidden"


def made_up_guid(value: str) -> bool:
    """Say whether a GUID identifies no one: the emulated Azure's own, a recording's, an example's."""
    first, *_ = parts = value.lower().split("-")
    return parts[1:4] == ["0000", "4000", "8000"] or len(set(first)) == 1


def public_address(value: str) -> bool:
    """Say whether an address is one on the internet; those for documentation are not."""
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


def real_mail(value: str) -> bool:
    """Say whether an address of mail is someone's, and not an example."""
    host = value.rpartition("@")[2].lower()
    return not re.search(r"\.(example|contoso)(\.(com|org|net|edu|onmicrosoft\.com))?$|\.example\.", f".{host}")


def telling_ipv6(value: str) -> bool:
    """Say whether an address is one of IPv6 that only someone has."""
    try:
        address = ipaddress.IPv6Address(value.partition("%")[0])
    except ValueError:
        return False
    if address.ipv4_mapped:
        return public_address(str(address.ipv4_mapped))
    if value.endswith("::") and value.count(":") < 4:  # the beginning of a network so large that it belongs to no one
        return False
    return any(address in n for n in TELLING) and not any(address in n for n in DOCUMENTATION)


def not_made_up(value: str) -> bool:
    """Say whether a GUID was not made for examples."""
    return not made_up_guid(value)


def whose_id(value: str) -> bool:
    """Say whether an id is someone's; those that are made of a name (version 5) can be made by anyone."""
    plain = re.sub("[-_]", "", value.lower())
    return (
        not made_up_guid(value) and plain[12] != "5" and plain[8:16] != "00004000" and value.lower() not in EVERYBODYS
    )


def chosen(value: str) -> bool:
    """Say whether what stands where a secret does was chosen: no stand-in, no variable, no word of code."""
    return not re.match(
        r"--|-?[$<{*%(\[@]|.*[{\[]|\.\.\.|(?:hidden|none|null|true|false|str|bytes|required|optional)\b", value, re.I
    )


def literal(value: str) -> bool:
    """Say whether it can't be code: the name of a variable, an attribute, a call."""
    return chosen(value) and not re.fullmatch(r"[A-Za-z_][\w.]*(?:\(.*)?", value)


def name_and_password(value: str) -> bool:
    """Say whether base64 holds what signs in to a service."""
    return any(re.fullmatch(r"[\w.@-]*:\S+", said) for said in decoded(value))


@lru_cache(4096)
def random_letters(value: str) -> bool:
    """Say whether letters are mixed as only chance mixes them: keys and tokens are, words and names are not."""
    if _of_a_file(value):
        return False
    plain = re.sub(GUID, "", value.rstrip("="))
    parts = [part for part in plain.split("/") if len(part) >= RANDOM_FROM]
    return any(_mixed(part) for part in (*parts, plain) if len(part) >= RANDOM_FROM)


def _mixed(plain: str) -> bool:
    if 0.6 * len(plain) < sum(len(one) for one in decoded(plain)) * 4 / 3:
        return False  # it says something, which is looked at for itself
    shares = [sum(map(test, plain)) / len(plain) for test in (str.isupper, str.islower, str.isdigit)]
    changes = sum(_sort(one) != _sort(other) for one, other in pairwise(plain)) / len(plain)
    return min(shares[:2]) >= 0.15 and shares[2] >= 0.03 and changes >= 0.4


def _sort(sign: str) -> int:
    return 0 if sign.isupper() else 1 if sign.islower() else 2 if sign.isdigit() else 3


def _of_a_file(value: str) -> bool:
    """Say whether it is a picture, an archive or a font in base64: what they begin with."""
    return value.startswith(("iVBORw0KGgo", "/9j/", "R0lGOD", "H4sI", "UEsDB", "JVBERi", "d09G", "U1FMaXRl"))
