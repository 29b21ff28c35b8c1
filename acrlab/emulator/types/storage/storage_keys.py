"""What opens a storage account: two keys, so that one can be used while the other is renewed.

Source: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/list-keys and the recording of azure-cli's
`test_renew_account_key`
"""

from __future__ import annotations

from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.error_texts import invalid_values
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import Action
from acrlab.emulator.core.values import Field, Text

NAMES = ("key1", "key2")
OF_KERBEROS = ("kerb1", "kerb2")
LISTED_SINCE, DATED_SINCE = "2016-01-01", "2021-02-01"


def make_keys(state: State, account: Resource) -> None:
    """Give a new account its keys; one that has them keeps them."""
    account.state.setdefault("keys", {name: {"count": 0, "made": state.timestamp()} for name in NAMES})


def creation_times(state: State, account: Resource) -> JSON:
    return {name: about["made"] for name, about in account.state["keys"].items()}


def require_provisioned(account: Resource) -> None:
    """Nothing can be had of an account before it is made. Source: kubernetes-sigs/azurefile-csi-driver#186"""
    if account.phase != SUCCEEDED:
        message = "The storage account provisioning state must be 'Succeeded' before executing the operation."
        raise ArmError(409, "StorageAccountIsNotProvisioned", message)


def list_keys(state: State, account: Resource, request: Request) -> JSON:
    """Both keys. There are none for Kerberos, which a caller may ask for beside them."""
    require_provisioned(account)
    return _shown(state, account, request.api_version)


def regenerate_key(state: State, account: Resource, request: Request) -> JSON:
    """Make a new key in place of one of the two, from whose moment the old one opens nothing."""
    require_provisioned(account)
    name = request.json().get("keyName")
    if name in OF_KERBEROS:
        raise NotEmulated(f"the key {name} of a storage account", supported=", ".join(NAMES))
    if name not in NAMES:
        raise invalid_values("keyName")
    kept = account.state["keys"][name]
    kept |= {"count": kept["count"] + 1, "made": state.timestamp()}
    state.settle(account, account.phase)
    return _shown(state, account, request.api_version)


def _shown(state: State, account: Resource, version: str) -> JSON:
    values: dict[str, str] = state.perform("account_keys", account)
    if version < LISTED_SINCE:
        return dict(values)
    made = creation_times(state, account) if version >= DATED_SINCE else {}
    dates = {name: {"creationTime": time} for name, time in made.items()}
    return {
        "keys": [
            {**dates.get(name, {}), "keyName": name, "value": value, "permissions": "FULL"}
            for name, value in values.items()
        ]
    }


ACTIONS = {
    "listKeys": Action(list_keys),
    "regenerateKey": Action(regenerate_key, body=Shape({"keyName": Field(Text())})),
}
