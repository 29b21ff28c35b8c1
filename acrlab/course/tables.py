"""What chapters show of the lab: small tables out of what Azure answered, the same bytes every time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acrlab.azure.cloud import CLOUDS, data_endpoint, data_member
from acrlab.azure.dns_answer import Answer
from acrlab.display import Table, table
from acrlab.lab.azure_errors import required, word
from acrlab.lab.lab import Lab
from acrlab.settings import Settings
from acrlab.steps.access_note import AccessSettings, properties_of
from acrlab.steps.approval import connection_state
from acrlab.steps.run_command import vm_addresses, vm_rights

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import Registry
    from azure.mgmt.network.models import PrivateEndpoint

UNANSWERED = "unanswered"  # no name server could be asked, so that nothing is known of the name


def settings_table(settings: Settings) -> Table:
    """Show every setting with the value that the lab will use, chosen ones included."""
    return _pairs(settings.names(), "setting", "The lab's settings")


def endpoint_names(settings: Settings) -> dict[str, str]:
    """Member -> name that clients use, data endpoint first: what one private endpoint leads to."""
    return {
        data_member(settings.location): data_endpoint(settings.login_server, settings.location),
        "registry": settings.login_server,
    }


def registry_table(registry: Registry) -> Table:
    """Show what decides about access to a registry."""
    properties, sku = properties_of(registry), required(registry.sku, "tier of the registry")
    rules = properties.network_rule_set
    return _pairs(
        {
            "name": registry.name,
            "sku": word(sku.name),
            "location": registry.location,
            "loginServer": properties.login_server,
            "publicNetworkAccess": word(properties.public_network_access),
            "defaultAction": word(rules.default_action) if rules else "Allow",
            "private endpoint connections": len(properties.private_endpoint_connections or []),
        },
        "property",
        "The registry",
    )


def vm_table(lab: Lab) -> Table:
    """Show the resources that stand behind the VM, and its two addresses."""
    addresses = vm_addresses(lab)
    settings = lab.settings
    return _pairs(
        {
            "network": settings.network_name,
            "subnet": f"{settings.subnet_name}, {settings.subnet_prefix}",
            "vm": settings.vm_name,
            "private address": addresses.private,
            "public address": addresses.public or "none",
        },
        "part",
        "The VM and what it stands on",
    )


def rights_table(lab: Lab) -> Table:
    """Show what the VM's own identity may do with the registry."""
    rows = [{"who": lab.settings.vm_name, "role": role, "on": lab.settings.registry_name} for role in vm_rights(lab)]
    return table(rows, caption="What the VM's identity may do", columns=("who", "role", "on"))


def connection_table(endpoint: PrivateEndpoint) -> Table:
    """Show an endpoint's own state beside the state of its connection."""
    return _pairs(
        {
            "endpoint": endpoint.name,
            "provisioningState": word(endpoint.provisioning_state),
            "privateLinkServiceConnectionState": connection_state(endpoint),
            "customDnsConfigs": len(endpoint.custom_dns_configs or []),
        },
        "part",
        "Endpoint and connection",
    )


def access_table(*, before: AccessSettings, now: AccessSettings) -> Table:
    """Show a registry's access settings before and now, and which of them changed."""
    was, is_now = before.shown(), now.shown()
    rows = [
        {
            "setting": name,
            "before": was[name],
            "now": is_now[name],
            "changed": "yes" if was[name] != is_now[name] else "",
        }
        for name in was
    ]
    return table(rows, caption="Who may connect by the public endpoint")


def answer_table(answers: Iterable[Answer]) -> Table:
    """Show where names lead and by way of which aliases, one row a name, and how long the answer may be kept yet."""
    rows = [
        {
            "name": a.name,
            "answer": stage(a),
            "by way of": " → ".join(a.aliases) or "–",
            "address": ", ".join(a.addresses) or ("could not be asked" if stage(a) == UNANSWERED else "none"),
            "kept for": f"{a.kept_s} s" if a.kept_s else "not told",
        }
        for a in answers
    ]
    return table(rows, caption="Where the names lead")


def ttl_table(answer: Answer) -> Table:
    """Show an answer line by line, with the seconds for which each may be kept by the one who was told."""
    rows = [{"name": r.name, "type": r.type, "leads to": r.value, "kept for": f"{r.ttl} s"} for r in answer.records]
    return table(rows, caption="What may be kept, and for how long", columns=("name", "type", "leads to", "kept for"))


def stage(answer: Answer) -> str:
    """Say which of the four answers on the way to a private link this is.

    Returns: `public`, `aliased` (an alias into the private zone's name that still ends in public), `nxdomain`,
        `private`, or `unanswered` where no name server could be asked: then nothing is known of the name.
    """
    if answer.status != "NOERROR":
        return "nxdomain" if answer.status == "NXDOMAIN" else UNANSWERED
    zones = tuple(f".{cloud.zone}" for cloud in CLOUDS)
    if not any(name.endswith(zones) for name in answer.aliases):
        return "public"
    return "private" if all(_is_private(a) for a in answer.addresses) else "aliased"


def _is_private(address: str) -> bool:
    first, second = (int(part) for part in address.split(".")[:2])
    return first == 10 or (first, second) == (192, 168) or (first == 172 and 16 <= second < 32)


def _pairs(values: Mapping[str, Any], name: str, caption: str) -> Table:
    return table([{name: key, "value": str(value)} for key, value in values.items()], caption=caption)


@dataclass(frozen=True)
class Source:
    """A function's own text; a notebook shows it as code."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def source(function: Callable[..., object]) -> Source:
    """Show what a step does: its source, with the Azure SDK's call in it."""
    return Source(inspect.getsource(function).rstrip())


def ticket_table(lab: Lab) -> Table:
    """Show every practice ticket by its symptom, and how it was closed in this lab."""
    from acrlab.course.practice.exercise import listed  # which brings the doctor along

    return listed(lab)


def where_you_are(lab: Lab) -> Table:
    """Show how many tasks of each chapter are finished, by yourself, with hints or shown, and where to go on."""
    from acrlab.course import progress  # which brings every task along

    return progress.where_you_are(lab)
