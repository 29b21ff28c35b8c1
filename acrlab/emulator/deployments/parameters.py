"""A template's parameters: the values that were given, or their defaults, held against the template's own rules.

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/parameters
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.emulator.core.http import JSON, NotEmulated
from acrlab.emulator.deployments.declared_types import (
    AGGREGATES,
    KINDS,
    SAID,
    SPELLED,
    is_of,
    require_value,
    resolved,
    typed,
)
from acrlab.emulator.deployments.effort import invalid
from acrlab.emulator.deployments.scope import Names, Place, language_of_defaults

MOST_PARAMETERS = 256


def parameters(
    declared: JSON, given: JSON, place: Place, names: Names, definitions: Mapping[str, JSON]
) -> tuple[dict[str, Any], JSON]:
    """Read them.

    Returns: value by lower-case name, and `{type, value}` by name, as the deployment shows them.

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
        whole = resolved(rule, definitions)
        optional = "defaultValue" in whole or bool(whole.get("nullable"))
        value = _given(name, sent[name.lower()], optional) if name.lower() in sent else None
        if value is None and "defaultValue" in whole:
            value = language.value(whole["defaultValue"])
        elif value is None and not optional:
            raise invalid(f"The value for the template parameter '{name}' is not provided")
        if not names.second:
            _require_plain(name, rule, value)
        require_value(f"template parameter '{name}'", whole, value, definitions)
        values[name.lower()] = value
        shown[name] = typed(whole, value, definitions)
    return values, shown


def _require_plain(name: str, rule: JSON, value: Any) -> None:
    """Refuse what the first version of the language does not say of a type, and a value of another type.

    Source: https://github.com/Azure/bicep/issues/8884 and https://github.com/microsoft/fhir-server/issues/1660
    """
    if any(key in rule for key in AGGREGATES):
        raise invalid("Template language version must be specified in order to use feature 'AggregateTypeValidation'")
    kind = str(rule.get("type", "")).lower()
    if kind in KINDS and (value is not None or not rule.get("nullable")) and not is_of(kind, value):
        raise invalid(
            f"Template parameter JToken type is not valid. Expected '{SAID[kind]}'. Actual "
            f"'{SPELLED.get(type(value), 'Null')}'. Please see https://aka.ms/resource-manager-parameter-files for "
            "usage details"
        )


def _given(name: str, sent: Any, optional: bool) -> Any:
    """Read what was sent for a parameter; where it need not be sent, null is as if it was not.

    Source: https://github.com/Azure/bicep/pull/11532
    """
    if isinstance(sent, dict) and "reference" in sent:
        raise NotEmulated(f"the key vault reference of the parameter '{name}'", supported="value")
    if not isinstance(sent, dict) or "value" not in sent or (sent["value"] is None and not optional):
        raise invalid(f"The value of deployment parameter '{name}' is null")
    return sent["value"]
