"""Which declared route a request is for: first by the last word of its path, then by the form of all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from acrlab.emulator.core.http import Request
from acrlab.emulator.core.schema import Route

ANY = ""  # in the place of a last word, of routes that end in a placeholder


class RouteTable:
    """Routes by method and last word, so that a request is held against the few that it may be for."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[tuple[str, str], list[tuple[Route, re.Pattern[str]]]] = {}
        for route in routes:
            last = _last_word(route.path)
            key = route.method, ANY if last.startswith("{") else last
            self._routes.setdefault(key, []).append((route, pattern_of(route.path)))

    def find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        """Return the route that fits, with the words in its placeholders; None: none does.

        One that names the last word comes before one that takes any.
        """
        for last in (_last_word(request.path), ANY):
            for route, pattern in self._routes.get((request.method, last), ()):
                if found := pattern.fullmatch(request.path):
                    return route, found.groupdict()
        return None


def pattern_of(template: str) -> re.Pattern[str]:
    """`{word}` stands for one segment of a path, `{word:path}` for that of a subscription, or of anything in one."""
    expression = re.sub(r"\{(\w+):path\}", r"(?P<\1>subscriptions/[^/]+(?:/.+)?)", template)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", expression) + "/?", re.IGNORECASE)


def _last_word(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].lower()
