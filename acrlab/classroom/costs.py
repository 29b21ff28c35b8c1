"""What many labs cost on real subscriptions: confirmed once for all, and then carried by each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from acrlab.classroom.rows import Row
from acrlab.lab.prices import cost_beyond, whole_cost
from acrlab.settings import Settings


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
