"""What a class takes of a subscription's quotas, and whether its names are free: asked of Azure, else as documented.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from acrlab.capabilities import executor
from acrlab.classroom.plan import Planned
from acrlab.errors import AcrLabError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab, connect
from acrlab.preflight.questions import USAGES_VERSION
from acrlab.steps.prerequisites import name_is_available

NETWORK_VERSION = "2024-05-01"
ENDPOINTS = 3  # of a lab, in chapters 03, 04 and 05
SHARED_ENDPOINTS = 200  # private endpoints that one Premium registry can have
TOGETHER = 16
COMPUTE, NETWORK = "Microsoft.Compute", "Microsoft.Network"


@dataclass(frozen=True)
class Quota:
    """A quota that a lab takes from.

    Attributes:
        what: it counts.
        each: how much one lab takes at most.
        documented: its limit as documented; 0: none is.
        place: whose usages tell what is left: a provider; empty: none does, or it is asked otherwise.
        names: under which they do.
        region: whether each region has its own.
    """

    what: str
    each: int
    documented: int
    place: str = ""
    names: tuple[str, ...] = ()
    region: bool = True


QUOTAS = (
    Quota("cores (2 of a Standard_B2s)", 2, 10, COMPUTE, ("cores",)),
    Quota("cores of the family BS", 2, 10, COMPUTE, ("standardBSFamily",)),
    Quota(
        "public addresses, Standard",
        1,
        10,
        NETWORK,
        ("IPv4StandardSkuPublicIpAddresses", "StandardSkuPublicIpAddresses", "PublicIPAddresses"),
    ),
    Quota("networks", 2, 1000, NETWORK, ("VirtualNetworks",)),
    Quota("network security groups", 1, 5000, NETWORK, ("NetworkSecurityGroups",)),
    Quota("network interfaces", 4, 65536, NETWORK, ("NetworkInterfaces",)),
    Quota("private endpoints", ENDPOINTS, 65536, NETWORK, ("PrivateEndpoints",)),
    Quota("registries", 1, 0, region=False),
    Quota("resource groups", 2, 980, region=False),
    Quota("private DNS zones", 2, 1000, region=False),
    Quota("role assignments", 1, 4000, region=False),
)


@dataclass(frozen=True)
class Need:
    """What a class takes of one quota, in one subscription and region.

    Attributes:
        limit: what is left of it; None: no limit is documented, and Azure was not asked.
        asked: whether Azure said so.
    """

    where: str
    what: str
    needed: int
    limit: int | None
    asked: bool

    @property
    def enough(self) -> bool:
        return self.limit is None or self.needed <= self.limit


def needs(planned: Sequence[Planned], *, ask: bool) -> Iterator[Need]:
    """Compare what a class takes with what there is, by subscription and region.

    Args:
        ask: Azure for what is left of each quota; otherwise what is documented counts, of an empty subscription.

    Raises: RefusedError, NotVisibleError: Azure can't be asked.
    """
    places = Counter((one.settings.subscription, one.settings.location) for one in planned)
    for (subscription, location), labs in places.items():
        left = _left(planned, subscription, location) if ask else {}
        where = f"{location}, {subscription}" if subscription else location
        for quota in QUOTAS:
            seen = [left[name.lower()] for name in quota.names if name.lower() in left]
            limit = min(seen) if seen else quota.documented or None
            yield Need(where if quota.region else subscription or "", quota.what, quota.each * labs, limit, bool(seen))


def taken_names(planned: Sequence[Planned]) -> dict[str, str]:
    """Ask Azure whether each learner's registry's name is free, or the learner's already.

    Returns: learner's id -> what is wrong; empty: nothing is.
    """
    with executor(TOGETHER) as pool:
        told = list(pool.map(_taken, planned))
    return {one.learner.id: problem for one, problem in zip(planned, told, strict=True) if problem}


def _taken(one: Planned) -> str:
    from acrlab.steps.public_access import find_registry

    lab = connect(one.settings)
    try:
        with asking("Asking for the registry's name", lab.registry_id):
            if name_is_available(lab) or find_registry(lab) is not None:
                return ""
            return f"{one.settings.registry_name} is taken"
    except AcrLabError as problem:
        return f"{one.settings.registry_name}: {problem}"
    finally:
        lab.close()


def _left(planned: Sequence[Planned], subscription: str, location: str) -> Mapping[str, int]:
    """What is left of a subscription's quotas in a region: name in lower case -> how many."""
    one = next(p for p in planned if (p.settings.subscription, p.settings.location) == (subscription, location))
    lab = connect(one.settings)
    try:
        return {**_usages(lab, COMPUTE, USAGES_VERSION), **_usages(lab, NETWORK, NETWORK_VERSION)}
    finally:
        lab.close()


def _usages(lab: Lab, provider: str, version: str) -> dict[str, int]:
    path = f"/subscriptions/{lab.subscription}/providers/{provider}/locations/{lab.settings.location}/usages"
    with asking(f"Reading the quotas of {provider}", path):
        found = lab.arm.get_all(path, version)
    return {one["name"]["value"].lower(): int(one["limit"]) - int(one["currentValue"]) for one in found}
