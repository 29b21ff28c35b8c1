"""What is shown of a class: its plan, the arithmetic of its cost, what it takes of quotas, and what came of rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from acrlab.classroom.fan_out import Pass
from acrlab.classroom.plan import Planned
from acrlab.classroom.quotas import ENDPOINTS, SHARED_ENDPOINTS, Need
from acrlab.display import Table, table
from acrlab.lab.prices import DATE, REGION, SOURCE, whole_cost

RESULTS = "results.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute begins with one of these


def plan_table(planned: Sequence[Planned]) -> Table:
    """Show each learner's lab: group, registry, addresses."""
    rows = [
        {
            "learner": one.learner.id,
            "resource group": one.settings.resource_group,
            "chapter 05's": one.settings.portal_resource_group,
            "registry": one.settings.registry_name,
            "network": one.settings.network_prefix,
            "subscription": one.settings.subscription or "–",
        }
        for one in planned
    ]
    return table(rows, caption=f"{len(planned)} learners")


def cost_lines(planned: Sequence[Planned], hours: float) -> Iterator[str]:
    """Write what the class costs, with the arithmetic; of each size of VM on its own."""
    rates: dict[float, int] = {}
    for one in planned:
        rate = whole_cost(one.settings, 1)
        rates[rate] = rates.get(rate, 0) + 1
    for rate, labs in rates.items():
        total = labs * hours * rate
        yield f"{labs} learners × {hours:g} hours × {rate:.4f} US dollars an hour = {total:.2f} US dollars"
    where = f"list prices of {DATE}, {REGION}: {SOURCE}"
    yield f"({where}; for everything that chapters 01 to 05 create, all the time)"
    if all(one.settings.backend == "emulator" for one in planned):
        yield "On the emulated Azure it costs nothing."


def needs_table(needs: Sequence[Need]) -> Table:
    """Show what the class takes of each quota, and what there is."""
    marks = {True: "✓", False: "✗"}
    rows = [
        {
            "": marks[one.enough],
            "quota": one.what,
            "needed": one.needed,
            "there is": "no documented limit" if one.limit is None else one.limit,
            "says": "Azure" if one.asked else "the documentation",
            "where": one.where,
        }
        for one in needs
    ]
    return table(rows, caption="Quotas", columns=("", "quota", "needed", "there is", "says", "where"))


def limits(planned: Sequence[Planned]) -> str:
    """Write what no quota says: what learners cannot share."""
    zones = "A network is linked to only one zone of a name, and a group holds only one: each learner has both."
    most = f"A registry has at most {SHARED_ENDPOINTS} private endpoints"
    one, each = (_share(len(planned) * number) for number in (1, ENDPOINTS))
    chapters = f"those of all chapters: {len(planned)} × {ENDPOINTS} = {len(planned) * ENDPOINTS}"
    return f"{zones} {most}, {one} for one of each learner's if all shared one, and {each} for {chapters}."


def _share(endpoints: int) -> str:
    return "enough" if endpoints <= SHARED_ENDPOINTS else "too few"


def write_results(done: Pass) -> Path:
    """Write what came of each row as CSV, for a spreadsheet. Returns: the file."""
    path, results = done.folder / RESULTS, done.results()
    facts = sorted({name for result in results.values() for name in result["facts"]})
    columns = ["row", "status", "seconds", "attempt", "told", *facts]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in done.rows:
            result = results.get(row.key, {"status": "left", "facts": {}})
            told = {**result["facts"], **result, "row": row.label}
            writer.writerow([harmless(told.get(name, "")) for name in columns])
    return path


def spent_lines(done: Pass) -> Iterator[str]:
    """Write what labs that were taken away have cost: each with its arithmetic, and all together."""
    results = done.results()
    told = [(row.label, results[row.key]["facts"]) for row in done.rows if row.key in results]
    costs = [(label, facts) for label, facts in told if "cost" in facts]
    if not costs:
        return
    for label, facts in costs:
        yield f"{label}: {facts['cost']}"
    total = sum(facts["dollars"] for _, facts in costs)
    free = "" if all(facts["backend"] == "azure" for _, facts in costs) else ", and free on the emulated Azure"
    yield f"{len(costs)} labs: {total:.2f} US dollars{free}"
    yield f"(list prices of {DATE}, {REGION}: {SOURCE}; for what existed until now, since it was created)"


def line(row_label: str, result: Mapping[str, Any], number: int, of: int) -> str:
    """One row's line, as it ends."""
    word = {"finished": "ok", "failed": "FAILED"}.get(result["status"], result["status"])
    told = f"  {result['told']}" if result.get("told") else ""
    return f"{number:>{len(str(of))}}/{of}  {word:<6} {result['seconds']:>6.1f} s  {row_label}{told}"


def harmless(value: object) -> object:
    """Keep a spreadsheet from computing what is text."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) else value
