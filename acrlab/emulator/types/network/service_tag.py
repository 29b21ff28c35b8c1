"""Microsoft.Network/locations/serviceTags: which addresses a service has in a region, for rules that name addresses.

Source: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
"""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.location import require_location

SOURCE = "https://learn.microsoft.com/rest/api/virtualnetwork/service-tags/list"
SERVICE = "AzureContainerRegistry"
AGENTS = "198.51.100"  # two addresses for the agents of each region. Source: RFC 5737, TEST-NET-2
FRONTS = "192.0.2"  # a region's login servers and data endpoints; see `acrlab.emulator.network.public_dns`


def agents_of(region: str) -> tuple[str, str]:
    """Return the addresses from which runs without a pool come in a region."""
    first = 128 + 2 * list(REGIONS).index(region)
    return f"{AGENTS}.{first}", f"{AGENTS}.{first + 1}"


def prefixes_of(region: str) -> list[str]:
    """Return the prefixes of the service tag of container registries in a region."""
    index = list(REGIONS).index(region)
    return [f"{FRONTS}.{64 + index}/32", f"{FRONTS}.{128 + index}/32", f"{agents_of(region)[0]}/31"]


def listed(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    """Tags of container registries, in every region: the list is the same wherever it is asked for."""
    require_location(state, request, words)
    root = f"/subscriptions/{words['subscription']}/providers/Microsoft.Network/locations/{words['location']}"
    whole = [prefix for region in REGIONS for prefix in prefixes_of(region)]
    tags = [_tag(SERVICE, "", whole)]
    tags += [
        _tag(f"{SERVICE}.{name.replace(' ', '')}", region, prefixes_of(region)) for region, name in REGIONS.items()
    ]
    return {
        "name": "Public",
        "id": f"{root}/serviceTags/Public",
        "type": "Microsoft.Network/serviceTags",
        "changeNumber": "1",
        "cloud": "Public",
        "values": tags,
    }


def _tag(name: str, region: str, prefixes: list[str]) -> JSON:
    about = {"changeNumber": "1", "region": region, "systemService": SERVICE, "addressPrefixes": prefixes}
    return {"name": name, "id": name, "serviceTagChangeNumber": "1", "properties": about}


ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/serviceTags",
        listed,
        SOURCE,
    ),
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/locations/serviceTags",
        what=f"Only the tags {SERVICE} and {SERVICE}.<region> are listed, with addresses for documentation.",
        impact="Other services' prefixes are not found.",
        reason="Nothing else here has rules by address.",
        workaround="In security rules, other tags have effect by their names.",
    ),
    Deviation(
        of="Microsoft.Network/networkSecurityGroups",
        what="Service tags are those that were documented or listed until 2026, each also of any region.",
        impact="A newer tag is refused as no address prefix; a region of a tag that has none is accepted.",
        reason="Azure adds tags without notice, and does not say which have regions.",
        workaround="Name the addresses in place of the tag.",
    ),
)
