"""What stands behind a private endpoint: its interface with one address a member, and the registry's connection."""

from __future__ import annotations

import ipaddress

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import lateness
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.locks import require_open_behind
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.types.container_registry.registry_members import members
from acrlab.emulator.types.network.subnet import (
    INTERFACE_TYPE,
    address_is_outside,
    address_is_taken,
    held_addresses,
    next_addresses,
    prefix_of,
)
from acrlab.emulator.types.private_link.private_endpoint_connection import keep_alias, unregistered_beside

AUTO_APPROVED = {"status": "Approved", "description": "Auto-Approved"}


def is_manual(endpoint: Resource) -> bool:
    return bool(endpoint.properties["manualPrivateLinkServiceConnections"])


def request_of(endpoint: Resource) -> JSON:
    """What the endpoint asks for: `privateLinkServiceId`, `groupIds`, `requestMessage`."""
    lists = (
        endpoint.properties["manualPrivateLinkServiceConnections"],
        endpoint.properties["privateLinkServiceConnections"],
    )
    request: JSON = next(items for items in lists if items)[0]["properties"]
    return request


def connection_of(state: State, endpoint: Resource) -> Resource | None:
    """The registry's record of this endpoint; None when its owner has deleted it, or the registry is gone."""
    return state.find(endpoint.state["connection"])


def is_approved(state: State, endpoint: Resource) -> bool:
    connection = connection_of(state, endpoint)
    return connection is not None and connection.state["link"]["status"] == "Approved"


def carries_traffic(state: State, endpoint: Resource) -> bool:
    """Tell whether packets pass; the owner's answer may count for them later than it is told."""
    connection = connection_of(state, endpoint)
    if connection is None:
        return False
    return bool(lateness.counting(state, connection, "status", connection.state["link"]["status"]) == "Approved")


def addresses_of(state: State, endpoint: Resource) -> dict[str, str]:
    """Name that clients use -> address, in the service's order."""
    interface = state.find(endpoint.state["interface"])
    if interface is None:
        return {}
    held = {c["name"]: c["properties"]["privateIPAddress"] for c in interface.properties["ipConfigurations"]}
    return {m["fqdns"][0]: held[name] for name, m in interface.state["members"].items()}


def assemble(state: State, endpoint: Resource, old: Resource | None) -> None:
    """Make interface and connection; an endpoint that is written again keeps both."""
    endpoint.state["unready"] = _unready(state, endpoint)
    if old is not None:
        state.perform("addresses_chosen", endpoint, old)
        return
    registry = state.get(ArmId.parse(request_of(endpoint)["privateLinkServiceId"]))
    interface = _interface(state, endpoint, registry)
    state.put(interface)
    name = f"{registry.id.name.lower()}.{state.guid(endpoint, 'connection').replace('-', '')}"
    waits = (
        is_manual(endpoint)
        or bool(endpoint.state["unready"])
        or unregistered_beside(state, str(endpoint.id)) is not None
    )
    link: JSON = {"status": "Pending"} if waits else dict(AUTO_APPROVED)
    if is_manual(endpoint) and (message := request_of(endpoint).get("requestMessage")):
        link["description"] = message
    id = registry.id.child("privateEndpointConnections", name)
    require_open_behind(state, _proxy(state, endpoint, registry.id), "write")
    connection = state.new(
        id,
        {"properties": {"privateLinkServiceConnectionState": link}},
        {"endpoint": str(endpoint.id), "link": link},
    )
    state.put(connection)
    endpoint.state |= {"interface": str(interface.id), "connection": str(connection.id)}


def _proxy(state: State, endpoint: Resource, registry: ArmId) -> ArmId:
    """Name what the network service makes at the registry, which is what a lock there is held against.

    Source: https://github.com/hashicorp/terraform-provider-azurerm/issues/17478
    """
    return registry.child("privateEndpointConnectionProxies", f"{endpoint.id.name}.{state.guid(endpoint, 'resource')}")


def _unready(state: State, endpoint: Resource) -> str:
    """Name the operation that is still at work on the endpoint's subnet; empty: the subnet is ready."""
    subnet = state.get(ArmId.parse(endpoint.properties["subnet"]["id"]))
    network = state.find(subnet.id.parent) if subnet.id.parent else None
    if subnet.phase == SUCCEEDED:
        return ""
    return "PutSubnetOperation" if network is None or network.phase == SUCCEEDED else "PutVirtualNetworkOperation"


def _subnet_was_unready(endpoint: Resource) -> ArmError:
    """The failure of an endpoint whose subnet was still being written when it was asked for.

    Source: https://github.com/hashicorp/terraform-provider-azurerm/issues/30197
    """
    message = (
        f"Cannot proceed with operation because resource {endpoint.properties['subnet']['id']} used by resource "
        f"{endpoint.state['interface']} is not in Succeeded state. Resource is in Updating state and the last "
        f"operation that updated/is updating the resource is {endpoint.state['unready']}."
    )
    details: list[JSON] = [{"code": "ReferencedResourceNotProvisioned", "message": message}]
    return ArmError(429, "RetryableError", "A retryable error occurred.", details=details)


def approve_by_itself(state: State, endpoint: Resource) -> None:
    """End the making of an endpoint that is approved by itself. Raises: ArmError: it cannot be, so it fails."""
    if endpoint.state.get("unready"):  # a world of before has none
        raise _subnet_was_unready(endpoint)
    connection = connection_of(state, endpoint)
    if is_manual(endpoint) or connection is None or connection.state["link"]["status"] != "Pending":
        return
    if problem := unregistered_beside(state, str(endpoint.id)):
        raise problem
    connection.state["link"] = dict(AUTO_APPROVED)
    state.settle(connection, connection.phase)
    state.perform("endpoint_changed", endpoint)


def _interface(state: State, endpoint: Resource, registry: Resource) -> Resource:
    """The interface that Azure makes: data endpoint first and primary, lowest free addresses in that order."""
    subnet = state.get(ArmId.parse(endpoint.properties["subnet"]["id"]))
    wanted = members(state, registry)
    addresses = _addresses(state, endpoint, subnet, list(wanted))
    configurations, named = [], {}
    for index, (member, host) in enumerate(wanted.items()):
        configuration = configuration_of(state, endpoint, subnet, member, addresses[member])
        configuration["properties"]["primary"] = index == 0
        configurations.append(configuration)
        named[configuration["name"]] = purpose_of(member, host)
    body = {
        "location": endpoint.location,
        "properties": {
            "ipConfigurations": configurations,
            "enableAcceleratedNetworking": False,
            "enableIPForwarding": False,
            "nicType": "Standard",
        },
    }
    id = endpoint.id.sibling(INTERFACE_TYPE, _interface_name(state, endpoint))
    interface = state.new(id, body, {"endpoint": str(endpoint.id), "members": named, "mac": ""})
    interface.phase = SUCCEEDED
    return interface


def _interface_name(state: State, endpoint: Resource) -> str:
    own = endpoint.properties["customNetworkInterfaceName"]
    return str(own or f"{endpoint.id.name}.nic.{state.guid(endpoint, 'interface')}")


def configuration_of(state: State, endpoint: Resource, subnet: Resource, member: str, address: str) -> JSON:
    """One address of an endpoint's interface, as the interface shows it."""
    properties = {
        "privateIPAddress": address,
        "privateIPAllocationMethod": "Static" if endpoint.properties["ipConfigurations"] else "Dynamic",
        "subnet": {"id": str(subnet.id)},
        "primary": False,
        "privateIPAddressVersion": "IPv4",
    }
    return {
        "name": f"privateEndpointIpConfig.{state.guid(endpoint, f'configuration {member}')}",
        "properties": properties,
    }


def purpose_of(member: str, host: str) -> JSON:
    """What that address is for."""
    return {"groupId": "registry", "requiredMemberName": member, "fqdns": [host]}


def _addresses(state: State, endpoint: Resource, subnet: Resource, wanted: list[str]) -> dict[str, str]:
    """Member -> address: those that were asked for, or the lowest free ones."""
    asked = {
        c["properties"]["memberName"]: c["properties"]["privateIPAddress"]
        for c in endpoint.properties["ipConfigurations"]
    }
    if not asked:
        return dict(zip(wanted, next_addresses(state, subnet, len(wanted)), strict=True))
    missing = [member for member in wanted if member not in asked]
    if missing:
        raise members_missing(endpoint, missing)
    taken = dict(held_addresses(state, subnet))
    for member, address in asked.items():
        if not address or ipaddress.IPv4Address(address) not in prefix_of(subnet):
            raise address_is_outside(subnet, address)
        if address in taken:
            own = configuration_of(state, endpoint, subnet, member, address)["name"]
            interface = endpoint.id.sibling(INTERFACE_TYPE, _interface_name(state, endpoint))
            raise address_is_taken(f"{interface}/ipConfigurations/{own}", address, taken[address])
    return {member: asked[member] for member in wanted}


def own_addresses(endpoint: Resource) -> str:
    """Write the addresses that an endpoint's maker chose as errors name them."""
    return "; ".join(
        f"PrivateIPAddress: {p['privateIPAddress']}, GroupId: {p['groupId']}, MemberName: {p['memberName']}"
        for p in (c["properties"] for c in endpoint.properties["ipConfigurations"])
    )


def members_missing(endpoint: Resource, missing: list[str]) -> ArmError:
    """The refusal of chosen addresses that leave a member without one."""
    wanted = "; ".join(f"GroupId: registry, MemberName: {member}" for member in missing)
    message = (
        f"Private Endpoint {endpoint.id} contains static ipconfigurations: [{own_addresses(endpoint)}] and its "
        f"missing these membernames/groupids requested by Private Link service [{wanted}]. Private Endpoint needs to "
        "be reconfigured with missing memberNames."
    )
    return ArmError(400, "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps", message, details=[])


def take_apart(state: State, endpoint: Resource) -> None:
    """Zone groups, with the records that they wrote, the interface and the connection go with the endpoint."""
    for group in state.children(endpoint.id, "privateDnsZoneGroups"):
        state.remove(group)
    state.delete(ArmId.parse(endpoint.state["interface"]))
    connection = connection_of(state, endpoint)
    if connection is not None:
        require_open_behind(state, _proxy(state, endpoint, connection.id.parent or connection.id), "delete")
        keep_alias(state, connection)
        state.delete(connection.id)
