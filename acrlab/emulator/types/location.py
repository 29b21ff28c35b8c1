"""Regions as a part of a path: `…/providers/{namespace}/locations/{location}/…`."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.azure.cloud import REGIONS
from acrlab.emulator.core.http import ArmError, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.types.resources.subscription import require_subscription


def require_location(state: State, request: Request, words: Mapping[str, str]) -> str:
    """The region that `{location}` means. Raises: ArmError: there is no such subscription, or region."""
    require_subscription(state, words["subscription"])
    location = words["location"].lower()
    if location not in REGIONS:
        kind = request.path.lower().partition(f"/locations/{location}/")[2].partition("/")[0]
        message = (
            f"No registered resource provider found for location '{words['location']}' and API version "
            f"'{request.api_version}' for type 'locations/{_SPELLED.get(kind, kind)}'. The supported locations are "
            f"'{', '.join(REGIONS)}'."
        )
        raise ArmError(400, "NoRegisteredProviderFound", message, gateway=True)
    return location


_SPELLED = {"vmsizes": "vmSizes", "runcommands": "runCommands", "virtualmachines": "virtualMachines"}
