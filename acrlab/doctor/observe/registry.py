"""Read a registry, and the private endpoints that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from acrlab.azure.cloud import (
    RESOURCES_VERSION,
    data_endpoint,
    login_server,
    region_name,
    regional_endpoint,
    regional_member,
)
from acrlab.doctor.observe.network import ids_of
from acrlab.doctor.observe.reader import Reader
from acrlab.lab.ownership import LAB
from acrlab.snapshot import Unseen
from acrlab.snapshot.registry import (
    Address,
    Endpoint,
    Registry,
    RegistryConnection,
    Replica,
    ZoneGroup,
    ZoneGroupTarget,
)

TASKS_VERSION = "2025-03-01-preview"
REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
ENDPOINT_TYPE = "Microsoft.Network/privateEndpoints"
INTERFACE_TYPE = "Microsoft.Network/networkInterfaces"
MOST_ASKED = 20  # endpoints that are asked for their zone groups: one request each


def see_registry(reader: Reader, given: str) -> tuple[Registry | None, tuple[str, ...]]:
    """Read a registry by its id, or by its name: from the lab's group, or else from wherever it is.

    Returns: the registry; where there is none of that name, the names of the registries that exist.
    """
    by_name = not given.startswith("/")
    found = reader.at("registry", reader.lab.id_of(REGISTRY_TYPE, given) if by_name else given)
    if found is not None or not by_name:
        return (_registry(reader, found) if found else None), ()
    refused, reader.unseen[:] = reader.unseen[:], []
    listed = reader.everywhere("registry", REGISTRY_TYPE)
    found = next((r for r in listed if r["name"].lower() == given.lower()), None)
    if found is not None:
        reader.unseen.clear()  # it is there, whatever else could not be listed
        return _registry(reader, found), ()
    missed = reader.unseen or refused or reader.reads_in_part("registry", REGISTRY_TYPE)
    reader.unseen[:] = [replace(one, what="registry") for one in missed]
    return None, tuple(sorted(r["name"] for r in listed))


def _registry(reader: Reader, found: dict[str, Any]) -> Registry:
    registry = registry_of(found, reader.members("replications", f"{found['id']}/replications") or [])
    return replace(registry, tasks=_tasks(reader, registry))


def registry_of(found: dict[str, Any], replications: Iterable[dict[str, Any]]) -> Registry:
    """Take a registry from Azure's JSON, and its replications from theirs."""
    properties, name, region = found["properties"], found["name"], region_name(found["location"])
    replicas = [
        Replica(region_name(r["location"]), r.get("properties", r).get("provisioningState", "")) for r in replications
    ]
    # A registry's own region is listed as a replication, too.
    others = tuple(sorted((r for r in replicas if r.region != region), key=lambda r: r.region))
    serving = (region, *(r.region for r in others if r.state != "Failed"))
    rules = properties.get("networkRuleSet") or {}
    tags = found.get("tags") or {}
    server = (properties.get("loginServer") or login_server(name)).lower()
    return Registry(
        id=found["id"],
        name=name,
        sku=found["sku"]["name"],
        region=region,
        state=properties.get("provisioningState", ""),
        login_server=server,
        public_access=properties.get("publicNetworkAccess") or "Enabled",
        default_action=rules.get("defaultAction", "Allow"),
        ip_rules=tuple(rule["value"] for rule in rules.get("ipRules") or []),
        bypass=properties.get("networkRuleBypassOptions") or "AzureServices",
        replicas=others,
        connections=tuple(_connection(c) for c in properties.get("privateEndpointConnections") or []),
        data_hosts=tuple(data_endpoint(server, r) for r in serving),
        of_lab=LAB in tags,
        subnet_rules=tuple(r["virtualNetworkSubnetResourceId"] for r in rules.get("virtualNetworkRules") or []),
        role_mode=properties.get("roleAssignmentMode") or "LegacyRegistryPermissions",
        tasks_pass=bool(properties.get("networkRuleBypassAllowedForTasks")),
        regional_hosts=tuple(h.lower() for h in properties.get("regionalEndpointHostNames") or []),
    )


def with_regional_hosts(registry: Registry, endpoints: Iterable[Endpoint]) -> Registry:
    """Add the hosts of single regions, which the api-version that is read does not show: endpoints have their members.

    One endpoint with one of them tells that they are on, and then every region has one.
    """
    regions = (registry.region, *(r.region for r in registry.replicas if r.state != "Failed"))
    held = {a.member for e in endpoints for a in e.addresses}
    if registry.regional_hosts or not held & {regional_member(region) for region in regions}:
        return registry
    return replace(registry, regional_hosts=tuple(regional_endpoint(registry.login_server, r) for r in regions))


def _tasks(reader: Reader, registry: Registry) -> tuple[str, ...]:
    """Read the tasks with an identity of their own; of a registry that lets them in they are not asked for."""
    is_open = registry.public_access == "Enabled" and registry.default_action == "Allow"
    if registry.tasks_pass or is_open:
        return ()
    path = f"{registry.id}/tasks"
    found = reader.tried("tasks", path, lambda: reader.lab.arm.get_all(path, TASKS_VERSION)) or []
    own = (one for one in found if "SystemAssigned" in (one.get("identity") or {}).get("type", ""))
    return tuple(sorted(one["name"] for one in own))


def _connection(found: dict[str, Any]) -> RegistryConnection:
    properties = found["properties"]
    state = properties.get("privateLinkServiceConnectionState") or {}
    asker = (properties.get("privateEndpoint") or {}).get("id", "")
    return RegistryConnection(
        found["id"], found["name"], asker, state.get("status", ""), state.get("description") or ""
    )


def endpoints_to(reader: Reader, registry: str, known: Iterable[str]) -> tuple[Endpoint, ...]:
    """Read every private endpoint whose target has this id, with its addresses.

    Args:
        known: ids of endpoints to try, where this identity may not list them.
    """
    listed = reader.everywhere("endpoints", ENDPOINT_TYPE, known)
    ours = [e for e in listed if any(_target(r) == registry.lower() for r in _asked(e))]
    if not ours:
        return ()
    held = [i["id"] for e in ours for i in e["properties"].get("networkInterfaces") or []]
    return endpoints_of(ours, reader.everywhere("interfaces", INTERFACE_TYPE, held))


def endpoints_of(listed: Iterable[dict[str, Any]], interfaces: Iterable[dict[str, Any]]) -> tuple[Endpoint, ...]:
    """Take endpoints from Azure's JSON, and their addresses from that of their interfaces."""
    addresses = {i["id"].lower(): tuple(_addresses(i)) for i in interfaces}
    return tuple(sorted((_endpoint(e, addresses) for e in listed if _asked(e)), key=lambda e: e.id.lower()))


def with_zone_groups(
    reader: Reader, endpoints: Iterable[Endpoint], networks: Iterable[str], recorded: Callable[[], Collection[str]]
) -> tuple[Endpoint, ...]:
    """Read the zone groups of the endpoints in these networks.

    Azure has no list of all zone groups: each endpoint costs one request, so that only those are asked for that can
    serve the caller, and of very many those that most likely do. A registry may have a thousand.

    Args:
        recorded: finds the addresses that zones lead to; called only where there are very many.
    """
    endpoints, ids = tuple(endpoints), {id.lower() for id in networks}
    near = [e for e in endpoints if e.network.lower() in ids]
    if len(near) > MOST_ASKED:
        near = _likeliest(near, recorded())
        reason = f"{MOST_ASKED} of {len(near)} endpoints near the clients were asked, those with records first"
        reader.unseen.append(Unseen("other zone-groups", near[0].target, "", reason))
    asked = {e.id for e in near[:MOST_ASKED]}
    return tuple(replace(e, zone_groups=_zone_groups(reader, e.id)) if e.id in asked else e for e in endpoints)


def _likeliest(endpoints: Iterable[Endpoint], recorded: Collection[str]) -> list[Endpoint]:
    """Put those first that records lead to, and of them those that are approved."""

    def likely(endpoint: Endpoint) -> tuple[bool, bool]:
        return any(a.address in recorded for a in endpoint.addresses), endpoint.status == "Approved"

    return sorted(endpoints, key=likely, reverse=True)


def _asked(endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """List the connections that an endpoint requests, automatic and manual."""
    properties = endpoint["properties"]
    kinds = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
    return [
        request["properties"] | {"name": request["name"]} for kind in kinds for request in properties.get(kind) or []
    ]


def _target(request: dict[str, Any]) -> str:
    return str(request.get("privateLinkServiceId") or "").lower()


def _addresses(interface: dict[str, Any]) -> Iterable[Address]:
    for configuration in interface["properties"].get("ipConfigurations") or []:
        purpose = configuration["properties"].get("privateLinkConnectionProperties")
        if purpose:
            host = (purpose.get("fqdns") or [""])[0].lower()
            member = purpose.get("requiredMemberName") or ""
            yield Address(member, host, configuration["properties"].get("privateIPAddress") or "")


def _endpoint(found: dict[str, Any], addresses: dict[str, tuple[Address, ...]]) -> Endpoint:
    properties, asked = found["properties"], _asked(found)[0]
    state = asked.get("privateLinkServiceConnectionState") or {}
    held = (a for i in properties.get("networkInterfaces") or [] for a in addresses.get(i["id"].lower(), ()))
    subnet = properties["subnet"]["id"]
    return Endpoint(
        id=found["id"],
        name=found["name"],
        location=found["location"],
        state=properties.get("provisioningState", ""),
        network=subnet.rpartition("/subnets/")[0],
        subnet=subnet,
        target=asked["privateLinkServiceId"],
        members=tuple(asked.get("groupIds") or ()),
        status=state.get("status", ""),
        manual=bool(properties.get("manualPrivateLinkServiceConnections")),
        connection_name=asked["name"],
        addresses=tuple(sorted(held, key=lambda a: (len(a.member), a.member))),
        zone_groups=None,
        static=bool(properties.get("ipConfigurations")),
        application_groups=ids_of(properties.get("applicationSecurityGroups")),
    )


def _zone_groups(reader: Reader, endpoint: str) -> tuple[ZoneGroup, ...] | None:
    listed = reader.members("zone-groups", f"{endpoint}/privateDnsZoneGroups")
    if listed is None:
        return None
    return tuple(
        ZoneGroup(g["id"], g["name"], tuple(_written(c) for c in g["properties"].get("privateDnsZoneConfigs") or []))
        for g in listed
    )


def _written(configuration: dict[str, Any]) -> ZoneGroupTarget:
    properties = configuration["properties"]
    hosts = tuple(r["fqdn"].lower().rstrip(".") for r in properties.get("recordSets") or [] if r.get("fqdn"))
    return ZoneGroupTarget(properties["privateDnsZoneId"], hosts)


def unregistered(reader: Reader, registry: Registry, endpoints: Iterable[Endpoint]) -> tuple[str, ...]:
    """Name the subscriptions, other than the registry's, where an endpoint waits and registries may not be used."""
    own, waiting = registry.id.split("/")[2].lower(), {c.endpoint.lower() for c in registry.connections if _waits(c)}
    places = sorted({e.id.split("/")[2].lower() for e in endpoints if e.id.lower() in waiting} - {own})
    return tuple(place for place in places if not _has_provider(reader, place))


def _waits(connection: RegistryConnection) -> bool:
    return connection.status == "Pending"


def _has_provider(reader: Reader, subscription: str) -> bool:
    """Say whether a subscription may use registries; what cannot be read counts as yes."""
    path = f"/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry"
    found = reader.tried("providers", path, lambda: reader.lab.arm.get(path, RESOURCES_VERSION))
    return found is None or found["registrationState"] in ("Registered", "Registering")
