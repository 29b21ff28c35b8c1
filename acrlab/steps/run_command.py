"""The lab's machine from outside: run commands on it, ask it for names, see what it may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.azure.dns_answer import Answer, Record
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.waiting import look_until

__all__ = [
    "ROLES",
    "MachineAddresses",
    "Outcome",
    "identity_of",
    "machine_addresses",
    "machine_rights",
    "parse_dig",
    "resolve",
    "resolve_here",
    "rights_of",
    "run_on_vm",
]

RUN_COMMAND_VERSION = "2024-07-01"
MARK = "acrlab-exit-code:"
ROLES = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
    "c2f4ef07-c644-48eb-af81-4b1b4947fb11": "AcrDelete",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
}


@dataclass(frozen=True)
class Outcome:
    """What commands left behind on the machine.

    Attributes:
        exit_code: of the first command that failed; 0 when none did.
    """

    stdout: str
    stderr: str
    exit_code: int

    def __repr__(self) -> str:
        parts = [self.stdout.rstrip("\n"), self.stderr.rstrip("\n")]
        if self.exit_code:
            parts.append(f"(exit code {self.exit_code})")
        return "\n".join(part for part in parts if part) or "(no output)"


@dataclass(frozen=True)
class MachineAddresses:
    """The machine's address in its network, and the one that the internet sees; empty where it has none."""

    private: str
    public: str


def run_on_vm(lab: Lab, *commands: str, check: bool = True, machine: str = "") -> Outcome:
    """Run commands on the machine, as root, one after the other until one fails.

    Args:
        check: raise when a command fails; otherwise the outcome tells.
        machine: name of another machine of the lab's group.

    Raises:
        RefusedError: a command failed and `check` is set, or the machine can't be reached.
        NotReadyError: another command runs on the machine, for more than ten minutes.
    """
    name = machine or lab.settings.machine_name
    # Without its first line the agent hands a script to sh, which knows no pipefail.
    script = ["#!/bin/bash", "(", "set -e", *commands, ")", f'echo "{MARK}$?"']
    id = lab.id_of("Microsoft.Compute/virtualMachines", name)
    order = {"commandId": "RunShellScript", "script": script}
    what = f"Running a command on {name}"
    answer = look_until(
        lambda seen: not isinstance(seen, RefusedError),
        lambda: _unless_busy(lambda: lab.act(f"{id}/runCommand", RUN_COMMAND_VERSION, order, what)),
        what=f"{name} is free for another command",
        resource_id=id,
        pause=lab.pause,
    )
    outcome = _read(answer["value"][0]["message"])
    if check and outcome.exit_code:
        what = f"A command on {name} failed with exit code {outcome.exit_code}"
        message = f"{what}: {commands[-1]}\n{outcome!r}"
        raise RefusedError(message, status=0, code=f"ExitCode{outcome.exit_code}", resource_id=id)
    return outcome


def _unless_busy(act: Callable[[], Any]) -> Any:
    """An agent runs one command at a time, and one whose answer was lost may still be running. Returns: why not now."""
    try:
        return act()
    except RefusedError as problem:
        if (problem.status, problem.code) != (409, "Conflict"):
            raise
        return problem


def _read(message: str) -> Outcome:
    """Take run-command's report apart; a report without an exit code was cut off, and counts as failed."""
    found = re.search(r"\[stdout\]\n(.*)\n?\[stderr\]\n?(.*)\Z", message, re.DOTALL)
    stdout, stderr = (found[1], found[2]) if found else (message, "")
    text, _, code = stdout.rpartition(MARK)
    return Outcome(text, stderr.strip("\n"), int(code.strip() or 1) if code.strip().isdigit() else 1)


def resolve(lab: Lab, name: str, *, until: str = "") -> Answer:
    """Ask for a name's addresses on the machine, of the resolver that its network gives it.

    Args:
        until: ask again until this address is the answer: a record that was just written may take a while to be seen.

    Raises: NotReadyError: that address was not the answer after ten minutes.
    """
    return look_until(
        lambda answer: not until or until in answer.addresses,
        lambda: parse_dig(name, run_on_vm(lab, f"dig +noall +comments +answer +authority {name}", check=False).stdout),
        what=f"{name} leads to {until} on {lab.settings.machine_name}",
        resource_id=lab.id_of("Microsoft.Compute/virtualMachines", lab.settings.machine_name),
        pause=lab.pause,
        told=lambda answer: ", ".join(answer.addresses) or answer.status,
    )


def parse_dig(name: str, shown: str) -> Answer:
    """Read what dig says with `+comments +answer +authority`; nothing but an apology counts as SERVFAIL."""
    status = re.search(r"status: (\w+)", shown)
    records, zone = [], ""
    for line in shown.splitlines():
        words = line.split()
        if len(words) >= 5 and words[2] == "IN" and words[3] in ("A", "CNAME"):
            records.append(Record(words[0].rstrip("."), words[3], words[4].rstrip("."), int(words[1])))
        elif len(words) >= 5 and words[3] == "SOA":
            zone = words[0].rstrip(".")
    return Answer(name, tuple(records), status[1] if status else "SERVFAIL", zone)


def resolve_here(lab: Lab, name: str) -> Answer:
    """Ask for a name's addresses on this computer, which stands outside the lab's network."""
    return lab.resolve_here(name)


def machine_addresses(lab: Lab) -> MachineAddresses:
    """Read the machine's addresses off its interface."""
    settings = lab.settings
    group, interface_name = settings.resource_group, f"{settings.machine_name}VMNic"
    with asking("Reading the interface", lab.id_of("Microsoft.Network/networkInterfaces", interface_name)):
        interface = lab.network.network_interfaces.get(group, interface_name)
        reference = interface.ip_configurations[0].public_ip_address
        place = ArmId.parse(reference.id) if reference else None
        public = lab.network.public_ip_addresses.get(place.group, place.name) if place else None
    return MachineAddresses(interface.ip_configurations[0].private_ip_address, public.ip_address if public else "")


def identity_of(machine: Any) -> str:
    """Read the id of a machine's own identity off the SDK's VirtualMachine; empty: it has none."""
    return str(getattr(machine.identity, "principal_id", None) or "")


def machine_rights(lab: Lab) -> tuple[str, ...]:
    """List the roles that the machine's identity has on the registry, inherited ones included."""
    scope = lab.id_of("Microsoft.ContainerRegistry/registries", lab.settings.registry_name)
    machine = lab.id_of("Microsoft.Compute/virtualMachines", lab.settings.machine_name)
    return tuple(sorted(rights_of(lab, machine, scope)))


def rights_of(lab: Lab, machine: str, scope: str) -> dict[str, str]:
    """Read the roles that a machine's identity has on something. Returns: role -> id of its assignment."""
    group, name = machine.split("/")[4], machine.rpartition("/")[2]
    with asking("Reading the machine", machine):
        found = lab.compute.virtual_machines.get(group, name)
    if not (identity := identity_of(found)):
        return {}
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    question = f"atScope() and assignedTo('{identity}')"
    listed = lab.get_all(path, "2022-04-01", **{"$filter": question})
    guids = {a["id"]: a["properties"]["roleDefinitionId"].rpartition("/")[2].lower() for a in listed}
    return {ROLES.get(guid, guid): id for id, guid in guids.items()}
