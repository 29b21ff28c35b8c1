"""Microsoft.Compute/locations/…/virtualMachines: all VMs of a subscription in a region."""

from __future__ import annotations

from collections.abc import Mapping

from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.schema import Route
from acrlab.emulator.types.location import require_location
from acrlab.emulator.types.network.network_interface import VM_TYPE


def vms(state: State, request: Request, words: Mapping[str, str]) -> JSON:
    location = require_location(state, request, words)
    found = state.of_type(VM_TYPE, under=f"/subscriptions/{words['subscription']}")
    return {"value": [state.show(vm, request.api_version) for vm in found if vm.location == location]}


ROUTES = (
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/virtualMachines",
        vms,
        "https://learn.microsoft.com/rest/api/compute/virtual-machines/list-by-location",
    ),
)
