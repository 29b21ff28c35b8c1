"""The language inside a template's strings: `[concat(parameters('name'), copyIndex())]`.

Only its grammar and its order of evaluation; what the functions do is said elsewhere.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from acrlab.emulator.core.http import ArmError, NotEmulated
from acrlab.emulator.deployments.effort import Effort, invalid
from acrlab.emulator.deployments.functions.by_name import UNMODELLED

DEEPEST = 200  # of brackets inside each other; Azure's own bound is on the length, 24,576 characters
LONGEST = 24_576
NONSENSE = (
    TypeError, ValueError, KeyError, IndexError, AttributeError, ZeroDivisionError, OverflowError, RecursionError,
)  # fmt: skip
ACTIONS = "list*"  # key of the function that asks a resource for something: `listKeys()` and its like
MOST_DIGITS = 20  # of a number: 64 bits, and a sign
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>\.\?|[()\[\],.]))"
)


@dataclass(frozen=True)
class Constant:
    value: Any


@dataclass(frozen=True)
class FunctionCall:
    """`name(arguments)`; a name with dots belongs to a function that the template defines itself."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Access:
    """`of.key` or `of[key]`; `safe`: null where there is nothing (`.?`)."""

    of: Node
    key: Node
    safe: bool = False


Node = Constant | FunctionCall | Access


@dataclass(frozen=True)
class Language:
    """What an expression may use.

    Attributes:
        functions: lower-case name -> function of evaluated arguments.
        forms: lower-case name -> function of this language and the unevaluated arguments, such as `if`.
        names: variables of the lambdas around.
        unmodelled: lower-case names of functions that Azure has and nothing here works out.
        effort: what all expressions of the deployment may do together.
    """

    functions: Mapping[str, Callable[..., Any]]
    forms: Mapping[str, Callable[[Language, Sequence[Node]], Any]]
    names: Mapping[str, Any] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)
    unmodelled: frozenset[str] = UNMODELLED

    def within(self, **names: Any) -> Language:
        """Return the same language inside a lambda."""
        return replace(self, names={**self.names, **names})

    def value(self, template: Any) -> Any:
        """Evaluate every expression in a piece of a template.

        Raises: ArmError: 400 InvalidTemplate.
        """
        if isinstance(template, str):
            if not is_expression(template):
                return _plain(template)
            with self.effort.working():
                return self.evaluate(parse(template))
        if isinstance(template, dict):
            return {_key(self, name): self.value(item) for name, item in template.items()}
        return [self.value(item) for item in template] if isinstance(template, list) else template

    def evaluate(self, node: Node) -> Any:
        """Evaluate one expression. Raises: ArmError: 400 InvalidTemplate."""
        if isinstance(node, Constant):
            return node.value
        if isinstance(node, Access):
            return found(self.evaluate(node.of), self.evaluate(node.key), safe=node.safe)
        value = self._called(node)
        self.effort.spend(value)
        return value

    def _called(self, node: FunctionCall) -> Any:
        # Forms get their arguments unevaluated: the branch of `if` that is not taken may make no sense.
        name = node.name.lower()
        if name in self.forms:
            return _understood(node, [], lambda: self.forms[name](self, node.arguments))
        work_out = self.functions.get(name) or self._list_of(node.name)
        arguments = [self.evaluate(argument) for argument in node.arguments]
        return _understood(node, arguments, lambda: work_out(*arguments))

    def _list_of(self, name: str) -> Callable[..., Any]:
        """Return what a function of no name of its own does: `listKeys()` and its like ask a resource."""
        if name.lower().startswith("list") and ACTIONS in self.functions:
            return partial(self.functions[ACTIONS], name)
        if name.lower() in self.unmodelled:
            raise NotEmulated(f"the template function {name}()")
        raise invalid(f"The template function '{name}' is not valid")


def _understood(node: FunctionCall, arguments: Sequence[Any], work_out: Callable[[], Any]) -> Any:
    """Work out a call. Raises: ArmError: 400 InvalidTemplate: it makes no sense with these arguments."""
    try:
        return work_out()
    except NONSENSE as problem:
        kinds = ", ".join(type(argument).__name__ for argument in arguments) or f"{len(node.arguments)} arguments"
        message = (
            f"The template language function '{node.name}' was invoked with invalid parameters ({kinds}): {problem}"
        )
        raise invalid(message) from problem


def is_expression(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def calls(template: Any) -> Iterator[FunctionCall]:
    """Return every function call in a piece of a template, outermost first."""
    if isinstance(template, str) and is_expression(template):
        yield from _calls_in(parse(template))
    elif isinstance(template, dict | list):
        for item in template.values() if isinstance(template, dict) else template:
            yield from calls(item)


def _calls_in(node: Node) -> Iterator[FunctionCall]:
    if isinstance(node, FunctionCall):
        yield node
        for argument in node.arguments:
            yield from _calls_in(argument)
    elif isinstance(node, Access):
        yield from _calls_in(node.of)
        yield from _calls_in(node.key)


def _plain(text: str) -> str:
    return text[1:] if text.startswith("[[") else text


def _key(language: Language, name: str) -> str:
    return str(language.value(name))


def found(of: Any, key: Any, *, safe: bool) -> Any:
    """Look up a key in an object, in any case, or an index in a list.

    Raises: ArmError: 400 InvalidTemplate: there is no such one; not where it is `safe`, which gives null.
    """
    if isinstance(of, dict) and isinstance(key, str):
        spelled = next((name for name in of if name.lower() == key.lower()), None)
        if spelled is not None:
            return of[spelled]
    elif isinstance(of, list) and type(key) is int and 0 <= key < len(of):
        return of[key]
    if safe:
        return None
    there = ", ".join(of) if isinstance(of, dict) else f"{len(of)} items" if isinstance(of, list) else repr(of)
    raise invalid(f"The language expression property '{key}' doesn't exist, available properties are '{there}'")


# -- grammar ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def parse(text: str) -> Node:
    """Read `[…]`. Raises: ArmError: 400 InvalidTemplate."""
    if len(text) > LONGEST:
        raise invalid(f"The template language expression is longer than the limit of {LONGEST} characters")
    reader = _Reader(text[1:-1])
    node = reader.expression(0)
    if reader.token is not None:
        raise reader.unexpected()
    return node


class _Reader:
    """Reads tokens from left to right, one ahead."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.token: re.Match[str] | None = None
        self._next()

    def _next(self) -> None:
        if not self._text[self._at :].strip():
            self.token = None
            return
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise invalid(f"Unable to parse language expression '{self._text}': at position '{self._at}'")
        self.token, self._at = found, found.end()

    def unexpected(self) -> ArmError:
        seen = self.token[0].strip() if self.token else "end of string"
        return invalid(f"Unable to parse language expression '{self._text}': unexpected '{seen}'")

    def _mark(self, *wanted: str) -> str:
        """Take one of these marks if it is next; empty: it isn't."""
        if self.token is not None and self.token["mark"] in wanted:
            mark = str(self.token["mark"])
            self._next()
            return mark
        return ""

    def _need(self, mark: str) -> None:
        if not self._mark(mark):
            raise self.unexpected()

    def expression(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise invalid("The template language expression is nested too deeply")
        node = self._primary(depth)
        while mark := self._mark(".", ".?", "["):
            if mark == "[":
                node = Access(node, self.expression(depth + 1))
                self._need("]")
            else:
                node = Access(node, Constant(self._name()), safe=mark == ".?")
        return node

    def _name(self) -> str:
        if self.token is None or not self.token["name"]:
            raise self.unexpected()
        name = self.token["name"]
        self._next()
        return str(name)

    def _primary(self, depth: int) -> Node:
        token = self.token
        if token is None or token["mark"]:
            raise self.unexpected()
        if token["text"]:
            self._next()
            return Constant(token["text"][1:-1].replace("''", "'"))
        if token["number"] and len(token["number"]) <= MOST_DIGITS:
            self._next()
            return Constant(float(token["number"]) if "." in token["number"] else int(token["number"]))
        name = self._name()
        while self._mark("."):
            name = f"{name}.{self._name()}"
        self._need("(")
        arguments: list[Node] = []
        if not self._mark(")"):
            arguments.append(self.expression(depth + 1))
            while self._mark(","):
                arguments.append(self.expression(depth + 1))
            self._need(")")
        return FunctionCall(name, tuple(arguments))
