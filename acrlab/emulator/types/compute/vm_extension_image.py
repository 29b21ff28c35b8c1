"""Microsoft.Compute/locations/…/artifacttypes/vmextension: which extensions a VM can be given, and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, NotEmulated, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.compute.vm_image import PUBLISHERS_OF_EXTENSIONS, nothing, publisher_of_images, spelled
from acrlab.emulator.types.location import require_location
from acrlab.emulator.types.paging import size_of

SOURCE = "https://learn.microsoft.com/rest/api/compute/virtual-machine-extension-images"
CUSTOM_SCRIPT = "CustomScript"

# publisher -> type -> versions, oldest first. Source: those that people name in the extension's own issues.
CATALOGUE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    PUBLISHERS_OF_EXTENSIONS[0]: {
        CUSTOM_SCRIPT: (
            *(f"2.0.{build}" for build in range(8)),
            *(f"2.1.{build}" for build in (1, 2, 3, 6, 7, 10, 14)),
        )
    }
}


# -- what extensions ask -----------------------------------------------------------------------------------------------


def is_known(publisher: str, type: str) -> bool:
    return bool(_versions(publisher, type))


def newest(publisher: str, type: str, wanted: str, *, minor: bool) -> str:
    """Return the version that is installed where `wanted` is; empty: there is none.

    Args:
        wanted: major and minor number.
        minor: a later minor version will do.
    """
    least = _numbers(wanted)
    fitting = [
        version
        for version in _versions(publisher, type)
        if (here := _numbers(version)[:2]) == least or (minor and here[0] == least[0] and here >= least)
    ]
    return fitting[-1] if fitting else ""


def _versions(publisher: str, type: str) -> Sequence[str]:
    types = CATALOGUE.get(spelled(CATALOGUE, publisher), {})
    return types.get(spelled(types, type), ())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


# -- looking around ----------------------------------------------------------------------------------------------------


def types(state: State, request: Request, words: Mapping[str, str]) -> list[JSON]:
    """The extensions of a publisher, as a bare JSON array."""
    publisher = _publisher(state, request, words)
    return [_named(words, f"{_root(words, publisher)}/{type}", type) for type in CATALOGUE[publisher]]


def versions(state: State, request: Request, words: Mapping[str, str]) -> list[JSON]:
    """The versions of an extension, as a bare JSON array."""
    publisher, type = _place(state, request, words)
    if more := sorted(request.query.keys() & {"$filter", "$orderby"}):
        raise NotEmulated(f"{', '.join(more)} of versions of extensions", supported="$top")
    found = CATALOGUE[publisher][type]
    root = f"{_root(words, publisher)}/{type}/Versions"
    return [_named(words, f"{root}/{name}", name) for name in found[: size_of(request, len(found))]]


def one_version(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    publisher, type = _place(state, request, words)
    if words["version"] not in CATALOGUE[publisher][type]:
        raise nothing("Artifact: VMExtension")
    told = {
        "operatingSystem": "Linux",
        "computeRole": "IaaS",
        "vmScaleSetEnabled": True,
        "supportsMultipleExtensions": False,
    }
    id = f"{_root(words, publisher)}/{type}/Versions/{words['version']}"
    return {"properties": told, **_named(words, id, words["version"])}


def _place(state: State, request: Request, words: Mapping[str, str]) -> tuple[str, str]:
    publisher = _publisher(state, request, words)
    type = spelled(CATALOGUE[publisher], words["type"])
    if not type:
        raise NotEmulated(f"the extension {publisher}.{words['type']}", supported=", ".join(CATALOGUE[publisher]))
    return publisher, type


def _publisher(state: State, request: Request, words: Mapping[str, str]) -> str:
    """Name the publisher as the catalogue spells it. What others publish is not known here, so it isn't denied."""
    require_location(state, request, words)
    if publisher_of_images(words["publisher"]):
        raise nothing("Artifact: VMExtension")
    publisher = spelled(CATALOGUE, words["publisher"])
    if not publisher:
        raise NotEmulated(f"extensions of {words['publisher']}", supported=", ".join(CATALOGUE))
    return publisher


def _root(words: Mapping[str, str], publisher: str) -> str:
    place = f"/Subscriptions/{words['subscription']}/Providers/Microsoft.Compute/Locations/{words['location']}"
    return f"{place}/Publishers/{publisher}/ArtifactTypes/VMExtension/Types"


def _named(words: Mapping[str, str], id: str, name: str) -> JSON:
    return {"location": words["location"], "name": name, "id": id}


_TYPES = (
    "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/publishers/{publisher}"
    "/artifacttypes/vmextension/types"
)
ROUTES = (
    Route("GET", _TYPES, types, f"{SOURCE}/list-types"),
    Route("GET", f"{_TYPES}/{{type}}/versions", versions, f"{SOURCE}/list-versions"),
    Route("GET", f"{_TYPES}/{{type}}/versions/{{version}}", one_version, f"{SOURCE}/get"),
)

DEVIATIONS = (
    Deviation(
        of="Microsoft.Compute/locations",
        what="The one extension that regions offer is `CustomScript` of `Microsoft.Azure.Extensions`, up to 2.1.14.",
        impact="Any other is refused as not emulated; on Azure newer builds may be installed.",
        reason="The catalogue holds what is modelled; Azure does not document which builds a region has.",
        workaround="Use that one, and ask for `2.1` and not for a build.",
    ),
)
