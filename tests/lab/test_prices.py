"""Costs are said before anything is made, and are what the price table comes to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import acrlab
from acrlab.lab.prices import (
    BEYOND,
    DATE,
    PRICES,
    REGION,
    SOURCE,
    STANDING,
    an_hour,
    cost_beyond,
    cost_briefly,
    cost_of_chapter,
    cost_of_forgetting,
    cost_table,
    cost_table_beyond,
    whole_cost,
)
from acrlab.runs.notebooks import Notebook

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.mark.parametrize("number", BEYOND)
def test_a_chapter_beyond_the_article_comes_on_top_for_the_minutes_of_its_box(number):
    (path,) = FOLDER.glob(f"{number}-*.ipynb")
    opening = "".join(Notebook(path).cells[0]["source"])

    assert f"| time | {BEYOND[number]} minutes |" in opening
    standing = an_hour(STANDING[number]) * BEYOND[number] / 60
    assert cost_beyond(["03", number]) == pytest.approx(standing + cost_briefly(number))


def test_the_readme_s_sum_covers_every_chapter():
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    said = float(re.search(r"-p confirm_cost ([\d.]+)", readme)[1])

    assert 0 <= said - whole_cost(acrlab.Settings.from_parameters()) - cost_beyond(BEYOND) < 0.01


@pytest.mark.parametrize("number", STANDING)
def test_a_chapter_s_box_says_what_its_minutes_cost(number):
    (path,) = FOLDER.glob(f"{number}-*.ipynb")
    opening = "".join(Notebook(path).cells[0]["source"])
    minutes = int(re.search(r"\| time \|.*?(\d+) minutes", opening)[1])

    assert f"| cost on a real Azure | {cost_of_chapter(number, minutes)} |" in opening


def test_a_price_by_the_day_or_the_month_is_divided():
    assert an_hour(["registry"]) == pytest.approx(1.667 / 24)
    assert an_hour(["zone", "zone"]) == pytest.approx(2 * 0.5 / 730)


def test_the_table_adds_up_and_says_whose_prices_they_are():
    shown = cost_table(acrlab.Settings.from_parameters(), hours=2)

    *parts, total, spent = [float(row[-1]) for row in shown.rows]
    assert total == pytest.approx(sum(parts), abs=0.0005)
    assert spent == pytest.approx(2 * total, abs=0.005)
    assert DATE in shown.caption
    assert SOURCE in shown.caption
    assert len(parts) == len(set(STANDING["05"])) < len(PRICES), "a resolver and a cluster are their chapters' alone"


def test_what_stands_beside_the_lab_in_chapters_beyond_the_article_is_listed_with_what_it_costs():
    shown = {row[0]: row[1:] for row in cost_table_beyond().rows}

    assert shown.keys() == BEYOND.keys()
    assert shown["13"][0] == "private endpoint, replica of a registry, Premium"
    assert "2 × endpoint of a DNS Private Resolver" in shown["14"][0]
    assert shown["15"][0].startswith("agent pool, S1")
    assert "AKS cluster" in shown["16"][0]
    assert sum(float(row[-1]) for row in shown.values()) == pytest.approx(cost_beyond(BEYOND), abs=0.02)


def test_a_vm_that_has_no_price_here_is_not_counted_as_free():
    shown = cost_table(acrlab.Settings.from_parameters(vm_size="Standard_D4s_v5"))

    assert ("VM, Standard_D4s_v5", "not known here", "?") in shown.rows


@pytest.mark.parametrize("chapter", ["08-clean-up", "12-your-azure"])
def test_what_a_forgotten_lab_costs_is_the_same_number_everywhere_with_region_and_date(chapter):
    text = (FOLDER / f"{chapter}.ipynb").read_text("utf-8")

    assert cost_of_forgetting() in text
    assert f"{REGION}, {DATE}" in cost_of_forgetting()
    assert cost_of_forgetting().startswith(f"{24 * whole_cost(acrlab.Settings.from_parameters(), 1):.2f} US dollars")
