"""What counts at a moment: in a world whose `timing` is `as-azure`, what was changed counts some seconds later.

A place that is late notes a change with `change` and reads with `counting`; what only comes into being needs no note:
`has_arrived` reads its date. What is noted lies in the resource itself, goes with it, and is as much as was changed
within the last minutes. In a world whose `timing` is `instant` nothing is noted.
"""

from __future__ import annotations

from typing import Any

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.resource import Resource, State

# Virtual seconds until it counts. Microsoft says "a few minutes" of a registry's rules and "up to 10 minutes" of roles.
ACCESS_S = 120  # a registry's rules and public network access, on its data plane
MODE_S = 300  # whether its roles are for registries or for repositories; Microsoft says nothing
ROLE_S = 60  # a role assignment, at Resource Manager
REGISTRY_ROLE_S = 90  # a role assignment, where a registry exchanges tokens
CONNECTION_S = 30  # the owner's answer to a private endpoint, for its traffic
REGISTRATION_S = 60  # a link is "Completed", from the request that has it register VMs
LIST_S = 60  # a resource that was made or deleted, in lists of resources
AGENT_S = 5  # a VM's agent is free again, after a run-command's operation has ended
LISTS_LOCKED_S, PACKAGES_LOCKED_S, BOOT_S = 60, 240, 90  # apt's two locks and cloud-init, after a VM was made

_KEY = "counts late"


def is_late(state: State) -> bool:
    """Tell whether anything is late in this world."""
    return state.setting("timing") == "as-azure"


def change(state: State, resource: Resource, what: str, before: Any, after: Any, *, seconds: float) -> None:
    """Note that something about a resource was changed; for some seconds what was there before goes on to count.

    Args:
        what: names it among what is late about the resource.
    """
    if before == after or not is_late(state):
        return
    noted = resource.state.setdefault(_KEY, {})
    still = [[until, value] for until, value in noted.get(what, []) if until > state.now]
    noted[what] = [*still, [state.now + seconds, before]]


def counting(state: State, resource: Resource, what: str, now: Any) -> Any:
    """Return what counts at this moment of something that was changed. `now`: as it was written last."""
    noted = resource.state.get(_KEY, {}).get(what, [])
    return next((value for until, value in noted if until > state.now), now)


def has_arrived(state: State, resource: Resource, *, seconds: float) -> bool:
    """Tell whether a resource has been there for so long that it counts."""
    return not is_late(state) or state.now >= resource.created + seconds


DEVIATIONS = (
    Deviation(
        of="timing",
        what=(
            f"With `timing=as-azure`, a registry's rules count {ACCESS_S} s late, its `roleAssignmentMode` {MODE_S} s "
            f"late, a role {ROLE_S} s late at Resource "
            f"Manager and {REGISTRY_ROLE_S} s late at a registry, the answer to a private endpoint {CONNECTION_S} s "
            f'late for its traffic, a link that registers VMs is "Completed" {REGISTRATION_S} s after its request, '
            f"and lists of resources are {LIST_S} s old."
        ),
        impact="On Azure it may be seconds, or ten minutes; the times differ each time.",
        reason='Microsoft says "a few minutes" of rules and "up to 10 minutes" of roles, and nothing of the others.',
        workaround="Wait by condition and not by time.",
    ),
    Deviation(
        of="timing",
        what="With `timing=as-azure`, a role that is taken away stops counting at once.",
        impact="On Azure it goes on to count for minutes.",
        reason="What is deleted leaves nothing in the world that could go on to count.",
        workaround="On Azure, wait by condition there, too.",
    ),
    Deviation(
        of="timing",
        what=(
            f"With `timing=as-azure`, a VM's first boot ends {BOOT_S} s after it was made and its agent is ready then, "
            f"apt's lists are locked for {LISTS_LOCKED_S} s, its packages for {PACKAGES_LOCKED_S} s, "
            f"and a VM's agent is busy for {AGENT_S} s after each run-command."
        ),
        impact="On Azure the locks change hands for up to ten minutes, and not on every VM.",
        reason="People report such locks, and no source gives times for them.",
        workaround="Wait for the locks and not for a time.",
    ),
)
