"""Template functions of numbers and booleans.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric and
https://www.nuget.org/packages/Azure.Deployments.Expression
"""

from __future__ import annotations

import re
from typing import Any

from acrlab.emulator.deployments.functions.arguments import is_number

_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


def division(left: int, right: int) -> int:
    """Divide whole numbers, cut off towards zero."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def rest(left: int, right: int) -> int:
    """Return what is left of a division; it has the sign of the first number."""
    return left - right * division(left, right)


def to_int(value: Any) -> int:
    """Read a whole number, written or as it is."""
    if type(value) is int or (isinstance(value, str) and _WHOLE.fullmatch(value)):
        return int(value)
    raise TypeError("a whole number, or a string with one, is expected")


def to_float(value: Any) -> float:
    if is_number(value) or isinstance(value, str):
        return float(value)
    raise TypeError("a number, or a string with one, is expected")


def to_bool(value: Any) -> bool:
    """Read a boolean: `true` and `false` in any case, and 0 for false."""
    known = {"true": True, "false": False}
    if isinstance(value, bool | int):
        return bool(value)
    if not isinstance(value, str) or value.strip().lower() not in known:
        raise ValueError("neither true nor false")
    return known[value.strip().lower()]
