"""What findings advise, as calls: each mends one thing, named by its id, and can be repeated."""

from __future__ import annotations

from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import PRIVATE_ZONE
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import tags_of
from acrlab.steps.access_note import AccessSettings
from acrlab.steps.private_link import endpoint_body, put_endpoint
from acrlab.steps.public_access import current_access, update_access

TTL_S = 3600


# -- names ------------------------------------------------------------------------------------------------------------


def write_record(lab: Lab, zone: str, name: str, *addresses: str) -> Any:
    """Write an A record into the zone with this id, in place of what it says now. Returns: the SDK's RecordSet."""
    id = ArmId.parse(zone)
    properties = {"ttl": TTL_S, "aRecords": [{"ipv4Address": a} for a in addresses], "metadata": tags_of(lab)}
    body = {"properties": properties}
    with asking("Writing a record", zone):
        return lab.dns.record_sets.create_or_update(id.group, id.name, "A", name, body)


def remove_alias(lab: Lab, zone: str, name: str) -> None:
    """Delete a CNAME record of the zone with this id."""
    id = ArmId.parse(zone)
    with asking("Deleting a record", zone):
        lab.dns.record_sets.delete(id.group, id.name, "CNAME", name)


def link_zone(lab: Lab, zone: str, network: str, name: str) -> Any:
    """Link the zone with this id to the network with that one. Returns: the SDK's VirtualNetworkLink."""
    id = ArmId.parse(zone)
    body = {
        "location": "global",
        "tags": tags_of(lab),
        "properties": {"registrationEnabled": False, "virtualNetwork": {"id": network}},
    }
    with asking("Linking the zone", zone):
        poller = lab.dns.virtual_network_links.begin_create_or_update(id.group, id.name, name, body)
    return lab.wait(poller, f"Linking {id.name}", zone)


def unlink_zone(lab: Lab, link: str) -> None:
    """Delete the link with this id; its zone and records stay."""
    id = ArmId.parse(link)
    with asking("Removing the link", link):
        poller = lab.dns.virtual_network_links.begin_delete(id.group, *id.names)
    lab.wait(poller, f"Removing the link {id.name}", link)


def write_records_by_group(lab: Lab, endpoint: str, zone: str, name: str) -> Any:
    """Make an endpoint's zone group write into the zone with this id. Returns: the SDK's PrivateDnsZoneGroup."""
    id = ArmId.parse(endpoint)
    operations = lab.network.private_dns_zone_groups
    configuration = {"name": PRIVATE_ZONE.replace(".", "-"), "properties": {"privateDnsZoneId": zone}}
    body = {"properties": {"privateDnsZoneConfigs": [configuration]}}
    with asking("Changing the zone group", endpoint):
        if find(lambda: operations.get(id.group, id.name, name)) is not None:
            lab.wait(operations.begin_delete(id.group, id.name, name), f"Deleting the zone group {name}", endpoint)
        poller = operations.begin_create_or_update(id.group, id.name, name, body)
    return lab.wait(poller, f"Writing the records of {id.name}", endpoint)


def use_azure_resolver(lab: Lab) -> None:
    """Let the machine's network and interface ask Azure's resolver again, and restart the machine to take it up."""
    settings = lab.settings
    group, network, interfaces = settings.resource_group, lab.network.virtual_networks, lab.network.network_interfaces
    id = lab.id_of("Microsoft.Network/virtualNetworks", settings.network_name)
    with asking("Changing the name servers", id):
        found = network.get(group, settings.network_name)
        if found.dhcp_options and found.dhcp_options.dns_servers:
            found.dhcp_options = {"dnsServers": []}
            lab.wait(network.begin_create_or_update(group, settings.network_name, found), "Changing the network", id)
        interface = find(lambda: interfaces.get(group, f"{settings.machine_name}VMNic"))
        if interface is not None and interface.dns_settings and interface.dns_settings.dns_servers:
            interface.dns_settings.dns_servers = []
            lab.wait(interfaces.begin_create_or_update(group, interface.name, interface), "Changing the interface", id)
    restart_machine(lab)


# -- endpoints and the registry ---------------------------------------------------------------------------------------


def remove_endpoint(lab: Lab, endpoint: str) -> None:
    """Delete the private endpoint with this id, if it is there; its interface and zone group go with it."""
    id, operations = ArmId.parse(endpoint), lab.network.private_endpoints
    with asking("Deleting the endpoint", endpoint):
        if find(lambda: operations.get(id.group, id.name)) is not None:
            poller = operations.begin_delete(id.group, id.name)
            lab.wait(poller, f"Deleting the endpoint {id.name}", endpoint)


def make_endpoint(lab: Lab, endpoint: str, subnet: str, connection: str) -> Any:
    """Ask for the private endpoint with this id, in the subnet with that one. Returns: the SDK's PrivateEndpoint."""
    id, place = ArmId.parse(endpoint), ArmId.parse(subnet)
    with asking("Reading the network", str(place.parent)):
        network = lab.network.virtual_networks.get(place.group, place.names[0])
    body = endpoint_body(lab, subnet, connection, region=network.location)
    return put_endpoint(lab, str(id.group), id.name, body)


def disable_policies(lab: Lab, subnet: str) -> Any:
    """Let the subnet with this id have private endpoints. Returns: the SDK's Subnet."""
    id = ArmId.parse(subnet)
    with asking("Changing the subnet", subnet):
        found = lab.network.subnets.get(id.group, *id.names)
        found.private_endpoint_network_policies = "Disabled"
        poller = lab.network.subnets.begin_create_or_update(id.group, *id.names, found)
    return lab.wait(poller, f"Changing {id.name}", subnet)


def make_premium(lab: Lab) -> Any:
    """Raise the registry's tier. Returns: the SDK's Registry."""
    group, name = lab.settings.resource_group, lab.settings.registry_name
    id = lab.id_of("Microsoft.ContainerRegistry/registries", name)
    with asking("Raising the tier", id):
        poller = lab.registry.registries.begin_update(group, name, {"sku": {"name": "Premium"}})
    return lab.wait(poller, f"Raising the tier of {name}", id)


def remove_replica(lab: Lab, region: str) -> None:
    """Delete the registry's replica in a region."""
    group, name = lab.settings.resource_group, lab.settings.registry_name
    id = lab.id_of("Microsoft.ContainerRegistry/registries/replications", name, region)
    with asking("Deleting the replica", id):
        poller = lab.registry.replications.begin_delete(group, name, region)
    lab.wait(poller, f"Deleting the replica in {region}", id)


def allow_public_access(lab: Lab) -> AccessSettings:
    """Open the public door: the main switch and the default action. Rules stay as they are."""
    return update_access(lab, {"publicNetworkAccess": "Enabled", "networkRuleSet": _ruled(lab, "Allow")})


def _ruled(lab: Lab, action: str) -> dict[str, Any]:
    rules = [{"action": "Allow", "value": rule} for rule in current_access(lab).ip_rules]
    return {"defaultAction": action, "ipRules": rules}


def allow_trusted_services(lab: Lab) -> AccessSettings:
    """Let Azure's own services pass the public door."""
    return update_access(lab, {"networkRuleBypassOptions": "AzureServices"})


def allow_tasks(lab: Lab) -> AccessSettings:
    """Let ACR Tasks pass the public door."""
    return update_access(lab, {"networkRuleBypassAllowedForTasks": True})


# -- traffic and the machine ------------------------------------------------------------------------------------------


def allow_https(lab: Lab, security_group: str, direction: str, addresses: list[str]) -> Any:
    """Let HTTPS to these addresses pass a security group, before any rule that drops it.

    Returns: the SDK's SecurityRule.
    """
    id, rules = ArmId.parse(security_group), lab.network.security_rules
    with asking("Adding a rule", security_group):
        own = [r for r in rules.list(id.group, id.name) if r.direction == direction]
        taken = {r.priority: r for r in own}
        dropping = [r.priority for r in own if r.access == "Deny"]
        priority = next((p for p in range(min(dropping, default=4097) - 1, 99, -1) if p not in taken), 100)
        if (first := taken.get(priority)) is not None:  # it has to make room
            first.priority = next(p for p in range(priority + 1, 4097) if p not in taken)
            lab.wait(
                rules.begin_create_or_update(id.group, id.name, first.name, first), "Moving a rule", security_group
            )
        body = {
            "properties": {
                "priority": priority,
                "direction": direction,
                "access": "Allow",
                "protocol": "Tcp",
                "sourceAddressPrefix": "*",
                "sourcePortRange": "*",
                "destinationAddressPrefixes": addresses,
                "destinationPortRange": "443",
            }
        }
        poller = rules.begin_create_or_update(id.group, id.name, "AllowRegistry", body)
    return lab.wait(poller, "Adding a rule", security_group)


def remove_route(lab: Lab, table: str, name: str) -> None:
    """Delete one route of the route table with this id."""
    id = ArmId.parse(table)
    with asking("Deleting a route", table):
        poller = lab.network.routes.begin_delete(id.group, id.name, name)
    lab.wait(poller, f"Deleting the route {name}", table)


def assign_identity(lab: Lab) -> Any:
    """Give the machine an identity of its own. Returns: the SDK's VirtualMachine."""
    group, name = lab.settings.resource_group, lab.settings.machine_name
    id = lab.id_of("Microsoft.Compute/virtualMachines", name)
    with asking("Changing the machine", id):
        poller = lab.compute.virtual_machines.begin_update(group, name, {"identity": {"type": "SystemAssigned"}})
    return lab.wait(poller, f"Changing {name}", id)


def start_machine(lab: Lab) -> None:
    """Start the machine."""
    _power(lab, "start")


def restart_machine(lab: Lab) -> None:
    """Restart the machine; what its resolver kept is forgotten."""
    _power(lab, "restart")


def _power(lab: Lab, verb: str) -> None:
    group, name = lab.settings.resource_group, lab.settings.machine_name
    id = lab.id_of("Microsoft.Compute/virtualMachines", name)
    with asking(f"To {verb} the machine", id):
        poller = getattr(lab.compute.virtual_machines, f"begin_{verb}")(group, name)
    lab.wait(poller, f"To {verb} {name}", id)
