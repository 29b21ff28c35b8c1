"""The portal's pages: what they are filled in with, what they refuse, and what Create creates."""

from __future__ import annotations

from dataclasses import replace

import pytest

import acrlab
from acrlab.doctor.observe.choices import surroundings
from acrlab.steps.portal import create_endpoint
from acrlab.steps.portal_form import EndpointRequest, pages, problems


@pytest.fixture
def ready(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.steps.ensure_portal_network(lab)
    return lab


@pytest.fixture
def request_(ready):
    return EndpointRequest.of_lab(ready.settings, ready.subscription)


def wrong(lab, request):
    return list(problems(request, surroundings(lab)))


def test_the_lab_s_own_answers_pass(ready, request_):
    assert wrong(ready, request_) == []


def test_the_pages_are_in_the_portal_s_order(ready, request_):
    filled = pages(request_, ready.settings.zone_name)

    assert [row["page"] for row in filled] == ["Basics"] * 3 + ["Resource"] * 4 + ["Configuration"] * 4
    assert filled[-1]["value"] == "(New) privatelink.azurecr.io"


@pytest.mark.parametrize(
    ("answers", "page", "said"),
    [
        ({"name": "-no-"}, "Basics", "is not possible"),
        ({"name": ""}, "Basics", "is not possible"),
        ({"name": "n" * 81}, "Basics", "is not possible"),
        ({"resource_group": "no/slash"}, "Basics", "is not possible"),
        ({"resource_group": "dot."}, "Basics", "no . at the end"),
        ({"region": "eastus"}, "Basics", "choose westus"),
        ({"registry": "/subscriptions/s/resourceGroups/g/providers/x/y/nowhere"}, "Resource", "nowhere is not there"),
        ({"sub_resource": "blob"}, "Resource", "is not offered"),
        ({"network": "/subscriptions/s/resourceGroups/g/providers/x/y/nonet"}, "Configuration", "nonet is not there"),
        ({"subnet": "nosub"}, "Configuration", "nosub is not part of"),
    ],
)
def test_validation_names_the_page_and_what_to_do(ready, request_, answers, page, said):
    (found,) = wrong(ready, replace(request_, **answers))

    assert (found.page, [found.field]) == (page, list(answers))
    assert said in found.told


def test_a_registry_of_another_tier_is_refused(ready, request_):
    ready.registry.registries.begin_update(
        ready.settings.resource_group, ready.settings.registry_name, {"sku": {"name": "Standard"}}
    ).result()

    assert [one.told for one in wrong(ready, request_)] == [
        f"Resource {ready.settings.registry_name} is Standard: only Premium registries can have private endpoints."
    ]


def test_a_network_that_reads_such_a_zone_already_is_refused(lab):
    acrlab.bring_to(lab, "registry", "subnet-policies", "link")
    s = lab.settings
    elsewhere = replace(
        EndpointRequest.of_lab(s, lab.subscription),
        network=lab.id_of("Microsoft.Network/virtualNetworks", s.network_name),
        subnet=s.subnet_name,
    )

    (found,) = wrong(lab, elsewhere)

    assert f"is linked to a privatelink.azurecr.io already, in the group {s.resource_group}" in found.told
    assert wrong(lab, replace(elsewhere, zone=False)) == []
    assert wrong(lab, replace(elsewhere, resource_group=s.resource_group)) == []


def test_create_makes_all_of_it_and_the_name_is_taken_then(ready, request_):
    made = create_endpoint(ready, request_)

    assert (made.zone, made.zone_group, len(made.records)) == ("privatelink.azurecr.io", "default", 2)
    assert "is taken" in wrong(ready, request_)[0].told


def test_without_a_zone_there_are_no_records(ready, request_):
    made = create_endpoint(ready, replace(request_, zone=False))

    assert (made.zone, made.zone_group, made.records) == ("", "", ())
    assert len(made.endpoint.custom_dns_configs) == 2
