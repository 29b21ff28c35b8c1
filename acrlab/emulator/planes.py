"""The planes that a delivered request can end at, each with its own way of asking who is calling."""

from __future__ import annotations

import re
from collections.abc import Callable

from acrlab.arm_id import ArmId
from acrlab.cloud import MANAGEMENT
from acrlab.emulator import entra, packages, rights, signing
from acrlab.emulator.arm import ResourceManager
from acrlab.emulator.delivery import Plane
from acrlab.emulator.registry.service import RegistryService
from acrlab.emulator.schema import Resource
from acrlab.emulator.types.role_assignment import ASSIGNMENT_TYPE
from acrlab.emulator.types.virtual_machine import principal_of
from acrlab.emulator.wire import JSON, ArmError, NotEmulated, Request, Response
from acrlab.emulator.world import World

_READERS = {"Owner", "Contributor", "Reader"}
_WRITERS = {"Owner", "Contributor"}


def planes_of(world: World, manager: ResourceManager, registry: RegistryService) -> dict[str, Plane]:
    """Name -> plane, as `Delivery` wants them."""
    return {
        "management": lambda request, arrival: front_desk(world, manager, request),
        "login": lambda request, arrival: NotEmulated(f"{request.method} {request.path} of {request.host}").response(),
        "registry": registry.handle,
        "hub": registry.handle,
        "packages": lambda request, arrival: packages.answer(request),
        "metadata": lambda request, arrival: metadata(world, request),
    }


# -- management.azure.com --------------------------------------------------------------------------------------------


def front_desk(world: World, manager: ResourceManager, request: Request) -> Response:
    """Resource Manager as whoever holds a token meets it. The SDKs' transport goes to the manager directly."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    claims = entra.read(world, token) if kind.lower() == "bearer" else None
    if claims is None or claims["aud"].rstrip("/") not in (MANAGEMENT, "https://management.core.windows.net"):
        problem = "is missing" if not token else "has an invalid token"
        message = f"Authentication failed. The 'Authorization' header {problem}."
        return ArmError(401, "AuthenticationFailed", message, gateway=True).response()
    principal = claims["oid"]
    if request.path.rstrip("/").lower() == "/subscriptions":
        return _subscriptions(world, manager, request, principal)
    if principal != entra.learner(world) and not _may(world, request, principal):
        return _forbidden(request, principal).response()
    return manager.handle(request)


def _subscriptions(world: World, manager: ResourceManager, request: Request, principal: str) -> Response:
    """Only those where the caller has some right, however small, anywhere in them."""
    answer = manager.handle(request)
    if answer.status != 200 or principal == entra.learner(world):
        return answer
    root = f"/subscriptions/{world.setting('subscription')}"
    known = any(a.properties["principalId"] == principal for a in world.of_type(ASSIGNMENT_TYPE, under=root))
    return answer if known else Response(200, {**answer.body, "value": []}, answer.headers)


def _may(world: World, request: Request, principal: str) -> bool:
    found = re.match(r"/subscriptions/[^/]+(/resourcegroups/[^/]+(/providers/[^/]+/[^/]+/[^/]+)?)?", request.path, re.I)
    roles = rights.roles_at(world, principal, ArmId.parse(found[0])) if found else set()
    return bool(roles & (_READERS if request.method == "GET" else _WRITERS))


def _forbidden(request: Request, principal: str) -> ArmError:
    action = "read" if request.method == "GET" else "write"
    message = (
        f"The client '{principal}' with object id '{principal}' does not have authorization to perform action "
        f"'{action}' over scope '{request.path}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials."
    )
    return ArmError(403, "AuthorizationFailed", message, gateway=True)


# -- 169.254.169.254 ---------------------------------------------------------------------------------------------------


def metadata(world: World, request: Request) -> Response:
    """The instance metadata service: tokens for the identity of the machine that asks.

    Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
    """
    machine = world.find(request.vantage.machine)
    if request.path != "/metadata/identity/oauth2/token" or machine is None:
        raise NotEmulated(f"{request.path} of the metadata service", supported="/metadata/identity/oauth2/token")
    for wrong, text in _CONDITIONS:
        if wrong(request):
            return _refused(text)
    if machine.body.get("identity", {}).get("type", "None") == "None":
        return _refused("Identity not found")
    return Response(200, _token(world, machine, request.query["resource"]))


def _token(world: World, machine: Resource, audience: str) -> JSON:
    begun = int(signing.moment(world))
    return {
        "access_token": entra.issue(world, principal_of(world, machine), audience.rstrip("/"), kind="app"),
        "client_id": world.guid(machine, "client"),
        "expires_in": str(entra.LIFETIME_S),
        "expires_on": str(begun + entra.LIFETIME_S),
        "ext_expires_in": str(entra.LIFETIME_S),
        "not_before": str(begun),
        "resource": audience,
        "token_type": "Bearer",
    }


def _refused(text: str) -> Response:
    return Response(400, {"error": "invalid_request", "error_description": text})


_CONDITIONS: tuple[tuple[Callable[[Request], bool], str], ...] = (
    (lambda r: r.headers.get("metadata", "").lower() != "true", "Required metadata header not specified"),
    (lambda r: not r.query.get("api-version"), "Required query variable 'api-version' is missing"),
    (lambda r: not r.query.get("resource"), "Required query variable 'resource' is missing"),
)

__all__ = ["front_desk", "metadata", "planes_of"]
