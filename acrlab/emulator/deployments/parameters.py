"""A template's parameters: the values that were given, or their defaults, held against the template's own rules.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/parameters
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.emulator.core.http import JSON, NotEmulated
from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.scope import Names, Place, language_of_defaults

MOST_PARAMETERS = 256
KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "securestring": (str,),
    "int": (int,),
    "bool": (bool,),
    "object": (dict,),
    "secureobject": (dict,),
    "array": (list,),
}


def parameters(declared: JSON, given: JSON, place: Place, names: Names) -> tuple[dict[str, Any], JSON]:
    """Read them. Returns: value by lower-case name, and `{type, value}` by name, as the deployment shows them.

    Raises: ArmError: 400 InvalidTemplate.
    """
    if len(declared) > MOST_PARAMETERS:
        raise invalid(f"The number of template parameters limit exceeded. Limit: '{MOST_PARAMETERS}'")
    known = {name.lower(): name for name in declared}
    strange = sorted(name for name in given if name.lower() not in known)
    if strange:
        expected = ", ".join(declared)
        raise invalid(
            f"The template parameters '{', '.join(strange)}' in the parameters file are not valid; they are not "
            "present in the original template and can therefore not be provided at deployment time. The only supported "
            f"parameters for this template are '{expected}'"
        )
    sent = {name.lower(): value for name, value in given.items()}
    values: dict[str, Any] = {}
    shown: JSON = {}
    names.parameters = values  # a default may name the parameters before it
    language = language_of_defaults(place, names)
    for name, rule in declared.items():
        if name.lower() in sent:
            value = _given(name, sent[name.lower()])
        elif "defaultValue" in rule:
            value = language.value(rule["defaultValue"])
        elif rule.get("nullable"):
            value = None
        else:
            raise invalid(f"The value for the template parameter '{name}' is not provided")
        _check(name, rule, value)
        values[name.lower()] = value
        shown[name] = typed(rule["type"], value)
    return values, shown


def _given(name: str, sent: Any) -> Any:
    if isinstance(sent, dict) and "reference" in sent:
        raise NotEmulated(f"the key vault reference of the parameter '{name}'", supported="value")
    if not isinstance(sent, dict) or "value" not in sent:
        raise invalid(f"The value of deployment parameter '{name}' is null")
    return sent["value"]


def _check(name: str, rule: JSON, value: Any) -> None:
    kind = str(rule.get("type", "")).lower()
    if kind not in KINDS:
        raise invalid(f"The template parameter '{name}' has the type '{rule.get('type')}', which is not known")
    if value is None and rule.get("nullable"):
        return
    if not isinstance(value, KINDS[kind]) or (kind == "int" and isinstance(value, bool)):
        raise invalid(
            f"Template parameter JToken type is not valid. Expected '{rule['type']}'. Actual '{type(value).__name__}'"
            f" for parameter '{name}'"
        )
    allowed = rule.get("allowedValues")
    if allowed is not None and value not in allowed and not (isinstance(value, list) and set(value) <= set(allowed)):
        parts = ",".join(str(a) for a in allowed)
        raise invalid(
            f"The provided value for the template parameter '{name}' is not valid. The value '{value}' is not part of "
            f"the allowed value(s): '{parts}'"
        )
    size = _size(kind, value)
    low, high = ("minValue", "maxValue") if kind == "int" else ("minLength", "maxLength")
    if not rule.get(low, size) <= size <= rule.get(high, size):
        raise invalid(
            f"The provided value for the template parameter '{name}' is not valid. "
            f"It must be from {rule.get(low, '-')} to {rule.get(high, '-')}"
        )


def _size(kind: str, value: Any) -> int:
    """What a rule about the least and the most looks at."""
    return int(value) if kind in ("int", "bool") else len(value)


def typed(kind: str, value: Any) -> JSON:
    """Return a value with its type as deployments show it; of what is secret only the type."""
    shown = {"securestring": "SecureString", "secureobject": "SecureObject"}.get(kind.lower(), kind.capitalize())
    return {"type": shown} if kind.lower().startswith("secure") else {"type": shown, "value": value}
