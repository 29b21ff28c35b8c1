"""The host names that registries answer on, and whose each is: login servers, data endpoints, storage account.

A layer is served from the data endpoint as soon as the registry has one, and else from the storage account that Azure
keeps behind it. Source: https://learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints
"""

from __future__ import annotations

import re

from acrlab.azure.cloud import REGISTRY_SUFFIX, data_endpoint
from acrlab.emulator.core.http import INTERNET, Vantage
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.world import World
from acrlab.emulator.types.container_registry.registry_members import members, regions, storage_account_of
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE, server_of

STORAGE_SUFFIX = "blob.core.windows.net"
_LOGIN = re.compile(rf"(?P<name>[a-z0-9]+)(-[a-z0-9]+)?(\.[a-z0-9]+\.(data|geo))?\.{re.escape(REGISTRY_SUFFIX)}")
_STORAGE = re.compile(rf"acrlab[0-9a-f]{{8}}\.{re.escape(STORAGE_SUFFIX)}")


def is_registry_host(host: str) -> bool:
    """Tell whether a name has the form of a registry's login server, regional or data endpoint, or storage account."""
    return bool(_LOGIN.fullmatch(host.lower()) or is_storage_host(host))


def is_data_endpoint(host: str) -> bool:
    return host.endswith(f".data.{REGISTRY_SUFFIX}")


def is_regional(host: str) -> bool:
    """Tell whether a name is that of one region's login server."""
    return host.endswith(f".geo.{REGISTRY_SUFFIX}")


def is_storage_host(host: str) -> bool:
    return bool(_STORAGE.fullmatch(host.lower()))


def owner_of_host(world: World, host: str) -> Resource | None:
    """Return the registry that answers on a name; None: no registry does."""
    host = host.lower()
    if match := _LOGIN.fullmatch(host):
        return next((r for r in world.named(REGISTRY_TYPE, match["name"]) if host in members(world, r).values()), None)
    if is_storage_host(host):
        # Nothing but a redirect leads here, so this is rare enough to look through all of them.
        return next((r for r in world.of_type(REGISTRY_TYPE) if storage_host(world, r) == host), None)
    return None


def storage_host(world: World, registry: Resource) -> str:
    """Name the storage account that holds a registry's layers, e.g. `acrlab1c3f09ab.blob.core.windows.net`."""
    return f"{storage_account_of(world, registry)}.{STORAGE_SUFFIX}"


def layer_host(world: World, registry: Resource, vantage: Vantage = INTERNET, *, asked: str = "") -> str:
    """Name the host that a request for a layer is sent on to.

    Args:
        asked: the host that was asked for it; a regional one sends every caller on to its own region.
    """
    if has_data_endpoint(world, registry):
        own = asked.split(".")[1] if is_regional(asked) else ""
        return data_endpoint(server_of(registry), own or serving_region(world, registry, vantage))
    return storage_host(world, registry)


def serving_region(world: World, registry: Resource, vantage: Vantage) -> str:
    """Return the caller's own region where a replica serves it, and else the registry's first that takes requests.

    Source: https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication
    """
    replicas = world.children(registry.id, "replications")
    closed = {r.location for r in replicas if not r.properties["regionEndpointEnabled"]}
    taking = [region for region in regions(world, registry) if region not in closed] or [registry.location]
    network = world.find(vantage.network) if vantage.network else None
    return network.location if network and network.location in taking else taking[0]


def has_data_endpoint(state: State, registry: Resource) -> bool:
    """Tell whether data endpoints are on. The first private endpoint switches them on without `dataEndpointEnabled`."""
    enabled = bool(registry.properties["dataEndpointEnabled"])
    return enabled or bool(state.children(registry.id, "privateEndpointConnections"))
