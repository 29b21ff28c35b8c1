"""Turns an SDK's exception into one sentence that says what failed, on what, what was seen and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from acrlab.errors import NotVisibleError, RefusedError

Found = TypeVar("Found")


@dataclass(frozen=True)
class Refusal:
    """How Azure or a registry says no: HTTP status, its code, and its words."""

    status: int
    code: str
    message: str

    @property
    def address(self) -> str:
        """The caller's address as the registry saw it; empty: the refusal names none."""
        found = re.search(r"client with IP '([0-9a-fA-F.:]+)'", self.message)
        return found[1] if found else ""

    def __repr__(self) -> str:
        return f"{self.status} {self.code}\n{self.message}"


# Azure's code -> what to do about it
ADVICE = {
    "AllocationFailed": "Azure has no capacity for this vm_size there: choose another vm_size or location, or wait.",
    "AlreadyInUse": "Registry names are global: choose another registry_name.",
    "RegistryNameAlreadyInUse": "A subscription has a registry's name once: choose another registry_name.",
    "DENIED": "The registry refuses this caller's address: call from the VM, or add a network rule.",
    "DenyAssignmentAuthorizationFailed": (
        "A deny assignment forbids it, whatever roles you have: a deployment stack or managed application owns this. "
        "Choose another resource_group."
    ),
    "InUseSubnetCannotBeDeleted": "Delete what holds an address in the subnet first.",
    "LinkedAuthorizationFailed": (
        "The right is missing on the other resource that the message names: ask for it there, such as Network "
        "Contributor on the network."
    ),
    "MissingSubscriptionRegistration": "Register the resource provider: acrlab.steps.register_providers(lab).",
    "OperationNotAllowed": (
        "Where the message names a quota: choose another vm_size or location, or ask for more quota. Where it names "
        "the VM's state: start the VM."
    ),
    "OverconstrainedZonalAllocationRequest": "Choose another vm_size or location.",
    "PlatformImageNotFound": "Choose another vm_image.",
    "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled": (
        "Disable the subnet's policies first: acrlab.disable_subnet_policies(lab)."
    ),
    "QuotaExceeded": "Choose another vm_size or location, or ask for more quota.",
    "ReadOnlyDisabledSubscription": (
        "The subscription is disabled, often by its spending limit: its owner has to enable it again. Clean up then."
    ),
    "RequestDisallowedByPolicy": (
        "A policy of your organisation forbids it; the message names the policy. What it asks for may be a setting: "
        "tags, location, vm_size. Otherwise ask the policy's owner for an exemption."
    ),
    "ResourceGroupNotFound": "If the lab was reset or cleaned up meanwhile, run the chapter again from its first cell.",
    "SkuNotAvailable": "Choose another vm_size or location.",
    "SubnetIsFull": "Choose a larger subnet_prefix.",
    "VirtualNetworkLinkUpdateNotAllowed": (
        "A link keeps its network. Was vm_name changed, which names the network, too? Take the link away first, "
        "acrlab.reset(lab, 'zone-link'), or choose another link_name."
    ),
    "ZonalAllocationFailed": "Choose another vm_size or location.",
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
        message = f"{what} failed: Azure does not accept the credentials. {_sign_in(problem)}"
        raise RefusedError(message, status=401, code="Unauthenticated", resource_id=resource_id) from problem
    except HttpResponseError as problem:
        raise _translated(what, resource_id, problem) from problem
    except (ServiceRequestError, ServiceResponseError) as problem:
        message = f"{what} failed: no answer. {problem.message}"
        raise RefusedError(message, status=0, code="Unreachable", resource_id=resource_id) from problem


def refused(call: Callable[[], object]) -> Refusal:
    """Make a call of the SDK that Azure is expected to refuse, and return how it says no.

    Raises: RefusedError: it did not, and what was asked for is done.
    """
    try:
        call()
    except HttpResponseError as problem:
        code, text = _code_and_text(problem)
        return Refusal(problem.status_code or 0, code, text)
    message = "Expected a refusal, but Azure did what was asked. Run the chapter from its top."
    raise RefusedError(message, status=200, code="NotRefused", resource_id="")


def find(call: Callable[[], Found]) -> Found | None:
    """Make a call that reads; None when there is no such thing."""
    try:
        return call()
    except ResourceNotFoundError:
        return None


def required(value: Found | None, what: str) -> Found:
    """Give a part of an answer that Azure never leaves out, though the SDK's models say that it may be missing.

    Args:
        what: names it, as in "has no {what}".

    Raises: RefusedError: it is missing.
    """
    if value is None:
        message = (
            f"Azure's answer has no {what}, which it always has. Ask again. If it stays so, an Azure SDK package is "
            "not the version that acrlab was tested with: install acrlab with its constraints.txt."
        )
        raise RefusedError(message, status=0, code="IncompleteAnswer", resource_id="")
    return value


def word(value: object) -> str:
    """Write an SDK's enumeration as Azure spells it; text stays as it is."""
    return str(getattr(value, "value", value) or "")


def failed(found: Any) -> bool:
    """Whether the last operation on a resource, in the form of its SDK, ended badly."""
    return state_of(found) in ("Failed", "Canceled")


def state_of(found: Any) -> str:
    """Say what Azure is doing to a resource, in the form of its SDK; empty: it is gone, or has no such state."""
    inner = getattr(found, "properties", None)
    return word(getattr(found, "provisioning_state", None) or getattr(inner, "provisioning_state", None))


def _translated(what: str, resource_id: str, problem: HttpResponseError) -> RefusedError | NotVisibleError:
    status = problem.status_code or 0
    code, text = _code_and_text(problem)
    name = resource_id.rpartition("/")[2]
    # The same code tells of a provider that the endpoint's subscription lacks, in words of its own.
    if code == "AuthorizationFailed" and "must be registered" not in text:
        message = f"{what} failed on {name}: this identity lacks the right to. Ask for it, or use another identity."
        action = re.search(r"perform action '([^']+)'", text)
        return NotVisibleError(message, resource_id=resource_id, permission=action[1] if action else text)
    advice = ADVICE.get(code, "")
    message = f"{what} failed on {name}: Azure answered {status} {code}: {text} {advice}".rstrip()
    return RefusedError(message, status=status, code=code, resource_id=resource_id)


def _sign_in(problem: ClientAuthenticationError) -> str:
    if problem.response is None or _code_and_text(problem)[0] != "InvalidAuthenticationTokenTenant":
        return "Sign in again: az login."
    return (
        "They are of another tenant than the subscription. Choose the subscription that you mean: az account set "
        "--subscription ID; or sign in to its tenant: az login --tenant TENANT. Where another credential than the "
        "Azure CLI's comes first, AZURE_TOKEN_CREDENTIALS=AzureCliCredential chooses."
    )


def _code_and_text(problem: HttpResponseError) -> tuple[str, str]:
    """Code and message: of Resource Manager's form, or of a registry's list of errors."""
    response: Any = problem.response
    try:
        response.read()  # a manifest is streamed, and what is said in its place is still to come
        errors = response.json().get("errors")
    except (ValueError, AttributeError, AzureError):  # no answer, no JSON, none that is an object, or it broke off
        errors = None
    if errors:
        return str(errors[0]["code"]), str(errors[0]["message"])
    code = getattr(problem.error, "code", None) or "Error"
    text = getattr(problem.error, "message", None) or problem.message
    return str(code), " ".join(str(text).split())
