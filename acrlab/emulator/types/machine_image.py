"""Microsoft.Compute/locations/…/publishers: images that machines start from, and the sizes that they can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.emulator.schema import Route, Tenant
from acrlab.emulator.types.subscription import require_subscription
from acrlab.emulator.wire import JSON, ArmError, Request

SOURCE = "https://learn.microsoft.com/rest/api/compute/virtual-machine-images/list"

# publisher -> offer -> sku -> versions, oldest first
CATALOGUE: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "Canonical": {
        "UbuntuServer": {"16.04-LTS": ("16.04.202109280",), "18.04-LTS": ("18.04.202305220", "18.04.202306070")},
        "0001-com-ubuntu-server-focal": {"20_04-lts-gen2": ("20.04.202505010",)},
        "0001-com-ubuntu-server-jammy": {
            "22_04-lts": ("22.04.202508010", "22.04.202601080"),
            "22_04-lts-gen2": ("22.04.202508010", "22.04.202601080"),
        },
        "ubuntu-24_04-lts": {"server": ("24.04.202508010", "24.04.202601080")},
    },
    "Debian": {"debian-11": {"11-gen2": ("0.20250703.2163",)}, "debian-12": {"12-gen2": ("0.20250703.2163",)}},
}

# size -> cores, memory in MB
SIZES = {
    "Standard_B1s": (1, 1024),
    "Standard_B1ms": (1, 2048),
    "Standard_B2s": (2, 4096),
    "Standard_B2ms": (2, 8192),
    "Standard_D2s_v3": (2, 8192),
    "Standard_D2s_v5": (2, 8192),
    "Standard_D4s_v5": (4, 16384),
    "Standard_DS1_v2": (1, 3584),
    "Standard_DS2_v2": (2, 7168),
    "Standard_F2s_v2": (2, 4096),
}


def find_image(reference: Mapping[str, str]) -> str:
    """The exact version that an image reference means; empty when there is no such image."""
    publisher = _entry(CATALOGUE, reference.get("publisher", ""))
    offer = _entry(publisher or {}, reference.get("offer", ""))
    versions = _entry(offer or {}, reference.get("sku", "")) or ()
    wanted = reference.get("version", "latest")
    if versions and wanted.lower() == "latest":
        return str(versions[-1])
    return wanted if wanted in versions else ""


def _entry(entries: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in entries.items() if key.lower() == name.lower()), None)


def _walk(tenant: Tenant, words: Mapping[str, str]) -> Any:
    """Go down the catalogue as far as the path names it. Raises: ArmError: 404 at the first name that is not there."""
    require_subscription(tenant, words["subscription"])
    here: Any = CATALOGUE
    for level in ("publisher", "offer", "sku", "version"):
        if level in words:
            found = words[level] if level == "version" and words[level] in here else None
            found = found if level == "version" else _entry(here, words[level])
            if found is None:
                kind = {"publisher": "Publisher", "offer": "Offer", "sku": "Sku", "version": "Version"}[level]
                raise ArmError(404, "NotFound", f"{kind}: {words[level]} was not found.")
            here = found
    return here


def listing(tenant: Tenant, request: Request, words: Mapping[str, str]) -> list[JSON]:
    """The names on one level of the catalogue, as a bare JSON array."""
    names = list(_walk(tenant, words))
    if request.query.get("$orderby", "").lower() == "name desc":
        names.sort(reverse=True)
    names = names[: int(request.query.get("$top", len(names)))]
    root = request.path.rstrip("/")
    return [{"location": words["location"], "name": name, "id": f"{root}/{name}"} for name in names]


def one_version(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    version = _walk(tenant, words)
    generation = "V2" if "gen2" in words["sku"].lower() or words["sku"] == "server" else "V1"
    properties = {
        "hyperVGeneration": generation,
        "architecture": "x64",
        "replicaType": "Managed",
        "osDiskImage": {"operatingSystem": "Linux", "sizeInGb": 30},
        "dataDiskImages": [],
    }
    return {"location": words["location"], "name": version, "id": request.path.rstrip("/"), "properties": properties}


def sizes(tenant: Tenant, request: Request, words: Mapping[str, str]) -> JSON:
    require_subscription(tenant, words["subscription"])
    shown = [
        {
            "name": name,
            "numberOfCores": cores,
            "memoryInMB": memory,
            "osDiskSizeInMB": 1047552,
            "resourceDiskSizeInMB": memory * 4,
            "maxDataDiskCount": cores * 2,
        }
        for name, (cores, memory) in SIZES.items()
    ]
    return {"value": shown}


_ROOT = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}"
_LEVELS = (
    f"{_ROOT}/publishers",
    f"{_ROOT}/publishers/{{publisher}}/artifacttypes/vmimage/offers",
    f"{_ROOT}/publishers/{{publisher}}/artifacttypes/vmimage/offers/{{offer}}/skus",
    f"{_ROOT}/publishers/{{publisher}}/artifacttypes/vmimage/offers/{{offer}}/skus/{{sku}}/versions",
)

ROUTES = (
    *(Route("GET", path, listing, SOURCE) for path in _LEVELS),
    Route("GET", f"{_LEVELS[-1]}/{{version}}", one_version, SOURCE),
    Route("GET", f"{_ROOT}/vmSizes", sizes, "https://learn.microsoft.com/rest/api/compute/virtual-machine-sizes/list"),
)
