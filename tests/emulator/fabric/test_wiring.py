"""What has to be where, read from a world."""

from acrlab.emulator.fabric.wiring import WiredVm, wiring_of


def test_a_world_is_read_as_networks_vms_and_addresses(place):
    network = place.network()
    vm = place.vm()
    place.registry()
    place.endpoint()

    wiring = wiring_of(place.world)

    assert wiring.networks == {network.id.key: ("10.0.0.1/24",)}
    assert wiring.vms == (WiredVm(str(vm.id), "vm", network.id.key, "10.0.0.4/24", ("168.63.129.16",)),)
    assert wiring.endpoints == {(network.id.key, "10.0.0.5"), (network.id.key, "10.0.0.6")}


def test_an_endpoint_has_its_addresses_in_a_peered_network_too(place):
    place.registry()
    place.endpoint()
    place.spoke()
    spoke = place.id("Microsoft.Network/virtualNetworks", "spoke").key

    reached = {address for network, address in wiring_of(place.world).endpoints if network == spoke}

    assert reached == {"10.0.0.5", "10.0.0.6"}
    place.peer("net", "spoke", access=False)
    assert spoke not in {network for network, _ in wiring_of(place.world).endpoints}
