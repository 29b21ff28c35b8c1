"""The record sets of a zone, of one kind or of all: those that were written, and those of registered VMs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.dns.private_dns_zone import RECORD_KINDS, ZONE_TYPE
from acrlab.emulator.types.dns.registered_record import registered
from acrlab.emulator.types.paging import next_link, size_of

SOURCE = "https://learn.microsoft.com/rest/api/dns/privatedns/record-sets"
PAGE = 100
SUFFIX = "$recordsetnamesuffix"


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """A page of a zone's record sets, a domain's names together: `$top`, `$skiptoken`, `$recordsetnamesuffix`."""
    group = ArmId.of_group(words["subscription"], words["group"])
    zone = state.get(ArmId(str(group), ZONE_TYPE, (words["zone"],)))
    kind = request.path.rstrip("/").rpartition("/")[2].upper()
    size = size_of(request, PAGE)
    suffix, after = request.query.get(SUFFIX, "").lower(), _place(request.query.get("$skiptoken", ""))
    found = {
        place: s
        for s in _sets(state, zone, RECORD_KINDS if kind == "ALL" else (kind,))
        if (place := _place(_token(s))) > after and (not suffix or s.id.name.lower().endswith(f".{suffix}"))
    }
    page = [found[place] for place in sorted(found)[:size]]
    answer: JSON = {"value": [state.show(one, request.api_version) for one in page]}
    if len(found) > size:
        answer["nextLink"] = next_link(request, _token(page[-1]))
    return answer


def _sets(state: State, zone: Resource, kinds: tuple[str, ...]) -> Iterator[Resource]:
    for kind in kinds:
        yield from state.children(zone.id, kind)
        if kind == "A":
            yield from registered(state, zone.id)


def _token(record_set: Resource) -> str:
    """Name a set in the address of the page behind it."""
    return f"{record_set.id.name} {record_set.id.type.rpartition('/')[2]}"


def _place(token: str) -> tuple[tuple[str, ...], str]:
    """Tell where a set stands in a list: by its name's labels from right to left, then by its kind."""
    name, _, kind = token.rpartition(" ")
    return tuple(name.lower().split(".")[::-1]), kind


_ZONE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{ZONE_TYPE}/{{zone}}"

ROUTES = (
    Route("GET", f"{_ZONE}/ALL", listed, f"{SOURCE}/list"),
    *(Route("GET", f"{_ZONE}/{kind}", listed, f"{SOURCE}/list-by-type") for kind in RECORD_KINDS),
)
