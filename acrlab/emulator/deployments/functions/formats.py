"""`format()`: a text with places for values, each written as its form says.

Source: https://learn.microsoft.com/dotnet/standard/base-types/composite-formatting and
https://learn.microsoft.com/dotnet/standard/base-types/standard-numeric-format-strings
"""

from __future__ import annotations

import re
from typing import Any

from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.deployments.functions.arguments import exactly, fitting
from acrlab.emulator.deployments.functions.strings import string, written

_PLACE = re.compile(r"\{\{|\}\}|\{(\d+)(?:,\s*(-?\d{1,4})\s*)?(?::([^{}]*))?\}|([{}])")
_NUMBER = re.compile(r"([DdNnXxFf])(\d{0,2})|(0+)")


@exactly
def text_format(template: str, *values: Any) -> str:
    """Fill `{0}`, `{1:N0}` and `{2,5}`. Raises: ValueError: a bracket stands alone; NotEmulated: a number's form."""
    places = template.count("{")

    def fill(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[4]:
            raise ValueError("Input string was not in a correct format")
        return fitting(_aligned(_shown(values[int(match[1])], match[3] or ""), int(match[2] or 0)), places)

    return _PLACE.sub(fill, template)


def _aligned(text: str, width: int) -> str:
    return text.ljust(-width) if width < 0 else text.rjust(width)


def _shown(value: Any, form: str) -> str:
    if isinstance(value, list | dict):
        return written(value).replace('"', "'")
    if form and type(value) in (int, float):
        return _number(value, form)
    return string(value)  # texts and booleans have no forms


def _number(value: float, form: str) -> str:
    match = _NUMBER.fullmatch(form)
    if match is None or (isinstance(value, float) and (match[3] or match[1] in "DdXx")):
        raise NotEmulated(f"the form '{form}' of a number in format()", supported="D, F, N, X, and zeros")
    kind, digits = (match[1] or "D").upper(), int(match[2] or 0)
    if match[3]:
        digits = len(match[3])
    if kind == "D":
        return f"{'-' if value < 0 else ''}{abs(int(value)):0{digits or 1}d}"
    if kind == "X":
        return f"{int(value) % 2**64:0{digits or 1}{match[1]}}"
    return f"{value:{',' if kind == 'N' else ''}.{digits if match[2] else 2}f}"
