"""All the reading for a diagnosis, in one place: safe on production, with no right to change anything.

Reader on the resources is enough for everything but the machine's own view, which needs the right to run a command on
it (Virtual Machine Contributor). What this identity may not see is noted in the snapshot with the missing right, and
the look goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from acrlab.doctor.observe.look import Look
from acrlab.doctor.observe.machine import see_machine, view_from
from acrlab.doctor.observe.network import networks, route_tables_of, security_groups_of, zones
from acrlab.doctor.observe.registry import REGISTRY_TYPE, endpoints_to, see_registry
from acrlab.lab.lab import Lab
from acrlab.snapshot import LabNames, Snapshot, Subject
from acrlab.snapshot.machine import Machine, MachineView
from acrlab.snapshot.registry import Registry
from acrlab.steps.public_access import closed_on_purpose

__all__ = ["observe", "survey"]


def survey(
    lab: Lab,
    *,
    machine: str | None = None,
    network: str = "",
    expect: str = "",
    telling: Callable[[str], object] = str,
) -> Snapshot:
    """Look at what Azure knows of a lab's private link; nobody on the machine is asked.

    Args:
        machine: name of the machine that looks from inside; None: the lab's, empty: none does.
        network: name or id of the network that clients stand in; empty: the machine's, else the lab's.
        expect: `open` or `closed`: what public access is meant to be; empty: closed where the lab closed it itself.
        telling: is called with what is looked at, before each part.

    Raises: RefusedError: Azure can't be reached, or does not accept the credentials.
    """
    settings, look = lab.settings, Look(lab)
    telling("the registry")
    registry, others = see_registry(look, settings.registry_name)
    telling("private endpoints and their addresses")
    target = registry.id if registry else lab.id_of(REGISTRY_TYPE, settings.registry_name)
    usual = lab.id_of("Microsoft.Network/privateEndpoints", settings.endpoint_name)
    asking = [c.endpoint for c in registry.connections if c.endpoint] if registry else []
    endpoints = endpoints_to(look, target, asking or [usual])
    telling("the machine")
    name = settings.machine_name if machine is None else machine
    inside = see_machine(look, name, registry) if name else None
    telling("networks, and what filters their traffic")
    place = _network(lab, network, inside)
    near = networks(look, sorted({place, *(e.network for e in endpoints)}, key=str.lower))
    subnets = [s for n in near for s in n.subnets]
    groups = security_groups_of(look, [*(s.security_group for s in subnets), inside.security_group if inside else ""])
    tables = route_tables_of(look, [s.route_table for s in subnets])
    telling("private zones, their links and records")
    found = zones(look, [t.zone for e in endpoints for g in e.zone_groups or () for t in g.targets])
    return Snapshot(
        subject=Subject(
            subscription=lab.subscription,
            resource_group=settings.resource_group,
            registry=settings.registry_name,
            names=LabNames(
                network=lab.id_of("Microsoft.Network/virtualNetworks", settings.network_name),
                network_prefix=settings.network_prefix,
                subnet=settings.subnet_name,
                subnet_prefix=settings.subnet_prefix,
                endpoint=settings.endpoint_name,
                connection=settings.connection_name,
                link=settings.link_name,
                image_source=settings.image_source,
            ),
            network=place,
            machine=inside.name if inside else "",
            expected=expect or ("closed" if closed_on_purpose(lab) else ""),
            image=settings.image,
        ),
        registry=registry,
        endpoints=endpoints,
        zones=found,
        networks=near,
        security_groups=groups,
        route_tables=tables,
        machine=inside,
        machine_view=None,
        unseen=tuple(look.unseen),
        requests=look.requests,
        other_registries=others,
    )


def observe(
    lab: Lab,
    *,
    machine: str | None = None,
    network: str = "",
    expect: str = "",
    telling: Callable[[str], object] = str,
) -> Snapshot:
    """Look at a lab's private link as a whole: all that `survey` sees, and what the machine meets.

    Arguments and errors are those of `survey`.
    """
    seen = survey(lab, machine=machine, network=network, expect=expect, telling=telling)
    telling("names and the data path, from inside")
    look = Look(lab)
    view = _view(look, seen.machine, seen.registry)
    return replace(
        seen,
        machine_view=view,
        unseen=(*seen.unseen, *look.unseen),
        requests=seen.requests + look.requests,
    )


def _network(lab: Lab, given: str, machine: Machine | None) -> str:
    """The id of the network that clients stand in."""
    if given.startswith("/"):
        return given
    if not given and machine:
        return machine.network
    return lab.id_of("Microsoft.Network/virtualNetworks", given or lab.settings.network_name)


def _view(look: Look, machine: Machine | None, registry: Registry | None) -> MachineView | None:
    """What a machine sees that runs; whether it does is told by Azure."""
    if machine is None or registry is None or machine.power != "running":
        return None
    return view_from(look, machine, (registry.login_server, *registry.data_hosts), registry)
