"""The way into a VM's metadata service for a program that runs outside, and acts as that VM.

In a network 169.254.169.254 knows which VM asks. Out here nothing does, so each VM has an address of its own,
which holds a key: a program that was told it may ask as that VM, no other may.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import replace

from acrlab.emulator.core.http import ArmError, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import instance_metadata
from acrlab.emulator.entra.credentials import signing_key
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.types.network.network_interface import VM_TYPE
from acrlab.errors import ConfigurationError

_PATH = re.compile(r"/VMs/(?P<key>[0-9a-f]+)(?P<path>/.*)")


def door_of(world: World, name: str) -> str:
    """Return the path before `/metadata` at which a VM's metadata service answers: `/vms/<key>`.

    Raises: ConfigurationError: no VM has that name, or several have.
    """
    found = list(world.named(VM_TYPE, name))
    if len(found) != 1:
        known = ", ".join(vm.id.name for vm in world.of_type(VM_TYPE)) or "none"
        problem = "several VMs are called" if found else "there is no VM called"
        raise ConfigurationError("vm", f"{problem} {name}. The world has: {known}.")
    return f"/VMs/{_key(world, found[0])}"


def answer(world: World, request: Request) -> Response | None:
    """Answer a request to the metadata service of a VM; None: it is about something else."""
    found = _PATH.fullmatch(request.path)
    if found is None:
        return None
    for vm in world.of_type(VM_TYPE):
        if hmac.compare_digest(_key(world, vm), found["key"]):
            inside = replace(request, path=found["path"], vantage=vantage_of(world, vm))
            return instance_metadata.answer(world, inside)
    return ArmError(404, "NotFound", "No VM has this key. Ask for one: acrlab emulator env --vm.").response()


def _key(world: World, vm: Resource) -> str:
    """A VM that is deleted and created again is another one, with another key."""
    words = f"VM {world.guid(vm, 'metadata')}"
    return hmac.new(signing_key(world).encode(), words.encode(), "sha256").hexdigest()
