"""Template functions of lists and objects.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array,
https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-object and
https://www.nuget.org/packages/Azure.Deployments.Expression
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from acrlab.emulator.deployments.functions.arguments import exactly, same

MOST_ITEMS = 10_000
LAST = 2**31 - 1


def union(first: Any, *others: Any) -> Any:
    parts = (first, *others)
    if not others or not (_all(list, parts) or _all(dict, parts)):
        raise TypeError("two arrays or two objects, or more, are expected")
    if isinstance(first, list):
        return _once([item for part in parts for item in part])
    result: dict[str, Any] = {}
    spelled: dict[str, str] = {}  # names in any case are the same; the first spelling stays
    for part in parts:
        for name, value in part.items():
            known = spelled.setdefault(name.lower(), name)
            both = isinstance(value, dict) and isinstance(result.get(known), dict)
            result[known] = union(result[known], value) if both else value
    return result


def intersection(first: Any, *others: Any) -> Any:
    if not others or not (_all(list, (first, *others)) or _all(dict, (first, *others))):
        raise TypeError("two arrays or two objects, or more, are expected")
    if isinstance(first, list):
        kept = [{_written(item) for item in other} for other in others]  # each is looked for in one step
        return [item for item in _once(first) if all(_written(item) in other for other in kept)]
    return {n: v for n, v in first.items() if all(n in other and same(other[n], v) for other in others)}


def _once(items: Sequence[Any]) -> list[Any]:
    """Return each item where it stands for the first time."""
    kept: dict[str, Any] = {}
    for item in items:
        kept.setdefault(_written(item), item)
    return list(kept.values())


def _all(kind: type, parts: Sequence[Any]) -> bool:
    return all(isinstance(part, kind) for part in parts)


def _written(item: Any) -> str:
    """A text that is the same for the same values, and another one for others."""
    return json.dumps(item, sort_keys=True)


def contains(container: Any, wanted: Any) -> bool:
    if isinstance(container, list):
        return any(same(item, wanted) for item in container)
    if not isinstance(wanted, str):
        raise TypeError("what is looked for in a string or an object is a string")
    if isinstance(container, dict):
        return any(name.lower() == wanted.lower() for name in container)
    return wanted in container


def index_of(container: Any, wanted: Any) -> int:
    """Return where a value is for the first time; -1: nowhere."""
    if isinstance(container, list):
        return next((at for at, item in enumerate(container) if same(item, wanted)), -1)
    return -1 if container is None else container.lower().find(wanted.lower())


def last_index_of(container: Any, wanted: Any) -> int:
    if isinstance(container, list):
        return next((at for at, item in reversed(list(enumerate(container))) if same(item, wanted)), -1)
    return -1 if container is None else container.lower().rfind(wanted.lower())


@exactly
def numbers(start: int, count: int) -> list[int]:
    if not 0 <= count <= MOST_ITEMS:
        raise ValueError(f"the count must be from 0 to {MOST_ITEMS}")
    if start + count - 1 > LAST:
        raise ValueError(f"the last number must not be greater than {LAST}")
    return list(range(start, start + count))


def create_object(*pairs: Any) -> dict[str, Any]:
    names = pairs[::2]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise TypeError("each key is a string of its own")
    return dict(zip(names, pairs[1::2], strict=True))


def array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def length(value: Any) -> int:
    return 0 if value is None else len(value)


def empty(value: Any) -> bool:
    return length(value) == 0


def items(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value[key]} for key in object_keys(value)]


def object_keys(value: Mapping[str, Any]) -> list[str]:
    if not isinstance(value, dict):
        raise TypeError("an object is expected")
    return sorted(value, key=str.lower)


def flattened(lists: Sequence[list[Any]]) -> list[Any]:
    return [item for part in lists for item in part]


def first(value: Any) -> Any:
    return value[0] if value else "" if isinstance(value, str) else None


def last(value: Any) -> Any:
    return value[-1] if value else "" if isinstance(value, str) else None


@exactly
def skip(value: Any, count: int) -> Any:
    return None if value is None else value[max(count, 0) :]


@exactly
def take(value: Any, count: int) -> Any:
    return None if value is None else value[: max(count, 0)]


@exactly
def index_from_end(value: list[Any], place: int) -> Any:
    """Return the first item from the end for 1, the second for 2. Source: Azure/bicep, `array[^1]`"""
    if not isinstance(value, list) or not 1 <= place <= len(value):
        raise IndexError("there is no such item")
    return value[-place]
