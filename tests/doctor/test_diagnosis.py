"""From a snapshot to findings; what could not be seen is said, and the rest is judged all the same."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from html import unescape

import pytest

import acrlab
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS, named
from acrlab.doctor import diagnose
from acrlab.doctor.diagnosis import judge
from acrlab.doctor.drawing.way import as_image, as_line, as_svg
from acrlab.doctor.report import Report, as_json, as_page, as_text, as_tree
from acrlab.doctor.story import tell
from acrlab.errors import ConfigurationError
from acrlab.snapshot import Unseen, load, save


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, *READY)
    return lab


@pytest.fixture
def broken(working):
    for step in named("the-quiet-layer").plant:
        step(working)
    return working


def test_a_snapshot_from_elsewhere_gives_the_same_words(broken, tmp_path):
    seen = diagnose(broken).diagnosis.snapshot
    save(seen, tmp_path / "seen.json")

    assert load(tmp_path / "seen.json") == seen
    assert as_json(judge(load(tmp_path / "seen.json"))) == as_json(judge(seen))


def test_a_snapshot_holds_nothing_that_opens_a_door(working, tmp_path):
    save(diagnose(working).diagnosis.snapshot, tmp_path / "seen.json")

    text = (tmp_path / "seen.json").read_text("utf-8")

    assert not any(sign in text for sign in ("eyJ", "sig=", "Bearer", "password", "token"))


def test_a_file_that_is_no_snapshot_is_refused_with_where_to_get_one(tmp_path):
    (tmp_path / "x.json").write_text('{"subject": 3}')

    with pytest.raises(ConfigurationError, match=r"x\.json is not a snapshot .* acrlab doctor --save FILE"):
        load(tmp_path / "x.json")


def test_what_could_not_be_seen_is_not_called_fine(working):
    seen = diagnose(working).diagnosis.snapshot
    missing = Unseen("zones", "/z", "Microsoft.Network/privateDnsZones/read", "this identity may not read it")

    judged = judge(replace(seen, zones=(), unseen=(missing,)))

    assert {c.name: c.outcome for c in judged.checked}["zone-exists"] == "not seen"
    assert judged.healthy
    assert "zones: Microsoft.Network/privateDnsZones/read  /z" in as_text(judged)


def test_what_is_not_there_is_not_asked_about(lab):
    judged = diagnose(lab).diagnosis

    outcomes = {c.name: c.outcome for c in judged.checked}
    assert judged.codes == ("registry-not-found", "network-not-found")
    assert (outcomes["records-exist"], outcomes["pull-right"], outcomes["data-path"]) == ("not asked",) * 3


def test_errors_come_before_warnings(working):
    for name in ("open-and-shut", "who-are-you"):
        for step in named(name).plant:
            step(working)

    assert diagnose(working).codes == ("pull-right-missing", "access-half-restored")


def test_looking_costs_few_requests_and_changes_nothing(working):
    seen = diagnose(working).diagnosis.snapshot

    assert diagnose(working).diagnosis.snapshot == seen
    assert seen.requests <= 35


def test_the_line_and_the_picture_mark_the_same_hop(broken):
    judged = diagnose(broken).diagnosis

    assert "records ✗" in as_line(judged)
    assert as_svg(judged).count('class="found"') == 1
    assert "records: broken" in as_svg(judged)


def test_a_report_reads_the_same_everywhere(broken):
    report = diagnose(broken)

    assert isinstance(report, Report)
    assert "data-record-missing" in repr(report)
    assert "data-record-missing" in report._repr_html_()
    assert json.loads(as_json(report.diagnosis))["findings"][0]["code"] == "data-record-missing"
    assert "✗ Is there a record for every name?  data-record-missing" in as_tree(report.diagnosis)
    page = as_page(report.diagnosis)
    assert page.startswith('<!doctype html><html lang="en">')
    assert re.findall(r'src="(?!data:)', page) == []


def test_a_page_shows_the_way_as_an_image_that_is_readable_on_any_ground(broken):
    judged = diagnose(broken).diagnosis

    assert as_image(judged).startswith(
        '<div style="overflow-x:auto"><img alt="The way to the registry: resolver: fine; zone: fine; records: broken; '
    )
    assert "prefers-color-scheme" not in as_svg(judged)
    assert "<svg" not in diagnose(broken)._repr_html_()


def test_a_long_name_stays_in_its_box(working):
    seen = diagnose(working).diagnosis.snapshot
    judged = judge(replace(seen, subject=replace(seen.subject, vm="m" * 64)))

    assert ">mmm…mm</text>" in as_svg(judged)


def test_what_to_type_has_the_width_of_the_page_and_means_what_the_text_says(working):
    for name in ("the-quiet-layer", "open-and-shut", "who-are-you"):
        for step in named(name).plant:
            step(working)
    report = diagnose(working)

    shown = [
        unescape(text) for text in re.findall(r"<th[^>]*>type</th><td[^>]*><pre[^>]*>([^<]+)", report._repr_html_())
    ]

    assert len(shown) == len(report.findings) == 3
    for text, finding in zip(shown, report.findings, strict=True):
        assert shlex.split(text.replace("\\\n", "")) == shlex.split("\n".join(finding.remedy.az))
        assert max(len(line.split()) for line in text.splitlines()) < 8
    assert report._repr_html_().count("<tr><th") == report._repr_html_().count("<tr>")  # two columns alone


def test_a_story_ends_where_the_request_ends(broken):
    seen = diagnose(broken).diagnosis.snapshot

    own, layers = tell(seen, "contoso42.azurecr.io"), tell(seen, "contoso42.westus.data.azurecr.io")

    assert (own.arrives, layers.arrives) == (True, False)
    assert repr(layers).splitlines()[-1] == (
        "✗ zone        privatelink.azurecr.io is linked, and has no record contoso42.westus.data: there is no such name"
    )


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("nobody-by-that-name", "zone"),
        ("the-wrong-neighbour", "registry"),
        ("the-address-of-yesterday", "network"),
        ("the-zone-next-door", "public endpoint"),
        ("the-greedy-zone", "zone"),
        ("an-answer-is-due", "connection"),
        ("shown-the-door", "connection"),
        ("gone-in-the-night", "public endpoint"),
        ("the-other-side-of-the-wall", "network"),
        ("a-wall-of-silence", "security group"),
        ("asking-the-wrong-people", "resolver"),
    ],
)
def test_a_story_stops_at_the_hop_that_is_broken(working, name, who):
    for step in named(name).plant:
        step(working)

    assert acrlab.trace(working).hops[-1].who == who


def test_every_finding_has_all_that_a_reader_needs(working):
    for fault in FAULTS[:3]:
        for step in fault.plant:
            step(working)
    for finding in diagnose(working).findings:
        assert finding.evidence
        assert finding.why
        assert finding.remedy.az[0].startswith("az ")
        assert finding.source.startswith("https://learn.microsoft.com/")
