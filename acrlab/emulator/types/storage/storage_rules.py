"""What a storage account must be before it is made or changed, in the words in which its service refuses it."""

from __future__ import annotations

from typing import Any

from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.error_texts import invalid_values
from acrlab.emulator.core.http import ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Choice, Field, Scene, Unfit, choice
from acrlab.emulator.types.polling import STORAGE_PUT
from acrlab.emulator.types.region import PLACES
from acrlab.emulator.types.storage.storage_keys import require_provisioned
from acrlab.emulator.types.storage.storage_names import ACCOUNT_TYPE, name_is_free
from acrlab.emulator.types.storage.storage_places import is_in_two_regions

SKUS_SINCE = "2016-01-01"  # before, an account had a type instead of sku and kind
OLDEST_SKUS = ("Standard_LRS", "Standard_GRS", "Standard_RAGRS")
IN_ZONES = ("Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS")
PREMIUM = ("Premium_LRS", "Premium_ZRS")
PROVISIONED = tuple(
    f"{tier}V2_{copies}" for tier in ("Standard", "Premium") for copies in ("LRS", "ZRS", "GRS", "GZRS")
)
SKUS = choice(*OLDEST_SKUS, *IN_ZONES, unmodelled=(*PREMIUM, *PROVISIONED))
KINDS = choice("StorageV2", "Storage", unmodelled=("BlobStorage", "BlockBlobStorage", "FileStorage"))


class AccountType(Choice):
    """What is a sku today, which alone the first api-version knows."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        if scene.version >= SKUS_SINCE:
            raise NotEmulated(f"{at} of {ACCOUNT_TYPE} at {scene.version}", supported="sku")
        return super().admit(at, value, scene)


class Sku(Shape):
    """How an account is kept, which the first api-version does not know by that name."""

    def admit(self, at: str, value: Any, scene: Scene) -> dict[str, Any]:
        if scene.version < SKUS_SINCE:
            raise NotEmulated(f"{at} of {ACCOUNT_TYPE} at {scene.version}", supported="accountType, in a PUT")
        try:
            return super().admit(at, value, scene)
        except Unfit as problem:
            raise invalid_values("sku") from problem


class Kind(Choice):
    """What an account is for; another than there is, is refused by its service."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        try:
            return super().admit(at, value, scene)
        except Unfit as problem:
            raise invalid_values("kind") from problem


ACCOUNT_KIND = Kind(KINDS.spellings, KINDS.unmodelled)
ACCOUNT_SKU = Sku({"name": Field(SKUS, required=True)}, read_only=("tier",))
OLD_ACCOUNT_TYPE = AccountType(OLDEST_SKUS, (*PREMIUM, "Standard_ZRS"))


def says_what_it_is(state: State, account: Resource, old: Resource | None) -> None:
    """An account has a sku and a kind; those of the first api-version have a type, and are of the first kind.

    Raises: NotEmulated: something is missing; how the service says so is not known.
    """
    type = account.properties.pop("accountType", None)
    if type is not None:
        account.body |= {"sku": {"name": type}, "kind": old.body["kind"] if old else "Storage"}
    missing = [name for name in ("sku", "kind") if name not in account.body]
    if missing:
        raise NotEmulated(f"{ACCOUNT_TYPE} without {', '.join(missing)}")


def kind_has_sku(state: State, account: Resource, old: Resource | None) -> None:
    """The first kind of accounts is not kept in zones. Source: hashicorp/terraform-provider-azurerm#8089"""
    if account.body["kind"] == "Storage" and account.body["sku"]["name"] in IN_ZONES:
        raise invalid_values("kind, sku")


def region_has_sku(state: State, account: Resource, old: Resource | None) -> None:
    """Not every region has zones, or another one beside it. Only the code of the service's refusal is documented."""
    sku, place = account.body["sku"]["name"], PLACES[account.location]
    if (sku in IN_ZONES and not place.zoned) or (is_in_two_regions(sku) and not place.pair):
        raise NotEmulated(f"{ACCOUNT_TYPE} with the sku {sku} in {account.location}")


def change_is_modelled(state: State, account: Resource, old: Resource | None) -> None:
    """Copies come and go as a change of the sku has it; into zones, or out of them, data have to be moved."""
    if old is None:
        return
    skus = (old.body["sku"]["name"], account.body["sku"]["name"])
    if len({sku in IN_ZONES for sku in skus}) > 1:
        raise NotEmulated(f"the change of {ACCOUNT_TYPE} from the sku {skus[0]} to {skus[1]}")
    if old.body["kind"] != account.body["kind"] != "StorageV2":
        raise NotEmulated(f"the change of {ACCOUNT_TYPE} from the kind {old.body['kind']} to {account.body['kind']}")


def tier_is_known(state: State, account: Resource, old: Resource | None) -> None:
    """The first kind of accounts has no access tiers; with which code it is refused one is not known."""
    if account.body["kind"] == "Storage" and "accessTier" in account.properties:
        raise NotEmulated(f"accessTier of {ACCOUNT_TYPE} of the kind Storage", supported="StorageV2")


def is_not_at_work(state: State, account: Resource, old: Resource | None) -> None:
    """An account that is still being made takes no other write. Source: openshift/openshift-azure#1332"""
    if old is not None and old.phase == STORAGE_PUT.phase:
        message = "An operation is currently performing on this storage account that requires exclusive access."
        raise ArmError(409, "StorageAccountOperationInProgress", message)


def is_provisioned(state: State, account: Resource) -> None:
    """An account is deleted when it has been made, or could not be, and not before."""
    if account.phase == STORAGE_PUT.phase:
        require_provisioned(account)


RULES = (
    is_not_at_work,
    says_what_it_is,
    kind_has_sku,
    region_has_sku,
    change_is_modelled,
    tier_is_known,
    name_is_free,
)
