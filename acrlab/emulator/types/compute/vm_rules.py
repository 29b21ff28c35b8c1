"""What a VM must be before it is made or changed, in the words in which Compute refuses it."""

from __future__ import annotations

import re

from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import missing_reference
from acrlab.emulator.types.compute.size_catalogue import SIZES, require_no_other
from acrlab.emulator.types.compute.vm_image import find_image
from acrlab.emulator.types.network.network_interface import VM_TYPE, is_not_an_endpoints

# Source: https://learn.microsoft.com/azure/virtual-machines/linux/faq
TAKEN_NAMES = frozenset(
    {"1", "123", "a", "actuser", "adm", "admin", "admin1", "admin2", "administrator", "aspnet", "backup", "console"}
    | {"david", "guest", "john", "owner", "root", "server", "sql", "support", "support_388945a0", "sys"}
    | {"test", "test1", "test2", "test3", "user", "user1", "user2", "user3", "user4", "user5"}
)
NOT_IN_A_HOST_NAME = "`~!@#$%^&*()=+_[]{}\\|;:'\",<>/?"
KINDS = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")


def host_name_is_legal(state: State, vm: Resource, old: Resource | None) -> None:
    """What the system calls itself, the VM's own name unless told, is a host name."""
    name = str(vm.properties.get("osProfile", {}).get("computerName", vm.id.name))
    if old is None and (len(name) > 64 or set(name) & set(NOT_IN_A_HOST_NAME)):
        message = (
            "Linux host name cannot exceed 64 characters in length or contain the following characters: "
            f"{' '.join(NOT_IN_A_HOST_NAME)}."
        )
        raise _invalid(message, "linuxConfiguration")


def size_exists(state: State, vm: Resource, old: Resource | None) -> None:
    """A VM has one of the sizes that its region offers; what is spelt like one may be one that is not modelled."""
    size = vm.properties["hardwareProfile"]["vmSize"]
    if size.lower() not in (name.lower() for name in SIZES):
        require_no_other(size)
        message = (
            f"The value {size} provided for the VM size is not valid. The valid sizes in the current region are: "
            f"{','.join(SIZES)}."
        )
        raise ArmError(400, "InvalidParameter", message, target="vmSize")


def image_exists(state: State, vm: Resource, old: Resource | None) -> None:
    """A VM starts from an image that its publisher still offers, and stays with it."""
    profile = vm.properties["storageProfile"]
    if old is not None:
        before = old.properties["storageProfile"]["imageReference"]
        if not _same(profile.setdefault("imageReference", before), before):
            message = "Changing property 'imageReference' is not allowed."
            raise ArmError(409, "PropertyChangeNotAllowed", message, target="imageReference")
        return
    reference = profile.get("imageReference")
    if reference is None:
        raise _invalid("Required parameter 'imageReference' is missing (null).", "imageReference")
    exact = find_image(reference)
    if not exact:
        message = (
            f"The platform image '{_urn(reference)}' is not available. Verify that all fields in the storage profile "
            "are correct. For more details about storage profile information, please refer to "
            "https://aka.ms/storageprofile"
        )
        raise ArmError(404, "PlatformImageNotFound", message, target="imageReference")
    vm.state["exactVersion"] = exact


def _urn(reference: JSON) -> str:
    return ":".join(reference.get(k, "") for k in ("publisher", "offer", "sku", "version"))


def _same(one: JSON, other: JSON) -> bool:
    return _urn(one).lower() == _urn(other).lower()


def someone_can_log_in(state: State, vm: Resource, old: Resource | None) -> None:
    """A VM made from an image has an administrator with a key or a password; later writes need not repeat them.

    Where passwords are off, what is sent as one is not looked at: Azure's own template sends its key there, too.
    Source: https://github.com/Azure/azure-quickstart-templates/tree/master/quickstarts/microsoft.compute/vm-simple-linux
    """
    if old is not None:
        return
    profile = vm.properties.get("osProfile")
    if not profile:
        raise _invalid("Required parameter 'osProfile' is missing (null).", "osProfile")
    if profile["adminUsername"].lower() in TAKEN_NAMES:
        raise _invalid("The Admin Username specified is not allowed.", "adminUsername")
    linux, password = profile.get("linuxConfiguration", {}), profile.get("adminPassword")
    closed = linux.get("disablePasswordAuthentication", False)
    if (closed or password is None) and not linux.get("ssh", {}).get("publicKeys"):
        raise _invalid(
            "Authentication using either SSH or by user name and password must be enabled in Linux profile.",
            "linuxConfiguration",
        )
    if password is not None and not closed:
        _require_strength(password)


def _require_strength(password: str) -> None:
    """Never says anything about the password itself."""
    if not 6 <= len(password) <= 72 or sum(bool(re.search(k, password)) for k in KINDS) < 3:
        raise _invalid(
            "The supplied password must be between 6-72 characters long and must satisfy at least 3 of password "
            "complexity requirements from the following:\r\n1) Contains an uppercase character\r\n2) Contains a "
            "lowercase character\r\n3) Contains a numeric digit\r\n4) Contains a special character\r\n5) Control "
            "characters are not allowed",
            "adminPassword",
        )


def system_stays(state: State, vm: Resource, old: Resource | None) -> None:
    """What a VM was set up with is not set up again; what a request leaves out of it stays.

    Source: Azure/azure-sdk-for-java#1912, Azure/azure-cli#11840, Azure/bicep#15273, Azure/azure-rest-api-specs#7823
    """
    if old is None:
        return
    before, after = _set_up(old), _set_up(vm)
    for name, value in after.items():
        if value not in (None, before[name]):
            message = f"Changing property '{name}' is not allowed."
            raise ArmError(409, "PropertyChangeNotAllowed", message, target=name)


def _set_up(vm: Resource) -> JSON:
    """What stays of a profile, None where it is not said; that passwords may be used is the same as no word of it."""
    profile = vm.properties.get("osProfile", {})
    linux = profile.get("linuxConfiguration", {})
    return {
        **{name: profile.get(name) for name in ("computerName", "adminUsername", "customData")},
        "linuxConfiguration.ssh.publicKeys": linux.get("ssh", {}).get("publicKeys"),
        "linuxConfiguration.disablePasswordAuthentication": linux.get("disablePasswordAuthentication") or None,
    }


def interfaces_are_free(state: State, vm: Resource, old: Resource | None) -> None:
    """A VM stands on interfaces that are there, in its region, and belong to no other VM; one comes first."""
    references = vm.properties["networkProfile"]["networkInterfaces"]
    for reference in references:
        interface = state.find(reference["id"])
        if interface is None or interface.location != vm.location:
            raise missing_reference(vm, reference["id"])
        is_not_an_endpoints(state, interface)
        for other in state.referrers(reference["id"], VM_TYPE):
            if other.id.key != vm.id.key:
                message = f"Network Interface {reference['id']} is used by existing resource {other.id}."
                raise ArmError(400, "NicInUse", message)
    firsts = [r for r in references if r.get("properties", {}).get("primary")]
    if len(references) > 1 and len(firsts) != 1:
        message = (
            f"Virtual machine {vm.id.name} must have one network interface set as the primary. {len(firsts)} are set."
        )
        raise ArmError(400, "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary", message)


def _invalid(message: str, target: str) -> ArmError:
    return ArmError(400, "InvalidParameter", message, target=target)


def is_no_pattern(state: State, vm: Resource, old: Resource | None) -> None:
    """What may still be changed of a VM that was generalized is not known."""
    if old is not None and old.state.get("generalized"):
        raise NotEmulated(f"changes of {vm.id.name}, which was generalized")


RULES = (
    is_no_pattern,
    host_name_is_legal,
    size_exists,
    image_exists,
    system_stays,
    someone_can_log_in,
    interfaces_are_free,
)
