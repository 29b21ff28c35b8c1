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
