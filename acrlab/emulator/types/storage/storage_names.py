"""Names of storage accounts: one for the whole world, as each is a part of host names.

Source: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-storage-account-name
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from acrlab.emulator.core.error_texts import account_name_rule
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.container_registry.registry_members import storage_account_of
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE
from acrlab.emulator.types.resources.subscription import require_subscription

ACCOUNT_TYPE = "Microsoft.Storage/storageAccounts"
NAME = r"[a-z0-9]{3,24}"
OF_MICROSOFT = ("azcliprod", "azurecliprod")  # whose hosts the lab's VMs install from


def name_is_free(state: State, account: Resource, old: Resource | None) -> None:
    """No two accounts have one name; a subscription is told where its own one of that name is."""
    if old is not None:
        return
    name = account.id.name
    for other in state.named(ACCOUNT_TYPE, name):
        if other.id.subscription.lower() == account.id.subscription.lower() and other.location == account.location:
            message = f"The account {name} is already in another resource group in this subscription."
            raise ArmError(409, "StorageAccountInAnotherResourceGroup", message)
    if _is_taken(state, name):
        raise ArmError(409, "StorageAccountAlreadyTaken", _taken(name))


def check_name(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Say whether an account can have a name."""
    require_subscription(state, words["subscription"])
    asked = request.json()
    if str(asked.get("type", "")).lower() != ACCOUNT_TYPE.lower():
        raise NotEmulated(f"checkNameAvailability of the type {asked.get('type')}", supported=ACCOUNT_TYPE)
    name = str(asked.get("name", ""))
    if not re.fullmatch(NAME, name):
        return {"nameAvailable": False, "reason": "AccountNameInvalid", "message": account_name_rule(name)}
    if _is_taken(state, name):
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": _taken(name)}
    return {"nameAvailable": True}


def _is_taken(state: State, name: str) -> bool:
    """Tell whether there is such an account: someone's, Microsoft's, or one behind a registry."""
    if name in OF_MICROSOFT or any(True for _ in state.named(ACCOUNT_TYPE, name)):
        return True
    return any(storage_account_of(state, registry) == name for registry in state.of_type(REGISTRY_TYPE))


def _taken(name: str) -> str:
    return f"The storage account named {name} is already taken."


ROUTES = (
    Route(
        "POST",
        "/subscriptions/{subscription}/providers/Microsoft.Storage/checkNameAvailability",
        check_name,
        "https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability",
    ),
)
