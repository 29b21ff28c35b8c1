"""Where a storage account is: its regions, and the addresses of its services in them.

Sources: https://learn.microsoft.com/azure/storage/common/storage-redundancy and the recordings of azure-cli's tests and
of Azure/azure-service-operator (storage accounts)
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.region import PLACES
from acrlab.emulator.types.storage.storage_names import ACCOUNT_TYPE

HOSTS = "core.windows.net"
SERVICES = {
    "StorageV2": ("dfs", "web", "blob", "queue", "table", "file"),
    "Storage": ("blob", "queue", "table", "file"),
}
ONLY_PRIMARY = "file"  # which cannot be read in the second region
# The part of a region that a website's host name tells, as far as it is recorded.
STAMPS = {"eastus": 13, "eastus2euap": 3, "westus": 22, "westus2": 5}


def is_in_two_regions(sku: str) -> bool:
    return sku.endswith(("_GRS", "_RAGRS", "_GZRS", "_RAGZRS"))


def primary_endpoints(state: State, account: Resource) -> JSON:
    return _endpoints(account, "", SERVICES[account.body["kind"]])


def secondary_endpoints(state: State, account: Resource) -> JSON | None:
    """Addresses in the second region, of an account that may be read there."""
    if not account.body["sku"]["name"].startswith("Standard_RA"):
        return None
    services = tuple(service for service in SERVICES[account.body["kind"]] if service != ONLY_PRIMARY)
    return _endpoints(account, "-secondary", services)


def secondary_location(state: State, account: Resource) -> str | None:
    return PLACES[account.location].pair if is_in_two_regions(account.body["sku"]["name"]) else None


def secondary_status(state: State, account: Resource) -> str | None:
    return "available" if is_in_two_regions(account.body["sku"]["name"]) else None


def _endpoints(account: Resource, mark: str, services: tuple[str, ...]) -> JSON:
    zones = {"web": f"z{STAMPS.get(account.location, 1)}.web"}
    return {s: f"https://{account.id.name}{mark}.{zones.get(s, s)}.{HOSTS}/" for s in services}


DEVIATIONS = (
    Deviation(
        of=ACCOUNT_TYPE,
        what="A storage account holds nothing: the host names of its endpoints do not resolve.",
        impact="Clients of blobs, queues, tables and files find no server.",
        reason="Accounts are modelled as far as a VM names one.",
        workaround="Keep what has to last in the registry.",
    ),
    Deviation(
        of=ACCOUNT_TYPE,
        what=f"The number in the host name of an account's website is right in {', '.join(STAMPS)} alone.",
        impact="Elsewhere it says `z1`, where Azure may say another.",
        reason="No list of these numbers is published.",
        workaround="Read `primaryEndpoints.web`.",
    ),
)
