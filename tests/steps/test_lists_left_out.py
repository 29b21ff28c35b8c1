"""An Azure that leaves a list out where it is empty, as its services may: every step and look goes on as before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

import acrlab
from acrlab.azure.cloud import MANAGEMENT_HOST
from acrlab.azure.sdk_http import WholeResponse
from acrlab.course.practice import plant as planting
from acrlab.course.practice.exercise import READY
from acrlab.course.progress import reset, verify
from acrlab.course.sections import SECTIONS
from acrlab.doctor import diagnose
from acrlab.doctor.observe.choices import surroundings
from acrlab.emulator.core.world import World
from acrlab.lab.lab import Lab
from acrlab.steps.approval import connection_state
from acrlab.steps.clean_up import delete_lab, prove_absence


def without_empty_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_empty_lists(v) for k, v in value.items() if v != [] or k == "value"}
    return [without_empty_lists(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def sparse(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    transport = lab.backend.options()["transport"]
    send = transport.send

    def shortened(request: Any, **options: Any) -> Any:
        answer = send(request, **options)
        if urlsplit(request.url).hostname != MANAGEMENT_HOST or not answer.content:
            return answer
        content = json.dumps(without_empty_lists(json.loads(answer.content))).encode()
        return WholeResponse(request, answer.status_code, answer.headers, content)

    monkeypatch.setattr(transport, "send", shortened)
    return lab


def test_every_section_is_made_verified_and_taken_back(sparse: Lab) -> None:
    acrlab.bring_to(sparse, *READY)
    verifiable = [section for section in SECTIONS if section.verify]
    for section in verifiable:
        verify(sparse, section.name)
    for section in reversed(verifiable):
        reset(sparse, section.name)

    delete_lab(sparse)
    assert prove_absence(sparse) == ()


def test_a_record_set_without_records_gets_the_endpoints_address(sparse: Lab) -> None:
    acrlab.bring_to(sparse, "records")
    settings = sparse.settings
    names = (settings.resource_group, settings.zone_name, "A", settings.registry_name)
    sparse.dns.record_sets.create_or_update(*names, {"properties": {"ttl": 60, "aRecords": []}})
    assert not verify(sparse, "dns-records").done

    acrlab.ensure_records(sparse)

    assert verify(sparse, "dns-records").done


def test_an_endpoint_that_was_never_made_right_says_what_to_do(sparse: Lab, world: World) -> None:
    acrlab.bring_to(sparse, "endpoint")
    with world.transaction():
        for interface in world.of_type("Microsoft.Network/networkInterfaces"):
            if interface.state.get("endpoint"):
                body = {**interface.body, "properties": {"ipConfigurations": []}}
                world.put(replace(interface, body=body, state={**interface.state, "members": {}}))

    with pytest.raises(acrlab.RefusedError, match=r"myPrivateEndpoint .* holds no address\. Delete it"):
        acrlab.endpoint_addresses(sparse)


def test_the_portals_endpoint_and_its_form(sparse: Lab) -> None:
    acrlab.bring_to(sparse, "registry")

    assert [r.ttl for r in acrlab.steps.ensure_portal_endpoint(sparse).records] == [10, 10]
    assert [n.name for n in surroundings(sparse).networks] == [sparse.settings.portal_network_name]


def test_an_endpoint_that_waits_is_shown_and_decided(sparse: Lab) -> None:
    acrlab.bring_to(sparse, "registry", "subnet-policies")
    acrlab.ensure_manual_endpoint(sparse)
    waiting = acrlab.steps.manual_endpoint(sparse)

    assert connection_state(waiting) == "Pending"
    assert "customDnsConfigs                   0" in repr(acrlab.tables.connection_table(waiting))
    assert acrlab.steps.approve(sparse, acrlab.steps.connection_of(sparse, waiting.id)).status == "Approved"


def test_a_run_is_prepared(sparse: Lab) -> None:
    assert acrlab.run_preflight(sparse).ready


@pytest.mark.parametrize(
    "plant",
    [planting.delete_all_records, planting.drop_https, planting.set_custom_dns, planting.move_endpoint_elsewhere],
)
def test_what_is_wrong_is_named_and_drawn(sparse: Lab, plant: Any) -> None:
    acrlab.bring_to(sparse, *READY)
    plant(sparse)

    assert not diagnose(sparse).healthy
    assert repr(acrlab.picture(sparse))
