"""Carrying out a deployment: first as a rehearsal that leaves nothing behind, then for good.

Azure validates a template at the PUT and deploys it afterwards, so the same template may pass the one and fail the
other. Both run the same code here: the PUT writes everything inside a savepoint and undoes it, and the end of the
operation writes again, into a world that may have changed in between. Modes: only `Incremental` is modelled; what a
template does not name stays as it is.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.admission import drafted, require_home, store
from acrlab.emulator.arm.linked_access import asked_by, caller_of, require_linked
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated, Request
from acrlab.emulator.core.locks import require_open
from acrlab.emulator.core.resource import FAILED, Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.deployments.deployment_values import deployment_as_told
from acrlab.emulator.deployments.description import described, nested_of
from acrlab.emulator.deployments.order import ordered
from acrlab.emulator.deployments.placement import DEPLOYMENT_TYPE
from acrlab.emulator.deployments.reach import register_provider, require_look, require_rights, require_version
from acrlab.emulator.deployments.scope import Place
from acrlab.emulator.deployments.template import Template, Wanted, read
from acrlab.emulator.types.resources.subscription import require_subscription

HALFWAY = (
    "At least one resource deployment operation failed. Please list deployment operations for details. "
    "Please see https://aka.ms/arm-deployment-operations for usage details."
)
OK, CREATED = "OK", "Created"
INVALID = "InvalidTemplateDeployment"
# What the front door finds when it carries a template out, or when services ask it, and not while it reads it.
FOUND_LATER = {
    INVALID, "ParentResourceNotFound", "ResourceNotFound", "DeploymentNotFound", "ScopeLocked",
    "LinkedAuthorizationFailed", "LinkedInvalidPropertyId", "InvalidResourceLocation", "NoRegisteredProviderFound",
}  # fmt: skip
BAD_OUTPUT = "DeploymentOutputEvaluationFailed"
NO_OUTPUT = (
    "Unable to evaluate template outputs: '{name}'. Please see error details and deployment operations. "
    "Please see https://aka.ms/arm-common-errors for usage details."
)


class _Undone(Exception):
    """Ends a rehearsal."""


def draft(world: World, id: ArmId, body: JSON, version: str) -> Resource:
    """Admit a deployment as its PUT would; nothing of it is kept. Raises: ArmError: it is none."""
    kind = world.type_of(id)
    require_home(world, kind, id)
    made, _ = drafted(world, kind, id, body, version=version)
    made.state = {"began": world.now}
    return made


@contextmanager
def _trying(world: World) -> Iterator[None]:
    before = only_trying(world)
    world.asking.trying = True
    try:
        yield
    finally:
        world.asking.trying = before


def only_trying(world: World) -> bool:
    """Tell whether what this thread does will be undone: then no script is run, as no service would run it."""
    return bool(getattr(world.asking, "trying", False))


def rehearse(world: World, deployment: Resource) -> None:
    """Read a deployment's template and try it out; its `state` then tells what it will do.

    Raises: ArmError: 400, the template makes no sense, or a resource would be refused.
    """
    template = _template(world, deployment)
    try:
        with world.savepoint(), _trying(world):
            _require_rights(world, template)
            for wanted in _in_order(template):
                _insist(_carry_out(world, template, wanted)[1])
            template.output_values()
            inside = [made for wanted in nested_of(template) if (made := world.find(wanted.id))]
            raise _Undone
    except _Undone:
        deployment.state |= described(template, inside)
    except ArmError as problem:
        if isinstance(problem, NotEmulated) or _is_front_doors(problem):
            raise
        raise _invalid_deployment(world, deployment, problem) from problem


def carry_out(world: World, deployment: Resource) -> JSON | None:
    """Make a deployment's resources, one after the other. Returns: the error that stopped it; None: it is done."""
    state = deployment.state
    state |= {"operations": [], "ended": world.now}
    error: JSON | None = None
    try:
        template = _template(world, deployment)
        with asked_by(world, None):  # what the caller may link was asked in the rehearsal
            error = _make(world, template, state["operations"])
        if error is None and "outputs" in deployment.properties["template"]:
            state["outputs"] = _outputs(template)
    except ArmError as problem:  # what makes no sense by now is the template, not one of its resources
        error = _inner(problem) | ({"details": problem.details} if problem.details else {})
    if error is None:
        world.settle(deployment, deployment.phase)
        return None
    state["error"] = {"target": str(deployment.id), **error}
    world.settle(deployment, FAILED)
    return dict(state["error"])


def _make(world: World, template: Template, operations: list[JSON]) -> JSON | None:
    """Make the resources, and write down what became of each. Returns: the error that stopped it."""
    for wanted in _in_order(template):
        told = {"id": str(wanted.id), "does": "Read" if wanted.existing else "Create"}
        try:
            # One savepoint a resource: on Azure, too, what was deployed before the first failure stays.
            with world.savepoint():
                status, stopped = _carry_out(world, template, wanted)
        except ArmError as problem:
            status, stopped = "", problem
        if stopped:
            inner = _inner(stopped)
            operations.append({**told, "error": inner, "status": _phrase(stopped)})
            return {"code": "DeploymentFailed", "message": HALFWAY, "details": [inner]}
        operations.append({**told, "error": None, "status": status})
    return None


def _phrase(problem: ArmError) -> str:
    """Write an HTTP status as operations do, such as `BadRequest`."""
    return HTTPStatus(problem.status).phrase.replace(" ", "")


def _outputs(template: Template) -> JSON:
    shown: JSON = {}
    for name in template.outputs:
        try:
            shown |= template.output_value(name)
        except ArmError as problem:
            text = f"The template output '{name}' is not valid: {problem.message}."
            inner = {"code": BAD_OUTPUT, "target": name, "message": text}
            raise ArmError(400, BAD_OUTPUT, NO_OUTPUT.format(name=name), details=[inner]) from problem
    return shown


def attempt(world: World, deployment: Resource) -> list[str]:
    """Do what a deployment would, for a caller who undoes it. Returns: ids of what it writes, nested templates' too.

    Raises: ArmError: the template makes no sense, or a resource would be refused.
    """
    template, written = _template(world, deployment), list[str]()
    with _trying(world):
        _require_rights(world, template)
        for wanted in _in_order(template):
            _insist(_carry_out(world, template, wanted)[1])
            if not wanted.existing:
                written += _written(world, wanted.id)
    return written


def _written(world: World, id: ArmId) -> list[str]:
    made = world.find(id)
    if made is None or id.type.lower() != DEPLOYMENT_TYPE.lower():
        return [str(id)]
    inner = (ArmId.parse(one["id"]) for one in made.state.get("operations", []) if one["does"] == "Create")
    return [text for one in inner for text in _written(world, one)]


def act(world: World, id: ArmId, name: str, request: Request) -> Any:
    """Ask a resource for something on a template's behalf: `listCredentials()`."""
    kind = world.type_of(id)
    action = next((known for known in kind.actions if known.lower() == name.lower()), "")
    if not action:
        raise NotEmulated(f"{name}() of {kind.type}", supported=", ".join(kind.actions))
    require_look(world, ArmId(id.scope, kind.type, id.names), action)
    return kind.actions[action].perform(world, world.get(id), request)


def _template(world: World, deployment: Resource) -> Template:
    properties = deployment.properties
    scope = deployment.id.scope
    place = Place(world, ArmId.parse(scope), deployment.id.name, deployment_as_told(world, deployment))
    return read(properties["template"], properties.get("parameters") or {}, place)


def _in_order(template: Template) -> list[Wanted]:
    # Order first and conditions second: a resource that is not deployed still orders those that depend on it.
    return [w for w in ordered(template.wanted) if w.deployed]


def _carry_out(world: World, template: Template, wanted: Wanted) -> tuple[str, ArmError | None]:
    """Make a resource; one that has to be there already is looked for. Returns: as `_write`."""
    if not wanted.existing:
        return _write(world, template, wanted)
    world.get(wanted.id)
    return OK, None


def _require_rights(world: World, template: Template) -> None:
    require_rights(world, [one.id for one in _in_order(template) if not one.existing])


def _insist(problem: ArmError | None) -> None:
    if problem:
        raise problem


def _write(world: World, template: Template, wanted: Wanted) -> tuple[str, ArmError | None]:
    """What a PUT of the resource would do, all at once.

    Returns: the status of the last answer that it gets; and why it failed in the end, what it has made staying.
    """
    kind = world.type_of(wanted.id)
    if "PUT" not in kind.verbs:
        raise NotEmulated(f"deploying {kind.type}", supported=", ".join(kind.verbs))
    id = ArmId(wanted.id.scope, kind.type, wanted.id.names)
    if id.type == DEPLOYMENT_TYPE:
        require_subscription(world, id.subscription)
    require_version(kind, wanted.version, template.location_of(wanted))
    register_provider(world, id)
    # The same admission as a PUT over HTTP; rights were asked before, for all resources at once.
    require_home(world, kind, id)
    require_open(world, str(id), "write")
    old, body = world.find(id), template.body_of(wanted)
    if caller := caller_of(world):
        require_linked(world, caller, id, body)
    made, keys = store(world, kind, id, body, version=wanted.version, wait=None)
    # What is followed like a long operation ends with a poll that is answered 200, whatever the PUT was answered.
    at_once = not kind.wait_for("PUT", wanted.version) or (kind.at_once and kind.at_once(world, made, old))
    # A deployment does not wait for the resources' own operations: their ends come at once, within its own duration.
    for key in keys:
        part = world.find(key)
        ready = world.type_of(part.id).on_ready if part else None
        problem = ready(world, part) if ready and part else None
        if problem:
            return OK, ArmError(409, problem["code"], problem["message"])
    return CREATED if at_once and old is None and kind.created == 201 else OK, None


def _is_front_doors(problem: ArmError) -> bool:
    """Tell whether Resource Manager refuses a template itself, in its own words, before it asks any service."""
    about_rights = problem.code == INVALID and not problem.details  # no service is asked about them
    return problem.gateway and (about_rights or problem.code not in FOUND_LATER)


def _invalid_deployment(world: World, deployment: Resource, problem: ArmError) -> ArmError:
    tracking = world.guid(deployment, "tracking")
    message = (
        f"The template deployment '{deployment.id.name}' is not valid according to the validation procedure. "
        f"The tracking id is '{tracking}'. See inner errors for details."
    )
    # What a nested template's services refuse is told by the deployment around it as its own.
    inner = problem.details if problem.code == INVALID and problem.details else [_inner(problem)]
    return ArmError(400, INVALID, message, details=inner, gateway=True)


def _inner(problem: ArmError) -> JSON:
    target = {"target": problem.target} if problem.target else {}
    return {"code": problem.code, "message": problem.message, **target}
