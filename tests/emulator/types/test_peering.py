"""Peerings through the SDK's own client: two halves, their states, and what is refused."""

import json

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

LOCATED = {"location": "westus"}


@pytest.fixture
def network(cloud):
    for name, prefix in (("hub", "10.0.0.0/16"), ("spoke", "10.1.0.0/16"), ("far", "10.2.0.0/16")):
        space(cloud.network, name, prefix)
    return cloud.network


def space(network, name, *prefixes):
    body = {**LOCATED, "properties": {"addressSpace": {"addressPrefixes": list(prefixes)}}}
    return network.virtual_networks.begin_create_or_update("g", name, body).result()


def peer(network, local, remote, name="", **more):
    far = network.virtual_networks.get("g", remote).id
    body = {"properties": {"remoteVirtualNetwork": {"id": far}, "allowVirtualNetworkAccess": True, **more}}
    calls = network.virtual_network_peerings
    return calls.begin_create_or_update("g", local, name or f"to-{remote}", body).result()


def both(network, local="hub", remote="spoke"):
    peer(network, local, remote)
    peer(network, remote, local)


def state(network, local, remote):
    found = network.virtual_network_peerings.get("g", local, f"to-{remote}")
    return found.peering_state, found.peering_sync_level


def message(call):
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.status_code, caught.value.error.code, caught.value.error.message


def test_the_first_half_waits_and_the_second_connects_both(network):
    first = peer(network, "hub", "spoke")

    assert (first.peering_state, first.peering_sync_level) == ("Initiated", "RemoteNotInSync")
    second = peer(network, "spoke", "hub")
    assert (second.peering_state, second.peering_sync_level) == ("Connected", "FullyInSync")
    assert state(network, "hub", "spoke") == ("Connected", "FullyInSync")
    assert second.remote_address_space.address_prefixes == ["10.0.0.0/16"]
    assert second.resource_guid == first.resource_guid
    assert second.provisioning_state == "Succeeded"


def test_access_is_allowed_where_the_request_does_not_say(network):
    far = network.virtual_networks.get("g", "spoke").id
    body = {"properties": {"remoteVirtualNetwork": {"id": far}}}

    made = network.virtual_network_peerings.begin_create_or_update("g", "hub", "p", body).result()

    assert made.allow_virtual_network_access is True
    assert (made.allow_forwarded_traffic, made.allow_gateway_transit, made.use_remote_gateways) == (False,) * 3


def test_the_network_shows_its_halves_and_a_list_has_them(network):
    both(network)

    shown = network.virtual_networks.get("g", "hub").virtual_network_peerings

    assert [(p.name, p.peering_state) for p in shown] == [("to-spoke", "Connected")]
    assert [p.name for p in network.virtual_network_peerings.list("g", "hub")] == ["to-spoke"]


def test_a_network_that_is_written_back_as_it_was_read_keeps_its_peerings(network):
    both(network)
    hub = network.virtual_networks.get("g", "hub")

    network.virtual_networks.begin_create_or_update("g", "hub", hub).result()

    assert state(network, "hub", "spoke") == ("Connected", "FullyInSync")


def test_a_network_that_is_written_back_leaves_a_disconnected_half_as_it_is(network):
    both(network)
    network.virtual_network_peerings.begin_delete("g", "spoke", "to-hub").result()
    hub = network.virtual_networks.get("g", "hub")

    network.virtual_networks.begin_create_or_update("g", "hub", hub).result()

    assert state(network, "hub", "spoke")[0] == "Disconnected"


def test_halves_come_inline_with_their_network(network):
    far = network.virtual_networks.get("g", "spoke").id
    half = {"name": "to-spoke", "properties": {"remoteVirtualNetwork": {"id": far}}}
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "virtualNetworkPeerings": [half]}
    peer(network, "spoke", "hub")

    network.virtual_networks.begin_create_or_update("g", "hub", {**LOCATED, "properties": space}).result()

    assert state(network, "hub", "spoke") == ("Connected", "FullyInSync")
    space["virtualNetworkPeerings"] = []
    network.virtual_networks.begin_create_or_update("g", "hub", {**LOCATED, "properties": space}).result()
    assert state(network, "spoke", "hub")[0] == "Disconnected"


def test_a_network_that_is_written_without_peerings_keeps_them(network):
    both(network)

    space(network, "hub", "10.0.0.0/16")

    assert state(network, "hub", "spoke") == ("Connected", "FullyInSync")


def test_deleting_one_half_leaves_the_other_disconnected(network):
    both(network)

    network.virtual_network_peerings.begin_delete("g", "hub", "to-spoke").result()

    assert state(network, "spoke", "hub")[0] == "Disconnected"
    with pytest.raises(ResourceNotFoundError):
        network.virtual_network_peerings.get("g", "hub", "to-spoke")


def test_what_is_left_over_has_to_be_written_again_first(network):
    both(network)
    network.virtual_network_peerings.begin_delete("g", "hub", "to-spoke").result()

    status, code, text = message(lambda: peer(network, "hub", "spoke"))

    assert (status, code) == (400, "RemotePeeringIsDisconnected")
    assert "remote peering /subscriptions/" in text
    assert "spoke/virtualNetworkPeerings/to-hub referencing parent virtual network is in Disconnected state." in text
    assert peer(network, "spoke", "hub").peering_state == "Initiated"
    assert peer(network, "hub", "spoke").peering_state == "Connected"


@pytest.mark.parametrize("way", ["network", "group"])
def test_a_network_that_goes_leaves_the_other_half_disconnected(cloud, network, way):
    cloud.resources.resource_groups.create_or_update("other", LOCATED)
    body = {**LOCATED, "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}}
    there = network.virtual_networks.begin_create_or_update("other", "apart", body).result()
    here = network.virtual_networks.get("g", "hub")
    for group, name, far in (("g", "hub", there), ("other", "apart", here)):
        half = {"properties": {"remoteVirtualNetwork": {"id": far.id}}}
        network.virtual_network_peerings.begin_create_or_update(group, name, "half", half).result()

    if way == "network":
        network.virtual_networks.begin_delete("other", "apart").result()
    else:
        cloud.resources.resource_groups.begin_delete("other").result()

    assert network.virtual_network_peerings.get("g", "hub", "half").peering_state == "Disconnected"


def test_overlapping_address_spaces_are_refused_with_the_prefixes_that_overlap(network):
    space(network, "same", "10.0.3.0/24", "10.7.0.0/16")

    status, code, text = message(lambda: peer(network, "same", "hub"))

    assert (status, code) == (400, "VnetAddressSpacesOverlap")
    assert "cannot be peered because their address spaces overlap. Overlapping address prefixes: 10.0.3.0/24." in text


def test_a_spoke_that_overlaps_with_another_spoke_is_refused_even_by_a_half_that_is_left_over(network):
    both(network)
    space(network, "twin", "10.1.4.0/24")
    network.virtual_networks.begin_delete("g", "spoke").result()

    status, code, text = message(lambda: peer(network, "twin", "hub"))

    assert (status, code) == (400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet")
    assert "overlaps with address space of virtual network" in text
    assert "spoke already peered with the second virtual network. Overlapping address prefixes: 10.1.4.0/24." in text


def test_a_pair_has_one_peering_in_each_direction(network):
    peer(network, "hub", "spoke")

    status, code, text = message(lambda: peer(network, "hub", "spoke", "again"))

    assert (status, code) == (400, "AnotherPeeringAlreadyReferencesRemoteVnet")
    assert "Cannot add another peering" in text


def test_a_remote_network_that_does_not_exist_is_refused(network, refused):
    gone = network.virtual_networks.get("g", "far").id.replace("far", "gone")
    body = {"properties": {"remoteVirtualNetwork": {"id": gone}}}

    call = network.virtual_network_peerings.begin_create_or_update

    assert refused(lambda: call("g", "hub", "p", body)) == (400, "InvalidResourceReference")


def test_a_half_stays_with_its_remote_network(network, refused):
    peer(network, "hub", "spoke", "p")

    assert refused(lambda: peer(network, "hub", "far", "p"))[0] == 400


def test_new_addresses_are_known_at_the_other_end_after_a_sync(network):
    both(network)
    space(network, "hub", "10.0.0.0/16", "10.5.0.0/16")

    assert state(network, "hub", "spoke") == ("Connected", "RemoteNotInSync")
    assert state(network, "spoke", "hub") == ("Connected", "LocalNotInSync")
    half = network.virtual_network_peerings.get("g", "spoke", "to-hub")
    assert half.remote_address_space.address_prefixes == ["10.0.0.0/16"]
    assert half.remote_virtual_network_address_space.address_prefixes == ["10.0.0.0/16", "10.5.0.0/16"]

    calls = network.virtual_network_peerings
    calls.begin_create_or_update("g", "spoke", "to-hub", half).result()
    assert state(network, "spoke", "hub") == ("Connected", "LocalNotInSync")
    calls.begin_create_or_update("g", "spoke", "to-hub", half, sync_remote_address_space="true").result()

    assert state(network, "spoke", "hub") == ("Connected", "FullyInSync")
    assert state(network, "hub", "spoke") == ("Connected", "FullyInSync")


def test_a_network_does_not_grow_into_its_peer(network, refused):
    both(network)

    assert refused(lambda: space(network, "hub", "10.0.0.0/15")) == (400, "VnetAddressSpacesOverlap")


def test_gateways_and_single_subnets_are_not_emulated(network, refused):
    assert refused(lambda: peer(network, "hub", "spoke", useRemoteGateways=True)) == (501, "NotEmulated")
    assert refused(lambda: peer(network, "hub", "spoke", peerCompleteVnets=False)) == (501, "NotEmulated")


def test_deleting_what_is_not_there_is_no_error(network):
    network.virtual_network_peerings.begin_delete("g", "hub", "gone").result()


def test_a_half_is_made_by_an_operation_that_takes_its_time(cloud, network):
    far = network.virtual_networks.get("g", "spoke").id
    body = {"properties": {"remoteVirtualNetwork": {"id": far}}}
    answers, began = [], cloud.world.now

    poller = network.virtual_network_peerings.begin_create_or_update(
        "g", "hub", "p", body, raw_response_hook=lambda r: answers.append(r.http_response)
    )

    first = json.loads(answers[0].text())
    assert (answers[0].status_code, first["properties"]["provisioningState"]) == (201, "Updating")
    assert "/locations/" in answers[0].headers["Azure-AsyncOperation"]
    assert poller.result().provisioning_state == "Succeeded"
    assert cloud.world.now - began >= 10


def test_the_second_half_is_connected_from_its_first_answer_on(network):
    peer(network, "hub", "spoke")
    far = network.virtual_networks.get("g", "hub").id
    body, answers = {"properties": {"remoteVirtualNetwork": {"id": far}}}, []

    network.virtual_network_peerings.begin_create_or_update(
        "g", "spoke", "to-hub", body, raw_response_hook=lambda r: answers.append(r.http_response)
    ).result()

    told = json.loads(answers[0].text())["properties"]
    assert (told["provisioningState"], told["peeringState"], told["peeringSyncLevel"]) == (
        "Updating",
        "Connected",
        "FullyInSync",
    )
    assert state(network, "hub", "spoke") == ("Connected", "FullyInSync")


def test_whole_networks_are_peered_at_older_api_versions_too(cloud, network):
    both(network)
    id = network.virtual_network_peerings.get("g", "hub", "to-spoke").id

    shown = cloud.resources.resources.get_by_id(id, api_version="2021-03-01").properties

    assert (shown["peerCompleteVnets"], shown["routeServiceVips"]) == (True, {})


def test_older_api_versions_show_what_they_had(cloud, network):
    both(network)
    id = network.virtual_network_peerings.get("g", "hub", "to-spoke").id

    def shown(version):
        return set(cloud.resources.resources.get_by_id(id, api_version=version).properties)

    assert not shown("2020-03-01") & {"peeringSyncLevel", "localAddressSpace", "peerCompleteVnets"}
    assert {"peeringSyncLevel", "localAddressSpace", "peerCompleteVnets"} <= shown("2024-05-01")
