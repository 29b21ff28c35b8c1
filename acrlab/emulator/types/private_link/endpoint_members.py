"""An endpoint's interface when the members of its registry change, or when its maker fixes or frees its addresses.

A new region, or a login server for each region, wants an address in every endpoint's subnet: all of them get it, or
none does. Source: https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.container_registry.registry_members import NOT_REPLICATED, NoRoom, members
from acrlab.emulator.types.network.subnet import free_addresses, next_addresses
from acrlab.emulator.types.private_link.endpoint_parts import (
    configuration_of,
    members_missing,
    own_addresses,
    purpose_of,
)


def follow_members(state: State, registry: Resource) -> None:
    """Give every endpoint of a registry one address a member, and no more; those that it keeps stay as they are.

    Raises:
        NoRoom: a subnet has no free address; nothing has changed.
        ArmError: an endpoint has addresses that its maker chose, and none for a new member; nothing has changed.
    """
    wanted = members(state, registry)
    found = list(_endpoints(state, registry))
    for endpoint, interface in found:
        if endpoint.properties["ipConfigurations"] and (lacking := _lacking(interface, wanted)):
            raise _is_static(endpoint, lacking)
    _require_room(state, found, wanted)
    for endpoint, interface in found:
        if _fit(state, endpoint, interface, wanted):
            state.put(interface)
            state.put(endpoint)
            state.perform("endpoint_changed", endpoint)


def choose_again(state: State, endpoint: Resource, old: Resource) -> None:
    """Let an endpoint that is written again fix the addresses that it has, or let go of those that were chosen.

    Azure moves no address to another one that its maker names, as users found who tried it.
    Source: https://github.com/search?q=PrivateEndpointStaticIpMustMatchDynamicIpMapping&type=code

    Raises:
        ArmError: a member is left without an address, or is to get another one.
        NotEmulated: there is an address for what the endpoint does not lead to.
    """
    if own_addresses(endpoint) == own_addresses(old):
        return
    interface = state.get(ArmId.parse(endpoint.state["interface"]))
    if not endpoint.properties["ipConfigurations"]:
        _let_go(state, endpoint, interface)
        return
    _require_the_same(endpoint, old, _held(interface))
    for configuration in interface.properties["ipConfigurations"]:
        configuration["properties"]["privateIPAllocationMethod"] = "Static"
    state.put(interface)


def _let_go(state: State, endpoint: Resource, interface: Resource) -> None:
    """Find new addresses."""
    wanted = {p["requiredMemberName"]: p["fqdns"][0] for p in interface.state["members"].values()}
    subnet = state.get(ArmId.parse(endpoint.properties["subnet"]["id"]))
    addresses = next_addresses(state, subnet, len(wanted))
    parts = [configuration_of(state, endpoint, subnet, m, a) for m, a in zip(wanted, addresses, strict=True)]
    parts[0]["properties"]["primary"] = True
    interface.properties["ipConfigurations"] = parts
    interface.state["members"] = {c["name"]: purpose_of(m, h) for c, (m, h) in zip(parts, wanted.items(), strict=True)}
    state.put(interface)
    state.perform("endpoint_changed", endpoint)


def _held(interface: Resource) -> dict[str, str]:
    """Member -> address that it has now."""
    named: JSON = interface.state["members"]
    parts = interface.properties["ipConfigurations"]
    return {named[c["name"]]["requiredMemberName"]: c["properties"]["privateIPAddress"] for c in parts}


def _require_the_same(endpoint: Resource, old: Resource, held: dict[str, str]) -> None:
    """Refuse chosen addresses that are not those that the members have."""
    parts = [c["properties"] for c in endpoint.properties["ipConfigurations"]]
    chosen = {p["memberName"]: p["privateIPAddress"] for p in parts}
    missing = [member for member in held if member not in chosen]
    if chosen and missing:
        raise members_missing(endpoint, missing)
    if any(chosen.get(member, address) != address for member, address in held.items()):
        raise _stays(endpoint, fixed=bool(old.properties["ipConfigurations"]))
    if more := sorted(chosen.keys() - held.keys()):
        raise NotEmulated(f"an address for {', '.join(more)} of a private endpoint that exists")


def _stays(endpoint: Resource, *, fixed: bool) -> ArmError:
    """The refusal of another address; of the words the second sentence is the service's."""
    if fixed:
        code = "PrivateEndpointWithStaticIpConfigurationsCannotChangeIpAddress"
        reason = "User cannot change IP Addresses on these allocated IP configurations."
    else:
        code = "PrivateEndpointStaticIpMustMatchDynamicIpMapping"
        reason = (
            "Static Ip Configurations must have exact Ip address to membername mapping for dynamic Ip Configurations."
        )
    message = f"Private Endpoint {endpoint.id} has static ipconfigurations [{own_addresses(endpoint)}]. {reason}"
    return ArmError(400, code, message, details=[])


def _endpoints(state: State, registry: Resource) -> Iterator[tuple[Resource, Resource]]:
    """The endpoints of a registry, each with its interface."""
    for connection in state.children(registry.id, "privateEndpointConnections"):
        endpoint = state.find(connection.state["endpoint"])
        interface = state.find(endpoint.state["interface"]) if endpoint else None
        if endpoint and interface:
            yield endpoint, interface


def _lacking(interface: Resource, wanted: dict[str, str]) -> list[str]:
    held = {purpose["requiredMemberName"] for purpose in interface.state["members"].values()}
    return [member for member in wanted if member not in held]


def _require_room(state: State, found: list[tuple[Resource, Resource]], wanted: dict[str, str]) -> None:
    """Count before anything changes: several endpoints may stand in one subnet."""
    needed: Counter[str] = Counter()
    for endpoint, interface in found:
        needed[endpoint.properties["subnet"]["id"].lower()] += len(_lacking(interface, wanted))
    for id, count in needed.items():
        if len(free_addresses(state, state.get(ArmId.parse(id)), count)) < count:
            raise NoRoom


def _fit(state: State, endpoint: Resource, interface: Resource, wanted: dict[str, str]) -> bool:
    """Add the addresses that an interface lacks, drop those that it needs no more, and say whether that was any."""
    named: JSON = interface.state["members"]
    gone = [name for name, purpose in named.items() if purpose["requiredMemberName"] not in wanted]
    missing = _lacking(interface, wanted)
    held = [c for c in interface.properties["ipConfigurations"] if c["name"] not in gone]
    if missing:
        subnet = state.get(ArmId.parse(endpoint.properties["subnet"]["id"]))
        addresses = next_addresses(state, subnet, len(missing))
        held += [configuration_of(state, endpoint, subnet, m, a) for m, a in zip(missing, addresses, strict=True)]
    interface.properties["ipConfigurations"] = held
    for name in gone:
        del named[name]
    added = held[len(held) - len(missing) :]
    named |= {c["name"]: purpose_of(m, wanted[m]) for c, m in zip(added, missing, strict=True)}
    return bool(gone or missing)


def _is_static(endpoint: Resource, lacking: list[str]) -> ArmError:
    """The documented words for it; the page is the module's source."""
    wanted = "; ".join(f"GroupId: registry, MemberName: {member}, IpVersion: IPv4" for member in lacking)
    message = (
        f"{NOT_REPLICATED} Private Endpoint {endpoint.id} contains static ipconfigurations: "
        f"[{own_addresses(endpoint)}] and it's missing these membernames/groupids requested by Private Link service "
        f"[{wanted}]. Private Endpoint needs to be reconfigured with missing memberNames."
    )
    return ArmError(400, "BadRequest", message)


DEVIATIONS = (
    Deviation(
        of="Microsoft.Network/privateEndpoints",
        what="An endpoint that lets go of the addresses that were chosen for it gets others.",
        impact="On Azure it may keep them.",
        reason="Users report both; what has to be watched for, records that are written by hand, is seen here.",
        workaround="Read the addresses again after the update.",
    ),
    Deviation(
        of="Microsoft.Network/privateEndpoints",
        what="An endpoint that exists is refused another address in words whose second sentence alone is Azure's.",
        impact="The message may begin in another way; status and code are Azure's.",
        reason="Users who met the refusal quote its code and that sentence.",
        workaround="Look at the code.",
    ),
    Deviation(
        of="Microsoft.ContainerRegistry/registries/replications",
        what=(
            f"A full subnet makes a replica fail with `BadRequest` and `{NOT_REPLICATED}`, and the replica is removed;"
            " an endpoint with addresses of its own makes it fail in the documented words, and it stays, "
            "`Failed`."
        ),
        impact="The words for a full subnet may be others on Azure; which subnet it is they do not say there, either.",
        reason=(
            "The documentation says that a full subnet rolls the replication back without naming it, and has no text; "
            "users report that the replica of a registry with a static endpoint stays, and whether that is always so "
            "is not known."
        ),
        workaround="Count the free addresses of every subnet first; `acrlab doctor` does.",
    ),
    Deviation(
        of="Microsoft.ContainerRegistry/registries/replications",
        what="A new replica adds an address to the endpoints that there are, and their connections stay as they are.",
        impact="On Azure a connection may be pending until its owner approves it for the new replica.",
        reason=(
            "The documentation says that a connection is pending; users who watched it saw an approved connection stay "
            "approved, and the address and its record come by themselves."
        ),
        workaround="`az acr private-endpoint-connection list`, and approve what is pending.",
    ),
    Deviation(
        of="Microsoft.ContainerRegistry/registries",
        what="Regional endpoints that find a subnet full, or an endpoint with addresses of its own, are refused.",
        impact="On Azure the update may be accepted and fail later, in other words.",
        reason="The documentation says only that capacity has to be there before.",
        workaround="Count the free addresses of every subnet first; `acrlab doctor` does.",
    ),
)
