"""Which resource providers a subscription may use. One that was added to a world begins with none.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
"""

from __future__ import annotations

from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.subscriptions import Values

ALWAYS_REGISTERED = ("microsoft.resources", "microsoft.authorization")
REGISTERED, REGISTERING, UNREGISTERED = "registered", "registering", "unregistered"


def is_registered(state: Values, namespace: str, subscription: str = "") -> bool:
    """Tell whether a subscription may use a provider; without one, the world's own."""
    return registration(state, namespace, subscription) == REGISTERED


def registration(state: Values, namespace: str, subscription: str = "") -> str:
    """Tell how far a registration is: `registered`, `registering`, `unregistered`, or another word for never."""
    key = _key(state, namespace, subscription)
    always = namespace.lower() in ALWAYS_REGISTERED
    usual = REGISTERED if always else state.setting("providers") if key == _own_key(namespace) else "fresh"
    return state.value(key, usual)


def register(state: Values, namespace: str, subscription: str = "", *, to: str = REGISTERED) -> None:
    state.set_value(_key(state, namespace, subscription), to)


def _key(state: Values, namespace: str, subscription: str) -> str:
    if not subscription or subscriptions.is_home(state, subscription):
        return _own_key(namespace)
    return f"provider {subscription.lower()} {namespace.lower()}"


def _own_key(namespace: str) -> str:
    return f"provider {namespace.lower()}"
