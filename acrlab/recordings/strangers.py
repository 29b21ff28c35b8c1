"""Find in a recording what a scan does not report: hidden there, it would be a false alarm elsewhere."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from acrlab.recordings import kept
from acrlab.recordings.encodings import Found
from acrlab.recordings.names import group_behind
from acrlab.recordings.sensitive import CALLED
from acrlab.recordings.telling import GUID, HIDDEN, chosen
from acrlab.settings import Settings

GROUPS = {Settings().resource_group.lower(), Settings().portal_resource_group.lower()}
# A built-in role's GUID is the same everywhere.
ANY_GUID = re.compile(rf"(?<!roleDefinitions/)(?<![0-9a-fA-F-]){GUID}(?![0-9a-fA-F-])")
BARE_GUID = re.compile(r"(?<![0-9a-zA-Z:-])[0-9a-fA-F]{32}(?![0-9a-zA-Z-])")
MADE_UP_BARE = re.compile(r"[0-9a-f]{8}000040008000[0-9a-f]{12}")
PARAMETER = re.compile(r"[?&#;](?P<name>[\w$.-]+)=(?P<value>[^&\s\"'<>#\\]+)")
IN_ANOTHER = re.compile(
    r"/resourceGroups/(?P<group>[^/\"'?&\s<>\\,;:)#]+)(?P<rest>(?:/[^/\"'?&\s<>\\,;:)#]+)*)", re.IGNORECASE
)
GROUP_IN_WORDS = re.compile(r"resource group '(?P<value>[^'\s]+)'", re.IGNORECASE)
OTHER = re.compile(r"other-[0-9a-f]{8}")
ACCOUNT = re.compile(r"(?<![\w.-])(?P<value>[a-z0-9]{3,24})(?=\.(?:blob|table|queue|file|dfs)\.core\.windows\.net)")
SUFFIX = re.compile(r"(?<![\w.-])(?P<value>[\w-]+(?:\.[\w-]+)*)(?=\.internal\.cloudapp\.net)")
BARE_HARDWARE = re.compile(r"(?<![\w%-])(?=[0-9]*[A-F])(?P<value>[0-9A-F]{12})(?![\w-])")
OPTION = re.compile(r"(?<!\S)(?:--password|--client-secret|-p)[ =](?P<value>[^\s\"'`),]{3,})")
# A client that says why it has no credentials or token names none.
REASON = r"(?!Error response from |unexpected status )"
SECRET = re.compile(rf"{CALLED}[\"']?\s*[:=]\s*{REASON}[\"']?(?P<value>[^\s\"',;&<>\\)]{{3,}})", re.IGNORECASE)


def in_a_recording(text: str, own: Container[str]) -> Iterator[Found]:
    """Find what a recording must not hold.

    Args:
        own: names that are known, in lower case: they have stand-ins of their own.
    """
    for pattern in (ANY_GUID, BARE_GUID):
        for match in pattern.finditer(text):
            if not MADE_UP_BARE.fullmatch(match[0].lower()):
                yield Found("id", *match.span(), match[0])
    for match in PARAMETER.finditer(text):
        if match["name"].lower() not in kept.PARAMETERS and not _stays(match["name"], match["value"]):
            yield Found("parameter", *match.span("value"), match["value"])
    yield from _of_others(text, own)
    for kind, pattern, stays in (
        ("storage account", ACCOUNT, re.compile(r"acrlab[0-9a-f]{8}")),
        ("parameter", SUFFIX, re.compile(HIDDEN)),
        ("hardware address", BARE_HARDWARE, re.compile(r"(?!)")),
    ):
        for match in pattern.finditer(text):
            if not stays.fullmatch(match["value"]):
                yield Found(kind, *match.span("value"), match["value"])
    for pattern in (SECRET, OPTION):
        for match in pattern.finditer(text):
            if chosen(match["value"]):
                yield Found("secret", *match.span("value"), match["value"])


def _stays(name: str, value: str) -> bool:
    """Whether the value of a parameter tells nothing: a stand-in, or the lab's own registry, whose name has one."""
    return value == HIDDEN or (name == "h" and bool(re.fullmatch(r"[\w.-]+\.azurecr\.io", value)))


def _of_others(text: str, own: Container[str]) -> Iterator[Found]:
    """Names of other people's groups, and of what is in them."""

    def someone_s(name: str) -> bool:
        group = group_behind(name).lower()
        return group not in GROUPS and group not in own and not OTHER.fullmatch(name)

    for match in IN_ANOTHER.finditer(text):
        if not someone_s(match["group"]) and not OTHER.fullmatch(match["group"]):
            continue
        if someone_s(match["group"]):
            yield Found("other group", *match.span("group"), match["group"])
        segments = list(re.finditer(r"[^/]+", match["rest"]))
        # After "providers" and a namespace, every second segment is a name.
        for segment in segments[3::2]:
            if someone_s(segment[0]):
                start = match.start("rest") + segment.start()
                yield Found("other name", start, start + len(segment[0]), segment[0])
    for match in GROUP_IN_WORDS.finditer(text):
        if someone_s(match["value"]):
            yield Found("other group", *match.span("value"), match["value"])
