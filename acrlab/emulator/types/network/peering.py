"""Microsoft.Network/virtualNetworks/virtualNetworkPeerings: one half of what lets two networks reach each other.

Each network has its own half. The first is `Initiated`; with the second both are `Connected`; when one goes, or its
network, the other stays behind as `Disconnected`, still counts, and has to be written or deleted before there can be
a new pair.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Only, ref
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.core.schema import ResourceType, Versioned, references_exist
from acrlab.emulator.core.values import Field, Flag
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.network_space import (
    CONNECTED,
    DISCONNECTED,
    INITIATED,
    NETWORK_TYPE,
    PEERING_TYPE,
    PEERINGS,
    common,
    counterpart,
    local_of,
    remote_of,
    space_of,
)
from acrlab.emulator.types.network.part import not_found
from acrlab.emulator.types.polling import NETWORK, NETWORK_DELETE

SYNC = "syncremoteaddressspace"  # query parameter of a PUT: know the remote network's addresses as they are now
MORE = "For more information please refer to https://aka.ms/VnetPeeringInfo"


# -- what is refused ---------------------------------------------------------------------------------------------------


def remote_stays(state: State, peering: Resource, old: Resource | None) -> None:
    """A peering belongs to one remote network for good. The service's own words are not known; these are ours."""
    if old is not None and remote_of(old).lower() != remote_of(peering).lower():
        message = f"The remote virtual network of peering {peering.id} cannot be changed from {remote_of(old)}."
        raise ArmError(400, "RemoteVirtualNetworkCannotBeChanged", message, details=[])


def one_peering_for_a_pair(state: State, peering: Resource, old: Resource | None) -> None:
    """A network refers to another one once."""
    remote = remote_of(peering)
    for other in state.children(local_of(peering), PEERINGS):
        if other.id.key != peering.id.key and remote_of(other).lower() == remote.lower():
            message = (
                f"Peering {other.id} already references remote virtual network {remote}. Cannot add another peering "
                f"{peering.id} referencing the same remote virtual network."
            )
            raise ArmError(400, "AnotherPeeringAlreadyReferencesRemoteVnet", message, details=[])


def other_half_is_not_left_over(state: State, peering: Resource, old: Resource | None) -> None:
    """What a deleted peering left behind at the other end has to be written again first, or deleted."""
    other = counterpart(state, peering)
    if other is not None and other.state["peering"] == DISCONNECTED:
        message = (
            f"Cannot create or update peering {peering.id} because remote peering {other.id} referencing parent "
            "virtual network is in Disconnected state. Update or re-create the remote peering to get it back to "
            "Initiated state. Peering gets Disconnected when remote vnet or remote peering is deleted and re-created."
        )
        raise ArmError(400, "RemotePeeringIsDisconnected", message, details=[])


def spaces_are_apart(state: State, peering: Resource, old: Resource | None) -> None:
    """An address means one place: in both networks together, and in those that are peered with either."""
    if old is not None and old.state["peering"] != DISCONNECTED and not _syncs(peering):
        return  # what has passed once is watched where address spaces change
    local, remote = state.get(local_of(peering)), state.find(remote_of(peering))
    assert remote is not None  # `references_exist` has seen it
    refused = f"Cannot create or update peering {peering.id}. Virtual networks {local.id} and {remote.id} cannot be "
    if shared := common(space_of(local), space_of(remote)):
        message = f"{refused}peered because their address spaces overlap. Overlapping address prefixes: "
        raise ArmError(400, "VnetAddressSpacesOverlap", f"{message}{', '.join(shared)}. {MORE}", details=[])
    for first, second in ((local, remote), (remote, local)):
        for third in state.children(second.id, PEERINGS):
            shared = common(space_of(first), third.state["synced"]) if remote_of(third).lower() != first.id.key else []
            if shared:
                message = (
                    f"{refused}peered because address space of the first virtual network overlaps with address space "
                    f"of virtual network {remote_of(third)} already peered with the second virtual network. "
                    f"Overlapping address prefixes: {', '.join(shared)}. {MORE}"
                )
                raise ArmError(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", message, details=[])


def space_suits_peers(state: State, network: Resource, old: Resource | None) -> None:
    """A peered network may grow and shrink, but not into the addresses of a peer. The words are ours."""
    for half in state.children(network.id, PEERINGS):
        if shared := common(space_of(network), half.state["synced"]):
            message = (
                f"Address space of virtual network {network.id} cannot be updated because it overlaps with that of "
                f"{remote_of(half)}, with which it is peered by {half.id}. Overlapping address prefixes: "
                f"{', '.join(shared)}."
            )
            raise ArmError(400, "VnetAddressSpacesOverlap", message, details=[])


# -- the life of a pair ------------------------------------------------------------------------------------------------


def initiate(state: State, peering: Resource, old: Resource | None) -> None:
    """A new half, or one that was left behind, waits for the other; an old one keeps what it knows until it is told.

    Where the other is there both are connected from the answer on, as recorded in test_network_vnet_peering of
    https://github.com/Azure/azure-cli/tree/dev/src/azure-cli/azure/cli/command_modules/network/tests/latest/recordings
    """
    # A network that is written back as it was read leaves its halves as they are.
    left_behind = peering.state.get("peering") == DISCONNECTED and "asked" in peering.state
    begins = left_behind or "peering" not in peering.state
    if begins:
        peering.state["peering"] = INITIATED
    if begins or _syncs(peering):
        _learn(state, peering)
    peering.state.pop("asked", None)
    _connect(state, peering)


def _connect(state: State, peering: Resource) -> None:
    """With the second half both are connected."""
    other = counterpart(state, peering)
    if other is None or peering.state["peering"] != INITIATED or other.state["peering"] != INITIATED:
        return
    for half in (peering, other):
        half.state["peering"] = CONNECTED
        _learn(state, half)
    state.settle(other, other.phase)


def disconnect(state: State, peering: Resource) -> None:
    """The half at the other end is left behind."""
    other = counterpart(state, peering)
    if other is not None:
        leave_behind(state, other)


def leave_behind(state: State, peering: Resource) -> None:
    peering.state["peering"] = DISCONNECTED
    state.settle(peering, peering.phase)


def _syncs(peering: Resource) -> bool:
    return bool(peering.state.get("asked", {}).get(SYNC, "").lower() == "true")


def _learn(state: State, peering: Resource) -> None:
    """Take note of the remote network's addresses as they are now."""
    remote = state.find(remote_of(peering))
    if remote is not None:
        peering.state["synced"] = list(space_of(remote))


# -- what is shown -----------------------------------------------------------------------------------------------------


def sync_level(state: State, peering: Resource) -> str:
    """Tell whether each end knows the other's addresses as they are.

    Local is what this half knows of the remote network, remote what the other half knows of this one.
    """
    other, remote = counterpart(state, peering), state.find(remote_of(peering))
    if other is None or remote is None or peering.state["peering"] != CONNECTED:
        return "RemoteNotInSync"
    stale = [
        word
        for word, half, network in (("Local", peering, remote), ("Remote", other, state.get(local_of(peering))))
        if half.state["synced"] != space_of(network)
    ]
    return f"{'And'.join(stale)}NotInSync" if stale else "FullyInSync"


def remote_space(state: State, peering: Resource) -> JSON:
    """What this half knows."""
    return {"addressPrefixes": peering.state["synced"]}


def remote_space_now(state: State, peering: Resource) -> JSON:
    remote = state.find(remote_of(peering))
    return {"addressPrefixes": space_of(remote) if remote else peering.state["synced"]}


def local_space(state: State, peering: Resource) -> JSON:
    return {"addressPrefixes": space_of(state.get(local_of(peering)))}


def shared_guid(state: State, peering: Resource) -> str:
    """Both halves show the same."""
    return state.derive("peering", *sorted((local_of(peering).key, remote_of(peering).lower())))


PEERING = ResourceType(
    type=PEERING_TYPE,
    source="https://learn.microsoft.com/rest/api/virtualnetwork/virtual-network-peerings/create-or-update",
    versions=api_versions.NETWORK,
    name=NETWORK_NAME,
    envelope={},
    properties={
        "remoteVirtualNetwork": Field(ref(NETWORK_TYPE), required=True),
        "allowVirtualNetworkAccess": Field(Flag(), default=True),
        "allowForwardedTraffic": Field(Flag(), default=False, inert=True),
        "allowGatewayTransit": Field(Flag(), default=False, inert=True),
        "useRemoteGateways": Field(Only(False), default=False),
        "doNotVerifyRemoteGateways": Field(Flag(), default=False, inert=True, since="2020-11-01"),
        "peerCompleteVnets": Field(Only(True), default=True, since="2021-02-01"),
        "enableOnlyIPv6Peering": Field(Only(False), default=False, since="2023-11-01"),
    },
    read_only=("remoteBgpCommunities", "remoteVirtualNetworkEncryption"),
    computed={
        "resourceGuid": Versioned(shared_guid, since="2020-08-01"),
        "peeringState": lambda state, peering: peering.state["peering"],
        "peeringSyncLevel": Versioned(sync_level, since="2021-02-01"),
        "remoteAddressSpace": remote_space,
        "remoteVirtualNetworkAddressSpace": Versioned(remote_space_now, since="2021-02-01"),
        "routeServiceVips": lambda state, peering: {},
        "localAddressSpace": Versioned(local_space, since="2023-11-01"),
        "localVirtualNetworkAddressSpace": Versioned(local_space, since="2023-11-01"),
    },
    rules=(
        references_exist("remoteVirtualNetwork"),
        remote_stays,
        one_peering_for_a_pair,
        other_half_is_not_left_over,
        spaces_are_apart,
    ),
    asked=(SYNC,),
    on_put=initiate,
    on_delete=disconnect,
    polling={"PUT": NETWORK, "DELETE": NETWORK_DELETE},
    seconds={"PUT": 10, "DELETE": 10},
    verbs=("GET", "PUT", "DELETE", "LIST"),
    etag="quoted",
    missing=not_found,
)

DEVIATIONS = (
    Deviation(
        of=PEERING_TYPE,
        what="A network that is written back with its peerings leaves a disconnected one as it is.",
        impact="It has to be written by itself, or deleted, before there can be a new pair.",
        reason="Whether a write of the whole network brings it back to `Initiated` is not documented; this is harder.",
        workaround="Write or delete the peering itself.",
    ),
    Deviation(
        of=PEERING_TYPE,
        what="Networks of two tenants cannot be peered.",
        impact="Azure takes it from a caller who brings a token of each tenant.",
        reason="Auxiliary tokens are not read.",
        workaround="Put both subscriptions into one tenant.",
    ),
    Deviation(
        of=PEERING_TYPE,
        what="`useRemoteGateways`, peerings of single subnets and peerings of IPv6 alone are refused as not emulated.",
        impact="A hub with a VPN gateway cannot be built.",
        reason="Neither gateways nor IPv6 are emulated.",
        workaround="Leave them out: a private endpoint in the hub needs none of them.",
    ),
)
