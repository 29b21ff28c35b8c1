"""Template functions of texts.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string and
https://www.nuget.org/packages/Azure.Deployments.Expression
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.deployments.functions.arguments import exactly, fitting

MOST_MARKS = 20  # between which a text is split: each is looked for at each character
LONGEST = 131_072  # characters of a literal
DATA = "data:"
UTF_8 = ("charset=utf-8", "charset=utf8")  # as it is called, and as dataUri() writes it


def concat(first: Any, *others: Any) -> Any:
    """Join lists, or texts with numbers, booleans and null among them, and never the two."""
    parts = (first, *others)
    if all(isinstance(part, list) for part in parts):
        return [item for part in parts for item in part]
    if any(isinstance(part, list | dict | float) for part in parts):
        raise TypeError("all arguments are to be strings, or all are to be arrays")
    return "".join(string(part) for part in parts)


def string(value: Any) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    if value is None:
        return ""
    return value if isinstance(value, str) else written(value)


def written(value: Any) -> str:
    """Write a value as JSON in one line."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@exactly
def pad_left(value: Any, width: int, fill: str = " ") -> str:
    if width > LONGEST:
        raise ValueError(f"the literal limit of {LONGEST} characters is exceeded")
    return string(value).rjust(width, fill)


def join(parts: list[Any], mark: str) -> str:
    if not all(part is None or isinstance(part, str) for part in parts):
        raise TypeError("an array of strings is expected")
    return fitting(mark, len(parts)).join(string(part) for part in parts)


@exactly
def replace(text: str, old: str, new: str) -> str:
    if not old:
        raise ValueError("the second argument must not be empty")
    return text.replace(old, fitting(new, text.count(old)))


@exactly
def substring(text: str, start: int, length: int | None = None) -> str:
    end = len(text) if length is None else start + length
    if not 0 <= start <= end <= len(text):
        raise ValueError(
            "The index and length parameters must refer to a location within the string. The index parameter: "
            f"'{start}', the length parameter: '{length}', the length of the string parameter: '{len(text)}'"
        )
    return text[start:end]


def split(text: str | None, marks: str | Sequence[str]) -> list[str]:
    """Split a text; null has no parts."""
    if text is None:
        return []
    wanted = [marks] if isinstance(marks, str) else list(dict.fromkeys(marks))
    if len(wanted) > MOST_MARKS:
        raise ValueError(f"more than {MOST_MARKS} delimiters are not emulated")
    return re.split("|".join(re.escape(mark) for mark in wanted), text)


def data_uri(value: Any) -> str:
    """Write a text, or JSON, as an address that holds it."""
    kind, text = ("text/plain", value or "") if value is None or isinstance(value, str) else ("application/json", "")
    return f"{DATA}{kind};charset=utf8;base64,{base64.b64encode((text or _json(value)).encode()).decode()}"


def _json(value: Any) -> str:
    return "" if value is None or isinstance(value, str) else written(value)


@exactly
def data_uri_to_string(uri: str) -> str:
    """Read what such an address holds."""
    head, mark, data = uri.partition(",")
    if not mark or not head.lower().startswith(DATA):
        raise ValueError("it is no data URI")
    kinds = head[len(DATA) :].lower().split(";")
    other = next((kind for kind in kinds if kind.startswith("charset=") and kind not in UTF_8), "")
    if other:
        raise NotEmulated(f"{other} in dataUriToString()", supported=", ".join(UTF_8))
    return base64.b64decode(data, validate=True).decode() if kinds[-1] == "base64" else unquote_plus(data)


def text_from(encoded: str) -> str:
    return base64.b64decode(encoded, validate=True).decode()
