"""Read everything that a diagnosis needs, in one place: safe on production, with no right to change anything.

Reader on the resources is enough for everything but what the VM itself sees, which needs the right to run a command on
it (Virtual Machine Contributor). What this identity may not read is noted in the snapshot with the missing permission,
and the reading goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from acrlab.azure.cloud import ENDPOINT
from acrlab.azure.cloud import NETWORK as NETWORK_TYPE
from acrlab.azure.cloud import VM as VM_TYPE
from acrlab.doctor.facts import hosts
from acrlab.doctor.observe.network import networks, recorded, route_tables_of, security_groups_of, zones
from acrlab.doctor.observe.reader import Reader
from acrlab.doctor.observe.registry import (
    REGISTRY_TYPE,
    endpoints_to,
    see_registry,
    unregistered,
    with_regional_hosts,
    with_zone_groups,
)
from acrlab.doctor.observe.vm import image_path, name_servers, see_vm, view_from
from acrlab.lab.lab import Lab
from acrlab.lab.memory import sample_image
from acrlab.snapshot import LabNames, Snapshot, Subject, same
from acrlab.snapshot.cluster import Cluster
from acrlab.snapshot.network import Network, Resolver, Ruleset
from acrlab.snapshot.registry import Endpoint, Registry
from acrlab.snapshot.vm import VM, VMView
from acrlab.steps.public_access import closed_on_purpose

__all__ = ["Viewpoint", "observe", "survey"]


@dataclass(frozen=True)
class Viewpoint:
    """Where a lab is observed from, and what it is meant to be.

    Attributes:
        vm: name or id of the VM that looks from inside; None: the lab's, empty: no VM does.
        network: name or id of the virtual network that clients are in; empty: the VM's, else the lab's.
        expect: `open` or `closed`, what public access is meant to be; empty: closed where the lab closed it itself.
        registry: id of the registry, where it is not in the lab's group; empty: by its name.
        endpoint: name or id of the private endpoint that clients should use; empty: any that they reach.
        zone: id of a private zone that lists don't show; empty: none.
        cluster: name or id of the AKS cluster whose nodes are the clients; empty: none.
    """

    vm: str | None = None
    network: str = ""
    expect: str = ""
    registry: str = ""
    endpoint: str = ""
    zone: str = ""
    cluster: str = ""


LABS_OWN = Viewpoint()


def survey(lab: Lab, viewpoint: Viewpoint = LABS_OWN, *, telling: Callable[[str], object] = str) -> Snapshot:
    """Read what Azure knows of a lab's private link; nothing is run on the VM.

    Args:
        telling: called with the name of each part before it is read.

    Raises: RefusedError: Azure can't be reached, or does not accept the credentials.
    """
    settings, reader = lab.settings, Reader(lab)
    reader.look_in(viewpoint.registry, viewpoint.zone)
    telling("the registry")
    registry, others = see_registry(reader, viewpoint.registry or settings.registry_name)
    telling("private endpoints and their addresses")
    target = registry.id if registry else viewpoint.registry or lab.id_of(REGISTRY_TYPE, settings.registry_name)
    usual = lab.id_of(ENDPOINT, settings.endpoint_name)
    asking = [c.endpoint for c in registry.connections if c.endpoint] if registry else []
    named = _located(reader, "--endpoint", "endpoints", ENDPOINT, viewpoint.endpoint) if viewpoint.endpoint else ""
    reader.look_in(*asking)
    endpoints = endpoints_to(reader, target, [*(asking or [usual]), *filter(None, [named])])
    registry = with_regional_hosts(registry, endpoints) if registry else None
    telling("the VM")
    inside = _inside(reader, viewpoint, registry)
    telling("networks, and what filters their traffic")
    cluster, nodes = _nodes(reader, viewpoint)
    place = (
        nodes
        if nodes and not viewpoint.network
        else _network(reader, viewpoint, inside, [e.network for e in endpoints if same(e.id, named)])
    )
    if viewpoint.vm is None and inside and not same(inside.network, place):
        inside = None  # the lab's VM stands elsewhere, and was not asked for
    near = networks(reader, place, [e.network for e in endpoints])
    place = place if any(same(n.id, place) for n in near) else _instead(reader, place, endpoints, registry)
    reader.look_in(place, *(p.remote for n in near if same(n.id, place) for p in n.peerings))
    subnets = [s for n in near for s in n.subnets]
    groups = security_groups_of(reader, [*(s.security_group for s in subnets), inside.security_group if inside else ""])
    tables = route_tables_of(reader, [s.route_table for s in subnets])
    own = next((n for n in near if same(n.id, place)), None)
    resolvers, rulesets = _resolvers(reader) if reader.delegated else ((), ())
    servers = name_servers(reader, inside, own, near, resolvers)
    clusters = _clusters(reader, near, registry, cluster)
    telling("private zones, their links and records")
    endpoints = with_zone_groups(reader, endpoints, _reached_from(place, near), lambda: recorded(reader))
    written = [t.zone for e in endpoints for g in e.zone_groups or () for t in g.targets]
    found = zones(reader, [*written, *filter(None, [viewpoint.zone])], place)
    return Snapshot(
        subject=Subject(
            subscription=lab.subscription,
            resource_group=settings.resource_group,
            registry=settings.registry_name,
            names=names_of(lab),
            network=place,
            vm=inside.name if inside else "",
            expected=viewpoint.expect or ("closed" if closed_on_purpose(lab) else ""),
            image=sample_image(lab),
            cluster=cluster,
        ),
        registry=registry,
        endpoints=endpoints,
        zones=found,
        networks=near,
        security_groups=groups,
        route_tables=tables,
        vm=inside,
        vm_view=None,
        unseen=tuple(reader.unseen),
        requests=reader.requests,
        other_registries=others,
        name_servers=tuple(servers),
        resolvers=resolvers,
        rulesets=rulesets,
        unregistered=unregistered(reader, registry, endpoints) if registry else (),
        clusters=clusters,
    )


def observe(lab: Lab, viewpoint: Viewpoint = LABS_OWN, *, telling: Callable[[str], object] = str) -> Snapshot:
    """Observe a lab's private link as a whole: all that `survey` reads, and what the VM meets.

    Arguments and errors are those of `survey`.
    """
    seen = survey(lab, viewpoint, telling=telling)
    telling("names and the data path, from inside")
    reader = Reader(lab)
    view = _view(reader, seen.vm, seen.registry)
    return replace(
        seen,
        vm_view=view,
        clusters=_with_pods(reader, seen),
        unseen=(*seen.unseen, *reader.unseen),
        requests=seen.requests + reader.requests,
    )


def names_of(lab: Lab) -> LabNames:
    """Tell what a lab calls what it has yet to make."""
    settings = lab.settings
    return LabNames(
        network=lab.id_of(NETWORK_TYPE, settings.network_name),
        network_prefix=settings.network_prefix,
        subnet=settings.subnet_name,
        subnet_prefix=settings.subnet_prefix,
        endpoint=settings.endpoint_name,
        connection=settings.connection_name,
        link=settings.link_name,
        image_source=settings.image_source,
        zone=settings.zone_name,
    )


def _resolvers(reader: Reader) -> tuple[tuple[Resolver, ...], tuple[Ruleset, ...]]:
    """Read resolvers and rulesets; a lab whose networks have none does not load the reading."""
    from acrlab.doctor.observe.resolvers import resolvers, rulesets

    return resolvers(reader), rulesets(reader)


def _located(reader: Reader, option: str, what: str, type: str, given: str) -> str:
    """Find what was named; a chapter, which names nothing, does not load the search."""
    from acrlab.doctor.observe.located import located

    return located(reader, option, what, type, given)


def _nodes(reader: Reader, viewpoint: Viewpoint) -> tuple[str, str]:
    """The id of the cluster that was named, and of the network that its nodes stand in; empty: none was."""
    if not viewpoint.cluster:
        return "", ""
    from acrlab.doctor.observe.cluster import CLUSTER_TYPE, network_of

    id = _located(reader, "--cluster", "clusters", CLUSTER_TYPE, viewpoint.cluster)
    found = reader.at("clusters", id)
    return (id, network_of(reader, found)) if found else (id, "")


def _clusters(reader: Reader, near: tuple[Network, ...], registry: Registry | None, named: str) -> tuple[Cluster, ...]:
    """Read the clusters near; a chapter, whose network has no nodes, does not load how."""
    if not named and not any(s.node_groups for n in near for s in n.subnets):
        return ()
    from acrlab.doctor.observe.cluster import clusters_near

    return clusters_near(reader, near, registry, named)


def _with_pods(reader: Reader, seen: Snapshot) -> tuple[Cluster, ...]:
    if not seen.subject.cluster:
        return seen.clusters
    from acrlab.doctor.observe.cluster import with_pods

    return with_pods(reader, seen.clusters, seen.subject.cluster, seen.registry)


def _inside(reader: Reader, viewpoint: Viewpoint, registry: Registry | None) -> VM | None:
    """Read the VM that looks from inside; one that was named has to be there."""
    if viewpoint.vm is None:
        return see_vm(reader, reader.lab.id_of(VM_TYPE, reader.lab.settings.vm_name), registry)
    if not viewpoint.vm:
        return None
    return see_vm(reader, _located(reader, "--from-vm", "vm", VM_TYPE, viewpoint.vm), registry)


def _network(reader: Reader, viewpoint: Viewpoint, vm: VM | None, homes: list[str]) -> str:
    """Name the network that clients are in, by its id: as it was given, else the endpoint's that was, else the VM's."""
    if viewpoint.network:
        return _located(reader, "--network", "networks", NETWORK_TYPE, viewpoint.network)
    if homes and viewpoint.vm is None:
        return homes[0]
    return vm.network if vm else reader.lab.id_of(NETWORK_TYPE, reader.lab.settings.network_name)


def _instead(reader: Reader, place: str, endpoints: tuple[Endpoint, ...], registry: Registry | None) -> str:
    """Tell where clients are, if not in the lab's network: with the endpoints of a registry that no lab made.

    Returns: an id; empty: nothing tells.
    """
    if registry is None or registry.of_lab or any(u.what == "networks" for u in reader.unseen):
        return place
    return min((e.network for e in endpoints), key=str.lower, default="")


def _reached_from(place: str, networks: tuple[Network, ...]) -> tuple[str, ...]:
    """List the ids of the networks that a network reaches, or should: itself, its peers, and those half peered."""
    halves = (p.remote for n in networks if same(n.id, place) for p in n.peerings)
    others = (n.id for n in networks if any(same(p.remote, place) for p in n.peerings))
    return (place, *halves, *others)


def _view(reader: Reader, vm: VM | None, registry: Registry | None) -> VMView | None:
    """Read what a VM sees, if Azure says that it is running."""
    if vm is None or registry is None or vm.power != "running":
        return None
    return view_from(reader, vm, hosts(registry), image_path(reader, registry))
