"""What a template declares of the values that it takes and gives: the types of parameters and outputs, its own too.

A rule may refer to a definition, and say of an object's properties and a list's items what it says of a value.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/definitions,
https://github.com/Azure/bicep/issues/11747, https://github.com/Azure/bicep/issues/20322 and, for lengths,
https://github.com/microsoft/vscode-azurearmtools/issues/1350
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.functions.arguments import is_number, same

KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "securestring": (str,), "int": (int,), "bool": (bool,),
    "object": (dict,), "secureobject": (dict,), "array": (list,),
}  # fmt: skip
SPELLED = {str: "String", int: "Integer", bool: "Boolean", dict: "Object", list: "Array", float: "Float"}
SAID = {"string": "String, Uri", "securestring": "String, Uri", "int": "Integer", "bool": "Boolean"}
SAID |= {"object": "Object", "secureobject": "Object", "array": "Array"}
# What only the second version of the language says of a type.
AGGREGATES = ("$ref", "items", "prefixItems", "properties", "additionalProperties", "discriminator")
DEEPEST = 32  # definitions that refer to each other
MEANS = "#/definitions/"


def resolved(rule: JSON, definitions: Mapping[str, JSON]) -> JSON:
    """Follow a rule to the definition that it refers to; what stands beside the reference comes on top.

    Raises: ArmError: 400 InvalidTemplate: there is no such definition.
    """
    made = rule
    for _ in range(DEEPEST):
        if "$ref" not in made:
            return made
        name = str(made["$ref"]).removeprefix(MEANS)
        if name not in definitions:
            raise invalid(f"The template type reference '{made['$ref']}' is not valid: no such definition")
        made = {**definitions[name], **{key: value for key, value in made.items() if key != "$ref"}}
    raise invalid(f"The template type reference '{rule['$ref']}' refers to itself")


def require_value(what: str, rule: JSON, value: Any, definitions: Mapping[str, JSON]) -> None:
    """Refuse a value that its rule does not allow. `what`: as it is named to people, e.g. `template parameter 'p'`.

    Raises: ArmError: 400 InvalidTemplate.
    """
    rule = resolved(rule, definitions)
    kind = str(rule.get("type", "")).lower()
    if kind not in KINDS:
        raise invalid(f"The {what} has the type '{rule.get('type')}', which is not known")
    if value is None and rule.get("nullable"):
        return
    if not is_of(kind, value):
        seen = SPELLED.get(type(value), "Null")
        raise _refused(what, f"Expected a value of type '{SAID[kind]}', but received a value of type '{seen}'")
    _require_allowed(what, rule, value)
    _require_size(what, rule, value)
    if isinstance(value, dict):
        _require_properties(what, rule, value, definitions)
    if isinstance(value, list):
        _require_items(what, rule, value, definitions)


def require_output(name: str, rule: JSON, value: Any, definitions: Mapping[str, JSON], *, second: bool) -> None:
    """Refuse an output of another type than it says. `second`: the template is in the second language version.

    Source: https://github.com/Azure/azure-rest-api-specs/issues/14055

    Raises: ArmError: 400 InvalidTemplate.
    """
    kind = str(rule.get("type", "")).lower()
    if not second and kind in KINDS and not is_of(kind, value):
        raise invalid(
            f"Template output JToken type is not valid. Expected '{SAID[kind]}'. Actual "
            f"'{SPELLED.get(type(value), 'Null')}'.Please see https://aka.ms/arm-template/#outputs for usage details."
        )
    require_value(f"template output '{name}'", rule, value, definitions)


def is_of(kind: str, value: Any) -> bool:
    """Tell whether a value is of a kind that a template names, in small letters."""
    return isinstance(value, KINDS[kind]) and not (kind == "int" and isinstance(value, bool))


def _refused(what: str, problem: str) -> ArmError:
    return invalid(f"The provided value for the {what} is not valid. {problem}")


def _require_allowed(what: str, rule: JSON, value: Any) -> None:
    """One of the values that are allowed, or a list of some of them."""
    allowed = rule.get("allowedValues")
    if (
        allowed is None
        or _among(allowed, value)
        or (isinstance(value, list) and all(_among(allowed, v) for v in value))
    ):
        return
    parts = ",".join(str(one) for one in allowed)
    raise _refused(what, f"The value '{value}' is not part of the allowed value(s): '{parts}'")


def _among(allowed: Sequence[Any], value: Any) -> bool:
    return any(same(one, value) for one in allowed)


def _require_size(what: str, rule: JSON, value: Any) -> None:
    """Bounds of a number, and of how long a text or a list is."""
    if is_number(value):
        size, low, high, named = value, "minValue", "maxValue", "The value"
    elif isinstance(value, str | list):
        size, low, high, named = len(value), "minLength", "maxLength", "Length of the value"
    else:
        return
    if size < rule.get(low, size):
        raise _refused(what, f"{named} should be greater than or equal to '{rule[low]}'")
    if size > rule.get(high, size):
        raise _refused(what, f"{named} should be less than or equal to '{rule[high]}'")


def _require_properties(what: str, rule: JSON, value: JSON, definitions: Mapping[str, JSON]) -> None:
    rule = _discriminated(what, rule, value, definitions)
    known = rule.get("properties") or {}
    sent = {name.lower(): name for name in value}
    for name, inner in known.items():
        if name.lower() in sent:
            require_value(_inside(what, name), inner, value[sent[name.lower()]], definitions)
        elif not resolved(inner, definitions).get("nullable"):
            raise _refused(what, f"The required property '{name}' is missing")
    declared = {name.lower() for name in known}
    others = [name for name in value if name.lower() not in declared]
    more = rule.get("additionalProperties", True)
    if more is False and others:
        listed = ", ".join(f"'{name}'" for name in others)
        raise _refused(
            what,
            "The object does not allow values with properties not defined in the schema, but the following unknown "
            f"properties were present: [{listed}]",
        )
    for name in others if isinstance(more, dict) else ():
        require_value(_inside(what, name), more, value[name], definitions)


def _discriminated(what: str, rule: JSON, value: JSON, definitions: Mapping[str, JSON]) -> JSON:
    """Choose the rule that one of an object's own properties chooses."""
    chooser = rule.get("discriminator")
    if not chooser:
        return rule
    name, mapping = chooser["propertyName"], chooser["mapping"]
    if not isinstance(value.get(name), str) or value[name] not in mapping:
        names = ", ".join(f"'{one}'" for one in mapping)
        raise _refused(what, f"The property '{name}' has to be one of {names}")
    chosen = resolved(mapping[value[name]], definitions)
    properties = {name: {"type": "string"}, **(chosen.get("properties") or {})}
    return {**chosen, "properties": properties}


def _require_items(what: str, rule: JSON, value: list[Any], definitions: Mapping[str, JSON]) -> None:
    first, more = rule.get("prefixItems") or [], rule.get("items", True)
    if len(value) < len(first) or (more is False and len(value) > len(first)):
        raise _refused(what, f"The array has {len(value)} items where {len(first)} are expected")
    for at, item in enumerate(value):
        inner = first[at] if at < len(first) else more
        if isinstance(inner, dict):
            require_value(_inside(what, str(at)), inner, item, definitions)


def _inside(what: str, name: str) -> str:
    """`template parameter 'p'` -> `template parameter 'p.name'`."""
    return f"{what[:-1]}.{name}'"


def typed(rule: JSON, value: Any, definitions: Mapping[str, JSON]) -> JSON:
    """Return a value with its type as deployments show it; of what is secret only the type."""
    kind = str(resolved(rule, definitions).get("type", ""))
    shown = {"securestring": "SecureString", "secureobject": "SecureObject"}.get(kind.lower(), kind.capitalize())
    return {"type": shown} if kind.lower().startswith("secure") else {"type": shown, "value": value}
