"""What many labs cost on real subscriptions: confirmed once for all, and then carried by each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from acrlab.classroom.rows import Row
from acrlab.lab.prices import whole_cost
from acrlab.settings import Settings


def part_of(settings: Settings) -> dict[str, Any]:
    """What a lab's settings lack once its cost is confirmed: nothing on the emulated Azure."""
    return {"confirm_cost": whole_cost(settings)} if settings.backend == "azure" else {}


def with_parts(rows: Sequence[Row]) -> list[Row]:
    """Give each row of a matrix its part, as a parameter."""
    return [
        replace(row, values={**row.values, "parameters": {**row.values["parameters"], **part_of(_settings(row))}})
        for row in rows
    ]


def _settings(row: Row) -> Settings:
    chosen = {**row.values["settings"], **row.values["parameters"]}
    return Settings.alone(**{name: value for name, value in chosen.items() if name in Settings.model_fields})
