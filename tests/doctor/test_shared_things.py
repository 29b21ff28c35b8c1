"""What people reported of links that share something, built on the emulated Azure as they built it."""

from __future__ import annotations

import shlex

import pytest

import acrlab
from acrlab.course.practice.drill import by_call, drill, settled
from acrlab.course.practice.estate_faults import ESTATE_FAULTS
from acrlab.course.practice.exercise import READY
from acrlab.course.section import Fault
from acrlab.doctor.diagnosis import Diagnosis, judge
from acrlab.doctor.observe import Viewpoint, observe
from acrlab.lab.lab import Lab, connect
from tests.doctor import estate

GROUP = "myResourceGroup"


@pytest.fixture
def working(lab: Lab) -> Lab:
    acrlab.bring_to(lab, *READY)
    return lab


def subnet_of(lab: Lab) -> str:
    return str(lab.network.subnets.get(GROUP, "myDockerVMVNET", "myDockerVMSubnet").id)


def judged(lab: Lab, **viewpoint: str | None) -> Diagnosis:
    return judge(observe(lab, Viewpoint(**viewpoint)))  # type: ignore[arg-type]


@pytest.fixture
def two_regions(working: Lab) -> Lab:
    """Two networks, an endpoint with a zone group in each, and one zone that both are linked to."""
    zone = working.id_of("Microsoft.Network/privateDnsZones", estate.NAME)
    estate.zone_group(working, working.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint"), zone)
    subnet = estate.network(working, GROUP, "vnet2", 9)
    estate.link(working, GROUP, "two", subnet)
    estate.zone_group(working, estate.endpoint(working, GROUP, "pe2", subnet, working.registry_id), zone)
    return working


def test_a_second_region_in_one_zone_is_named_and_its_fix_leaves_the_second_region_alone(two_regions: Lab) -> None:
    before = estate.records(two_regions, GROUP)

    (found,) = judged(two_regions).findings
    by_call(two_regions, found.remedy)

    assert (
        found.title == "myPrivateEndpoint and pe2 write the same names into one zone; give each network its own zone."
    )
    assert estate.records(two_regions, GROUP) == before
    assert settled(two_regions).healthy
    assert judged(two_regions, vm="", network="vnet2").healthy


def test_the_second_region_is_told_whom_it_hurts_and_can_fix_it_without_losing_its_own(two_regions: Lab) -> None:
    before = estate.records(two_regions, GROUP)

    (found,) = judged(two_regions, vm="", network="vnet2").findings
    by_call(two_regions, found.remedy)

    assert (found.code, found.severity) == ("zone-shared", "warning")
    assert estate.records(two_regions, GROUP) == before
    assert settled(two_regions).healthy


def test_what_is_printed_for_az_is_the_same_as_the_call(two_regions: Lab) -> None:
    (found,) = judged(two_regions).findings
    commands = [shlex.split(command) for command in found.remedy.az]

    words = [[w for w in command[1:] if not w.startswith("-")][:4] for command in commands]
    assert [" ".join(w[:3]) for w in words] == [
        f"group create {GROUP}-myDockerVMVNET-dns",
        "network private-dns zone",
        "network private-dns record-set",
        "network private-dns record-set",
        "network private-dns link",
        "network private-dns link",
    ]


def test_a_duplicate_endpoint_is_a_trap_before_one_is_deleted_and_a_fault_after(working: Lab) -> None:
    zone = working.id_of("Microsoft.Network/privateDnsZones", estate.NAME)
    own = working.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint")
    estate.zone_group(working, own, zone)
    twin = estate.endpoint(working, GROUP, "pedup", subnet_of(working), working.registry_id)
    estate.zone_group(working, twin, zone)

    trap = judged(working, vm="")
    working.network.private_endpoints.begin_delete(GROUP, "myPrivateEndpoint").result()
    after = judged(working, vm="")

    assert trap.codes == ("endpoint-twice",)
    assert after.codes == ("zone-group-empty",)
    assert "or another endpoint wrote the same names there" in after.findings[0].why
    by_call(working, after.findings[0].remedy)
    assert settled(working).healthy


def test_records_of_a_zone_group_that_were_deleted_by_hand_are_said_to_be_and_come_back(working: Lab) -> None:
    zone = working.id_of("Microsoft.Network/privateDnsZones", estate.NAME)
    estate.zone_group(working, working.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint"), zone)
    for name in estate.records(working, GROUP):
        working.dns.record_sets.delete(GROUP, estate.NAME, "A", name)

    (found,) = judged(working, vm="").findings
    by_call(working, found.remedy)

    assert found.code == "zone-group-empty"
    assert "they were deleted by hand" in found.why
    assert settled(working).healthy


def test_the_spare_endpoint_can_be_deleted_as_it_is_printed(working: Lab) -> None:
    zone = working.id_of("Microsoft.Network/privateDnsZones", estate.NAME)
    own = working.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint")
    estate.zone_group(working, own, zone)
    estate.zone_group(working, estate.endpoint(working, GROUP, "e2", subnet_of(working), working.registry_id), zone)

    (found,) = judged(working, vm="").findings
    by_call(working, found.remedy)

    assert settled(working).healthy


@pytest.fixture
def theirs(working: Lab) -> Lab:
    """Someone else's registry with an endpoint in its own network, seen from a lab whose zone knows nothing of it."""
    target = estate.registry(working, "theirs", "theirregistry")
    estate.endpoint(working, "theirs", "tpe", estate.network(working, "theirs", "tv", 8), target)
    return connect(world=str(working.backend.path), resource_group="theirs", registry_name="theirregistry")


def test_a_zone_of_ones_own_hides_someone_elses_open_registry(theirs: Lab) -> None:
    told = judged(theirs, vm="myDockerVM")

    (found,) = (f for f in told.findings if f.code != "pull-right-missing")
    assert found.code == "public-name-hidden"
    assert "asked for theirregistry.azurecr.io, the VM was told NXDOMAIN" in found.evidence
    by_call(theirs, found.remedy)
    assert "public-name-hidden" not in judged(theirs, vm="", network="myDockerVMVNET").codes
    assert judged(theirs, vm="", network="myDockerVMVNET").healthy


@pytest.mark.parametrize("fault", ESTATE_FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_named_and_its_remedy_fixes_it(working: Lab, fault: Fault) -> None:
    assert drill(working, fault, by_call).passed


@pytest.mark.long
def test_one_ticket_after_the_other_leaves_nothing_for_the_next(working: Lab) -> None:
    for fault in (*ESTATE_FAULTS, ESTATE_FAULTS[0]):
        ticket = acrlab.ticket(working, fault.name)
        assert acrlab.solve(working, ticket.name).done
    acrlab.steps.delete_lab(working)

    assert [g.name for g in working.resources.resource_groups.list()] == []


def test_a_network_of_the_same_group_gets_an_endpoint_of_another_name(working: Lab) -> None:
    subnet = estate.network(working, GROUP, "nodes", 9)
    estate.link(working, GROUP, "nodes", subnet)

    (found,) = judged(working, vm="", network="nodes").findings
    by_call(working, found.remedy)

    assert found.code == "endpoint-elsewhere"
    assert " --name myPrivateEndpoint-nodes " in found.remedy.az[0]
    assert judged(working, vm="", network="nodes").healthy
    assert settled(working).healthy


def test_rules_for_both_directions_of_one_security_group_replace_each_other_in_nothing(working: Lab) -> None:
    group = next(iter(working.network.network_security_groups.list(GROUP)))
    subnet = working.network.subnets.get(GROUP, "myDockerVMVNET", "myDockerVMSubnet")
    subnet.private_endpoint_network_policies, subnet.network_security_group = "Enabled", {"id": group.id}
    working.network.subnets.begin_create_or_update(GROUP, "myDockerVMVNET", subnet.name, subnet).result()
    places = {"sourceAddressPrefix": "*", "destinationAddressPrefix": "*", "sourcePortRange": "*"}
    for direction in ("Inbound", "Outbound"):
        rule = {"priority": 300, "direction": direction, "access": "Deny", "protocol": "*", **places}
        body = {"properties": {**rule, "destinationPortRange": "443"}}
        working.network.security_rules.begin_create_or_update(GROUP, group.name, f"No{direction}", body).result()

    (out,) = judged(working).findings
    by_call(working, out.remedy)
    (back,) = judged(working).findings
    by_call(working, back.remedy)

    assert " --name AllowRegistry --priority 299 --direction Outbound " in out.remedy.az[0]
    assert " --name AllowRegistry2 --priority 299 --direction Inbound " in back.remedy.az[0]
    assert judged(working).healthy


def test_a_docker_daemon_that_asks_a_proxy_for_layers_is_told_not_to_and_keeps_its_proxy(working: Lab) -> None:
    folder = "/etc/systemd/system/docker.service.d"
    lines = '"HTTPS_PROXY=http://proxy.example.com:3128" "NO_PROXY=localhost,contoso42.azurecr.io"'
    script = f"mkdir -p {folder}; printf '[Service]\\nEnvironment=%s\\n' '{lines}' > {folder}/http-proxy.conf"
    acrlab.run_on_vm(working, script)

    (found,) = judged(working).findings
    by_call(working, found.remedy)

    assert found.title == "The docker daemon on myDockerVM asks a proxy for contoso42.westus.data.azurecr.io."
    assert found.evidence == ("proxy: http://proxy.example.com:3128", "NO_PROXY: localhost,contoso42.azurecr.io")
    assert judged(working).healthy
    kept = acrlab.run_on_vm(working, f"cat {folder}/*.conf").stdout
    assert "HTTPS_PROXY=http://proxy.example.com:3128" in kept
    assert "NO_PROXY=localhost,contoso42.azurecr.io,contoso42.westus.data.azurecr.io" in kept


def test_names_that_daemon_json_takes_from_the_proxy_are_read(working: Lab) -> None:
    written = '{"proxies": {"https-proxy": "http://proxy.example.com:3128", "no-proxy": "localhost, .azurecr.io"}}'
    acrlab.run_on_vm(working, f"mkdir -p /etc/docker; echo '{written}' > /etc/docker/daemon.json")

    view = observe(working, Viewpoint()).vm_view

    assert view is not None
    assert (view.daemon_proxy, view.daemon_bypass) == ("http://proxy.example.com:3128", ("localhost", ".azurecr.io"))


def test_names_of_another_registry_stay_in_the_hosts_file_that_pins_a_wrong_one(working: Lab) -> None:
    lines = "192.0.2.64 contoso42.azurecr.io\\n10.0.0.9 theirregistry.azurecr.io\\n"
    acrlab.run_on_vm(working, f"printf '{lines}' >> /etc/hosts")

    (found,) = judged(working).findings
    by_call(working, found.remedy)

    assert found.code == "hosts-file-pins-name"
    assert judged(working).healthy
    assert acrlab.run_on_vm(working, "grep azurecr /etc/hosts").stdout.split() == [
        "10.0.0.9",
        "theirregistry.azurecr.io",
    ]


def test_docker_asks_no_registry_that_is_to_be_asked_by_a_proxy_until_it_does_as_advised(working: Lab) -> None:
    folder, image = "/etc/systemd/system/docker.service.d", "contoso42.azurecr.io/hello-world:v1"
    line = 'Environment="HTTPS_PROXY=http://proxy.example.com:3128"'
    acrlab.run_on_vm(working, f"mkdir -p {folder}; printf '[Service]\\n%s\\n' '{line}' > {folder}/http-proxy.conf")
    pull = (
        "(az login --identity && az acr login -n contoso42) > /dev/null 2>&1 || true; docker pull "
        + image
        + " 2>&1 || true"
    )

    before = acrlab.run_on_vm(working, pull, check=False).stdout
    (found,) = judged(working).findings
    by_call(working, found.remedy)
    after = acrlab.run_on_vm(working, pull, check=False).stdout

    assert "not emulated: the proxy http://proxy.example.com:3128 that docker's daemon is told to ask" in before
    assert f"Downloaded newer image for {image}" in after
