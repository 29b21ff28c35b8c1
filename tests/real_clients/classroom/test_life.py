"""The life of a class on a subscription that all share: planned, prepared, taken away, and nothing is left."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from acrlab.serving.connection import environment
from tests.benchmarks.served_world import ServedWorld
from tests.real_clients.classroom.conftest import Command


def test_a_class_shares_a_subscription_from_the_plan_to_the_proof(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = ServedWorld(folder / "world.db", clock="deterministic")
    try:
        for name, value in environment(world.connection, folder / "azure").items():
            monkeypatch.setenv(name, value)
        _live(folder, world.connection["subscription"])
    finally:
        world.stop()


def _live(folder: Path, subscription: str) -> None:
    (folder / "class.csv").write_text("id,name\nada,Ada\nbob,Bob\ncy,Cy\n")
    azure = ("--backend", "azure", "--subscription", subscription)

    planned = Command(folder, "class", "plan", "class.csv", *azure, "--hours", "4", "--out", "class")
    assert planned.ended() == 0, planned.text
    assert "3 learners × 4 hours × 0.1447 US dollars an hour = 1.74 US dollars" in planned.text
    assert "Registries' names: 3 of 3 are free." in planned.text

    unasked = Command(folder, "class", "prepare", "class.csv", "--chapter", "04")
    assert unasked.ended() == 2
    assert "Make 3 labs, for about 0.98 US dollars in 2.25 hours?" in unasked.text
    prepared = Command(folder, "class", "prepare", "class.csv", "--chapter", "04", "--yes", "--workers", "2")
    assert prepared.ended() == 0, prepared.text

    again = Command(folder, "class", "plan", "class.csv", *azure, "--out", "class")
    assert again.ended() == 0, again.text
    assert "Registries' names: 3 of 3 are free." in again.text, "a learner's own is not taken"
    other = Command(folder, "class", "plan", "class.csv", *azure, "--prefix", "other")
    assert other.ended() == 0, other.text

    (file,) = (folder / "class" / ".passes").glob("*-prepare/results.csv")
    with file.open(newline="") as lines:
        assert [(row["row"], row["status"]) for row in csv.DictReader(lines)] == [
            ("ada", "finished"),
            ("bob", "finished"),
            ("cy", "finished"),
        ]
    text = "".join(path.read_text("utf-8", "replace") for path in (folder / "class").rglob("*") if path.is_file())
    assert "AZURE_CLIENT_SECRET" not in text

    taken = Command(folder, "class", "clean-up", "class.csv", "--yes", "--workers", "2")
    assert taken.ended() == 0, taken.text
    assert re.search(r"^ada: registry \d+\.\d\d h × 0\.0695 = \d+\.\d\d US dollars$", taken.text, re.MULTILINE)
    assert re.search(r"^3 labs: \d+\.\d\d US dollars$", taken.text, re.MULTILINE)
    left = Command(folder, "status", "--backend", "emulator", "--world", "world.db")
    assert left.ended() == 0
    assert left.text.startswith("empty")
