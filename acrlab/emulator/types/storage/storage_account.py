"""Microsoft.Storage/storageAccounts: as far as a VM names one, for what it says while it boots.

Only the account is modelled: what it holds, and the services that hold it, are not. The shapes and defaults are those
of the recordings of azure-cli's tests, the newest of October 2025.
Source: https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/storage/tests/latest/recordings
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Only, Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Versioned
from acrlab.emulator.core.values import Field, Flag, Region, Scene, Tags, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.polling import STORAGE_PUT
from acrlab.emulator.types.storage import storage_places
from acrlab.emulator.types.storage.storage_keys import ACTIONS, DATED_SINCE, creation_times, make_keys
from acrlab.emulator.types.storage.storage_names import ACCOUNT_TYPE, NAME
from acrlab.emulator.types.storage.storage_rules import (
    ACCOUNT_KIND,
    ACCOUNT_SKU,
    OLD_ACCOUNT_TYPE,
    RULES,
    SKUS_SINCE,
    is_provisioned,
)

HTTPS_BY_DEFAULT_SINCE = "2019-04-01"


def set_up(state: State, account: Resource, old: Resource | None) -> None:
    """A new account gets its keys; one that has access tiers is in the hot one unless told otherwise."""
    make_keys(state, account)
    account.state.setdefault("encrypted", state.timestamp())
    if account.body["kind"] == "StorageV2":
        account.properties.setdefault("accessTier", "Hot")


def sku(state: State, account: Resource) -> JSON:
    return {"name": account.body["sku"]["name"], "tier": "Standard"}


def account_type(state: State, account: Resource) -> str:
    return str(account.body["sku"]["name"])


def encryption(state: State, account: Resource) -> JSON:
    """What is encrypted, and since when: all of it, always, with keys of Azure's own."""
    service = {"keyType": "Account", "enabled": True, "lastEnabledTime": account.state["encrypted"]}
    return {**account.properties["encryption"], "services": {"file": dict(service), "blob": dict(service)}}


def https_only(scene: Scene) -> bool:
    return scene.version >= HTTPS_BY_DEFAULT_SINCE


SERVICE = Shape({"enabled": Field(Only(True)), "keyType": Field(Only("Account"))}, read_only=("lastEnabledTime",))
ENCRYPTION = Shape(
    {
        "services": Field(Shape({"blob": Field(SERVICE), "file": Field(SERVICE)})),
        "keySource": Field(
            choice("Microsoft.Storage", unmodelled=("Microsoft.Keyvault",)), default="Microsoft.Storage"
        ),
        "requireInfrastructureEncryption": Field(Flag(), inert=True, since="2019-06-01"),
    }
)
NO_RULES = Only([])
NETWORK_RULES = Shape(
    {
        "bypass": Field(choice("AzureServices", "None"), default="AzureServices", inert=True),
        "virtualNetworkRules": Field(NO_RULES, default=[]),
        "ipRules": Field(NO_RULES, default=[]),
        "ipv6Rules": Field(NO_RULES, default=[], since="2023-01-01"),
        "resourceAccessRules": Field(NO_RULES, since="2020-08-01"),
        "defaultAction": Field(choice("Allow", "Deny"), default="Allow", inert=True),
    }
)

STORAGE_ACCOUNT = ResourceType(
    type=ACCOUNT_TYPE,
    source="https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create",
    versions=api_versions.STORAGE,
    name=NAME,
    envelope={
        "location": Field(Region(), required=True),
        "tags": Field(Tags(), default={}, inert=True),
        "sku": Field(ACCOUNT_SKU, since=SKUS_SINCE),
        "kind": Field(ACCOUNT_KIND, since=SKUS_SINCE),
    },
    properties={
        "accountType": Field(OLD_ACCOUNT_TYPE),
        "accessTier": Field(choice("Hot", "Cool", "Cold", unmodelled=("Premium", "Smart")), inert=True),
        "supportsHttpsTrafficOnly": Field(Flag(), default=https_only, inert=True, since="2016-12-01"),
        "minimumTlsVersion": Field(
            choice("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"), default="TLS1_0", inert=True, since="2019-06-01"
        ),
        "allowBlobPublicAccess": Field(Flag(), default=False, inert=True, since="2019-06-01"),
        "allowSharedKeyAccess": Field(Flag(), inert=True, since="2020-08-01"),
        "allowCrossTenantReplication": Field(Flag(), default=False, inert=True, since="2021-06-01"),
        "allowCrossTenantDelegationSas": Field(Flag(), default=False, inert=True, since="2025-06-01"),
        "defaultToOAuthAuthentication": Field(Flag(), inert=True, since="2021-06-01"),
        "publicNetworkAccess": Field(
            choice("Enabled", "Disabled", unmodelled=("SecuredByPerimeter",)), inert=True, since="2021-06-01"
        ),
        "networkAcls": Field(
            NETWORK_RULES, default=lambda scene: NETWORK_RULES.admit("", {}, scene), since="2017-06-01"
        ),
        "encryption": Field(ENCRYPTION, default={"keySource": "Microsoft.Storage"}),
        "dnsEndpointType": Field(Only("Standard"), since="2021-09-01"),
        "largeFileSharesState": Field(choice("Disabled", "Enabled"), inert=True, since="2019-06-01"),
        "isHnsEnabled": Field(Only(False), since="2018-03-01"),
        "isSftpEnabled": Field(Only(False), since="2021-08-01"),
        "isLocalUserEnabled": Field(Only(False), since="2021-08-01"),
        "isNfsV3Enabled": Field(Only(False), since="2021-01-01"),
    },
    computed={
        "accountType": Versioned(account_type, until=SKUS_SINCE),
        "encryption": Versioned(encryption, since="2016-01-01"),
        "keyCreationTime": Versioned(creation_times, since=DATED_SINCE),
        "privateEndpointConnections": Versioned(lambda state, account: [], since="2019-06-01"),
        "creationTime": lambda state, account: state.timestamp(account.created),
        "primaryEndpoints": storage_places.primary_endpoints,
        "primaryLocation": lambda state, account: account.location,
        "statusOfPrimary": lambda state, account: "available",
        "secondaryLocation": storage_places.secondary_location,
        "statusOfSecondary": storage_places.secondary_status,
        "secondaryEndpoints": storage_places.secondary_endpoints,
    },
    computed_envelope={"sku": Versioned(sku, since=SKUS_SINCE)},
    rules=RULES,
    delete_rules=(is_provisioned,),
    on_put=set_up,
    polling={"PUT": STORAGE_PUT},
    seconds={"PUT": 17},
    changed_at_once=True,
    actions=ACTIONS,
)

DEVIATIONS = (
    Deviation(
        of=ACCOUNT_TYPE,
        what="A PUT of an account that is there sets to its default what it does not name.",
        impact="Azure may leave some of it as it was.",
        reason="What it does is not documented.",
        workaround="Name what matters, or change it with PATCH.",
    ),
    Deviation(
        of=ACCOUNT_TYPE,
        what="A deleted account's name is free at once, and the account cannot be recovered.",
        impact="Making it again works where Azure may still say StorageAccountAlreadyTaken.",
        reason="How long Azure keeps a name is not documented.",
        workaround="Choose another name on Azure.",
    ),
    Deviation(
        of=ACCOUNT_TYPE,
        what="To api-versions before 2018 an account shows endpoints for `dfs` and `web`, too.",
        impact="Azure shows these versions blobs, queues, tables and files.",
        reason="No client of the lab speaks them; a template that does reads the endpoint of blobs.",
        workaround="Don't count the endpoints.",
    ),
)
