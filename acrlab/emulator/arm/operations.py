"""Long-running operations: begun by a verb, ended by the clock, polled in the way of the provider they belong to.

    PUT ──> 201, the resource is stored with its phase ──> polls answer `InProgress` ──> due ──> `Succeeded` or `Failed`

Nothing runs in the background. An operation is a row with the virtual second at which it is due, and `_settle`, which
the world calls at the start of each transaction, ends whatever is due by then. So a caller never sees a world in which
something overdue has not happened, a process may be killed at any time, and two processes that share a file agree.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from dataclasses import asdict
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.conflicts import Running
from acrlab.emulator.core.error_texts import dressed
from acrlab.emulator.core.file_errors import decoded, is_of_the_file
from acrlab.emulator.core.http import JSON, OWN_FAULT, ArmError, Request, Response
from acrlab.emulator.core.lro import Polling, guid_of_operation, number_of
from acrlab.emulator.core.resource import CANCELED, FAILED, SUCCEEDED, Resource
from acrlab.emulator.core.world import World

RUNNING = "running"
_IS_RUNNING = f"status = '{RUNNING}'"  # as the index of these alone is declared: SQLite takes it for this text only
KEPT_S = 86_400  # after its end: then no client waits for it any more. Azure documents no time
_LOG = logging.getLogger("acrlab.emulator")
_POLL = re.compile(
    r"/(locations/[^/]+/(disk|async)?operations|(agentpools)?operationresults|operationstatuses|(privatedns|dnsresolver)operation(statuses|results))/[^/]+(/status)?/?$",
    re.IGNORECASE,
)


class Operations:
    """The operations of a world. Whatever is due ends before the next request is looked at."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.settlers.append(self._settle)
        world.capabilities["under_way"] = self.under_way
        world.capabilities["begin_asking"] = self.begin_asking
        world.capabilities["cancel"] = self.cancel

    def begin(
        self,
        request: Request,
        resource: Resource,
        verb: str,
        *,
        polling: Polling,
        seconds: float,
        keys: tuple[str, ...] = (),
        result: Any = None,
        error: JSON | None = None,
    ) -> dict[str, str]:
        """Start an operation and return the headers that tell the client how to follow it.

        Args:
            keys: resources that reach their end with it, `resource` first.
            result: what its result URL answers in the end.
            error: how it will fail, `{operation}` in its message standing for the name; None: it will succeed.
        """
        name = self._name(resource, verb, polling)
        if error:
            error = {**error, "message": error["message"].replace("{operation}", name)}
        world = self._world
        detail = {
            "asynchrony": asdict(polling),
            "headers": self._headers(request, resource, polling, name),
            "keys": keys or (resource.id.key,),
            "result": result,
            "error": error,
            "doom": dict(request.doom),
        }
        self._forget_old()
        world.db.execute(
            "INSERT OR REPLACE INTO operation VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, resource.id.key, verb, world.now, world.now + seconds, RUNNING, json.dumps(detail)),
        )
        if not seconds:
            self._settle()  # a caller that reads back at once finds it done
        return dict(detail["headers"])

    def begin_asking(
        self, request: Request, resource: Resource, verb: str, polling: Polling, seconds: float, result: JSON
    ) -> Response:
        """Start one that changes nothing and only takes time to answer. Returns: how the client follows it."""
        headers = self.begin(request, resource, verb, polling=polling, seconds=seconds, result=result)
        return Response(polling.status or 202, None, headers)

    def cancel(self, id: ArmId) -> None:
        """Stop what has not ended on a resource."""
        self._world.db.execute(f"UPDATE operation SET status = ? WHERE {_IS_RUNNING} AND key = ?", (CANCELED, id.key))

    def _forget_old(self) -> None:
        """Let go of what ended long ago: a large world would consist of it."""
        world = self._world
        old = (SUCCEEDED, FAILED, CANCELED, world.now - KEPT_S)
        world.db.execute("DELETE FROM operation WHERE status IN (?, ?, ?) AND due < ?", old)

    @staticmethod
    def last_due(world: World) -> float:
        """Return the virtual second by which everything that runs now will have ended; 0: nothing runs."""
        return float(world.db.rows("SELECT max(due) FROM operation WHERE status = ?", (RUNNING,))[0][0] or 0)

    @staticmethod
    def end_now(world: World) -> None:
        """Let everything that runs have ended by this moment; what it does is done before the next request."""
        world.db.execute("UPDATE operation SET due = ? WHERE status = ? AND due > ?", (world.now, RUNNING, world.now))

    def under_way(self, id: ArmId) -> set[str]:
        """Return the verbs and actions that have not ended on a resource."""
        rows = self._world.db.rows(f"SELECT verb FROM operation WHERE {_IS_RUNNING} AND key = ?", (id.key,))
        return {verb for (verb,) in rows}

    def around(self, id: ArmId) -> list[Running]:
        """Return what has not ended in the tree of resources that an id belongs to, the oldest first."""
        root = ArmId(id.scope, "/".join(id.type.split("/")[:2]), id.names[:1]).key
        rows = self._world.db.rows(
            # One range, as SQLite does not look for two in an index; `0` is what comes after `/`. Without its name it
            # would take the index of all that runs.
            f"SELECT key, verb, detail FROM operation INDEXED BY operation_running WHERE {_IS_RUNNING}"
            " AND key >= ? AND key < ? AND (key = ? OR key > ?) ORDER BY begun",
            (root, f"{root}0", root, f"{root}/"),
        )
        headers = [json.loads(detail)["headers"] for _, _, detail in rows]
        addresses = [h.get("Azure-AsyncOperation") or h.get("Location", "") for h in headers]
        return [Running(key, verb, at) for (key, verb, _), at in zip(rows, addresses, strict=True)]

    def is_poll(self, request: Request) -> bool:
        return _POLL.search(request.path) is not None

    def poll(self, request: Request) -> Response:
        """Answer a request to an operation's status or result URL."""
        path = request.path.rstrip("/").removesuffix("/status")
        name = path.rsplit("/", 1)[1]
        row = self._world.db.row("SELECT begun, due, status, detail, verb FROM operation WHERE name = ?", (name,))
        if row is None:
            raise ArmError(404, "NotFound", f"The operation '{name}' could not be found.", gateway=True)
        begun, due, status, detail = row[0], row[1], row[2], json.loads(row[3])
        polling = Polling(**detail["asynchrony"])
        # Two URLs, two meanings: the status URL tells a `status`; the result URL answers 202 until it is done, and then
        # what the verb would have answered. Compute tells them apart by `monitor=true` alone.
        whole = "result" in path.lower().rsplit("/", 2)[1] or request.query.get("monitor") == "true"
        if status == SUCCEEDED and row[4] in ("PUT", "PATCH") and (whole or polling.tells_result):
            detail["result"] = self._written(detail["keys"][0], request.api_version)
        if whole:
            return self._result(status, detail, polling)
        body = self._described(polling, request.path, name, begun, due, status)
        if status == RUNNING:
            headers = detail["headers"] if polling.repeats else {}
            return Response(polling.running, body, headers if polling.quiet else {**headers, **_pause(polling)})
        if detail["error"]:
            body |= {"error": detail["error"]}
        elif polling.poll_body == "timed" and detail["result"] is not None:
            body |= {"properties": {"output": detail["result"]}}
        last = {**detail["headers"], **_pause(polling)} if polling.repeats_last and status == SUCCEEDED else {}
        return Response(200, body, {**last, **detail.get("ended_by", {})})

    def _written(self, key: str, version: str) -> JSON | None:
        """What a write has made, as it is now."""
        resource = self._world.find(key)
        return self._world.show(resource, version) if resource else None

    def _result(self, status: str, detail: JSON, polling: Polling) -> Response:
        if status == RUNNING:
            headers = {**detail["headers"], **_pause(polling)}
            return Response(202, None if polling.word == "InProgress" else {"status": polling.word}, headers)
        if detail["error"]:
            return Response(400, {"error": detail["error"]})
        return Response(polling.done_status, detail["result"])

    def _described(self, polling: Polling, path: str, name: str, begun: float, due: float, status: str) -> JSON:
        body: JSON = {"status": polling.word if status == RUNNING else status}
        if polling.poll_body == "named":
            return {"id": path, "name": name} | body
        moments = {"startTime": begun} if status == RUNNING else {"startTime": begun, "endTime": due}
        written = {name: self._world.timestamp(at) for name, at in moments.items()}
        times = {name: with_offset(text) if polling.offset else text for name, text in written.items()}
        if polling.poll_body == "whole":
            return {"id": path, "name": name, **times, **body}
        return {**times, **body, "name": name} if polling.poll_body == "timed" else body

    def _name(self, resource: Resource, verb: str, polling: Polling) -> str:
        guid = guid_of_operation(self._world, resource, verb, self._world.now)
        text = polling.name.format(
            guid=guid,
            number=number_of(guid),
            verb=verb,
            name=resource.id.name,
            group=resource.id.group or "",
            subscription=resource.id.subscription,
        )
        return base64.urlsafe_b64encode(text.encode()).decode() if polling.encoded else text

    def _headers(self, request: Request, resource: Resource, polling: Polling, name: str) -> dict[str, str]:
        location = self._region_of(resource)
        words = {
            "subscription": resource.id.subscription,
            "group": resource.id.group or "",
            "location": location,
            "LOCATION": location.upper(),
            "id": str(resource.id),
            "parent": str(resource.id.parent or ""),
            "operation": name,
        }
        headers = _pause(polling)
        for header, template in (
            ("Azure-AsyncOperation", polling.status_url),
            ("Location", polling.result_url),
        ):
            if template:
                path = template.format(**words)
                mark = "&" if "?" in path else "?"
                version = polling.api_version or request.api_version
                headers[header] = f"{request.origin}{path}{mark}api-version={version}"
        return headers

    def _region_of(self, resource: Resource) -> str:
        """Name the region where a resource's operations are followed: a part without a region is in its parent's."""
        place = resource
        while not place.location and place.id.parent and (above := self._world.find(place.id.parent)):
            place = above
        return place.location or "global"

    def _settle(self) -> None:
        world = self._world
        # In the order in which they are due: the second may build on what the first has made.
        due = world.db.rows(
            "SELECT name, verb, detail FROM operation WHERE status = ? AND due <= ? ORDER BY due, begun, name",
            (RUNNING, world.now),
        )
        for name, verb, text in due:
            detail = decoded(text)
            detail["error"] = self._end(verb, detail)
            status = FAILED if detail["error"] else SUCCEEDED
            world.db.execute(
                "UPDATE operation SET status = ?, detail = ? WHERE name = ?", (status, json.dumps(detail), name)
            )

    def _end(self, verb: str, detail: JSON) -> JSON | None:
        """End one operation. Returns: its error; None: it succeeded. Whatever it raises, it alone fails.

        Raises: sqlite3.DatabaseError, ConfigurationError: the world's file cannot be read or written.
        """
        if detail["error"] is not None:
            return dict(detail["error"])
        try:
            if detail["doom"]:
                raise ArmError(500, **detail["doom"])
            # A failure undoes this operation's own writes, and leaves the transaction and its neighbours alone.
            with self._world.savepoint():
                return self._complete(verb, detail["keys"], Polling(**detail["asynchrony"]))
        except ArmError as problem:
            failure = problem
        except Exception as problem:
            if is_of_the_file(problem):
                raise
            _LOG.exception("%s of %s", verb, detail["keys"][0])
            failure = ArmError(500, "InternalServerError", OWN_FAULT)
        self._fail(verb, detail["keys"])
        error: JSON = dressed(detail["keys"][0], failure).body["error"]
        return error

    def _complete(self, verb: str, keys: list[str], polling: Polling) -> JSON | None:
        """Bring resources to their end. Returns: what went wrong half-way; None: nothing did."""
        world, error = self._world, None
        for key in keys:
            resource = world.find(key)
            if resource is None:
                continue  # removed while the operation ran, with the group around it for example
            kind = world.type_of(resource.id)
            if verb == "DELETE":
                if kind.on_delete:
                    kind.on_delete(world, resource)
                world.delete(resource.id)
            elif verb in ("PUT", "PATCH"):
                if polling.rewrites and resource.phase != SUCCEEDED:
                    world.put(resource)
                world.settle(resource, SUCCEEDED)
                if kind.on_ready:
                    error = kind.on_ready(world, resource) or error
        return error

    def _fail(self, verb: str, keys: list[str]) -> None:
        for key in keys if verb in ("PUT", "PATCH", "DELETE") else ():  # what an action could not do changes nothing
            if resource := self._world.find(key):
                self._world.settle(resource, FAILED)


def _pause(polling: Polling) -> dict[str, str]:
    return {} if polling.retry_after is None else {"Retry-After": str(polling.retry_after)}
