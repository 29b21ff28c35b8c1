"""Microsoft.Compute/skus: the sizes of VMs, kinds of disks and of sets that each region offers, and their abilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.compute.disk import PREMIUM_TIERS
from acrlab.emulator.types.compute.fault_domains import ALIGNED, CLASSIC, most_fault_domains
from acrlab.emulator.types.compute.size_catalogue import OS_DISK_MB, SIZES
from acrlab.emulator.types.odata_filter import asked
from acrlab.emulator.types.region import PLACES, ZONES
from acrlab.emulator.types.resources.subscription import require_subscription

# Family of sizes -> its quota's name for people.
FAMILIES = {
    "standardBSFamily": "Standard BS Family vCPUs",
    "standardDSv3Family": "Standard DSv3 Family vCPUs",
    "standardDSv5Family": "Standard DSv5 Family vCPUs",
    "standardDSv2Family": "Standard DSv2 Family vCPUs",
    "standardFSv2Family": "Standard FSv2 Family vCPUs",
}
_FAMILY_OF = {
    "Standard_B": "standardBSFamily",
    "Standard_DS": "standardDSv2Family",
    "Standard_F": "standardFSv2Family",
}


# Size and region -> the region's zones that do not have it, as some zones of large regions always lack something.
RESTRICTED = {("Standard_B2s", "eastus"): ("1",)}


def family_of(size: str) -> str:
    """The family whose quota a size counts for."""
    if size.startswith("Standard_D") and "s_v" in size:
        return f"standardDS{size.rpartition('_')[2]}Family"
    return next(family for start, family in _FAMILY_OF.items() if size.startswith(start))


def skus(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """One entry for each thing in each region, or in the one region that is asked for."""
    require_subscription(state, words["subscription"])
    wanted = asked(request.query.get("$filter", ""), ("location",)).get("location")
    regions = [region for region in REGIONS if wanted in (None, region)]
    return {"value": [sku for region in regions for sku in (*_disks(region), *_vms(region), *_sets(region))]}


def _sets(region: str) -> Iterator[JSON]:
    """Availability sets, which lie in no zone."""
    for kind in (CLASSIC, ALIGNED):
        able = {"MaximumPlatformFaultDomainCount": most_fault_domains(region, kind)}
        yield {"resourceType": "availabilitySets", "name": kind, **_offered(region, able, zoned=False)}


def _vms(region: str) -> Iterator[JSON]:
    for name, size in SIZES.items():
        able = {
            "MaxResourceVolumeMB": size.temporary,
            "OSVhdSizeMB": OS_DISK_MB,
            "vCPUs": size.cores,
            "HyperVGenerations": "V1,V2",
            "MemoryGB": f"{size.memory / 1024:g}",
            "MaxDataDiskCount": size.data_disks,
            "CpuArchitectureType": "x64",
            "PremiumIO": True,
            "vCPUsAvailable": size.cores,
        }
        yield {
            "resourceType": "virtualMachines",
            "name": name,
            "tier": "Standard",
            "size": name.removeprefix("Standard_"),
            "family": family_of(name),
            **_offered(region, able, lacking=RESTRICTED.get((name, region), ())),
        }


def _in_zones(region: str, zones: Sequence[str]) -> JSON:
    """A size that some zones of a region lack can be had in the others, and where no zone is asked for."""
    where = {"locations": [region], "zones": list(zones)}
    reason = "NotAvailableForSubscription"
    return {"type": "Zone", "values": [region], "restrictionInfo": where, "reasonCode": reason}


def _disks(region: str) -> Iterator[JSON]:
    least = 1
    for most, (tier, operations, bandwidth) in PREMIUM_TIERS.items():
        able = {
            "MaxSizeGiB": most,
            "MinSizeGiB": least,
            "MaxIOps": operations,
            "MinIOps": operations,
            "MaxBandwidthMBps": bandwidth,
            "MinBandwidthMBps": bandwidth,
        }
        kind = {"resourceType": "disks", "name": "Premium_LRS", "tier": "Premium", "size": tier}
        yield {**kind, **_offered(region, able)}
        least = most + 1


def _offered(region: str, able: Mapping[str, object], lacking: Sequence[str] = (), *, zoned: bool = True) -> JSON:
    zones = list(ZONES) if zoned and PLACES[region].zoned else []
    return {
        "locations": [region],
        "locationInfo": [{"location": region, "zones": zones, "zoneDetails": []}],
        "capabilities": [{"name": name, "value": str(value)} for name, value in able.items()],
        "restrictions": [_in_zones(region, lacking)] if lacking else [],
    }


ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Compute/skus",
        skus,
        "https://learn.microsoft.com/rest/api/compute/resource-skus/list",
    ),
)
