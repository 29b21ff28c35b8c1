"""List every question of the doctor, in the order in which an expert would ask."""

from __future__ import annotations

from dataclasses import dataclass

from acrlab.doctor.checks import (
    access,
    connection,
    data_path,
    endpoint,
    peering,
    records,
    registry,
    replicas,
    resolver,
    traffic,
    zone,
)
from acrlab.doctor.checks.across import provider
from acrlab.doctor.checks.aks import kubelet, pods
from acrlab.doctor.checks.closed import repository_roles, service_endpoints
from acrlab.doctor.checks.hub import rulesets
from acrlab.doctor.checks.sharing import hidden, one_zone, twice, two_zones
from acrlab.doctor.finding import Check


@dataclass(frozen=True)
class Hop:
    """A part of the way to the registry, with the questions about it."""

    name: str
    checks: tuple[Check, ...]


HOPS = (
    Hop("registry", registry.CHECKS),
    Hop("endpoint", (*endpoint.CHECKS, *replicas.CHECKS, *provider.CHECKS, *connection.CHECKS)),
    Hop("zone", (*zone.CHECKS, *two_zones.CHECKS, *hidden.CHECKS)),
    Hop("records", (*records.CHECKS, *one_zone.CHECKS, *twice.CHECKS)),
    Hop("resolver", (*rulesets.CHECKS, *resolver.CHECKS)),
    Hop("traffic", (*peering.CHECKS, *traffic.CHECKS)),
    Hop("access", (*access.CHECKS, *service_endpoints.CHECKS)),
    Hop("image", (*data_path.CHECKS, *repository_roles.CHECKS, *kubelet.CHECKS, *pods.CHECKS)),
)
# Asked only when nothing of the above is wrong; it belongs to the last hop.
LAST = Check("data-path", "Does an image arrive?", data_path.unexplained, about=("registry", "view"))
