"""Azure's regions: in which geography each is, which one it is paired with, and whether it has availability zones.

Source: https://learn.microsoft.com/azure/reliability/regions-list and `az account list-locations`
"""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State

ZONES = ("1", "2", "3")
US, EUROPE, ASIA, MIDDLE_EAST = "US", "Europe", "Asia Pacific", "Middle East"
# What Azure files under "Other" is not recommended for something new.
OTHER = (
    "westus", "westcentralus", "northcentralus", "centraluseuap", "eastus2euap", "canadaeast", "ukwest", "japanwest",
    "koreasouth", "southindia", "westindia", "australiasoutheast", "australiacentral",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a region is: geography, the group of that, the city as Azure shows it, its pair if there is one."""

    geography: str
    group: str
    city: str
    pair: str = ""
    zoned: bool = True


PLACES = {
    "westus": Place("United States", US, "California", "eastus", zoned=False),
    "westus2": Place("United States", US, "Washington", "westcentralus"),
    "westus3": Place("United States", US, "Phoenix", "eastus"),
    "westcentralus": Place("United States", US, "Wyoming", "westus2", zoned=False),
    "centralus": Place("United States", US, "Iowa", "eastus2"),
    "southcentralus": Place("United States", US, "Texas", "northcentralus"),
    "northcentralus": Place("United States", US, "Illinois", "southcentralus", zoned=False),
    "eastus": Place("United States", US, "Virginia", "westus"),
    "eastus2": Place("United States", US, "Virginia", "centralus"),
    "centraluseuap": Place("Canary (US)", US, "", "eastus2euap", zoned=False),
    "eastus2euap": Place("Canary (US)", US, "", "centraluseuap", zoned=False),
    "canadacentral": Place("Canada", "Canada", "Toronto", "canadaeast"),
    "canadaeast": Place("Canada", "Canada", "Quebec", "canadacentral", zoned=False),
    "mexicocentral": Place("Mexico", "Mexico", "Querétaro State"),
    "brazilsouth": Place("Brazil", "South America", "Sao Paulo State", "southcentralus"),
    "chilecentral": Place("Chile", "South America", "Santiago"),
    "northeurope": Place("Europe", EUROPE, "Ireland", "westeurope"),
    "westeurope": Place("Europe", EUROPE, "Netherlands", "northeurope"),
    "uksouth": Place("United Kingdom", EUROPE, "London", "ukwest"),
    "ukwest": Place("United Kingdom", EUROPE, "Cardiff", "uksouth", zoned=False),
    "francecentral": Place("France", EUROPE, "Paris", "francesouth"),
    "germanywestcentral": Place("Germany", EUROPE, "Frankfurt", "germanynorth"),
    "switzerlandnorth": Place("Switzerland", EUROPE, "Zurich", "switzerlandwest"),
    "swedencentral": Place("Sweden", EUROPE, "Gävle", "swedensouth"),
    "norwayeast": Place("Norway", EUROPE, "Norway", "norwaywest"),
    "italynorth": Place("Italy", EUROPE, "Milan"),
    "polandcentral": Place("Poland", EUROPE, "Warsaw"),
    "spaincentral": Place("Spain", EUROPE, "Madrid"),
    "austriaeast": Place("Austria", EUROPE, "Vienna"),
    "belgiumcentral": Place("Belgium", EUROPE, "Brussels"),
    "southeastasia": Place("Asia Pacific", ASIA, "Singapore", "eastasia"),
    "eastasia": Place("Asia Pacific", ASIA, "Hong Kong", "southeastasia"),
    "japaneast": Place("Japan", ASIA, "Tokyo, Saitama", "japanwest"),
    "japanwest": Place("Japan", ASIA, "Osaka", "japaneast"),
    "koreacentral": Place("Korea", ASIA, "Seoul", "koreasouth"),
    "koreasouth": Place("Korea", ASIA, "Busan", "koreacentral", zoned=False),
    "centralindia": Place("India", ASIA, "Pune", "southindia"),
    "southindia": Place("India", ASIA, "Chennai", "centralindia", zoned=False),
    "westindia": Place("India", ASIA, "Mumbai", "southindia", zoned=False),
    "indonesiacentral": Place("Indonesia", ASIA, "Jakarta"),
    "malaysiawest": Place("Malaysia", ASIA, "Kuala Lumpur"),
    "australiaeast": Place("Australia", ASIA, "New South Wales", "australiasoutheast"),
    "australiasoutheast": Place("Australia", ASIA, "Victoria", "australiaeast", zoned=False),
    "australiacentral": Place("Australia", ASIA, "Canberra", "australiacentral2", zoned=False),
    "newzealandnorth": Place("New Zealand", ASIA, "Auckland"),
    "southafricanorth": Place("South Africa", "Africa", "Johannesburg", "southafricawest"),
    "uaenorth": Place("UAE", MIDDLE_EAST, "Dubai", "uaecentral"),
    "israelcentral": Place("Israel", MIDDLE_EAST, "Israel"),
    "qatarcentral": Place("Qatar", MIDDLE_EAST, "Doha"),
}


def shown(name: str, root: str) -> JSON:
    """A region as a subscription lists it; `root` is what the ids of its regions begin with."""
    place = PLACES[name]
    region: JSON = {
        "id": f"{root}/{name}",
        "name": name,
        "type": "Region",
        "displayName": REGIONS[name],
        "regionalDisplayName": f"({place.group}) {REGIONS[name]}",
        "metadata": {
            "regionType": "Physical",
            "regionCategory": "Other" if name in OTHER else "Recommended",
            "geography": place.geography,
            "geographyGroup": place.group,
            "physicalLocation": place.city,
            "pairedRegion": [{"name": place.pair, "id": f"{root}/{place.pair}"}] if place.pair else [],
        },
    }
    if place.zoned:
        mappings = [{"logicalZone": zone, "physicalZone": f"{name}-az{zone}"} for zone in ZONES]
        region["availabilityZoneMappings"] = mappings
    return region


def zones_exist(state: State, resource: Resource, old: Resource | None) -> None:
    """A resource can only be put into zones that its region has."""
    asked, location = resource.body.get("zones", []), resource.body["location"]
    if not asked or (old and old.body.get("zones", []) == asked):
        return
    named = f"{resource.id.type}/{resource.id.name}"
    if not PLACES[location].zoned:
        message = f"The resource '{named}' does not support availability zones at location '{location}'."
        raise ArmError(400, "LocationNotSupportAvailabilityZones", message)
    if not set(asked) <= set(ZONES):
        message = (
            f"The zone(s) '{','.join(asked)}' for resource '{named}' is not supported. The supported zones for "
            f"location '{location}' are '{','.join(ZONES)}'"
        )
        raise ArmError(400, "InvalidAvailabilityZone", message)


DEVIATIONS = (
    Deviation(
        of="Microsoft.Resources/subscriptions/locations",
        what="Regions show no latitude and longitude, and every subscription numbers the zones of a region alike.",
        impact="Two subscriptions seem to mean the same building by zone 1; on Azure each has its own order.",
        reason="There is one subscription's order to show, and no client of the lab looks where a region is.",
        workaround="On Azure compare `availabilityZoneMappings` of both subscriptions.",
    ),
)
