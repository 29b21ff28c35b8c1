"""The condition of a role assignment: in which repositories of a registry its role counts.

A condition is asked about one data action on one repository. It is read as far as repositories go: `ActionMatches`, the
name of the repository that a request is about, comparisons of text, and what joins them.
Source: https://learn.microsoft.com/azure/role-based-access-control/conditions-format and
https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from acrlab.emulator.core.http import ArmError, NotEmulated

Condition = Callable[[str, str], bool]  # gets a data action and a repository's name

_ATTRIBUTE = "microsoft.containerregistry/registries/repositories:name"
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<action>ActionMatches\{\s*'(?P<pattern>[^']*)'\s*\})
      | (?P<attribute>@(?P<source>\w+)\[(?P<of>[^\]]*)\])
      | (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<mark>&&|\|\||[!(){},])
      | (?P<word>[A-Za-z]+(?::[A-Za-z]+)?)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda value, wanted: value == wanted,
    "startswith": lambda value, wanted: value.startswith(wanted),
    "like": lambda value, wanted: fnmatchcase(value, wanted.replace("[", "[[]")),
}
_OPERATOR = re.compile(
    r"(?P<any>ForAnyOfAnyValues:)?String(?P<no>Not)?(?P<how>Equals|StartsWith|Like)(?P<fold>IgnoreCase)?", re.IGNORECASE
)


@lru_cache(maxsize=256)
def read(text: str) -> Condition:
    """Read a condition. Raises: ArmError: it is malformed; NotEmulated: it asks for more than repositories' names."""
    reader = _Reader(text)
    found = reader.either()
    if reader.ahead is not None:
        raise invalid()
    return found


def invalid() -> ArmError:
    """Return the refusal; the sentence is Azure's, the code is ours. Source: MicrosoftDocs/azure-docs#119449."""
    return ArmError(400, "InvalidRoleAssignmentCondition", "The given role assignment condition is invalid.")


class _Reader:
    """Goes through a condition, one token ahead."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self.ahead = next(self._tokens, None)

    def either(self) -> Condition:
        found = self._both()
        while self._meets("||", "or"):
            found = _or(found, self._both())
        return found

    def _both(self) -> Condition:
        found = self._one()
        while self._meets("&&", "and"):
            found = _and(found, self._one())
        return found

    def _one(self) -> Condition:
        if self._meets("!", "not"):
            return _not(self._one())
        if self._meets("("):
            found = self.either()
            self._expect(")")
            return found
        match = self._take()
        if match["action"]:
            return _action(match["pattern"])
        if match["attribute"]:
            _require_repository(match["source"], match["of"])
            return self._comparison()
        raise invalid()

    def _comparison(self) -> Condition:
        word = self._take()["word"] or ""
        operator = _OPERATOR.fullmatch(word)
        if operator is None:
            raise NotEmulated(f"the operator {word} in a role assignment's condition") if word else invalid()
        values = self._values() if operator["any"] else [self._text()]
        fold, compare = bool(operator["fold"]), _COMPARISONS[operator["how"].lower()]
        wanted = [value.lower() if fold else value for value in values]

        def holds(action: str, repository: str) -> bool:
            name = repository.lower() if fold else repository
            return any(compare(name, value) for value in wanted)

        return _not(holds) if operator["no"] else holds

    def _values(self) -> list[str]:
        self._expect("{")
        found = [self._text()]
        while self._meets(","):
            found.append(self._text())
        self._expect("}")
        return found

    def _text(self) -> str:
        text = self._take()["text"]
        if not text:
            raise invalid()
        return re.sub(r"\\(.)", r"\1", text[1:-1])

    def _meets(self, *words: str) -> bool:
        match = self.ahead
        if match is None or (match["mark"] or match["word"] or "").lower() not in words:
            return False
        self.ahead = next(self._tokens, None)
        return True

    def _expect(self, mark: str) -> None:
        if not self._meets(mark):
            raise invalid()

    def _take(self) -> re.Match[str]:
        match = self.ahead
        if match is None:
            raise invalid()
        self.ahead = next(self._tokens, None)
        return match


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise invalid()
        yield match
        at = match.end()


def _require_repository(source: str, attribute: str) -> None:
    if source.lower() != "request" or attribute.strip().lower() != _ATTRIBUTE:
        what = f"@{source}[{attribute}] in a role assignment's condition"
        raise NotEmulated(what, supported="@Request[Microsoft.ContainerRegistry/registries/repositories:name]")


def _action(pattern: str) -> Condition:
    return lambda action, repository: fnmatchcase(action.lower(), pattern.lower())


def _not(one: Condition) -> Condition:
    return lambda action, repository: not one(action, repository)


def _and(one: Condition, other: Condition) -> Condition:
    return lambda action, repository: one(action, repository) and other(action, repository)


def _or(one: Condition, other: Condition) -> Condition:
    return lambda action, repository: one(action, repository) or other(action, repository)
