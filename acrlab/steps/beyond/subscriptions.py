"""Across two subscriptions: which the second one is, and what it needs before an endpoint in it is approved."""

from __future__ import annotations

from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.lab.waiting import look_until

PROVIDER = "Microsoft.ContainerRegistry"
RESOURCES_VERSION = "2021-04-01"


def other_subscription(lab: Lab) -> str:
    """Give the id of the second subscription; empty: none is named. The emulated Azure adds one where it has none."""
    return lab.settings.other_subscription or lab.backend.other_subscription()


def in_other_subscription(lab: Lab, **settings: str) -> Lab:
    """Give the lab as it is in the second subscription, with these settings in place of its own.

    Raises: ConfigurationError: none is named.
    """
    subscription = other_subscription(lab)
    if not subscription:
        message = (
            "this goes across two subscriptions. Set it to the id of a second one in which you may make resources."
        )
        raise ConfigurationError("other_subscription", message)
    return lab.in_subscription(subscription, **settings)


def register_registries(lab: Lab, subscription: str) -> None:
    """Let another subscription use registries, and wait until it may: an endpoint in it is not approved before.

    Args:
        subscription: its id.

    Raises: NotReadyError: it is not registered after ten minutes.
    """
    lab.arm.act(f"{_provider(subscription)}/register", RESOURCES_VERSION, {}, "Registering a provider")
    look_until(
        "Registered".__eq__,
        lambda: registration(lab, subscription),
        what=f"The subscription {subscription} may use {PROVIDER}",
        resource_id=_provider(subscription),
        pause=lab.backend.pause,
    )


def unregister_registries(lab: Lab, subscription: str) -> None:
    """Take the use of registries away from a subscription, by its id. Raises: RefusedError: it has some."""
    lab.arm.act(f"{_provider(subscription)}/unregister", RESOURCES_VERSION, {}, "Unregistering a provider")


def registration(lab: Lab, subscription: str) -> str:
    """Read whether a subscription may use registries: `Registered`, `NotRegistered`, or on the way between them."""
    return str(lab.arm.get(_provider(subscription), RESOURCES_VERSION)["registrationState"])


def _provider(subscription: str) -> str:
    return f"/subscriptions/{subscription}/providers/{PROVIDER}"
