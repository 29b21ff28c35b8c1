"""What findings advise, as calls: each fixes one thing, named by its id, and can be repeated.

Where the course has a step for it, the fix is that step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acrlab.azure.arm_id import ArmId, free_name
from acrlab.azure.cloud import INTERFACE, NETWORK, REGISTRY, REPOSITORY_READER, VM, interface_of
from acrlab.lab.azure_errors import asking, find, required
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import delete, names_of, put, update
from acrlab.lab.lab import Lab
from acrlab.lab.memory import note_group
from acrlab.lab.ownership import let_pull as let_pull
from acrlab.lab.ownership import let_read as let_read
from acrlab.lab.ownership import require_own
from acrlab.lab.waiting import follow
from acrlab.steps.access_note import AccessSettings
from acrlab.steps.beyond.pods import set_image as set_image
from acrlab.steps.beyond.replicas import approve_connection as approve_connection
from acrlab.steps.beyond.replicas import ensure_replica as ensure_replica
from acrlab.steps.beyond.replicas import release_addresses as release_addresses
from acrlab.steps.beyond.subscriptions import register_registries as register_registries
from acrlab.steps.prerequisites import ensure_group, find_group
from acrlab.steps.private_link import disable_policies as disable_policies
from acrlab.steps.private_link import endpoint_body, ensure_zone, put_endpoint
from acrlab.steps.private_link import link_zone as link_zone
from acrlab.steps.private_link import remove_endpoint as remove_endpoint
from acrlab.steps.private_link import unlink_zone as unlink_zone
from acrlab.steps.private_link import write_record as write_record
from acrlab.steps.private_link import write_records_by_group as write_records_by_group
from acrlab.steps.public_access import current_access, update_access
from acrlab.steps.run_command import resolve, run_on_vm

if TYPE_CHECKING:
    from azure.mgmt.compute.models import VirtualMachine
    from azure.mgmt.containerregistry.models import Registry
    from azure.mgmt.network.models import PrivateEndpoint, SecurityRule, VirtualNetworkPeering

    from acrlab.azure.dns_answer import Answer

# -- names ------------------------------------------------------------------------------------------------------------


def remove_alias(lab: Lab, zone: str, name: str) -> None:
    """Delete a CNAME record of the zone with this id."""
    require_own(lab, zone)
    group, zone_name = names_of(zone)
    with asking("Deleting a record", zone):
        lab.dns.record_sets.delete(group, zone_name, "CNAME", name)


def fall_back(lab: Lab, link: str) -> None:
    """Let Azure's resolver ask the internet for what a zone lacks, by the link with this id."""
    set_resolution_policy(lab, link, "NxDomainRedirect")


def set_resolution_policy(lab: Lab, link: str, policy: str) -> None:
    """Say whom Azure's resolver asks for what a zone lacks: `NxDomainRedirect`, the internet; `Default`, no one."""
    from azure.mgmt.privatedns.models import VirtualNetworkLink

    require_own(lab, link)
    group, zone, name = names_of(link)
    body = VirtualNetworkLink({"properties": {"resolutionPolicy": policy}})
    with asking("Changing the link", link):
        follow(lab.dns.virtual_network_links.begin_update(group, zone, name, body), "Changing the link")


def give_own_zone(lab: Lab, zone: str, network: str, old: str, records: dict[str, str]) -> None:
    """Let a network read a zone of its own in place of one that it shared.

    Args:
        zone: id of the zone that is created, in a group that is created where it is not there.
        network: id of the network.
        old: id of the link by which it reads the shared zone; empty: none.
        records: name -> address.
    """
    require_own(lab, zone)
    group, _ = names_of(zone)
    if find_group(lab, group) is None:
        ensure_group(lab, group)
        note_group(lab, group)
    ensure_zone(lab, group)
    for name, address in records.items():
        write_record(lab, zone, name, address)
    if old:
        unlink_zone(lab, old)
    link_zone(lab, zone, network, old.rpartition("/")[2] or lab.settings.link_name)


def use_azure_resolver(lab: Lab) -> None:
    """Let the VM's network and interface ask Azure's resolver again, and restart the VM to take it up."""
    require_own(lab, lab.id_of(NETWORK, lab.settings.network_name))
    networks, interfaces = lab.network.virtual_networks, lab.network.network_interfaces
    network = lab.id_of(NETWORK, lab.settings.network_name)
    interface = lab.id_of(INTERFACE, interface_of(lab.settings.vm_name))
    with asking("Changing the name servers", network):
        found = networks.get(*names_of(network))
        if found.dhcp_options and found.dhcp_options.dns_servers:
            found.dhcp_options = {"dnsServers": []}
            put(lab, network, networks, found, "Changing the network")
        held = find(lambda: interfaces.get(*names_of(interface)))
        if held is not None and held.dns_settings and held.dns_settings.dns_servers:
            held.dns_settings.dns_servers = []
            put(lab, interface, interfaces, held, "Changing the interface")
    restart_vm(lab)


def await_answer(lab: Lab, name: str, address: str) -> Answer:
    """Wait until the VM is told this address for a name: an older answer stays as long as its TTL says."""
    return resolve(lab, name, until=address)


# -- endpoints and the registry ---------------------------------------------------------------------------------------


def make_endpoint(lab: Lab, endpoint: str, subnet: str, connection: str) -> PrivateEndpoint:
    """Ask for the private endpoint with this id, in the subnet with that one."""
    network = str(ArmId.parse(subnet).parent)
    with asking("Reading the network", network):
        region = lab.network.virtual_networks.get(*names_of(network)).location
    body = endpoint_body(lab, subnet, connection, region=required(region, f"location of {network}"))
    group, name = names_of(endpoint)
    return put_endpoint(lab, group, name, body)


def make_premium(lab: Lab) -> Registry:
    """Raise the registry's tier. Raises: ConfigurationError: on a real subscription, the cost is not confirmed."""
    require_own(lab, lab.registry_id)
    require_confirmation(lab)
    what = f"Raising the tier of {lab.settings.registry_name}"
    return update(lab, lab.registry_id, lab.registry.registries, {"sku": {"name": "Premium"}}, what)


def remove_replica(lab: Lab, region: str) -> None:
    """Delete the registry's replica in a region."""
    require_own(lab, lab.registry_id)
    id = lab.id_of(f"{REGISTRY}/replications", lab.settings.registry_name, region)
    delete(lab, id, lab.registry.replications, f"Deleting the replica in {region}")


def allow_public_access(lab: Lab) -> AccessSettings:
    """Open the public endpoint: the main switch and the default action. Rules stay as they are."""
    require_own(lab, lab.registry_id)
    return update_access(lab, {"publicNetworkAccess": "Enabled", "networkRuleSet": _ruled(lab, "Allow")})


def _ruled(lab: Lab, action: str) -> dict[str, Any]:
    rules = [{"action": "Allow", "value": rule} for rule in current_access(lab).ip_rules]
    return {"defaultAction": action, "ipRules": rules}


def allow_trusted_services(lab: Lab) -> AccessSettings:
    """Let Azure's own services pass the public endpoint."""
    require_own(lab, lab.registry_id)
    return update_access(lab, {"networkRuleBypassOptions": "AzureServices"})


def allow_tasks(lab: Lab) -> AccessSettings:
    """Let ACR Tasks pass the public endpoint."""
    require_own(lab, lab.registry_id)
    return update_access(lab, {"networkRuleBypassAllowedForTasks": True})


def remove_subnet_rules(lab: Lab) -> None:
    """Take the rules for subnets off the registry's public endpoint, if there are any; those for addresses stay."""
    from acrlab.steps.beyond import closed

    closed.remove_subnet_rules(lab)


def allow_repositories(lab: Lab) -> None:
    """Give the VM's identity the right to pull from every repository, where the registry asks for repositories."""
    from acrlab.steps.beyond import repository_rights

    require_own(lab, lab.registry_id)
    repository_rights.give_role(lab, repository_rights.vm_principal(lab), REPOSITORY_READER)


# -- traffic and the VM ------------------------------------------------------------------------------------------


def allow_https(lab: Lab, security_group: str, direction: str, addresses: list[str]) -> SecurityRule:
    """Let HTTPS to these addresses pass a security group, before any rule that drops it."""
    require_own(lab, security_group)
    rules = lab.network.security_rules
    with asking("Reading the rules", security_group):
        there = {str(r.name): r for r in rules.list(*names_of(security_group))}
    own = [r for r in there.values() if r.direction == direction]
    repeated = (str(r.name) for r in own if r.access == "Allow" and r.destination_address_prefixes == addresses)
    name = next(repeated, free_name("AllowRegistry", there))
    taken = {r.priority: r for r in own}
    first_drop = min((r.priority for r in own if r.access == "Deny"), default=4097)
    priority = next((p for p in range(first_drop - 1, 99, -1) if p not in taken), 100)
    if (first := taken.get(priority)) is not None:  # it has to make room
        first.priority = next(p for p in range(priority + 1, 4097) if p not in taken)
        put(lab, f"{security_group}/securityRules/{first.name}", rules, first, "Moving a rule")
    ends = {"sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRange": "443"}
    rule = {"priority": priority, "direction": direction, "access": "Allow", "protocol": "Tcp", **ends}
    body = {"properties": {**rule, "destinationAddressPrefixes": addresses}}
    return put(lab, f"{security_group}/securityRules/{name}", rules, body, "Adding a rule")


def remove_route(lab: Lab, table: str, name: str) -> None:
    """Delete one route of the route table with this id."""
    require_own(lab, table)
    delete(lab, f"{table}/routes/{name}", lab.network.routes, f"Deleting the route {name}")


def assign_identity(lab: Lab) -> VirtualMachine:
    """Give the VM an identity of its own."""
    name = lab.settings.vm_name
    id = lab.id_of(VM, name)
    require_own(lab, id)
    return update(lab, id, lab.compute.virtual_machines, {"identity": {"type": "SystemAssigned"}}, f"Changing {name}")


def start_vm(lab: Lab) -> None:
    """Start the VM. Raises: ConfigurationError: on a real subscription, the cost is not confirmed."""
    require_confirmation(lab)
    _power_of(lab, lab.id_of(VM, lab.settings.vm_name), "start")


def restart_vm(lab: Lab) -> None:
    """Restart the VM; what its resolver kept is forgotten."""
    require_own(lab, lab.id_of(VM, lab.settings.vm_name))
    _power_of(lab, lab.id_of(VM, lab.settings.vm_name), "restart")


def _power_of(lab: Lab, id: str, verb: str) -> None:
    name = id.rpartition("/")[2]
    with asking(f"To {verb} {name}", id):
        follow(getattr(lab.compute.virtual_machines, f"begin_{verb}")(*names_of(id)), f"To {verb} {name}")


# -- peerings, and other VMs than the lab's ------------------------------------------------------------------------


def peer(lab: Lab, network: str, remote: str, name: str) -> VirtualNetworkPeering:
    """Make the half of a peering that a network has with another one, and let addresses pass."""
    require_own(lab, network)
    body = {"properties": {"remoteVirtualNetwork": {"id": remote}, "allowVirtualNetworkAccess": True}}
    id = f"{network}/virtualNetworkPeerings/{name}"
    return put(lab, id, lab.network.virtual_network_peerings, body, f"Peering with {remote.rpartition('/')[2]}")


def remove_peering(lab: Lab, peering: str) -> None:
    """Delete one half of a peering, by its id; the other half is left disconnected."""
    require_own(lab, peering)
    delete(lab, peering, lab.network.virtual_network_peerings, f"Deleting {peering.rpartition('/')[2]}")


def allow_peering(lab: Lab, peering: str) -> VirtualNetworkPeering:
    """Let addresses pass one half of a peering."""
    require_own(lab, peering)
    halves = lab.network.virtual_network_peerings
    with asking("Reading the peering", peering):
        half = halves.get(*names_of(peering))
    half.allow_virtual_network_access = True
    return put(lab, peering, halves, half, f"Changing {half.name}")


def sync_peering(lab: Lab, peering: str) -> None:
    """Let one half of a peering know the remote network's addresses as they are now."""
    require_own(lab, peering)
    halves = lab.network.virtual_network_peerings
    group, network, name = names_of(peering)
    with asking("Syncing the peering", peering):
        half = halves.get(group, network, name)
        begun = halves.begin_create_or_update(group, network, name, half, sync_remote_address_space="true")
        follow(begun, f"Syncing {half.name}")


def start_machine(lab: Lab, vm: str) -> None:
    """Start a VM by its id. Raises: ConfigurationError: on a real subscription, the cost is not confirmed."""
    require_confirmation(lab)
    _power_of(lab, vm, "start")


def restart_machine(lab: Lab, vm: str) -> None:
    """Restart a VM by its id: it takes up the name servers that are set up."""
    require_own(lab, vm)
    _power_of(lab, vm, "restart")


def run_on_machine(lab: Lab, vm: str, script: str) -> None:
    """Run a script on a VM by its id. Raises: RefusedError: it failed, or the VM can't be reached."""
    require_own(lab, vm)
    run_on_vm(lab, script, vm=vm)
