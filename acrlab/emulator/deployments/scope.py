"""What a template's expressions can see: parameters, variables, where it is deployed, and what is there already."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import JSON, Request
from acrlab.emulator.core.resource import State
from acrlab.emulator.core.subscriptions import named as subscription_named
from acrlab.emulator.core.subscriptions import tenant_of
from acrlab.emulator.deployments.deployment_values import environment, tenant_as_told
from acrlab.emulator.deployments.effort import Effort, invalid
from acrlab.emulator.deployments.forms import FORMS
from acrlab.emulator.deployments.functions.by_name import FUNCTIONS
from acrlab.emulator.deployments.functions.dates import PLAIN, written
from acrlab.emulator.deployments.language import ACTIONS, Constant, Language, Node
from acrlab.emulator.deployments.mentions import LOOKS
from acrlab.emulator.deployments.own_identity import OWN_IDENTITY, own_identity

# What a function that a template defines cannot call.
UNSEEN = {"parameters", "variables", *LOOKS, ACTIONS}


@dataclass(frozen=True)
class Place:
    """Where a template is deployed.

    Attributes:
        scope: id of the group or subscription.
        name: the deployment's name.
        told: what `deployment()` answers.
    """

    state: State
    scope: ArmId
    name: str
    told: JSON = field(default_factory=dict)


@dataclass
class Names:
    """What a template names: values by name, evaluated when first asked for.

    Attributes:
        parameters: lower-case name -> value.
        variables: lower-case name -> piece of the template.
        symbols: symbolic name, or bare name, lower case -> id of a resource of this template.
        versions: key of a resource of this template -> the api-version that it is written in.
        counts: symbolic name of a loop, lower case -> how many resources it makes.
        functions: `namespace.name` in lower case -> definition of a function of the template's own.
        second: the template is in the second version of the language.
        early: nothing may be looked at yet.
        loops: name of a copy loop -> index in it; "" is that of the resource, or of the output.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)
    symbols: dict[str, ArmId] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    functions: Mapping[str, JSON] = field(default_factory=dict)
    second: bool = False
    early: bool = False
    loops: Mapping[str, int] = field(default_factory=dict)


def language_of(place: Place, names: Names) -> Language:
    """Return the language of a template's resources and outputs."""
    functions = {**FUNCTIONS, **_functions(place, names)}
    if names.early:
        functions |= {name: _unexpected(name) for name in LOOKS} | {ACTIONS: _unexpected()}
    return Language(
        {**functions, **_own(functions, names)},
        {**FORMS, "copyindex": _index(names)},
        effort=names.effort,
    )


def early(names: Names) -> Names:
    """Return the same names where nothing may be looked at yet: what is worked out before anything is deployed.

    Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/variables and
    https://github.com/Azure/bicep/issues/4815
    """
    return replace(names, early=True)


def _unexpected(*known: str) -> Callable[..., Any]:
    """Return a function that refuses to be called; its name is its first argument where it is not known."""

    def refuse(*values: Any) -> Any:
        raise invalid(f"The template function '{(known or values)[0]}' is not expected at this location")

    return refuse


def language_of_defaults(place: Place, names: Names) -> Language:
    """Return the language of parameters' default values, the only place where new GUIDs and the time may stand."""
    state = place.state
    usual = language_of(place, early(names))

    def now(form: str = "") -> str:
        return written(datetime.fromisoformat(state.timestamp()).astimezone(UTC), form or PLAIN)

    more: dict[str, Callable[..., Any]] = {
        "newguid": lambda: state.derive("new guid", str(place.scope), place.name, repr(state.now)),
        "utcnow": now,
    }
    return replace(usual, functions={**usual.functions, **more})


def within_loop(names: Names, name: str, index: int) -> Names:
    """Return the names inside a loop of resources or of an output: `copyIndex()` alone means it."""
    return replace(names, loops={**names.loops, "": index, name.lower(): index})


def within_value(names: Names, name: str, index: int) -> Names:
    """Return the names inside a loop of a property or a variable, which `copyIndex()` means by its name alone.

    Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties
    """
    return replace(names, loops={**names.loops, name.lower(): index})


def id_of(scope: str, type: str, *parts: str) -> ArmId:
    """Return the id of `NS/a/b` and the names `x`, `y`. Raises: ArmError: they don't fit."""
    names = [name for part in parts for name in part.split("/")]
    if type.count("/") != len(names) or not all(names):
        raise invalid(f"The type '{type}' requires {type.count('/')} name segments, got '{'/'.join(parts)}'")
    return ArmId(scope, type, tuple(names))


def _functions(place: Place, names: Names) -> dict[str, Callable[..., Any]]:
    scope, state = place.scope, place.state
    subscription = f"/subscriptions/{scope.subscription}"

    def resource_id(*words: str) -> str:
        """`[subscription], [group], type, names…`: the type is the first word with a slash."""
        at = next(i for i, word in enumerate(words) if "/" in word)
        group = words[at - 1] if at else scope.group
        root = f"/subscriptions/{words[0]}" if at == 2 else subscription
        home = f"{root}/resourceGroups/{group}" if group else root
        return str(id_of(home, words[at], *words[at + 1 :]))

    def subscription_resource_id(*words: str) -> str:
        at = next(i for i, word in enumerate(words) if "/" in word)
        return str(id_of(f"/subscriptions/{words[0]}" if at else subscription, words[at], *words[at + 1 :]))

    def named(word: str) -> ArmId:
        if word.lower() in names.symbols:
            return names.symbols[word.lower()]
        try:
            return ArmId.parse(word)
        except ValueError:
            raise invalid(f"The template resource '{word}' reference is not valid: no such resource") from None

    def reference(word: str, version: str = "", form: str = "") -> Any:
        id = named(word)
        if not version and id.key not in names.versions:
            raise invalid(
                f"The template reference '{word}' is not valid: could not find template resource or resource copy with "
                "this name"
            )
        if id.type.lower() == OWN_IDENTITY:
            shown = own_identity(state, id)
        else:
            state.perform("require_look", id)
            shown = state.show(state.get(id), version or names.versions.get(id.key, ""))
        return shown if form.lower() == "full" else shown["properties"]

    def references(loop: str, form: str = "") -> list[Any]:
        """Look at all resources of a loop, in its order; without a form at their properties."""
        found = [f"{loop.lower()}[{at}]" for at in range(names.counts.get(loop.lower(), 0))]
        if not found and loop.lower() not in names.counts:
            raise invalid(f"The template reference '{loop}' is not valid: no such resource collection")
        return [reference(word, "", form) for word in found]

    def listed(action: str, word: str, version: str = "", body: Any = None) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        return state.perform("act", named(word), action, Request("POST", "", "", {"api-version": version}, body=raw))

    def variable(name: str) -> Any:
        if name.lower() not in names.variables:
            raise invalid(f"The template variable '{name}' is not found")
        return names.variables[name.lower()]()

    def parameter(name: str) -> Any:
        if name.lower() not in names.parameters:
            raise invalid(f"The template parameter '{name}' is not found")
        return names.parameters[name.lower()]

    def resource_group(name: str = "") -> Any:
        if not scope.group:
            raise invalid("The template function 'RESOURCEGROUP' is not expected at this location")
        group = ArmId.of_group(scope.subscription, name or scope.group)
        state.perform("require_look", group)
        return state.show(state.get(group))

    return {
        "parameters": parameter,
        "variables": variable,
        "reference": reference,
        "references": references,
        ACTIONS: listed,
        "resourceid": resource_id,
        "subscriptionresourceid": subscription_resource_id,
        "extensionresourceid": lambda at, type, *parts: str(id_of(at, type, *parts)),
        "tenantresourceid": lambda type, *parts: str(id_of("", type, *parts)),
        "resourcegroup": resource_group,
        "subscription": lambda: {
            "id": subscription,
            "subscriptionId": scope.subscription,
            "tenantId": tenant_of(state, scope.subscription),
            "displayName": subscription_named(state, scope.subscription).name,
        },
        "tenant": lambda: tenant_as_told(state, scope.subscription),
        "deployment": lambda: dict(place.told),
        "environment": environment,
    }


def _own(functions: Mapping[str, Callable[..., Any]], names: Names) -> dict[str, Callable[..., Any]]:
    """Functions that the template defines: they see their parameters, and look at no resource.

    They call each other only in the second version of the language.
    Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/user-defined-functions and
    https://learn.microsoft.com/azure/azure-resource-manager/bicep/user-defined-functions
    """
    seen = {name: work_out for name, work_out in functions.items() if name not in UNSEEN}

    def made(definition: JSON) -> Callable[..., Any]:
        words = [parameter["name"].lower() for parameter in definition.get("parameters", [])]

        def function(*values: Any) -> Any:
            given = dict(zip(words, values, strict=True))
            inner = {**seen, **(own if names.second else {}), "parameters": lambda name: given[name.lower()]}
            return Language(inner, FORMS, effort=names.effort).value(definition["output"]["value"])

        return function

    own = {name: made(definition) for name, definition in names.functions.items()}
    return own


def _index(names: Names) -> Callable[[Language, Sequence[Node]], int]:
    """`copyIndex()`, `copyIndex(1)`, `copyIndex('loop')`, `copyIndex('loop', 1)`."""

    def index(language: Language, arguments: Sequence[Node]) -> int:
        values = [a.value if isinstance(a, Constant) else language.evaluate(a) for a in arguments]
        loop = next((v.lower() for v in values if isinstance(v, str)), "")
        if loop not in names.loops:
            raise invalid("The template function 'copyIndex' is not expected at this location")
        return names.loops[loop] + next((v for v in values if isinstance(v, int)), 0)

    return index


def name_space(definitions: Sequence[JSON]) -> dict[str, JSON]:
    """Map `namespace.name` in lower case to its definition, for the `functions` of a template."""
    return {
        f"{space['namespace']}.{name}".lower(): definition
        for space in definitions
        for name, definition in space.get("members", {}).items()
    }
