"""What the answer to a write of an assignment or a role tells: when it was written, and not who made it when.

Source: recordings of Azure/azure-powershell (UpdateRa, RDUpdate) and of Azure/azure-service-operator (authorization)
"""

from __future__ import annotations

from acrlab.emulator.core.resource import Resource, State


def _moment(state: State, written: Resource) -> str:
    return state.timestamp(written.changed)


def _unknown(state: State, written: Resource) -> None:
    return None


AS_WRITTEN = {"createdOn": _moment, "createdBy": _unknown}
