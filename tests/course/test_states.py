"""States that nobody planted as a lesson, made by plain requests: named, and mended by what is advised."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course.practice import plant
from acrlab.course.practice.drill import by_call
from acrlab.course.practice.exercise import READY
from acrlab.doctor import diagnose

GROUP, NETWORK, SUBNET, ZONE = "myResourceGroup", "myDockerVMVNET", "myDockerVMSubnet", "privatelink.azurecr.io"


@pytest.fixture
def working(lab):
    acrlab.bring_to(lab, *READY)
    return lab


def deny_all(lab, direction, **subnet):
    rule = {"priority": 100, "direction": direction, "access": "Deny", "protocol": "*"}
    rule |= {"sourceAddressPrefix": "*", "sourcePortRange": "*"}
    rule |= {"destinationAddressPrefix": "*", "destinationPortRange": "*"}
    body = {"location": "westus", "properties": {"securityRules": [{"name": "no", "properties": rule}]}}
    made = lab.network.network_security_groups.begin_create_or_update(GROUP, "wall", body).result()
    found = lab.network.subnets.get(GROUP, NETWORK, SUBNET)
    found.network_security_group = {"id": made.id}
    for name, value in subnet.items():
        setattr(found, name, value)
    lab.network.subnets.begin_create_or_update(GROUP, NETWORK, SUBNET, found).result()


def deny_out(lab):
    deny_all(lab, "Outbound")


def deny_in(lab):
    deny_all(lab, "Inbound", private_endpoint_network_policies="Enabled")


def zone_made_again(lab):
    acrlab.reset(lab, "private-dns-zone")
    acrlab.ensure_zone(lab)


def zone_gone(lab):
    acrlab.reset(lab, "private-dns-zone")


def another_zone_of_the_name(lab):
    lab.resources.resource_groups.create_or_update("hub", {"location": "westus"})
    zone = lab.dns.private_zones.begin_create_or_update("hub", ZONE, {"location": "global"}).result()
    acrlab.reset(lab, "zone-link")
    network = lab.id_of("Microsoft.Network/virtualNetworks", NETWORK)
    acrlab.remedies.link_zone(lab, zone.id, network, "hub")


def connection_deleted(lab):
    (connection,) = lab.registry.private_endpoint_connections.list(GROUP, "contoso42")
    lab.registry.private_endpoint_connections.begin_delete(GROUP, "contoso42", connection.name).result()


def vm_off(lab):
    lab.compute.virtual_machines.begin_deallocate(GROUP, "myDockerVM").result()


def servers_on_the_interface(lab):
    interface = lab.network.network_interfaces.get(GROUP, "myDockerVMVMNic")
    interface.dns_settings = {"dnsServers": ["10.0.0.99"]}
    lab.network.network_interfaces.begin_create_or_update(GROUP, interface.name, interface).result()
    lab.compute.virtual_machines.begin_restart(GROUP, "myDockerVM").result()


def replica_without_record(lab):
    lab.registry.replications.begin_create(GROUP, "contoso42", "eastus", {"location": "eastus"}).result()


def alias_in_the_record_s_place(lab):
    lab.dns.record_sets.delete(GROUP, ZONE, "A", "contoso42")
    body = {"properties": {"ttl": 60, "cnameRecord": {"cname": "elsewhere.example.com"}}}
    lab.dns.record_sets.create_or_update(GROUP, ZONE, "CNAME", "contoso42", body)


def only_the_greedy_zone(lab):
    zone_gone(lab)
    plant.link_a_greedy_zone(lab)


def no_endpoint_and_policies_on(lab):
    acrlab.reset(lab, "private-endpoint")
    acrlab.reset(lab, "subnet-policies")


def registry_gone(lab):
    lab.registry.registries.begin_delete(GROUP, "contoso42").result()


@pytest.mark.table
@pytest.mark.parametrize(
    ("state", "codes"),
    [
        (deny_out, ("security-group-blocks-https",)),
        (deny_in, ("security-group-blocks-https",)),
        (zone_made_again, ("zone-not-linked", "record-missing")),
        (zone_gone, ("zone-missing",)),
        (another_zone_of_the_name, ("zone-twice",)),
        (connection_deleted, ("connection-disconnected",)),
        (vm_off, ("vm-not-running",)),
        (servers_on_the_interface, ("custom-dns",)),
        (replica_without_record, ("data-record-missing",)),
        (alias_in_the_record_s_place, ("record-missing",)),
        (only_the_greedy_zone, ("zone-misnamed",)),
        (no_endpoint_and_policies_on, ("endpoint-missing",)),
        (registry_gone, ("registry-not-found",)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_state_is_named_and_its_remedies_lead_out_of_it(working, state, codes):
    state(working)
    found = diagnose(working)
    assert found.codes == codes

    for _ in range(5):
        if found.healthy:
            break
        by_call(working, found.findings[0].remedy)
        found = diagnose(working)

    assert found.codes == ()


def test_a_vm_gets_the_identity_that_a_note_misses(lab):
    acrlab.bring_to(lab, "vm", "registry")
    vms = lab.compute.virtual_machines
    vms.begin_update(GROUP, "myDockerVM", {"identity": {"type": "None"}}).result()
    assert not acrlab.verify(lab, "vm").done

    (note,) = (n for n in diagnose(lab).diagnosis.notes if n.code == "vm-without-identity")
    by_call(lab, note.remedy)

    assert acrlab.verify(lab, "vm").done
