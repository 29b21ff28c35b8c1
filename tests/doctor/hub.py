"""A lab whose endpoint stands in a hub: the lab's own network, with its VM, is a spoke of it."""

from __future__ import annotations

from typing import Any

import acrlab
from acrlab.course.practice.exercise import READY
from acrlab.lab.lab import Lab

GROUP, SPOKE, HUB, ZONE = "myResourceGroup", "myDockerVMVNET", "hub", "privatelink.azurecr.io"
SERVER = "10.7.0.4"
FORWARD = f"bind-interfaces\\nlisten-address={SERVER}\\nno-resolv\\nserver=168.63.129.16\\n"


def build(lab: Lab) -> Lab:
    """Move the endpoint of a lab that works to a hub of two spokes, and close the registry to the internet."""
    acrlab.bring_to(lab, *READY)
    space = {
        "addressSpace": {"addressPrefixes": ["10.7.0.0/16"]},
        "subnets": [{"name": "shared", "properties": {"addressPrefix": "10.7.0.0/24", **POLICIES}}],
    }
    body = {"location": "westus", "properties": space}
    hub = lab.network.virtual_networks.begin_create_or_update(GROUP, HUB, body).result()
    make_forwarder(lab, hub.subnets[0].id)
    acrlab.remedies.remove_endpoint(lab, lab.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint"))
    endpoint = lab.id_of("Microsoft.Network/privateEndpoints", "shared")
    acrlab.remedies.make_endpoint(lab, endpoint, hub.subnets[0].id, "shared")
    for name, target in records(lab).items():
        lab.dns.record_sets.delete(GROUP, ZONE, "A", name)
        acrlab.remedies.write_record(lab, lab.id_of("Microsoft.Network/privateDnsZones", ZONE), name, target)
    peer(lab)
    space = {"addressSpace": {"addressPrefixes": ["10.6.0.0/16"]}}
    second = {"location": "westus", "properties": space}
    lab.network.virtual_networks.begin_create_or_update(GROUP, "second", second).result()
    half(lab, "second", HUB)
    half(lab, HUB, "second")
    acrlab.steps.set_public_access(lab, "Disabled")
    return lab


POLICIES = {"privateEndpointNetworkPolicies": "Disabled"}


def make_forwarder(lab: Lab, subnet: str) -> None:
    """Start a VM in the hub with a dnsmasq that asks Azure."""
    calls, where = lab.network, {"location": "westus"}
    address = {**where, "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    public = calls.public_ip_addresses.begin_create_or_update(GROUP, "dns", address).result()
    inside = {"subnet": {"id": subnet}, "publicIPAddress": {"id": public.id}}
    inside |= {"privateIPAllocationMethod": "Static", "privateIPAddress": SERVER}
    card = {**where, "properties": {"ipConfigurations": [{"name": "one", "properties": inside}]}}
    interface = calls.network_interfaces.begin_create_or_update(GROUP, "dns", card).result()
    own: Any = lab.compute.virtual_machines.get(GROUP, "myDockerVM")
    login = {"computerName": "dns", "adminUsername": "azureuser", "adminPassword": "Kept 2 itself"}
    body = {
        **where,
        "properties": {
            "hardwareProfile": {"vmSize": own.hardware_profile.vm_size},
            "storageProfile": {
                "imageReference": {
                    "publisher": "Canonical",
                    "offer": "0001-com-ubuntu-server-jammy",
                    "sku": "22_04-lts-gen2",
                    "version": "latest",
                },
                "osDisk": {"createOption": "FromImage"},
            },
            "osProfile": login,
            "networkProfile": {"networkInterfaces": [{"id": interface.id}]},
        },
    }
    lab.compute.virtual_machines.begin_create_or_update(GROUP, "dns", body).result()
    on_server(lab, "apt-get update; apt-get install -y dnsmasq", configured(FORWARD))


def configured(text: str) -> str:
    return f"printf '{text}' > /etc/dnsmasq.conf; systemctl restart dnsmasq"


def on_server(lab: Lab, *script: str) -> None:
    order = {"commandId": "RunShellScript", "script": list(script)}
    lab.compute.virtual_machines.begin_run_command(GROUP, "dns", order).result()


def records(lab: Lab) -> dict[str, str]:
    """Label -> address of the endpoint in the hub."""
    endpoint = lab.network.private_endpoints.get(GROUP, "shared")
    found = (endpoint.custom_dns_configs or []) if endpoint else []
    return {str(c.fqdn).removesuffix(".azurecr.io"): (c.ip_addresses or [""])[0] for c in found}


# -- peerings ----------------------------------------------------------------------------------------------------------


def peer(lab: Lab, *, access: bool = True) -> None:
    for local, remote in ((SPOKE, HUB), (HUB, SPOKE)):
        half(lab, local, remote, access=access)


def half(lab: Lab, local: str, remote: str, *, access: bool = True) -> None:
    far = lab.id_of("Microsoft.Network/virtualNetworks", remote)
    body = {"properties": {"remoteVirtualNetwork": {"id": far}, "allowVirtualNetworkAccess": access}}
    calls = lab.network.virtual_network_peerings
    calls.begin_create_or_update(GROUP, local, f"to-{remote}", body).result()


def part(lab: Lab, *locals: str) -> None:
    for local in locals:
        remote = HUB if local == SPOKE else SPOKE
        lab.network.virtual_network_peerings.begin_delete(GROUP, local, f"to-{remote}").result()


# -- names -------------------------------------------------------------------------------------------------------------


def link(lab: Lab, network: str) -> None:
    zone = lab.id_of("Microsoft.Network/privateDnsZones", ZONE)
    acrlab.remedies.link_zone(lab, zone, lab.id_of("Microsoft.Network/virtualNetworks", network), f"to-{network}")


def unlink(lab: Lab, network: str) -> None:
    for found in list(lab.dns.virtual_network_links.list(GROUP, ZONE)):
        if str(found.virtual_network.id).endswith(f"/{network}"):
            lab.dns.virtual_network_links.begin_delete(GROUP, ZONE, str(found.name)).result()


def ask(lab: Lab, *servers: str, restart: bool = True) -> None:
    """Let the spoke's VMs ask these name servers."""
    network = lab.network.virtual_networks.get(GROUP, SPOKE)
    network.dhcp_options = {"dnsServers": list(servers)}
    lab.network.virtual_networks.begin_create_or_update(GROUP, SPOKE, network).result()
    if restart:
        lab.compute.virtual_machines.begin_restart(GROUP, "myDockerVM").result()


def by_the_hubs_names(lab: Lab) -> Lab:
    """Let the spoke ask the hub's forwarder, and link the zone to the hub alone."""
    link(lab, HUB)
    unlink(lab, SPOKE)
    ask(lab, SERVER)
    return lab
