"""What a JSON property may hold: lists, objects and named parts, made of the single values of `values`.

A property that is not declared is `NotEmulated`; one that is declared `inert` is kept and shown, and changes nothing.
This module is the one door to both: declarations import every domain from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acrlab.arm_id import ArmId
from acrlab.emulator.values import (
    Address,
    Anything,
    Choice,
    Domain,
    Field,
    Flag,
    Plain,
    Prefix,
    Region,
    Scene,
    Secret,
    Tags,
    Text,
    Whole,
    choice,
)
from acrlab.emulator.wire import JSON, ArmError, NotEmulated, malformed

__all__ = [
    "Address",
    "Anything",
    "Choice",
    "Domain",
    "Elements",
    "Field",
    "Flag",
    "Listing",
    "Prefix",
    "Ref",
    "Region",
    "Scene",
    "Secret",
    "Shape",
    "Tags",
    "Text",
    "Whole",
    "choice",
    "ref",
]


@dataclass(frozen=True)
class Listing:
    """A list whose items all lie in one domain."""

    of: Domain
    least: int = 0

    def admit(self, at: str, value: Any, scene: Scene) -> list[Any]:
        if not isinstance(value, list):
            raise malformed(f"{at} must be a list, got {value!r}.")
        if len(value) < self.least:
            raise malformed(f"{at} needs at least {self.least} item(s).")
        return [self.of.admit(f"{at}[{i}]", item, scene) for i, item in enumerate(value)]

    def show(self, value: list[Any], scene: Scene) -> list[Any]:
        return [self.of.show(item, scene) for item in value]


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
            raise malformed(f"{at} must be an object, got {value!r}.")
        unknown = sorted(set(value) - set(self.fields) - set(self.read_only))
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
                kept[name] = spec.domain.admit(path, given, scene)
            elif spec.required:
                raise malformed(f"{path} is required for {scene.type}.")
            elif (default := spec.fill(scene)) is not None:
                kept[name] = default
        return kept

    def show(self, value: JSON, scene: Scene) -> JSON:
        shown: JSON = {}
        for name, spec in self.fields.items():
            if name in value and spec.in_version(scene.version):
                seen = spec.domain.show(value[name], scene)
                if seen is not None:
                    shown[name] = seen
        return shown


@dataclass(frozen=True)
class Ref(Plain):
    """`{"id": …}`, the id of a resource of one of `types` (any type where none is given).

    Whether it has to exist is a matter of each type's rules.
    """

    types: Sequence[str] = ()

    def admit(self, at: str, value: Any, scene: Scene) -> JSON:
        text = value.get("id") if isinstance(value, dict) else None
        try:
            id = ArmId.parse(text or "")
        except ValueError as problem:
            message = f"Property id '{text}' at path '{at}.id' is invalid. Expect fully qualified resource Id."
            raise ArmError(400, "LinkedInvalidPropertyId", message, gateway=True) from problem
        if self.types and id.type.lower() not in {t.lower() for t in self.types}:
            message = f"{at}.id names a {id.type}; expected {' or '.join(self.types)}."
            raise ArmError(400, "InvalidRequestFormat", message, details=[])
        return {"id": str(id)}


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
            "etag": scene.tenant.etag(resource),
            "type": f"{scene.type}/{self.segment}",
            "properties": {**state, **properties, **{k: v for k, v in computed.items() if v is not None}},
        }
