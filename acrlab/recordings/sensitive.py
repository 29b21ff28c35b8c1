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
from functools import cache, lru_cache
from itertools import pairwise

from acrlab.recordings.encodings import Found, decoded, found_in

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
# Names that many computers and users have identify no one.
COMMON = {
    *("root", "user", "admin", "administrator", "azureuser", "runner", "jovyan", "vscode", "ubuntu", "debian"),
    *("localhost", "docker", "jupyter", "notebook", "nobody", "computer", "container"),
}
LEAST_LETTERS = 4
RANDOM_FROM = 24  # letters; fewer may look so by chance
KEPT_ADDRESSES = {"168.63.129.16", "169.254.169.254"}  # Azure's own, the same everywhere
DOCUMENTATION = tuple(
    ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "2001::/32")
)
TELLING = tuple(ipaddress.ip_network(n) for n in ("2000::/3", "fc00::/7", "fe80::/10"))  # of IPv6: someone's own
# Built-in roles of Azure, and applications of Microsoft, that have the same id everywhere.
# Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
EVERYBODYS = {
    *("7f951dda-4ed3-4680-a7ca-43fe172d538d", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    *("8311e382-0749-4cb8-b61a-304f252e45ec", "c2f4ef07-c644-48eb-af81-4b1b4947fb11"),
    *("b24988ac-6180-42a0-ab88-20f7382dd24c", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
    "11fb06fb-712d-4ddd-98c7-e71bbd588830",  # under which templates derive theirs
}
MADE_UP_NAMES = ("acrlab emulated ", "N/A(tenant level account", "hidden", "Python 3")
HIDDEN = "hidden"


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
    host = value.rpartition("@")[2].lower()
    return not re.search(r"(^|\.)(example|contoso)\.", f".{host}")


def _telling_ipv6(value: str) -> bool:
    try:
        address = ipaddress.IPv6Address(value.partition("%")[0])
    except ValueError:
        return False
    if address.ipv4_mapped:
        return public_address(str(address.ipv4_mapped))
    if value.endswith("::") and value.count(":") < 4:  # the beginning of a network so large that it is nobody's
        return False
    return any(address in n for n in TELLING) and not any(address in n for n in DOCUMENTATION)


def _whose_id(value: str) -> bool:
    """Whether an id is someone's; those that are made of a name (version 5) can be made by anyone."""
    plain = value.lower().replace("-", "")
    return (
        not made_up_guid(value) and plain[12] != "5" and plain[8:16] != "00004000" and value.lower() not in EVERYBODYS
    )


def chosen(value: str) -> bool:
    """Say whether what stands where a secret does was chosen: no stand-in, no variable, no word of code."""
    return not re.match(
        r"-?[$<{*%(\[@]|.*[{\[]|\.\.\.|(?:hidden|none|null|true|false|str|bytes|required|optional)\b", value, re.I
    )


def _literal(value: str) -> bool:
    """Whether it can't be code: the name of a variable, an attribute, a call."""
    return chosen(value) and not re.fullmatch(r"[A-Za-z_][\w.]*(?:\(.*)?", value)


def _name_and_password(value: str) -> bool:
    return any(re.fullmatch(r"[\w.@-]*:\S+", said) for said in decoded(value))


@lru_cache(4096)
def _random(value: str) -> bool:
    """Whether letters are mixed as only chance mixes them: keys and tokens are, words and names are not."""
    plain = re.sub(GUID, "", value.rstrip("="))
    parts = [part for part in plain.split("/") if len(part) >= RANDOM_FROM]
    return any(_mixed(part) for part in (*parts, plain) if len(part) >= RANDOM_FROM)


def _mixed(plain: str) -> bool:
    if 0.6 * len(plain) < sum(len(one) for one in decoded(plain)) * 4 / 3:
        return False  # it says something, which is looked at for itself
    shares = [sum(map(test, plain)) / len(plain) for test in (str.isupper, str.islower, str.isdigit)]
    changes = sum(_sort(one) != _sort(other) for one, other in pairwise(plain)) / len(plain)
    return min(shares[:2]) >= 0.15 and shares[2] >= 0.03 and changes >= 0.4 and not _of_a_file(plain)


def _sort(sign: str) -> int:
    return 0 if sign.isupper() else 1 if sign.islower() else 2 if sign.isdigit() else 3


def _of_a_file(value: str) -> bool:
    """Whether it is a picture, an archive or a font in base64: what they begin with."""
    return value.startswith(("iVBORw0KGgo", "/9j/", "R0lGOD", "H4sI", "UEsDB", "JVBERi", "d09G", "U1FMaXRl"))


NO_VERSION = r"""(?<!ersion": ")(?<!ersion\\": \\")(?<!section )"""  # four numbers of another kind
CALLED = (  # of a key: what it holds is a secret
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|signature|protected[-_]?settings|connection[-_]?string"
    r"|api[-_]?key|access[-_]?sas|(?:account|access|shared|primary|secondary|master|storage|private|host|admin)[\w-]*key)"
)
# The classes of one letter keep these patterns from finding themselves.
KINDS = (
    Kind("token", re.compile(r"(?P<value>\bey[J][\w-]{10,}\.[\w-]{10,}\.[\w-]*)")),
    # Azure's names of operations are JSON that names what they are about.
    Kind("encoded JSON", re.compile(r"(?<![\w+-])(?P<value>ey[J][\w+/-]{20,}={0,2})(?![\w.])")),
    Kind("private key", re.compile(r"(?P<value>-----BEGI[N] [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\w+/=:,.\s\\-]*)")),
    Kind("private key", re.compile(r"PuTT[Y]-User-Key-File-\d: (?P<value>[^\"]+)")),
    Kind("certificate", re.compile(r"(?P<value>-----BEGI[N] [A-Z0-9 ]*(?<!KEY)-----[\s\\n]*[\w+/=]{16}[\w+/=\s\\-]*)")),
    # Source: https://learn.microsoft.com/purview/sit-defn-client-secret-api-key, sit-defn-azure-container-registry-key
    Kind("client secret", re.compile(r"(?<![\w~.-])(?P<value>[\w~.-]{3}\d[Q]~[\w~.-]{31,34})(?![\w~.-])")),
    Kind("password", re.compile(r"(?<![\w+/])(?P<value>[A-Za-z0-9+/]{42}\+[A]CR[A-Za-z0-9]{6})(?![\w+/])")),
    Kind("account key", re.compile(r"(?:Account|SharedAccess)[K]ey=(?P<value>[\w+/]{20,}=*)")),
    Kind(
        "signed address",
        re.compile(r"(?:[?&;\s\"']|amp;|^)(?:sig|s|h|c)=(?P<value>[\w%+/.~-]{16,}=*)(?<!\.azurecr\.io)"),
    ),
    Kind("signed address", re.compile(r"[?&;]regi[d]=(?P<value>[0-9a-f]{32})"), _whose_id),
    Kind(
        "token of a service",
        re.compile(
            r"(?P<value>\b(?:dck[r]_(?:pat|oat)_|g[h][pousr]_|github_pa[t]_|glpa[t]-|npm_|pypi-Ag|xox[abprs]-|AKI[A])[\w-]{12,})"
        ),
    ),
    Kind(
        "sign-in",
        re.compile(r"\b(?:Basic|Bearer) (?P<value>[\w+/.~-]{12,}=*)(?![\w=:])"),
        lambda value: _random(value) or _name_and_password(value),
    ),
    Kind("sign-in", re.compile(r"\"auth\"\s*:\s*\"(?P<value>[\w+/-]{8,}=*)\"")),
    Kind("sign-in", re.compile(r"://(?P<value>[^\s:/@\"'<>{}$]+:[^\s/@\"'<>{}$]+)@"), chosen),
    Kind(
        "secret",
        re.compile(rf"[\"'](?:[\w.-]*){CALLED}[\"']\s*:\s*[\"'](?P<value>[^\"'\\\s]{{6,}})[\"']", re.I),
        chosen,
    ),
    Kind("secret", re.compile(r"\"protectedSetting[s]\"\s*:\s*\{(?P<value>[^}]{4,})\}")),
    Kind(
        "secret",
        re.compile(
            r"(?<![\w.-])(?:[A-Z0-9]+[_-])*(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY)=[\"']?(?P<value>[^\s;&\"'<>,)\\]{6,})"
        ),
        chosen,
    ),
    Kind("secret", re.compile(r"\"(?:custom|user)Dat[a]\"\s*:\s*\"(?P<value>[^\"\\]{8,})\""), chosen),
    Kind(
        "secret",
        re.compile(r"--(?:password|client-secret|account-key|sas-token)[ =](?P<value>[^\s\"'`),]{6,})"),
        _literal,
    ),
    Kind(
        "secret",
        re.compile(
            r"^[ \t-]*(?:password|passwd|secret)[ \t]*:[ \t]+(?P<value>[^\s\"'#,]{6,})[ \t]*$",
            re.MULTILINE | re.IGNORECASE,
        ),
        chosen,
    ),
    Kind(
        "connection string",
        re.compile(r"\b(?:Password|Pwd|SharedAccessSignature|SharedSecret)[=](?P<value>[^\s;\"'<>]{6,})"),
        chosen,
    ),
    Kind("secret", re.compile(rf"{CALLED}=(?P<value>[^\s;&\"'<>,)\\]{{8,}})", re.I), _literal),
    Kind("key or token", re.compile(r"(?<![\w+/=-])(?P<value>[\w+/-]{24,}={0,2})(?![\w+/=-])", re.A), _random),
    Kind(
        "SSH public key",
        re.compile(r"(?P<value>\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-[\w-]+) AAA[A][\w+/]{8,}=* +[\w.-]+@[\w.-]+)"),
    ),
    Kind(
        "e-mail address", re.compile(r"(?<![\w.+#-])(?P<value>\w[\w.+#-]*+@(?:[\w-]+\.)+[^\W\d_]{2,24})\b"), _real_mail
    ),
    Kind("guest account", re.compile(r"(?<![\w.+#-])(?P<value>\w[\w.+-]*+#EX[T]#)")),
    Kind(
        "tenant",
        re.compile(r"(?<![\w.@-])(?P<value>[\w-]+\.onmicrosof[t]\.com)"),
        lambda value: not value.startswith(("contoso.", "example.", "hidden.", "acrlab")),
    ),
    Kind(
        "name of a person or a subscription",
        re.compile(
            r"\"(?:displayNam[e]|givenName|surname|familyName|subscriptionName)\"\s*:\s*\"(?P<value>[^\"\\]+)\""
        ),
        lambda value: not value.startswith(MADE_UP_NAMES),
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
    Kind("id", re.compile(rf"(?<![0-9a-fA-F-])(?P<value>{GUID})(?![0-9a-fA-F-])"), _whose_id),
    Kind(
        "id",
        re.compile(r"(?<![\w:@/.-])(?P<value>[0-9a-fA-F]{12}4[0-9a-fA-F]{3}[89abAB][0-9a-fA-F]{15})(?![\w-])"),
        _whose_id,
    ),
    Kind("thumbprint", re.compile(r"(?<![\w:])(?P<value>(?=[0-9]*[A-F])[0-9A-F]{40}(?:[0-9A-F]{24})?)(?!\w)")),
    Kind(
        "public address",
        re.compile(rf"{NO_VERSION}(?<![\w.-])(?P<value>(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?![\w-]|\.\d)"),
        public_address,
    ),
    Kind(
        "public address",
        re.compile(r"(?<!\d)(?<!\d[.-])(?P<value>\d{1,3}(?:-\d{1,3}){3})(?![\d-]|\.\d)"),
        lambda value: public_address(value.replace("-", ".")),
    ),
    Kind(
        "public address",
        re.compile(r"(?<![\w:.])(?P<value>(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:\d\.[\d.]+)?)(?![\w:])"),
        _telling_ipv6,
    ),
    Kind(
        "hardware address",
        re.compile(
            r"(?<![\w:-])(?P<value>[0-9a-fA-F]{2}(?P<between>[:-])(?:[0-9a-fA-F]{2}(?P=between)){4}[0-9a-fA-F]{2})(?![\w:-])"
        ),
        lambda value: not value.upper().startswith(("00-00-5E-00-53", "00:00:5E:00:53")),
    ),
)


def sightings(text: str, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Found]:
    """Find what is sensitive in a text, and in what is encoded in it."""
    yield from dict.fromkeys(found_in(text, lambda one: in_plain(one, kinds)))


def in_plain(text: str, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Found]:
    """Find what is sensitive in a text as it stands."""
    for kind in kinds:
        for match in kind.pattern.finditer(text):
            group = next(name for name in ("value", "other") if match.groupdict().get(name) is not None)
            if kind.counts(match[group]):
                yield Found(kind.name, *match.span(group), match[group])
    for name in names_of_this_computer():
        for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            yield Found("name of this computer or its user", *match.span(), match[0])
