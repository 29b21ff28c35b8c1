"""The lab's VM from outside: run commands on it, ask it for names, see what it may do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acrlab.azure.cloud import INTERFACE, RUN_COMMAND_VERSION, VM, interface_of
from acrlab.azure.dns_answer import Answer, Record
from acrlab.errors import RefusedError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.ensure import names_of
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import assignments, own_assignments, role_name
from acrlab.lab.waiting import look_until

if TYPE_CHECKING:
    from azure.mgmt.compute.models import VirtualMachine

MARK = "acrlab-exit-code:"
# The VM's own resolver forgets what it keeps; where that is not systemd's, there is nothing to do.
FLUSH = "resolvectl flush-caches 2> /dev/null || true"
DIG = "dig +noall +comments +answer +authority"


@dataclass(frozen=True)
class Outcome:
    """What commands left behind on the VM.

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
class VMAddresses:
    """The VM's address in its network, and the one that the internet sees; empty where it has none."""

    private: str
    public: str


def run_on_vm(lab: Lab, *commands: str, check: bool = True, vm: str = "") -> Outcome:
    """Run commands on the VM, as root, one after the other until one fails.

    Args:
        check: raise when a command fails; otherwise the outcome tells.
        vm: name of another VM of the lab's group, or a VM's id.

    Raises:
        RefusedError: a command failed and `check` is set, or the VM can't be reached.
        NotReadyError: another command runs on the VM, for more than ten minutes.
    """
    name = vm or lab.settings.vm_name
    # Without its first line the agent hands a script to sh, which knows no pipefail.
    script = ["#!/bin/bash", "(", "set -e", *commands, ")", f'echo "{MARK}$?"']
    id = name if name.startswith("/") else lab.id_of(VM, name)
    order = {"commandId": "RunShellScript", "script": script}
    what = f"Running a command on {name}"
    answer = look_until(
        lambda seen: not isinstance(seen, RefusedError),
        lambda: _unless_busy(lambda: lab.arm.act(f"{id}/runCommand", RUN_COMMAND_VERSION, order, what)),
        what=f"{name} is free for another command",
        resource_id=id,
        pause=lab.backend.pause,
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


def resolve(lab: Lab, name: str, *, until: str | Sequence[str] = ()) -> Answer:
    """Ask for a name's addresses on the VM, of the resolver that its network gives it.

    What the VM itself keeps of older answers is forgotten first; what its network's resolver keeps is not.

    Args:
        until: ask again until this address, alias or status such as `NXDOMAIN`, or one of these, is the answer. What
            was just changed may take a while to be seen, and an older answer stays for as long as its TTL says.

    Raises: NotReadyError: it was not in the answer ten minutes after the older one was over.
    """
    wanted = {until} if isinstance(until, str) else set(until)
    return look_until(
        lambda answer: not wanted or not wanted.isdisjoint((answer.status, *answer.aliases, *answer.addresses)),
        lambda: parse_dig(name, run_on_vm(lab, FLUSH, f"{DIG} {name}", check=False).stdout),
        what=f"{name} leads to {' or '.join(sorted(wanted))} on {lab.settings.vm_name}",
        resource_id=lab.id_of(VM, lab.settings.vm_name),
        pause=lab.backend.pause,
        told=_told,
        lasts_s=lambda answer: answer.kept_s,
    )


def _told(answer: Answer) -> str:
    kept = f", which may be cached for {answer.kept_s} s more" if answer.kept_s else ""
    return f"{', '.join(answer.addresses) or answer.status}{kept}"


def parse_dig(name: str, shown: str) -> Answer:
    """Read what dig says with `+comments +answer +authority`; nothing but an apology counts as SERVFAIL."""
    status = re.search(r"status: (\w+)", shown)
    records, zone, negative_s = [], "", 0
    for line in shown.splitlines():
        words = line.split()
        if len(words) >= 5 and words[2] == "IN" and words[3] in ("A", "CNAME"):
            records.append(Record(words[0].rstrip("."), words[3], words[4].rstrip("."), int(words[1])))
        elif len(words) >= 5 and words[3] == "SOA":
            zone, negative_s = words[0].rstrip("."), int(words[1])
    return Answer(name, tuple(records), status[1] if status else "SERVFAIL", zone, negative_s)


def resolve_here(lab: Lab, name: str) -> Answer:
    """Ask for a name's addresses on this computer, which stands outside the lab's network."""
    return lab.backend.resolve(name)


def vm_addresses(lab: Lab) -> VMAddresses:
    """Read the VM's addresses off its interface."""
    settings = lab.settings
    group, interface_name = settings.resource_group, interface_of(settings.vm_name)
    with asking("Reading the interface", lab.id_of(INTERFACE, interface_name)):
        interface = lab.network.network_interfaces.get(group, interface_name)
        reference = interface.ip_configurations[0].public_ip_address
        public = lab.network.public_ip_addresses.get(*names_of(reference.id)) if reference else None
    return VMAddresses(interface.ip_configurations[0].private_ip_address, public.ip_address if public else "")


def find_vm(lab: Lab) -> VirtualMachine | None:
    """Read the lab's VM; None: it is not there."""
    return find(lambda: lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.vm_name))


def identity_of(vm: VirtualMachine) -> str:
    """Read the id of a VM's own identity; empty: it has none."""
    return str(getattr(vm.identity, "principal_id", None) or "")


def vm_rights(lab: Lab) -> tuple[str, ...]:
    """List the roles that the VM's identity has on the registry, inherited ones included."""
    vm = lab.id_of(VM, lab.settings.vm_name)
    return tuple(sorted({role_name(right) for right in rights_of(lab, vm, lab.registry_id)}))


def rights_of(lab: Lab, vm: str, scope: str) -> list[Any]:
    """List the role assignments that a VM's identity has on something, inherited and its groups' ones included."""
    identity = _identity(lab, vm)
    return assignments(lab, scope, identity) if identity else []


def own_rights_on(lab: Lab, vm: str, scope: str) -> list[Any]:
    """List what was given to a VM's identity itself on exactly this: not above it, and not to a group that it is in."""
    identity = _identity(lab, vm)
    return own_assignments(lab, scope, identity) if identity else []


def _identity(lab: Lab, vm: str) -> str:
    with asking("Reading the VM", vm):
        return identity_of(lab.compute.virtual_machines.get(*names_of(vm)))
