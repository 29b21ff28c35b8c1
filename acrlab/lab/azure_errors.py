"""Turns an SDK's exception into one sentence that says what failed, on what, what was seen and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from acrlab.errors import NotVisibleError, RefusedError

Found = TypeVar("Found")

# Azure's code -> what to do about it
ADVICE = {
    "AlreadyInUse": "Registry names are global: choose another registry_name.",
    "DENIED": "The registry refuses this caller's address: call from the VM, or add a network rule.",
    "InUseSubnetCannotBeDeleted": "Delete what holds an address in the subnet first.",
    "MissingSubscriptionRegistration": "Register the resource provider: acrlab.steps.register_providers(lab).",
    "PlatformImageNotFound": "Choose another vm_image.",
    "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled": (
        "Disable the subnet's policies first: acrlab.disable_subnet_policies(lab)."
    ),
    "QuotaExceeded": "Choose another vm_size or location, or ask for more quota.",
    "SkuNotAvailable": "Choose another vm_size or location.",
    "SubnetIsFull": "Choose a larger subnet_prefix.",
}


@contextmanager
def asking(what: str, resource_id: str) -> Iterator[None]:
    """Name what is being done, for the case that Azure says no.

    Raises:
        RefusedError: Azure refused, or could not be reached.
        NotVisibleError: this identity may not do or see that.
    """
    try:
        yield
    except ClientAuthenticationError as problem:
        message = f"{what} failed: Azure does not accept the credentials. Sign in again: az login."
        raise RefusedError(message, status=401, code="Unauthenticated", resource_id=resource_id) from problem
    except HttpResponseError as problem:
        raise _translated(what, resource_id, problem) from problem
    except (ServiceRequestError, ServiceResponseError) as problem:
        message = f"{what} failed: no answer. {problem.message}"
        raise RefusedError(message, status=0, code="Unreachable", resource_id=resource_id) from problem


def find(call: Callable[[], Found]) -> Found | None:
    """Make a call that reads; None when there is no such thing."""
    try:
        return call()
    except ResourceNotFoundError:
        return None


def failed(found: Any) -> bool:
    """Whether the last operation on a resource, in the form of its SDK, ended badly."""
    return state_of(found) in ("Failed", "Canceled")


def state_of(found: Any) -> str:
    """Say what Azure is doing to a resource, in the form of its SDK; empty: it is gone, or has no such state."""
    inner = getattr(found, "properties", None)
    state = getattr(found, "provisioning_state", None) or getattr(inner, "provisioning_state", None)
    return str(getattr(state, "value", state) or "")


def _translated(what: str, resource_id: str, problem: HttpResponseError) -> RefusedError | NotVisibleError:
    status = problem.status_code or 0
    code, text = _code_and_text(problem)
    name = resource_id.rpartition("/")[2]
    if code == "AuthorizationFailed":
        message = f"{what} failed on {name}: this identity lacks the right to. Ask for it, or use another identity."
        action = re.search(r"perform action '([^']+)'", text)
        return NotVisibleError(message, resource_id=resource_id, permission=action[1] if action else text)
    advice = ADVICE.get(code, "")
    message = f"{what} failed on {name}: Azure answered {status} {code}: {text} {advice}".rstrip()
    return RefusedError(message, status=status, code=code, resource_id=resource_id)


def _code_and_text(problem: HttpResponseError) -> tuple[str, str]:
    """Code and message: of Resource Manager's form, or of a registry's list of errors."""
    response: Any = problem.response
    try:
        errors = response.json().get("errors")
    except (ValueError, AttributeError):  # no answer, no JSON, or JSON that is not an object
        errors = None
    if errors:
        return str(errors[0]["code"]), str(errors[0]["message"])
    code = getattr(problem.error, "code", None) or "Error"
    text = getattr(problem.error, "message", None) or problem.message
    return str(code), " ".join(str(text).split())
