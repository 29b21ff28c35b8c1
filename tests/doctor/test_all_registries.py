"""Every registry of a subscription: a line each, worst first, by lists alone; and what pipelines get of it."""

from __future__ import annotations

import json
import re
import time
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.cli.app import app
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import named
from acrlab.doctor import estate as judged
from acrlab.doctor import examine_all
from acrlab.doctor.formats import FORMATS, written
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from tests.doctor import estate

MANY = 200


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["doctor", "--all", *words], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.fixture
def three(lab: Lab) -> Lab:
    """A registry whose link works, one without any, and one whose zone lacks a record."""
    acrlab.bring_to(lab, *READY)
    estate.registry(lab, "other", "zzhealthy")
    target = estate.registry(lab, "other", "broken1")
    subnet = estate.network(lab, "other", "far", 7)
    estate.endpoint(lab, "other", "e", subnet, target)
    estate.link(lab, "myResourceGroup", "far", subnet)
    return lab


def test_there_is_a_line_a_registry_and_the_worst_comes_first(three: Lab) -> None:
    code, told = run("--world", str(three.backend.path))

    assert code == 1
    lines = told.splitlines()
    assert lines[0] == "On the emulated Azure"
    assert lines[1] == "✗ broken1    other            record-missing in far"
    assert [line.split()[:2] for line in lines[2:4]] == [["✓", "contoso42"], ["✓", "zzhealthy"]]
    assert re.fullmatch(r"3 registries: 1 with errors, 2 without a finding \(\d+ requests\)", lines[4])


def test_a_group_alone_and_a_network_can_be_named(three: Lab) -> None:
    told = examine_all(three, group="other", network="far")

    assert [m.registry for m in told.members] == ["broken1", "zzhealthy"]
    assert [(f.code, place) for f, place in told.members[1].findings] == [("endpoint-missing", "far")]


def test_where_all_is_well_it_exits_with_0_and_where_nothing_is_there_too(lab: Lab) -> None:
    assert run("--world", str(lab.backend.path))[0] == 0
    acrlab.bring_to(lab, *READY)
    assert run("--world", str(lab.backend.path))[0] == 0


def test_a_hub_that_does_not_read_the_zone_is_judged_from_the_spokes_that_do(lab: Lab) -> None:
    from tests.doctor import hub

    hub.build(lab)

    (member,) = examine_all(lab).members

    assert [d.snapshot.network.name for d in member.diagnoses if d.snapshot.network] == [hub.SPOKE]
    assert member.findings == ()


def test_a_vm_of_each_network_tells_what_the_lists_do_not(lab: Lab) -> None:
    acrlab.bring_to(lab, *READY)
    for step in named("written-in-stone").plant:
        step(lab)

    assert examine_all(lab).members[0].state == "fine"
    (member,) = examine_all(lab, from_vms=5).members

    assert [(f.code, place) for f, place in member.findings] == [("hosts-file-pins-name", "myDockerVMVNET")]
    code, told = run("--world", str(lab.backend.path), "--from-vms", "5")
    assert code == 1
    assert "✗ contoso42  myResourceGroup  hosts-file-pins-name in myDockerVMVNET (from myDockerVM)" in told
    assert re.search(r"\(\d+ requests, looks from inside: 1\)", told)


def test_the_json_names_the_vms_that_were_asked(lab: Lab) -> None:
    acrlab.bring_to(lab, *READY)

    told = json.loads(written(examine_all(lab, from_vms=5), "json"))

    assert (told["looks"], told["registries"][0]["vms"], told["registries"][0]["state"]) == (1, ["myDockerVM"], "fine")
    assert json.loads(written(examine_all(lab), "json"))["looks"] == 0


def test_a_vm_s_own_right_to_pull_says_nothing_of_the_clients_beside_it(lab: Lab) -> None:
    acrlab.bring_to(lab, *READY)
    for step in named("who-are-you").plant:
        step(lab)

    assert examine_all(lab, from_vms=5).members[0].state == "fine"


def test_looks_from_inside_are_as_many_as_were_allowed_and_each_vm_is_read_once(three: Lab) -> None:
    subnet = three.id_of("Microsoft.Network/virtualNetworks/subnets", "myDockerVMVNET", "myDockerVMSubnet")
    for number in range(3):
        target = estate.registry(three, "other", f"near{number}")
        estate.endpoint(three, "other", f"near{number}", subnet, target)

    def cost(most: int) -> tuple[int, int]:
        told = examine_all(three, from_vms=most)
        return told.looks, told.requests

    (one, first), (two, second), (three_, third) = cost(1), cost(2), cost(3)

    assert (one, two, three_) == (1, 2, 3)
    assert 0 < third - second <= second - first <= 15


def test_a_network_whose_vm_is_off_is_looked_at_by_lists_alone(lab: Lab) -> None:
    acrlab.bring_to(lab, *READY)
    lab.compute.virtual_machines.begin_deallocate("myResourceGroup", "myDockerVM").result()

    told = examine_all(lab, from_vms=5)

    assert (told.looks, told.members[0].vms, told.members[0].state) == (0, (), "fine")


def test_vms_are_for_all_registries_alone(lab: Lab) -> None:
    with pytest.raises(ConfigurationError, match="--from-vms: it needs --all"):
        CliRunner().invoke(app, ["doctor", "--from-vms", "3"], catch_exceptions=False)


def test_an_open_ticket_keeps_the_doctor_silent_about_its_registry(three: Lab) -> None:
    acrlab.ticket(three, "the-quiet-layer")

    told = judged.as_text(examine_all(three))

    assert "– contoso42  myResourceGroup  the practice ticket the-quiet-layer is open" in told
    assert "data-record-missing" not in told


def test_more_registries_and_endpoints_cost_no_more_requests(three: Lab) -> None:
    before = examine_all(three)
    subnet = f"{three.group_id('other')}/providers/Microsoft.Network/virtualNetworks/far/subnets/one"
    for number in range(5):
        target = estate.registry(three, "other", f"another{number}")
        estate.endpoint(three, "other", f"another{number}", subnet, target)

    after = examine_all(three)

    assert len(after.members) == len(before.members) + 5
    assert after.requests == before.requests
    assert before.requests <= 16


def test_two_hundred_registries_take_a_few_seconds(three: Lab) -> None:
    subnet = f"{three.group_id('other')}/providers/Microsoft.Network/virtualNetworks/far/subnets/one"
    for number in range(MANY):
        target = estate.registry(three, "other", f"many{number:03}")
        if number % 4 == 0:
            estate.endpoint(three, "other", f"many{number}", subnet, target)
    begun = time.process_time()

    told = examine_all(three)

    assert len(told.members) == MANY + 3
    assert sum(m.state == "error" for m in told.members) == MANY // 4 + 1
    assert time.process_time() - begun < 8


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_the_same_every_time_and_names_what_is_wrong(three: Lab, form: str) -> None:
    told = examine_all(three)

    assert written(told, form) == written(examine_all(three), form)
    assert "record-missing" in written(told, form)


def test_the_page_needs_nothing_else_and_can_be_read_in_the_dark(three: Lab) -> None:
    page = written(examine_all(three), "html")

    assert page.startswith("<!doctype html>")
    assert "color-scheme:light dark" in page
    assert re.findall(r'src="(?!data:)|<link|<script|url\(', page) == []
    assert page.count("data:image/svg+xml") == 1
    assert page.isascii()


def test_the_json_has_every_registry(three: Lab) -> None:
    told = json.loads(written(examine_all(three), "json"))

    assert [(r["registry"], r["state"]) for r in told["registries"]] == [
        ("broken1", "error"),
        ("contoso42", "fine"),
        ("zzhealthy", "fine"),
    ]
    assert told["registries"][0]["findings"][0]["network"] == "far"


def test_junit_has_a_suite_a_registry_whose_counts_are_right(three: Lab) -> None:
    root = ElementTree.fromstring(written(examine_all(three), "junit"))

    assert root.tag == "testsuites"
    assert [suite.attrib["name"] for suite in root] == ["broken1", "contoso42", "zzhealthy"]
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases) > 3
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[name]) == sum(case.find(kind) is not None for case in cases)
        assert all(len(case) <= 1 and {"classname", "name"} == {*case.attrib} for case in cases)
    (failure,) = root.findall("testsuite/testcase/failure")
    assert failure.attrib["type"] == "record-missing"
    assert "az network private-dns record-set a add-record" in (failure.text or "")
    assert int(root.attrib["failures"]) == 1


def test_sarif_has_a_rule_for_each_code_and_a_place_for_each_result(three: Lab) -> None:
    told = json.loads(written(examine_all(three), "sarif"))

    (run,) = told["runs"]
    rules = run["tool"]["driver"]["rules"]
    (result,) = run["results"]
    assert told["version"] == "2.1.0"
    assert [rule["id"] for rule in rules] == ["record-missing"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] == "error"
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].endswith("/registries/broken1")
    assert len(result["partialFingerprints"]["acrlab/v1"]) == 64


def test_a_finding_has_the_same_fingerprint_tomorrow(three: Lab) -> None:
    def prints() -> list[str]:
        results = json.loads(written(examine_all(three), "sarif"))["runs"][0]["results"]
        return [result["partialFingerprints"]["acrlab/v1"] for result in results]

    before = prints()
    for step in named("the-quiet-layer").plant:
        step(three)

    assert set(before) < set(prints())


@pytest.mark.parametrize(
    "words",
    [["--registry", "x"], ["--from-vm", "m"], ["--trace", "x.azurecr.io"], ["--save", "s.json"]],
    ids=lambda words: words[0],
)
def test_what_is_about_one_registry_is_refused_with_all(lab: Lab, words: list[str]) -> None:
    with pytest.raises(ConfigurationError, match=f"{words[0]}: it is about one registry"):
        run(*words)


def test_a_format_that_is_none_is_refused(lab: Lab) -> None:
    with pytest.raises(ConfigurationError, match=r"'yaml' is not a format\. Write text, json, html, junit, sarif"):
        run("--format", "yaml")
