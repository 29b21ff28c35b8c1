"""Private DNS zones, links and record sets."""

import pytest

from acrlab.emulator.wire import Request

ZONE = "privatelink.azurecr.io"
ORIGIN = "https://management.azure.com"


def put(cloud, path, body=b"{}", **headers):
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Network/privateDnsZones"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    query = {"api-version": "2018-09-01"}
    return cloud.opened.azure.manager.handle(Request("PUT", "", f"{group}/{path}", query, sent, body, ORIGIN))


def test_a_zone_is_accepted_with_an_empty_body_and_two_headers(cloud):
    answer = put(cloud, ZONE, b'{"location": "global"}')

    assert (answer.status, answer.body) == (202, {})
    assert {"Azure-AsyncOperation", "Location", "Retry-After"} <= set(answer.headers)


def test_a_zone_is_found_only_when_its_operation_has_ended(cloud, refused):
    poll = put(cloud, ZONE, b'{"location": "global"}')

    assert poll.status == 202
    assert refused(lambda: cloud.dns.private_zones.get("g", ZONE))[0] == 404
    cloud.world.advance_to(cloud.world.now + 60)
    assert cloud.dns.private_zones.get("g", ZONE).properties.number_of_record_sets == 1


def test_a_zone_begins_with_its_soa_record(cloud):
    cloud.zone()

    (soa,) = cloud.dns.record_sets.list("g", ZONE)

    assert (soa.name, soa.properties.soa_record.host) == ("@", "azureprivatedns.net")


def test_a_linked_zone_can_not_be_deleted_and_a_missing_one_is_no_error(cloud, refused):
    subnet = cloud.subnet()
    cloud.zone()
    cloud.link(ZONE, subnet.id.rpartition("/subnets/")[0])

    assert refused(lambda: cloud.dns.private_zones.begin_delete("g", ZONE).result()) == (409, "CannotDeleteResource")
    cloud.dns.virtual_network_links.begin_delete("g", ZONE, "l").result()
    cloud.dns.private_zones.begin_delete("g", ZONE).result()
    cloud.dns.private_zones.begin_delete("g", ZONE).result()


def test_a_network_reads_only_one_zone_of_a_name(cloud, refused):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    cloud.link(ZONE, network)

    assert refused(lambda: cloud.link(ZONE, network, "second")) == (400, "BadRequest")


def test_a_link_needs_a_network_that_is_there(cloud, refused):
    cloud.zone()
    nowhere = (
        f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/x"
    )

    assert refused(lambda: cloud.link(ZONE, nowhere)) == (400, "InvalidResourceReference")


def test_a_link_goes_with_its_network(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    cloud.link(ZONE, network)

    cloud.network.virtual_networks.begin_delete("g", "v").result()

    assert cloud.dns.private_zones.get("g", ZONE).properties.number_of_virtual_network_links == 0


def test_a_link_s_mismatch_is_reported_by_its_operation(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    cloud.link(ZONE, network)
    body = b'{"location": "global", "properties": {"registrationEnabled": true, "virtualNetwork": {"id": "%s"}}}'

    accepted = put(cloud, f"{ZONE}/virtualNetworkLinks/l", body % network.encode(), if_match='"another"')
    cloud.world.advance_to(cloud.world.now + 60)
    path = accepted.headers["Azure-AsyncOperation"].removeprefix(ORIGIN).partition("?")[0]
    ended = cloud.opened.azure.manager.handle(Request("GET", "", path, {"api-version": "2018-09-01"}, {}, b"", ORIGIN))

    assert accepted.status == 202
    assert (ended.status, ended.body["status"], ended.body["error"]["code"]) == (200, "Failed", "PreconditionFailed")


def test_an_empty_record_set_shows_an_empty_list(cloud):
    cloud.zone()

    made = cloud.dns.record_sets.create_or_update("g", ZONE, "A", "contoso", {"properties": {"ttl": 3600}})

    assert made["properties"]["aRecords"] == []
    assert made.properties.fqdn == f"contoso.{ZONE}."


def test_names_may_have_dots_in_them(cloud):
    cloud.zone()
    body = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.5"}]}}

    made = cloud.dns.record_sets.create_or_update("g", ZONE, "A", "contoso.westus.data", body)

    assert made.properties.fqdn == f"contoso.westus.data.{ZONE}."


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"if_none_match": "*"}, "The Record set one exists already and hence cannot be created again."),
        ({"if_match": "another"}, "The Record set one has been modified (etag mismatch)."),
    ],
)
def test_preconditions_fail_in_the_service_s_own_unwrapped_words(cloud, headers, words):
    cloud.zone()
    put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60}}')

    answer = put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60}}', **headers)

    assert (answer.status, answer.body) == (412, {"code": "PreconditionFailed", "message": words})


def test_the_right_etag_lets_a_change_through(cloud):
    cloud.zone()
    first = put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60}}')

    second = put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 90}}', if_match=first.body["etag"])

    assert (first.status, second.status) == (201, 200)
    assert second.body["etag"] != first.body["etag"]


def test_a_missing_record_set_is_reported_unwrapped(cloud):
    cloud.zone()
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Network/privateDnsZones"
    query = {"api-version": "2018-09-01"}

    answer = cloud.opened.azure.manager.handle(Request("GET", "", f"{path}/{ZONE}/A/none", query, {}, b"", ORIGIN))

    assert (answer.status, answer.body["code"]) == (404, "NotFound")
    assert answer.body["message"].startswith("The resource record 'none' does not exist in resource group 'g'")


def test_an_alias_stands_alone(cloud):
    cloud.zone()
    put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60}}')

    answer = put(cloud, f"{ZONE}/CNAME/one", b'{"properties": {"ttl": 60, "cnameRecord": {"cname": "x.y"}}}')

    assert (answer.status, answer.body["code"]) == (400, "BadRequest")


@pytest.mark.parametrize("body", [b'{"properties": {"ttl": 0}}', b'{"properties": {"ttl": "long"}}'])
def test_a_time_to_live_is_a_whole_number_above_zero(cloud, body):
    cloud.zone()

    assert put(cloud, f"{ZONE}/A/one", body).status == 400


def test_the_soa_record_can_be_changed_and_not_deleted(cloud, refused):
    cloud.zone()

    changed = cloud.dns.record_sets.update("g", ZONE, "SOA", "@", {"properties": {"ttl": 60}})

    assert changed.properties.ttl == 60
    assert refused(lambda: cloud.dns.record_sets.delete("g", ZONE, "SOA", "@"))[0] == 400
