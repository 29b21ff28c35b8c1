"""The instance metadata service, 169.254.169.254: tokens for the identities of the VM that asks.

Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from acrlab.emulator.core.http import JSON, NotEmulated, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing, tokens
from acrlab.emulator.types import identity

NOT_FOUND = "Identity not found"
SEVERAL = (
    "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token "
    "request"
)
# how a request names an identity -> what it is compared with; the VM's own has no resource id to be named by
_NAMES: Mapping[str, Callable[[World, Resource], str]] = {
    "client_id": identity.client_of,
    "object_id": identity.principal_of,
    "msi_res_id": lambda world, holder: str(holder.id),
    "mi_res_id": lambda world, holder: str(holder.id),
}


def answer(world: World, request: Request) -> Response:
    """Answer a VM that asks for a token; which VM it is, its place in the network says."""
    vm = world.find(request.vantage.vm)
    if request.path != "/metadata/identity/oauth2/token" or vm is None:
        raise NotEmulated(f"{request.path} of the metadata service", supported="/metadata/identity/oauth2/token")
    for wrong, text in _CONDITIONS:
        if wrong(request):
            return _refused(text)
    found, problem = _chosen(world, vm, request.query)
    return Response(200, _token(world, found, request.query["resource"], request.clock)) if found else _refused(problem)


def _chosen(world: World, vm: Resource, query: Mapping[str, str]) -> tuple[Resource | None, str]:
    """The identity that a token is for, or why there is none: the one that is named, the VM's own, or its only one."""
    others = [found for _, found in identity.given(world, vm) if found is not None]
    known = [vm, *others] if identity.has_own(vm) else others
    for name, tell in _NAMES.items():
        if name in query:
            wanted = query[name].lower()
            return next((one for one in known if tell(world, one).lower() == wanted), None), NOT_FOUND
    if identity.has_own(vm) or len(known) == 1:
        return known[0], ""
    return None, SEVERAL if known else NOT_FOUND


def _token(world: World, holder: Resource, audience: str, clock: str) -> JSON:
    begun = int(signing.moment(world, clock))
    principal = identity.principal_of(world, holder)
    tenant = tenant_of(world, holder.id.subscription)
    token = tokens.issue(world, principal, audience.rstrip("/"), kind="app", clock=clock, tenant=tenant)
    return {
        "access_token": token,
        "client_id": identity.client_of(world, holder),
        "expires_in": str(tokens.LIFETIME_S),
        "expires_on": str(begun + tokens.LIFETIME_S),
        "ext_expires_in": str(tokens.LIFETIME_S),
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
