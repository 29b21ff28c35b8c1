"""What Resource Manager's list of resources can be asked for: comparisons, `startswith` and `substringof`.

Source: https://learn.microsoft.com/rest/api/resources/resources/list
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acrlab.emulator.core.http import NotEmulated
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.types.odata_filter import Question, Term, Unreadable, leaves, literal, parse

Test = Callable[[Resource], bool]
SUPPORTED = (
    "eq and ne with resourceType, resourceGroup, name and location, eq with tagName and tagValue, "
    "startswith(tagName, …), substringof(…, name or resourceGroup), joined by and and or"
)


def full_name(resource: Resource) -> str:
    """Tell how lists of resources name it: a child with its parents before it."""
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
        try:
            question = parse(text)
            self.fits: Test = _test(question) if question else lambda resource: True
        except Unreadable as problem:
            raise NotEmulated(f"the filter {text}", supported=SUPPORTED) from problem
        words = {word.lower() for term in leaves(question) for word in (term.word, *term.values)}
        # A caller that asks for tags is not told the tags of what was found.
        self.asks_for_tags = bool(words & {"tagname", "tagvalue"})


def _test(question: Question) -> Test:
    if isinstance(question, Term):
        return _comparison(question) if question.comparison else _call(question)
    tests = [_test(part) for part in question.parts]
    return _all(tests) if question.word == "and" else lambda resource: any(test(resource) for test in tests)


def _comparison(term: Term) -> Test:
    value = literal(term.values[0]).lower()
    if term.word in _PROPERTIES and term.comparison in ("eq", "ne"):
        read = _PROPERTIES[term.word]
        return lambda resource: (read(resource).lower() == value) == (term.comparison == "eq")
    if term.word == "tagname" and term.comparison == "eq":
        return _Tag(lambda name: name == value, _any)
    if term.word == "tagvalue" and term.comparison == "eq":
        return _Tag(_any, lambda found: found == value)
    raise Unreadable(term.text)


def _call(term: Term) -> Test:
    match term.word, term.values:
        case "substringof", (part, name) if name.lower() in ("name", "resourcegroup"):
            read, sought = _PROPERTIES[name.lower()], literal(part).lower()
            return lambda resource: sought in read(resource).lower()
        case "startswith", (name, part) if name.lower() == "tagname":
            start = literal(part).lower()
            return _Tag(lambda tag: tag.startswith(start), _any)
    raise Unreadable(term.text)


def _all(tests: list[Test]) -> Test:
    """All at once; a name and a value of a tag are asked of the same tag."""
    tags = [test for test in tests if isinstance(test, _Tag)]
    others = [test for test in tests if not isinstance(test, _Tag)]
    if tags:
        others.append(_Tag(lambda n: all(t.name(n) for t in tags), lambda v: all(t.value(v) for t in tags)))
    return lambda resource: all(test(resource) for test in others)


def _any(text: str) -> bool:
    return True
