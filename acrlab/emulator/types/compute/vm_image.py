"""Microsoft.Compute/locations/…/publishers: images that VMs start from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.location import require_location
from acrlab.emulator.types.paging import size_of

SOURCE = "https://learn.microsoft.com/rest/api/compute/virtual-machine-images/list"

# publisher -> offer -> sku -> versions, oldest first
CATALOGUE: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "Canonical": {
        "UbuntuServer": {
            "16.04-LTS": ("16.04.202109280",),
            "18.04-LTS": ("18.04.202002180", "18.04.202306070", "18.04.202401161"),
        },
        "0001-com-ubuntu-server-focal": {"20_04-lts-gen2": ("20.04.202505010",)},
        "0001-com-ubuntu-server-jammy": {
            "22_04-lts": ("22.04.202508010", "22.04.202601080"),
            "22_04-lts-gen2": ("22.04.202508010", "22.04.202601080"),
        },
        "ubuntu-24_04-lts": {"server": ("24.04.202508010", "24.04.202601080")},
    },
    "Debian": {"debian-11": {"11-gen2": ("0.20250703.2163",)}, "debian-12": {"12-gen2": ("0.20250703.2163",)}},
}

# Publishers of extensions alone: they stand in the list of publishers, and have no images.
PUBLISHERS_OF_EXTENSIONS = ("Microsoft.Azure.Extensions",)

_LEVELS = {"publisher": "Publishers", "offer": "ArtifactTypes/VMImage/Offers", "sku": "Skus", "version": "Versions"}
_UPGRADES = {"automaticOSUpgradeProperties": {"automaticOSUpgradeSupported": True}}
_DISK_CONTROLLERS = {"name": "DiskControllerTypes", "value": "SCSI, NVMe"}  # of the builds since 2023


# -- what VMs ask -------------------------------------------------------------------------------------------------


def find_image(reference: Mapping[str, str]) -> str:
    """The exact version that an image reference means; empty when there is no such image."""
    here: Any = CATALOGUE
    for level in ("publisher", "offer", "sku"):
        here = here.get(spelled(here, reference.get(level, "")), {})
    wanted = reference.get("version", "latest")
    if here and wanted.lower() == "latest":
        return str(here[-1])
    return wanted if wanted in here else ""


def generation_of(reference: Mapping[str, str]) -> str:
    """`V1` or `V2`: how a VM of this image starts up."""
    sku = reference["sku"].lower()
    return "V2" if "gen2" in sku or sku == "server" else "V1"


def system_of(reference: Mapping[str, str], version: str) -> tuple[str, str]:
    """Name and version of the operating system, as the agent tells them."""
    if reference["publisher"].lower() == "debian":
        return "debian", reference["offer"].rpartition("-")[2]
    return "ubuntu", ".".join(version.split(".")[:2])


def publisher_of_images(name: str) -> str:
    """A publisher of images as the catalogue spells it; empty: it publishes none."""
    return spelled(CATALOGUE, name)


def spelled(entries: Any, name: str) -> str:
    """A name as a catalogue spells it; empty when it isn't there."""
    return next((entry for entry in entries if entry.lower() == name.lower()), "")


# -- looking around ----------------------------------------------------------------------------------------------------


def listing(state: State, request: Request, words: Mapping[str, str]) -> list[JSON]:
    """The names on one level of the catalogue, as a bare JSON array."""
    here, root = _walk(state, request, words)
    level = list(_LEVELS)[len(words) - 2]
    order, expand = request.query.get("$orderby", "").lower(), request.query.get("$expand", "")
    if order not in ("", "name", "name asc", "name desc"):
        raise NotEmulated(f"$orderby={order} of images", supported="name asc, name desc")
    if expand and (expand, level) != ("properties", "version"):
        raise NotEmulated(f"$expand={expand} of {level}s", supported="properties of versions")
    names = sorted(here, key=str.lower, reverse=order.endswith("desc"))
    shown = [_named(words, root, level, name) for name in names[: size_of(request, len(names))]]
    if level == "sku":
        return [{"properties": dict(_UPGRADES), **one} for one in shown]
    return [{**one, "properties": _properties(words, one["name"])} for one in shown] if expand else shown


def one_version(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    above = {key: value for key, value in words.items() if key != "version"}
    here, root = _walk(state, request, above)
    if words["version"] not in here:
        raise nothing()
    return {"properties": _properties(words, words["version"]), **_named(words, root, "version", words["version"])}


def _walk(state: State, request: Request, words: Mapping[str, str]) -> tuple[Any, str]:
    """Go down the catalogue as far as the path names it: what is there, and the id of it.

    Raises: ArmError: 404 at the first name that is not there.
    """
    require_location(state, request, words)
    here: Any = {**CATALOGUE, **dict.fromkeys(PUBLISHERS_OF_EXTENSIONS)}
    id = f"/Subscriptions/{words['subscription']}/Providers/Microsoft.Compute/Locations/{words['location']}"
    for level, segment in list(_LEVELS.items())[: len(words) - 2]:
        name = spelled(here, words[level])
        if not name:
            raise nothing(f"Publisher: {words[level]}" if level == "publisher" else "Artifact: VMImage")
        here, id = here[name], f"{id}/{segment}/{name}"
        if here is None:
            raise nothing()
    return here, id


def nothing(what: str = "Artifact: VMImage") -> ArmError:
    return ArmError(404, "NotFound", f"{what} was not found.")


def _named(words: Mapping[str, str], root: str, level: str, name: str) -> JSON:
    return {"location": words["location"], "name": name, "id": f"{root}/{_LEVELS[level]}/{name}"}


def _properties(words: Mapping[str, str], version: str) -> JSON:
    built = re.search(r"20\d{6}", version)
    controllers = [_DISK_CONTROLLERS] if built and built[0] >= "2023" else []
    return {
        "hyperVGeneration": generation_of(words),
        "architecture": "x64",
        "replicaType": "Unmanaged",
        "disallowed": {"vmDiskType": "None"},
        **_UPGRADES,
        "imageDeprecationStatus": {"imageState": "Active"},
        "features": [
            {"name": "IsAcceleratedNetworkSupported", "value": "True"},
            *controllers,
            {"name": "IsHibernateSupported", "value": "True"},
        ],
        "osDiskImage": {"operatingSystem": "Linux", "sizeInGb": 31, "sizeInBytes": 32213303808},
        "dataDiskImages": [],
    }


_ROOT = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}"
_OFFERS = f"{_ROOT}/publishers/{{publisher}}/artifacttypes/vmimage/offers"
_SKUS = f"{_OFFERS}/{{offer}}/skus"
_VERSIONS = f"{_SKUS}/{{sku}}/versions"

ROUTES = (
    *(Route("GET", path, listing, SOURCE) for path in (f"{_ROOT}/publishers", _OFFERS, _SKUS, _VERSIONS)),
    Route("GET", f"{_VERSIONS}/{{version}}", one_version, SOURCE),
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/locations",
        what="Regions offer ten sizes and a handful of Ubuntu and Debian images.",
        impact="Another size or image is refused as one that does not exist.",
        reason="The catalogue holds what the article and the CLI's short names need.",
        workaround="Use one that `az vm list-sizes` and `az vm image list` name.",
    ),
    Deviation(
        of="Microsoft.Compute/locations",
        what="`UbuntuLTS` and its Ubuntu 18.04 image are still there.",
        impact="`az vm create --image UbuntuLTS` works, which on Azure it no longer does.",
        reason="The article's command must work as it is written.",
        workaround="On Azure write `Ubuntu2204`.",
    ),
)
