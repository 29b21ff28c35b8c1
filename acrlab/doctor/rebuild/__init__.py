"""Rebuild on an emulated Azure what the doctor saw of a link: to break and fix it there, and diagnose it again.

Ids, names and addresses are those that were seen. What has no content in a snapshot is made up: every image is a small
public one, VMs are new and have nothing installed, tasks build what they are given when they run, nodes of clusters are
of one size and run the pods alone that wait for an image, rules of other services are not there.
"""

from __future__ import annotations

from acrlab.doctor.rebuild.builder import Builder
from acrlab.doctor.rebuild.clusters import build_clusters, made_by_aks, run_pods
from acrlab.doctor.rebuild.endpoints import build_endpoints
from acrlab.doctor.rebuild.machines import bend_names, build_servers, build_vm, switch_off
from acrlab.doctor.rebuild.names import build_zone_groups, build_zones, write_records
from acrlab.doctor.rebuild.networks import build_networks, build_peerings, location_of, note_room, set_servers
from acrlab.doctor.rebuild.registry import answer_connections, build_registry, close_registry, registry_id
from acrlab.doctor.rebuild.resolvers import build_resolvers
from acrlab.lab.lab import Lab
from acrlab.snapshot import Snapshot
from acrlab.snapshot.ids import ids_in

__all__ = ["location_of", "rebuild", "subscriptions_of"]


def subscriptions_of(seen: Snapshot) -> tuple[str, ...]:
    """List the subscriptions that a snapshot names, its own first."""
    named = {id.split("/")[2].lower(): id.split("/")[2] for id in ids_in(seen)}
    own = seen.subject.subscription
    return own, *sorted(one for key, one in named.items() if key != own.lower())


def rebuild(lab: Lab, seen: Snapshot) -> tuple[str, ...]:
    """Create everything that a snapshot shows, in the order in which Azure takes it.

    Args:
        lab: opened on an empty emulated Azure that has the snapshot's subscriptions.

    Returns: what could not be rebuilt, and why, a line each; empty: all was.
    """
    builder = Builder(lab)
    ids = [*(id for id in ids_in(seen) if not made_by_aks(seen, id)), registry_id(seen)]
    builder.groups(ids, location_of(seen), seen.unregistered)
    build_registry(builder, seen)
    build_networks(builder, seen)
    build_peerings(builder, seen)
    build_resolvers(builder, seen)
    build_servers(builder, seen)
    build_vm(builder, seen)
    build_clusters(builder, seen)
    moved = build_endpoints(builder, seen)
    answer_connections(builder, seen, ("Approved",))
    build_zones(builder, seen)
    build_zone_groups(builder, seen)
    answer_connections(builder, seen, ("Rejected", "Disconnected"))
    write_records(builder, seen, moved)
    bend_names(builder, seen)
    set_servers(builder, seen)
    close_registry(builder, seen)
    switch_off(builder, seen)
    run_pods(builder, seen)
    note_room(builder, seen)
    for old, new in moved.items():
        builder.note(old, f"the endpoint has {new} here, and records were written to match")
    return tuple(builder.left)
