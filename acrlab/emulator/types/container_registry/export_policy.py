"""A registry whose images must not leave it: its export policy, which goes with a public endpoint that is closed.

Source: https://learn.microsoft.com/azure/container-registry/data-loss-prevention
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE


def has_exports_disabled(registry: Resource) -> bool:
    """Tell whether its images are kept from other registries."""
    policies = registry.properties.get("policies") or {}
    return bool(policies.get("exportPolicy", {}).get("status") == "disabled")


def open_registries_export(state: State, registry: Resource, old: Resource | None) -> None:
    """Exports are disabled after public access or together with it, and enabled again before it.

    Source of the first sentence: https://github.com/Azure-Samples/holiday-peak-hub/pull/830
    """
    if not has_exports_disabled(registry) or registry.properties["publicNetworkAccess"] == "Disabled":
        return
    name = registry.id.name
    if old is not None and has_exports_disabled(old):
        message = f"Enabling public network access is not supported because the registry '{name}' has exports disabled."
    else:
        message = f"Disabling exports is not supported because the registry '{name}' has public network access enabled."
    raise ArmError(400, "BadRequest", message)


def require_exports(registry: Resource) -> None:
    """Refuse to copy images out of a registry that keeps them. Raises: ArmError."""
    if has_exports_disabled(registry):
        message = f"The source registry '{registry.id.name}' has exports disabled."
        raise ArmError(400, "InvalidParameters", message)


DEVIATIONS = (
    Deviation(
        of=REGISTRY_TYPE,
        what=(
            "Disabling exports of a registry that is open, and an import from one whose exports are disabled, are "
            "refused in the emulator's own words."
        ),
        impact="Code and message differ from Azure's; the status is 400.",
        reason="The documentation says that both are refused; only the words for opening such a registry are known.",
        workaround="Look at the status and not at the message.",
    ),
)
