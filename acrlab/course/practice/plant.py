"""The requests by which faults are planted, and those that only a fault's solution needs: ordinary Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acrlab.azure.cloud import ENDPOINT, ROLES_VERSION, SECURITY_GROUP, VM, data_endpoint, label_of
from acrlab.doctor.remedies import link_zone, remove_endpoint, restart_vm, unlink_zone, write_record
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.ensure import delete, ensure, names_of, put, update
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import NOT_OURS, is_given_by_lab, require_own, role_name, tags_of
from acrlab.lab.waiting import follow
from acrlab.steps.approval import approve, connection_of, reject
from acrlab.steps.private_link import endpoint_addresses, endpoint_body, put_endpoint
from acrlab.steps.public_access import set_public_access
from acrlab.steps.run_command import rights_of, run_on_vm

if TYPE_CHECKING:
    from azure.mgmt.privatedns.models import VirtualNetworkLink

ELSEWHERE, SUBNET_ELSEWHERE, STRANGER = "strangerVNET", "strangerSubnet", "strangersEndpoint"
GREEDY = "azurecr.io"


def _zone(lab: Lab) -> str:
    return lab.id_of("Microsoft.Network/privateDnsZones", lab.settings.zone_name)


def _labels(lab: Lab) -> tuple[str, str]:
    """Names of the two records: the registry's, and its data endpoint's."""
    return label_of(lab.login_server), label_of(data_endpoint(lab.login_server, lab.settings.location))


def _addresses(lab: Lab) -> tuple[str, str]:
    """The endpoint's addresses, in the same order."""
    held = endpoint_addresses(lab)
    own, layers = _labels(lab)
    suffix = lab.settings.cloud.registry_suffix
    return held[f"{own}.{suffix}"], held[f"{layers}.{suffix}"]


# -- records ----------------------------------------------------------------------------------------------------------


def delete_data_record(lab: Lab) -> None:
    _delete_record(lab, _labels(lab)[1])


def delete_all_records(lab: Lab) -> None:
    for label in _labels(lab):
        _delete_record(lab, label)


def _delete_record(lab: Lab, label: str) -> None:
    require_own(lab, _zone(lab))
    with asking("Deleting a record", _zone(lab)):
        lab.dns.record_sets.delete(lab.settings.resource_group, lab.settings.zone_name, "A", label)


def swap_records(lab: Lab) -> None:
    (own, layers), (first, second) = _labels(lab), _addresses(lab)
    require_own(lab, _zone(lab))
    write_record(lab, _zone(lab), own, second)
    write_record(lab, _zone(lab), layers, first)


def point_records_at_nobody(lab: Lab) -> None:
    require_own(lab, _zone(lab))
    for place, label in enumerate(_labels(lab)):
        write_record(lab, _zone(lab), label, _nobody(lab, place))


def add_a_stray_address(lab: Lab) -> None:
    require_own(lab, _zone(lab))
    write_record(lab, _zone(lab), _labels(lab)[0], _addresses(lab)[0], _nobody(lab, 0))


def _nobody(lab: Lab, place: int) -> str:
    """Find an address of the subnet that no interface holds, from its end."""
    import ipaddress

    return str(ipaddress.ip_network(lab.settings.subnet_prefix)[-2 - place])


# -- zones and links --------------------------------------------------------------------------------------------------


def link_another_network(lab: Lab) -> None:
    """Move the zone's link to a network that has nothing to do with it."""
    require_own(lab, _zone(lab))
    network = network_elsewhere(lab)
    _unlink_all(lab)
    link_zone(lab, _zone(lab), network, lab.settings.link_name)


def _unlink_all(lab: Lab) -> None:
    """Delete every link of the zone: who fixed an earlier fault gave hers a name of her own."""
    with asking("Listing the zone's links", _zone(lab)):
        links = list(lab.dns.virtual_network_links.list(lab.settings.resource_group, lab.settings.zone_name))
    for link in links:
        unlink_zone(lab, str(link.id))


def link_own_network(lab: Lab) -> None:
    network = lab.id_of("Microsoft.Network/virtualNetworks", lab.settings.network_name)
    link_zone(lab, _zone(lab), network, "MyOwnLink")


def rename_zone(lab: Lab) -> None:
    """Delete the zone, and let a zone group write into one of a name that no client asks for."""
    require_own(lab, _zone(lab))
    require_own(lab, lab.id_of(ENDPOINT, lab.settings.endpoint_name))
    settings = lab.settings
    _unlink_all(lab)
    delete_all_records(lab)
    delete(lab, _zone(lab), lab.dns.private_zones, "Deleting the zone")
    wrong = "privatelink.azurecr.cn"
    zone = _own_zone(lab, wrong)
    link_zone(lab, zone, lab.id_of("Microsoft.Network/virtualNetworks", settings.network_name), "MyDNSLink")
    configuration = {"name": "registry", "properties": {"privateDnsZoneId": zone}}
    body = {"properties": {"privateDnsZoneConfigs": [configuration]}}
    put(lab, _zone_group(lab), lab.network.private_dns_zone_groups, body, "Creating the zone group")


def remove_zone_group(lab: Lab) -> None:
    """Delete the zone group of the lab's endpoint, and with it the records that it wrote."""
    id, groups = _zone_group(lab), lab.network.private_dns_zone_groups
    require_own(lab, id)
    if find(lambda: groups.get(*names_of(id))) is not None:
        delete(lab, id, groups, "Deleting the zone group")


def _zone_group(lab: Lab) -> str:
    return lab.id_of(f"{ENDPOINT}/privateDnsZoneGroups", lab.settings.endpoint_name, "default")


def link_a_greedy_zone(lab: Lab) -> None:
    zone = _own_zone(lab, GREEDY)
    link_zone(lab, zone, lab.id_of("Microsoft.Network/virtualNetworks", lab.settings.network_name), "greedy")


def _own_zone(lab: Lab, name: str) -> str:
    """Create another zone. Returns: its id. Raises: RefusedError: someone else has one of that name."""
    id = lab.id_of("Microsoft.Network/privateDnsZones", name)
    require_own(lab, id)
    ensure(lab, id, lab.dns.private_zones, {"location": "global", "tags": tags_of(lab)}, "Creating the zone")
    return id


def unlink_the_greedy_zone(lab: Lab) -> None:
    unlink_zone(lab, lab.id_of("Microsoft.Network/privateDnsZones/virtualNetworkLinks", GREEDY, "greedy"))


def set_custom_dns(lab: Lab) -> None:
    """Name a server that does not answer, and let the VM take it up."""
    networks = lab.network.virtual_networks
    id = lab.id_of("Microsoft.Network/virtualNetworks", lab.settings.network_name)
    require_own(lab, id)
    with asking("Reading the network", id):
        network = networks.get(*names_of(id))
    network.dhcp_options = {"dnsServers": ["10.0.0.53"]}
    put(lab, id, networks, network, "Changing the network")
    restart_vm(lab)  # until it starts again it asks the servers that it has


# -- endpoint and connection ------------------------------------------------------------------------------------------


def remove_own_endpoint(lab: Lab) -> None:
    remove_endpoint(lab, lab.id_of("Microsoft.Network/privateEndpoints", lab.settings.endpoint_name))


def ask_by_hand(lab: Lab) -> None:
    """The same endpoint, as a request that the registry's owner has to answer."""
    settings = lab.settings
    remove_own_endpoint(lab)
    subnet = lab.id_of("Microsoft.Network/virtualNetworks/subnets", settings.network_name, settings.subnet_name)
    body = endpoint_body(lab, subnet, settings.connection_name, manual=True)
    put_endpoint(lab, settings.resource_group, settings.endpoint_name, body)


def approve_own(lab: Lab) -> None:
    require_own(lab, lab.id_of(ENDPOINT, lab.settings.endpoint_name))
    approve(lab, connection_of(lab, lab.settings.endpoint_name))


def reject_own(lab: Lab) -> None:
    require_own(lab, lab.id_of(ENDPOINT, lab.settings.endpoint_name))
    reject(lab, connection_of(lab, lab.settings.endpoint_name), "unknown")


def move_endpoint_elsewhere(lab: Lab) -> None:
    """The endpoint in another network, and the records lead there."""
    require_own(lab, _zone(lab))
    network = network_elsewhere(lab)
    remove_own_endpoint(lab)
    body = endpoint_body(lab, f"{network}/subnets/{SUBNET_ELSEWHERE}", "strangersConnection")
    made = put_endpoint(lab, lab.settings.resource_group, STRANGER, body)
    for reference in made.network_interfaces or []:
        held = lab.network.network_interfaces.get(*names_of(reference.id)).ip_configurations
        for configuration in held or []:
            for host in configuration.private_link_connection_properties.fqdns or []:
                label = label_of(host)
                write_record(lab, _zone(lab), label, configuration.private_ip_address)


def network_elsewhere(lab: Lab) -> str:
    """Create a network that has nothing to do with the lab's. Returns: its id."""
    subnet = {
        "name": SUBNET_ELSEWHERE,
        "properties": {"addressPrefix": "10.9.0.0/24", "privateEndpointNetworkPolicies": "Disabled"},
    }
    properties = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": [subnet]}
    body = {"location": lab.settings.location, "tags": tags_of(lab), "properties": properties}
    id = lab.id_of("Microsoft.Network/virtualNetworks", ELSEWHERE)
    require_own(lab, id)
    ensure(lab, id, lab.network.virtual_networks, body, "Creating a network")
    return id


def network_of(link: VirtualNetworkLink) -> str:
    """Tell the id of the network that a link is for."""
    return str(link.virtual_network.id) if link.virtual_network else ""


# -- traffic, access, rights ------------------------------------------------------------------------------------------


def drop_https(lab: Lab) -> None:
    require_own(lab, _rule(lab, "NoHttps"))
    rule = {"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "Tcp"}
    rule |= {"sourceAddressPrefix": "*", "sourcePortRange": "*"}
    rule |= {"destinationAddressPrefix": "*", "destinationPortRange": "443"}
    put(lab, _rule(lab, "NoHttps"), lab.network.security_rules, {"properties": rule}, "Adding a rule")


def let_https_pass(lab: Lab) -> None:
    delete_rule(lab, "NoHttps")


def delete_rule(lab: Lab, name: str) -> None:
    id = _rule(lab, name)
    require_own(lab, id)
    delete(lab, id, lab.network.security_rules, "Deleting a rule")


def _rule(lab: Lab, name: str) -> str:
    return lab.id_of(f"{SECURITY_GROUP}/securityRules", f"{lab.settings.vm_name}NSG", name)


def pin_in_hosts(lab: Lab) -> None:
    """The registry's public address, in the file that programs read before they ask anybody."""
    require_own(lab, lab.id_of(VM, lab.settings.vm_name))
    address = lab.backend.resolve(lab.login_server).addresses[0]
    run_on_vm(lab, f"echo '{address} {lab.login_server}' >> /etc/hosts")


def unpin(lab: Lab) -> None:
    require_own(lab, lab.id_of(VM, lab.settings.vm_name))
    run_on_vm(lab, "grep -v azurecr /etc/hosts > /etc/hosts.new; cp /etc/hosts.new /etc/hosts")


def disable_public_access(lab: Lab) -> None:
    require_own(lab, lab.registry_id)
    set_public_access(lab, "Disabled")


def enable_public_access(lab: Lab) -> None:
    require_own(lab, lab.registry_id)
    set_public_access(lab, "Enabled")


def take_pull_right(lab: Lab) -> None:
    """Delete the right to pull that the lab gave the VM's identity on the registry.

    Raises: RefusedError: the identity has other roles there, or above it, which someone else gave: they stay.
    """
    held = rights_of(lab, lab.id_of(VM, lab.settings.vm_name), lab.registry_id)
    own = [right for right in held if is_given_by_lab(lab, right, lab.registry_id)]
    for right in own:
        with asking("Removing a role assignment", right["id"]):
            poller = lab.resources.resources.begin_delete_by_id(right["id"], api_version=ROLES_VERSION)
            follow(poller, "Removing a role assignment")
    if others := [f"{role_name(right)} at {right['properties']['scope']}" for right in held if right not in own]:
        message = (
            f"{lab.settings.vm_name} keeps {' and '.join(others)}: the lab did not assign it. "
            "Take it away yourself if nothing else needs it."
        )
        raise RefusedError(message, status=0, code=NOT_OURS, resource_id=lab.registry_id)


def make_standard(lab: Lab) -> None:
    require_own(lab, lab.registry_id)
    update(lab, lab.registry_id, lab.registry.registries, {"sku": {"name": "Standard"}}, "Lowering the tier")
