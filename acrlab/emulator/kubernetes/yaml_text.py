"""Reads the YAML in which people write pods and deployments: blocks, short lists and objects in a line, plain text.

Anchors, tags, folded text and the like are refused by name: what is not read must not be guessed.
"""

from __future__ import annotations

import json
import re
from typing import Any

_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s#&*!|>{}\[\],"'][^#]*?)\s*:(?:\s+(?P<rest>.*))?$""")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NOT_READ = ("&", "*", "!", "|", ">", "?", "%", "@", "`")
MOST_LINES, DEEPEST = 2000, 40


class YamlProblem(Exception):
    """A text that is not YAML, or more of it than is read here. Says which line."""


Line = tuple[int, int, str]  # number, indentation, text


def documents(text: str) -> list[Any]:
    """Read all documents of a text; JSON is YAML, too. Raises: YamlProblem."""
    if text.lstrip()[:1] == "{":
        try:
            return [json.loads(text)]
        except (ValueError, RecursionError) as problem:
            raise YamlProblem(f"error parsing JSON: {problem}") from problem
    parts: list[list[Line]] = [[]]
    for number, raw in enumerate(text.splitlines(), 1):
        if number > MOST_LINES:
            raise YamlProblem(f"more than {MOST_LINES} lines")
        if raw.strip() == "---":
            parts.append([])
        elif line := _line(number, raw):
            parts[-1].append(line)
    return [_Reader(lines).whole() for lines in parts if lines]


def _line(number: int, raw: str) -> Line | None:
    text = _uncommented(raw).rstrip()
    if not text.strip() or text.strip() == "...":
        return None
    if "\t" in text[: len(text) - len(text.lstrip())]:
        raise YamlProblem(f"line {number}: found character that cannot start any token")
    return number, len(text) - len(text.lstrip(" ")), text.strip()


def _uncommented(raw: str) -> str:
    quote = ""
    for at, character in enumerate(raw):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and (at == 0 or raw[at - 1] in " [{,:"):
            quote = character
        elif character == "#" and (at == 0 or raw[at - 1] in " \t"):
            return raw[:at]
    return raw


class _Reader:
    def __init__(self, lines: list[Line]) -> None:
        self._lines, self._at = lines, 0

    def whole(self) -> Any:
        value = self._block(self._lines[0][1], 0)
        if self._at < len(self._lines):
            raise YamlProblem(f"line {self._lines[self._at][0]}: did not find expected key")
        return value

    def _block(self, indent: int, depth: int) -> Any:
        number, _, text = self._lines[self._at]
        if depth > DEEPEST:
            raise YamlProblem(f"line {number}: nested too deep")
        if text == "-" or text.startswith("- "):
            return self._list(indent, depth)
        if _KEY.match(text):
            return self._object(indent, depth)
        self._at += 1
        return _scalar(text, number)

    def _list(self, indent: int, depth: int) -> list[Any]:
        found: list[Any] = []
        while self._at < len(self._lines):
            number, here, text = self._lines[self._at]
            if here != indent or not (text == "-" or text.startswith("- ")):
                break
            rest = text[1:].strip()
            if not rest:
                self._at += 1
                found.append(self._nested(indent, depth))
                continue
            # What stands behind the dash is the first line of a block that is indented like it.
            self._lines[self._at] = (number, here + len(text) - len(rest), rest)
            found.append(self._block(self._lines[self._at][1], depth + 1))
        return found

    def _object(self, indent: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._at < len(self._lines):
            number, here, text = self._lines[self._at]
            match = _KEY.match(text) if here == indent else None
            if match is None:
                if here > indent:
                    raise YamlProblem(f"line {number}: mapping values are not allowed in this context")
                break
            self._at += 1
            key = match["key"].strip().strip("\"'")
            if key in found:
                raise YamlProblem(f"line {number}: key {key!r} already set in map")
            rest = (match["rest"] or "").strip()
            found[key] = _scalar(rest, number) if rest else self._nested(indent, depth, in_object=True)
        return found

    def _nested(self, indent: int, depth: int, *, in_object: bool = False) -> Any:
        """What stands below a key or a dash; a list may stand as far left as its key."""
        if self._at == len(self._lines):
            return None
        _, here, text = self._lines[self._at]
        beside = in_object and here == indent and (text == "-" or text.startswith("- "))
        return self._block(here, depth + 1) if here > indent or beside else None


def _scalar(text: str, number: int) -> Any:
    if text[0] in "[{":
        return _flow(text, number)
    if text[0] == text[-1] and text[0] in "\"'" and len(text) > 1:
        return _quoted(text, number)
    if text.startswith(_NOT_READ):
        raise YamlProblem(f"line {number}: not emulated: {text[0]} of YAML")
    words = {"true": True, "false": False, "null": None, "~": None}
    if text.lower() in words:
        return words[text.lower()]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def _quoted(text: str, number: int) -> str:
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    try:
        return str(json.loads(text))
    except ValueError as problem:
        raise YamlProblem(f"line {number}: found unknown escape character") from problem


def _flow(text: str, number: int) -> Any:
    """A list or an object in one line, its words with or without quotes."""
    tokens = re.findall(r"""[\[\]{},]|:(?=\s)|"(?:\\.|[^"\\])*"|'[^']*'|[^\[\]{},:\s](?:[^\[\]{},:]|:(?!\s))*""", text)
    value, at = _flow_value(tokens, 0, number)
    if at != len(tokens):
        raise YamlProblem(f"line {number}: did not find expected ',' or ']'")
    return value


def _flow_value(tokens: list[str], at: int, number: int, depth: int = 0) -> tuple[Any, int]:
    if at >= len(tokens) or depth > DEEPEST:
        raise YamlProblem(f"line {number}: did not find expected node content")
    if tokens[at] not in "[{":
        return _scalar(tokens[at].strip(), number), at + 1
    opened, closing = tokens[at], {"[": "]", "{": "}"}[tokens[at]]
    items: list[Any] = []
    pairs: dict[str, Any] = {}
    at += 1
    while at < len(tokens) and tokens[at] != closing:
        item, at = _flow_value(tokens, at, number, depth + 1)
        if opened == "[":
            items.append(item)
        else:
            if at >= len(tokens) or tokens[at] != ":":
                raise YamlProblem(f"line {number}: did not find expected ':'")
            pairs[str(item)], at = _flow_value(tokens, at + 1, number, depth + 1)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
    if at >= len(tokens):
        raise YamlProblem(f"line {number}: did not find expected '{closing}'")
    return (items if opened == "[" else pairs), at + 1
