"""Faults planted in an emulated Azure: throttling, errors, broken connections, delays, operations that end badly.

A fault is data in the world: every kernel, command and server that shares the world meets it, and a reset removes it.
Only Resource Manager meets faults; a registry and the VMs' names are never faulty.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from functools import partial

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError, Dropped, Request, Response
from acrlab.emulator.core.world import World
from acrlab.errors import ConfigurationError

Answer = Callable[[Request], Response]
WHEN = ("nth", "every", "next")
_KEY = "faults"
_ASSIGNMENT = "/providers/microsoft.authorization/roleassignments/"
_COUNTS = "role counts from "


@dataclass(frozen=True)
class Fault:
    """What goes wrong, with which requests, and how often.

    Attributes:
        kind: `throttle` (429), `error` (500), `unavailable` (503), `drop` (the connection breaks before the work),
            `drop-answer` (the work is done and its answer lost), `fail-operation` (the long-running operation that
            the request starts ends `Failed`; a request that starts none passes), `slow-role` (the role that the
            request assigns counts only later; a request that assigns none passes) or `delay`.
        method: HTTP verb of the requests that it concerns; empty: any (an operation fails only with one that writes).
        path: pattern of their paths with `*` and `?`, case ignored; empty: any.
        when: `nth`: on the n-th of them alone; `every`: on every n-th; `next`: on the next n.
        n: counted from 1.
        seconds: virtual seconds of the delay, or until the role counts, or the answer's `Retry-After`.
        code, message: of the answer or the operation; empty: what Azure says there.
        met: how many requests it has concerned so far.

    Raises: ConfigurationError: there is no such kind or time, or a number is out of range.
    """

    kind: str
    method: str = ""
    path: str = ""
    when: str = "nth"
    n: int = 1
    seconds: int = 10
    code: str = ""
    message: str = ""
    met: int = 0

    def __post_init__(self) -> None:
        for name, value, known in (("kind", self.kind, tuple(_EFFECTS)), ("when", self.when, WHEN)):
            if value not in known:
                raise ConfigurationError(name, f"there is no {name} {value!r}. Say one of {', '.join(known)}.")
        for name, number in (("n", self.n), ("seconds", self.seconds)):
            if number < 1:
                raise ConfigurationError(name, f"{number} is too small. Say 1 or more.")

    def concerns(self, request: Request) -> bool:
        if self.kind == "fail-operation" and request.method in ("GET", "HEAD"):
            return False
        if self.kind == "slow-role" and not (request.method == "PUT" and _ASSIGNMENT in request.path.lower()):
            return False
        same = not self.method or self.method.upper() == request.method
        return same and (not self.path or fnmatchcase(request.path.lower(), self.path.lower()))

    @property
    def strikes(self) -> bool:
        """Whether it strikes the request that it met last."""
        return {"nth": self.met == self.n, "every": self.met % self.n == 0, "next": self.met <= self.n}[self.when]


def plant(world: World, fault: Fault) -> None:
    """Let a fault strike from the next request on."""
    with world.transaction():
        _keep(world, [*planted(world), fault])


def planted(world: World) -> list[Fault]:
    """Return all faults of a world, oldest first, those that have struck for the last time included."""
    row = world.db.row("SELECT value FROM value WHERE key = ?", (_KEY,))
    return [Fault(**fault) for fault in json.loads(row[0])] if row else []


def clear(world: World) -> None:
    """Make a world faultless again."""
    with world.transaction():
        world.db.execute("DELETE FROM value WHERE key = ?", (_KEY,))


def meet(world: World, request: Request, answer: Answer) -> Response:
    """Answer a request as far as the planted faults let it be answered. Raises: Dropped: there is no answer."""
    if world.db.row("SELECT 1 FROM value WHERE key = ?", (_KEY,)):
        for fault in reversed(_striking(world, request)):
            answer = partial(_EFFECTS[fault.kind], world, fault, answer)
    return answer(request)


def counts(world: World, assignment: ArmId) -> bool:
    """Tell whether a role assignment is visible to authorization: at once, where no fault slowed it down."""
    return world.now >= float(world.value(_COUNTS + assignment.key, "0"))


def _striking(world: World, request: Request) -> list[Fault]:
    """Count a request with every fault that it concerns. A transaction of its own: a refused request counts, too."""
    with world.transaction():
        before = planted(world)
        after = [replace(f, met=f.met + 1) if f.concerns(request) else f for f in before]
        if after != before:
            _keep(world, after)
    return [now for was, now in zip(before, after, strict=True) if now is not was and now.strikes]


def _keep(world: World, faults: list[Fault]) -> None:
    world.set_value(_KEY, json.dumps([asdict(fault) for fault in faults]))


# -- what happens ------------------------------------------------------------------------------------------------------


def _throttle(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    message = "The server rejected the request because too many requests have been received for this subscription."
    return _refusal(fault, 429, "TooManyRequests", message, _pause(fault))


def _error(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    return _refusal(fault, 500, "InternalServerError", f"Encountered internal server error. {_diagnosis(world, fault)}")


def _unavailable(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    return _refusal(fault, 503, "ServerTimeout", f"The request timed out. {_diagnosis(world, fault)}", _pause(fault))


def _drop(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    raise Dropped(request.host, done=False)


def _drop_answer(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    answer(request)
    raise Dropped(request.host, done=True)


def _fail_operation(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    words = {"code": fault.code or "InternalServerError", "message": fault.message or "An error occurred."}
    return answer(replace(request, doom=words))


def _slow_role(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    answered = answer(request)
    with world.transaction():
        world.set_value(_COUNTS + ArmId.parse(request.path).key, repr(world.now + fault.seconds))
    return answered


def _delay(world: World, fault: Fault, answer: Answer, request: Request) -> Response:
    world.advance_to(world.now + fault.seconds)
    return answer(request)


def _refusal(fault: Fault, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return ArmError(status, fault.code or code, fault.message or message, gateway=True, headers=headers).response()


def _pause(fault: Fault) -> Mapping[str, str]:
    return {"Retry-After": str(fault.seconds)}


def _diagnosis(world: World, fault: Fault) -> str:
    tracking = world.derive("fault", fault.kind, str(fault.met))
    moment = world.timestamp()[:19].replace("-", "").replace(":", "")
    return (
        f"Diagnostic information: timestamp '{moment}Z', subscription id '{world.setting('subscription')}', "
        f"tracking id '{tracking}', request correlation id '{tracking}'."
    )


_EFFECTS: dict[str, Callable[[World, Fault, Answer, Request], Response]] = {
    "throttle": _throttle,
    "error": _error,
    "unavailable": _unavailable,
    "drop": _drop,
    "drop-answer": _drop_answer,
    "fail-operation": _fail_operation,
    "slow-role": _slow_role,
    "delay": _delay,
}
