"""Which connections get no answer, read from a world."""

from acrlab.emulator.fabric.dropped import dropped_connections
from acrlab.emulator.fabric.wiring import wiring_of

VM, LOGIN, DATA = "10.0.0.4", "10.0.0.6", "10.0.0.5"
ALWAYS = {"168.63.129.16", "10.0.0.1"}  # nothing of them is served on these ports


def dropped(place, port=443, vm=VM):
    found = dropped_connections(place.delivery, wiring_of(place.world), (443, 80))
    network = place.id("Microsoft.Network/virtualNetworks", "net").key
    return {address for source, address in found[network, port] if source == vm} - ALWAYS


def test_without_rules_all_that_is_served_answers(place):
    place.registry()
    place.endpoint()

    assert dropped(place) == dropped(place, 80) == set()


def test_a_rule_drops_its_port(place):
    place.registry()
    place.endpoint()
    group = place.security_group(("no-https", 100, "Outbound", "Deny", "VirtualNetwork", "443"))
    place.subnet(networkSecurityGroup={"id": str(group.id)})

    assert (dropped(place), dropped(place, 80)) == ({LOGIN, DATA}, set())


def test_a_region_with_a_registry_is_asked_about(place):
    place.registry()
    place.vm(public="")

    assert {"192.0.2.10", "192.0.2.64", "192.0.2.128"} <= dropped(place)
    assert "192.0.2.67" not in dropped(place)  # of a region that no name leads to


def test_a_pending_endpoint_is_silent_for_every_vm(place):
    place.registry()
    place.vm("second", "10.0.0.9")
    place.endpoint(status="Pending")

    assert dropped(place) == dropped(place, vm="10.0.0.9") == {LOGIN, DATA}


def test_a_world_without_vms_has_nothing_to_ask(place):
    place.world.delete(place.id("Microsoft.Compute/virtualMachines", "vm"))

    assert set(dropped_connections(place.delivery, wiring_of(place.world), (443,)).values()) == {frozenset()}
