"""A step between two subscriptions: let the one with the endpoint use what the one with the registry offers."""

from __future__ import annotations

from acrlab.lab.lab import Lab
from acrlab.lab.waiting import look_until

PROVIDER = "Microsoft.ContainerRegistry"
RESOURCES_VERSION = "2021-04-01"


def register_registries(lab: Lab, subscription: str) -> None:
    """Let another subscription use registries, and wait until it may: an endpoint in it is not approved before.

    Args:
        subscription: its id.

    Raises: NotReadyError: it is not registered after ten minutes.
    """
    path = f"/subscriptions/{subscription}/providers/{PROVIDER}"
    lab.arm.act(f"{path}/register", RESOURCES_VERSION, {}, "Registering a provider")
    look_until(
        "Registered".__eq__,
        lambda: lab.arm.get(path, RESOURCES_VERSION)["registrationState"],
        what=f"The subscription {subscription} may use {PROVIDER}",
        resource_id=path,
        pause=lab.backend.pause,
    )
