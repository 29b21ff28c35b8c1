"""What a VM can be asked: how it is, to start or stop, and to run a script."""

from __future__ import annotations

import re
import shlex

from acrlab.emulator.core import lateness
from acrlab.emulator.core.conflicts import one_script_at_a_time
from acrlab.emulator.core.domains import Listing, Shape
from acrlab.emulator.core.http import JSON, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Action
from acrlab.emulator.core.values import Field, Text
from acrlab.emulator.types.compute import vm_upkeep
from acrlab.emulator.types.compute.run_command_catalogue import COMMANDS, SCRIPT, no_such_command
from acrlab.emulator.types.compute.vm_power import SWITCHES, require_running
from acrlab.emulator.types.compute.vm_view import instance_view
from acrlab.emulator.types.polling import COMPUTE_ACTION

RUN_S = 17
TAIL = 4096  # bytes of each stream. Source: maxTailLen of https://github.com/Azure/run-command-extension-linux


def run_command(state: State, vm: Resource, request: Request) -> JSON:
    """Hand a script to the agent on the VM and bring back what it printed."""
    sent = request.json()
    command = sent.get("commandId")
    if command != SCRIPT and command in COMMANDS:
        raise NotEmulated(f"run command {command}", supported=SCRIPT)
    if command != SCRIPT:
        raise no_such_command(command)
    require_running(vm)
    require_free_agent(state, vm)
    outcome = state.perform("run_script", vm, _script(sent))
    keep_agent(state, vm)
    # Whether the script failed is not told: to the agent it has run.
    message = f"Enable succeeded: \n[stdout]\n{end_of(outcome.stdout)}\n[stderr]\n{end_of(outcome.stderr)}"
    status = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}
    return {"value": [{**status, "message": message}]}


def require_free_agent(state: State, vm: Resource) -> None:
    """Refuse a script while the agent still reports how the last one ended."""
    if state.now < vm.state.get("agent busy until", 0):
        raise one_script_at_a_time()


def keep_agent(state: State, vm: Resource) -> None:
    """The agent is at work a little longer than the operation, in a world where anything is late."""
    if lateness.is_late(state):
        vm.state["agent busy until"] = state.now + RUN_S + lateness.AGENT_S
        state.settle(vm, vm.phase)


def end_of(stream: str) -> str:
    """Cut a stream as the agent does: its last bytes, which may begin inside a line, or inside a character."""
    return stream.encode("utf-8", "surrogateescape")[-TAIL:].decode("utf-8", "replace")


def _script(sent: JSON) -> str:
    """The script; its parameters come first, by name where the shell allows that, and by place."""
    text = "\n".join(sent.get("script") or [])
    given = sent.get("parameters") or []
    if not given:
        return text
    named = [f"{p['name']}={shlex.quote(p['value'])}" for p in given if re.fullmatch(r"[A-Za-z_]\w*", p["name"])]
    placed = f"set -- {' '.join(shlex.quote(p['value']) for p in given)}"
    first, _, rest = text.partition("\n") if text.startswith("#!") else ("", "", text)
    return "\n".join(line for line in (first, *named, placed, rest) if line)


RUN_BODY = Shape(
    {
        "commandId": Field(Text()),
        "script": Field(Listing(Text())),
        "parameters": Field(Listing(Shape({n: Field(Text(), required=True) for n in ("name", "value")}))),
    }
)
ACTIONS = {
    "instanceView": Action(instance_view, method="GET"),
    "runCommand": Action(run_command, body=RUN_BODY, polling=COMPUTE_ACTION, seconds=RUN_S),
    **SWITCHES,
    **vm_upkeep.ACTIONS,
}
