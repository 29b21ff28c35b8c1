"""JSON as Resource Manager reads it: with comments, and with names without quotes.

`az deployment group create` sends templates like that, as their author wrote them.
"""

from __future__ import annotations

import json
import re
from typing import Any

_PARTS = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # text stays as it is
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<name>[A-Za-z_$][\w$]*)(?=\s*:)",
    re.DOTALL,
)


def read_json(body: bytes) -> Any:
    """Decode a body. Raises: json.JSONDecodeError: it is not JSON even so; UnicodeDecodeError: it is not text."""
    try:
        return json.loads(body)
    except json.JSONDecodeError as problem:
        strict = _PARTS.sub(_strictly, body.decode())
        try:
            return json.loads(strict)
        except json.JSONDecodeError:
            raise problem from None  # what is wrong with what was sent, and not with what was made of it


def _strictly(part: re.Match[str]) -> str:
    if part["comment"]:
        return " "
    return f'"{part["name"]}"' if part["name"] else part[0]
