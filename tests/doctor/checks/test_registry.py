"""Checks on the registry itself."""

from __future__ import annotations

from dataclasses import replace

from acrlab.doctor.checks.registry import not_found, not_premium, not_provisioned


def test_a_registry_that_is_there_is_fine(healthy):
    assert (not_found(healthy), not_premium(healthy), not_provisioned(healthy)) == (None, None, None)


def test_a_registry_that_is_gone_is_named_with_what_leads_to_it(healthy):
    found = not_found(replace(healthy, registry=None))

    assert found.code == "registry-not-found"
    assert found.evidence[1].startswith("endpoint e leads to /subscriptions/s/")
    assert found.remedy.az == ("az acr create --resource-group g --name contoso --sku Premium",)


def test_registries_that_are_there_instead_are_named(healthy):
    found = not_found(replace(healthy, registry=None, endpoints=(), other_registries=("contoso2", "fabrikam")))

    assert found.evidence[1] == "registries that exist: contoso2, fabrikam"


def test_a_standard_registry_is_told_how_to_get_its_endpoint(change):
    seen = replace(change.registry(sku="Standard"), endpoints=())

    found = not_premium(seen)

    assert found.evidence == ("sku: Standard", "private endpoints: 0")
    assert [c.split(" --")[0] for c in found.remedy.az] == [
        "az acr update",
        "az network private-endpoint create",
        "az network private-endpoint dns-zone-group create",
    ]


def test_a_registry_that_is_being_changed_is_no_failure(change):
    assert not_provisioned(change.registry(state="Updating")) is None
    assert not_provisioned(change.registry(state="Failed")).code == "registry-failed"
