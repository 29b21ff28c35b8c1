"""What Resource Manager's front door reads off a path, and what it refuses by that alone, before it asks any service.

Source: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

from acrlab.azure.arm_id import GROUP_TYPE, ArmId
from acrlab.emulator.core.http import ArmError, NotEmulated, Request
from acrlab.emulator.core.resource import DELETING
from acrlab.emulator.core.world import World
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.resources.subscription import require_subscription

METHODS = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")
WRITING = ("PUT", "PATCH", "POST")
# What may stand at the root, in a subscription and in a group; whether it is emulated is another question.
ROOT = ("subscriptions", "providers", "tenants", "batch")
TENANT_WIDE = ("microsoft.authorization", "microsoft.resources")  # providers whose types can stand there
IN_SUBSCRIPTION = ("resourcegroups", "resources", "providers", "locations", "tagnames", "operationresults")
IN_GROUP = ("providers", "resources", "exporttemplate", "moveresources", "validatemoveresources", "deployments")


def admit(world: World, request: Request) -> None:
    """Let a request pass whose path can mean something. Raises: ArmError."""
    if request.method not in METHODS:
        raise no_such_method(request.method)
    parts = [part.lower() for part in request.path.strip("/").split("/")]
    if parts[0] not in ROOT:
        raise _missing_subscription()
    if parts[0] == "providers":
        _require_tenant_level(world, request.path, parts)
    if parts[0] == "subscriptions" and len(parts) > 1:
        require_subscription(world, request.path.strip("/").split("/")[1])
        _require_known(request, parts)
        if request.method in WRITING and len(parts) > 3 and parts[2] == "resourcegroups":
            _require_staying(world, ArmId.of_group(parts[1], parts[3]))


def _missing_subscription() -> ArmError:
    message = "The request did not have a subscription or a valid tenant level resource provider."
    return ArmError(404, "MissingSubscription", message, gateway=True)


def _require_tenant_level(world: World, path: str, parts: list[str]) -> None:
    """Above the subscriptions there are management groups and the tenant, with some providers' types. None is emulated.

    Source: https://learn.microsoft.com/azure/azure-resource-manager/management/extension-resource-types
    """
    supported = "subscriptions, resource groups and resources"
    if "providers" in parts[1:]:
        raise NotEmulated(f"the scope {path.rpartition('/providers/')[0]}", supported=supported)
    if len(parts) > 2 and "/".join(parts[1:3]) in world.types:
        if parts[1] in TENANT_WIDE:
            raise NotEmulated(f"{'/'.join(path.strip('/').split('/')[1:3])} of the whole tenant", supported=supported)
        raise _missing_subscription()


def require_form(request: Request) -> None:
    """Require an api-version that is a date, with or without `-preview`. Raises: ArmError."""
    if request.api_version and not api_versions.FORM.fullmatch(request.api_version):
        message = (
            f"The api-version '{request.api_version}' is invalid. The supported versions are "
            f"'{','.join(api_versions.RESOURCES)}'."
        )
        raise ArmError(400, "InvalidApiVersionParameter", message, gateway=True)


def _require_known(request: Request, parts: list[str]) -> None:
    """Nothing of Resource Manager's own has such a name."""
    at = 4 if len(parts) > 4 and parts[2] == "resourcegroups" else 2
    if len(parts) > at and parts[at] not in (IN_GROUP if at == 4 else IN_SUBSCRIPTION):
        name = request.path.strip("/").split("/")[at]
        message = (
            f"The resource type '{name}' could not be found in the namespace 'Microsoft.Resources' for api version "
            f"'{request.api_version}'."
        )
        raise ArmError(404, "InvalidResourceType", message, gateway=True)


def _require_staying(world: World, id: ArmId) -> None:
    """A group that is being deleted takes nothing new."""
    group = world.find(id)
    if group is not None and group.phase == DELETING:
        message = f"The resource group '{group.id.name}' is in deprovisioning state and cannot perform this operation."
        raise ArmError(409, "ResourceGroupBeingDeleted", message, gateway=True)


def no_such_method(method: str) -> ArmError:
    message = f"The requested resource does not support http method '{method}'."
    return ArmError(405, "MethodNotAllowed", message, gateway=True)


def collection_of(path: str) -> tuple[str, str]:
    """Split `/subscriptions/s/resourceGroups/g/providers/N/t/n/u` into the id `…/t/n` and the type `N/t/u`."""
    scope, mark, tail = path.rpartition("/providers/")
    parts = tail.split("/")
    if not mark or len(parts) % 2:
        holder, _, last = path.rpartition("/")
        if last.lower() == "resourcegroups" and holder.lower().startswith("/subscriptions/"):
            return holder, GROUP_TYPE
        raise NotEmulated(f"the path {path}")
    type = "/".join([parts[0], *parts[1::2]])
    return (path.rpartition("/")[0] if len(parts) > 2 else scope), type
