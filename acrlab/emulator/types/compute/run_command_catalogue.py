"""Microsoft.Compute/locations/…/runCommands: the run-commands that Azure brings along, of which one is emulated.

Source: what Azure answered to azure-cli's own test,
https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/test_vm_run_command_e2e.yaml
"""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.location import require_location

SCRIPT = "RunShellScript"
_SCHEMA = "http://schema.management.azure.com/schemas/2016-11-17/runcommands.json"
_OWN = "Custom multiline {} script should be defined in script property. Optional parameters can be set in parameters "
_LINUX, _WINDOWS = "Linux", "Windows"

# id -> system, label, description; in Azure's order
COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "EnableRemotePS": (_WINDOWS, "Enable remote PowerShell", "Configure the machine to enable remote PowerShell."),
    "IPConfig": (_WINDOWS, "List IP configuration", "Shows addresses, subnet mask and gateway of each adapter."),
    "RunPowerShellScript": (_WINDOWS, "Executes a PowerShell script", _OWN.format("PowerShell") + "property."),
    SCRIPT: (_LINUX, "Executes a Linux shell script", _OWN.format("shell") + "property."),
    "ifconfig": (_LINUX, "List network configuration", "Get the configuration of all network interfaces."),
    "EnableAdminAccount": (_WINDOWS, "Enable administrator account", "Enables the local Administrator account."),
    "RDPSettings": (_WINDOWS, "Verify RDP Listener Settings", "Checks registry settings and domain policy settings."),
    "SetRDPPort": (_WINDOWS, "Set Remote Desktop port", "Sets the port number for Remote Desktop connections."),
    "ResetRDPCert": (
        _WINDOWS,
        "Restore RDP Authentication mode to defaults",
        "Removes the certificate of the RDP listener and restores its security to default.",
    ),
    "DisableNLA": (_WINDOWS, "Disable Network Level Authentication", "Disables Network Level Authentication (NLA)."),
    "RemoveRunCommandWindowsExtension": (
        _WINDOWS,
        "Removes the internal RunCommandWindows extension",
        "Removes the RunCommandWindows extension of previous run-commands.",
    ),
    "RemoveRunCommandLinuxExtension": (
        _LINUX,
        "Removes the internal RunCommandLinux extension",
        "Removes the RunCommandLinux extension of previous run-commands.",
    ),
    "EnableEMS": (_WINDOWS, "Enable EMS", "Enable Emergency Management Services (EMS) for the serial console."),
    "DisableWindowsUpdate": (
        _WINDOWS,
        "Disable Windows Update Automatic Updates",
        "Disable Automatic Updates through Windows Update.",
    ),
    "EnableWindowsUpdate": (
        _WINDOWS,
        "Enable Windows Update Automatic Updates",
        "Enable Automatic Updates through Windows Update.",
    ),
}


def no_such_command(name: object) -> ArmError:
    return ArmError(404, "NotFound", f"The entity was not found: run command '{name}'.")


def commands(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """All run-commands, without what they run."""
    require_location(state, request, words)
    return {"value": [_described(id) for id in COMMANDS]}


def one_command(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """The run-command for a script of one's own, with an example of one."""
    require_location(state, request, words)
    id = next((known for known in COMMANDS if known.lower() == words["command"].lower()), "")
    if not id:
        raise no_such_command(words["command"])
    if id != SCRIPT:
        raise NotEmulated(f"the script of run command {id}", supported=SCRIPT)
    arguments = [{"name": name, "type": "string", "required": False} for name in ("arg1", "arg2")]
    lines = ["echo This is a sample script", "echo Optional parameters: $0 $1"]
    return {"script": lines, "parameters": arguments, **_described(id)}


def _described(id: str) -> JSON:
    system, label, description = COMMANDS[id]
    return {"$schema": _SCHEMA, "id": id, "osType": system, "label": label, "description": description}


_SOURCE = "https://learn.microsoft.com/rest/api/compute/virtual-machine-run-commands/list"
_PATH = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/runCommands"
ROUTES = (Route("GET", _PATH, commands, _SOURCE), Route("GET", f"{_PATH}/{{command}}", one_command, _SOURCE))

DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/locations",
        what="The run-commands of a region are those of 2019, the descriptions of some are shorter than Azure's, and "
        "only `RunShellScript` can be shown and run.",
        impact="What Azure added since is not listed.",
        reason="The emulated VMs run Linux, and what the other commands run is not in the recording.",
        workaround="Hand the commands over as a script: `az vm run-command invoke --command-id RunShellScript`.",
    ),
)
