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
