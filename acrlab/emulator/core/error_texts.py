"""How each service words what is wrong with a body or a name that was sent to it.

Source: the recorded answers of the services, and
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import ArmError, NotEmulated
from acrlab.emulator.core.values import Lacking, Unfit

LONGEST_GROUP = 90
T = TypeVar("T")
Words = Callable[["Unfit | Lacking"], ArmError]


def reworded(type: str, problem: ArmError) -> ArmError:
    """Word a value's problem as the service of a type does; what stands beside `properties` the front door reads."""
    beside = isinstance(problem, Unfit | Lacking) and not problem.at.startswith("properties")
    return problem if beside else in_service_words(type, problem)


def in_service_words(type: str, problem: ArmError) -> ArmError:
    """Word a value's problem as the service of a type does, wherever in a body the value stands."""
    words = _service(type, _BODIES)
    return words(problem) if words and isinstance(problem, Unfit | Lacking) else problem


def bad_name(id: ArmId, pattern: str) -> ArmError:
    """Word the refusal of a name that does not match its type's pattern."""
    words = _service(id.type, _NAMES)
    message = f"Resource name {id.name} is invalid. It must match {pattern}."
    return words(id) if words else ArmError(400, "InvalidResourceName", message)


def twins(parent: ArmId, name: str) -> ArmError:
    """Word the refusal of two inline children of one name."""
    detail = {
        "code": "DuplicateResourceName",
        "message": f"Resource {parent} has two child resources with the same name ({name}).",
    }
    return ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", details=[detail])


def dressed(place: str, problem: ArmError) -> ArmError:
    """Give an error what every error of its service carries. `place`: the path, or the id, that it is about."""
    service = place.lower().rpartition("/providers/")[2]
    if not problem.gateway and not isinstance(problem, NotEmulated):
        own = ("microsoft.network/privatedns", "microsoft.network/dns")
        if service.startswith("microsoft.network/") and not service.startswith(own):
            problem.details = problem.details or []
        elif service.startswith("microsoft.containerregistry/"):
            problem.beside = {"status": "Failed", **problem.beside}
    return problem


def _service(type: str, table: dict[str, T]) -> T | None:
    return next((words for start, words in table.items() if type.lower().startswith(start)), None)


def _network(problem: Unfit | Lacking) -> ArmError:
    detail = {"code": "InvalidJson", "message": problem.reason}
    return ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", details=[detail])


def _private_dns(problem: Unfit | Lacking) -> ArmError:
    return ArmError(400, "BadRequest", problem.reason)


def _compute(problem: Unfit | Lacking) -> ArmError:
    target = problem.at.removeprefix("properties.").rpartition(".")[2]
    if isinstance(problem, Lacking):
        return ArmError(400, "InvalidParameter", f"Required parameter '{target}' is missing (null).", target=target)
    return ArmError(400, "InvalidParameter", f"The value of parameter {target} is invalid.", target=target)


def _registry(problem: Unfit | Lacking) -> ArmError:
    return ArmError(400, problem.code, problem.message)


def _storage(problem: Unfit | Lacking) -> ArmError:
    return invalid_values(problem.at.removeprefix("properties."))


def invalid_values(names: str) -> ArmError:
    """Word the storage service's refusal of values. Source: hashicorp/terraform-provider-azurerm#8089"""
    message = f"Values for request parameters are invalid: {names}."
    return ArmError(400, "InvalidValuesForRequestParameters", message)


_BODIES: dict[str, Words] = {
    "microsoft.network/privatednszones": _private_dns,
    "microsoft.network/dns": _private_dns,
    "microsoft.network/": _network,
    "microsoft.compute/": _compute,
    "microsoft.containerregistry/": _registry,
    "microsoft.storage/": _storage,
}


def _network_name(id: ArmId) -> ArmError:
    message = (
        f"Resource name {id.name} is invalid. The name can be up to 80 characters long. It must begin with a word "
        "character, and it must end with a word character or with '_'. The name may contain word characters or '.', "
        "'-', '_'."
    )
    return ArmError(400, "InvalidResourceName", message, details=[])


def _group_name(id: ArmId) -> ArmError:
    bad = "".join(dict.fromkeys(re.sub(r"[\w.()-]", "", id.name)))
    if bad or len(id.name) <= LONGEST_GROUP:
        problem = (
            f"has these invalid characters: '{bad or id.name[-1]}'. The name can only be a letter, digit, '-', '.', "
            "'(', ')' or '_'. See https://aka.ms/ResourceGroupNamingRestrictions for more information."
        )
    else:
        problem = f"has a length of '{len(id.name)}' which exceeds the maximum length of '{LONGEST_GROUP}'."
    message = f"The provided resource group name '{id.name}' {problem}"
    return ArmError(400, "InvalidResourceGroup", message, gateway=True)


def invalid_entity(field: str) -> ArmError:
    """Word Compute's refusal of the name of one of its entities."""
    rule = r"^[^_\W][\w\-._]{0,79}(?<![-.])$"
    message = f"The entity name '{field}' is invalid according to its validation rule: {rule}."
    return ArmError(400, "InvalidParameter", message, target=field)


def _compute_name(id: ArmId) -> ArmError:
    return invalid_entity({"disks": "diskName"}.get(id.type.rpartition("/")[2].lower(), "vmName"))


def _registry_name(id: ArmId) -> ArmError:
    message = "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters."
    return ArmError(400, "InvalidResourceName", message)


def _record_name(id: ArmId) -> ArmError:
    return ArmError(400, "BadRequest", f"The name '{id.name}' is not valid.")


def account_name_rule(name: str) -> str:
    """Say what is wrong with the name of a storage account, as its service does."""
    return (
        f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in "
        "length and use numbers and lower-case letters only."
    )


def _account_name(id: ArmId) -> ArmError:
    return ArmError(400, "AccountNameInvalid", account_name_rule(id.name))


_NAMES: dict[str, Callable[[ArmId], ArmError]] = {
    "microsoft.network/privatednszones/virtualnetworklinks": _network_name,
    "microsoft.network/privatednszones": _record_name,
    "microsoft.network/dns": _record_name,
    "microsoft.network/": _network_name,
    "microsoft.compute/": _compute_name,
    "microsoft.containerregistry/": _registry_name,
    "microsoft.storage/": _account_name,
    "microsoft.resources/resourcegroups": _group_name,
}
