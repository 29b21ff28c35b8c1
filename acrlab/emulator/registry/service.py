"""One registry's front: who owns the host, may the caller in, who is it, and which operation does it want.

It never asks where an address leads or whether a packet gets through: that is delivery's business.
"""

from __future__ import annotations

from acrlab.emulator.core.http import ArmError, Arrival, Request, Response
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network import registry_hosts
from acrlab.emulator.registry import access, hub, layers, routes, sign_in
from acrlab.emulator.registry.calls import Call, Later
from acrlab.emulator.registry.refusals import PageNotFound, Refusal
from acrlab.emulator.registry.retention import delete_due
from acrlab.emulator.registry.throttling import throttled

RUNS = "/acr-tasks-"  # what lies in the storage account for runs of tasks, and not for layers
OF_THE_REGISTRY = {
    "Docker-Distribution-Api-Version": "registry/2.0",
    "Access-Control-Expose-Headers": "Docker-Content-Digest, WWW-Authenticate, Link, X-Ms-Correlation-Request-Id",
    "X-Content-Type-Options": "nosniff",
}


class RegistryService:
    """Answers for login servers, regional ones too, data endpoints and storage accounts, and for Docker Hub and MCR."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, request: Request, arrival: Arrival) -> Response:
        """Answer a request that reached the host it is for."""
        world = self._world
        try:
            with world.transaction():
                if request.host in hub.HOSTS:
                    return hub.answer(world, request)
                registry = registry_hosts.owner_of_host(world, request.host)
                answer = self._answer(registry, request, arrival)
            if isinstance(answer, Later):
                with answer.store() as stored, world.transaction():
                    answer = answer.conclude(stored)
        except Refusal as refusal:
            answer = refusal.response()
        except ArmError as error:  # a gap, too: clients of a registry print only what stands under `errors`
            answer = Refusal(error.status, error.code, error.message).response()
        body = None if request.method == "HEAD" else answer.body
        return Response(answer.status, body, {**self._headers(request), **answer.headers})

    def _answer(self, registry: Resource | None, request: Request, arrival: Arrival) -> Response | Later:
        if registry is None:
            raise Refusal(404, "NOT_FOUND", f"no registry answers for {request.host}")
        if registry_hosts.is_storage_host(request.host):
            # The account is not the registry's to close: a caller that was given a signed address may read it.
            runs = request.path.startswith(RUNS)
            return (
                self._world.perform("task_file", registry, request)
                if runs
                else layers.serve(self._world, registry, request)
            )
        refused = access.decide(self._world, registry, arrival)
        if refused is not None:
            raise refused
        # A run does within a moment of the world's clock what it needs some seconds for: that is no haste of its own.
        if not request.vantage.service and (wait := throttled(self._world, registry, request)) is not None:
            return wait
        delete_due(self._world, registry)
        if registry_hosts.is_data_endpoint(request.host):
            return layers.serve(self._world, registry, request)
        if request.path not in SIGN_IN_PATHS:
            return self._perform(registry, request)
        if (signing_in := SIGNING_IN.get((request.method, request.path))) is None:
            raise PageNotFound
        return signing_in(self._world, registry, request)

    def _perform(self, registry: Resource, request: Request) -> Response | Later:
        route, name, reference = routes.find(request)
        sign_in.authorize(self._world, registry, request, route.scope(name), besides=route.besides(request))
        return route.perform(Call(self._world, registry, request, name, reference))

    def _headers(self, request: Request) -> dict[str, str]:
        """What every answer has. Source: recordings of the Azure SDKs' tests, in all of them."""
        words = (request.method, request.host, request.path, repr(self._world.now))
        headers = {
            "Server": "openresty",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "X-Ms-Correlation-Request-Id": self._world.derive("correlation", *words),
        }
        return headers if request.path in SIGN_IN_PATHS else headers | OF_THE_REGISTRY


SIGNING_IN = {
    ("POST", "/oauth2/exchange"): sign_in.exchange,
    ("POST", "/oauth2/token"): sign_in.post_token,
    ("GET", "/oauth2/token"): sign_in.get_token,
}
SIGN_IN_PATHS = frozenset(path for _, path in SIGNING_IN)
