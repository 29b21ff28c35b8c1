"""Get a resource or create it, delete it if it is there: the two things that every step does, written once.

Azure accepts a request long before it has done it, and a run may be killed in between. So each of them first waits
until Azure is at rest, leaves alone what belongs to someone else, and returns when the operation has ended. Both can
be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from acrlab.azure.arm_id import ArmId
from acrlab.lab.azure_errors import asking, failed, find, state_of
from acrlab.lab.confirmation import require_confirmation
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_ours
from acrlab.lab.waiting import follow, look_until

if TYPE_CHECKING:
    from azure.core.polling import LROPoller

Found = TypeVar("Found")
Model = TypeVar("Model", covariant=True)

AT_REST = ("", "Succeeded", "Failed", "Canceled")  # provisioning states in which Azure is not at work


class Operations(Protocol[Model]):
    """A group of an SDK client, such as `lab.network.private_endpoints`, for one of its models.

    Its methods take what `names_of` makes of an id, and then the body: JSON, or a model that was read.
    """

    @property
    def get(self) -> Callable[..., Model]:
        """Read one."""

    @property
    def begin_create_or_update(self) -> Callable[..., LROPoller[Model]]:
        """Begin to create or replace one."""


class Updatable(Protocol[Model]):
    """A group whose resources can be changed in part."""

    @property
    def begin_update(self) -> Callable[..., LROPoller[Model]]:
        """Begin to change what the body names."""


class Deletable(Protocol):
    """A group whose resources can be deleted."""

    @property
    def begin_delete(self) -> Callable[..., LROPoller[None]]:
        """Begin to delete one."""


class Tagged(Protocol):
    """A model of something that carries tags."""

    @property
    def tags(self) -> Mapping[str, str] | None:
        """Whose it is, among others."""


class Removable(Deletable, Protocol):
    """A group whose resources carry tags, and can be deleted."""

    @property
    def get(self) -> Callable[..., Tagged]:
        """Read one."""


def ensure(
    lab: Lab,
    id: str,
    operations: Operations[Found],
    body: object,
    what: str = "",
    *,
    read: Callable[[], Found | None] | None = None,
) -> Found:
    """Get the resource with this id, or create it with this body. Returns: the SDK's model of it.

    Args:
        what: is done, for progress and errors.
        read: finds it where it may be there under another id.

    Raises:
        ConfigurationError: on a real subscription, no one has confirmed the cost.
        RefusedError: Azure refused, or an earlier creation failed and the resource belongs to someone else.
        NotReadyError: Azure is still at work on it after ten minutes.
    """
    names = names_of(id)
    doing = what or f"Creating {names[-1]}"
    with asking(doing, id):
        found = made(lab, read or (lambda: operations.get(*names)))
    if found is not None:
        return found
    require_confirmation(lab)
    return put(lab, id, operations, body, doing)


def put(lab: Lab, id: str, operations: Operations[Found], body: object, what: str) -> Found:
    """Create or replace the resource with this id, and wait. Returns: the SDK's model of it. Raises: RefusedError."""
    with asking(what, id):
        return follow(operations.begin_create_or_update(*names_of(id), body), what)


def update(lab: Lab, id: str, operations: Updatable[Found], body: object, what: str) -> Found:
    """Change what the body names of the resource with this id, and wait. Returns: the SDK's model of it.

    Raises: RefusedError.
    """
    with asking(what, id):
        return follow(operations.begin_update(*names_of(id), body), what)


def remove(lab: Lab, id: str, operations: Removable, what: str = "") -> bool:
    """Delete the resource with this id, if it is there. Returns: whether it was.

    Raises: RefusedError: it belongs to someone else, or Azure refused.
    """
    names, doing = names_of(id), what or f"Deleting {id.rpartition('/')[2]}"
    with asking(doing, id):
        found = at_rest(lab, lambda: find(lambda: operations.get(*names)))
        if found is None:
            return False
        require_ours(lab, found.tags, id)
    delete(lab, id, operations, doing)
    return True


def delete(lab: Lab, id: str, operations: Deletable, what: str) -> None:
    """Delete the resource with this id, whosever it is, and wait until it is gone. Raises: RefusedError."""
    with asking(what, id):
        follow(operations.begin_delete(*names_of(id)), what)


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
        what="A resource whose creation was interrupted is ready",
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
