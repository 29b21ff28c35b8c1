"""Types of which there are none: a reader is told so, as on Azure before the first is made. Making one is not emulated.

Clients look for them where a caller names one, or may mean one: `az vm create --image NAME` asks for an image of one's
own by that name, and takes 404 for an answer.
"""

from __future__ import annotations

from acrlab.emulator.core.schema import LOCATED, ResourceType
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import COMPUTE_NAME


def _none_of(type: str, page: str, versions: tuple[str, ...]) -> ResourceType:
    source = f"https://learn.microsoft.com/rest/api/compute/{page}"
    return ResourceType(
        type=type, source=source, versions=versions, name=COMPUTE_NAME, envelope=LOCATED, verbs=("GET", "LIST")
    )


IMAGE = _none_of("Microsoft.Compute/images", "images", api_versions.COMPUTE)
