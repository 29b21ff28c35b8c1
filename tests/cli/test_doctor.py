"""`acrlab doctor` and `acrlab practice` as they are typed."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.cli.app import app
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import named
from acrlab.errors import UnfinishedError


@pytest.fixture
def working(lab, monkeypatch, tmp_path):
    acrlab.bring_to(lab, *READY)
    monkeypatch.chdir(tmp_path)
    return lab


def run(*words):
    return CliRunner().invoke(app, [*words], catch_exceptions=False)


def test_a_healthy_lab_exits_with_0_and_a_broken_one_with_1(working):
    healthy = run("doctor", "--registry", "contoso42")
    for step in named("the-quiet-layer").plant:
        step(working)
    broken = run("doctor", "--registry", "contoso42")

    assert (healthy.exit_code, broken.exit_code) == (0, 1)
    assert re.match(r"On the emulated Azure\ncontoso42: no finding \(\d\d questions\)\n", healthy.output)
    assert "error: data-record-missing" in broken.output


def test_the_same_from_a_snapshot_without_any_azure(working, tmp_path):
    run("doctor", "--registry", "contoso42", "--save-snapshot", "seen.json", "--html", "page.html")

    again = run("doctor", "--snapshot", "seen.json", "--json")

    assert json.loads(again.output)["healthy"] is True
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_trace_tells_one_story(working):
    told = run("doctor", "--registry", "contoso42", "--trace", "contoso42.azurecr.io").output

    assert told.splitlines()[:2] == ["On the emulated Azure", "A request for contoso42.azurecr.io"]


def test_where_there_is_nothing_it_says_where_it_looked_and_ticks_nothing_that_it_did_not_ask(
    lab, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)

    told = run("doctor", "--registry", "contoso42")
    story = run("doctor", "--registry", "contoso42", "--trace", "contoso42.azurecr.io")

    assert told.output.splitlines()[2] == (
        "VM → resolver – → zone – → records – → traffic – → endpoint ✗ → registry ✗ → access – → image –"
    )
    assert "On the emulated Azure" in told.output
    assert "For a real one add --backend azure. To build a lab: acrlab learn, or acrlab practice start." in told.output
    assert story.exit_code == 1


def test_nobody_looks_from_inside_where_that_is_said(working):
    told = json.loads(run("doctor", "--registry", "contoso42", "--from-vm", "none", "--json").output)

    assert {c["name"]: c["outcome"] for c in told["checks"]}["vm-runs"] == "not asked"


def test_an_expectation_that_is_none_is_refused(working):
    with pytest.raises(acrlab.ConfigurationError, match="Write open or closed"):
        run("doctor", "--expect", "maybe")


def test_practice_from_the_ticket_to_the_check(working):
    world = ["--world", str(working.backend.path), "--registry", "contoso42"]

    opened = run("practice", "start", *world).output
    assert opened.startswith("the-quiet-layer\n\ndocker login works")
    assert "  2  record-missing: " in opened
    with pytest.raises(UnfinishedError, match=r"^The doctor keeps silent while the ticket the-quiet-layer is open"):
        run("doctor", *world)
    assert run("practice", "hint", *world).output.startswith("Hint 1 of 3: ")
    assert run("practice", "answer", "2", *world).exit_code == 1
    assert run("practice", "answer", "data-record-missing", *world).exit_code == 0
    assert "data-record-missing" in run("doctor", *world).output
    unfinished = run("practice", "check", *world)
    assert unfinished.exit_code == 1
    assert unfinished.output.startswith("docker login works")
    acrlab.ensure_records(working)
    assert "✓ the-quiet-layer" in run("practice", "check", *world).output
    assert run("practice", "list", *world).output.splitlines()[3].endswith("with hints")


def test_practice_given_up_shows_the_fix_and_the_next_ticket_is_another(working):
    world = ["--world", str(working.backend.path), "--registry", "contoso42"]
    run("practice", "start", "the-quiet-layer", *world)

    shown = run("practice", "give-up", *world).output

    assert "az network private-dns record-set a add-record" in shown
    assert "It was data-record-missing: " in shown
    assert run("doctor", *world).exit_code == 0
    assert run("practice", "list", *world).output.splitlines()[3].endswith("shown")
    assert run("practice", "start", "another", *world).exit_code == 0
