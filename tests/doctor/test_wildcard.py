"""A wildcard in the private zone answers for names without a record, all of them with the same addresses."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course.practice.exercise import READY
from acrlab.doctor import diagnose
from acrlab.doctor.facts import star_for
from acrlab.doctor.story import tell
from acrlab.lab.lab import Lab
from acrlab.snapshot.network import Zone, ZoneRecord

ZONE = "privatelink.azurecr.io"


@pytest.fixture
def held(lab: Lab) -> dict[str, str]:
    """Each name of the registry's with the address that the endpoint holds; they have no records any more."""
    acrlab.bring_to(lab, *READY)
    records = list(lab.dns.record_sets.list_by_type(lab.settings.resource_group, ZONE, "A"))
    for record in records:
        lab.dns.record_sets.delete(lab.settings.resource_group, ZONE, "A", record.name)
    return {r.name: r.properties.a_records[0].ipv4_address for r in records}


def put_star(lab: Lab, address: str) -> None:
    body = {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": address}]}}
    lab.dns.record_sets.create_or_update(lab.settings.resource_group, ZONE, "A", "*", body)


@pytest.mark.parametrize(
    ("right", "code"), [("registry", "data-record-missing"), ("data", "record-missing")], ids=["registry", "data"]
)
def test_the_name_that_it_leads_astray_needs_a_record_of_its_own(lab, held, right, code):
    names = {"registry": lab.settings.registry_name, "data": f"{lab.settings.registry_name}.westus.data"}
    astray, leads_to = names["data" if right == "registry" else "registry"], held[names[right]]
    put_star(lab, leads_to)

    found = diagnose(lab).diagnosis

    assert [one.code for one in found.findings] == [code]
    (finding,) = found.findings
    assert finding.title == f"{ZONE} has no record for {astray}.azurecr.io."
    assert f"record * answers for {astray}.azurecr.io: {leads_to}" in finding.evidence
    assert "A record of its own wins over the wildcard" in finding.why
    assert "there is no such name" not in finding.why
    assert astray in finding.remedy.az[0]
    assert held[astray] in finding.remedy.az[0]


def test_the_story_says_which_record_answered(lab, held):
    put_star(lab, held[lab.settings.registry_name])

    story = tell(diagnose(lab).diagnosis.snapshot, f"{lab.settings.registry_name}.azurecr.io")

    said = f"{ZONE} says {held[lab.settings.registry_name]} by its record *, to be kept for 10 s"
    assert said in [hop.does for hop in story.hops]


STAR, BELOW = ZoneRecord("*", "A", ("10.0.0.4",), 10), ZoneRecord("*.data", "A", ("10.0.0.5",), 10)


@pytest.mark.parametrize(
    ("records", "name", "found"),
    [
        ((STAR,), "contoso", STAR),
        ((STAR,), "contoso.westus.data", STAR),
        ((STAR, BELOW), "contoso.westus.data", BELOW),
        ((STAR, ZoneRecord("data", "TXT", ("x",), 10)), "contoso.westus.data", None),
        ((STAR, ZoneRecord("contoso", "TXT", ("x",), 10)), "contoso", None),
        ((ZoneRecord("*", "TXT", ("x",), 10),), "contoso", None),
        ((), "contoso", None),
    ],
)
def test_a_wildcard_answers_below_the_closest_name_that_is_there(records, name, found):
    assert star_for(Zone("z", ZONE, links=(), records=records), name) == found
