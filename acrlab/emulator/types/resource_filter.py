"""The `$filter` of Resource Manager's list of resources: comparisons and `substringof`, joined by `and` and `or`.

Source: https://learn.microsoft.com/rest/api/resources/resources/list
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.core.resource import Resource

Test = Callable[[Resource], bool]
SUPPORTED = (
    "eq and ne with resourceType, resourceGroup, name and location, eq with tagName and tagValue, "
    "startswith(tagName, …), substringof(…, name or resourceGroup), joined by and and or"
)
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)")


def full_name(resource: Resource) -> str:
    """How lists of resources name it: a child with its parents before it."""
    return "/".join(resource.id.names)


_PROPERTIES: dict[str, Callable[[Resource], str]] = {
    "resourcetype": lambda resource: resource.id.type,
    "resourcegroup": lambda resource: resource.id.group or "",
    "name": full_name,
    "location": lambda resource: resource.location,
}


@dataclass(frozen=True)
class _Tag:
    """What is asked of one tag, by name, value or both: the two belong together."""

    name: Callable[[str], bool]
    value: Callable[[str], bool]

    def __call__(self, resource: Resource) -> bool:
        tags = resource.body.get("tags", {})
        return any(self.name(name.lower()) and self.value(value.lower()) for name, value in tags.items())


class ResourceFilter:
    """A question, read once. Raises: NotEmulated: it asks for more than SUPPORTED says."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text):
            raise self._not_emulated()
        self._at = 0
        self.fits: Test = self._either() if self._tokens else lambda resource: True
        if self._at < len(self._tokens):
            raise self._not_emulated()

    @property
    def asks_for_tags(self) -> bool:
        """Whoever asks for tags is not told the tags of what was found."""
        return any(token.lower() in ("tagname", "tagvalue") for token in self._tokens)

    # -- the grammar -----------------------------------------------------------------------------------------------

    def _either(self) -> Test:
        tests = [self._both()]
        while self._comes("or"):
            tests.append(self._both())
        return lambda resource: any(test(resource) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._comes("and"):
            tests.append(self._one())
        return _joined(tests)

    def _one(self) -> Test:
        if self._comes("("):
            inside = self._either()
            self._expect(")")
            return inside
        word = self._next().lower()
        if word in ("substringof", "startswith"):
            return self._call(word)
        comparison, value = self._next().lower(), self._value()
        if word in _PROPERTIES and comparison in ("eq", "ne"):
            read = _PROPERTIES[word]
            return lambda resource: (read(resource).lower() == value) == (comparison == "eq")
        if word == "tagname" and comparison == "eq":
            return _Tag(lambda name: name == value, _any)
        if word == "tagvalue" and comparison == "eq":
            return _Tag(_any, lambda found: found == value)
        raise self._not_emulated()

    def _call(self, function: str) -> Test:
        self._expect("(")
        first = self._next()
        self._expect(",")
        second = self._next()
        self._expect(")")
        if function == "substringof" and second.lower() in ("name", "resourcegroup") and first[:1] == "'":
            read, part = _PROPERTIES[second.lower()], _literal(first)
            return lambda resource: part in read(resource).lower()
        if function == "startswith" and first.lower() == "tagname" and second[:1] == "'":
            start = _literal(second)
            return _Tag(lambda name: name.startswith(start), _any)
        raise self._not_emulated()

    # -- its tokens ------------------------------------------------------------------------------------------------

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise self._not_emulated()
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _comes(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at].lower() == token
        self._at += found
        return found

    def _expect(self, token: str) -> None:
        if not self._comes(token):
            raise self._not_emulated()

    def _value(self) -> str:
        token = self._next()
        if token[:1] != "'":
            raise self._not_emulated()
        return _literal(token)

    def _not_emulated(self) -> NotEmulated:
        return NotEmulated(f"the filter {self._text}", supported=SUPPORTED)


def _joined(tests: list[Test]) -> Test:
    """All at once; a name and a value of a tag are asked of the same tag."""
    tags = [test for test in tests if isinstance(test, _Tag)]
    others = [test for test in tests if not isinstance(test, _Tag)]
    if tags:
        others.append(_Tag(lambda n: all(t.name(n) for t in tags), lambda v: all(t.value(v) for t in tags)))
    return lambda resource: all(test(resource) for test in others)


def _literal(token: str) -> str:
    return token[1:-1].replace("''", "'").lower()


def _any(text: str) -> bool:
    return True


__all__ = ["ResourceFilter", "full_name"]
