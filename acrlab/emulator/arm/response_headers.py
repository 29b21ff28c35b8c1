"""The headers that stand on every answer of Resource Manager: ids, time, what may still be asked, what a service adds.

Nothing is counted: how many requests are left is what a caller that has just begun is told. No client acts on it, and
throttling is a fault to plant, not a limit to reach.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache

from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.world import World

Headers = dict[str, str]
COMMON = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Cache": "CONFIG_NOCACHE",
}
# Class of requests -> how many may be sent at once; the whole subscription has fifteen times that.
# Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
LIMITS = {"reads": 250, "deletes": 200, "writes": 200}
CLASSES = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
GLOBALLY = 15
# Source: https://learn.microsoft.com/azure/container-registry/container-registry-api-deprecation, and the SDKs.
REGISTRY_VERSIONS = (
    "2019-05-01, 2019-12-01-preview, 2020-11-01-preview, 2021-06-01-preview, 2021-08-01-preview, 2021-09-01, "
    "2021-12-01-preview, 2022-02-01-preview, 2022-12-01, 2023-01-01-preview, 2023-06-01-preview, 2023-07-01, "
    "2023-08-01-preview, 2023-11-01-preview, 2024-11-01-preview, 2025-04-01, 2025-11-01"
)


class ResponseHeaders:
    """Adds them to the answers of one process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = itertools.count(1)

    def add(self, request: Request, answer: Response) -> Response:
        """Add to an answer what every answer has; what it brings itself stays."""
        serial = self._world.derive("request", str(next(self._count)))
        now = int(self._world.moment)  # of this request
        headers = COMMON | dated(now) | _ids(request, serial, now) | _remaining(request)
        if answer.headers.get("x-ms-failure-cause") != "gateway":
            service = request.path.lower().rpartition("/providers/")[2]
            for start, add in _SERVICES.items():
                if service.startswith(start):
                    headers |= add(request, answer, serial)
                    break
        return Response(answer.status, answer.body, headers | dict(answer.headers))


def _remaining(request: Request) -> Headers:
    """Say how many requests of this class may still be sent: all but this one."""
    kind = CLASSES.get(request.method, "writes")
    limit = LIMITS[kind]
    if not request.path.lower().startswith("/subscriptions/"):
        return {f"x-ms-ratelimit-remaining-tenant-{kind}": str(limit - 1)}
    return {
        f"x-ms-ratelimit-remaining-subscription-{kind}": str(limit - 1),
        f"x-ms-ratelimit-remaining-subscription-global-{kind}": str(limit * GLOBALLY - 1),
    }


@lru_cache(maxsize=8)
def dated(now: int) -> Headers:
    """The header that tells a virtual second; most answers come in the same one as the answer before."""
    return {"Date": f"{BEGINNING + timedelta(seconds=now):%a, %d %b %Y %H:%M:%S} GMT"}


@lru_cache(maxsize=8)
def _route(now: int) -> str:
    return f"WESTUS:{BEGINNING + timedelta(seconds=now):%Y%m%dT%H%M%SZ}"


def _ids(request: Request, serial: str, now: int) -> Headers:
    sent = request.headers
    ids = {
        "x-ms-request-id": serial,
        "x-ms-correlation-request-id": sent.get("x-ms-correlation-request-id") or serial,
        "x-ms-routing-request-id": f"{_route(now)}:{serial}",
    }
    own = sent.get("x-ms-client-request-id")
    wanted = sent.get("x-ms-return-client-request-id", "").lower() == "true"
    return ids | ({"x-ms-client-request-id": own} if own and wanted else {})


# -- what a service adds -----------------------------------------------------------------------------------------------


def _network(request: Request, answer: Response, serial: str) -> Headers:
    own = str(uuid.uuid5(uuid.UUID(serial), "service"))
    return {"Server": "Microsoft-HTTPAPI/2.0", "x-ms-arm-service-request-id": own}


def _private_dns(request: Request, answer: Response, serial: str) -> Headers:
    kind = CLASSES.get(request.method, "writes")
    headers = {
        "Cache-Control": "private",
        "Server": "Microsoft-IIS/10.0",
        "X-AspNet-Version": "4.0.30319",
        "X-Powered-By": "ASP.NET",
        "x-ms-ratelimit-remaining-subscription-resource-requests": "59999" if kind == "reads" else "11999",
    }
    etag = answer.body.get("etag") if isinstance(answer.body, Mapping) else None
    return headers | ({"ETag": str(etag)} if etag else {})


def _dns_resolver(request: Request, answer: Response, serial: str) -> Headers:
    left = "499" if CLASSES.get(request.method, "writes") == "reads" else "11999"
    own = str(uuid.uuid5(uuid.UUID(serial), "activity"))
    return {
        "Server": "Kestrel",
        "x-ms-activity-id": own,
        "x-ms-ratelimit-remaining-subscription-resource-requests": left,
    }


def _registry(request: Request, answer: Response, serial: str) -> Headers:
    return {"api-supported-versions": REGISTRY_VERSIONS}


def _compute(request: Request, answer: Response, serial: str) -> Headers:
    group, most, one = _COMPUTE_GROUPS.get(request.method, _COMPUTE_GROUPS["PUT"])
    left = f"Microsoft.Compute/{group}SubscriptionMaximum;{most},Microsoft.Compute/{group}Resource;{one}"
    return {"x-ms-ratelimit-remaining-resource": left}


def _storage(request: Request, answer: Response, serial: str) -> Headers:
    return {"Server": "Microsoft-Azure-Storage-Resource-Provider/1.0,Microsoft-HTTPAPI/2.0 Microsoft-HTTPAPI/2.0"}


_COMPUTE_GROUPS = {
    "GET": ("LowCostGet", 23999, 35),
    "PUT": ("UpdateVM", 1499, 11),
    "DELETE": ("DeleteVM", 1499, 11),
}
_SERVICES: dict[str, Callable[[Request, Response, str], Headers]] = {
    "microsoft.network/privatedns": _private_dns,
    "microsoft.network/dns": _dns_resolver,
    "microsoft.network/": _network,
    "microsoft.containerregistry/": _registry,
    "microsoft.compute/": _compute,
    "microsoft.storage/": _storage,
}

DEVIATIONS = (
    Deviation(
        of="Azure Resource Manager",
        what="`x-ms-ratelimit-remaining-…` always tells the full allowance less one: requests are not counted.",
        impact="A client that slows down by these headers never does, and no number of requests is answered with 429.",
        reason="Allowances differ by region, service and tenant, and no client of the lab acts on them.",
        workaround="Plant the throttling: `acrlab emulator fault add throttle`.",
    ),
)
