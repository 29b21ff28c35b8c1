"""The remedy for an endpoint that can't be brought back: delete it, and ask for it anew."""

from __future__ import annotations

from acrlab.doctor.checks import az
from acrlab.doctor.checks.facts import zone_in_use
from acrlab.doctor.finding import Remedy
from acrlab.snapshot import Snapshot
from acrlab.snapshot.registry import Endpoint

__all__ = ["made_again"]


def made_again(snapshot: Snapshot, endpoint: Endpoint) -> Remedy:
    """Delete an endpoint and ask for it anew; Azure writes its records from then on."""
    group, name = az.place(endpoint.id)
    commands = [
        az.delete_endpoint(endpoint),
        az.make_endpoint(snapshot, endpoint.subnet, group=group, name=name, connection=endpoint.connection_name),
    ]
    calls = [f"acrlab.remove_endpoint(lab, {name!r})", "acrlab.ensure_endpoint(lab)"]
    if zone := zone_in_use(snapshot):
        commands.append(az.write_records_of(group, name, zone.id))
        calls.append("acrlab.ensure_records(lab)")
    return Remedy(tuple(commands), "; ".join(calls))
