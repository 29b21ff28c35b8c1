"""Reading a template: its parameters and variables, and every resource that it asks for, loops unrolled.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON
from acrlab.emulator.deployments.camel_case import camel_cased, names_camel_cased
from acrlab.emulator.deployments.declared_types import SPELLED, require_output, typed
from acrlab.emulator.deployments.deployment_values import SECOND
from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.form import require_form
from acrlab.emulator.deployments.language import Language
from acrlab.emulator.deployments.mentions import Mention, mentioned
from acrlab.emulator.deployments.parameters import parameters
from acrlab.emulator.deployments.placement import DEPLOYMENT_TYPE, id_of_resource
from acrlab.emulator.deployments.scope import Names, Place, early, language_of, name_space, within_loop, within_value

MOST_RESOURCES = 800
# What a template says about a resource, and what its service never sees: read here, refused, or said to people.
_OWN_KEYS = {"apiVersion", "type", "name", "dependsOn", "condition", "copy", "comments", "scope", "resources"}
_OWN_KEYS |= {"import", "existing", "metadata", "asserts", "@options", "subscriptionId", "resourceGroup"}


@dataclass(frozen=True)
class Wanted:
    """One resource that a template asks for.

    Attributes:
        symbol: its symbolic name, else its name, in lower case.
        loop: name of the copy loop that made it, in lower case; empty: none did.
        depends: names and ids that it says it depends on, in lower case.
        mentions: what its expressions look at.
        existing: it has to be there already, and is not written.
        deployed: its condition holds.
    """

    id: ArmId
    version: str
    symbol: str
    loop: str
    depends: tuple[str, ...]
    mentions: tuple[Mention, ...]
    existing: bool
    deployed: bool
    body: JSON
    names: Names


@dataclass(frozen=True)
class Template:
    """A template that was read for one place.

    Attributes:
        parameters: name -> `{type, value}` as the deployment shows them; None: it has no such part, not even an empty
            one.
    """

    place: Place
    names: Names
    wanted: tuple[Wanted, ...]
    parameters: JSON | None
    outputs: JSON
    definitions: JSON

    def body_of(self, wanted: Wanted) -> JSON:
        """Evaluate a resource's body. Raises: ArmError: an expression makes no sense."""
        language = language_of(self.place, wanted.names)
        sent = {k: v for k, v in wanted.body.items() if k not in _OWN_KEYS}
        if wanted.id.type.lower() == DEPLOYMENT_TYPE.lower() and _is_inner(wanted.body):
            properties = dict(sent["properties"])
            template = properties.pop("template", {})
            body: JSON = {**language.value({**sent, "properties": properties})}
            body["properties"]["template"] = template  # its expressions are its own
            return body
        return dict(_with_loops(sent, self.place, wanted.names))

    def location_of(self, wanted: Wanted) -> str | None:
        """Tell where a resource will be; None: it has no place of its own."""
        location = language_of(self.place, wanted.names).value(wanted.body.get("location"))
        return None if location is None else str(location)

    def output_values(self) -> JSON:
        """Evaluate the outputs. Raises: ArmError."""
        return {name: shown for one in self.outputs for name, shown in self.output_value(one).items()}

    def output_value(self, name: str) -> JSON:
        """Evaluate one output: its name as answers spell it and its value; nothing where its condition says so.

        Raises: ArmError.
        """
        language, output = language_of(self.place, self.names), self.outputs[name]
        if not _holds(output, language):
            return {}
        loop = output.get("copy")
        value = _repeated(loop, self.place, self.names) if loop else language.value(output.get("value"))
        require_output(name, output, value, self.definitions, second=self.names.second)
        return {camel_cased(name): typed(output, value, self.definitions)}


def read(template: JSON, given: JSON, place: Place) -> Template:
    """Read a template with the parameters that were given: name -> `{value}`.

    Raises: ArmError: 400 InvalidTemplate, with what is wrong.
    """
    require_form(template, given)
    # Parameters' defaults may use functions; variables may use parameters; resources may use all three.
    second = str(template.get("languageVersion", "")) == SECOND
    names = Names(functions=name_space(template.get("functions", [])), second=second)
    definitions = template.get("definitions", {})
    names.parameters, shown = parameters(template.get("parameters", {}), given, place, names, definitions)
    names.variables = _variables(template.get("variables", {}), place, names)
    wanted = tuple(islice(_wanted(template["resources"], place, names), MOST_RESOURCES + 1))
    if len(wanted) > MOST_RESOURCES:
        raise invalid(f"The number of template resources limit exceeded. Limit: '{MOST_RESOURCES}'")
    _require_once(wanted)
    names.symbols |= {w.id.name.lower(): w.id for w in wanted} | {"/".join(w.id.names).lower(): w.id for w in wanted}
    names.symbols |= {w.symbol: w.id for w in wanted if w.symbol}
    names.versions |= {w.id.key: w.version for w in sorted(wanted, key=lambda w: w.deployed)}
    declared = names_camel_cased(shown) if "parameters" in template else None
    return Template(place, names, wanted, declared, template.get("outputs", {}), definitions)


def _require_once(wanted: Sequence[Wanted]) -> None:
    """Refuse a resource that is there twice; of two with conditions, one may hold.

    Source: https://github.com/Azure/bicep/issues/1410 and https://github.com/Azure/bicep/issues/7561
    """
    known = set[str]()
    for one in wanted:
        if one.deployed and one.id.key in known:
            named = f"{one.id.type}/{'/'.join(one.id.names)}"
            raise invalid(f"The resource '{named}' is defined multiple times in a template")
        if one.deployed:
            known.add(one.id.key)


def _variables(declared: JSON, place: Place, names: Names) -> Mapping[str, Callable[[], Any]]:
    """Name -> how to evaluate it: a variable that is not used is never evaluated."""
    before = early(names)
    loops = {loop["name"].lower(): partial(_repeated, loop, place, before) for loop in declared.get("copy", [])}
    plain = {n.lower(): partial(_with_loops, v, place, before) for n, v in declared.items() if n != "copy"}
    before.variables = {**plain, **loops}
    return before.variables


def _repeated(loop: JSON, place: Place, names: Names) -> list[Any]:
    """What a copy loop over values makes."""
    count = language_of(place, names).value(loop["count"])
    if not isinstance(count, int) or not 0 <= count <= MOST_RESOURCES:
        raise invalid(f"The copy count '{count}' must be from 0 to {MOST_RESOURCES}")
    name = loop.get("name", "")  # an output's has none
    inside = within_value if name else within_loop
    return [_with_loops(loop["input"], place, inside(names, name, i)) for i in range(count)]


def _with_loops(piece: Any, place: Place, names: Names) -> Any:
    """Evaluate a piece of a template, property loops in it unrolled."""
    if isinstance(piece, dict):
        plain = {k: v for k, v in piece.items() if k != "copy" or not isinstance(v, list)}
        language = language_of(place, names)
        made = {str(language.value(k)): _with_loops(v, place, names) for k, v in plain.items()}
        loops = piece["copy"] if isinstance(piece.get("copy"), list) else []
        return made | {loop["name"]: _repeated(loop, place, names) for loop in loops}
    if isinstance(piece, list):
        return [_with_loops(item, place, names) for item in piece]
    return language_of(place, names).value(piece)


# -- resources ---------------------------------------------------------------------------------------------------------


def _wanted(resources: Any, place: Place, names: Names, parent: tuple[str, str] = ("", "")) -> Iterator[Wanted]:
    """Every resource, children inside others included. `parent`: type and name of the one around."""
    named = resources.items() if isinstance(resources, dict) else (("", resource) for resource in resources)
    for symbol, resource in named:
        loop = resource.get("copy")
        if not loop:
            yield from _one(symbol, "", resource, place, names, parent)
            continue
        count = language_of(place, early(names)).value(loop["count"])
        if not isinstance(count, int) or not 0 <= count <= MOST_RESOURCES:
            raise invalid(f"The copy count '{count}' must be from 0 to {MOST_RESOURCES}")
        names.counts[symbol.lower()] = count
        for index in range(count):
            inner = within_loop(names, loop["name"], index)
            yield from _one(f"{symbol}[{index}]" if symbol else "", loop["name"], resource, place, inner, parent)


def _one(
    symbol: str, loop: str, resource: JSON, place: Place, names: Names, parent: tuple[str, str]
) -> Iterator[Wanted]:
    language = language_of(place, early(names))
    missing = [key for key in ("type", "name", "apiVersion") if key not in resource]
    if missing:
        raise invalid(f"The template resource '{resource.get('name', '')}' misses the property '{missing[0]}'")
    # Type, name and version decide which resource it is, so they are evaluated now; the body only when it is written,
    # since it may refer to resources that do not exist yet.
    language.value(resource.get("location"))
    deployed = _holds(resource, language)
    existing = bool(resource.get("existing"))
    if existing and not deployed:
        yield _unlooked(symbol, loop, resource, place, names)
        return
    type, name = str(resource["type"]), str(language.value(resource["name"]))
    if parent[0]:
        type, name = f"{parent[0]}/{type}", f"{parent[1]}/{name}"
    id = id_of_resource(type, name, resource, place, language)
    said = [str(language.value(word)).lower() for word in resource.get("dependsOn", [])]
    above = [str(id.parent).lower()] if id.parent and parent[0] else []
    yield Wanted(
        id=id,
        version=str(language.value(resource["apiVersion"])),
        symbol=symbol.lower(),
        loop=loop.lower(),
        depends=tuple(dict.fromkeys(said + above)),
        mentions=tuple(dict.fromkeys(mentioned(resource, language))),
        existing=existing,
        deployed=deployed,
        body=resource,
        names=names,
    )
    yield from _wanted(resource.get("resources", []), place, names, (type, name))


def _unlooked(symbol: str, loop: str, resource: JSON, place: Place, names: Names) -> Wanted:
    """Stand for a resource that would have to be there already if its condition held: its name may make no sense.

    Source: Azure/bicep-registry-modules, where such a resource is named by parts of a parameter that is not given
    """
    type = str(resource["type"])
    id = ArmId(str(place.scope), type, (symbol or "unlooked",) * type.count("/"))
    version = str(resource["apiVersion"])
    return Wanted(
        id, version, symbol.lower(), loop.lower(), (), (), existing=True, deployed=False, body={}, names=names
    )


def _holds(piece: JSON, language: Language) -> bool:
    """Evaluate the condition of a resource or an output.

    Source: https://github.com/Azure/azure-quickstart-templates/issues/5850

    Raises: ArmError: 400 InvalidTemplate: it is no boolean; a text or a number does not stand for one.
    """
    condition = piece.get("condition", True)
    value = language.value(condition)
    if not isinstance(value, bool):
        raise invalid(
            f"Evaluation result of language expression '{condition}' is type '{SPELLED.get(type(value), 'Null')}', "
            "expected type is 'Boolean'"
        )
    return value


def _is_inner(resource: JSON) -> bool:
    properties = resource.get("properties") or {}
    options = properties.get("expressionEvaluationOptions", {}) if isinstance(properties, dict) else {}
    return str(options.get("scope", "outer")).lower() == "inner"
