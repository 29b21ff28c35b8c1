"""Check that an image arrives, or else find the step at which it stops."""

from __future__ import annotations

from acrlab.azure.cloud import ROLES as AZURES
from acrlab.doctor import az
from acrlab.doctor.finding import Check, Finding, Remedy
from acrlab.snapshot import Snapshot
from acrlab.snapshot.vm import Probe

ROLES = "https://learn.microsoft.com/azure/container-registry/container-registry-roles"
IDENTITY = "https://learn.microsoft.com/azure/container-registry/container-registry-authentication-managed-identity"
HELP = "https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"
# A role that is not one of Azure's well-known ones may allow pulling: nothing is said about it.
KNOWN = set(AZURES.values())
PULL = {"AcrPull", "AcrPush", "Owner", "Contributor"}


def vm_stopped(snapshot: Snapshot) -> Finding | None:
    """A VM that does not run pulls nothing, and its view from inside can't be read."""
    vm = snapshot.vm
    if vm is None or vm.power in ("running", "unknown", "starting"):
        return None
    group, name = az.place(vm.id)
    return Finding(
        code="vm-not-running",
        severity="warning",
        title=f"{vm.name} is not running.",
        evidence=(f"power state: {vm.power}",),
        why="Nothing can be pulled there, and its view from inside could not be read.",
        remedy=Remedy((az.az("vm start", resource_group=group, name=name),), "acrlab.remedies.start_vm(lab)"),
        source="https://learn.microsoft.com/azure/virtual-machines/states-billing",
    )


def no_identity(snapshot: Snapshot) -> Finding | None:
    """Without an identity a VM needs a secret to sign in."""
    vm = snapshot.vm
    if vm is None or vm.identity:
        return None
    group, name = az.place(vm.id)
    return Finding(
        code="vm-without-identity",
        severity="note",
        title=f"{vm.name} has no identity of its own.",
        evidence=("identity: none",),
        why="To pull from there you have to sign in with a user name and a secret. An identity needs neither.",
        remedy=Remedy(
            (az.az("vm identity assign", resource_group=group, name=name),), "acrlab.remedies.assign_identity(lab)"
        ),
        source=IDENTITY,
    )


def no_way_out(snapshot: Snapshot) -> Finding | None:
    """Where networks have no outbound access by default, a VM needs a public address or a gateway to install."""
    vm = snapshot.vm
    subnet = snapshot.subnet(vm.subnet) if vm else None
    if vm is None or subnet is None or vm.public_address or subnet.nat_gateway or subnet.outbound_by_default:
        return None
    return Finding(
        code="vm-without-way-out",
        severity="note",
        title=f"{vm.name} has no outbound access to the internet.",
        evidence=("public address: none", f"{subnet.name}: no NAT gateway, defaultOutboundAccess false"),
        why=(
            "The registry is reached all the same; apt-get and everything else outside the network hangs. Give the "
            "subnet a NAT gateway, or install from within the network."
        ),
        remedy=Remedy(),
        source="https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access",
    )


def no_right(snapshot: Snapshot) -> Finding | None:
    """The way may be open and the identity still not allowed to pull."""
    vm, registry = snapshot.vm, snapshot.registry
    if vm is None or registry is None or not vm.identity or vm.roles is None or registry.asks_for_repositories:
        return None
    if set(vm.roles) & PULL or set(vm.roles) - KNOWN:
        return None
    probes = tuple(_told(p) for p in (snapshot.vm_view.probes if snapshot.vm_view else ()))
    return Finding(
        code="pull-right-missing",
        severity="error",
        title=f"{vm.name} may not pull from {registry.name}.",
        evidence=(f"roles of its identity on the registry: {', '.join(vm.roles) or 'none'}", *probes),
        why=(
            "A caller that the network lets in still has to sign in to the registry. Clients report the refusal as a "
            "token problem and advise you to sign in again, which does not help."
        ),
        remedy=Remedy(
            (
                az.az(
                    "role assignment create",
                    assignee_object_id=vm.identity,
                    assignee_principal_type="ServicePrincipal",
                    role="AcrPull",
                    scope=registry.id,
                ),
            ),
            "acrlab.allow_vm_to_pull(lab)",
        ),
        source=ROLES,
    )


def image_missing(snapshot: Snapshot) -> Finding | None:
    """The way is open, and the image does not exist."""
    view, registry = snapshot.vm_view, snapshot.registry
    probe = next((p for p in (view.probes if view else ()) if p.step == "manifest" and p.status == 404), None)
    if probe is None or registry is None:
        return None
    return Finding(
        code="image-missing",
        severity="note",
        title=f"{registry.name} has no image {snapshot.subject.image}; no layer was tried.",
        evidence=(_told(probe),),
        why="Name an image that exists, and the check continues to a layer: --image REPOSITORY:TAG.",
        remedy=Remedy(
            (
                az.az(
                    "acr import",
                    name=registry.name,
                    source=snapshot.subject.names.image_source,
                    image=snapshot.subject.image,
                ),
            ),
            "acrlab.import_sample_image(lab)",
        ),
        source=HELP,
    )


YOUNG = (
    "Its identity has the role, but the registry does not accept it: a role takes effect some minutes after it is "
    "given, ten at most. Ask again then."
)
TOO_MANY = 429
BUSY = "The registry answers more slowly than it is asked: too many requests. Nothing is wrong; ask again in a minute."
ON_THE_WAY = "Follow the request hop by hop: acrlab doctor --trace HOST. A firewall or proxy in between is likely."


def unexplained(snapshot: Snapshot) -> Finding | None:
    """An image may not arrive though every other check passes. Asked last, and only then."""
    view, vm = snapshot.vm_view, snapshot.vm
    steps = [p for p in (view.probes if view else ()) if p.step != "identity"]
    bad = next((p for p in steps if not _is_fine(p)), None)
    if bad is None or vm is None:
        return None
    return Finding(
        code=f"{bad.step}-fails",
        severity="error",
        title=f"{vm.name} does not get past the {bad.step} at {bad.host}, and nothing that was checked says why.",
        evidence=tuple(_told(p) for p in steps),
        why=_why(bad),
        remedy=Remedy(
            (az.az("acr check-health", name=snapshot.subject.registry, ignore_errors="", yes=""),),
            f"acrlab.trace(lab, {bad.host!r})",
        ),
        source=HELP,
    )


def _why(probe: Probe) -> str:
    if probe.status == TOO_MANY:
        return BUSY
    return YOUNG if (probe.step, probe.status) == ("sign-in", 401) else ON_THE_WAY


def _is_fine(probe: Probe) -> bool:
    """Say whether a step answered as it does when all is well; a missing image has its own check."""
    wanted = {"challenge": (200, 401), "manifest": (200, 404), "layer": (200, 206)}
    return probe.status in wanted.get(probe.step, (200,))


def _told(probe: Probe) -> str:
    where = f" from {probe.address}" if probe.address else ""
    return f"{probe.step} at {probe.host}{where}: {probe.status or probe.problem or 'no answer'}"


CHECKS = (
    Check("vm-runs", "Is the VM running?", vm_stopped, about=("vm",)),
    Check("vm-identity", "Does it have an identity?", no_identity, about=("vm",)),
    Check("way-out", "Does it have a way out of the network?", no_way_out, about=("vm",)),
    Check("pull-right", "May the VM pull?", no_right, ("roles",), about=("registry", "vm")),
    Check("image", "Is there an image to try it with?", image_missing, about=("registry", "view")),
)
