"""The template language's forms: they decide themselves which of their arguments are evaluated, and how often.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.functions.arguments import truth
from acrlab.emulator.deployments.functions.arrays import index_from_end
from acrlab.emulator.deployments.language import Constant, FunctionCall, Language, Node, found


def _if(language: Language, arguments: Sequence[Node]) -> Any:
    condition, then, otherwise = arguments
    return language.evaluate(then if truth(language.evaluate(condition)) else otherwise)


def _and(language: Language, arguments: Sequence[Node]) -> bool:
    return all(truth(language.evaluate(argument)) for argument in _two(arguments))


def _or(language: Language, arguments: Sequence[Node]) -> bool:
    return any(truth(language.evaluate(argument)) for argument in _two(arguments))


def _two(arguments: Sequence[Node]) -> Sequence[Node]:
    if len(arguments) < 2:
        raise TypeError("two arguments are expected, or more")
    return arguments


def _coalesce(language: Language, arguments: Sequence[Node]) -> Any:
    return next((value for value in map(language.evaluate, arguments) if value is not None), None)


def _try_get(language: Language, arguments: Sequence[Node]) -> Any:
    """`of.?key.more`: null where the first key is missing; every further one has to be there.

    Source: Azure/bicep, its decompiler's tests of `tryGet()`
    """
    of, key, *more = (language.evaluate(argument) for argument in arguments)
    return _followed(found(of, _key(key), safe=True), more)


def _try_index_from_end(language: Language, arguments: Sequence[Node]) -> Any:
    """`of[?^place].more`."""
    of, place, *more = (language.evaluate(argument) for argument in arguments)
    there = isinstance(of, list) and type(place) is int and 1 <= place <= len(of)
    return _followed(index_from_end(of, place) if there else None, more)


def _followed(value: Any, keys: Sequence[Any]) -> Any:
    for key in keys if value is not None else ():
        value = found(value, _key(key), safe=False)
    return value


def _key(key: Any) -> Any:
    if type(key) not in (str, int):
        raise TypeError("a key is a string or a whole number")
    return key


def _applied(language: Language, node: Node) -> Callable[..., Any]:
    """The Python function that `lambda('item', body)` means."""
    if not isinstance(node, FunctionCall) or node.name.lower() != "lambda":
        raise invalid("A lambda function is expected")
    *names, body = node.arguments
    words = [str(name.value) for name in names if isinstance(name, Constant)]
    return lambda *values: language.within(**dict(zip(words, values, strict=False))).evaluate(body)


def _map(language: Language, arguments: Sequence[Node]) -> list[Any]:
    change = _applied(language, arguments[1])
    return [change(item, index) for index, item in enumerate(language.evaluate(arguments[0]))]


def _filter(language: Language, arguments: Sequence[Node]) -> list[Any]:
    keep = _applied(language, arguments[1])
    return [item for index, item in enumerate(language.evaluate(arguments[0])) if truth(keep(item, index))]


def _reduce(language: Language, arguments: Sequence[Node]) -> Any:
    join, result = _applied(language, arguments[2]), language.evaluate(arguments[1])
    for index, item in enumerate(language.evaluate(arguments[0])):
        result = join(result, item, index)
    return result


def _sort(language: Language, arguments: Sequence[Node]) -> list[Any]:
    """The lambda tells whether its first item comes before its second."""
    before = _applied(language, arguments[1])

    def compared(left: Any, right: Any) -> int:
        return -1 if truth(before(left, right)) else int(truth(before(right, left)))

    return sorted(language.evaluate(arguments[0]), key=cmp_to_key(compared))


def _group_by(language: Language, arguments: Sequence[Node]) -> dict[str, list[Any]]:
    key = _applied(language, arguments[1])
    groups: dict[str, list[Any]] = {}
    for item in language.evaluate(arguments[0]):
        groups.setdefault(_text(key(item)), []).append(item)
    return groups


def _map_values(language: Language, arguments: Sequence[Node]) -> dict[str, Any]:
    change = _applied(language, arguments[1])
    return {name: change(value) for name, value in language.evaluate(arguments[0]).items()}


def _text(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError("a key is a string")
    return key


def _to_object(language: Language, arguments: Sequence[Node]) -> dict[str, Any]:
    key = _applied(language, arguments[1])
    value = _applied(language, arguments[2]) if len(arguments) > 2 else None
    return {_text(key(item)): value(item) if value else item for item in language.evaluate(arguments[0])}


def _lambda_variable(language: Language, arguments: Sequence[Node]) -> Any:
    name = language.evaluate(arguments[0])
    if name not in language.names:
        raise invalid(f"The lambda variable '{name}' is not defined here")
    return language.names[name]


FORMS: Mapping[str, Callable[[Language, Sequence[Node]], Any]] = {
    "if": _if,
    "and": _and,
    "or": _or,
    "coalesce": _coalesce,
    "tryget": _try_get,
    "tryindexfromend": _try_index_from_end,
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "sort": _sort,
    "groupby": _group_by,
    "mapvalues": _map_values,
    "toobject": _to_object,
    "lambdavariables": _lambda_variable,
}
