"""The instance metadata service, 169.254.169.254: tokens for the identity of the VM that asks.

Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

from __future__ import annotations

from collections.abc import Callable

from acrlab.emulator.core.http import JSON, NotEmulated, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing, tokens
from acrlab.emulator.types.virtual_machine import principal_of


def answer(world: World, request: Request) -> Response:
    """Answer a VM that asks for a token; which VM it is, its place in the network says."""
    vm = world.find(request.vantage.vm)
    if request.path != "/metadata/identity/oauth2/token" or vm is None:
        raise NotEmulated(f"{request.path} of the metadata service", supported="/metadata/identity/oauth2/token")
    for wrong, text in _CONDITIONS:
        if wrong(request):
            return _refused(text)
    if vm.body.get("identity", {}).get("type", "None") == "None":
        return _refused("Identity not found")
    if request.query.get("client_id", world.guid(vm, "client")) != world.guid(vm, "client"):
        return _refused("Identity not found")
    return Response(200, _token(world, vm, request.query["resource"], request.clock))


def _token(world: World, vm: Resource, audience: str, clock: str) -> JSON:
    begun = int(signing.moment(world, clock))
    token = tokens.issue(world, principal_of(world, vm), audience.rstrip("/"), kind="app", clock=clock)
    return {
        "access_token": token,
        "client_id": world.guid(vm, "client"),
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
