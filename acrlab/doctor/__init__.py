"""Say what is wrong with a private link: observe once, check the snapshot, report findings with their fixes.

Each function loads what it needs when it is called, so that importing a single fix loads no checks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acrlab.doctor.drawing.lab import Picture
    from acrlab.doctor.estate import Estate, Member
    from acrlab.doctor.observe.inside import Inside
    from acrlab.doctor.report import Report
    from acrlab.doctor.story import Story
    from acrlab.lab.lab import Lab

__all__ = ["diagnose", "examine", "examine_all", "keep_silent", "picture", "trace"]


def diagnose(
    lab: Lab,
    *,
    vm: str | None = None,
    network: str = "",
    expect: str = "",
    cluster: str = "",
    telling: Callable[[str], object] = str,
) -> Report:
    """Say what is wrong with a lab's private link, on what evidence, and what to do. Changes nothing.

    Args:
        vm: name or id of the VM that the check from inside runs on; None: the lab's, empty: no VM is asked.
        network: name or id of the virtual network that clients are in; empty: the VM's, else the lab's.
        expect: `open` or `closed`, what public access is meant to be; empty: closed where the lab closed it itself.
        cluster: name or id of the AKS cluster whose nodes are the clients; empty: none.
        telling: called with the name of each part before it is read.

    Raises:
        ConfigurationError: a VM or network that was named is not there, or several have the name.
        RefusedError: Azure can't be reached, or does not accept the credentials.
        UnfinishedError: a practice ticket is open in this lab.
    """
    keep_silent(lab)
    return examine(lab, vm=vm, network=network, expect=expect, cluster=cluster, telling=telling)


def examine(
    lab: Lab,
    *,
    vm: str | None = None,
    network: str = "",
    expect: str = "",
    cluster: str = "",
    telling: Callable[[str], object] = str,
) -> Report:
    """Say what `diagnose` says, of a fault that is being practised on, too: for practice itself."""
    from acrlab.doctor.diagnosis import judge
    from acrlab.doctor.observe import Viewpoint, observe
    from acrlab.doctor.report import Report

    return Report(judge(observe(lab, Viewpoint(vm, network, expect, cluster=cluster), telling=telling)))


def examine_all(lab: Lab, *, group: str = "", network: str = "", expect: str = "", from_vms: int = 0) -> Estate:
    """Say of every registry of the subscription what is wrong with its private link. Changes nothing.

    The lists of Resource Manager tell it, so that a registry more costs no request more; what a VM meets they do not.

    Args:
        group: name of the resource group whose registries are looked at; empty: of all.
        network: name or id of the virtual network that clients are in; empty: where the endpoints are.
        expect: `open` or `closed`, what public access is meant to be; empty: nothing is expected.
        from_vms: how many looks from inside may be taken, one for each registry and network of its clients, from one
            VM a network; those come first in which the lists find nothing. 0: none.

    Raises: RefusedError: Azure can't be reached, or does not accept the credentials.
    """
    from acrlab.azure.cloud import NETWORK
    from acrlab.doctor.diagnosis import judge
    from acrlab.doctor.estate import Estate, Member, ranked
    from acrlab.doctor.observe.estate import overview, snapshots
    from acrlab.doctor.observe.inside import Inside
    from acrlab.doctor.observe.located import located
    from acrlab.doctor.observe.reader import Reader
    from acrlab.lab.memory import open_ticket

    place = located(Reader(lab), "--network", "networks", NETWORK, network) if network else ""
    seen = overview(lab)
    members = [
        Member(
            registry=registry.name,
            group=registry.id.split("/")[4],
            id=registry.id,
            diagnoses=tuple(judge(one) for one in snapshots(lab, seen, registry, network=place, expect=expect)),
            ticket=open_ticket(lab, registry.name),
        )
        for registry in seen.registries
        if group.lower() in ("", registry.id.split("/")[4].lower())
    ]
    inside = Inside(lab, from_vms)
    if from_vms:
        members = [_from_inside(one, inside) for one in sorted(members, key=lambda one: bool(one.findings))]
    blind = any(u.what == "registry" for u in seen.unseen)
    partial = any(u.what == "other registry" for u in seen.unseen)
    return Estate(lab.subscription, ranked(members), blind, partial, seen.requests + inside.requests, inside.looks)


def _from_inside(member: Member, inside: Inside) -> Member:
    """Judge a registry again by what VMs meet; one with an open ticket is left to its learner."""
    from dataclasses import replace

    from acrlab.doctor.diagnosis import judge

    if member.ticket:
        return member
    return replace(member, diagnoses=tuple(judge(inside.seen(one.snapshot)) for one in member.diagnoses))


def keep_silent(lab: Lab) -> None:
    """Refuse to speak while a practice ticket is open: a finding would be its answer.

    Raises: UnfinishedError: it is, and neither answered nor given up.
    """
    from acrlab.errors import UnfinishedError
    from acrlab.lab.memory import open_ticket

    if ticket := open_ticket(lab):
        message = (
            f"The doctor keeps silent while the ticket {ticket} is open, because its finding would be your answer. "
            "Look for yourself and answer (acrlab practice answer, or in the notebook), or give up (acrlab practice "
            f"give-up, or acrlab.solve(lab, {ticket!r}))."
        )
        raise UnfinishedError(message, task=ticket)


def trace(lab: Lab, name: str = "") -> Story:
    """Follow one request for a registry's name, from the VM to where it ends.

    Args:
        name: the login server, or a data endpoint; empty: the login server.

    Raises: UnfinishedError: a practice ticket is open in this lab.
    """
    keep_silent(lab)
    from acrlab.doctor.observe import observe
    from acrlab.doctor.story import tell

    seen = observe(lab)
    return tell(seen, name or (seen.registry.login_server if seen.registry else lab.settings.login_server))


def picture(lab: Lab, since: Picture | None = None) -> Picture:
    """Draw the lab as it is now: networks, VM, endpoints, zones, registry, internet.

    Args:
        since: an earlier picture; what is new or different is marked.
    """
    from acrlab.doctor.drawing.lab import Picture
    from acrlab.doctor.observe import survey

    return Picture(survey(lab), since.snapshot if since else None)
