"""Names and ids written as expressions of the template language, and the parameters that they ask for.

contoso                        [parameters('registries_contoso_name')]
/subscriptions/…/subnets/s     [resourceId('…/subnets', parameters('virtualNetworks_v_name'), 's')]
the id of something elsewhere  [parameters('virtualNetworks_hub_externalid')]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.export.asked import Asked

_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+(/[^/]+/[^/]+)+", re.IGNORECASE)


def top_of(id: ArmId) -> ArmId:
    """Return the resource that an id belongs to, itself where it has no parent."""
    return ArmId(id.scope, "/".join(id.type.split("/")[:2]), id.names[:1])


def quoted(text: str) -> str:
    """Write a text as a constant of the language."""
    return "'" + text.replace("'", "''") + "'"


def plain(text: str) -> str:
    """Write a text that is no expression into a template."""
    return f"[{text}" if text.startswith("[") else text


class Expressions:
    """The parameters of one template, and how ids and names are written with them.

    Args:
        wanted: what the export is about; ids of these are made of names, others are parameters as a whole.
    """

    def __init__(self, wanted: Iterable[Resource], written: Iterable[Resource], asked: Asked) -> None:
        self._asked = asked
        self._wanted = {resource.id.key: resource.id for resource in wanted}
        self._names: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._values: dict[str, str] = {}
        tops = {top_of(resource.id).key: top_of(resource.id) for resource in written} if asked.names else {}
        for id in sorted(tops.values(), key=lambda id: (len(str(id)), id.key)):
            self._names[id.key] = self._declared(id, "name", id.name)

    def _declared(self, id: ArmId, ending: str, value: str) -> str:
        """Declare a parameter. Returns: its name, which no other has."""
        stem = f"{id.type.rpartition('/')[2]}_{re.sub(r'[^A-Za-z0-9]', '_', id.name)}_{ending}"
        taken = {name.lower() for name in self._values}
        name = next(n for n in (stem, *(f"{stem}_{i}" for i in range(1, 1000))) if n.lower() not in taken)
        self._values[name] = value
        return name

    def parameters(self) -> JSON:
        """Return the declarations: names, the shortest ids first, and then what is elsewhere, as it was met."""
        told = self._asked.defaults
        return {name: {**({"defaultValue": v} if told else {}), "type": "String"} for name, v in self._values.items()}

    # -- names -----------------------------------------------------------------------------------------------------

    def name(self, id: ArmId) -> str:
        """Write a resource's own name, `parent/child` for a child."""
        return self._text("/".join(id.names), id)

    def text(self, text: str, owner: ArmId) -> str:
        """Write a property's text: an id, or one that may hold the name of the resource that it belongs to."""
        code = self._id(text, owner)
        return f"[{code}]" if code else self._text(text, owner)

    def _text(self, text: str, owner: ArmId) -> str:
        code = self._with_name(text, owner)
        return f"[{code}]" if code else plain(text)

    def _with_name(self, text: str, owner: ArmId) -> str:
        """Write a text that holds the owner's name as an expression; empty: it does not hold it."""
        top = top_of(owner)
        parameter = self._names.get(top.key)
        parts = re.split(rf"(?<![A-Za-z0-9]){re.escape(top.name)}(?![A-Za-z0-9])", text) if parameter else [text]
        if len(parts) == 1:
            return ""
        codes: list[str] = []
        for index, part in enumerate(parts):
            codes += [f"parameters('{parameter}')"] if index else []
            codes += [quoted(part)] if part else []
        return codes[0] if len(codes) == 1 else f"concat({', '.join(codes)})"

    # -- ids -------------------------------------------------------------------------------------------------------

    def resource_id(self, id: ArmId, owner: ArmId | None = None) -> str:
        """Write the id of what is in the group. `owner`: whose property holds it."""
        names = (self._with_name(name, id) or self._with_name(name, owner or id) or quoted(name) for name in id.names)
        return f"resourceId({quoted(id.type)}, {', '.join(names)})"

    def found(self, text: str) -> tuple[ArmId, str] | None:
        """Return the resource of this export that an id names or is a part of, and the rest of the id."""
        if not _ID.fullmatch(text):
            return None
        parts = text.split("/")
        for end in range(len(parts), 7, -2):
            if id := self._wanted.get("/".join(parts[:end]).lower()):
                return id, "/".join(["", *parts[end:]]) if parts[end:] else ""
        return None

    def _id(self, text: str, owner: ArmId) -> str:
        if not _ID.fullmatch(text):
            return ""
        if there := self.found(text):
            id, rest = there
            return self._joined(self.resource_id(id, owner), rest, owner)
        return self._elsewhere(text, owner) if self._asked.others else ""

    def _elsewhere(self, text: str, owner: ArmId) -> str:
        parts = text.split("/")
        whole, rest = "/".join(parts[:9]), "/".join(["", *parts[9:]]) if parts[9:] else ""
        if whole.lower() not in self._others:
            self._others[whole.lower()] = self._declared(ArmId.parse(whole), "externalid", whole)
        return self._joined(f"parameters('{self._others[whole.lower()]}')", rest, owner)

    def _joined(self, code: str, rest: str, owner: ArmId) -> str:
        return f"concat({code}, {self._with_name(rest, owner) or quoted(rest)})" if rest else code


def ids_in(value: object) -> Iterable[str]:
    """Return every text in a body that may be an id."""
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for one in inner:
        yield from ids_in(one)
