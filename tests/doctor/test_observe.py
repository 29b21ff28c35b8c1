"""Reading asks for no more than a diagnosis uses, however much a registry has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import acrlab
from acrlab.doctor.diagnosis import judge
from acrlab.doctor.observe import Viewpoint, network, observe, registry, survey
from acrlab.doctor.observe.reader import Reader
from acrlab.lab.lab import Lab
from acrlab.steps.run_command import Outcome, run_on_vm
from tests.doctor import hub

FAR = 3
POLICIES = {"privateEndpointNetworkPolicies": "Disabled"}


@pytest.fixture
def lab_with_far_endpoints(lab: Lab) -> Lab:
    """A lab, and endpoints of the same registry in another team's network."""
    acrlab.bring_to(lab, "records")
    group, registry = lab.settings.resource_group, lab.id_of("Microsoft.ContainerRegistry/registries", "contoso42")
    space = {
        "location": "westus",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
            "subnets": [{"name": "far", "properties": {"addressPrefix": "10.9.0.0/24", **POLICIES}}],
        },
    }
    subnet = lab.network.virtual_networks.begin_create_or_update(group, "far", space).result().subnets[0].id
    for number in range(FAR):
        request = {"name": "far", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
        body = {
            "location": "westus",
            "properties": {"subnet": {"id": subnet}, "privateLinkServiceConnections": [request]},
        }
        lab.network.private_endpoints.begin_create_or_update(group, f"far{number}", body).result()
    return lab


def test_endpoints_that_the_clients_do_not_reach_cost_no_request(lab_with_far_endpoints):
    seen = survey(lab_with_far_endpoints)
    for number in range(FAR):
        lab_with_far_endpoints.network.private_endpoints.begin_delete("myResourceGroup", f"far{number}").result()

    assert len(seen.endpoints) == 1 + FAR
    assert seen.requests == survey(lab_with_far_endpoints).requests


def test_only_endpoints_in_reach_of_the_viewpoint_are_asked_for_their_zone_groups(lab_with_far_endpoints):
    inside = survey(lab_with_far_endpoints)
    far = survey(lab_with_far_endpoints, Viewpoint(vm="", network="far"))

    assert {e.name for e in inside.endpoints if e.zone_groups is not None} == {"myPrivateEndpoint"}
    assert {e.name for e in far.endpoints if e.zone_groups is not None} == {"far0", "far1", "far2"}


def test_of_very_many_endpoints_in_reach_those_that_records_lead_to_are_asked_first(
    lab_with_far_endpoints: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, zone = lab_with_far_endpoints, "privatelink.azurecr.io"
    far = survey(lab, Viewpoint(vm="", network="far"))
    address = next(e.addresses[0].address for e in far.endpoints if e.name == "far2")
    record = {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": address}]}}
    lab.dns.record_sets.create_or_update("myResourceGroup", zone, "A", lab.settings.registry_name, record)
    monkeypatch.setattr(registry, "MOST_ASKED", 1)

    seen = survey(lab, Viewpoint(vm="", network="far"))

    assert {e.name for e in seen.endpoints if e.zone_groups is not None} == {"far2"}
    (unseen,) = (u for u in seen.unseen if u.what == "other zone-groups")
    assert unseen.reason == "1 of 3 endpoints near the clients were asked, those with records first"
    told = {c.name: c.outcome for c in judge(seen).checked}
    assert told["endpoint-once"] == "not seen"


def test_records_are_looked_for_in_all_subscriptions_that_are_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(lab)
    reader.look_in("/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/hub")
    looked: list[list[str]] = []
    monkeypatch.setattr(network, "zones", lambda apart, written: looked.append(apart.subscriptions) or ())

    assert network.recorded(reader) == set()

    assert looked == [reader.subscriptions]
    assert reader.subscriptions == [lab.subscription, "11111111-1111-4111-8111-111111111111"]


def test_however_many_names_a_registry_has_all_are_asked_for_on_the_vm(lab: Lab) -> None:
    long = lab.settings.model_copy(update={"registry_name": "contoso42" + "x" * 41})
    lab.close()
    wide = acrlab.connect(long)
    acrlab.bring_to(wide, "records")
    for region in ("eastus", "westus2", "southcentralus", "northcentralus", "westcentralus", "canadacentral"):
        body = {"location": region}
        wide.registry.replications.begin_create(long.resource_group, long.registry_name, region, body).result()

    seen = observe(wide)
    wide.close()

    assert seen.vm_view is not None
    names = [answer.name for answer in seen.vm_view.answers]
    assert len(names) == len(set(names)) == 8
    assert all(answer.status == "NOERROR" or answer.status == "NXDOMAIN" for answer in seen.vm_view.answers)
    assert [host for host, _ in seen.vm_view.used] == names
    assert seen.vm_view.nameservers
    assert seen.vm_view.probes


@pytest.mark.parametrize("bytes_back", [4096, 900, 700, 600])
def test_one_script_shows_all_of_a_registry_in_one_region_and_what_run_command_cuts_off_is_asked_for_again(
    bytes_back: int, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    acrlab.bring_to(lab, "records", "sample-image", "pull-right")
    acrlab.run_on_vm(lab, "echo 192.0.2.9 contoso42.azurecr.io >> /etc/hosts")
    whole = observe(lab).vm_view
    scripts: list[str] = []
    run = run_on_vm

    def cut_off(lab: Lab, *commands: str, **options: Any) -> Outcome:
        scripts.append("\n".join(commands))
        outcome = run(lab, *commands, **options)
        return replace(outcome, stdout=outcome.stdout[-bytes_back:])

    monkeypatch.setattr("acrlab.doctor.observe.vm.run_on_vm", cut_off)

    seen = observe(lab).vm_view

    assert seen == whole
    assert seen is not None
    assert seen.pinned
    assert seen.probes
    assert len(seen.answers) == 2
    assert (len(scripts) == 1) == (bytes_back == 4096)


def test_an_output_without_any_headline_is_not_asked_for_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    acrlab.bring_to(lab, "records")
    runs: list[str] = []

    def nothing(lab: Lab, *commands: str, **options: Any) -> Outcome:
        runs.append(commands[0])
        return Outcome("", "", 1)

    monkeypatch.setattr("acrlab.doctor.observe.vm.run_on_vm", nothing)

    assert observe(lab).vm_view is not None
    assert len(runs) == 1


def test_a_vm_without_dig_tells_no_answers_instead_of_failures(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    acrlab.bring_to(lab, "records")
    run = run_on_vm

    def without_dig(lab: Lab, *commands: str, **options: Any) -> Outcome:
        gone = "dig() { echo 'dig: command not found' >&2; return 127; }; command() { return 1; }"
        return run(lab, gone, *commands, **options)

    monkeypatch.setattr("acrlab.doctor.observe.vm.run_on_vm", without_dig)

    seen = observe(lab)

    assert seen.vm_view is not None
    assert seen.vm_view.answers == ()
    assert seen.vm_view.used
    assert [(one.what, "bind9-dnsutils" in one.reason) for one in seen.unseen] == [("vm-view", True)]


def test_other_spokes_of_a_hub_cost_no_request(lab: Lab) -> None:
    """A hub may have hundreds, in subscriptions of others: only what is peered with the clients' network is read."""
    hub.build(lab)
    before = survey(lab)
    for number in range(FAR):
        space = {"addressSpace": {"addressPrefixes": [f"10.10{number}.0.0/16"]}}
        body = {"location": "westus", "properties": space}
        lab.network.virtual_networks.begin_create_or_update(hub.GROUP, f"spoke{number}", body).result()
        hub.half(lab, hub.HUB, f"spoke{number}")

    seen = survey(lab)

    assert seen.requests == before.requests
    assert {n.name for n in seen.networks} == {hub.HUB, hub.SPOKE}
    assert seen.network is not None
    assert [p.rpartition("/")[2] for p in seen.network.peers] == [hub.HUB]
    assert seen.unseen == ()
