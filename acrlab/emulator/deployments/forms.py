"""The template language's forms: they decide themselves which of their arguments are evaluated, and how often.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.functions import to_bool
from acrlab.emulator.deployments.language import Constant, FunctionCall, Language, Node


def _if(language: Language, arguments: Sequence[Node]) -> Any:
    condition, then, otherwise = arguments
    return language.evaluate(then if to_bool(language.evaluate(condition)) else otherwise)


def _and(language: Language, arguments: Sequence[Node]) -> bool:
    return all(to_bool(language.evaluate(argument)) for argument in arguments)


def _or(language: Language, arguments: Sequence[Node]) -> bool:
    return any(to_bool(language.evaluate(argument)) for argument in arguments)


def _coalesce(language: Language, arguments: Sequence[Node]) -> Any:
    return next((value for value in map(language.evaluate, arguments) if value is not None), None)


def _try_get(language: Language, arguments: Sequence[Node]) -> Any:
    value = language.evaluate(arguments[0])
    for key in map(language.evaluate, arguments[1:]):
        there = isinstance(value, dict) and key in value
        there |= isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)
        if not there:
            return None
        value = value[key]
    return value


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
    return [item for index, item in enumerate(language.evaluate(arguments[0])) if keep(item, index)]


def _reduce(language: Language, arguments: Sequence[Node]) -> Any:
    join, result = _applied(language, arguments[2]), language.evaluate(arguments[1])
    for item in language.evaluate(arguments[0]):
        result = join(result, item)
    return result


def _to_object(language: Language, arguments: Sequence[Node]) -> dict[str, Any]:
    key = _applied(language, arguments[1])
    value = _applied(language, arguments[2]) if len(arguments) > 2 else None
    return {key(item): value(item) if value else item for item in language.evaluate(arguments[0])}


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
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "toobject": _to_object,
    "lambdavariables": _lambda_variable,
}
