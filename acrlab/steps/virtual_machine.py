"""The VM and what it stands on; its daily shutdown, Docker, the CLI, and the right to pull."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from acrlab.azure.cloud import (
    ACR_PULL,
    INTERFACE,
    NETWORK,
    PUBLIC_ADDRESS,
    ROLES_VERSION,
    SCHEDULES_VERSION,
    SECURITY_GROUP,
    SUBNET,
    VM,
    interface_of,
    shutdown_of,
)
from acrlab.capabilities import executor
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.ensure import ensure, made, names_of, put
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours, pull_right, require_location, tags_of
from acrlab.lab.waiting import follow
from acrlab.settings import IMAGES, NO_SHUTDOWN
from acrlab.steps.run_command import identity_of, run_on_vm, vm_rights

if TYPE_CHECKING:
    from azure.mgmt.compute.models import VirtualMachine
    from azure.mgmt.network.models import VirtualNetwork

SSH_KEY = "ssh/id_ed25519"  # under which it is kept
INSTALL_CLI = "curl -sL https://aka.ms/InstallAzureCLIDeb | sudo bash"
SHUTDOWN_H = 12  # after the lab was opened: no one who follows the course is cut off
LOCK_S = 600  # how long apt waits for its packages to be free; others may have them for that long on a first boot
# Azure calls a VM made while its first boot goes on: until its end, and some minutes longer, system services hold
# apt's locks. cloud-init answers 2 where it is done with something to complain of, which is no reason not to try.
# apt waits for no lock on its lists, nor does the CLI's own installer for any; and a download may break.
PATIENTLY = """patiently() {
  cloud-init status --wait > /dev/null 2>&1 || true
  for pause in 15 30 60 120 240; do install && return; sleep $pause; done
  install
}"""
SSH_RULE = {
    "protocol": "Tcp",
    "sourcePortRange": "*",
    "destinationPortRange": "22",
    "destinationAddressPrefix": "*",
    "access": "Allow",
    "priority": 1000,
    "direction": "Inbound",
}


def ensure_network(lab: Lab) -> VirtualNetwork:
    """Create the VM's network with its subnet. Raises: ConfigurationError: the lab made it in another location."""
    settings = lab.settings
    subnet = {"name": settings.subnet_name, "properties": {"addressPrefix": settings.subnet_prefix}}
    body = {
        **_located(lab),
        "properties": {"addressSpace": {"addressPrefixes": [settings.network_prefix]}, "subnets": [subnet]},
    }
    network = ensure(lab, lab.id_of(NETWORK, settings.network_name), lab.network.virtual_networks, body)
    require_location(lab, settings.network_name, network.location, network.tags)
    return network


def ensure_vm(lab: Lab) -> VirtualMachine:
    """Create the VM, the five resources that it stands on, and the schedule by which Azure switches it off.

    One of the lab's that is off, as after its schedule, is started again.
    """
    id, operations = lab.id_of(VM, lab.settings.vm_name), lab.compute.virtual_machines
    with asking("Reading the VM", id):
        found = made(lab, lambda: operations.get(*names_of(id)))
    if found is None:
        require_confirmation(lab)
        body = vm_body(lab, _ensure_interface(lab))
        found = put(lab, id, operations, body, f"Creating the VM {lab.settings.vm_name}")
    elif is_ours(lab, found.tags):
        _ensure_running(lab, id)
    if is_ours(lab, found.tags):
        _ensure_shutdown(lab, id)
    return found


def _ensure_running(lab: Lab, id: str) -> None:
    operations, names, what = lab.compute.virtual_machines, names_of(id), f"Starting the VM {lab.settings.vm_name}"
    with asking(what, id):
        states = [status.code for status in operations.instance_view(*names).statuses or ()]
        if not {*states} & {"PowerState/deallocated", "PowerState/stopped"}:
            return
        require_confirmation(lab)
        follow(operations.begin_start(*names), what)


def _ensure_shutdown(lab: Lab, vm: str) -> None:
    """Let Azure deallocate the VM every day, so that a forgotten one stops costing; a schedule that is there stays."""
    time, id, by_id = lab.settings.shutdown_time, shutdown_of(vm), lab.resources.resources
    if time == NO_SHUTDOWN:
        return
    with asking("Reading the VM's shutdown schedule", id):
        if find(lambda: by_id.get_by_id(id, api_version=SCHEDULES_VERSION)) is not None:
            return
    body = {
        **_located(lab),
        "properties": {
            "status": "Enabled",
            "taskType": "ComputeVmShutdownTask",
            "dailyRecurrence": {"time": time or f"{lab.opened + timedelta(hours=SHUTDOWN_H):%H%M}"},
            "timeZoneId": "UTC",
            "targetResourceId": vm,
        },
    }
    with asking("Creating the VM's shutdown schedule", id):
        poller = by_id.begin_create_or_update_by_id(id, body, api_version=SCHEDULES_VERSION)
        follow(poller, "Creating the VM's shutdown schedule")


def _ensure_interface(lab: Lab) -> str:
    """Create the VM's interface, and what that stands on. Returns: its id."""
    settings, name = lab.settings, lab.settings.vm_name
    with executor(3) as pool:  # none of the three needs another
        started = [pool.submit(step, lab) for step in (ensure_network, _ensure_rules, _ensure_address)]
    _, rules, address = (one.result() for one in started)
    subnet = lab.id_of(SUBNET, settings.network_name, settings.subnet_name)
    configuration = {
        "name": f"ipconfig{name}",
        "properties": {"subnet": {"id": subnet}, "publicIPAddress": {"id": address}},
    }
    body = {**_located(lab), "properties": {"ipConfigurations": [configuration], "networkSecurityGroup": {"id": rules}}}
    return str(ensure(lab, lab.id_of(INTERFACE, interface_of(name)), lab.network.network_interfaces, body).id)


def _ensure_rules(lab: Lab) -> str:
    id = lab.id_of(SECURITY_GROUP, f"{lab.settings.vm_name}NSG")
    source = lab.settings.ssh_source
    # Without one nothing from outside gets in: run-command comes over a connection that the VM itself opens.
    opened = [{"name": "default-allow-ssh", "properties": {**SSH_RULE, "sourceAddressPrefix": source}}]
    body = {**_located(lab), "properties": {"securityRules": opened if source else []}}
    return str(ensure(lab, id, lab.network.network_security_groups, body).id)


def _ensure_address(lab: Lab) -> str:
    id = lab.id_of(PUBLIC_ADDRESS, f"{lab.settings.vm_name}PublicIP")
    body = {**_located(lab), "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    return str(ensure(lab, id, lab.network.public_ip_addresses, body).id)


def _located(lab: Lab) -> dict[str, Any]:
    return {"location": lab.settings.location, "tags": tags_of(lab)}


def vm_body(lab: Lab, interface_id: str, *, name: str = "") -> dict[str, Any]:
    """Write what a VM like the lab's is created with, on the interface with this id.

    Args:
        name: of the computer; empty: the lab's VM's.
    """
    settings = lab.settings
    image = IMAGES.get(settings.vm_image, settings.vm_image).split(":")
    key = {"path": f"/home/{settings.admin_username}/.ssh/authorized_keys", "keyData": _public_key(lab)}
    return {
        **_located(lab),
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "hardwareProfile": {"vmSize": settings.vm_size},
            "storageProfile": {
                "imageReference": dict(zip(("publisher", "offer", "sku", "version"), image, strict=True)),
                "osDisk": {"createOption": "FromImage", "deleteOption": "Delete"},
            },
            "osProfile": {
                "computerName": name or settings.vm_name,
                "adminUsername": settings.admin_username,
                "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [key]}},
            },
            "networkProfile": {"networkInterfaces": [{"id": interface_id}]},
        },
    }


def _public_key(lab: Lab) -> str:
    """The public half of the lab's SSH key, made on first use; the private half stays in the lab's memory."""
    with lab.backend.memory.alone():
        if (private := lab.backend.memory.read(SSH_KEY)) is None:
            private = _new_key()
            lab.backend.memory.write(SSH_KEY, private)
    return f"ssh-ed25519 {b64encode(_public_half(private)).decode()} acrlab"


def _new_key() -> str:
    """Make a private key in OpenSSH's form."""
    try:
        from cryptography.hazmat.primitives import serialization as text
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError:  # a browser's Python has none; that of ecdsa is slow, and no one can time it in a page
        from ecdsa import Ed25519, SigningKey

        made: bytes = SigningKey.generate(curve=Ed25519).to_ssh()
        return made.decode()
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(text.Encoding.PEM, text.PrivateFormat.OpenSSH, text.NoEncryption()).decode()


def _public_half(private: str) -> bytes:
    """Read the public key, which OpenSSH's form holds in clear."""
    lines = private.strip().splitlines()
    rest = b64decode("".join(lines[1:-1])).removeprefix(b"openssh-key-v1\0")
    for _ in ("cipher", "derivation", "its options"):
        rest = rest[4 + int.from_bytes(rest[:4], "big") :]
    rest = rest[4:]  # how many keys there are: one
    return rest[4 : 4 + int.from_bytes(rest[:4], "big")]


def install_docker(lab: Lab) -> None:
    """Install Docker on the VM, as soon as its first boot lets it; nothing when it is there."""
    install = f"sudo apt-get -o DPkg::Lock::Timeout={LOCK_S} install docker.io -y"
    _install(lab, "docker", f"sudo apt-get update && {install}")


def install_azure_cli(lab: Lab) -> None:
    """Install the Azure CLI on the VM, as soon as its first boot lets it; nothing when it is there."""
    _install(lab, "az", INSTALL_CLI)


def _install(lab: Lab, program: str, how: str) -> None:
    # In one command, question and all: each takes Azure a quarter of a minute.
    run_on_vm(lab, "set -o pipefail", f"install() {{ {how}; }}", PATIENTLY, f"command -v {program} || patiently")


def allow_vm_to_pull(lab: Lab) -> None:
    """Give the VM's own identity the role AcrPull on the registry; nothing when it has it."""
    if "AcrPull" in vm_rights(lab):
        return
    scope, principal = lab.registry_id, identity_of(ensure_vm(lab))
    id = pull_right(scope, principal)
    role = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ACR_PULL}"
    body = {
        "properties": {
            "roleDefinitionId": role,
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
    }
    with asking("Assigning AcrPull", id):
        poller = lab.resources.resources.begin_create_or_update_by_id(id, body, api_version=ROLES_VERSION)
        follow(poller, "Assigning AcrPull")
