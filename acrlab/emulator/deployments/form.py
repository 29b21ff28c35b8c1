"""The form that a template has to have before anything in it is looked at.

Only what reading it relies on: what each resource may say is its service's business.
Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from acrlab.emulator.core.http import JSON
from acrlab.emulator.deployments.effort import invalid

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_TEXT: JSON = {"type": "string"}
_COUNT: JSON = {"type": ["integer", "string"]}
_TYPED: JSON = {"type": "object", "required": ["type"], "properties": {"type": _TEXT}}
_LIMITS: JSON = {key: {"type": "integer"} for key in ("minValue", "maxValue", "minLength", "maxLength")}
_PARAMETER: JSON = {**_TYPED, "properties": {"type": _TEXT, "allowedValues": {"type": "array"}, **_LIMITS}}
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
    "anyOf": [
        {"type": "array", "items": {"$ref": "#/$defs/resource"}},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/resource"}},
    ]
}
_RESOURCE: JSON = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("type", "name", "apiVersion", "scope", "resourceGroup"), _TEXT),
        "condition": {"type": ["boolean", "string"]},
        "dependsOn": {"type": "array", "items": _TEXT},
        "copy": {"type": "object", "required": ["name", "count"], "properties": {"name": _TEXT, "count": _COUNT}},
        "properties": {"type": ["object", "null"]},
        "resources": _RESOURCES,
    },
}
TEMPLATE: JSON = {
    "type": "object",
    "required": ["resources"],
    "properties": {
        "parameters": {"type": "object", "additionalProperties": _PARAMETER},
        "variables": {"type": "object", "properties": {"copy": _LOOPS}},
        "functions": {"type": "array", "items": _NAMESPACE},
        "resources": _RESOURCES,
        "outputs": {"type": "object", "additionalProperties": {**_TYPED, "properties": {"type": _TEXT, "copy": _LOOP}}},
    },
    "$defs": {"resource": _RESOURCE},
}
GIVEN: JSON = {"type": "object", "additionalProperties": {"type": "object"}}


def require_form(template: Any, given: Any) -> None:
    """Refuse a template, or parameters for one, of another form. Raises: ArmError: 400 InvalidTemplate."""
    from jsonschema.exceptions import best_match

    for validator, value, what in ((_validators()[0], template, "template"), (_validators()[1], given, "parameters")):
        problem = best_match(validator.iter_errors(value))
        if problem is not None:
            raise invalid(f"Template {what} at path '{problem.json_path}': {problem.message[:200]}")


@cache
def _validators() -> tuple[Draft202012Validator, Draft202012Validator]:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(TEMPLATE), Draft202012Validator(GIVEN)
