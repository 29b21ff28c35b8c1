"""Chapter 02: the VM pulls as itself, may push for a while, and loses that right again."""

from __future__ import annotations

from acrlab import steps
from acrlab.course.section import Seen
from acrlab.course.tasks.registry import registry_is_there, registry_of_others
from acrlab.course.tasks.task import Task
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import is_ours
from acrlab.steps.run_command import find_vm

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
RUN = "Microsoft.Compute/virtualMachines/runCommand/action"
PULL = """\
az vm run-command invoke --resource-group {resource_group} --name {vm_name} --command-id RunShellScript \\
    --scripts "az login --identity" "az acr login --name {registry_name}" "docker pull {login_server}/{image}\""""


def pull_on_the_vm(lab: Lab) -> None:
    """Two sign-ins: `az login --identity` as the VM at Azure, and `az acr login` with that at the registry."""
    image = f"{lab.login_server}/{steps.sample_image(lab)}"
    sign_in = f"az login --identity > /dev/null && az acr login --name {lab.settings.registry_name}"
    steps.run_on_vm(
        lab,
        f"for try in $(seq 20); do {sign_in} && break; sleep 30; done",  # a role counts some minutes late
        f"docker pull {image} || (sleep 30 && docker pull {image})",  # a busy registry asks its callers to come again
    )


def assign_push(lab: Lab) -> None:
    """A role assignment is a resource on the registry: who (the principal), what (the role), where (its own id)."""
    import uuid

    roles = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    vm = lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.vm_name)
    principal = vm.identity.principal_id if vm.identity else None
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"AcrPush for {principal}")
    id = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assignment = {
        "roleDefinitionId": f"{roles}/8311e382-0749-4cb8-b61a-304f252e45ec",  # AcrPush
        "principalId": principal,
        "principalType": "ServicePrincipal",
    }
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(id, api_version="2022-04-01", parameters={"properties": assignment}).result()


def remove_push(lab: Lab) -> None:
    """What is deleted is the assignment; the role itself is Azure's own and stays."""
    vm = lab.id_of("Microsoft.Compute/virtualMachines", lab.settings.vm_name)
    for assignment in steps.own_rights_on(lab, vm, lab.registry_id):
        if assignment["properties"]["roleDefinitionId"].endswith("8311e382-0749-4cb8-b61a-304f252e45ec"):
            lab.resources.resources.begin_delete_by_id(assignment["id"], api_version="2022-04-01").result()


def pulled(lab: Lab) -> Seen:
    """Look whether docker on the VM has the registry's image."""
    name = f"{lab.login_server}/{steps.sample_image(lab)}"
    if find_vm(lab) is None:
        return Seen(False, f"no VM {lab.settings.vm_name}", "the chapter was not run from its top")
    listed = steps.run_on_vm(lab, "docker images", check=False).stdout.splitlines()[1:]
    there = [line.split()[:2] for line in listed]
    if name.split(":") in there:
        return Seen(True, f"docker on the VM has {name}")
    shown = ", ".join(":".join(one) for one in there) or "nothing"
    cause = "the VM did not sign in, or pulled from another registry"
    return Seen(False, f"docker on the VM has {shown}", cause, "put the registry's name before the image's")


def vm_of_others(lab: Lab) -> str | None:
    """Name the VM where the lab did not make it: what is on it is its owner's."""
    vm = find_vm(lab)
    return None if vm is None or is_ours(lab, vm.tags) else lab.settings.vm_name


def _registry_or_vm_of_others(lab: Lab) -> str | None:
    return registry_of_others(lab) or vm_of_others(lab)


def _roles(lab: Lab) -> tuple[str, ...]:
    return steps.vm_rights(lab) if find_vm(lab) and registry_is_there(lab) else ()


def _may_push(lab: Lab) -> Seen:
    roles = _roles(lab)
    shown = f"the VM's roles on the registry are {', '.join(roles) or 'none'}"
    if "AcrPush" in roles:
        return Seen(True, shown)
    cause = "the role was given to another identity, on another resource, or not at all"
    return Seen(False, shown, cause, "the principal is the VM's identity, the scope the registry's id")


def _may_only_pull(lab: Lab) -> Seen:
    roles = _roles(lab)
    shown = f"the VM's roles on the registry are {', '.join(roles) or 'none'}"
    if "AcrPull" not in roles:
        return Seen(False, shown, "AcrPull was deleted, too", "run the cell with allow_vm_to_pull again")
    if "AcrPush" in roles:
        return Seen(False, shown, "the assignment of AcrPush is still there", "delete that assignment, by its id")
    return Seen(True, shown)


def drop_image(lab: Lab) -> None:
    """Remove the registry's image from the VM."""
    if find_vm(lab) is not None:
        image = f"{lab.login_server}/{steps.sample_image(lab)}"
        steps.run_on_vm(lab, f"docker rmi --force {image} > /dev/null 2>&1 || true")


TASKS = (
    Task(
        name="vm-pull",
        chapter="02",
        goal="Have the VM sign in as itself and pull the image from your registry.",
        expected="docker on {vm_name} has {login_server}/{image}",
        look=pulled,
        hints=(
            "Three commands on the VM: sign in to Azure, sign in to the registry, pull.",
            "`az login --identity`, `az acr login` and `docker pull`, in one `run_on_vm`; denied: wait a minute.",
        ),
        solution=pull_on_the_vm,
        az=PULL,
        rights=(RUN,),
        undo=drop_image,
        undone="the registry's image on {vm_name}",
        foreign=vm_of_others,
    ),
    Task(
        name="push-right",
        chapter="02",
        goal="Give the VM's identity the role *AcrPush* on the registry, too.",
        expected="AcrPull and AcrPush on {registry_name} for the identity of {vm_name}",
        look=_may_push,
        hints=(
            "It is the command above with a different role.",
            "In Python: `lab.resources.resources.begin_create_or_update_by_id`, with the id of the assignment.",
        ),
        solution=assign_push,
        az="""\
principalID=$(az vm show --name {vm_name} --resource-group {resource_group} \\
    --query identity.principalId --output tsv)
acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query id --output tsv)
az role assignment create --role AcrPush --scope $acrID \\
    --assignee-object-id $principalID --assignee-principal-type ServicePrincipal""",
        rights=(f"{ASSIGNMENTS}/write",),
        undo=remove_push,
        undone="the role AcrPush of {vm_name} on {registry_name}",
        foreign=_registry_or_vm_of_others,
    ),
    Task(
        name="least-privilege",
        chapter="02",
        goal="Take *AcrPush* away from the VM again, and leave it *AcrPull*.",
        expected="AcrPull, and nothing else, on {registry_name} for the identity of {vm_name}",
        look=_may_only_pull,
        hints=(
            "Delete the role assignment; the VM's identity and the role both stay.",
            "`az role assignment delete` takes the same role, scope and assignee; the SDK wants the assignment's id.",
        ),
        solution=remove_push,
        az="""\
principalID=$(az vm show --name {vm_name} --resource-group {resource_group} \\
    --query identity.principalId --output tsv)
acrID=$(az acr show --name {registry_name} --resource-group {resource_group} --query id --output tsv)
az role assignment delete --role AcrPush --scope $acrID --assignee-object-id $principalID""",
        rights=(f"{ASSIGNMENTS}/delete",),
        after="push-right",
        foreign=_registry_or_vm_of_others,
    ),
)
