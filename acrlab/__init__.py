"""acrlab: learn, automate and diagnose Private Link for Azure Container Registry, offline or on a real subscription.

Everything public is here by name, and loaded when it is first used: `import acrlab` is cheap.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = {
    "steps.public_access": (
        "AccessSettings",
        "accept_access",
        "current_access",
        "capture_access",
        "captured_access",
        "deny_public_access",
        "reopen",
        "restore_access",
        "set_public_access",
    ),
    "azure.dns_answer": ("Answer", "Record"),
    "steps.approval": (
        "Connection",
        "approve",
        "connection_of",
        "ensure_approved",
        "connection_state",
        "connections",
        "ensure_manual_endpoint",
        "manual_endpoint",
        "pending_connections",
        "reject",
        "remove_manual_endpoint",
    ),
    "course.progress": ("az", "bring_to", "hint", "progress", "reset", "solve", "verify"),
    "steps.pull": ("Pull", "Refusal", "Tag", "login_and_pull", "pull_from_here", "refusal_from_here", "tags"),
    "steps.clean_up": ("carry_out", "delete_lab", "prove_absence", "remove_portal_endpoint"),
    "steps.clean_up_plan": ("CleanUpPlan", "Item", "Kept", "plan_clean_up", "plan_expired"),
    "lab.lab": ("Lab", "connect"),
    "lab.confirmation": ("confirm",),
    "doctor.ask": ("diagnose", "picture", "trace"),
    "errors": (
        "AcrLabError",
        "ConfigurationError",
        "NotReadyError",
        "NotRecordedError",
        "NotVisibleError",
        "RefusedError",
    ),
    "steps.run_command": (
        "MachineAddresses",
        "Outcome",
        "machine_addresses",
        "machine_rights",
        "resolve",
        "resolve_here",
        "run",
    ),
    "steps.virtual_machine": (
        "allow_machine_to_pull",
        "ensure_machine",
        "ensure_network",
        "install_azure_cli",
        "install_docker",
    ),
    "doctor.observe": ("observe",),
    "preflight.preflight": ("Preflight", "run_preflight"),
    "steps.portal": (
        "PortalEndpoint",
        "PortalRecord",
        "ensure_portal_endpoint",
        "ensure_portal_network",
    ),
    "steps.private_link": (
        "disable_subnet_policies",
        "endpoint_addresses",
        "ensure_endpoint",
        "ensure_link",
        "ensure_records",
        "ensure_zone",
    ),
    "serving.machine": ("RealNetwork", "real_network"),
    "steps.prerequisites": (
        "ensure_group",
        "ensure_registry",
        "group_exists",
        "import_sample_image",
        "name_is_available",
        "register_providers",
    ),
    "doctor.remedies": (
        "allow_https",
        "allow_public_access",
        "allow_tasks",
        "allow_trusted_services",
        "assign_identity",
        "link_zone",
        "disable_policies",
        "make_endpoint",
        "make_premium",
        "remove_alias",
        "remove_endpoint",
        "remove_replica",
        "remove_route",
        "restart_machine",
        "start_machine",
        "unlink_zone",
        "use_azure_resolver",
        "write_record",
        "write_records_by_group",
    ),
    "lab.prices": ("cost_table",),
    "runs.record": ("record",),
    "settings": ("Settings",),
    "recordings.scan": ("Leak", "Scan", "scan"),
    "display": ("Table", "table"),
    "course.tables": (
        "access_table",
        "answer_table",
        "connection_table",
        "endpoint_names",
        "machine_table",
        "registry_table",
        "rights_table",
        "settings_table",
        "stage",
    ),
    "widgets.confirmation_button": ("confirmation",),
    "widgets.approval_panel": ("approval_panel",),
    "widgets.endpoint_form": ("endpoint_form",),
    "widgets.live_picture": ("live_picture",),
    "widgets.section_bar": ("section_bar",),
    "widgets.settings_form": ("settings_form",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'acrlab' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"acrlab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
