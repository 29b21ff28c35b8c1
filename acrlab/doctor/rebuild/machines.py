"""Rebuild the VM that looks from inside, the VMs that are its name servers, and what bends names on it."""

from __future__ import annotations

import ipaddress
import shlex
import uuid
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import AZURE_RESOLVER, INTERFACE, PUBLIC_ADDRESS, ROLES, ROLES_VERSION
from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.networks import location_at
from acrlab.doctor.rebuild.registry import registry_id
from acrlab.snapshot import Snapshot, same
from acrlab.snapshot.network import NameServer
from acrlab.snapshot.vm import VM
from acrlab.steps.run_command import run_on_vm
from acrlab.steps.virtual_machine import vm_body

OFF = {"deallocated": "deallocate", "deallocating": "deallocate", "stopped": "powerOff", "stopping": "powerOff"}
PUBLIC_RESOLVER = "198.51.100.53"  # that of the emulated internet
PROXY_FILE = "/etc/systemd/system/docker.service.d/proxy.conf"


def build_vm(builder: Builder, seen: Snapshot) -> None:
    """Create the VM with its interface, and give its identity the roles that it had on the registry."""
    vm = seen.vm
    if vm is None:
        return
    card = str(ArmId(str(ArmId.parse(vm.id).group_id), INTERFACE, (vm.interface or f"{vm.name}NIC",)))
    _build(builder, seen, vm.id, card, vm.subnet, vm.address, identity=bool(vm.identity), like=vm)
    made = builder.read(vm.id)
    principal = ((made or {}).get("identity") or {}).get("principalId")
    for role in vm.roles or ():
        assign(builder, seen, role, str(principal))


def _build(
    builder: Builder, seen: Snapshot, id: str, card: str, subnet: str, address: str, *, identity: bool, like: VM | None
) -> None:
    configuration: dict[str, Any] = {"subnet": {"id": subnet}}
    if address:
        configuration |= {"privateIPAllocationMethod": "Static", "privateIPAddress": address}
    where = {"location": location_at(seen, subnet)}
    if like is None or like.public_address:  # a forwarder has to install what it needs
        public = str(ArmId(str(ArmId.parse(id).group_id), PUBLIC_ADDRESS, (f"{ArmId.parse(id).name}PublicIP",)))
        static = {"publicIPAllocationMethod": "Static"}
        builder.put(public, {**where, "sku": {"name": "Standard"}, "properties": static})
        configuration["publicIPAddress"] = {"id": public}
    if like and like.application_groups:
        configuration["applicationSecurityGroups"] = [{"id": id} for id in like.application_groups]
    properties: dict[str, Any] = {"ipConfigurations": [{"name": "ipconfig1", "properties": configuration}]}
    if like and like.security_group:
        properties["networkSecurityGroup"] = {"id": like.security_group}
    if like and like.dns_servers:
        properties["dnsSettings"] = {"dnsServers": [*like.dns_servers]}
    builder.put(card, {**where, "properties": properties})
    body = {**vm_body(builder.lab, card, name=ArmId.parse(id).name), **where}
    builder.put(id, body if identity else {name: value for name, value in body.items() if name != "identity"})


def assign(builder: Builder, seen: Snapshot, role: str, principal: str) -> None:
    """Give a principal a role on the registry."""
    guid = next((guid for guid, name in ROLES.items() if name == role), role)
    scope = registry_id(seen)
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}\n{principal}\n{guid}".lower())
    definition = (
        f"/subscriptions/{ArmId.parse(scope).subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    )
    properties = {"roleDefinitionId": definition, "principalId": principal, "principalType": "ServicePrincipal"}
    id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    builder.put(id, {"properties": properties}, ROLES_VERSION)


def build_servers(builder: Builder, seen: Snapshot) -> None:
    """Create the VMs that are name servers: with a forwarder that answers as it was seen to."""
    for server in seen.name_servers:
        if server.vm and not (seen.vm and same(server.vm, seen.vm.id)):
            _build_server(builder, seen, server)


def _build_server(builder: Builder, seen: Snapshot, server: NameServer) -> None:
    at = ipaddress.ip_address(server.address)
    subnets = (s for n in seen.networks if same(n.id, server.network) for s in n.subnets)
    subnet = next((s for s in subnets if any(at in ipaddress.ip_network(p) for p in s.prefixes)), None)
    if subnet is None:
        builder.note(server.vm, f"no subnet that was seen holds {server.address}")
        return
    name = ArmId.parse(server.vm).name
    card = str(ArmId(str(ArmId.parse(server.vm).group_id), INTERFACE, (f"{name}NIC",)))
    _build(builder, seen, server.vm, card, subnet.id, server.address, identity=False, like=None)
    asks = _asked_by(seen)
    if asks:
        lines = ("bind-interfaces", f"listen-address={server.address}", "no-resolv", f"server={asks}")
        script = "".join(f"{line}\\n" for line in lines)
        _run(builder, server.vm, "apt-get update; apt-get install -y dnsmasq")
        _run(builder, server.vm, f"printf '{script}' > /etc/dnsmasq.conf; systemctl restart dnsmasq")


def _asked_by(seen: Snapshot) -> str:
    """Tell whom the name server asks, by what the VM was told; empty: it tells nothing."""
    answers = seen.vm_view.answers if seen.vm_view else ()
    if answers and not any(a.addresses or a.status == "NXDOMAIN" for a in answers):
        return ""
    private = {a.address for e in seen.endpoints for a in e.addresses}
    inside = not answers or any(set(a.addresses) & private or a.status == "NXDOMAIN" for a in answers)
    return AZURE_RESOLVER if inside else PUBLIC_RESOLVER


def bend_names(builder: Builder, seen: Snapshot) -> None:
    """Write what was seen on the VM into its files: pinned names, and the docker daemon's proxy."""
    vm, view = seen.vm, seen.vm_view
    if vm is None or view is None:
        return
    for host, address in view.pinned:
        _run(builder, vm.id, f"echo {shlex.quote(f'{address} {host}')} >> /etc/hosts")
    if view.daemon_proxy:
        line = f'Environment="HTTPS_PROXY={view.daemon_proxy}" "NO_PROXY={",".join(view.daemon_bypass)}"'
        written = f"printf '[Service]\\n%s\\n' {shlex.quote(line)} > {PROXY_FILE}"
        _run(builder, vm.id, f"mkdir -p $(dirname {PROXY_FILE}); {written}")


def switch_off(builder: Builder, seen: Snapshot) -> None:
    """Switch off what was off."""
    machines = [(seen.vm.id, seen.vm.power)] if seen.vm else []
    for id, power in (*machines, *((s.vm, s.power) for s in seen.name_servers if s.vm)):
        if power in OFF:
            builder.act(f"{id}/{OFF[power]}")


def _run(builder: Builder, vm: str, script: str) -> None:
    builder.tried(vm, lambda: run_on_vm(builder.lab, script, vm=vm))
