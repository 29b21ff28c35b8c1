"""What template functions take: texts, whole numbers and booleans as the language knows them, not as Python does.

To Python, true is a number; to templates it is not, and null is a text without letters.
Source: https://www.nuget.org/packages/Azure.Deployments.Expression
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any

from acrlab.emulator.deployments.effort import LARGEST

EXACT = {"str": str, "int": int}  # as annotations have it


def exactly(work_out: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function take strings and whole numbers only where its annotations say so; null for a string is empty."""
    known = list(inspect.signature(work_out).parameters.values())
    names = [str(one.annotation).partition(" ")[0] for one in known]

    @functools.wraps(work_out)
    def worked_out(*values: Any) -> Any:
        further = names[-1:] * (len(values) - len(names)) if known[-1].kind is inspect.Parameter.VAR_POSITIONAL else []
        named = [*names, *further, *("Any" for _ in values)]  # what is too many, Python refuses
        return work_out(*(_exact(value, name) for value, name in zip(values, named, strict=False)))

    return worked_out


def _exact(value: Any, name: str) -> Any:
    if name == "str" and value is None:
        return ""
    if name in EXACT and type(value) is not EXACT[name]:
        raise TypeError(f"{'a string' if name == 'str' else 'a whole number'} is expected")
    return value


def of_texts(work_out: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of texts, and of null as one."""
    return lambda *values: work_out(*(_exact(value, "str") for value in values))


def of_two(work_out: Callable[[int, int], int]) -> Callable[[Any, Any], int]:
    """Make a function of two whole numbers, and of nothing that Python could add or multiply beside them."""

    def worked_out(left: Any, right: Any) -> int:
        return work_out(_exact(left, "int"), _exact(right, "int"))

    return worked_out


def is_number(value: Any) -> bool:
    return type(value) in (int, float)


def of_numbers(choose: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make a function of `min(1, 2)` and `min([1, 2])` alike."""

    def chosen(*values: Any) -> Any:
        numbers = values[0] if len(values) == 1 and isinstance(values[0], list) else values
        if not all(is_number(number) for number in numbers):
            raise TypeError("numbers are expected")
        return choose(numbers)

    return chosen


def of_alike(decide: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Make a comparison of two numbers or two texts, and of nothing that Python could compare beside them."""

    def decided(left: Any, right: Any) -> bool:
        if is_number(left) and is_number(right):
            return decide(left, right)
        if not all(one is None or isinstance(one, str) for one in (left, right)):
            raise TypeError("two numbers or two strings are expected")
        return decide(_sorted_by(left or ""), _sorted_by(right or ""))

    return decided


def _sorted_by(text: str) -> tuple[str, str]:
    """As dictionaries sort: by the letters first, small ones before capitals where nothing else differs."""
    return text.casefold(), text.swapcase()


def truth(value: Any) -> bool:
    """Return a boolean. Raises: TypeError: it is none; a text or a number does not stand for one.

    Source: https://github.com/f5devcentral/f5-azure-saca/issues/104
    """
    if not isinstance(value, bool):
        raise TypeError("all arguments should be of type 'boolean'")
    return value


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same to a template: 1 and 1.0 are, 1 and true are not."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if is_number(left) and is_number(right):
        return bool(operator.eq(left, right))
    return type(left) is type(right) and bool(left == right)


def fitting(text: str, times: int) -> str:
    """Return a text that may stand so many times in a value. Raises: ValueError: before it is made."""
    if len(text) * times <= LARGEST:
        return text
    raise ValueError(f"the limit of {LARGEST} bytes is exceeded")
