"""A hub and its spokes: the lab's network is the hub, where endpoint and zone are; others come to it by peerings.

A spoke, and the network that stands for the company's own, on premises, are the same lab looked at from another place:
`spoke(lab)` has its VM and its network under the names that the lab has its own under. So every step, and the doctor,
work from there as well. Peered with the hub, the second one stands for what a VPN or ExpressRoute would connect.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from acrlab.azure.cloud import AZURE_RESOLVER, NETWORK, ROLES_VERSION, VM
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import delete, names_of, put
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_given_by_lab, is_the_learner_s, require_own
from acrlab.lab.waiting import follow
from acrlab.steps import run_command
from acrlab.steps.beyond.private_resolver import RULES as RULES
from acrlab.steps.beyond.private_resolver import ensure_resolver as ensure_resolver
from acrlab.steps.beyond.private_resolver import ensure_ruleset as ensure_ruleset
from acrlab.steps.beyond.private_resolver import ensure_ruleset_link as ensure_ruleset_link
from acrlab.steps.beyond.private_resolver import links_to as links_to
from acrlab.steps.beyond.private_resolver import remove_resolver as remove_resolver
from acrlab.steps.clean_up import carry_out
from acrlab.steps.clean_up_plan import plan_clean_up
from acrlab.steps.private_link import link_to, unlink_zone
from acrlab.steps.virtual_machine import allow_vm_to_pull, ensure_vm, install_docker

if TYPE_CHECKING:
    from azure.mgmt.network.models import VirtualNetwork, VirtualNetworkPeering

PEERING = f"{NETWORK}/virtualNetworkPeerings"
# Address spaces, in the order in which they are tried: none may lie in the hub's.
SPACES = {
    "spoke": ("10.2.0.0/16", "172.18.0.0/16"),
    "on premises": ("192.168.0.0/16", "172.20.0.0/16"),
    "nodes": ("10.3.0.0/16", "172.22.0.0/16"),
}
CONFIGURATION = "/etc/dnsmasq.d/acrlab.conf"
PUBLIC_RESOLVER = ".".join("8888")  # Google's, which anyone may ask, and which knows no private zone
SERVERS = "/run/systemd/resolve/resolv.conf"  # those that DHCP told, behind the VM's own resolver


# -- places ------------------------------------------------------------------------------------------------------------


def spoke(lab: Lab) -> Lab:
    """Give the lab as it is seen from a spoke: its VM and its network are the spoke's."""
    return _from(lab, "mySpoke", "spoke")


def on_premises(lab: Lab) -> Lab:
    """Give the lab as it is seen from the network that stands for the company's own."""
    return _from(lab, "myOnPremises", "on premises")


def nodes(lab: Lab) -> Lab:
    """Give the lab as it is seen from a spoke for a cluster's nodes, which has no VM."""
    return _from(lab, "myNodes", "nodes")


def _from(lab: Lab, name: str, place: str) -> Lab:
    space = apart(lab.settings.network_prefix, SPACES[place])
    return lab.elsewhere(
        vm_name=f"{name}VM",
        network_name=f"{name}VNET",
        subnet_name=f"{name}Subnet",
        network_prefix=str(space),
        subnet_prefix=str(next(space.subnets(new_prefix=24))),
        link_name=f"{name}Link",
    )


def apart(taken: str, spaces: tuple[str, ...]) -> ipaddress.IPv4Network:
    """Choose a space that has no address in common with the hub's."""
    hub = ipaddress.IPv4Network(taken)
    return next(found for space in spaces if not (found := ipaddress.IPv4Network(space)).overlaps(hub))


def ensure_client(place: Lab) -> None:
    """Make a place's network and its VM, which has Docker and may pull.

    Raises: ConfigurationError: on a real subscription, no one has confirmed what chapter 14 costs.
    """
    if run_command.find_vm(place) is None:
        require_confirmation(place, "14")
    ensure_vm(place)
    install_docker(place)
    allow_vm_to_pull(place)


def remove_place(place: Lab) -> None:
    """Delete a place's VM and its network, with all that belongs to them and is the lab's.

    Raises: RefusedError: Azure refused a part.
    """
    settings, word = place.settings, place.settings.vm_name.removesuffix("VM")
    _take_right(place)
    unlink(place)
    plan = plan_clean_up(place, settings.resource_group)
    # A link of the zone may have been given the place's name, and be another network's.
    own = tuple(item for item in plan.resources if word in item.name and not item.kind.endswith("Links"))
    for problem in carry_out(place, replace(plan, groups=(), resources=own)).values():
        raise problem


def unlink(place: Lab) -> None:
    """Delete the link that a place's network has to the zone, if it has one."""
    settings = place.settings
    with asking("Reading the zone's links", place.group_id()):
        link = find(lambda: link_to(place, settings.resource_group, place.id_of(NETWORK, settings.network_name)))
    if link is not None:
        unlink_zone(place, str(link.id))


def _take_right(place: Lab) -> None:
    """Take back what a place's VM may do on the registry, as far as the lab gave it."""
    vm = place.id_of(VM, place.settings.vm_name)
    with asking("Reading the VM", vm):
        if find(lambda: place.compute.virtual_machines.get(*names_of(vm))) is None:
            return
    for right in run_command.rights_of(place, vm, place.registry_id):
        if is_given_by_lab(place, right, place.registry_id):
            with asking("Removing a role assignment", right["id"]):
                poller = place.resources.resources.begin_delete_by_id(right["id"], api_version=ROLES_VERSION)
                follow(poller, "Removing a role assignment")


def take_down(lab: Lab) -> None:
    """Delete all that was made around the hub, and let its VM forward names no longer. What is not there is passed."""
    remove_resolver(lab)
    for place in (spoke(lab), on_premises(lab)):
        part(lab, place)
        remove_place(place)
    with asking("Reading the VM", lab.id_of(VM, lab.settings.vm_name)):
        there = find(lambda: lab.compute.virtual_machines.get(*names_of(lab.id_of(VM, lab.settings.vm_name))))
    if there is not None and is_the_learner_s(lab, there.tags):
        remove_forwarder(lab)


# -- peerings ----------------------------------------------------------------------------------------------------------


def ensure_peering(hub: Lab, place: Lab) -> tuple[VirtualNetworkPeering, ...]:
    """Peer the hub's network with a place's. A half that was left behind is deleted first.

    Returns: both halves, the hub's first.
    """
    ways = ((hub, place), (place, hub))
    for local, remote in ways:
        for half in halves(local, remote):
            if half.peering_state == "Disconnected":
                remove_half(local, str(half.id))
    for local, remote in ways:
        if not halves(local, remote):
            make_half(local, remote)
    return tuple(half for way in ways for half in halves(*way))


def make_half(local: Lab, remote: Lab) -> VirtualNetworkPeering:
    """Make the half that one network has of its peering with another, and let traffic pass."""
    far = remote.id_of(NETWORK, remote.settings.network_name)
    body = {"properties": {"remoteVirtualNetwork": {"id": far}, "allowVirtualNetworkAccess": True}}
    id = local.id_of(PEERING, local.settings.network_name, f"to-{remote.settings.network_name}")
    require_own(local, id)
    doing = f"Peering {local.settings.network_name} with {remote.settings.network_name}"
    return put(local, id, local.network.virtual_network_peerings, body, doing)


def halves(local: Lab, remote: Lab) -> list[VirtualNetworkPeering]:
    """Find the half that one network has of its peering with another, under whatever name; none or one."""
    settings, far = local.settings, remote.id_of(NETWORK, remote.settings.network_name).lower()
    operations = local.network.virtual_network_peerings
    with asking("Listing the peerings", local.id_of(NETWORK, settings.network_name)):
        found = find(lambda: list(operations.list(settings.resource_group, settings.network_name))) or []
    return [
        half for half in found if half.remote_virtual_network and str(half.remote_virtual_network.id).lower() == far
    ]


def part(hub: Lab, place: Lab) -> None:
    """Delete both halves of a peering, as far as they are there."""
    for local, remote in ((hub, place), (place, hub)):
        for half in halves(local, remote):
            remove_half(local, str(half.id))


def remove_half(lab: Lab, id: str) -> None:
    """Delete one half of a peering; the other one is left disconnected."""
    require_own(lab, id)
    delete(lab, id, lab.network.virtual_network_peerings, "Deleting the peering")


# -- name servers ------------------------------------------------------------------------------------------------------


def ask(place: Lab, *servers: str) -> VirtualNetwork:
    """Let a place's network name these DNS servers, none for Azure's, and restart its VM, which then asks them."""
    networks, id = place.network.virtual_networks, place.id_of(NETWORK, place.settings.network_name)
    require_own(place, id)
    with asking("Reading the network", id):
        network = networks.get(*names_of(id))
    before = list(network.dhcp_options.dns_servers or []) if network.dhcp_options else []
    if before != list(servers):
        network.dhcp_options = {"dnsServers": list(servers)}
        network = put(place, id, networks, network, f"Changing {place.settings.network_name}")
    if set(servers_of(place)) != set(servers or (AZURE_RESOLVER,)):
        restart(place)
    return network


def restart(place: Lab) -> None:
    """Restart a place's VM: it takes up the name servers that are set up."""
    id, what = place.id_of(VM, place.settings.vm_name), f"Restarting {place.settings.vm_name}"
    require_own(place, id)
    with asking(what, id):
        follow(place.compute.virtual_machines.begin_restart(*names_of(id)), what)


def servers_of(place: Lab) -> tuple[str, ...]:
    """Read the name servers that a place's VM asks."""
    shown = run_command.run_on_vm(place, f"grep ^nameserver {SERVERS} || true").stdout
    return tuple(line.split()[1] for line in shown.splitlines() if line)


def ensure_forwarder(place: Lab, *rules: str) -> str:
    """Let a place's VM forward names: install dnsmasq, and let it answer the network and ask these servers.

    Args:
        rules: dnsmasq's `server=` values: `168.63.129.16` for all names, `/azurecr.io/10.0.17.4` for one domain.

    Returns: its address.

    Raises: RefusedError: the VM is not the lab's, or a command failed.
    """
    require_own(place, place.id_of(VM, place.settings.vm_name))
    lines = ["bind-interfaces", "interface=eth0", "no-resolv", *(f"server={rule}" for rule in rules)]
    text = "".join(f"{line}\\n" for line in lines)
    run_command.run_on_vm(
        place,
        "command -v dnsmasq > /dev/null || (apt-get update; apt-get install -y dnsmasq)",
        f"printf '{text}' > {CONFIGURATION}",
        "systemctl restart dnsmasq",
    )
    return run_command.vm_addresses(place).private


def remove_forwarder(place: Lab) -> None:
    """Let a place's VM forward no longer; what dnsmasq was told by others stays."""
    require_own(place, place.id_of(VM, place.settings.vm_name))
    run_command.run_on_vm(
        place,
        f"if [ -e {CONFIGURATION} ]; then rm {CONFIGURATION}; systemctl stop dnsmasq; systemctl disable dnsmasq; fi",
    )
