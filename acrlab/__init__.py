"""acrlab: learn, automate and diagnose Private Link for Azure Container Registry, offline or on a real subscription.

The names that chapters use are here, in six groups, each loaded when it is first used: `import acrlab` is cheap.
Three of them are modules: `acrlab.steps` has every step with what it answers, `acrlab.tables` what chapters show, and
`acrlab.remedies` the calls that the doctor prints.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

# Group -> module -> names. The imports below are the same for editors and type checkers; a test compares the two.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "Lab": {
        "acrlab.lab.lab": ("Lab", "connect"),
        "acrlab.settings": ("Settings",),
        "acrlab.lab.confirmation": ("confirm",),
        "acrlab.preflight": ("run_preflight",),
        "acrlab.runs.record": ("keep_fact",),
        "acrlab.display": ("table",),
    },
    "Steps": {
        "acrlab.steps": ("steps",),
        "acrlab.steps.prerequisites": ("ensure_group", "ensure_registry", "import_sample_image"),
        "acrlab.steps.virtual_machine": (
            "ensure_vm",
            "install_docker",
            "install_azure_cli",
            "allow_vm_to_pull",
        ),
        "acrlab.steps.run_command": ("run_on_vm",),
        "acrlab.steps.private_link": (
            "disable_subnet_policies",
            "ensure_zone",
            "ensure_link",
            "ensure_endpoint",
            "ensure_records",
        ),
        "acrlab.steps.approval": ("ensure_manual_endpoint",),
        "acrlab.steps.public_access": ("deny_public_access", "restore_access"),
        "acrlab.steps.pull": ("login_and_pull", "pull_from_here"),
        "acrlab.steps.clean_up_plan": ("plan_clean_up",),
        "acrlab.steps.clean_up": ("delete_lab", "prove_absence"),
    },
    "Look": {
        "acrlab.steps.run_command": ("resolve", "resolve_here"),
        "acrlab.steps.private_link": ("endpoint_addresses",),
        "acrlab.steps.pull": ("refusal_from_here", "tags"),
        "acrlab.course.tables": ("tables",),
        "acrlab.doctor": ("diagnose", "picture", "trace"),
        "acrlab.doctor.remedies": ("remedies",),
    },
    "Learn": {
        "acrlab.course.progress": ("az", "bring_to", "verify", "hint", "solve", "reset", "progress"),
        "acrlab.widgets.prediction": ("predict",),
        "acrlab.widgets.task_check": ("check",),
        "acrlab.widgets.ticket": ("ticket",),
        "acrlab.course.tables": ("source",),
    },
    "Controls": {
        "acrlab.widgets.approval_panel": ("approval_panel",),
        "acrlab.widgets.confirmation_button": ("confirmation",),
        "acrlab.widgets.endpoint_form": ("endpoint_form",),
        "acrlab.widgets.live_picture": ("live_picture",),
        "acrlab.widgets.section_bar": ("section_bar",),
        "acrlab.widgets.settings_form": ("settings_form",),
    },
    "Errors": {
        "acrlab.errors": ("AcrLabError", "ConfigurationError", "NotReadyError", "RefusedError"),
    },
}

if TYPE_CHECKING:
    from acrlab import steps as steps
    from acrlab.course import tables as tables
    from acrlab.course.progress import az as az
    from acrlab.course.progress import bring_to as bring_to
    from acrlab.course.progress import hint as hint
    from acrlab.course.progress import progress as progress
    from acrlab.course.progress import reset as reset
    from acrlab.course.progress import solve as solve
    from acrlab.course.progress import verify as verify
    from acrlab.course.tables import source as source
    from acrlab.display import table as table
    from acrlab.doctor import diagnose as diagnose
    from acrlab.doctor import picture as picture
    from acrlab.doctor import remedies as remedies
    from acrlab.doctor import trace as trace
    from acrlab.errors import AcrLabError as AcrLabError
    from acrlab.errors import ConfigurationError as ConfigurationError
    from acrlab.errors import NotReadyError as NotReadyError
    from acrlab.errors import RefusedError as RefusedError
    from acrlab.lab.confirmation import confirm as confirm
    from acrlab.lab.lab import Lab as Lab
    from acrlab.lab.lab import connect as connect
    from acrlab.preflight import run_preflight as run_preflight
    from acrlab.runs.record import keep_fact as keep_fact
    from acrlab.settings import Settings as Settings
    from acrlab.steps.approval import ensure_manual_endpoint as ensure_manual_endpoint
    from acrlab.steps.clean_up import delete_lab as delete_lab
    from acrlab.steps.clean_up import prove_absence as prove_absence
    from acrlab.steps.clean_up_plan import plan_clean_up as plan_clean_up
    from acrlab.steps.prerequisites import ensure_group as ensure_group
    from acrlab.steps.prerequisites import ensure_registry as ensure_registry
    from acrlab.steps.prerequisites import import_sample_image as import_sample_image
    from acrlab.steps.private_link import disable_subnet_policies as disable_subnet_policies
    from acrlab.steps.private_link import endpoint_addresses as endpoint_addresses
    from acrlab.steps.private_link import ensure_endpoint as ensure_endpoint
    from acrlab.steps.private_link import ensure_link as ensure_link
    from acrlab.steps.private_link import ensure_records as ensure_records
    from acrlab.steps.private_link import ensure_zone as ensure_zone
    from acrlab.steps.public_access import deny_public_access as deny_public_access
    from acrlab.steps.public_access import restore_access as restore_access
    from acrlab.steps.pull import login_and_pull as login_and_pull
    from acrlab.steps.pull import pull_from_here as pull_from_here
    from acrlab.steps.pull import refusal_from_here as refusal_from_here
    from acrlab.steps.pull import tags as tags
    from acrlab.steps.run_command import resolve as resolve
    from acrlab.steps.run_command import resolve_here as resolve_here
    from acrlab.steps.run_command import run_on_vm as run_on_vm
    from acrlab.steps.virtual_machine import allow_vm_to_pull as allow_vm_to_pull
    from acrlab.steps.virtual_machine import ensure_vm as ensure_vm
    from acrlab.steps.virtual_machine import install_azure_cli as install_azure_cli
    from acrlab.steps.virtual_machine import install_docker as install_docker
    from acrlab.widgets.approval_panel import approval_panel as approval_panel
    from acrlab.widgets.confirmation_button import confirmation as confirmation
    from acrlab.widgets.endpoint_form import endpoint_form as endpoint_form
    from acrlab.widgets.live_picture import live_picture as live_picture
    from acrlab.widgets.prediction import predict as predict
    from acrlab.widgets.section_bar import section_bar as section_bar
    from acrlab.widgets.settings_form import settings_form as settings_form
    from acrlab.widgets.task_check import check as check
    from acrlab.widgets.ticket import ticket as ticket

_HOMES = {name: module for modules in GROUPS.values() for module, names in modules.items() for name in names}

__all__ = sorted(_HOMES)


if not TYPE_CHECKING:  # otherwise a type checker would take every name for known

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'acrlab' has no attribute {name!r}")
        home = importlib.import_module(_HOMES[name])
        value = getattr(home, name, home)  # a module's home is the module itself
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*globals(), *__all__]
