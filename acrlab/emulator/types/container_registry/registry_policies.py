"""The policies of a registry: retention (`registry/retention.py`) and exports work; the others are kept and shown."""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.emulator.core.calendar import with_offset
from acrlab.emulator.core.domains import Shape
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.values import Choice, Field, Scene, Whole, choice


@dataclass(frozen=True)
class Dated(Shape):
    """A policy that tells when the policies were set."""

    def show(self, value: JSON, scene: Scene) -> JSON:
        time = scene.resource.state.get("policiesSet", scene.state.timestamp(scene.resource.created))
        return {**super().show(value, scene), "lastUpdatedTime": with_offset(time)}


STATES = choice("enabled", "disabled")


def _switch(shape: type[Shape] = Shape, *, states: Choice = STATES, default: str = "disabled", **more: Field) -> Shape:
    return shape({**more, "status": Field(states, default=default)}, ("lastUpdatedTime",))


def _policy(domain: Shape, *, since: str = "", preview: bool = False, inert: bool = True) -> Field:
    """A policy that was never set has its defaults."""
    return Field(domain, default=lambda scene: domain.admit("", {}, scene), inert=inert, since=since, preview=preview)


POLICIES = Shape(
    {
        "quarantinePolicy": _policy(_switch()),
        "trustPolicy": _policy(_switch(type=Field(choice("Notary"), default="Notary"))),
        "retentionPolicy": _policy(_switch(Dated, days=Field(Whole(0, 365), default=7)), inert=False),
        "exportPolicy": _policy(_switch(default="enabled"), since="2021-06-01", inert=False),
        "azureADAuthenticationAsArmPolicy": _policy(_switch(default="enabled"), since="2021-12-01"),
        "softDeletePolicy": _policy(
            # What is deleted could be restored then, and nothing here keeps it.
            _switch(
                Dated,
                states=choice("disabled", unmodelled=("enabled",)),
                retentionDays=Field(Whole(0, 90), default=7),
            ),
            since="2021-12-01",
            preview=True,
        ),
    }
)
