"""The addresses in use in a subnet: known at once, and free again when their holder is deleted."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from acrlab.emulator.core import storage
from acrlab.emulator.core.world import World

SUBNET = "Microsoft.Network/virtualNetworks/subnets"
INTERFACE = "Microsoft.Network/networkInterfaces"
POOL = "Microsoft.ContainerService/managedClusters/agentPools"


def held(place, network="net"):
    return sorted(str(IPv4Address(one)) for one in place.world.addresses_in(place.id(SUBNET, network, "sub")))


def interface(place, name, *addresses, subnet="sub"):
    id = str(place.id(SUBNET, "net", subnet))
    configurations = [
        {"name": f"c{n}", "properties": {"privateIPAddress": one, "subnet": {"id": id.upper()}}}
        for n, one in enumerate(addresses)
    ]
    return place.put(INTERFACE, name, properties={"ipConfigurations": configurations})


def test_an_interface_s_configurations_hold_theirs(place):
    before = held(place)
    interface(place, "nic", "10.0.0.40", "10.0.0.41")
    interface(place, "elsewhere", "10.0.0.42", subnet="other")

    assert held(place) == sorted([*before, "10.0.0.40", "10.0.0.41"])


def test_what_is_written_again_holds_only_what_it_has_now(place):
    before = held(place)
    one = interface(place, "nic", "10.0.0.40", "10.0.0.41")
    one.properties["ipConfigurations"].pop()
    place.world.put(one)
    assert held(place) == sorted([*before, "10.0.0.40"])

    one.properties["ipConfigurations"].clear()
    place.world.put(one)
    assert held(place) == before


def test_the_nodes_of_a_pool_hold_theirs(place):
    before = held(place)
    state = {"subnet": str(place.id(SUBNET, "net", "sub")), "nodes": [{"address": "10.0.0.50"}]}
    pool = place.put(POOL, "cluster", "pool", state=state)
    assert held(place) == sorted([*before, "10.0.0.50"])

    place.world.delete(pool.id)
    assert held(place) == before


def test_what_is_deleted_lets_go_also_with_what_it_is_part_of(place):
    interface(place, "nic", "10.0.0.40")
    state = {"subnet": str(place.id(SUBNET, "net", "sub")), "nodes": [{"address": "10.0.0.50"}]}
    pool = place.put(POOL, "cluster", "pool", state=state)
    assert pool.id.parent is not None

    place.world.delete(place.id(INTERFACE, "nic"))
    place.world.delete(pool.id.parent)

    assert {"10.0.0.40", "10.0.0.50"}.isdisjoint(held(place))


def test_an_empty_world_holds_nothing(place):
    interface(place, "nic", "10.0.0.40")

    place.world.reset()

    assert held(place) == []


def test_a_file_of_the_time_before_is_read_over(place, tmp_path):
    interface(place, "nic", "10.0.0.40")
    expected, path = held(place), tmp_path / "before.db"
    place.world.save(path)
    db = storage.open_file(path)
    db.execute_script("DROP TABLE held_address; PRAGMA user_version = 2;")
    db.close()

    opened = World(place.world.types.values(), path)

    assert sorted(str(IPv4Address(one)) for one in opened.addresses_in(place.id(SUBNET, "net", "sub"))) == expected
    opened.close()


@pytest.mark.parametrize("left", [{}, {"privateIPAddress": None}, {"privateIPAddress": "10.0.0.40"}])
def test_a_configuration_without_a_place_holds_none(place, left):
    before = held(place)
    place.put(INTERFACE, "nic", properties={"ipConfigurations": [{"name": "c", "properties": left}]})

    assert held(place) == before
