"""Verifies each section by Azure's own state, read again: a text that says what is there, or None where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from acrlab.display import facts_table
from acrlab.errors import NotReadyError, RefusedError
from acrlab.lab.azure_errors import asking, failed, find, word
from acrlab.lab.lab import Lab
from acrlab.lab.memory import sample_image
from acrlab.steps.access_note import properties_of
from acrlab.steps.private_link import endpoint_addresses, find_endpoint, find_zone, has_records, link_to
from acrlab.steps.public_access import current_access, find_registry, when_let_in
from acrlab.steps.run_command import find_vm, identity_of, run_on_vm, vm_rights

if TYPE_CHECKING:
    from azure.containerregistry import ArtifactTagProperties


@dataclass(frozen=True, repr=False)
class Verdict:
    """What the verification of a section or a task came to.

    Attributes:
        section: its name.
        seen: what is there now.
        cause: why it may not be as expected; empty where it is.
        next: what to do.
    """

    section: str
    done: bool
    expected: str
    seen: str
    cause: str = ""
    next: str = ""

    def __repr__(self) -> str:
        if self.done:
            return f"✓ {self.section}: {self.seen}"
        return "\n".join([f"✗ {self.section}", *(f"  {what:<12}  {text}" for what, text in self._told.items())])

    def _repr_html_(self) -> str:
        if self.done:
            return f"<p>{escape(Verdict.__repr__(self))}</p>"  # which a solution adds to, in a form of its own
        told = {what: escape(text) for what, text in self._told.items()}
        return facts_table(f"<strong>✗ {escape(self.section)}</strong>", told)

    @property
    def _told(self) -> dict[str, str]:
        return {"expected": self.expected, "seen": self.seen, "likely cause": self.cause, "next": self.next}


def group(lab: Lab) -> str | None:
    name = lab.settings.resource_group
    return f"group {name}" if lab.resources.resource_groups.check_existence(name) else None


def registry(lab: Lab) -> str | None:
    found = find_registry(lab)
    if found is None or word(found.sku.name) != "Premium":
        return None
    return f"{properties_of(found).login_server}, {word(found.sku.name)}"


def image(lab: Lab) -> str | None:
    """Asked from this computer; where that is shut out, nothing is known of the image."""
    if registry(lab) is None:
        return None
    repository, _, tag = sample_image(lab).partition(":")

    def ask() -> ArtifactTagProperties | None:
        with asking("Looking for the image", lab.registry_id):
            return find(lambda: lab.content.get_tag_properties(repository, tag))

    try:
        found = when_let_in(lab, ask)
    except RefusedError as problem:
        if problem.status != 403:
            raise
        return None
    return f"{sample_image(lab)} at {found.digest[:19]}…" if found else None


def vm(lab: Lab) -> str | None:
    found = find_vm(lab)
    return f"{found.name} with an identity" if found and identity_of(found) else None


def docker(lab: Lab) -> str | None:
    return _command(lab, "docker")


def azure_cli(lab: Lab) -> str | None:
    if _command(lab, "az") is None:
        return None
    roles = vm_rights(lab)
    return f"az on the VM, whose identity has {', '.join(roles)}" if "AcrPull" in roles else None


def _command(lab: Lab, name: str) -> str | None:
    if find_vm(lab) is None:
        return None
    found = run_on_vm(lab, f"command -v {name}", check=False)
    return f"{found.stdout.strip()} on the VM" if found.exit_code == 0 else None


def policies(lab: Lab) -> str | None:
    s = lab.settings
    found = find(lambda: lab.network.subnets.get(s.resource_group, s.network_name, s.subnet_name))
    if found is None or word(found.private_endpoint_network_policies) != "Disabled":
        return None
    return f"privateEndpointNetworkPolicies of {s.subnet_name}: Disabled"


def zone(lab: Lab) -> str | None:
    found = find_zone(lab)
    return f"zone {found.name}" if found else None


def link(lab: Lab) -> str | None:
    s = lab.settings
    if zone(lab) is None:
        return None
    found = link_to(lab, s.resource_group, lab.id_of("Microsoft.Network/virtualNetworks", s.network_name))
    return f"link {found.name} to {s.network_name}" if found and not failed(found) else None


def endpoint(lab: Lab) -> str | None:
    found = find_endpoint(lab)
    if found is None:
        return None
    requests = found.private_link_service_connections
    if not requests or word(requests[0].private_link_service_connection_state.status) != "Approved":
        return None
    return f"{found.name}, Approved, with {len(endpoint_addresses(lab))} addresses"


def records(lab: Lab) -> str | None:
    if zone(lab) is None or endpoint(lab) is None:
        return None
    return "a record for each of the endpoint's names, with its address" if has_records(lab) else None


def closed(lab: Lab) -> str | None:
    if registry(lab) is None:
        return None
    now = current_access(lab)
    if now.public_network_access == "Enabled" and now.default_action != "Deny":
        return None
    return f"publicNetworkAccess {now.public_network_access}, defaultAction {now.default_action}"


def pulled(lab: Lab) -> str | None:
    """The proof: the VM pulls, by the endpoint."""
    from acrlab.steps.pull import login_and_pull

    if closed(lab) is None or find_vm(lab) is None:
        return None
    try:
        return f"{login_and_pull(lab).digest[:19]}… on the VM"
    except (NotReadyError, RefusedError):
        return None


def restored(lab: Lab) -> str | None:
    if registry(lab) is None:
        return None
    now = current_access(lab)
    if now.public_network_access != "Enabled" or now.default_action != "Allow":
        return None
    return "publicNetworkAccess Enabled, defaultAction Allow"
