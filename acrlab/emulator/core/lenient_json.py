"""JSON as Resource Manager reads it: with comments, names without quotes, and text over several lines.

`az deployment group create` sends templates like that, as their author wrote them.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from acrlab.emulator.core.json_depth import require_shallow

_PARTS = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # text stays as it is
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<name>[A-Za-z_$][\w$]*)(?=\s*:)",
    re.DOTALL,
)

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_ENDLESS = re.compile(r"\d{4301,}|-?Infinity|NaN|\d+(?:\.\d+)?[eE]\+?\d{3,}")


def read_json(body: bytes) -> Any:
    """Decode a body.

    Raises: json.JSONDecodeError: it is not JSON even so; UnicodeDecodeError: it is not text; RecursionError: too deep.
    """
    try:
        return _read(body.decode(json.detect_encoding(body), "surrogatepass"))
    except json.JSONDecodeError as problem:
        strict = _PARTS.sub(_strictly, body.decode())
        try:
            return _read(strict, over_lines=True)
        except json.JSONDecodeError:
            raise problem from None  # what is wrong with what was sent, and not with what was made of it


def _read(text: str, *, over_lines: bool = False) -> Any:
    require_shallow(text)
    try:
        value = json.loads(text, strict=not over_lines, parse_float=_finite, parse_constant=_finite)
        return _whole(value) if _SURROGATE.search(text) else value
    except json.JSONDecodeError:
        raise
    except ValueError as problem:  # Python reads no number of so many digits, and Azure's reader none either
        at = _ENDLESS.search(text)
        raise json.JSONDecodeError("Number too large", text, at.start() if at else 0) from problem


def _whole(value: Any) -> Any:
    """Put U+FFFD for half characters, as .NET does: no file and no answer could hold them."""
    halves = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
    return json.loads(halves.decode("utf-16-le", "replace"))


def _finite(text: str) -> float:
    """Read a number with a point. Raises: ValueError: it is none, or too large, and no answer could repeat it."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _strictly(part: re.Match[str]) -> str:
    if part["comment"]:
        return " "
    return f'"{part["name"]}"' if part["name"] else part[0]
