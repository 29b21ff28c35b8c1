"""The article's steps, one function each, and what they answer: the small library that a notebook calls."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

# Module -> names. The imports below are the same for editors and type checkers; a test compares the two.
_MODULES = {
    "acrlab.lab.memory": ("sample_image",),
    "acrlab.lab.ownership": ("tags_of",),
    "acrlab.steps.prerequisites": (
        "register_providers",
        "ensure_group",
        "group_exists",
        "ensure_registry",
        "name_is_available",
        "import_sample_image",
    ),
    "acrlab.steps.virtual_machine": (
        "ensure_network",
        "ensure_vm",
        "install_docker",
        "install_azure_cli",
        "allow_vm_to_pull",
    ),
    "acrlab.steps.run_command": (
        "run_on_vm",
        "vm_addresses",
        "own_rights_on",
        "rights_of",
        "vm_rights",
        "resolve",
        "resolve_here",
        "VMAddresses",
        "Outcome",
    ),
    "acrlab.steps.private_link": (
        "disable_subnet_policies",
        "ensure_zone",
        "ensure_link",
        "ensure_endpoint",
        "endpoint_addresses",
        "ensure_records",
        "write_record",
    ),
    "acrlab.steps.approval": (
        "ensure_manual_endpoint",
        "manual_endpoint",
        "connections",
        "connection_of",
        "connection_state",
        "pending_connections",
        "approve",
        "ensure_approved",
        "reject",
        "remove_manual_endpoint",
        "Connection",
    ),
    "acrlab.steps.portal": (
        "ensure_portal_network",
        "ensure_portal_endpoint",
        "create_endpoint",
        "PortalEndpoint",
        "PortalRecord",
    ),
    "acrlab.steps.public_access": (
        "current_access",
        "capture_access",
        "captured_access",
        "deny_public_access",
        "set_public_access",
        "restore_access",
        "reopen",
        "accept_access",
    ),
    "acrlab.steps.access_note": ("AccessSettings",),
    "acrlab.steps.pull": (
        "login_and_pull",
        "pull_from_here",
        "refusal_from_here",
        "seen_as",
        "try_from_here",
        "try_on_vm",
        "tags",
        "Pull",
        "Tag",
    ),
    "acrlab.lab.azure_errors": ("refused", "Refusal"),
    "acrlab.steps.clean_up_plan": ("plan_clean_up", "plan_expired", "CleanUpPlan", "Item", "Kept"),
    "acrlab.steps.beyond.private_resolver": ("link_ruleset", "make_inbound", "remove_by_id", "write_rule"),
    "acrlab.steps.clean_up": ("carry_out", "delete_lab", "remove_portal_endpoint", "prove_absence"),
}

if TYPE_CHECKING:
    from acrlab.lab.azure_errors import Refusal as Refusal
    from acrlab.lab.azure_errors import refused as refused
    from acrlab.lab.memory import sample_image as sample_image
    from acrlab.lab.ownership import tags_of as tags_of
    from acrlab.steps.access_note import AccessSettings as AccessSettings
    from acrlab.steps.approval import Connection as Connection
    from acrlab.steps.approval import approve as approve
    from acrlab.steps.approval import connection_of as connection_of
    from acrlab.steps.approval import connection_state as connection_state
    from acrlab.steps.approval import connections as connections
    from acrlab.steps.approval import ensure_approved as ensure_approved
    from acrlab.steps.approval import ensure_manual_endpoint as ensure_manual_endpoint
    from acrlab.steps.approval import manual_endpoint as manual_endpoint
    from acrlab.steps.approval import pending_connections as pending_connections
    from acrlab.steps.approval import reject as reject
    from acrlab.steps.approval import remove_manual_endpoint as remove_manual_endpoint
    from acrlab.steps.beyond.private_resolver import link_ruleset as link_ruleset
    from acrlab.steps.beyond.private_resolver import make_inbound as make_inbound
    from acrlab.steps.beyond.private_resolver import remove_by_id as remove_by_id
    from acrlab.steps.beyond.private_resolver import write_rule as write_rule
    from acrlab.steps.clean_up import carry_out as carry_out
    from acrlab.steps.clean_up import delete_lab as delete_lab
    from acrlab.steps.clean_up import prove_absence as prove_absence
    from acrlab.steps.clean_up import remove_portal_endpoint as remove_portal_endpoint
    from acrlab.steps.clean_up_plan import CleanUpPlan as CleanUpPlan
    from acrlab.steps.clean_up_plan import Item as Item
    from acrlab.steps.clean_up_plan import Kept as Kept
    from acrlab.steps.clean_up_plan import plan_clean_up as plan_clean_up
    from acrlab.steps.clean_up_plan import plan_expired as plan_expired
    from acrlab.steps.portal import PortalEndpoint as PortalEndpoint
    from acrlab.steps.portal import PortalRecord as PortalRecord
    from acrlab.steps.portal import create_endpoint as create_endpoint
    from acrlab.steps.portal import ensure_portal_endpoint as ensure_portal_endpoint
    from acrlab.steps.portal import ensure_portal_network as ensure_portal_network
    from acrlab.steps.prerequisites import ensure_group as ensure_group
    from acrlab.steps.prerequisites import ensure_registry as ensure_registry
    from acrlab.steps.prerequisites import group_exists as group_exists
    from acrlab.steps.prerequisites import import_sample_image as import_sample_image
    from acrlab.steps.prerequisites import name_is_available as name_is_available
    from acrlab.steps.prerequisites import register_providers as register_providers
    from acrlab.steps.private_link import disable_subnet_policies as disable_subnet_policies
    from acrlab.steps.private_link import endpoint_addresses as endpoint_addresses
    from acrlab.steps.private_link import ensure_endpoint as ensure_endpoint
    from acrlab.steps.private_link import ensure_link as ensure_link
    from acrlab.steps.private_link import ensure_records as ensure_records
    from acrlab.steps.private_link import ensure_zone as ensure_zone
    from acrlab.steps.private_link import write_record as write_record
    from acrlab.steps.public_access import accept_access as accept_access
    from acrlab.steps.public_access import capture_access as capture_access
    from acrlab.steps.public_access import captured_access as captured_access
    from acrlab.steps.public_access import current_access as current_access
    from acrlab.steps.public_access import deny_public_access as deny_public_access
    from acrlab.steps.public_access import reopen as reopen
    from acrlab.steps.public_access import restore_access as restore_access
    from acrlab.steps.public_access import set_public_access as set_public_access
    from acrlab.steps.pull import Pull as Pull
    from acrlab.steps.pull import Tag as Tag
    from acrlab.steps.pull import login_and_pull as login_and_pull
    from acrlab.steps.pull import pull_from_here as pull_from_here
    from acrlab.steps.pull import refusal_from_here as refusal_from_here
    from acrlab.steps.pull import seen_as as seen_as
    from acrlab.steps.pull import tags as tags
    from acrlab.steps.pull import try_from_here as try_from_here
    from acrlab.steps.pull import try_on_vm as try_on_vm
    from acrlab.steps.run_command import Outcome as Outcome
    from acrlab.steps.run_command import VMAddresses as VMAddresses
    from acrlab.steps.run_command import own_rights_on as own_rights_on
    from acrlab.steps.run_command import resolve as resolve
    from acrlab.steps.run_command import resolve_here as resolve_here
    from acrlab.steps.run_command import rights_of as rights_of
    from acrlab.steps.run_command import run_on_vm as run_on_vm
    from acrlab.steps.run_command import vm_addresses as vm_addresses
    from acrlab.steps.run_command import vm_rights as vm_rights
    from acrlab.steps.virtual_machine import allow_vm_to_pull as allow_vm_to_pull
    from acrlab.steps.virtual_machine import ensure_network as ensure_network
    from acrlab.steps.virtual_machine import ensure_vm as ensure_vm
    from acrlab.steps.virtual_machine import install_azure_cli as install_azure_cli
    from acrlab.steps.virtual_machine import install_docker as install_docker

_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


if not TYPE_CHECKING:  # otherwise a type checker would take every name for known

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'acrlab.steps' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*globals(), *__all__]
