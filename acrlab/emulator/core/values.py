"""What a single JSON value may be: each domain admits a value that a caller sent, and shows the one that is kept."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from acrlab.azure.cloud import REGIONS, region_name
from acrlab.emulator.core.http import ArmError, NotEmulated, malformed
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.tag_rules import require_legal


class Unfit(ArmError):
    """A value that its property cannot take, in the front door's words until a service finds its own.

    Attributes:
        at: JSON path of the property.
        reason: what the reader of the JSON says.
    """

    def __init__(self, at: str, value: Any, type: str) -> None:
        self.at, self.reason = at, f"Error converting value {json.dumps(value)[:80]} to type '{type}'. Path '{at}'."
        problem = malformed(self.reason)
        super().__init__(problem.status, problem.code, problem.message, gateway=True)


class Lacking(ArmError):
    """A property that has to be there and is not; otherwise as `Unfit`."""

    def __init__(self, at: str) -> None:
        self.at, holder = at, at.rpartition(".")[0]
        self.reason = f"Required property '{at.rpartition('.')[2]}' not found in JSON. Path '{holder}'."
        problem = malformed(self.reason)
        super().__init__(problem.status, problem.code, problem.message, gateway=True)


@dataclass(frozen=True)
class Scene:
    """What is being admitted or shown: the resource, the state that it is part of, the caller's api-version."""

    state: State
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


def in_version(version: str, *, since: str, until: str, preview: bool) -> bool:
    """Tell whether an api-version has what is bounded like this. A preview comes after the version of its own date."""
    return version >= since and (not until or version < until) and (not preview or version.endswith("-preview"))


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
        preview: only previews have it.
        null: the service shows it as null where it was never set.
    """

    domain: Domain
    default: Default = None
    required: bool = False
    inert: bool = False
    since: str = ""
    until: str = ""
    preview: bool = False
    null: bool = False

    def fill(self, scene: Scene) -> Any:
        return self.default(scene) if callable(self.default) else self.default

    def in_version(self, version: str) -> bool:
        if not (self.since or self.until or self.preview):
            return True
        return in_version(version, since=self.since, until=self.until, preview=self.preview)


class Plain:
    """Shows a value as it is kept."""

    def show(self, value: Any, scene: Scene) -> Any:
        return value


@dataclass(frozen=True)
class Text(Plain):
    """A string, matching `pattern` as a whole where one is given.

    Attributes:
        unmodelled: pattern of what the service takes as well and the emulator does not.
    """

    pattern: str = ""
    unmodelled: str = ""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        if not isinstance(value, str):
            raise Unfit(at, value, "System.String")
        if self.unmodelled and re.fullmatch(self.unmodelled, value):
            raise NotEmulated(f"{at} of {scene.type} as {json.dumps(value)}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise Unfit(at, value, _kind_of(at))
        return value


@dataclass(frozen=True)
class Region(Plain):
    """An Azure region, by name or display name; kept by name. `names`: where the type is offered."""

    names: Sequence[str] = tuple(REGIONS)

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        name = region_name(Text().admit(at, value, scene))
        if name not in self.names:
            raise self.refusal(value, scene)
        return name

    def refusal(self, value: str, scene: Scene) -> ArmError:
        """Return the front door's refusal of a region."""
        message = (
            f"The provided location '{value}' is not available for resource type '{scene.type}'. "
            f"List of available regions for the resource type is '{','.join(self.names)}'."
        )
        return ArmError(400, "LocationNotAvailableForResourceType", message, gateway=True)


@dataclass(frozen=True)
class Choice(Plain):
    """One of the spellings given; compared without case, kept as declared.

    Attributes:
        as_sent: it is kept as the caller spelled it.
        unmodelled: what the service takes as well and the emulator does not: refused as a gap and not as a mistake.
    """

    spellings: Sequence[str]
    unmodelled: Sequence[str] = ()
    as_sent: bool = False

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        for spelling in self.spellings:
            if isinstance(value, str) and value.lower() == spelling.lower():
                return value if self.as_sent else spelling
        if isinstance(value, str) and value.lower() in (known.lower() for known in self.unmodelled):
            raise NotEmulated(f"{at} of {scene.type} as {json.dumps(value)}", supported=", ".join(self.spellings))
        raise Unfit(at, value, _kind_of(at))


def choice(*spellings: str, unmodelled: Sequence[str] = (), as_sent: bool = False) -> Choice:
    return Choice(spellings, unmodelled, as_sent)


@dataclass(frozen=True)
class Flag(Plain):
    """true or false."""

    def admit(self, at: str, value: Any, scene: Scene) -> bool:
        if not isinstance(value, bool):
            raise Unfit(at, value, "System.Boolean")
        return value


@dataclass(frozen=True)
class Whole(Plain):
    """A whole number from `least` to `most`, both included."""

    least: int = 0
    most: int = 2**31 - 1

    def admit(self, at: str, value: Any, scene: Scene) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unfit(at, value, "System.Int32")
        if not self.least <= value <= self.most:
            raise Unfit(at, value, f"a whole number from {self.least} to {self.most}")
        return value


def _require_version_4(at: str, text: str, scene: Scene) -> None:
    """Refuse an IPv6 address or range as a gap and not as a mistake. Raises: NotEmulated."""
    if is_version_6(text):
        raise NotEmulated(f"{at} of {scene.type} as {json.dumps(text)}", supported="IPv4")


def is_version_6(text: str) -> bool:
    """Tell an IPv6 address or range from anything else."""
    try:
        ipaddress.IPv6Network(text, strict=False)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Prefix(Plain):
    """An IPv4 address range in CIDR notation, its host bits zero. Azure has IPv6 too, the emulator has not."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        text = Text().admit(at, value, scene)  # a number would be read as an address, too
        _require_version_4(at, text, scene)
        try:
            return str(ipaddress.IPv4Network(text))
        except ValueError as problem:
            message = (
                f"Address prefix {value} of resource {scene.resource.id} is not formatted correctly. "
                "It should follow CIDR notation, for example 10.0.0.0/24."
            )
            raise ArmError(400, "InvalidAddressPrefixFormat", message, details=[]) from problem


@dataclass(frozen=True)
class Address(Plain):
    """One IPv4 address; the empty string where the service takes it for absent. IPv6 as in `Prefix`."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        text = Text().admit(at, value, scene)
        _require_version_4(at, text, scene)
        try:
            return str(ipaddress.IPv4Address(text)) if text else ""
        except ValueError as problem:
            raise ArmError(400, "InvalidIPAddressFormat", f"{at} is not an IPv4 address: {value!r}.") from problem


@dataclass(frozen=True)
class Tags(Plain):
    """Names with values, both strings."""

    def admit(self, at: str, value: Any, scene: Scene) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise Unfit(at, value, "System.Collections.Generic.Dictionary`2[System.String,System.String]")
        return require_legal(dict(value))


@dataclass(frozen=True)
class Anything(Plain):
    """Any JSON: only for inert properties, whose shape the emulator has no opinion on."""

    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        return value


@dataclass(frozen=True)
class Hidden:
    """Any JSON that is kept and never shown, such as a deployment's template."""

    def admit(self, at: str, value: Any, scene: Scene) -> Any:
        return value

    def show(self, value: Any, scene: Scene) -> None:
        return None


@dataclass(frozen=True)
class Secret:
    """A string that is kept but never shown, such as a password."""

    def admit(self, at: str, value: Any, scene: Scene) -> str:
        return Text().admit(at, value, scene)

    def show(self, value: Any, scene: Scene) -> None:
        return None


def _kind_of(at: str) -> str:
    """The name of an enumeration, after the property that holds it."""
    name = re.sub(r"\[\d+\]", "", at).rpartition(".")[2]
    return name[:1].upper() + name[1:]
