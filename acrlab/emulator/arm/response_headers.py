"""The headers that stand on every answer of Resource Manager: ids, time, what may still be asked, what a service adds.

The counts are shown and never enforced: a planted fault is what throttles. They live in memory, for each process.
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache

from acrlab.emulator.core.http import Request, Response
from acrlab.emulator.core.world import BEGINNING, World

Headers = dict[str, str]
COMMON = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Cache": "CONFIG_NOCACHE",
}
# Class of requests -> how many at once, and how many a second come back; the whole subscription has fifteen times that.
# Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
LIMITS = {"reads": (250, 25), "deletes": (200, 10), "writes": (200, 10)}
CLASSES = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
GLOBALLY = 15
# Source: https://learn.microsoft.com/azure/container-registry/container-registry-api-deprecation, and the SDKs.
REGISTRY_VERSIONS = (
    "2019-05-01, 2019-12-01-preview, 2020-11-01-preview, 2021-06-01-preview, 2021-08-01-preview, 2021-09-01, "
    "2021-12-01-preview, 2022-02-01-preview, 2022-12-01, 2023-01-01-preview, 2023-06-01-preview, 2023-07-01, "
    "2023-08-01-preview, 2023-11-01-preview, 2024-11-01-preview, 2025-04-01, 2025-11-01"
)


class Stamps:
    """Stamps the answers of one process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = itertools.count(1)
        self._buckets = Buckets()

    def stamp(self, request: Request, answer: Response) -> Response:
        """Add to an answer what every answer has; what it brings itself stays."""
        serial = self._world.derive("request", str(next(self._count)))
        now = self._world.now
        headers = COMMON | dated(int(now)) | _ids(request, serial, int(now)) | self._remaining(request, now)
        if answer.headers.get("x-ms-failure-cause") != "gateway":
            service = request.path.lower().rpartition("/providers/")[2]
            for start, add in _SERVICES.items():
                if service.startswith(start):
                    headers |= add(request, answer, serial)
                    break
        return Response(answer.status, answer.body, headers | dict(answer.headers))

    def _remaining(self, request: Request, now: float) -> Headers:
        kind = CLASSES.get(request.method, "writes")
        size, rate = LIMITS[kind]
        parts = request.path.lower().split("/", 3)
        if parts[1:2] != ["subscriptions"] or len(parts) < 3:
            left = self._buckets.take(kind, size, rate, now)
            return {f"x-ms-ratelimit-remaining-tenant-{kind}": str(left)}
        left = self._buckets.take(f"{parts[2]} {kind}", size, rate, now)
        all_left = self._buckets.take(f"{parts[2]} all {kind}", size * GLOBALLY, rate * GLOBALLY, now)
        return {
            f"x-ms-ratelimit-remaining-subscription-{kind}": str(left),
            f"x-ms-ratelimit-remaining-subscription-global-{kind}": str(all_left),
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


class Buckets:
    """How many requests are left of each kind: each takes one, and time brings them back."""

    def __init__(self) -> None:
        self._levels: dict[str, tuple[float, float]] = {}  # key -> level, and the virtual second of it
        self._lock = threading.Lock()

    def take(self, key: str, size: int, rate: float, now: float) -> int:
        """Take one and return how many are left. `rate`: how many come back in a virtual second."""
        with self._lock:
            level, since = self._levels.get(key, (float(size), now))
            full = size if now < since else min(float(size), level + (now - since) * rate)  # a world can be reset
            left = max(full - 1, 0.0)
            self._levels[key] = (left, now)
        return int(left)


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


def _registry(request: Request, answer: Response, serial: str) -> Headers:
    return {"api-supported-versions": REGISTRY_VERSIONS}


def _compute(request: Request, answer: Response, serial: str) -> Headers:
    group, most, one = _COMPUTE_GROUPS.get(request.method, _COMPUTE_GROUPS["PUT"])
    left = f"Microsoft.Compute/{group}SubscriptionMaximum;{most},Microsoft.Compute/{group}Resource;{one}"
    return {"x-ms-ratelimit-remaining-resource": left}


_COMPUTE_GROUPS = {
    "GET": ("LowCostGet", 23999, 35),
    "PUT": ("UpdateVM", 1499, 11),
    "DELETE": ("DeleteVM", 1499, 11),
}
_SERVICES: dict[str, Callable[[Request, Response, str], Headers]] = {
    "microsoft.network/privatedns": _private_dns,
    "microsoft.network/": _network,
    "microsoft.containerregistry/": _registry,
    "microsoft.compute/": _compute,
}

__all__ = ["Stamps", "dated"]
