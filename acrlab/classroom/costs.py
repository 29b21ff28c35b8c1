"""What many labs cost on real subscriptions: confirmed once for all, carried by each, and told when they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from acrlab.classroom.rows import Row
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.prices import PART_OF, PRICES, REPLICATIONS, cost_beyond, whole_cost
from acrlab.settings import Settings
from acrlab.steps.clean_up_plan import Item


def part_of(settings: Settings, chapters: Iterable[str] = ()) -> dict[str, Any]:
    """What a lab's settings lack once its cost is confirmed: nothing on the emulated Azure.

    Args:
        chapters: names of those that are to run, where some may be beyond the article.
    """
    dollars = whole_cost(settings) + cost_beyond(name[:2] for name in chapters)
    return {"confirm_cost": dollars} if settings.backend == "azure" else {}


def with_parts(rows: Sequence[Row]) -> list[Row]:
    """Give each row of a matrix its part, as a parameter."""
    return [replace(row, values={**row.values, "parameters": _with_its_part(row)}) for row in rows]


def _with_its_part(row: Row) -> dict[str, Any]:
    return {**row.values["parameters"], **part_of(_settings(row), row.values["chapters"])}


def _settings(row: Row) -> Settings:
    chosen = {**row.values["settings"], **row.values["parameters"]}
    return Settings.alone(**{name: value for name, value in chosen.items() if name in Settings.model_fields})


@dataclass(frozen=True)
class Stood:
    """Something of a lab that is paid for.

    Attributes:
        part: what it costs under, in the price list.
        hours: how long it has been there.
    """

    part: str
    hours: float

    @property
    def dollars(self) -> float:
        return self.hours * PRICES[self.part].an_hour


def stood(lab: Lab, items: Iterable[Item]) -> tuple[Stood, ...]:
    """Tell what of a lab is paid for, and for how long it has been since it was made.

    What was deleted before is not in it, and a VM that was off for a while counts as if it had run: an estimate.

    Raises: RefusedError, NotVisibleError: Azure does not say when things were made.
    """
    found = {item.id.lower(): PART_OF[item.kind] for item in items if item.kind in PART_OF}
    hours: dict[str, float] = {}
    for group in sorted({id.split("/")[4] for id in found}):
        with asking("Reading when resources were created", lab.group_id(group)):
            now: Any = lab.resources.resource_groups.get(group, cls=_date)
            listed = list(lab.resources.resources.list_by_resource_group(group, expand="createdTime"))
        made = {str(one.id).lower(): one.created_time for one in listed if one.created_time}
        hours |= {id: (now - at).total_seconds() / 3600 for id, at in made.items()}
    rows = sorted((Stood(part, max(0.0, hours[id])) for id, part in found.items() if id in hours), key=_place)
    of_home = next((one for one in rows if one.part == PART_OF[REPLICATIONS]), None)  # it is paid for with its registry
    return tuple(one for one in rows if one is not of_home)


def _place(one: Stood) -> tuple[int, float]:
    """In the order of the price list, what has stood longest first."""
    return list(PRICES).index(one.part), -one.hours


def _date(response: Any, group: Any, headers: Any) -> datetime:
    """Read the time off an answer of Azure's, by whose clock resources are dated, too."""
    return parsedate_to_datetime(response.http_response.headers["Date"])


def arithmetic(spent: Sequence[Stood]) -> str:
    """Write what something cost: hours by price, and their sum."""
    terms = [f"{one.part} {one.hours:.2f} h × {PRICES[one.part].an_hour:.4f}" for one in spent]
    return f"{' + '.join(terms) or 'nothing'} = {sum(one.dollars for one in spent):.2f} US dollars"
