"""The template language's functions that need nothing but their arguments.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
"""

from __future__ import annotations

import base64
import functools
import hashlib
import inspect
import ipaddress
import json
import operator
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urljoin

from acrlab.emulator.core import json_depth
from acrlab.emulator.deployments.effort import LARGEST

# Source: the namespace that the documentation of guid() names
GUID_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
MOST_ITEMS = 10_000
MOST_MARKS = 20  # between which a text is split: each is looked for at each character
EXACT = {"str": str, "int": int}  # as annotations have it
LONGEST = 131_072  # characters of a literal


def exactly(work_out: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function take strings and whole numbers only where its annotations say so; to Python, true is a number."""
    named = [str(one.annotation).partition(" ")[0] for one in inspect.signature(work_out).parameters.values()]

    @functools.wraps(work_out)
    def worked_out(*values: Any) -> Any:
        for value, name in zip(values, named, strict=False):
            if name in EXACT and type(value) is not EXACT[name]:
                raise TypeError(f"{'a string' if name == 'str' else 'a whole number'} is expected")
        return work_out(*values)

    return worked_out


def of_alike(decide: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Make a comparison of two whole numbers or two texts, and of nothing that Python could compare beside them."""

    def decided(left: Any, right: Any) -> bool:
        if type(left) is not type(right) or type(left) not in EXACT.values():
            raise TypeError("two whole numbers or two strings are expected")
        return decide(left, right)

    return decided


def concat(*parts: Any) -> Any:
    if parts and isinstance(parts[0], list):
        return [item for part in parts for item in part]
    return "".join(string(part) for part in parts)


def string(value: Any) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@exactly
def pad_left(value: Any, width: int, fill: str = " ") -> str:
    if width > LONGEST:
        raise ValueError(f"the literal limit of {LONGEST} characters is exceeded")
    return string(value).rjust(width, fill)


def join(parts: list[Any], mark: str) -> str:
    return _fitting(mark, len(parts)).join(string(part) for part in parts)


def _fitting(text: str, times: int) -> str:
    """Return a text that may stand so many times in a value. Raises: ValueError: before it is made."""
    if len(text) * times <= LARGEST:
        return text
    raise ValueError(f"the limit of {LARGEST} bytes is exceeded")


def text_format(template: str, *values: Any) -> str:
    """Fill `{0}` and `{1:N0}`-like places; templates use only the plain form and zero padding (`{0:D3}`)."""

    def fill(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        value, form = values[int(match[1])], match[2] or ""
        return f"{value:0{int(form[1:])}d}" if re.fullmatch(r"[Dd]\d{1,2}", form) else _fitting(string(value), places)

    places = template.count("{")
    return re.sub(r"\{\{|\}\}|\{(\d+)(?::([^}]*))?\}", fill, template)


def union(*parts: Any) -> Any:
    if isinstance(parts[0], list):
        return list({_written(item): item for part in parts for item in part}.values())
    result: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            both = isinstance(value, dict) and isinstance(result.get(name), dict)
            result[name] = union(result[name], value) if both else value
    return result


def _written(item: Any) -> str:
    """A text that is the same for the same values, and another one for others."""
    return json.dumps(item, sort_keys=True)


def intersection(*parts: Any) -> Any:
    first, *others = parts
    if isinstance(first, list):
        kept = [{_written(item) for item in other} for other in others]  # each is looked for in one step
        return [item for item in first if all(_written(item) in other for other in kept)]
    return {n: v for n, v in first.items() if all(n in other and other[n] == v for other in others)}


def contains(container: Any, wanted: Any) -> bool:
    if isinstance(container, dict):
        return any(name.lower() == str(wanted).lower() for name in container)
    return string(wanted) in container if isinstance(container, str) else wanted in container


@exactly
def substring(text: str, start: int, length: int | None = None) -> str:
    end = len(text) if length is None else start + length
    if not 0 <= start <= end <= len(text):
        raise ValueError("the start and length must lie within the string")
    return text[start:end]


def split(text: str, marks: str | Sequence[str]) -> list[str]:
    wanted = [marks] if isinstance(marks, str) else list(dict.fromkeys(marks))
    if len(wanted) > MOST_MARKS:
        raise ValueError(f"more than {MOST_MARKS} delimiters are not emulated")
    return re.split("|".join(re.escape(mark) for mark in wanted), text)


@exactly
def numbers(start: int, count: int) -> list[int]:
    if not 0 <= count <= MOST_ITEMS:
        raise ValueError(f"the count must be from 0 to {MOST_ITEMS}")
    return list(range(start, start + count))


def division(left: int, right: int) -> int:
    """Divide whole numbers, cut off towards zero."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def of_two(work_out: Callable[[int, int], int]) -> Callable[[Any, Any], int]:
    """Make a function of two whole numbers, and of nothing that Python could add or multiply beside them."""

    def worked_out(left: Any, right: Any) -> int:
        if type(left) is not int or type(right) is not int:
            raise TypeError("two whole numbers are expected")
        return work_out(left, right)

    return worked_out


def to_int(value: Any) -> int:
    return int(value) if isinstance(value, str | int) and not isinstance(value, bool) else int(float(value))


def to_bool(value: Any) -> bool:
    known = {"true": True, "false": False, "1": True, "0": False}
    if string(value).lower() not in known:
        raise ValueError("neither true nor false")
    return known[string(value).lower()]


def equal(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right


def create_object(*pairs: Any) -> dict[str, Any]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def of_all(choose: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make a function of `min(1, 2)` and `min([1, 2])` alike."""
    return lambda *values: choose(values[0] if isinstance(values[0], list) else values)


@exactly
def subnet_of(network: str, length: int, index: int) -> str:
    """Return the subnet of a number and a size. Source: cidrSubnet()"""
    whole = ipaddress.ip_network(network, strict=False)
    size = 2 ** (whole.max_prefixlen - length)
    made = ipaddress.ip_network((int(whole.network_address) + index * size, length))
    if index < 0 or length < whole.prefixlen or made.network_address not in whole:
        raise ValueError("there is no such subnet")
    return str(made)


@exactly
def host_of(network: str, index: int) -> str:
    """Return a host's address; the first usable one is number 0. Source: cidrHost()"""
    return str(ipaddress.ip_network(network, strict=False)[index + 1])


def items(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value[key]} for key in sorted(value, key=str.lower)]


def flattened(lists: Sequence[list[Any]]) -> list[Any]:
    return [item for part in lists for item in part]


def first(value: Any) -> Any:
    return value[0] if value else None if isinstance(value, list) else ""


def last(value: Any) -> Any:
    return value[-1] if value else None if isinstance(value, list) else ""


@exactly
def skip(value: Any, count: int) -> Any:
    return value[max(count, 0) :]


@exactly
def take(value: Any, count: int) -> Any:
    return value[: max(count, 0)]


def unique_string(*parts: str) -> str:
    """Make thirteen letters and digits that belong to a text. Azure's own hash is not documented; these are others."""
    digest = hashlib.sha256("-".join(parts).encode()).digest()
    return base64.b32encode(digest).decode()[:13].lower()


def text_from(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": concat, "format": text_format, "string": string, "tolower": str.lower, "toupper": str.upper,
    # In lambdas where Python's own function would take further arguments, which a template may not give.
    "trim": lambda text: str.strip(text),
    "replace": lambda text, old, new: text.replace(old, _fitting(new, text.count(old))),
    "split": split, "substring": substring, "join": join,
    "startswith": lambda text, part: text.lower().startswith(part.lower()),
    "endswith": lambda text, part: text.lower().endswith(part.lower()),
    "indexof": lambda text, part: text.index(part) if isinstance(text, list) and part in text
    else -1 if isinstance(text, list) else text.lower().find(part.lower()),
    "lastindexof": lambda text, part: text.lower().rfind(part.lower()),
    "padleft": pad_left,
    "uniquestring": unique_string,
    "guid": lambda *parts: str(uuid.uuid5(GUID_NAMESPACE, "-".join(parts))),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64tostring": text_from, "base64tojson": lambda text: json_depth.loads(text_from(text)),
    "uri": lambda base, relative: urljoin(base, relative),
    "uricomponent": lambda text: quote(text, safe=""), "uricomponenttostring": lambda text: unquote(text),
    "datauri": lambda text: f"data:text/plain;charset=utf8;base64,{base64.b64encode(text.encode()).decode()}",
    "json": json_depth.loads, "int": to_int, "bool": to_bool, "array": array,
    "createarray": lambda *values: list(values), "createobject": create_object,
    "length": len, "empty": lambda value: value is None or len(value) == 0,
    "first": first, "last": last,
    "skip": skip, "take": take,
    "contains": contains, "union": union, "intersection": intersection, "range": numbers, "items": items,
    "objectkeys": lambda value: sorted(value, key=str.lower), "flatten": flattened,
    "shallowmerge": lambda parts: {name: value for part in parts for name, value in part.items()},
    "min": of_all(min), "max": of_all(max), "add": of_two(operator.add), "sub": of_two(operator.sub),
    "mul": of_two(operator.mul), "div": of_two(division),
    "mod": of_two(lambda left, right: left - right * division(left, right)),
    "equals": equal, "not": lambda value: not to_bool(value),
    "less": of_alike(operator.lt), "lessorequals": of_alike(operator.le),
    "greater": of_alike(operator.gt), "greaterorequals": of_alike(operator.ge),
    "true": lambda: True, "false": lambda: False, "null": lambda: None,
    "cidrsubnet": subnet_of, "cidrhost": host_of,
}  # fmt: skip
