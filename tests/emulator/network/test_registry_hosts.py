"""Which host belongs to which registry."""

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator import types
from acrlab.emulator.core.http import Vantage
from acrlab.emulator.core.world import World
from acrlab.emulator.network import registry_hosts


@pytest.fixture
def world():
    world = World(types.ALL)
    yield world
    world.close()


def put_registry(world, name, **properties):
    group = ArmId.of_group(world.setting("subscription"), "g")
    id = ArmId(str(group), "Microsoft.ContainerRegistry/registries", (name,))
    with world.transaction():
        body = {"location": "westus", "properties": {"dataEndpointEnabled": False, **properties}}
        return world.put(world.new(id, body))


@pytest.fixture
def registry(world):
    put_registry(world, "neighbour")
    return put_registry(world, "Contoso")


def test_a_registry_owns_its_three_hosts(world, registry):
    names = ["contoso.azurecr.io", "CONTOSO.westus.data.azurecr.io", registry_hosts.storage_host(world, registry)]

    assert [registry_hosts.owner_of_host(world, name).id.name for name in names] == ["Contoso"] * 3
    assert all(registry_hosts.is_registry_host(name) for name in names)


@pytest.mark.parametrize(
    "name", ["fabrikam.azurecr.io", "contoso.eastus.data.azurecr.io", "acrlab00000000.blob.core.windows.net"]
)
def test_a_host_of_the_right_form_may_belong_to_nobody(world, registry, name):
    assert registry_hosts.is_registry_host(name)
    assert registry_hosts.owner_of_host(world, name) is None


@pytest.mark.parametrize("name", ["azurecr.io", "contoso.privatelink.azurecr.io", "acr.blob.core.windows.net", "a.b"])
def test_other_hosts_are_no_registry_s(world, registry, name):
    assert not registry_hosts.is_registry_host(name)
    assert registry_hosts.owner_of_host(world, name) is None


def test_layers_come_from_storage_without_a_data_endpoint(world, registry):
    assert registry_hosts.layer_host(world, registry) == registry_hosts.storage_host(world, registry)
    assert registry_hosts.storage_host(world, registry).startswith("acrlab")


def test_layers_come_from_the_data_endpoint_once_it_is_enabled(world):
    registry = put_registry(world, "contoso", dataEndpointEnabled=True)

    assert registry_hosts.layer_host(world, registry) == "contoso.westus.data.azurecr.io"


def test_a_private_endpoint_switches_the_data_endpoint_on(world, registry):
    with world.transaction():
        world.put(world.new(registry.id.child("privateEndpointConnections", "c"), {"properties": {}}))

    assert registry_hosts.layer_host(world, registry) == "contoso.westus.data.azurecr.io"


def test_layers_come_from_the_caller_s_region_where_an_open_replica_serves_it(world):
    registry = put_registry(world, "contoso", dataEndpointEnabled=True)
    network = registry.id.sibling("Microsoft.Network/virtualNetworks", "east")
    replica = registry.id.child("replications", "eastus")
    body = {"location": "eastus", "properties": {"regionEndpointEnabled": True}}
    inside = Vantage("10.0.0.4", str(network))
    with world.transaction():
        world.put(world.new(network, {"location": "eastus"}))
        made = world.put(world.new(replica, body, {"serves": True}))
    near, far = registry_hosts.layer_host(world, registry, inside), registry_hosts.layer_host(world, registry)
    with world.transaction():
        made.properties["regionEndpointEnabled"] = False
        world.put(made)

    assert (near, far) == ("contoso.eastus.data.azurecr.io", "contoso.westus.data.azurecr.io")
    assert registry_hosts.layer_host(world, registry, inside) == "contoso.westus.data.azurecr.io"
