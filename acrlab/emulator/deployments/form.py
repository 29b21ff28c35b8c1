"""The form that a template has to have before anything in it is looked at.

Only what reading it relies on: what each resource may say is its service's business.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from acrlab.emulator.core.http import JSON, NotEmulated, malformed
from acrlab.emulator.deployments.effort import invalid

_TEXT: JSON = {"type": "string"}
_COUNT: JSON = {"type": ["integer", "string"]}
# A type, or a reference to a definition of one.
_TYPED: JSON = {
    "type": "object",
    "properties": {"type": _TEXT, "$ref": _TEXT},
    "if": {"not": {"required": ["$ref"]}},
    "then": {"required": ["type"]},
}
_LIMITS: JSON = {key: {"type": "integer"} for key in ("minValue", "maxValue", "minLength", "maxLength")}
_RULE: JSON = {"$ref": "#/$defs/rule"}
_RULE_OR_NOT: JSON = {"type": ["object", "boolean"], "if": {"type": "object"}, "then": _RULE}
_RULES: JSON = {"type": "object", "additionalProperties": _RULE}
_PARAMETER: JSON = {
    **_TYPED,
    "properties": {
        **_TYPED["properties"],
        **_LIMITS,
        "allowedValues": {"type": "array"},
        "nullable": {"type": "boolean"},
        "properties": _RULES,
        "additionalProperties": _RULE_OR_NOT,
        "items": _RULE_OR_NOT,
        "prefixItems": {"type": "array", "items": _RULE},
        "discriminator": {
            "type": "object",
            "required": ["propertyName", "mapping"],
            "properties": {"propertyName": _TEXT, "mapping": _RULES},
        },
    },
}
_LOOP: JSON = {"type": "object", "required": ["count", "input"], "properties": {"name": _TEXT, "count": _COUNT}}
_LOOPS: JSON = {"type": "array", "items": {**_LOOP, "required": ["name", "count", "input"]}}
_NAMED: JSON = {"type": "object", "required": ["name"], "properties": {"name": _TEXT}}
_FUNCTION: JSON = {
    "type": "object",
    "required": ["output"],
    "properties": {
        "output": {"type": "object", "required": ["value"]},
        "parameters": {"type": "array", "items": _NAMED},
    },
}
_NAMESPACE: JSON = {
    "type": "object",
    "required": ["namespace"],
    "properties": {"namespace": _TEXT, "members": {"type": "object", "additionalProperties": _FUNCTION}},
}
_RESOURCES: JSON = {
    "type": ["array", "object"],
    # Not `anyOf`, which could only say that neither form fits.
    "if": {"type": "array"},
    "then": {"items": {"$ref": "#/$defs/resource"}},
    "else": {"additionalProperties": {"$ref": "#/$defs/resource"}},
}
_RESOURCE: JSON = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("type", "name", "apiVersion", "scope", "resourceGroup"), _TEXT),
        "condition": {"type": ["boolean", "string"]},
        "dependsOn": {"type": "array", "items": _TEXT},
        "copy": {"type": "object", "required": ["name", "count"], "properties": {"name": _TEXT, "count": _COUNT}},
        "properties": {"type": ["object", "null", "string"]},
        "resources": _RESOURCES,
    },
}
TEMPLATE: JSON = {
    "type": "object",
    "required": ["resources"],
    "properties": {
        "definitions": _RULES,
        "parameters": _RULES,
        "variables": {"type": "object", "properties": {"copy": _LOOPS}},
        "functions": {"type": "array", "items": _NAMESPACE},
        "resources": _RESOURCES,
        "outputs": {"type": "object", "additionalProperties": {**_RULE, "properties": {"copy": _LOOP}}},
    },
    "$defs": {"resource": _RESOURCE, "rule": _PARAMETER},
}
GIVEN: JSON = {"type": "object", "additionalProperties": {"type": "object"}}
# What templates may say and nothing here reads: other clouds' resources, versions by profile.
LANGUAGES = ("1.0", "2.0")
MEMBERS = (
    "$schema", "contentVersion", "languageVersion", "apiProfile", "metadata", "definitions", "functions", "parameters",
    "variables", "imports", "extensions", "resources", "asserts", "outputs",
)  # fmt: skip
MEMBERS_OF_PARAMETERS = (
    "type", "$ref", "defaultValue", "allowedValues", "minValue", "maxValue", "minLength", "maxLength", "nullable",
    "metadata", "items", "prefixItems", "properties", "additionalProperties", "discriminator",
)  # fmt: skip
UNREAD = ("apiProfile", "extensions", "imports", "asserts")


def require_form(template: Any, given: Any) -> None:
    """Refuse a template, or parameters for one, of another form.

    Raises: ArmError: 400 InvalidTemplate; NotEmulated: it says what nothing here reads.
    """
    from fastjsonschema import JsonSchemaValueException

    _require_read(template)
    for require, value, what in zip(_validators(), (template, given), ("template", "parameters"), strict=True):
        try:
            require(value)
        except JsonSchemaValueException as problem:
            name = str(problem.name)
            path, said = f"${name.removeprefix('data')}", problem.message.removeprefix(name).strip()
            raise invalid(f"Template {what} at path '{path}': it {said[:200]}") from None


def _require_read(template: Any) -> None:
    if not isinstance(template, dict):
        return
    _require_members(template, MEMBERS, "Template", "")
    declared = template.get("parameters")
    for name, rule in declared.items() if isinstance(declared, dict) else ():
        if isinstance(rule, dict):
            _require_members(rule, MEMBERS_OF_PARAMETERS, "TemplateInputParameter", f".parameters.{name}")
    unread = [name for name in UNREAD if template.get(name)]
    version = template.get("languageVersion")
    if version is not None and version not in LANGUAGES:
        unread.append(f"languageVersion {version}")
    if unread:
        raise NotEmulated(f"{', '.join(unread)} of a template")
    if isinstance(template.get("resources"), dict) and version != LANGUAGES[1]:
        raise invalid("Template language version must be specified in order to use symbolic names of resources")


def _require_members(piece: JSON, known: Sequence[str], kind: str, path: str) -> None:
    """Refuse a word that Azure's reader does not know; of one that it reads in any case, say what is read here.

    Source: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/quickstart-troubleshoot-arm-deployment
    and https://github.com/outsideris/slack-invite-automation/issues/91
    """
    for name in piece:
        if name not in known and name.lower() in (one.lower() for one in known):
            raise NotEmulated(f"'{name}' of a template", supported=", ".join(known))
        if name not in known:
            raise malformed(
                f"Could not find member '{name}' on object of type '{kind}'. Path 'properties.template{path}.{name}'."
            )


@cache
def _validators() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    from fastjsonschema import compile

    return compile(TEMPLATE), compile(GIVEN)
