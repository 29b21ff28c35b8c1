"""Get a resource or create it, delete it if it is there: the two things that every step does, written once.

Azure accepts a request long before it has done it, and a run may be killed in between. So each of them first waits
until Azure is at rest, leaves alone what belongs to someone else, and returns when the operation has ended. Both can
be repeated. `operations` is a group of an SDK client, such as `lab.network.private_endpoints`, whose methods take
the group and the names of an id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from acrlab.azure.arm_id import ArmId
from acrlab.lab.azure_errors import asking, failed, find, state_of
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours
from acrlab.lab.waiting import look_until

if TYPE_CHECKING:
    from azure.core.polling import LROPoller

Found = TypeVar("Found")

AT_REST = ("", "Succeeded", "Failed", "Canceled")  # provisioning states in which Azure is not at work


def ensure(lab: Lab, id: str, operations: Any, body: Any, what: str = "") -> Any:
    """Get the resource with this id, or create it with this body. Returns: the SDK's model of it.

    Args:
        what: is done, for progress and errors.

    Raises:
        ConfigurationError: on a real subscription, no one has confirmed the cost.
        RefusedError: Azure refused, or an earlier creation failed and the resource belongs to someone else.
        NotReadyError: Azure is still at work on it after ten minutes.
    """
    names = names_of(id)
    return ensure_by(
        lab,
        id,
        lambda: operations.get(*names),
        lambda: operations.begin_create_or_update(*names, body),
        what or f"Making {names[-1]}",
    )


def ensure_by(
    lab: Lab, id: str, read: Callable[[], Found | None], create: Callable[[], LROPoller[Found]], what: str
) -> Found:
    """Get what `read` reads, or begin what `create` begins and wait for it. Raises: as `ensure`."""
    with asking(what, id):
        found = made(lab, read)
        if found is not None:
            return found
        require_confirmation(lab)
        poller = create()
    return lab.wait(poller, what, id)


def put(lab: Lab, id: str, operations: Any, body: Any, what: str) -> Any:
    """Create or replace the resource with this id, and wait. Returns: the SDK's model of it. Raises: RefusedError."""
    with asking(what, id):
        poller = operations.begin_create_or_update(*names_of(id), body)
    return lab.wait(poller, what, id)


def remove(lab: Lab, id: str, operations: Any, what: str = "") -> bool:
    """Delete the resource with this id, if it is there. Returns: whether it was.

    Raises: RefusedError: it belongs to someone else, or Azure refused.
    """
    names, doing = names_of(id), what or f"Deleting {id.rpartition('/')[2]}"
    with asking(doing, id):
        found: Any = at_rest(lab, lambda: find(lambda: operations.get(*names)))
        if found is None:
            return False
        require_ours(lab, found.tags, id)
    delete(lab, id, operations, doing)
    return True


def delete(lab: Lab, id: str, operations: Any, what: str) -> None:
    """Delete the resource with this id, whosever it is, and wait until it is gone. Raises: RefusedError."""
    with asking(what, id):
        poller = operations.begin_delete(*names_of(id))
    lab.wait(poller, what, id)


def names_of(id: str) -> tuple[str, ...]:
    """Split an id into what the SDK's operations take: its group, then its names from the outermost on."""
    parsed = ArmId.parse(id)
    return str(parsed.group), *parsed.names


def at_rest(lab: Lab, read: Callable[[], Found]) -> Found:
    """Read a resource again and again while Azure is at work on it, as after a run that was killed.

    Raises: NotReadyError: Azure is still at work on it after ten minutes.
    """
    return look_until(
        lambda found: state_of(found) in AT_REST,
        read,
        what="A thing whose making was interrupted is ready",
        resource_id="",
        pause=lab.backend.pause,
        told=lambda found: f"{getattr(found, 'id', '')} is {state_of(found)}",
    )


def made(lab: Lab, read: Callable[[], Found | None]) -> Found | None:
    """Read a resource; None: it is not there, or creating it failed, so that the caller creates it again.

    Raises:
        NotReadyError: Azure is still at work on it after ten minutes.
        RefusedError: creating it failed, and it belongs to someone else.
    """
    found = at_rest(lab, lambda: find(read))
    if found is None or not failed(found):
        return found
    if hasattr(found, "tags"):  # what has none is part of another resource, and belongs where that does
        require_ours(lab, found.tags, str(getattr(found, "id", "")))
    return None
