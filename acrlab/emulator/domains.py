"""What a JSON property may hold: each domain admits a value that a caller sent, and shows the one that is kept.

A property that is not declared is `NotEmulated`; one that is declared `inert` is kept and shown, and changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from acrlab.arm_id import ArmId
from acrlab.cloud import REGIONS
from acrlab.emulator.wire import JSON, ArmError, NotEmulated, malformed

if TYPE_CHECKING:
    from acrlab.emulator.schema import Resource, Tenant


@dataclass(frozen=True)
class Scene:
    """Who is being admitted or shown: the resource, the tenant that it lives in, the caller's api-version."""

    tenant: Tenant
    resource: Resource
    type: str
    version: str


class Domain(Protocol):
    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        """Check a value that was sent and return the one to keep. `at` is its JSON path, for error texts."""
        ...

    def show(self, value: Any, scene: Scene) -> Any:
        """Turn the kept value into what a GET answers."""
        ...


Default = Any | Callable[[Scene], Any]


@dataclass(frozen=True)
class Field:
    """One property that a caller may set.

    Attributes:
        domain: what it may hold.
        default: what the service fills in, a value or a function of the scene; None leaves the property out.
        required: a PUT without it is a 400.
        inert: kept and shown, but nothing that the emulator does depends on it.
        since, until: first api-version that has it, and first one that no longer does; empty: no bound.
    """

    domain: Domain
    default: Default = None
    required: bool = False
    inert: bool = False
    since: str = ""
    until: str = ""

    def fill(self, scene: Scene) -> Any:
        return self.default(scene) if callable(self.default) else self.default

    def in_version(self, version: str) -> bool:
        return (not self.since or version >= self.since) and (not self.until or version < self.until)


class _Plain:
    def show(self, value: Any, scene: Scene) -> Any:
        return value


@dataclass(frozen=True)
class Text(_Plain):
    """A string, matching `pattern` as a whole where one is given."""

    pattern: str = ""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        if not isinstance(value, str):
            raise malformed(f"{at} must be a string, got {value!r}.")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ArmError(400, "InvalidParameter", f"The value {value!r} of {at} must match {self.pattern}.")
        return value


@dataclass(frozen=True)
class Region(_Plain):
    """An Azure region, by name or display name; kept by name."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        name = Text().admit(at, value, scene).replace(" ", "").lower()
        if name not in REGIONS:
            message = (
                f"The provided location '{value}' is not available for resource type '{scene.type}'. "
                f"List of available regions for the resource type is '{','.join(REGIONS)}'."
            )
            raise ArmError(400, "LocationNotAvailableForResourceType", message, gateway=True)
        return name


@dataclass(frozen=True)
class Choice(_Plain):
    """One of the spellings given; compared without case, kept as declared."""

    spellings: Sequence[str]

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        for spelling in self.spellings:
            if isinstance(value, str) and value.lower() == spelling.lower():
                return spelling
        allowed = ", ".join(self.spellings)
        raise ArmError(400, "InvalidParameter", f"The value {value!r} of {at} is not one of {allowed}.")


def choice(*spellings: str) -> Choice:
    return Choice(spellings)


@dataclass(frozen=True)
class Flag(_Plain):
    """true or false."""

    def admit(self, at: str, value: Any, scene: Scene) -> bool:
        if not isinstance(value, bool):
            raise malformed(f"{at} must be true or false, got {value!r}.")
        return value


@dataclass(frozen=True)
class Whole(_Plain):
    """A whole number from `least` to `most`, both included."""

    least: int = 0
    most: int = 2**31 - 1

    def admit(self, at: str, value: Any, scene: Scene) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise malformed(f"{at} must be a whole number, got {value!r}.")
        if not self.least <= value <= self.most:
            raise ArmError(400, "InvalidParameter", f"{at} must be from {self.least} to {self.most}, got {value}.")
        return value


@dataclass(frozen=True)
class Prefix(_Plain):
    """An IPv4 address range in CIDR notation, its host bits zero."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        try:
            return str(ipaddress.IPv4Network(value))
        except ValueError as problem:
            message = (
                f"Address prefix {value} of resource {scene.resource.id} is not formatted correctly. "
                "It should follow CIDR notation, for example 10.0.0.0/24."
            )
            raise ArmError(400, "InvalidAddressPrefixFormat", message, details=[]) from problem


@dataclass(frozen=True)
class Address(_Plain):
    """One IPv4 address; the empty string where the service takes it for absent."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        try:
            return str(ipaddress.IPv4Address(value)) if value != "" else ""
        except ValueError as problem:
            raise ArmError(400, "InvalidIPAddressFormat", f"{at} is not an IPv4 address: {value!r}.") from problem


@dataclass(frozen=True)
class Tags(_Plain):
    """Names with values, both strings."""

    def admit(self, at: str, value: Any, scene: Scene) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise malformed(f"{at} must map names to strings.")
        return dict(value)


@dataclass(frozen=True)
class Anything(_Plain):
    """Any JSON: only for inert properties, whose shape the emulator has no opinion on."""

    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        return value


@dataclass(frozen=True)
class Secret:
    """A string that is kept but never shown, such as a password."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        return Text().admit(at, value, scene)

    def show(self, value: Any, scene: Scene) -> None:
        return None


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
class Ref(_Plain):
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


Computed = Callable[["Scene", JSON], Any]


@dataclass(frozen=True)
class Elements:
    """Named parts of a resource that have an id, an etag and a type of their own, but no life of their own.

    Attributes:
        segment: their segment in ids and types, e.g. `ipConfigurations`.
        fields: what a caller may set under `properties`.
        computed: what the service adds there, each a function of the scene and the kept element.
        stateful: whether they show a `provisioningState`.
        read_only: further properties that clients send back.
    """

    segment: str
    fields: Mapping[str, Field]
    computed: Mapping[str, Computed] = field(default_factory=dict)
    stateful: bool = True
    read_only: Sequence[str] = ()

    def admit(self, at: str, value: Any, scene: Scene) -> list[JSON]:
        inner = Shape(self.fields, (*self.computed, *self.read_only, "provisioningState"))
        outer = Shape(
            {"name": Field(Text(), required=True), "properties": Field(inner, default=lambda s: inner.admit(at, {}, s))},
            read_only=("id", "etag", "type"),
        )
        return Listing(outer).admit(at, value, scene)

    def show(self, value: list[JSON], scene: Scene) -> list[JSON]:
        return [self._show_one(element, scene) for element in value]

    def _show_one(self, element: JSON, scene: Scene) -> JSON:
        resource = scene.resource
        properties = Shape(self.fields).show(element.get("properties", {}), scene)
        computed = {name: compute(scene, element) for name, compute in self.computed.items()}
        state = {"provisioningState": scene.tenant.phase(resource)} if self.stateful else {}
        return {
            "name": element["name"],
            "id": f"{resource.id}/{self.segment}/{element['name']}",
            "etag": scene.tenant.etag(resource),
            "type": f"{scene.type}/{self.segment}",
            "properties": {**state, **properties, **{k: v for k, v in computed.items() if v is not None}},
        }
