"""What labs have cost: since each thing was made, with the arithmetic."""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from acrlab.classroom.costs import Stood, arithmetic, stood
from acrlab.classroom.plan import plan, write_files
from acrlab.classroom.roster import Learner
from acrlab.classroom.rows import Row
from acrlab.classroom.tables import spent_lines
from acrlab.classroom.tasks import clean_up, prepare
from acrlab.course.progress import bring_to
from acrlab.lab.lab import connect
from acrlab.steps.clean_up_plan import plan_clean_up


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)
    (ada,) = plan([Learner("ada")])
    with closing(connect(ada.settings)) as lab:
        yield lab


def test_what_is_paid_for_is_counted_since_it_was_made(lab):
    bring_to(lab, "registry", "zone-link")
    before = stood(lab, plan_clean_up(lab).resources)

    world = lab.backend.azure.world
    world.advance_to(world.now + 7200)
    after = stood(lab, plan_clean_up(lab).resources)

    assert [one.part for one in after] == [one.part for one in before] == ["registry", "zone"]
    grown = [round(new.hours - old.hours, 1) for new, old in zip(after, before, strict=True)]
    assert grown == [2.0, 2.0]


def test_a_lab_that_made_nothing_cost_nothing(lab):
    assert stood(lab, plan_clean_up(lab).resources) == ()
    assert arithmetic(()) == "nothing = 0.00 US dollars"


def test_the_arithmetic_can_be_done_again():
    spent = (Stood("registry", 4), Stood("vm", 2.5))

    assert arithmetic(spent) == "registry 4.00 h × 0.0695 + vm 2.50 h × 0.0416 = 0.38 US dollars"
    assert round(sum(one.dollars for one in spent), 4) == 0.3818


def test_a_clean_up_tells_what_the_lab_has_cost(tmp_path):
    write_files(plan([Learner("ada")]), tmp_path)
    values = {"folder": str(tmp_path / "ada"), "steps": ["registry"], "more": {}}
    prepare(values, tmp_path)

    told = clean_up(values, tmp_path)

    assert (told["deleted"], told["backend"]) == (1, "emulator")
    assert re.fullmatch(r"registry \d+\.\d\d h × 0\.0695 = \d\.\d\d US dollars", told["cost"])
    assert clean_up(values, tmp_path)["cost"] == "nothing = 0.00 US dollars"


class Done:
    """A pass whose rows have ended."""

    rows = (Row("ada-1", "ada", {}), Row("bob-1", "bob", {}), Row("cy-1", "cy", {}))

    def __init__(self, backend):
        self._facts = {"ada-1": {"cost": "x = 0.38 US dollars", "dollars": 0.3818, "backend": backend}}
        self._facts["bob-1"] = {"cost": "nothing = 0.00 US dollars", "dollars": 0.0, "backend": backend}

    def results(self):
        return {key: {"facts": facts} for key, facts in self._facts.items()}


@pytest.mark.parametrize(("backend", "more"), [("azure", ""), ("emulator", ", and free on the emulated Azure")])
def test_the_class_is_told_each_and_all(backend, more):
    told = list(spent_lines(Done(backend)))

    assert told[:3] == ["ada: x = 0.38 US dollars", "bob: nothing = 0.00 US dollars", f"2 labs: 0.38 US dollars{more}"]
    assert "list prices of" in told[3]
