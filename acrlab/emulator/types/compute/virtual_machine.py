"""Microsoft.Compute/virtualMachines: a computer in a subnet, with an identity, that runs commands when asked to."""

from __future__ import annotations

from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Empty, Listing, Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import FAILED, Resource, State
from acrlab.emulator.core.schema import ResourceType, Versioned
from acrlab.emulator.core.values import Anything, Field, Region, Tags, Text, choice
from acrlab.emulator.types import api_versions, identity, zone_rules
from acrlab.emulator.types.compute import (
    boot_diagnostics,
    vm_availability,
    vm_disk_rules,
    vm_disks,
    vm_extension_view,
    vm_profiles,
    vm_rules,
    vm_zone,
)
from acrlab.emulator.types.compute.name_servers import renew
from acrlab.emulator.types.compute.vm_actions import ACTIONS
from acrlab.emulator.types.compute.vm_power import DEALLOCATED, RUNNING
from acrlab.emulator.types.names import COMPUTE_NAME
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.emulator.types.polling import COMPUTE, COMPUTE_ACTION
from acrlab.emulator.types.region import zones_exist


def start_up(state: State, vm: Resource, old: Resource | None) -> None:
    """A new VM runs at once; its disks and its computer get names. A changed one keeps its log-in."""
    vm.state.setdefault("power", RUNNING)
    vm.state.setdefault("disk", {})
    if "servers" not in vm.state:
        renew(state, vm)
    vm_availability.take_place(state, vm)
    vm_disks.fit(state, vm, old)
    before = old.properties["osProfile"] if old else {"computerName": vm.id.name}
    profile = vm.properties["osProfile"] = {**before, **vm.properties.get("osProfile", {})}
    profile.setdefault("linuxConfiguration", dict(vm_profiles.LINUX_DEFAULTS))
    vm_profiles.keep_interfaces(vm)


def finish(state: State, vm: Resource) -> JSON | None:
    """What was to be detached is gone when the operation has ended. Returns: why it failed.

    A VM that names an account that cannot be used stays, failed; a new one does not run.
    """
    vm_disks.part(state, vm)
    problem = boot_diagnostics.refusal(state, vm)
    if problem is None:
        state.settle(vm, vm.phase)
        return None
    if vm.revision == 1:
        vm.state["power"] = DEALLOCATED
    state.settle(vm, FAILED)
    return {"code": problem.code, "message": problem.message}


def release(state: State, vm: Resource) -> None:
    """What was attached with `deleteOption: Delete` goes with the VM; everything else stays."""
    state.delete(vm.id)
    vm_disks.let_go(state, vm)
    for reference in vm.properties["networkProfile"]["networkInterfaces"]:
        interface = state.find(reference["id"])
        if interface and reference.get("properties", {}).get("deleteOption") == "Delete":
            state.remove(interface)


VIRTUAL_MACHINE = ResourceType(
    type=VM_TYPE,
    source="https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update",
    versions=api_versions.COMPUTE,
    name=COMPUTE_NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), inert=True),
        "identity": Field(identity.IDENTITY),
        "zones": Field(Listing(Text())),
    },
    properties={
        "hardwareProfile": Field(Shape({"vmSize": Field(Text(), default="Standard_D2s_v5")}), required=True),
        "storageProfile": Field(vm_profiles.STORAGE, required=True),
        "osProfile": Field(vm_profiles.OS),
        "networkProfile": Field(vm_profiles.NETWORK, required=True),
        "availabilitySet": Field(vm_availability.REFERENCE),
        "securityProfile": Field(Anything(), inert=True),
        "diagnosticsProfile": Field(boot_diagnostics.DIAGNOSTICS),
        "additionalCapabilities": Field(Empty()),  # az 2.33 sends it empty
        "applicationProfile": Field(Empty(), since="2021-07-01"),  # Terraform sends it empty
        "priority": Field(choice("Regular", unmodelled=("Low", "Spot"))),
        "extensionsTimeBudget": Field(vm_profiles.TimeBudget(), inert=True, since="2020-06-01"),
    },
    read_only=("vmId", "timeCreated", "instanceView"),
    computed={
        "vmId": lambda state, vm: state.guid(vm, "machine"),
        "timeCreated": Versioned(lambda state, vm: with_offset(state.timestamp(vm.created)), since="2021-11-01"),
        "availabilitySet": vm_availability.shown,
    },
    computed_envelope={"identity": identity.shown, "resources": vm_extension_view.resources},
    told_in_lists={"resources": vm_extension_view.ids},
    rules=(
        zones_exist,
        *zone_rules.COMPUTE,
        *vm_availability.RULES,
        *vm_rules.RULES,
        *vm_disk_rules.RULES,
        *vm_zone.RULES,
        identity.identities_fit,
    ),
    on_put=start_up,
    on_ready=finish,
    on_delete=release,
    polling={"PUT": COMPUTE, "PATCH": COMPUTE, "DELETE": COMPUTE_ACTION},
    seconds={"PUT": 60, "DELETE": 28},
    unmodelled_query=("statusonly", "$expand"),
    told_anyway=("userData",),
    etag="counted",
    etag_since="2024-07-01",
    actions=ACTIONS,
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/virtualMachines",
        what="A VM is a small shell with the commands that the article needs.",
        impact="Other commands answer `command not found`; no one can log in by SSH.",
        reason="Nothing is virtualised; what its commands do is real work against the emulated network and registry.",
        workaround="Run scripts with run-command, or `acrlab.run_on_vm`.",
    ),
    Deviation(
        of="Microsoft.Compute/virtualMachines",
        what="A script is stopped after 20,000 commands, a second of this computer's time or much text, and `grep` "
        "knows no backreferences and nothing of Perl's that looks around.",
        impact="Such a script ends with exit code 124 and the reason; such a pattern is refused.",
        reason="One server answers every client, and no other is answered while a script runs.",
        workaround="Do less in one script; search for the parts one after the other.",
    ),
)
