"""What a JSON property may hold: lists, objects and named parts, made of the single values of `values`.

A property that is not declared is `NotEmulated`; one that is declared `inert` is kept and shown, and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.values import (
    Choice,
    Domain,
    Field,
    Lacking,
    Plain,
    Scene,
    Text,
    Unfit,
)


@dataclass(frozen=True)
class Listing:
    """A list whose items all lie in one domain."""

    of: Domain
    least: int = 0

    def admit(self, at: str, value: Any, scene: Scene) -> list[Any]:
        if not isinstance(value, list):
            raise Unfit(at, value, "System.Collections.Generic.List`1")
        if len(value) < self.least:
            raise Lacking(f"{at}[0]")
        return [self.of.admit(f"{at}[{i}]", item, scene) for i, item in enumerate(value)]

    def show(self, value: list[Any], scene: Scene) -> list[Any]:
        return [self.of.show(item, scene) for item in value]


@dataclass(frozen=True)
class Only(Plain):
    """The one value that is emulated of those that the service knows; the property is shown, and stays as it is."""

    value: Any

    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        if value != self.value:
            raise NotEmulated(f"{at} of {scene.type} as {json.dumps(value)}", supported=json.dumps(self.value))
        return self.value


@dataclass(frozen=True)
class Unsaid:
    """A text of which only the empty one is emulated: some clients send it for nothing, and it is not shown.

    Attributes:
        unmodelled: what the service takes and the emulator does not, where it takes only some texts.
    """

    unmodelled: Sequence[str] = ()

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        if self.unmodelled:
            return str(Choice(("",), self.unmodelled).admit(at, value, scene))
        if Text().admit(at, value, scene):
            raise NotEmulated(f"{at} of {scene.type}", supported="none")  # without the text: it may be a secret
        return ""

    def show(self, value: str, scene: Scene) -> None:
        return None


@dataclass(frozen=True)
class Shape:
    """An object with declared properties.

    Attributes:
        fields: what a caller may set.
        read_only: what the service answers and therefore clients send back; dropped without a word.
    """

    fields: Mapping[str, Field]
    read_only: Sequence[str] = ()

    def admit(self, at: str, value: Any, scene: Scene) -> JSON:
        if not isinstance(value, dict):
            raise Unfit(at, value, "Newtonsoft.Json.Linq.JObject")
        # Null asks for nothing, whatever it stands under: templates write it for what they leave to the service.
        said = {name for name, given in value.items() if given is not None}
        unknown = sorted(said - set(self.fields) - set(self.read_only))
        if unknown:
            raise NotEmulated(
                f"{', '.join(f'{at}.{u}'.lstrip('.') for u in unknown)} of {scene.type}",
                supported=", ".join(sorted(self.fields)),
            )
        kept: JSON = {}
        for name, spec in self.fields.items():
            path = f"{at}.{name}".lstrip(".")
            given = value.get(name)
            if given is not None:
                admitted = spec.domain.admit(path, given, scene)
                if admitted or spec.required or not _says_nothing(spec.domain, given):
                    kept[name] = admitted
            elif not spec.required and (default := spec.fill(scene)) is not None:
                kept[name] = default
        # What is there is read first: a service's reader misses a property only at the end of its object.
        for name, spec in self.fields.items():
            if spec.required and value.get(name) is None:
                raise Lacking(f"{at}.{name}".lstrip("."))
        return kept

    def show(self, value: JSON, scene: Scene) -> JSON:
        shown: JSON = {}
        for name, spec in self.fields.items():
            if not spec.in_version(scene.version):
                continue
            seen = spec.domain.show(value[name], scene) if name in value else None
            if seen is not None or spec.null:
                shown[name] = seen
        return shown


def _says_nothing(domain: Domain, given: Any) -> bool:
    """Tell whether an object consists of nulls: it is read as if it were not there. An empty one is kept."""
    return isinstance(domain, Shape) and bool(given) and all(value is None for value in given.values())


@dataclass(frozen=True)
class Empty:
    """An object of which only the empty one is emulated: it asks for nothing, and is not shown."""

    def admit(self, at: str, value: Any, scene: Scene) -> JSON:
        return Shape({}).admit(at, value, scene)

    def show(self, value: JSON, scene: Scene) -> None:
        return None


@dataclass(frozen=True)
class Ref(Plain):
    """`{"id": …}`, the id of a resource of one of `types` (any type where none is given).

    Whether it has to exist is a matter of each type's rules.
    """

    types: Sequence[str] = ()

    def admit(self, at: str, value: Any, scene: Scene) -> JSON:
        if not isinstance(value, dict):
            raise Unfit(at, value, "ResourceReference")
        text = value.get("id")
        if not text:
            raise _unparsed("MissingJsonReferenceId", f"Value for reference id is missing. Path {at}.")
        id = _id_at(f"{at}.id", text)
        _require_own(id, scene)
        if self.types and id.type.lower() not in {t.lower() for t in self.types}:
            expected = ", ".join(t.partition("/")[2] for t in self.types)
            message = (
                f"Reference Id {text} is referencing resource of a wrong type. The Id is expected to reference "
                f"resources of types {expected}. Path {at}."
            )
            raise _unparsed("InvalidJsonReferenceWrongType", message)
        return {"id": str(id)}


@dataclass(frozen=True)
class Id(Plain):
    """The id of a resource, kept as it was sent; the front door reads it before the service does."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        text = Text().admit(at, value, scene)
        _id_at(at, text)
        return text


def _id_at(at: str, text: Any) -> ArmId:
    """Read an id. Raises: ArmError: it is none."""
    try:
        return ArmId.parse(text if isinstance(text, str) else "")
    except ValueError as problem:
        message = (
            f"Property id '{text}' at path '{at}' is invalid. Expect fully qualified resource Id that start "
            "with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'."
        )
        raise ArmError(400, "LinkedInvalidPropertyId", message, gateway=True) from problem


def _unparsed(code: str, message: str) -> ArmError:
    """Tell how the network service refuses a body whose references it cannot follow."""
    detail = {"code": code, "message": message}
    return ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", details=[detail])


def _require_own(id: ArmId, scene: Scene) -> None:
    """What lies in a subscription that this world does not have is out of reach."""
    if subscriptions.exists(scene.state, id.subscription):
        return
    message = (
        f"The client has permission to perform action '{id.type}/join/action' on scope '{scene.resource.id}', however "
        f"the current tenant '{scene.state.setting('tenant')}' is not authorized to access linked subscription "
        f"'{id.subscription}'."
    )
    raise ArmError(403, "LinkedAuthorizationFailed", message, gateway=True)


def ref(*types: str) -> Ref:
    return Ref(types)


Computed = Callable[[Scene, JSON], Any]


@dataclass(frozen=True)
class Elements:
    """Named parts of a resource that have an id, an etag and a type of their own, but no life of their own.

    Attributes:
        segment: their segment in ids and types, e.g. `ipConfigurations`.
        fields: what a caller may set under `properties`.
        computed: what the service adds there, each a function of the scene and the kept element.
        stateful: whether they show a `provisioningState`.
        settled: it is `Succeeded` even while the resource is still being made.
        read_only: further properties that clients send back.
    """

    segment: str
    fields: Mapping[str, Field]
    computed: Mapping[str, Computed] = field(default_factory=dict)
    stateful: bool = True
    settled: bool = False
    read_only: Sequence[str] = ()

    def admit(self, at: str, value: Any, scene: Scene) -> list[JSON]:
        inner = Shape(self.fields, (*self.computed, *self.read_only, "provisioningState"))
        outer = Shape(
            {
                "name": Field(Text(), required=True),
                "properties": Field(inner, default=lambda s: inner.admit(at, {}, s)),
            },
            read_only=("id", "etag", "type"),
        )
        return Listing(outer).admit(at, value, scene)

    def show(self, value: list[JSON], scene: Scene) -> list[JSON]:
        return [self._show_one(element, scene) for element in value]

    def _show_one(self, element: JSON, scene: Scene) -> JSON:
        resource = scene.resource
        properties = Shape(self.fields).show(element.get("properties", {}), scene)
        computed = {name: compute(scene, element) for name, compute in self.computed.items()}
        state = {"provisioningState": "Succeeded" if self.settled else resource.phase} if self.stateful else {}
        return {
            "name": element["name"],
            "id": f"{resource.id}/{self.segment}/{element['name']}",
            "etag": scene.state.etag(resource),
            "type": f"{scene.type}/{self.segment}",
            "properties": {**state, **properties, **{k: v for k, v in computed.items() if v is not None}},
        }
