"""What must not be written where others may read it, and the patterns that find it.

Recordings replace it (`sanitize`); `acrlab scan` reports it (`scan`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acrlab.recordings.encodings import Found, found_in
from acrlab.recordings.telling import (
    GUID,
    HIDDEN,
    MADE_UP_NAMES,
    chosen,
    literal,
    name_and_password,
    names_of_this_computer,
    not_made_up,
    public_address,
    random_letters,
    real_mail,
    telling_ipv6,
    whose_id,
)


@dataclass(frozen=True)
class Kind:
    """Something sensitive.

    Attributes:
        name: what it is, for people.
        pattern: finds it; its group `value` is the part that must not be read.
        counts: says of such a value whether it is one, and not an example.
        needs: no text without it holds one.
        behind: what a match stands behind. Names of keys are looked for there alone: a pattern that begins with many of
            them would try each at every letter.
    """

    name: str
    pattern: re.Pattern[str]
    counts: Callable[[str], bool] = bool
    needs: str = ""
    behind: re.Pattern[str] | None = None

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Find it wherever it stands in a text."""
        if self.behind is None:
            yield from self.pattern.finditer(text)
            return
        at = 0
        while match := self.pattern.search(text, at):
            start = match.start()
            at = start + 1  # a match that does not count may hide one that does
            if not text[max(0, start - LONGEST_END) : start].lower().endswith(CALLED_ENDS):
                continue
            if self.behind.search(text, max(0, start - LONGEST_NAME), start):
                yield match
                at = match.end()


NO_VERSION = r"""(?<!ersion": ")(?<!ersion\\": \\")(?<!section )"""  # four numbers of another kind
CALLED = (  # of a key: what it holds is a secret
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|signature|protected[-_]?settings|connection[-_]?string"
    r"|api[-_]?key|access[-_]?sas|(?:account|access|shared|primary|secondary|master|storage|private|host|admin)[\w-]*key)"
)
CALLED_SO = re.compile(rf"{CALLED}\Z", re.I)
# How such a name ends, which is quickly seen; few of the many names that stand before a value do.
CALLED_ENDS = (
    *("word", "wd", "phrase", "secret", "token", "credential", "credentials"),
    *("signature", "settings", "string", "key", "sas"),
)
LONGEST_END = max(map(len, CALLED_ENDS))
ENDING = "[dtelnsgyDTELNSGY]"  # the last letters of these
LONGEST_NAME = 128
# What stands before ids that are someone's whatever version they are; each of a fixed length, and so quickly looked up.
CALLED_IDS = "|".join(
    f"(?<={before})"
    for before in (
        *("[sS][uU][bB][sS][cC][rR][iI][pP][tT][iI][oO][nN][sS]/", "[tT][eE][nN][aA][nN][tT][sS]/"),
        *(f"[nNtTlLpP]{gap}[iI][dD]{sign}" for gap in ("", "[ _]") for sign in ('": ?"', "=", " ", ": ", "[=(]['\"]")),
    )
).replace(' ?"', ' "')
# The classes of one letter keep these patterns from finding themselves.
KINDS = (
    Kind("token", re.compile(r"(?P<value>\bey[J][\w-]{10,}\.[\w-]{10,}\.[\w-]*)"), needs="eyJ"),
    # Azure's names of operations are JSON that names what they are about.
    Kind("encoded JSON", re.compile(r"(?<![\w+-])(?P<value>ey[J][\w+/-]{20,}={0,2})(?![\w.])"), needs="eyJ"),
    Kind("private key", re.compile(r"(?P<value>-----BEGI[N] [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\w+/=:,.\s\\-]*)")),
    Kind("private key", re.compile(r"PuTT[Y]-User-Key-File-\d: (?P<value>[^\"]+)")),
    Kind("certificate", re.compile(r"(?P<value>-----BEGI[N] [A-Z0-9 ]*(?<!KEY)-----[\s\\n]*[\w+/=]{16}[\w+/=\s\\-]*)")),
    # Source: https://learn.microsoft.com/purview/sit-defn-client-secret-api-key, sit-defn-azure-container-registry-key
    Kind("client secret", re.compile(r"(?<![\w~.-])(?P<value>[\w~.-]{3}\d[Q]~[\w~.-]{31,34})(?![\w~.-])"), needs="Q~"),
    Kind(
        "password", re.compile(r"(?<![\w+/])(?P<value>[A-Za-z0-9+/]{42}\+[A]CR[A-Za-z0-9]{6})(?![\w+/])"), needs="+ACR"
    ),
    Kind("account key", re.compile(r"(?:Account|SharedAccess)[K]ey=(?P<value>[\w+/]{20,}=*)")),
    Kind(
        "signed address",
        re.compile(r"(?:[?&;\s\"']|amp;|^)(?:sig|s|h|c)=(?![\w.-]+\.azurecr\.io\b)(?P<value>[\w%+/.~-]{16,}=*)"),
    ),
    Kind("signed address", re.compile(r"[?&;]regi[d]=(?P<value>[0-9a-f]{32})"), whose_id),
    Kind(
        "token of a service",
        re.compile(
            r"(?P<value>\b(?:dck[r]_(?:pat|oat)_|g[h][pousr]_|github_pa[t]_|glpa[t]-|npm_|pypi-Ag|xox[abprs]-|AKI[A])[\w-]{12,})"
        ),
    ),
    Kind(
        "sign-in",
        re.compile(r"\b(?:Basic|Bearer) (?P<value>[\w+/.~-]{12,}=*)(?![\w=:])"),
        lambda value: random_letters(value) or name_and_password(value),
    ),
    Kind(
        "sign-in",
        re.compile(r"\"auth\"\s*:\s*\"(?P<value>[\w+/-]{4,}=*)\""),
        lambda value: len(value) > 8 or name_and_password(value),
    ),
    Kind("sign-in", re.compile(r"://(?P<value>[^\s:/@\"'<>{}$]+:[^\s/@\"'<>{}$]{5,})@"), chosen, needs="@"),
    Kind(
        "secret",
        re.compile(rf"[\"'](?<={ENDING}[\"'])\s*:\s*[\"'](?P<value>[^\"'\\\s]{{6,}})[\"']"),
        chosen,
        behind=CALLED_SO,
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
        re.compile(
            r"(?:--(?:password|client-secret|account-key|sas-token)|\blogin\b[^\n\"]{0,200}? -p)[ =]"
            r"(?P<value>[^\s\"'`),]{6,})"
        ),
        lambda value: chosen(value) and bool(re.search(r"\d|[^\w.]", value)),
    ),
    Kind(
        "id",
        re.compile(r"(?<![0-9a-fA-F])(?P<value>[0-9a-fA-F]{8}_(?:[0-9a-fA-F]{4}_){3}[0-9a-fA-F]{12})(?![0-9a-fA-F])"),
        whose_id,
    ),
    Kind("thumbprint", re.compile(r"\"thumbprin[t]\"\s*:\s*\"(?P<value>[0-9a-fA-F]{40,64})\"")),
    Kind("hardware address", re.compile(r"\"macAddres[s]\"\s*:\s*\"(?P<value>[0-9a-fA-F]{12})\"")),
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
    Kind(
        "secret",
        re.compile(rf"=(?<={ENDING}=)(?P<value>[^\s;&\"'<>,)\\]{{8,}})"),
        literal,
        behind=CALLED_SO,
    ),
    Kind("key or token", re.compile(r"(?<![\w+/=-])(?P<value>[\w+/-]{24,}={0,2})(?![\w+/=-])", re.A), random_letters),
    Kind(
        "SSH public key",
        re.compile(r"(?P<value>\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-[\w-]+) AAA[A][\w+/]{8,}=* +[\w.-]+@[\w.-]+)"),
        needs=" AAAA",
    ),
    Kind(
        "e-mail address",
        re.compile(r"(?<![\w.+#-])(?P<value>\w[\w.+#-]*+@(?:[\w-]+\.)+[^\W\d_]{2,24})\b"),
        real_mail,
        needs="@",
    ),
    Kind("guest account", re.compile(r"(?<![\w.+#-])(?P<value>\w[\w.+-]*+#EX[T]#)"), needs="#EXT#"),
    Kind(
        "tenant",
        re.compile(r"(?<![\w.@-])(?P<value>(?:[\w-]+\.)+onmicrosof[t]\.com)"),
        lambda value: not value.startswith(("contoso.", "example.", "hidden.", "acrlab")),
        needs=".onmicrosoft.com",
    ),
    Kind(
        "name of a person or a subscription",
        re.compile(
            r"\"(?:displayNam[e]|givenName|surname|familyName|subscriptionName)\"\s*:\s*\"(?P<value>[^\"\\]+)\""
        ),
        lambda value: not value.startswith(MADE_UP_NAMES),
    ),
    Kind("id", re.compile(rf"(?=[0-9a-fA-F]{{8}}-)(?:{CALLED_IDS})(?P<value>{GUID})"), not_made_up),
    Kind("id", re.compile(rf"(?<![0-9a-fA-F-])(?P<value>{GUID})(?![0-9a-fA-F-])"), whose_id),
    Kind(
        "id",
        re.compile(r"(?<![\w:@/.-])(?P<value>[0-9a-fA-F]{12}4[0-9a-fA-F]{3}[89abAB][0-9a-fA-F]{15})(?![\w-])"),
        whose_id,
    ),
    Kind("thumbprint", re.compile(r"(?<![\w:])(?P<value>(?=[0-9]*[A-F])[0-9A-F]{40}(?:[0-9A-F]{24})?)(?!\w)")),
    Kind(
        "public address",
        re.compile(rf"(?=\d){NO_VERSION}(?<![\w.-])(?P<value>(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?![\w-]|\.\d)"),
        public_address,
    ),
    Kind(
        "public address",
        re.compile(r"(?=\d{1,3}-)(?<!\d)(?<!\d[.-])(?P<value>\d{1,3}(?:-\d{1,3}){3})(?![\d-]|\.\d)"),
        lambda value: public_address(value.replace("-", ".")),
    ),
    Kind(
        "public address",
        re.compile(r"(?<![\w:.])(?P<value>(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:\d\.[\d.]+)?)(?![\w:])"),
        telling_ipv6,
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
    yield from dict.fromkeys(found_in(text, lambda one: in_plain(one, kinds), escaped=False))


def in_plain(text: str, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Found]:
    """Find what is sensitive in a text as it stands."""
    for kind in kinds:
        if kind.needs not in text:
            continue
        for match in kind.matches(text):
            if match["value"] != HIDDEN and kind.counts(match["value"]):
                yield Found(kind.name, *match.span("value"), match["value"])
    for name in names_of_this_computer():
        for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            yield Found("name of this computer or its user", *match.span(), match[0])
