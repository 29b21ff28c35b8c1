"""A chapter begins where it begins: what stands behind it is made, and what it makes itself is taken back."""

import pytest

import acrlab
from acrlab.course.practice import exercise
from acrlab.course.practice.exercise import READY
from acrlab.steps.private_link import endpoint_body

MADE = "taken back: an earlier run had made it"


def _told(table):
    return dict(table.rows)


def _refused(lab):
    acrlab.steps.reject(lab, acrlab.steps.connection_of(lab, "myManualEndpoint"))


def _approved(lab):
    acrlab.steps.approve(lab, acrlab.steps.connection_of(lab, "myManualEndpoint"))


def test_in_an_empty_world_nothing_is_said_to_be_taken_back(lab):
    started = acrlab.bring_to(lab, "registry", without=["zone", "endpoint", "manual-endpoint", "portal-lab"])

    assert [*_told(started)] == ["providers", "group", "registry"]


@pytest.mark.parametrize("left", ["zone", "link", "records"])
def test_wherever_chapter_03_was_stopped_there_is_neither_zone_nor_endpoint_then(lab, left):
    acrlab.bring_to(lab, left)

    started = acrlab.bring_to(lab, "network", without=["zone", "endpoint"])

    assert _told(started)["zone"] == MADE
    assert ("endpoint" in _told(started)) == (left == "records")
    types = {resource.type for resource in lab.resources.resources.list_by_resource_group("myResourceGroup")}
    assert types & {"Microsoft.Network/privateDnsZones", "Microsoft.Network/privateEndpoints"} == set()


@pytest.mark.parametrize("decide", [_refused, _approved])
def test_a_request_that_was_answered_is_one_that_waits_again(lab, decide):
    acrlab.bring_to(lab, "registry", "subnet-policies")
    acrlab.ensure_manual_endpoint(lab)
    decide(lab)

    started = acrlab.bring_to(lab, "registry", "subnet-policies", without=["manual-endpoint"])

    assert _told(started)["manual-endpoint"] == MADE
    assert acrlab.steps.connection_state(acrlab.ensure_manual_endpoint(lab)) == "Pending"


def test_the_portal_s_lab_goes_with_all_that_is_in_it(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.steps.ensure_portal_endpoint(lab)

    started = acrlab.bring_to(lab, "registry", without=["portal-lab"])

    assert _told(started)["portal-lab"] == MADE
    assert not lab.resources.resource_groups.check_existence("myPortalResourceGroup")


def test_a_planted_fault_is_fixed_once(lab):
    acrlab.bring_to(lab, *READY)
    exercise.start(lab, "the-zone-next-door")

    first, second = acrlab.bring_to(lab, *READY), acrlab.bring_to(lab, *READY)

    assert _told(first)["the fault the-zone-next-door"] == "fixed"
    assert "the fault the-zone-next-door" not in _told(second)
    assert acrlab.diagnose(lab).healthy


def test_a_fault_whose_planting_was_stopped_half_way_is_known_of(lab, monkeypatch):
    acrlab.bring_to(lab, *READY)
    monkeypatch.setattr(lab.dns.virtual_network_links, "begin_create_or_update", _killed)
    with pytest.raises(KeyboardInterrupt):
        exercise.start(lab, "the-zone-next-door")
    monkeypatch.undo()

    acrlab.bring_to(lab, *READY)

    assert acrlab.diagnose(lab).healthy


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_somebody_else_s_stays_and_what_the_lab_put_into_it_goes(lab):
    group, zone = "myResourceGroup", "privatelink.azurecr.io"
    lab.resources.resource_groups.create_or_update(group, {"location": "westus"})
    lab.dns.private_zones.begin_create_or_update(group, zone, {"location": "global"}).result()
    theirs = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.1.1.1"}]}}
    lab.dns.record_sets.create_or_update(group, zone, "A", "a-first-one", theirs)
    acrlab.bring_to(lab, "records")
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "confirm_cost": 1.0})

    started = acrlab.bring_to(lab, "registry", without=["zone", "endpoint"])

    assert _told(started)["zone"].startswith("a-first-one is left as it is: it does not carry the lab's tag")
    assert _told(started)["endpoint"] == MADE
    assert [record.name for record in lab.dns.record_sets.list_by_type(group, zone, "A")] == ["a-first-one"]
    assert list(lab.dns.virtual_network_links.list(group, zone)) == []


@pytest.mark.parametrize("killed", ["link", "endpoint"])
def test_what_azure_was_still_making_when_a_run_was_killed_is_waited_for(lab, killed):
    """`polling=False`: nobody asks any more how it goes, and no time passes."""
    acrlab.bring_to(lab, "subnet-policies", "registry", *(["zone"] if killed == "link" else []))
    group, zone, s = "myResourceGroup", "privatelink.azurecr.io", lab.settings
    network = lab.id_of("Microsoft.Network/virtualNetworks", s.network_name)
    begin, body = {
        "link": (
            lambda b: lab.dns.virtual_network_links.begin_create_or_update(group, zone, "x", b, polling=False),
            {"properties": {"registrationEnabled": False, "virtualNetwork": {"id": network}}},
        ),
        "endpoint": (
            lambda b: lab.network.private_endpoints.begin_create_or_update(group, s.endpoint_name, b, polling=False),
            endpoint_body(lab, f"{network}/subnets/{s.subnet_name}", s.connection_name),
        ),
    }[killed]
    begin({"location": "global", **body})

    acrlab.bring_to(lab, "registry", without=["zone", "endpoint"])

    types = {resource.type for resource in lab.resources.resources.list_by_resource_group(group)}
    assert types & {"Microsoft.Network/privateDnsZones", "Microsoft.Network/privateEndpoints"} == set()


def test_what_there_is_nothing_to_take_back_of_is_named(lab):
    with pytest.raises(acrlab.ConfigurationError, match="there is nothing to reset in next-steps"):
        acrlab.bring_to(lab, "registry", without=["next-steps"])


def test_any_section_can_be_taken_back(lab):
    acrlab.bring_to(lab, "docker", "public-access-denied")

    back = acrlab.bring_to(lab, "network", without=["sample-image", "docker", "vm", "public-access-denied"])

    assert [name for name, told in back.rows if told == MADE] == [
        "public-access-denied",
        "docker",
        "vm",
        "sample-image",
    ]
    assert not acrlab.verify(lab, "vm").done
