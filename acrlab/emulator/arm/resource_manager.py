"""Resource Manager's verbs, written once and driven by `ResourceType` declarations.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/overview and
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from acrlab.azure.arm_id import SUBSCRIPTION_TYPE, ArmId
from acrlab.emulator.arm import superseding
from acrlab.emulator.arm.actions import carry_out, require_modelled
from acrlab.emulator.arm.admission import failed_precondition, only_tags, patched, require_home, store
from acrlab.emulator.arm.assumed_groups import assume_group
from acrlab.emulator.arm.operations import Operations
from acrlab.emulator.arm.path_rules import admit, collection_of, no_such_method, require_form
from acrlab.emulator.arm.references import require_staying
from acrlab.emulator.arm.response_headers import ResponseHeaders
from acrlab.emulator.arm.route_table import RouteTable
from acrlab.emulator.core import storage
from acrlab.emulator.core.conflicts import require_idle
from acrlab.emulator.core.error_texts import dressed
from acrlab.emulator.core.fault_injection import meet
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request, Response
from acrlab.emulator.core.locks import hold
from acrlab.emulator.core.missing import missing_home
from acrlab.emulator.core.resource import CREATING, DELETING, SUCCEEDED, Resource
from acrlab.emulator.core.schema import ResourceType, Route
from acrlab.emulator.core.show import echoed, id_of
from acrlab.emulator.core.world import World
from acrlab.emulator.types.paging import next_link, size_of

PAGE = 1000
VIEW = "instanceView"  # the one thing that `$expand` can ask for


class ResourceManager:
    """Answers every request to management.azure.com from the declarations and the world."""

    def __init__(self, world: World, routes: Iterable[Route]) -> None:
        self._world = world
        self._operations = Operations(world)
        self._routes = RouteTable(routes)
        self._headers = ResponseHeaders(world)

    def handle(self, request: Request) -> Response:
        """Answer one request as far as the planted faults let it be answered. Raises: Dropped: there is no answer."""
        request = request.tidy()
        answer = meet(self._world, request, self._carried_out)
        return self._headers.add(request, answer)

    def _carried_out(self, request: Request) -> Response:
        """In one transaction: a refused request leaves nothing behind."""
        try:
            with self._world.transaction():
                return self._answer(request)
        except ArmError as problem:
            return dressed(request.path, problem).response()

    def is_poll(self, request: Request) -> bool:
        """Tell whether a request follows an operation; any caller that knows its address may."""
        return self._operations.is_poll(request)

    def _answer(self, request: Request) -> Response:
        # The order is what a client meets when several things are wrong at once: a poll is never held up, a lock comes
        # before the request is read, and routes without a resource before the rules of paths.
        if self._operations.is_poll(request):
            return self._operations.poll(request)
        hold(self._world, request)
        require_form(request)
        assume_group(self._world, request)
        if found := self._routes.find(request):
            route, words = found
            body = route.perform(self._world, request, words)
            return body if isinstance(body, Response) else Response(200, body)
        if not request.api_version:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", message, gateway=True)
        admit(self._world, request)
        target = self._target(request)
        return target if isinstance(target, Response) else self._on_resource(target, request)

    # -- what a path names -----------------------------------------------------------------------------------------

    def _target(self, request: Request) -> ArmId | Response:
        """The one resource that a path names, or the answer where it names a collection or an action."""
        path = request.path.rstrip("/")
        try:
            id = ArmId.parse(path)
        except ValueError:
            return self._beside(path, request)
        kind = self._world.type_of(id)
        return ArmId(self._canonical(id.scope), kind.type, id.names)

    def _beside(self, path: str, request: Request) -> Response:
        holder, _, last = path.rpartition("/")
        try:
            id = ArmId.parse(holder)
            kind = self._world.types.get(id.type.lower())
        except ValueError:
            return self._list(path, request)
        action = next((a for n, a in (kind.actions if kind else {}).items() if n.lower() == last.lower()), None)
        if kind and action and action.method == request.method:
            target = ArmId(self._canonical(id.scope), kind.type, id.names)
            return carry_out(self._world, self._operations, target, last, action, request)
        if request.method == "POST":
            supported = ", ".join(n for n, a in (kind.actions if kind else {}).items() if a.method == "POST")
            raise NotEmulated(f"POST {last} on {id.type}", supported=supported)
        return self._list(path, request)

    def _canonical(self, scope: str) -> str:
        """Spell a scope as the resource that it names was spelled when it was made."""
        if not scope:
            return scope
        if spelled := self._world.spelled(scope):
            return spelled
        return str(ArmId.parse(scope)) if scope.lower().startswith("/subscriptions/") else scope

    def _on_resource(self, id: ArmId, request: Request) -> Response:
        kind = self._world.type_of(id)
        verbs = {
            "GET": self._get,
            "HEAD": self._head,
            "PUT": self._put,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }
        verb = verbs.get(request.method)
        declared = "GET" if request.method == "HEAD" else request.method
        if verb is None or declared not in kind.verbs:
            raise NotEmulated(f"{request.method} on {kind.type}", supported=", ".join(kind.verbs))
        return verb(kind, id, request)

    # -- reading ---------------------------------------------------------------------------------------------------

    def _get(self, kind: ResourceType, id: ArmId, request: Request) -> Response:
        found = self._visible(kind, id)
        if found is None:
            raise self._world.missing(id)
        headers = {"ETag": self._world.etag(found)} if kind.etag and found.phase == SUCCEEDED else {}
        expanded = self._expanded(kind, found, request)
        return Response(200, self._world.show(found, request.api_version) | expanded, headers)

    def _head(self, kind: ResourceType, id: ArmId, request: Request) -> Response:
        """Tell whether one exists; of most types Azure's providers implement no HEAD (azure-sdk-for-java#8860)."""
        if self._visible(kind, id) is None:
            return Response(404)
        return Response(204 if kind.shows_existence else 405)

    def _expanded(self, kind: ResourceType, resource: Resource, request: Request) -> JSON:
        """`$expand=instanceView`: the GET action of that name, shown under `properties`."""
        wanted = request.query.get("$expand", "").lower()
        if not wanted or wanted in (told.lower() for told in kind.told_anyway):
            return {}
        if wanted != VIEW.lower() or VIEW not in kind.actions:
            raise NotEmulated(f"$expand={request.query['$expand']} of {kind.type}")
        shown = self._world.show(resource, request.api_version)
        return {"properties": shown["properties"] | {VIEW: kind.actions[VIEW].perform(self._world, resource, request)}}

    def _visible(self, kind: ResourceType, id: ArmId) -> Resource | None:
        found = self._world.find(id)
        if found is None and kind.derived:
            return kind.derived(self._world, id)
        hidden = found is not None and kind.hidden_until_ready and found.phase == CREATING
        return None if hidden else found

    def _list(self, path: str, request: Request) -> Response:
        """A collection: everything of the type that its last segment names, below the id before it."""
        scope, type = collection_of(path)
        kind = self._world.types.get(type.lower())
        if kind is None:
            near = sorted(t.type for t in self._world.types.values())
            raise NotEmulated(f"resource type {type}", supported=", ".join(near))
        if request.method != "GET":
            raise no_such_method(request.method)
        require_modelled(request, kind.unmodelled_query, f"a list of {kind.type}")
        try:
            id = ArmId.parse(scope)
        except ValueError as problem:
            raise NotEmulated(f"the path {path}") from problem
        if id.type != SUBSCRIPTION_TYPE:
            self._world.get(id)
        after = request.query.get("$skiptoken", "")
        size = size_of(request, PAGE)
        rows = self._rows(kind, scope, request, after=after, size=size + 1)
        shown = [self._listed(kind, r, request) for r in rows[:size] if self._visible(kind, r.id)]
        answer: JSON = {"value": shown}
        if len(rows) > size:
            answer["nextLink"] = next_link(request, rows[size - 1].id.key)
        return Response(200, answer)

    def _listed(self, kind: ResourceType, resource: Resource, request: Request) -> JSON:
        shown = self._world.show(resource, request.api_version)
        otherwise = {name: tell(self._world, resource) for name, tell in kind.told_in_lists.items() if name in shown}
        return shown | otherwise | self._expanded(kind, resource, request)

    def _rows(self, kind: ResourceType, scope: str, request: Request, *, after: str, size: int) -> list[Resource]:
        """At most `size` of a type behind `after`, those that the request's `$filter` asks for."""
        question = request.query.get("$filter", "")
        if not question:
            return storage.select_page(self._world.db, kind.type, scope, after, size)
        if kind.matches is None:
            raise NotEmulated(f"$filter on a list of {kind.type}")
        found = (r for r in self._world.of_type(kind.type, under=scope) if r.id.key > after)
        return list(itertools.islice((r for r in found if kind.matches(r, question)), size))

    # -- writing ---------------------------------------------------------------------------------------------------

    def _put(self, kind: ResourceType, id: ArmId, request: Request) -> Response:
        return self._write(kind, id, request, request.json())

    def _patch(self, kind: ResourceType, id: ArmId, request: Request) -> Response:
        old, change = self._world.get(id), request.json()
        if kind.patch == "tags":
            change = only_tags(kind, change, old)
        return self._write(kind, id, request, patched(old.body, change, whole=kind.patched_whole))

    def _write(self, kind: ResourceType, id: ArmId, request: Request, sent: JSON) -> Response:
        world = self._world
        require_home(world, kind, id)
        require_idle(self._operations.around(id), id, request.method, wrapped=kind.wrapped_errors)
        require_staying(world, id, sent)
        old = world.find(id)
        refused = failed_precondition(world, kind, id, old, request)
        if refused and (old is None or not kind.late_preconditions):
            raise refused
        only_tags_change = request.method == "PATCH" and kind.tags_at_once and not request.json().get("properties")
        at_once = old is not None and (kind.changed_at_once or only_tags_change)
        polling = None if at_once else kind.wait_for(request.method, request.api_version)
        # Private DNS accepts a write whose If-Match fails, and lets the operation report it a second later.
        if refused and old and polling:
            failing = {"code": refused.code, "message": refused.message}
            headers = self._operations.begin(request, old, request.method, polling=polling, seconds=1, error=failing)
            return Response(polling.status or 202, {}, headers)
        whole, version = request.method == "PUT", request.api_version
        resource, keys = store(world, kind, id, sent, version=version, wait=polling, query=request.query, whole=whole)
        if polling is None:
            if kind.on_ready:
                kind.on_ready(world, resource)
            status = kind.replaced if old else kind.created
            where = {"Location": id_of(kind, resource)} if kind.proxied and old is None else {}
            return Response(status, self._just_written(kind, resource, request), where)
        body: JSON = {} if polling.empty_body else world.show(resource, version)
        if polling.echoes:
            body = echoed(body, sent, polling.echoes)
        done = resource.phase == SUCCEEDED
        seconds = 0.0 if done else kind.seconds.get(request.method, kind.seconds.get("PUT", 0.0))
        headers = self._operations.begin(request, resource, request.method, polling=polling, seconds=seconds, keys=keys)
        if done:
            headers.pop("Retry-After", None)  # there is nothing to wait for
        return Response(polling.status or (200 if old else 201), None if polling.no_body else body, headers)

    def _just_written(self, kind: ResourceType, resource: Resource, request: Request) -> JSON:
        """Show what was written as its service answers the write, which may know less of it than a reader is told."""
        shown = self._world.show(resource, request.api_version)
        if request.method == "PUT":
            told = {name: tell(self._world, resource) for name, tell in kind.told_in_puts.items()}
            shown["properties"] |= told
            for name in kind.untold_in_puts:
                shown["properties"].pop(name, None)
        return shown

    def _delete(self, kind: ResourceType, id: ArmId, request: Request) -> Response:
        world = self._world
        found = world.find(id)
        if found is None:
            if refused := missing_home(world, world.types, id):
                raise refused
            if kind.missing_delete == 404:
                raise world.missing(id)
            return Response(kind.missing_delete)
        superseding.require_whole(world, id)
        running = self._operations.around(id)
        overtaken = superseding.taken_over(running, kind, id)
        require_idle((one for one in running if one not in overtaken), id, "DELETE")
        if refused := failed_precondition(world, kind, id, found, request):
            raise refused
        polling = kind.wait_for("DELETE", request.api_version)
        if kind.long_delete:
            polling = kind.long_delete(world, found) or polling
        if polling is None:
            shown = world.show(found, request.api_version) if kind.shows_deleted else None
            world.remove(found)
            return Response(200, shown)
        # What the rules refuse is refused at the request, before the operation begins.
        for rule in kind.delete_rules:
            rule(world, found)
        world.settle(found, DELETING)
        seconds = kind.seconds.get("DELETE", 0.0)
        headers = self._operations.begin(request, found, "DELETE", polling=polling, seconds=seconds)
        superseding.cancel(world, overtaken, whole=id, by=headers.get("Azure-AsyncOperation", ""))
        body = world.show(found, request.api_version) if polling.shows_deleting else None
        return Response(polling.status or 202, body, headers)
