"""When a VM takes the name servers of its network or interface, through the SDK's own clients."""

import pytest

from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.resolver import servers_of

AZURE = ("168.63.129.16",)


@pytest.fixture
def lab(cloud):
    cloud.vm(cloud.interface(cloud.subnet()))
    return cloud


def asked(cloud):
    """The servers that the VM asks."""
    world = cloud.world
    vm = next(world.named("Microsoft.Compute/virtualMachines", "m"))
    return servers_of(world, vantage_of(world, vm))


def of_the_network(cloud, *servers):
    network = cloud.network.virtual_networks.get("g", "v")
    network.dhcp_options = {"dnsServers": list(servers)}
    cloud.network.virtual_networks.begin_create_or_update("g", "v", network).result()


def of_the_interface(cloud, *servers):
    interface = cloud.network.network_interfaces.get("g", "i")
    interface.dns_settings.dns_servers = list(servers)
    cloud.network.network_interfaces.begin_create_or_update("g", "i", interface).result()


@pytest.mark.parametrize("change", [of_the_network, of_the_interface])
def test_a_running_vm_keeps_its_servers_until_it_is_restarted(lab, change):
    change(lab, "10.0.0.53")
    assert asked(lab) == AZURE

    lab.compute.virtual_machines.begin_restart("g", "m").result()

    assert asked(lab) == ("10.0.0.53",)
    change(lab)
    assert asked(lab) == ("10.0.0.53",)


def test_a_vm_that_is_switched_on_takes_what_is_set_up_then(lab):
    lab.compute.virtual_machines.begin_deallocate("g", "m").result()
    of_the_network(lab, "10.0.0.53", "10.0.0.54")
    lab.compute.virtual_machines.begin_start("g", "m").result()

    assert asked(lab) == ("10.0.0.53", "10.0.0.54")


def test_a_vm_that_is_changed_keeps_its_servers(lab):
    of_the_network(lab, "10.0.0.53")
    lab.compute.virtual_machines.begin_update("g", "m", {"tags": {"a": "b"}}).result()

    assert asked(lab) == AZURE


def test_the_interfaces_servers_go_before_the_networks(cloud):
    subnet = cloud.subnet()
    of_the_network(cloud, "10.0.0.53")
    interface = cloud.interface(subnet)
    of_the_interface(cloud, "10.0.0.7")
    cloud.vm(interface)

    assert asked(cloud) == ("10.0.0.7",)


def test_a_forwarder_starts_with_its_vm(lab):
    script = ["apt-get update; apt-get install -y dnsmasq; printf 'bind-interfaces\\n' > /etc/dnsmasq.conf"]
    body = {"commandId": "RunShellScript", "script": script}
    standard = {"properties": {"publicIPAllocationMethod": "Static"}, "sku": {"name": "Standard"}}
    address = {"location": "westus", **standard}
    public = lab.network.public_ip_addresses.begin_create_or_update("g", "a", address).result()
    interface = lab.network.network_interfaces.get("g", "i")
    interface.ip_configurations[0].public_ip_address = {"id": public.id}
    lab.network.network_interfaces.begin_create_or_update("g", "i", interface).result()
    lab.compute.virtual_machines.begin_run_command("g", "m", body).result()

    assert "forwarder" not in state(lab)
    lab.compute.virtual_machines.begin_restart("g", "m").result()

    assert state(lab)["forwarder"] == {"upstream": [], "domains": {}, "resolv": True, "to": "subnet"}
    off = {"commandId": "RunShellScript", "script": ["systemctl disable dnsmasq"]}
    lab.compute.virtual_machines.begin_run_command("g", "m", off).result()
    lab.compute.virtual_machines.begin_restart("g", "m").result()
    assert "forwarder" not in state(lab)


def state(cloud):
    return next(cloud.world.named("Microsoft.Compute/virtualMachines", "m")).state
