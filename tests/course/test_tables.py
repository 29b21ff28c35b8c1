"""What chapters show: the four answers by name, and tables that are the same every time."""

import pytest

import acrlab
from acrlab.azure.dns_answer import Answer, Record

NAME, ALIAS = "contoso.azurecr.io", "contoso.privatelink.azurecr.io"


def answer(*records, status="NOERROR"):
    return Answer(NAME, tuple(Record(NAME, type, value, 10) for type, value in records), status)


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        (answer(("CNAME", "wus.azcr.io"), ("A", "203.0.113.1")), "public"),
        (answer(("CNAME", ALIAS), ("CNAME", "wus.azcr.io"), ("A", "203.0.113.1")), "aliased"),
        (answer(("CNAME", ALIAS), status="NXDOMAIN"), "nxdomain"),
        (answer(("CNAME", ALIAS), ("A", "10.0.0.5")), "private"),
        (answer(("CNAME", ALIAS), ("A", "172.20.0.5")), "private"),
        (answer(status="SERVFAIL"), "unanswered"),
    ],
)
def test_the_stage_of_an_answer_is_told_by_its_aliases_and_addresses(given, stage):
    assert acrlab.tables.stage(given) == stage


def test_the_data_endpoint_comes_before_the_registry():
    settings = acrlab.Settings.from_parameters(registry_name="contoso", location="westeurope")

    assert acrlab.tables.endpoint_names(settings) == {
        "registry_data_westeurope": "contoso.westeurope.data.azurecr.io",
        "registry": "contoso.azurecr.io",
    }


def test_a_table_of_access_says_what_changed(lab):
    acrlab.bring_to(lab, "registry")
    before = acrlab.steps.capture_access(lab)

    shown = repr(acrlab.tables.access_table(before=before, now=acrlab.deny_public_access(lab)))

    assert "defaultAction                     Allow          Deny           yes" in shown


def test_an_answer_is_shown_line_by_line_with_its_ttls():
    shown = repr(acrlab.tables.ttl_table(answer(("CNAME", ALIAS), ("A", "10.0.0.5"))))

    assert [line.split()[-2:] for line in shown.splitlines()[-2:]] == [["10", "s"], ["10", "s"]]


def test_a_table_of_answers_says_how_long_each_may_be_kept():
    negative = Answer(NAME, (Record(NAME, "CNAME", ALIAS, 3600),), "NXDOMAIN", "privatelink.azurecr.io", 7)
    untold = Answer(NAME, (Record(NAME, "A", "203.0.113.1", 0),))
    older = Answer(NAME, (Record(NAME, "CNAME", ALIAS, 1783), Record(ALIAS, "A", "10.0.0.5", 10)))

    rows = repr(acrlab.tables.answer_table([negative, untold, older])).splitlines()[-3:]

    assert [row.split("  ")[-1].strip() for row in rows] == ["7 s", "not told", "1783 s"]
