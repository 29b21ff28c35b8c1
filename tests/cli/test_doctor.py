"""`acrlab doctor` and `acrlab practice` as they are typed."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.cli.app import app
from acrlab.course.exercise import READY
from acrlab.course.faults import named


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
    assert healthy.output.startswith("contoso42: no finding (37 questions)\n")
    assert "error: data-record-missing" in broken.output


def test_the_same_from_a_snapshot_without_any_azure(working, tmp_path):
    run("doctor", "--registry", "contoso42", "--save-snapshot", "seen.json", "--html", "page.html")

    again = run("doctor", "--snapshot", "seen.json", "--json")

    assert json.loads(again.output)["healthy"] is True
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_trace_tells_one_story(working):
    told = run("doctor", "--registry", "contoso42", "--trace", "contoso42.azurecr.io").output

    assert told.splitlines()[0] == "A request for contoso42.azurecr.io"


def test_nobody_looks_from_inside_where_that_is_said(working):
    told = json.loads(run("doctor", "--registry", "contoso42", "--from-vm", "none", "--json").output)

    assert {c["name"]: c["outcome"] for c in told["checks"]}["vm-runs"] == "not asked"


def test_an_expectation_that_is_none_is_refused(working):
    with pytest.raises(acrlab.ConfigurationError, match="Write open or closed"):
        run("doctor", "--expect", "maybe")


def test_practice_from_start_to_end(working, monkeypatch):
    world = ["--world", str(working.backend.path), "--registry", "contoso42"]

    assert "the-quiet-layer" in run("practice", "start", *world).output
    assert run("practice", "hint", *world).output.startswith("1 of 3: ")
    assert run("practice", "check", *world).exit_code == 1
    assert "data-record-missing" in run("practice", "solve", *world).output
    assert run("practice", "check", *world).exit_code == 0
    assert run("practice", "list", *world).output.splitlines()[3].split()[0::100] == ["the-quiet-layer"]
    assert run("practice", "list", *world).output.count("✓") == 1
