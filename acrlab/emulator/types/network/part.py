"""A part of a network resource that is not there: the front door keeps no account of parts, the service says so itself.

Source: the recordings of Azure/azure-service-operator (networking) and of azure-cli's tests (network).
"""

from __future__ import annotations

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError


def not_found(id: ArmId) -> ArmError:
    """Return the network service's 404."""
    return ArmError(404, "NotFound", f"Resource {id} not found.", details=[])
