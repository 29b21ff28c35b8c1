"""How a resource type is declared.

A `ResourceType` is data: `acrlab.emulator.types` writes it, `acrlab.emulator.arm.resource_manager` interprets it. The
verbs of Resource Manager are written once, there; a declaration only says what is particular to its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, ArmError, Request
from acrlab.emulator.core.lro import Polling
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.values import Domain, Field, Region, Tags, in_version


@dataclass(frozen=True)
class Versioned:
    """Something computed that only some api-versions show; bounded as a `Field` is."""

    compute: Callable[[State, Resource], Any]
    since: str = ""
    until: str = ""
    preview: bool = False

    def __call__(self, state: State, resource: Resource) -> Any:
        return self.compute(state, resource)

    def in_version(self, version: str) -> bool:
        return in_version(version, since=self.since, until=self.until, preview=self.preview)


Rule = Callable[[State, Resource, "Resource | None"], None]
DeleteRule = Callable[[State, Resource], None]
Effect = Callable[[State, Resource], None]
Ready = Callable[[State, Resource], JSON | None]
PutEffect = Callable[[State, Resource, "Resource | None"], None]


@dataclass(frozen=True)
class Action:
    """Something that a resource can be asked to do, beside the verbs: `POST …/listCredentials`.

    Attributes:
        perform: gets the state, resource and request; its return value is the answer's body.
        method: POST, or GET for collections that are computed.
        polling: how to follow it; None: it answers at once.
        seconds: how long it takes.
        status: HTTP status of an answer at once.
        accepts_first: what its service refuses, and not the front door, ends the operation instead of the request; the
            message may name the operation as `{operation}`.
        allowed: raises what refuses the request all the same.
        body: what it may be told, which is how `perform` gets it; None: nothing that is looked at.
        unmodelled_query: query parameters, in small letters, that change what it does and are not emulated.
    """

    perform: Callable[[State, Resource, Request], Any]
    method: str = "POST"
    polling: Polling | None = None
    seconds: float = 0.0
    status: int = 200
    accepts_first: bool = False
    allowed: Callable[[State, Resource], None] | None = None
    body: Domain | None = None
    unmodelled_query: Sequence[str] = ()

    def wait_for(self, version: str) -> Polling | None:
        """Say how a client follows it at an api-version; None: the answer comes at once."""
        found = self.polling
        return found if found and in_version(version, since=found.since, until=found.until, preview=False) else None


@dataclass(frozen=True)
class Route:
    """An operation that belongs to no single resource, such as a name check.

    Attributes:
        method, path: `POST` and a template like `/subscriptions/{subscription}/providers/X/checkNameAvailability`.
        perform: gets the state, request and the template's values; its return value is the answer's body.
        source: where it is documented.
    """

    method: str
    path: str
    perform: Callable[[State, Request, Mapping[str, str]], Any]
    source: str


LOCATED: Mapping[str, Field] = {
    "location": Field(Region(), required=True),
    "tags": Field(Tags(), inert=True),
}


@dataclass(frozen=True)
class ResourceType:
    """Everything that the emulator knows about one Azure resource type.

    Attributes:
        type: as Azure spells it.
        source: where it is documented; reviewers check the declaration against it.
        versions: the api-versions that it is known at, newest first; others are answered in the shape of their date.
        name: pattern that the last name segment matches as a whole.
        envelope: properties beside `properties` that a caller may set.
        properties: what a caller may set under `properties`; anything else is `NotEmulated`.
        read_only: further properties that clients send back and that are dropped.
        computed: what the service adds under `properties`, evaluated on every read, each a function of
            (state, resource); None leaves it out. A `Versioned` one is there for some api-versions only.
        computed_envelope: the same beside `properties`, such as `systemData`.
        told_in_lists: what a list tells in place of one of those.
        told_in_puts: under `properties`, what the answer to a PUT that is done at once tells in place of one of those;
            None: that it is null.
        untold_in_puts: what such an answer leaves out of `properties`.
        told_anyway: what `$expand` may ask for and changes nothing here, because it is always told, or never there.
        children: property name -> segment, for children that may be written inline with their parent.
        children_stay_since: first api-version in which a PUT that says nothing of inline children leaves them alone;
            with an earlier one they go, as if none had been sent.
        rules: preconditions of PUT and PATCH, in the order in which the service reports them.
        delete_rules: preconditions of DELETE.
        asked: query parameters of a PUT, in small letters, that rules and `on_put` find in the resource's `state` as
            `asked`; `on_put` takes them out. There is no `asked` where a resource is written inline with its parent.
        on_put: effects of a PUT at the moment of its acceptance; may write the resource's `state`.
        on_ready: effects at the end of its operation; an ArmError raised here fails the operation and undoes them, an
            error that is returned fails it and leaves what was done.
        on_delete: effects on other resources when this one goes.
        polling: verb -> how to follow it; a verb that is left out answers at once.
        long_delete: how to follow the deletion of one that takes longer than its kind does; None: as its kind.
        seconds: verb -> how long its operation takes.
        at_once: whether a write is done when it is answered, although it is followed like any other; gets the state,
            the resource as it is now and as it was.
        changed_at_once: a PUT of what is there is answered when it is done, though one that creates has to be followed.
        tags_at_once: a PATCH that changes no property is answered when it is done.
        created, replaced: HTTP status of a PUT that creates, or replaces, when it answers at once.
        verbs: what it supports.
        proxied: its service writes `resourcegroups` in ids, and where a new one is into `Location`.
        stateful: whether it shows a `provisioningState`.
        etag: `quoted` (`W/"…"`), `plain`, `inside quotes` (`"…"`, the quotes are part of it), `counted` (`"1"`, `"2"`),
            or empty: it shows none.
        etag_since: first api-version that shows it.
        hidden_until_ready: a GET finds it only when its first operation has ended.
        derived: finds what is there without having been stored, such as the record of a registered VM.
        patch: `merge` (properties are merged) or `tags` (nothing else may change).
        patched_whole: properties that a PATCH replaces and does not merge.
        in_group: False for what lies in a subscription or extends another resource.
        actions: name -> what it can be asked to do.
        wrapped_errors: False for services that answer errors without `error` around them.
        exists_text, changed_text: the service's words for a failed If-None-Match and If-Match; `{name}`.
        takes_over: segments of parts whose deletion ends with its own, even where it has begun.
        missing: the service's own 404, where it words it itself.
        missing_delete: HTTP status of a DELETE of what isn't there.
        shows_deleted: whether a DELETE answers with what it has deleted.
        matches: whether a resource fits the `$filter` of a list; None: lists of this type take none.
        elsewhere: the service's refusal to put one that is there into another location; None: the front door's own.
        shows_existence: whether a HEAD tells that one is there; of most types Azure's providers implement none.
        unmodelled_query: query parameters of a list, in small letters, that change what it tells and are not emulated.
        late_preconditions: a failed If-Match is accepted first and reported by the operation.
    """

    type: str
    source: str
    versions: Sequence[str] = ()
    name: str = r"[^/]{1,80}"
    envelope: Mapping[str, Field] = field(default_factory=lambda: LOCATED)
    properties: Mapping[str, Field] = field(default_factory=dict)
    read_only: Sequence[str] = ()
    computed: Mapping[str, Callable[[State, Resource], Any]] = field(default_factory=dict)
    computed_envelope: Mapping[str, Callable[[State, Resource], Any]] = field(default_factory=dict)
    told_in_lists: Mapping[str, Callable[[State, Resource], Any]] = field(default_factory=dict)
    told_in_puts: Mapping[str, Callable[[State, Resource], Any]] = field(default_factory=dict)
    untold_in_puts: Sequence[str] = ()
    told_anyway: Sequence[str] = ()
    children: Mapping[str, str] = field(default_factory=dict)
    children_stay_since: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    delete_rules: Sequence[DeleteRule] = ()
    asked: Sequence[str] = ()
    on_put: PutEffect | None = None
    on_ready: Ready | None = None
    on_delete: Effect | None = None
    polling: Mapping[str, Polling] = field(default_factory=dict)
    long_delete: Callable[[State, Resource], Polling | None] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    at_once: Callable[[State, Resource, Resource | None], bool] | None = None
    changed_at_once: bool = False
    tags_at_once: bool = False
    created: int = 201
    replaced: int = 200
    verbs: Sequence[str] = ("GET", "PUT", "PATCH", "DELETE", "LIST")
    proxied: bool = False
    stateful: bool = True
    etag: str = ""
    etag_since: str = ""
    hidden_until_ready: bool = False
    derived: Callable[[State, ArmId], Resource | None] | None = None
    patch: str = "merge"
    patched_whole: Sequence[str] = ()
    in_group: bool = True
    actions: Mapping[str, Action] = field(default_factory=dict)
    wrapped_errors: bool = True
    exists_text: str = "The resource {name} exists already."
    changed_text: str = "The resource {name} has been modified (etag mismatch)."
    takes_over: Sequence[str] = ()
    missing: Callable[[ArmId], ArmError] | None = None
    missing_delete: int = 204
    shows_deleted: bool = False
    matches: Callable[[Resource, str], bool] | None = None
    elsewhere: Callable[[Resource, str], ArmError] | None = None
    shows_existence: bool = False
    unmodelled_query: Sequence[str] = ()
    late_preconditions: bool = False

    def wait_for(self, verb: str, version: str) -> Polling | None:
        """Say how a client follows `verb` at an api-version; None: the answer comes at once."""
        found = self.polling.get(verb)
        known = found and in_version(version, since=found.since, until=found.until, preview=False)
        return found if known else None


def references_exist(*names: str) -> Rule:
    """Build the rule that the resources named under these properties (`{"id": …}`) exist."""

    def referenced_resources_exist(state: State, resource: Resource, old: Resource | None) -> None:
        """A resource can only be built on what is there."""
        for name in names:
            target = resource.properties.get(name)
            if target and state.find(target["id"]) is None:
                raise missing_reference(resource, target["id"])

    return referenced_resources_exist


def missing_reference(resource: Resource, target: str) -> ArmError:
    """Return the network service's answer to an id of something that is not there."""
    message = (
        f"Resource {target} referenced by resource {resource.id} was not found. "
        "Please make sure that the referenced resource exists, and that both resources are in the same region."
    )
    return ArmError(400, "InvalidResourceReference", message, details=[])
