"""What a template may reach: what its caller may write, other subscriptions, and providers that are new.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types,
https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-to-resource-group and
https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

from __future__ import annotations

from collections.abc import Iterable

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import REGIONS
from acrlab.emulator.arm.linked_access import Caller, caller_of
from acrlab.emulator.arm.rights import called, forbidden, may
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.registration import is_registered, register
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.world import World
from acrlab.emulator.types import api_versions


def require_rights(world: World, wanted: Iterable[ArmId]) -> None:
    """Refuse a template with resources that its caller may not write; all of them are told at once.

    Source: https://github.com/Azure-Samples/azure-search-openai-demo/issues/1483 and
    https://github.com/Azure/Azure-Landing-Zones/issues/4197

    Raises: ArmError.
    """
    caller = caller_of(world)
    if caller is None:
        return
    known = [id for id in wanted if subscriptions.exists(world, id.subscription)]
    told = [_told(caller, id) for id in known if not may(world, caller.principal, str(id), _write_of(id))]
    if told:
        several = f"Deployment failed with multiple errors: '{':'.join(told)}'"
        one = f"The template deployment failed with error: '{told[0]}'."
        raise ArmError(400, "InvalidTemplateDeployment", one if len(told) == 1 else several, gateway=True)


def require_look(world: World, id: ArmId, action: str = "") -> None:
    """Refuse a template a look at what its caller may not read, or not ask. `action`: `listKeys` and its like.

    Raises: ArmError.
    """
    caller, needed = caller_of(world), called(f"{id.type}/{action}/action" if action else f"{called(id.type)}/read")
    if caller and subscriptions.exists(world, id.subscription) and not may(world, caller.principal, str(id), needed):
        raise forbidden(caller.principal, str(id), needed)


def _write_of(id: ArmId) -> str:
    return f"{called(id.type)}/write"


def _told(caller: Caller, id: ArmId) -> str:
    return (
        f"Authorization failed for template resource '{id.name}' of type '{id.type}'. The client "
        f"'{caller.principal}' with object id '{caller.principal}' does not have permission to perform action "
        f"'{_write_of(id)}' at scope '{id}'."
    )


def require_version(kind: ResourceType, version: str, location: str | None) -> None:
    """Refuse an api-version that is malformed; any date is answered, as over HTTP.

    Source: https://github.com/Azure/connectthedots/issues/272

    Raises: ArmError.
    """
    if not api_versions.FORM.fullmatch(version):
        type = kind.type.partition("/")[2]
        message = (
            f"No registered resource provider found for location '{location or ''}' and API version '{version}' for "
            f"type '{type}'. The supported api-versions are '{', '.join(reversed(kind.versions))}'. The supported "
            f"locations are '{', '.join(REGIONS) if 'location' in kind.envelope else ''}'."
        )
        raise ArmError(400, "NoRegisteredProviderFound", message, gateway=True)


def register_provider(world: World, id: ArmId) -> None:
    """Register the provider of a template's resource with its subscription, where the caller has the right to."""
    caller = caller_of(world)
    subscription = f"/subscriptions/{id.subscription}"
    if is_registered(world, id.namespace, id.subscription):
        return
    if caller is None or may(world, caller.principal, subscription, f"{id.namespace}/register/action"):
        register(world, id.namespace, id.subscription)
