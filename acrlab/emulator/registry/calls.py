"""A request that was let in and may do what it asks for: what every operation of the registry gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from acrlab.emulator.core.http import JSON, Request, Response, whole_number
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.registry.content import Content, Entry
from acrlab.emulator.registry.refusals import Refusal, disallowed, name_unknown
from acrlab.emulator.types.container_registry.registry_rules import server_of

PAGE = 100
LARGEST_PAGE = 1000  # Source: acr#749


@dataclass(frozen=True)
class Call:
    """One operation on a registry.

    Attributes:
        name: the repository that the path names; empty where it names none.
        reference: the tag, digest or upload that it names; empty where it names none.
    """

    world: World
    registry: Resource
    request: Request
    name: str = ""
    reference: str = ""

    @property
    def content(self) -> Content:
        return Content(self.world, self.registry)

    @property
    def server(self) -> str:
        return server_of(self.registry)

    def repository(self) -> Entry:
        """Return the repository that the path names. Raises: Refusal: it does not exist."""
        found = self.content.repository(self.name)
        if found is None:
            raise name_unknown(self.name)
        return found


@dataclass(frozen=True)
class Later:
    """An answer that waits for bytes that are still on their way.

    Attributes:
        store: takes them, outside of any transaction, for however long they take; it is left after the answer is kept.
        conclude: gives the answer, in a transaction of its own: what was true before may not be any more.
    """

    store: Callable[[], AbstractContextManager[Any]]
    conclude: Callable[[Any], Response]


def require(attribute: str, *entries: Entry | None) -> None:
    """Hold an operation against locks. `attribute`: such as `writeEnabled`; entries that aren't there lock nothing.

    Raises: Refusal: one of them is locked against it.
    """
    if not all(entry.attributes[attribute] for entry in entries if entry is not None):
        raise disallowed()


def require_deletable(*entries: Entry | None) -> None:
    """Require that entries are not locked; a lock against writing keeps from deleting, too. Raises: Refusal."""
    require("deleteEnabled", *entries)
    require("writeEnabled", *entries)


def page(
    request: Request, key: str, names: Sequence[str], items: Mapping[str, Any] | None = None, *, least: int = 1
) -> Response:
    """Answer a part of a list, and where the next part is.

    Args:
        names: all there are, sorted; a page begins behind `last`, whether that is there, was there or never was.
        items: what to show of each; None: its name.
        least: smallest size of a page that may be asked for.
    """
    size = _size(request, least)
    last = request.query.get("last", "")
    rest = [name for name in names if name > last]
    headers = {}
    if len(rest) > size > 0:
        query = urlencode({"last": rest[size - 1], "n": size, "orderby": request.query.get("orderby", "")})
        headers["Link"] = f'<{quote(request.path)}?{query}>; rel="next"'
    shown: JSON = {key: [items[n] if items else n for n in rest[:size]]}
    return Response(200, shown, headers)


def _size(request: Request, least: int) -> int:
    text = request.query.get("n", str(PAGE))
    size = whole_number(text)
    if size is None or size < least:
        raise Refusal(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", detail={"n": text})
    return min(size, LARGEST_PAGE)
