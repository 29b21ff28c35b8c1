"""Microsoft.Network/networkInterfaces: what holds addresses in a subnet, for VMs and for private endpoints."""

from __future__ import annotations

import ipaddress

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Elements, Listing, Only, Shape, ref
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.nearness import require_near
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action, ResourceType, Versioned
from acrlab.emulator.core.values import Address, Anything, Field, Flag, Scene, Text, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.subnet import (
    INTERFACE_TYPE,
    SUBNET_TYPE,
    address_is_outside,
    address_is_taken,
    held_addresses,
    next_addresses,
    prefix_of,
)
from acrlab.emulator.types.polling import NETWORK, NETWORK_ACTION, NETWORK_DELETE

VM_TYPE = "Microsoft.Compute/virtualMachines"
MEMBERSHIPS = ("applicationSecurityGroups", "loadBalancerBackendAddressPools", "loadBalancerInboundNatRules")
TABLE_SHOWN, RULES_SHOWN = "effective_routes", "effective_security_groups"


def is_not_an_endpoints(state: State, interface: Resource, old: Resource | None = None) -> None:
    """The interface of a private endpoint belongs to the endpoint."""
    if "endpoint" in interface.state:
        message = (
            f"Network interface {interface.id} is attached to private endpoint {interface.state['endpoint']}. "
            "It can not be modified by user."
        )
        raise ArmError(400, "CannotModifyNicAttachedToPrivateEndpoint", message, details=[])


def parts_exist(state: State, interface: Resource, old: Resource | None) -> None:
    """An interface stands in a subnet of its region, and whatever else it names is there too."""
    wanted = [interface.properties.get("networkSecurityGroup")]
    for configuration in interface.properties["ipConfigurations"]:
        wanted += [configuration["properties"].get(k) for k in ("subnet", "publicIPAddress")]
        wanted += configuration["properties"].get("applicationSecurityGroups", [])
    for reference in wanted:
        if reference:
            require_near(state, interface, reference["id"])


def subnet_is_its_own(state: State, interface: Resource, old: Resource | None) -> None:
    """A subnet that is delegated to a service has no room for anything else. The words are ours."""
    for configuration in interface.properties["ipConfigurations"]:
        subnet = state.get(ArmId.parse(configuration["properties"]["subnet"]["id"]))
        if subnet.properties.get("delegations") and old is None:
            message = f"Network interface {interface.id} cannot be created as subnet {subnet.id} is delegated."
            raise ArmError(400, "SubnetIsDelegated", message, details=[])


def take_addresses(state: State, interface: Resource, old: Resource | None) -> None:
    """Give every ip configuration an address: the one that it asks for, its old one, or the lowest that is free."""
    before = {c["name"]: c["properties"] for c in old.properties["ipConfigurations"]} if old else {}
    for index, configuration in enumerate(interface.properties["ipConfigurations"]):
        properties = configuration["properties"]
        properties.setdefault("primary", index == 0)
        subnet = state.get(ArmId.parse(properties["subnet"]["id"]))
        kept = before.get(configuration["name"], {})
        if properties["privateIPAllocationMethod"] == "Static":
            _require_free(state, interface, subnet, properties.get("privateIPAddress", ""), configuration["name"])
        elif kept.get("subnet") == properties["subnet"]:
            properties["privateIPAddress"] = kept["privateIPAddress"]
        else:
            properties["privateIPAddress"] = next_addresses(state, subnet, 1)[0]
    interface.state.setdefault("mac", _mac(state, interface))


def _require_free(state: State, interface: Resource, subnet: Resource, address: str, configuration: str) -> None:
    if not address or ipaddress.IPv4Address(address) not in prefix_of(subnet):
        raise address_is_outside(subnet, address)
    for taken, holder in held_addresses(state, subnet):
        if taken == address and f"/{interface.id.name}/".lower() not in holder.lower():
            raise address_is_taken(f"{interface.id}/ipConfigurations/{configuration}", address, holder)


def _mac(state: State, interface: Resource) -> str:
    digits = state.guid(interface, "mac").replace("-", "").upper()
    return "-".join(("60", "45", "BD", digits[0:2], digits[2:4], digits[4:6]))


def is_not_in_use(state: State, interface: Resource) -> None:
    """A VM keeps the interfaces that it was built with, and an endpoint its own.

    Source of the endpoint's: https://learn.microsoft.com/azure/virtual-machines/linux/image-builder-troubleshoot
    """
    if "endpoint" in interface.state:
        message = (
            f"Network interface {interface.id} cannot be deleted because it is currently in use with an private "
            f"endpoint ({interface.state['endpoint']})."
        )
        raise ArmError(400, "NicInUseWithPrivateEndpoint", message, details=[])
    for vm in state.referrers(interface.id, VM_TYPE):
        message = (
            f"Network Interface {interface.id} is used by existing resource {vm.id}. In order to delete the "
            "network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic."
        )
        raise ArmError(400, "NicInUse", message, details=[])


def vm(state: State, interface: Resource) -> JSON | None:
    users = state.referrers(interface.id, VM_TYPE)
    return {"id": str(users[0].id)} if users else None


def is_primary(state: State, interface: Resource) -> bool | None:
    """Tell whether it is the first of its VM's interfaces; nothing to tell where it has none."""
    for user in state.referrers(interface.id, VM_TYPE):
        references = user.properties["networkProfile"]["networkInterfaces"]
        own = next(r for r in references if r["id"].lower() == interface.id.key)
        return bool(own.get("properties", {}).get("primary", len(references) == 1))
    return None


def hardware_address(state: State, interface: Resource) -> str | None:
    """There is one only where there is hardware: empty for a private endpoint, absent until a VM has it."""
    used = "endpoint" in interface.state or state.referring_ids(interface.id, VM_TYPE)
    return str(interface.state.get("mac", "")) if used else None


def stands_alone(state: State, interface: Resource, old: Resource | None) -> bool:
    """Without a VM no host has to be told: a change is done at once, unless it joins a group."""
    return not (state.referring_ids(interface.id, VM_TYPE) or joins_a_group(interface, old))


def joins_a_group(interface: Resource, old: Resource | None) -> bool:
    """Tell whether a change makes it a member of something, or gives it its first security group.

    Azure takes its time then, and none for another security group, or for a public address.
    Source: test_network_nic and test_multiple_ipconfigs_update_with_asg of
    https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/network/tests/latest/recordings
    """
    if old is None:
        return False
    guarded, was_guarded = ("networkSecurityGroup" in one.properties for one in (interface, old))
    return bool(_memberships(interface) - _memberships(old)) or (guarded and not was_guarded)


def _memberships(interface: Resource) -> set[str]:
    """Ids of everything that counts one of its configurations among its members."""
    parts = (c["properties"] for c in interface.properties["ipConfigurations"])
    return {str(one.get("id", "")).lower() for part in parts for name in MEMBERSHIPS for one in part.get(name) or ()}


def endpoint(state: State, interface: Resource) -> JSON | None:
    owner = interface.state.get("endpoint")
    return {"id": owner} if owner else None


def name_settings(state: State, interface: Resource) -> JSON:
    """Tell who resolves names for it, and the name that it has inside its network, unless its VM is deallocated."""
    own = interface.properties.get("dnsSettings", {})
    suffix = f"{state.guid(interface, 'suffix').replace('-', '')[:26]}.dx.internal.cloudapp.net"
    label = own.get("internalDnsNameLabel")
    named = {"internalDnsNameLabel": label, "internalFqdn": f"{label}.{suffix}"} if label else {}
    servers = {"dnsServers": own.get("dnsServers", []), "appliedDnsServers": []}
    away = any(vm.state.get("power") == "deallocated" for vm in state.referrers(interface.id, VM_TYPE))
    return {**servers, **named, **({} if away else {"internalDomainNameSuffix": suffix})}


def _shown(capability: str) -> Action:
    """What is asked of a running VM's interface: the host that the VM runs on is what knows it."""

    def perform(state: State, interface: Resource, request: Request) -> JSON:
        running = any(vm.state.get("power") == "running" for vm in state.referrers(interface.id, VM_TYPE))
        if not running:
            message = f"Network interface {interface.id} must be attached to a running virtual machine."
            raise ArmError(400, "NetworkInterfaceNotAttachedToRunningVirtualMachine", message, details=[])
        shown: JSON = state.perform(capability, interface)
        return shown

    return Action(perform, polling=NETWORK_ACTION, seconds=3)


def link_properties(scene: Scene, configuration: JSON) -> JSON | None:
    """Which member of a private link an address is for."""
    found: JSON | None = scene.resource.state.get("members", {}).get(configuration["name"])
    return found


AUXILIARY = ("MaxConnections", "Floating", "AcceleratedConnections")
IP_CONFIGURATIONS = Elements(
    "ipConfigurations",
    {
        "privateIPAddress": Field(Address()),
        "privateIPAllocationMethod": Field(choice("Dynamic", "Static"), default="Dynamic"),
        "subnet": Field(ref(SUBNET_TYPE), required=True),
        "publicIPAddress": Field(ref("Microsoft.Network/publicIPAddresses")),
        "primary": Field(Flag()),
        "privateIPAddressVersion": Field(choice("IPv4", unmodelled=("IPv6",)), default="IPv4"),
        "applicationSecurityGroups": Field(Listing(ref("Microsoft.Network/applicationSecurityGroups"))),
        "loadBalancerBackendAddressPools": Field(Listing(Anything()), inert=True),
        "loadBalancerInboundNatRules": Field(Listing(Anything()), inert=True),
        "applicationGatewayBackendAddressPools": Field(Only([])),
        "virtualNetworkTaps": Field(Only([])),
    },
    computed={"privateLinkConnectionProperties": link_properties},
)

NETWORK_INTERFACE = ResourceType(
    type=INTERFACE_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    properties={
        "ipConfigurations": Field(IP_CONFIGURATIONS, required=True),
        "networkSecurityGroup": Field(ref("Microsoft.Network/networkSecurityGroups")),
        "dnsSettings": Field(
            Shape(
                {
                    "dnsServers": Field(Listing(Address()), default=[]),
                    "internalDnsNameLabel": Field(Text(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"), inert=True),
                },
                ("appliedDnsServers", "internalDomainNameSuffix", "internalFqdn"),
            )
        ),
        "enableAcceleratedNetworking": Field(Flag(), default=False, inert=True),
        "enableIPForwarding": Field(Flag(), default=False, inert=True),
        "disableTcpStateTracking": Field(Flag(), default=False, inert=True, since="2022-09-01"),
        "nicType": Field(choice("Standard", unmodelled=("Elastic",)), default="Standard"),
        "auxiliaryMode": Field(choice("None", unmodelled=AUXILIARY), default="None", since="2021-05-01"),
        "auxiliarySku": Field(choice("None", unmodelled=("A1", "A2", "A4", "A8")), default="None", since="2022-07-01"),
    },
    read_only=("defaultOutboundConnectivityEnabled",),
    computed={
        "resourceGuid": lambda state, interface: state.guid(interface, "resource"),
        "macAddress": hardware_address,
        "dnsSettings": name_settings,
        "primary": is_primary,
        "virtualMachine": vm,
        "privateEndpoint": endpoint,
        "hostedWorkloads": lambda state, interface: [],
        "tapConfigurations": lambda state, interface: [],
        "vnetEncryptionSupported": Versioned(lambda state, interface: False, since="2020-11-01"),
        "allowPort25Out": Versioned(lambda state, interface: True, since="2021-08-01"),
    },
    computed_envelope={"kind": Versioned(lambda state, interface: "Regular", since="2021-08-01")},
    rules=(is_not_an_endpoints, parts_exist, subnet_is_its_own),
    actions={
        "effectiveRouteTable": _shown(TABLE_SHOWN),
        "effectiveNetworkSecurityGroups": _shown(RULES_SHOWN),
    },
    delete_rules=(is_not_in_use,),
    on_put=take_addresses,
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 2, "DELETE": 5},
    at_once=stands_alone,
    etag="quoted",
    patch="tags",
)

DEVIATIONS = (
    Deviation(
        of=INTERFACE_TYPE,
        what="Effective routes and rules of an interface without a running VM are refused in the emulator's own words.",
        impact="Code and message differ from Azure's; the status is 400.",
        reason="Azure's words for it were not found in any recording.",
        workaround="Start the VM.",
    ),
)
