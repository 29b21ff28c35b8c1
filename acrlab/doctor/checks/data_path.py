"""Does an image arrive, and if not, at which step does it stop?"""

from __future__ import annotations

from acrlab.doctor.checks import az
from acrlab.doctor.checks.check import Check
from acrlab.doctor.finding import Finding, Remedy
from acrlab.snapshot import Snapshot
from acrlab.snapshot.machine import Probe

__all__ = ["CHECKS", "image_missing", "machine_stopped", "no_identity", "no_right", "no_way_out", "unexplained"]

ROLES = "https://learn.microsoft.com/azure/container-registry/container-registry-roles"
IDENTITY = "https://learn.microsoft.com/azure/container-registry/container-registry-authentication-managed-identity"
HELP = "https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"
# A role that is none of Azure's well-known ones may pull: nothing is said about it.
KNOWN = {"AcrPull", "AcrPush", "AcrDelete", "Owner", "Contributor", "Reader"}
PULL = {"AcrPull", "AcrPush", "Owner", "Contributor"}


def machine_stopped(snapshot: Snapshot) -> Finding | None:
    """A machine that does not run pulls nothing, and sees nothing for us."""
    machine = snapshot.machine
    if machine is None or machine.power in ("running", "unknown", "starting"):
        return None
    group, name = az.place(machine.id)
    return Finding(
        code="machine-not-running",
        severity="warning",
        title=f"{machine.name} does not run.",
        evidence=(f"power state: {machine.power}",),
        why="Nothing can be pulled there, and what it sees could not be looked at.",
        remedy=Remedy((az.az("vm start", resource_group=group, name=name),), "acrlab.remedies.start_machine(lab)"),
        source="https://learn.microsoft.com/azure/virtual-machines/states-billing",
    )


def no_identity(snapshot: Snapshot) -> Finding | None:
    """Without an identity a machine has to be given a secret."""
    machine = snapshot.machine
    if machine is None or machine.identity:
        return None
    group, name = az.place(machine.id)
    return Finding(
        code="machine-without-identity",
        severity="note",
        title=f"{machine.name} has no identity of its own.",
        evidence=("identity: none",),
        why="Whoever pulls there has to sign in with a name and a secret. An identity needs neither.",
        remedy=Remedy(
            (az.az("vm identity assign", resource_group=group, name=name),), "acrlab.remedies.assign_identity(lab)"
        ),
        source=IDENTITY,
    )


def no_way_out(snapshot: Snapshot) -> Finding | None:
    """Where networks have no way out by default, a machine needs an address or a gateway to install anything."""
    machine = snapshot.machine
    subnet = snapshot.subnet(machine.subnet) if machine else None
    if machine is None or subnet is None or machine.public_address or subnet.nat_gateway or subnet.outbound_by_default:
        return None
    return Finding(
        code="machine-without-way-out",
        severity="note",
        title=f"{machine.name} has no way to the internet.",
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
    machine, registry = snapshot.machine, snapshot.registry
    if machine is None or registry is None or not machine.identity or machine.roles is None:
        return None
    if set(machine.roles) & PULL or set(machine.roles) - KNOWN:
        return None
    probes = tuple(_told(p) for p in (snapshot.machine_view.probes if snapshot.machine_view else ()))
    return Finding(
        code="pull-right-missing",
        severity="error",
        title=f"{machine.name} may not pull from {registry.name}.",
        evidence=(f"roles of its identity on the registry: {', '.join(machine.roles) or 'none'}", *probes),
        why=(
            "The network lets it in, and the registry then asks who it is. Clients show the refusal as a problem with "
            "tokens and advise to sign in again, which does not help."
        ),
        remedy=Remedy(
            (
                az.az(
                    "role assignment create",
                    assignee_object_id=machine.identity,
                    assignee_principal_type="ServicePrincipal",
                    role="AcrPull",
                    scope=registry.id,
                ),
            ),
            "acrlab.allow_machine_to_pull(lab)",
        ),
        source=ROLES,
    )


def image_missing(snapshot: Snapshot) -> Finding | None:
    """The way is open; there is no such image at its end."""
    view, registry = snapshot.machine_view, snapshot.registry
    probe = next((p for p in (view.probes if view else ()) if p.step == "manifest" and p.status == 404), None)
    if probe is None or registry is None:
        return None
    return Finding(
        code="image-missing",
        severity="note",
        title=f"{registry.name} has no image {snapshot.subject.image}; no layer was tried.",
        evidence=(_told(probe),),
        why="Name an image that is there, and the look goes on to a layer: --image REPOSITORY:TAG.",
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


def unexplained(snapshot: Snapshot) -> Finding | None:
    """An image that does not arrive though every other check is content. Asked last, and only then."""
    view, machine = snapshot.machine_view, snapshot.machine
    steps = [p for p in (view.probes if view else ()) if p.step != "identity"]
    bad = next((p for p in steps if not _is_fine(p)), None)
    if bad is None or machine is None:
        return None
    return Finding(
        code=f"{bad.step}-fails",
        severity="error",
        title=f"{machine.name} does not get past the {bad.step} at {bad.host}, and nothing that was checked says why.",
        evidence=tuple(_told(p) for p in steps),
        why="Follow the request hop by hop: acrlab doctor --trace HOST. A firewall or proxy in between is likely.",
        remedy=Remedy(
            (az.az("acr check-health", name=snapshot.subject.registry, ignore_errors="", yes=""),),
            f"acrlab.trace(lab, {bad.host!r})",
        ),
        source=HELP,
    )


def _is_fine(probe: Probe) -> bool:
    """What each step answers where all is well; an image that is not there is somebody else's matter."""
    wanted = {"challenge": (200, 401), "manifest": (200, 404), "layer": (200, 206)}
    return probe.status in wanted.get(probe.step, (200,))


def _told(probe: Probe) -> str:
    where = f" from {probe.address}" if probe.address else ""
    return f"{probe.step} at {probe.host}{where}: {probe.status or probe.problem or 'no answer'}"


CHECKS = (
    Check("machine-runs", "Does the machine run?", machine_stopped, about=("machine",)),
    Check("machine-identity", "Has it an identity?", no_identity, about=("machine",)),
    Check("way-out", "Has it a way out of the network?", no_way_out, about=("machine",)),
    Check("pull-right", "May the machine pull?", no_right, ("roles",), about=("registry", "machine")),
    Check("image", "Is there an image to try it with?", image_missing, about=("registry", "view")),
)
