"""The article's sections up to its first step towards private link: a registry, and a VM that can pull from it.

They are the first rows of the table in `sections.py`.
"""

from __future__ import annotations

from acrlab.azure import cloud
from acrlab.course import commands, reset, verify
from acrlab.course.section import Section, Step
from acrlab.steps import prerequisites
from acrlab.steps import virtual_machine as vm

REGISTRY, VM = cloud.REGISTRY, cloud.VM
GROUP = "Microsoft.Resources/subscriptions/resourceGroups"
MADE = (cloud.NETWORK, cloud.SECURITY_GROUP, cloud.PUBLIC_ADDRESS, cloud.INTERFACE, VM)
MAKE_VM = (*(f"{made}/write" for made in MADE), f"{VM}/start/action", f"{cloud.SCHEDULE}/write")
OPEN = ("public-access-as-before",)  # a closed registry does not tell whether an image is there
IMAGE = Step("sample-image", "an image in the registry", prerequisites.import_sample_image, ("registry",), OPEN)

PREPARATION = (
    Section(name="preview-limitations", title="Preview limitations"),
    Section(
        name="group",
        title="Prerequisites",
        az=commands.GROUP,
        steps=(
            Step("providers", "the subscription may use the services", prerequisites.register_providers),
            Step("group", "a resource group", prerequisites.ensure_group, ("providers",)),
        ),
        rights=(f"{GROUP}/write",),
        expected="a resource group {resource_group}",
        verify=verify.group,
        cause="it was not made, or was deleted with all that was in it",
        hint="One az command, or one call, with a name and a region.",
        reset=reset.group,
        taken="the group {resource_group} with all that the lab has in it",
    ),
    Section(
        name="registry",
        title="Prerequisites",
        az=commands.REGISTRY,
        steps=(Step("registry", "a Premium registry", prerequisites.ensure_registry, ("group",)),),
        rights=(f"{REGISTRY}/write",),
        findings=("registry-not-found", "registry-failed", "registry-not-premium", "replica-failed"),
        expected="a Premium registry {registry_name}",
        verify=verify.registry,
        cause="it was not made, in another group, or in another tier",
        hint="Private endpoints are a feature of one tier.",
        reset=reset.registry,
        taken="the registry {registry_name} with its images, and the endpoint {endpoint_name}",
    ),
    Section(
        name="sample-image",
        title="Prerequisites",
        az=commands.SAMPLE_IMAGE,
        steps=(IMAGE,),
        rights=(f"{REGISTRY}/importImage/action",),
        findings=("image-missing",),
        expected="{image} in the registry",
        verify=verify.image,
        cause="it was not imported, or the registry does not let this computer look",
        hint="An image can be copied between registries without a docker of one's own.",
        reset=reset.image,
        taken="the image's tag in {registry_name}; other tags of its repository stay",
    ),
    Section(
        name="vm",
        title="Create a Docker-enabled virtual machine",
        az=commands.VM,
        steps=(
            Step("network", "a network with a subnet", vm.ensure_network, ("group",)),
            Step("vm", "a VM with an identity", vm.ensure_vm, ("network",)),
        ),
        rights=MAKE_VM,
        findings=("vm-not-running", "vm-without-identity", "vm-without-way-out", "network-not-found"),
        expected="a VM {vm_name} with an identity",
        verify=verify.vm,
        cause="it was not made, or without --assign-identity",
        hint="A VM that has an identity needs no password for the registry.",
        reset=reset.vm,
        taken="the VM {vm_name}, its shutdown schedule, interface and public address; the network stays",
    ),
    Section(
        name="docker",
        title="Install Docker on the VM",
        az=commands.DOCKER,
        own={"look-from-the-vm": commands.LOOK_FROM_THE_VM},
        steps=(Step("docker", "Docker on the VM", vm.install_docker, ("vm",)),),
        also=("run_on_vm",),
        rights=(f"{VM}/runCommand/action",),
        findings=("daemon-uses-proxy",),
        expected="docker on {vm_name}",
        verify=verify.docker,
        cause="it was not installed, or the VM can't reach the package servers",
        hint="Commands reach the VM by run-command, with no open port.",
        reset=reset.docker,
        taken="docker on {vm_name}",
    ),
    Section(
        name="azure-cli",
        title="Install the Azure CLI",
        az=commands.AZURE_CLI,
        own={"let-the-vm-pull": commands.LET_THE_VM_PULL},
        steps=(
            Step("azure-cli", "the Azure CLI on the VM", vm.install_azure_cli, ("docker",)),
            Step("pull-right", "the VM's right to pull", vm.allow_vm_to_pull, ("azure-cli", "registry")),
        ),
        rights=(f"{VM}/runCommand/action", "Microsoft.Authorization/roleAssignments/write"),
        findings=("pull-right-missing",),
        expected="az on {vm_name}, and AcrPull for its identity",
        verify=verify.azure_cli,
        cause="it was not installed, or the identity has no role on the registry",
        hint="Two things: a program on the VM, and a role on the registry.",
        reset=reset.azure_cli,
        taken="the roles that {vm_name} has on {registry_name}; the program stays",
    ),
)
