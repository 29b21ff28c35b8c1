"""What is encoded in a text: escapes of addresses, JSON and HTML, and base64 in any of its spellings.

A caller gives a function that finds it in plain text. It is asked about the text, about what the
text says without its escapes, and about what base64 in it holds, again and again; what it finds is told by where it
stands in the text that was given.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

DEEPEST = 5  # encodings in one another; more than any service makes


@dataclass(frozen=True)
class Found:
    """Something that was found.

    Attributes:
        kind: what it is.
        value: as it reads without escapes; of what base64 holds, the whole of the base64.
        form: how it stands in the text: "plain", "address" (its escapes are percent signs), or "base64".
    """

    kind: str
    start: int
    end: int
    value: str
    form: str = "plain"


Find = Callable[[str], Iterable[Found]]
ESCAPE = re.compile(
    r"(?P<address>(?:%[0-9a-fA-F]{2})+)"
    r"|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<letter>[\"/\\ntr])"
    r"|&(?:amp|quot|lt|gt|apos|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});"
)
LETTERS = {"n": "\n", "t": "\t", "r": "\r"}
# Both begin where their letters do: a word that is too short is not tried from each of its letters again.
BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}")
PART = re.compile(r"[A-Za-z0-9+_-]{16,}={0,2}")
WRAPPED = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{48,}(?:\\n|\r?\n)[ \t]*)+[A-Za-z0-9+/]+={0,2}")
READABLE = re.compile(rb"[\t\n\r\x20-\x7e]{8,}")
WIDE = re.compile(rb"(?:[\t\n\r\x20-\x7e]\0){6,}|(?:\0[\t\n\r\x20-\x7e]){6,}")


def found_in(text: str, find: Find, depth: int = DEEPEST, *, escaped: bool = True) -> Iterator[Found]:
    """Find what a function knows in a text, whatever it is encoded in.

    Args:
        escaped: look at a text with escapes as it stands, too; else only at what it says, in half the time.
    """
    if depth and ESCAPE.search(text):
        yield from _behind_escapes(text, find, depth - 1, escaped=escaped)
        if not escaped:
            return
    yield from find(text)
    if not depth:
        return
    known: dict[str, str] = {}  # an address stands in a text many times
    for pattern in (BASE64, WRAPPED):
        for token in pattern.finditer(text):
            # A part of an address may be base64 for itself; else all of it, of whose letters a slash is one.
            parts = [part for part in PART.finditer(text, *token.span()) if part.span() != token.span()]
            told = [one for part in parts if (one := _inside(part, known, find, depth))]
            whole = None if told else _inside(token, known, find, depth)
            yield from told or ([whole] if whole else [])


def _inside(token: re.Match[str], known: dict[str, str], find: Find, depth: int) -> Found | None:
    if token[0] not in known:
        kinds = (one.kind for said in decoded(token[0]) for one in found_in(said, find, depth - 1))
        known[token[0]] = next(kinds, "")
    return Found(known[token[0]], *token.span(), token[0], "base64") if known[token[0]] else None


@lru_cache(4096)
def decoded(token: str) -> tuple[str, ...]:
    """Give what base64 may say: with padding or without, for addresses or not, whatever stands before it."""
    return tuple(_decoded(token))


def _decoded(token: str) -> Iterator[str]:
    plain = re.sub(r"\\n|[^A-Za-z0-9+/]", "", token.replace("-", "+").replace("_", "/"))
    whole = _bytes(plain)
    if (text := _text(whole)) is not None:
        yield text
        return
    for start in range(4):  # what stands before may be of the same letters: the end of a name, or of an address
        content = _bytes(plain[start:])
        for run in READABLE.finditer(content):
            # Random bytes read so only by chance: eight once in three thousand, and then they say nothing.
            if len(run[0]) >= (12 if start else 8):
                yield run[0].decode("ascii")
        for run in WIDE.finditer(content):
            yield run[0].replace(b"\0", b"").decode("ascii")


def _bytes(plain: str) -> bytes:
    whole = plain[: len(plain) - (len(plain) % 4 == 1)]
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


def _text(content: bytes) -> str | None:
    """The text that bytes are; None: they are none."""
    for coding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if all(sign.isprintable() or sign in "\t\n\r" for sign in text):
            return text
    return None


def _behind_escapes(text: str, find: Find, depth: int, *, escaped: bool) -> Iterator[Found]:
    found = list(found_in(ESCAPE.sub(_said, text), find, depth, escaped=escaped))
    if not found:  # as in most texts
        return
    origin = _origins(text)
    for one in found:
        start, stop = origin(one.start, end=False), origin(one.end, end=True)
        if one.form == "plain" and "%" in text[start:stop]:
            yield replace(one, start=start, end=stop, form="address")
        else:
            yield replace(one, start=start, end=stop)


def _origins(text: str) -> Callable[..., int]:
    """Where the places of what a text says stand in the text itself."""
    places: list[tuple[int, int, int]] = []  # where in the plain text, where in the given one, 1 for an escape's
    at = length = 0
    for escape in ESCAPE.finditer(text):
        for said, start, of_escape in ((escape.start() - at, at, 0), (len(_said(escape)), escape.start(), 1)):
            if said:
                places.append((length, start, of_escape))
                length += said
        at = escape.end()
    places.append((length, at, 0))
    starts = [place[0] for place in places]

    def origin(position: int, *, end: bool) -> int:
        """Where a place of the plain text stands in the given one; in the middle of an escape: around all of it."""
        number = bisect_right(starts, position) - 1
        plain, given, of_escape = places[number]
        if not of_escape or position == plain:
            return given + position - plain
        return places[number + 1][1] if end else given

    return origin


def _said(escape: re.Match[str]) -> str:
    if escape["address"]:
        return unquote(escape["address"], errors="replace")
    if escape["code"]:
        sign = chr(int(escape["code"], 16))
        return "\N{REPLACEMENT CHARACTER}" if "\ud800" <= sign <= "\udfff" else sign
    return LETTERS.get(escape["letter"], escape["letter"]) if escape["letter"] else unescape(escape[0])
