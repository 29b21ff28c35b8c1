"""The laws see a world that was broken behind Resource Manager's back."""

import pytest

from tests.emulator.invariants.laws import broken


@pytest.fixture
def whole(place):
    place.vm()
    place.registry()
    place.endpoint()
    return place


def drop(place, type, *names):
    with place.world.transaction():
        place.world.delete(place.id(type, *names))


def test_an_address_that_is_used_twice_is_seen(whole):
    whole.vm("other", "10.0.0.4", public="")

    assert any("10.0.0.4 is used 2 times" in problem for problem in broken(whole.world))


def test_an_address_of_azures_own_is_seen(whole):
    whole.vm("other", "10.0.0.3", public="")

    assert any("10.0.0.3 is not one of 10.0.0.0/24 to give away" in problem for problem in broken(whole.world))


def test_a_dangling_reference_is_seen(whole):
    drop(whole, "Microsoft.Network/networkInterfaces", "vm-interface")

    assert any("references" in problem and "vm-interface" in problem for problem in broken(whole.world))


def test_an_interface_without_its_endpoint_is_seen(whole):
    drop(whole, "Microsoft.Network/privateEndpoints", "pe")

    assert any("belongs to an endpoint that is gone" in problem for problem in broken(whole.world))


def test_a_subnet_outside_its_network_is_seen(whole):
    whole.subnet(name="far", prefix="192.168.0.0/24")

    assert any("192.168.0.0/24 is outside" in problem for problem in broken(whole.world))
