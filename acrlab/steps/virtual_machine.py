"""The machine and what it stands on: network, security group, addresses, Docker, the CLI, and the right to pull."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import made, tags_of
from acrlab.settings import IMAGES
from acrlab.steps.run_command import machine_rights, run_on_vm

__all__ = [
    "allow_machine_to_pull",
    "ensure_machine",
    "ensure_network",
    "install_azure_cli",
    "install_docker",
]

SSH_KEY = "ssh/id_ed25519"  # under which it is kept
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"  # the built-in role AcrPull
INSTALL_CLI = "curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash"
SSH_RULE = {
    "name": "default-allow-ssh",
    "properties": {
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "destinationPortRange": "22",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "access": "Allow",
        "priority": 1000,
        "direction": "Inbound",
    },
}


def ensure_network(lab: Lab) -> Any:
    """Make the machine's network with its subnet. Returns: the SDK's VirtualNetwork."""
    settings = lab.settings
    body = {
        **_located(lab),
        "properties": {
            "addressSpace": {"addressPrefixes": [settings.network_prefix]},
            "subnets": [{"name": settings.subnet_name, "properties": {"addressPrefix": settings.subnet_prefix}}],
        },
    }
    return _ensure(lab, lab.network.virtual_networks, "virtualNetworks", settings.network_name, body)


def ensure_machine(lab: Lab) -> Any:
    """Make the machine and the five resources that it stands on. Returns: the SDK's VirtualMachine."""
    settings = lab.settings
    id = lab.id_of("Microsoft.Compute/virtualMachines", settings.machine_name)
    with asking("Reading the machine", id):
        found = made(lab, lambda: lab.compute.virtual_machines.get(settings.resource_group, settings.machine_name))
    if found is not None:
        return found
    interface = _ensure_interface(lab)
    with asking("Making the machine", id):
        poller = lab.compute.virtual_machines.begin_create_or_update(
            settings.resource_group, settings.machine_name, _machine_body(lab, interface.id)
        )
    return lab.wait(poller, f"Making the machine {settings.machine_name}", id)


def _ensure_interface(lab: Lab) -> Any:
    settings = lab.settings
    with ThreadPoolExecutor(3) as pool:  # none of the three needs another
        made = [pool.submit(make, lab) for make in (ensure_network, _ensure_rules, _ensure_address)]
    _, group, address = (one.result() for one in made)
    subnet = lab.id_of("Microsoft.Network/virtualNetworks/subnets", settings.network_name, settings.subnet_name)
    configuration = {
        "name": f"ipconfig{settings.machine_name}",
        "properties": {"subnet": {"id": subnet}, "publicIPAddress": {"id": address.id}},
    }
    body = {
        **_located(lab),
        "properties": {"ipConfigurations": [configuration], "networkSecurityGroup": {"id": group.id}},
    }
    return _ensure(lab, lab.network.network_interfaces, "networkInterfaces", f"{settings.machine_name}VMNic", body)


def _ensure_rules(lab: Lab) -> Any:
    body = {**_located(lab), "properties": {"securityRules": [SSH_RULE]}}
    name = f"{lab.settings.machine_name}NSG"
    return _ensure(lab, lab.network.network_security_groups, "networkSecurityGroups", name, body)


def _ensure_address(lab: Lab) -> Any:
    body = {**_located(lab), "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    name = f"{lab.settings.machine_name}PublicIP"
    return _ensure(lab, lab.network.public_ip_addresses, "publicIPAddresses", name, body)


def _located(lab: Lab) -> dict[str, Any]:
    return {"location": lab.settings.location, "tags": tags_of(lab)}


def _ensure(lab: Lab, operations: Any, type: str, name: str, body: dict[str, Any]) -> Any:
    """Get a network resource, or make it."""
    group, id = lab.settings.resource_group, lab.id_of(f"Microsoft.Network/{type}", name)
    with asking(f"Making {name}", id):
        found = made(lab, lambda: operations.get(group, name))
        if found is not None:
            return found
        poller = operations.begin_create_or_update(group, name, body)
    return lab.wait(poller, f"Making {name}", id)


def _machine_body(lab: Lab, interface_id: str) -> dict[str, Any]:
    settings = lab.settings
    image = IMAGES.get(settings.machine_image, settings.machine_image).split(":")
    key = {"path": f"/home/{settings.admin_username}/.ssh/authorized_keys", "keyData": _public_key(lab)}
    return {
        **_located(lab),
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "hardwareProfile": {"vmSize": settings.machine_size},
            "storageProfile": {
                "imageReference": dict(zip(("publisher", "offer", "sku", "version"), image, strict=True)),
                "osDisk": {"createOption": "FromImage", "deleteOption": "Delete"},
            },
            "osProfile": {
                "computerName": settings.machine_name,
                "adminUsername": settings.admin_username,
                "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [key]}},
            },
            "networkProfile": {"networkInterfaces": [{"id": interface_id}]},
        },
    }


def _public_key(lab: Lab) -> str:
    """The public half of the lab's SSH key, made on first use; the private half stays in the lab's memory."""
    from cryptography.hazmat.primitives import serialization as text
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with lab.memory.alone():
        if (private := lab.memory.read(SSH_KEY)) is None:
            key = Ed25519PrivateKey.generate()
            private = key.private_bytes(text.Encoding.PEM, text.PrivateFormat.OpenSSH, text.NoEncryption()).decode()
            lab.memory.write(SSH_KEY, private)
    public = text.load_ssh_private_key(private.encode(), None).public_key()
    return f"{public.public_bytes(text.Encoding.OpenSSH, text.PublicFormat.OpenSSH).decode()} acrlab"


def install_docker(lab: Lab) -> None:
    """Install Docker on the machine; nothing when it is there."""
    # In one command, question and all: each takes Azure a quarter of a minute.
    run_on_vm(lab, "command -v docker || (sudo apt-get update && sudo apt-get install docker.io -y)")


def install_azure_cli(lab: Lab) -> None:
    """Install the Azure CLI on the machine; nothing when it is there."""
    run_on_vm(lab, "set -o pipefail", f"command -v az || {INSTALL_CLI}")


def allow_machine_to_pull(lab: Lab) -> None:
    """Give the machine's own identity the role AcrPull on the registry; nothing when it has it."""
    if "AcrPull" in machine_rights(lab):
        return
    settings = lab.settings
    scope = lab.id_of("Microsoft.ContainerRegistry/registries", settings.registry_name)
    machine = ensure_machine(lab)
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}\n{machine.identity.principal_id}\n{ACR_PULL}".lower())
    id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    role = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ACR_PULL}"
    body = {
        "properties": {
            "roleDefinitionId": role,
            "principalId": machine.identity.principal_id,
            "principalType": "ServicePrincipal",
        }
    }
    with asking("Assigning AcrPull", id):
        poller = lab.resources.resources.begin_create_or_update_by_id(id, body, api_version="2022-04-01")
    lab.wait(poller, "Assigning AcrPull", id)
