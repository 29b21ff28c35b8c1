"""Verifies each section by Azure's own state, read again: whether it is done, and what is there."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from acrlab.course.section import Seen
from acrlab.display import facts_table
from acrlab.errors import NotReadyError, RefusedError
from acrlab.lab.azure_errors import asking, failed, find, word
from acrlab.lab.lab import Lab
from acrlab.lab.memory import sample_image
from acrlab.steps.access_note import AccessSettings, properties_of
from acrlab.steps.private_link import addresses_in, endpoint_addresses, find_endpoint, find_zone, has_records, link_to
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


def group(lab: Lab) -> Seen:
    name = lab.settings.resource_group
    there = lab.resources.resource_groups.check_existence(name)
    return Seen(there, f"group {name}" if there else f"no group {name}")


def registry(lab: Lab) -> Seen:
    found = find_registry(lab)
    if found is None:
        return _no_registry(lab)
    return Seen(word(found.sku.name) == "Premium", f"{properties_of(found).login_server}, {word(found.sku.name)}")


def _no_registry(lab: Lab) -> Seen:
    return Seen(False, f"no registry {lab.settings.registry_name} in {lab.settings.resource_group}")


def image(lab: Lab) -> Seen:
    """Asked from this computer; where that is shut out, nothing is known of the image."""
    if find_registry(lab) is None:
        return _no_registry(lab)
    name = sample_image(lab)
    repository, _, tag = name.partition(":")

    def ask() -> ArtifactTagProperties | None:
        with asking("Looking for the image", lab.registry_id):
            return find(lambda: lab.content.get_tag_properties(repository, tag))

    try:
        found = when_let_in(lab, ask)
    except RefusedError as problem:
        if problem.status != 403:
            raise
        return Seen(False, "403: the registry refuses this computer's address")
    return Seen(True, f"{name} at {found.digest[:19]}…") if found else Seen(False, f"no {name} in the registry")


def vm(lab: Lab) -> Seen:
    found = find_vm(lab)
    if found is None:
        return _no_vm(lab)
    has_identity = bool(identity_of(found))
    return Seen(has_identity, f"{found.name} {'with an' if has_identity else 'without an'} identity")


def _no_vm(lab: Lab) -> Seen:
    return Seen(False, f"no VM {lab.settings.vm_name} in {lab.settings.resource_group}")


def docker(lab: Lab) -> Seen:
    return _command(lab, "docker")


def azure_cli(lab: Lab) -> Seen:
    typed = _command(lab, "az")
    if not typed.done:
        return typed
    roles = vm_rights(lab)
    shown = f"has {', '.join(roles)}" if roles else "has no role on the registry"
    return Seen("AcrPull" in roles, f"az on the VM, whose identity {shown}")


def _command(lab: Lab, name: str) -> Seen:
    if find_vm(lab) is None:
        return _no_vm(lab)
    found = run_on_vm(lab, f"command -v {name}", check=False)
    there = found.exit_code == 0
    return Seen(there, f"{found.stdout.strip()} on the VM" if there else f"no {name} on the VM")


def policies(lab: Lab) -> Seen:
    s = lab.settings
    found = find(lambda: lab.network.subnets.get(s.resource_group, s.network_name, s.subnet_name))
    if found is None:
        return Seen(False, f"no subnet {s.subnet_name} in {s.network_name}")
    state = word(found.private_endpoint_network_policies)
    return Seen(state == "Disabled", f"privateEndpointNetworkPolicies of {s.subnet_name}: {state}")


def zone(lab: Lab) -> Seen:
    found = find_zone(lab)
    return Seen(True, f"zone {found.name}") if found else _no_zone(lab)


def _no_zone(lab: Lab) -> Seen:
    return Seen(False, f"no zone {lab.settings.zone_name} in {lab.settings.resource_group}")


def link(lab: Lab) -> Seen:
    s = lab.settings
    if find_zone(lab) is None:
        return _no_zone(lab)
    found = link_to(lab, s.resource_group, lab.id_of("Microsoft.Network/virtualNetworks", s.network_name))
    if found is None:
        others = [str(one.name) for one in lab.dns.virtual_network_links.list(s.resource_group, s.zone_name)]
        shown = f"{', '.join(others)}, to another network" if others else "no link of the zone"
        return Seen(False, shown)
    return Seen(not failed(found), f"link {found.name} to {s.network_name}{', which failed' if failed(found) else ''}")


def endpoint(lab: Lab) -> Seen:
    found = find_endpoint(lab)
    if found is None:
        return Seen(False, f"no private endpoint {lab.settings.endpoint_name} in {lab.settings.resource_group}")
    requests = found.private_link_service_connections
    state = word(requests[0].private_link_service_connection_state.status) if requests else "waits for manual approval"
    if state != "Approved":
        return Seen(False, f"{found.name}, {state}")
    return Seen(True, f"{found.name}, Approved, with {len(endpoint_addresses(lab))} addresses")


def records(lab: Lab) -> Seen:
    if find_zone(lab) is None:
        return _no_zone(lab)
    if not (reached := endpoint(lab)).done:
        return reached
    if has_records(lab):
        return Seen(True, "a record for each of the endpoint's names, with its address")
    listed = lab.dns.record_sets.list_by_type(lab.settings.resource_group, lab.settings.zone_name, "A")
    there = [f"{one.name} → {', '.join(addresses_in(one)) or 'nothing'}" for one in listed]
    wanted = ", ".join(endpoint_addresses(lab).values())
    return Seen(False, f"{'; '.join(there) or 'no A record'}, while the endpoint holds {wanted}")


def closed(lab: Lab) -> Seen:
    if find_registry(lab) is None:
        return _no_registry(lab)
    now = current_access(lab)
    return Seen(now.public_network_access != "Enabled" or now.default_action == "Deny", _told(now))


def _told(access: AccessSettings) -> str:
    return f"publicNetworkAccess {access.public_network_access}, defaultAction {access.default_action}"


def pulled(lab: Lab) -> Seen:
    """The proof: the VM pulls, by the endpoint."""
    from acrlab.steps.pull import login_and_pull

    if not (shut := closed(lab)).done:
        return shut
    if find_vm(lab) is None:
        return _no_vm(lab)
    try:
        return Seen(True, f"{login_and_pull(lab).digest[:19]}… on the VM")
    except (NotReadyError, RefusedError) as problem:
        return Seen(False, str(problem))


def restored(lab: Lab) -> Seen:
    if find_registry(lab) is None:
        return _no_registry(lab)
    now = current_access(lab)
    return Seen(now.public_network_access == "Enabled" and now.default_action == "Allow", _told(now))
