"""Private DNS zones, links and record sets."""

import base64
import json
import re
from urllib.parse import urlsplit

import pytest

from acrlab.emulator.core.http import Request
from acrlab.emulator.network.reachability import vantage_of
from acrlab.emulator.network.resolver import resolve

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


def test_the_names_of_private_dns_operations_end_in_the_subscription(cloud):
    answer = put(cloud, ZONE, b'{"location": "global"}')

    name = urlsplit(answer.headers["Azure-AsyncOperation"]).path.rpartition("/")[2]
    words = base64.urlsafe_b64decode(name).decode()
    assert re.fullmatch(
        rf"FrontEndAsyncOperation;UpsertPrivateDnsZone;[0-9a-f-]{{36}}_{cloud.opened.subscription}", words
    )


def test_a_zone_is_found_only_when_its_operation_has_ended(cloud, refused):
    poll = put(cloud, ZONE, b'{"location": "global"}')

    assert poll.status == 202
    assert refused(lambda: cloud.dns.private_zones.get("g", ZONE))[0] == 404
    cloud.world.advance_to(cloud.world.now + 60)
    assert cloud.dns.private_zones.get("g", ZONE).properties.number_of_record_sets == 1


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"if_none_match": "*"}, f"The Zone {ZONE} exists already and hence cannot be created again."),
        ({"if_match": "another"}, f"The Zone {ZONE} has been modified (etag mismatch)."),
    ],
)
def test_a_zone_s_preconditions_are_reported_by_its_operation(cloud, headers, words):
    cloud.zone()

    accepted = put(cloud, ZONE, b'{"location": "global"}', **headers)
    cloud.world.advance_to(cloud.world.now + 60)
    path = accepted.headers["Azure-AsyncOperation"].removeprefix(ORIGIN).partition("?")[0]
    ended = cloud.opened.azure.manager.handle(Request("GET", "", path, {"api-version": "2018-09-01"}, {}, b"", ORIGIN))

    assert (accepted.status, accepted.body) == (202, {})
    assert (ended.body["status"], ended.body["error"]["message"]) == ("Failed", words)


def test_a_zone_is_nowhere_but_global(cloud):
    answer = put(cloud, ZONE, b'{"location": "westus"}')

    assert (answer.status, answer.body["error"]["code"]) == (400, "LocationNotAvailableForResourceType")
    assert answer.body["error"]["message"].endswith("for the resource type is 'global'.")


def test_a_zone_s_name_has_two_labels_at_least(cloud):
    assert put(cloud, "internal", b'{"location": "global"}').status == 400


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


def test_a_network_registers_its_vms_in_one_zone_only(cloud, refused):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone("one.internal")
    cloud.zone("two.internal")
    cloud.link("one.internal", network, registration=True)

    assert refused(lambda: cloud.link("two.internal", network, registration=True)) == (409, "Conflict")
    cloud.link("two.internal", network)
    assert (
        cloud.dns.private_zones.get("g", "one.internal").properties.number_of_virtual_network_links_with_registration
        == 1
    )


def test_a_registered_vm_has_a_record_that_nobody_wrote(cloud):
    subnet = cloud.subnet()
    cloud.zone("one.internal")
    cloud.link("one.internal", subnet.id.rpartition("/subnets/")[0], registration=True)
    vm = cloud.vm(cloud.interface(subnet))

    record = cloud.dns.record_sets.get("g", "one.internal", "A", "m")
    vantage = vantage_of(cloud.world, cloud.world.find(vm.id))

    assert (record.properties.is_auto_registered, record.properties.ttl) == (True, 10)
    assert record.properties.a_records[0].ipv4_address == "10.0.0.4"
    assert resolve(cloud.world, "m.one.internal", vantage).addresses == ("10.0.0.4",)
    assert [s.name for s in cloud.dns.record_sets.list_by_type("g", "one.internal", "A")] == ["m"]
    assert cloud.dns.private_zones.get("g", "one.internal").properties.number_of_record_sets == 2


def test_a_written_record_comes_before_a_vm_s_own(cloud):
    subnet = cloud.subnet()
    cloud.zone("one.internal")
    cloud.link("one.internal", subnet.id.rpartition("/subnets/")[0], registration=True)
    cloud.vm(cloud.interface(subnet))

    put(cloud, "one.internal/A/m", b'{"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.99"}]}}')

    (record,) = cloud.dns.record_sets.list_by_type("g", "one.internal", "A")
    assert (record.properties.a_records[0].ipv4_address, record.properties.is_auto_registered) == ("10.0.0.99", False)


def test_registration_can_be_switched_without_touching_the_rest_of_a_link(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    cloud.link(ZONE, network)

    links = cloud.dns.virtual_network_links
    changed = links.begin_update("g", ZONE, "l", {"properties": {"registrationEnabled": True}}).result()

    assert (changed.properties.registration_enabled, changed.properties.virtual_network.id) == (True, network)
    assert changed.properties.virtual_network_link_state == "Completed"
    assert (changed.etag[0], changed.etag[-1]) == ('"', '"')


def test_a_link_keeps_its_network_however_that_is_spelled(cloud, refused):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    other = cloud.network.virtual_networks.begin_create_or_update(
        "g", "w", {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}}
    ).result()
    cloud.zone()
    cloud.link(ZONE, network)

    cloud.link(ZONE, network.replace("/virtualNetworks/v", "/virtualnetworks/V"))
    assert refused(lambda: cloud.link(ZONE, other.id)) == (400, "VirtualNetworkLinkUpdateNotAllowed")


def test_a_link_of_a_missing_zone_is_what_is_missing(cloud):
    path = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Network/privateDnsZones"
    query = {"api-version": "2018-09-01"}

    answer = cloud.opened.azure.manager.handle(
        Request("GET", "", f"{path}/{ZONE}/virtualNetworkLinks/l", query, {}, b"", ORIGIN)
    )

    assert answer.status == 404
    assert f"'Microsoft.Network/privateDnsZones/{ZONE}/virtualNetworkLinks/l'" in answer.body["error"]["message"]


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


def test_a_record_is_shown_in_small_letters(cloud):
    """As an upper-case registry name leaves it. Source: Azure/azure-rest-api-specs#6641."""
    zone = cloud.zone()
    body = {"properties": {"ttl": 10, "aRecords": [{"ipv4Address": "10.0.0.5"}]}}

    made = cloud.dns.record_sets.create_or_update("g", zone.name, "A", "MyRegistry", body)

    assert (made.name, made.id) == ("myregistry", f"{zone.id}/A/myregistry")
    assert made.fqdn == "myregistry.privatelink.azurecr.io."
    assert cloud.dns.record_sets.get("g", zone.name, "A", "MYREGISTRY").name == "myregistry"
    assert [r.name for r in cloud.dns.record_sets.list_by_type("g", zone.name, "A")] == ["myregistry"]


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


@pytest.mark.parametrize(("ttl", "status"), [(b"0", 201), (b"2147483647", 201), (b"-1", 400), (b'"long"', 400)])
def test_a_time_to_live_is_a_whole_number(cloud, ttl, status):
    cloud.zone()

    assert put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": %s}}' % ttl).status == status


@pytest.mark.parametrize(
    ("path", "properties", "words"),
    [
        ("A/one", {"aRecords": [{"ipv4Address": ""}]}, "aRecords[0].ipv4Address is not an IPv4 address."),
        ("A/one", {"aRecords": [{"ipv4Address": "10.0.0"}]}, "aRecords[0].ipv4Address is not an IPv4 address."),
        ("AAAA/one", {"aaaaRecords": [{"ipv6Address": "::x"}]}, "aaaaRecords[0].ipv6Address is not an IPv6 address."),
        ("A/one", {"aRecords": [{"ipv4Address": "10.0.0.5"}] * 2}, "The record set one has a record twice."),
        ("TXT/one", {"txtRecords": [{"value": ["a"]}] * 2}, "The record set one has a record twice."),
    ],
)
def test_what_a_record_can_not_hold_is_refused_unwrapped(cloud, path, properties, words):
    cloud.zone()

    answer = put(cloud, f"{ZONE}/{path}", json.dumps({"properties": properties}).encode())

    assert (answer.status, answer.body["code"]) == (400, "BadRequest")
    assert answer.body["message"].endswith(words)


@pytest.mark.parametrize(
    ("kind", "sent", "shown"),
    [
        ("AAAA", {"aaaaRecords": [{"ipv6Address": "2001:0::1"}]}, {"aaaaRecords": [{"ipv6Address": "2001::1"}]}),
        ("CNAME", {"cnameRecord": {"cname": "contoso.com."}}, {"cnameRecord": {"cname": "contoso.com."}}),
        ("CNAME", {}, {}),
        (
            "MX",
            {"mxRecords": [{"preference": 1, "exchange": "m."}]},
            {"mxRecords": [{"preference": 1, "exchange": "m."}]},
        ),
        ("PTR", {"ptrRecords": [{"ptrdname": "a.b"}]}, {"ptrRecords": [{"ptrdname": "a.b"}]}),
        ("TXT", {"txtRecords": [{"value": ["a", "b"]}]}, {"txtRecords": [{"value": ["a", "b"]}]}),
        ("SRV", {}, {"srvRecords": []}),
    ],
)
def test_every_kind_of_record_has_its_own_form(cloud, kind, sent, shown):
    cloud.zone()

    answer = put(cloud, f"{ZONE}/{kind.lower()}/one", json.dumps({"properties": {"ttl": 60, **sent}}).encode())

    rest = {"ttl": 60, "fqdn": f"one.{ZONE}.", "isAutoRegistered": False}
    assert (answer.status, answer.body["type"]) == (201, f"Microsoft.Network/privateDnsZones/{kind}")
    assert answer.body["properties"] == {**shown, **rest}


def test_a_patch_changes_only_what_it_names(cloud):
    cloud.zone()
    put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.5"}]}}')

    changed = cloud.dns.record_sets.update("g", ZONE, "A", "one", {"properties": {"metadata": {"kept": "yes"}}})

    assert (changed.properties.ttl, changed.properties.a_records[0].ipv4_address) == (60, "10.0.0.5")
    assert changed.properties.metadata == {"kept": "yes"}


def test_record_sets_are_listed_a_domain_s_together_in_pages_and_by_suffix(cloud):
    cloud.zone()
    for path in ("A/one", "A/one.data", "TXT/one", "MX/two.data", "A/*"):
        put(cloud, f"{ZONE}/{path}", b'{"properties": {"ttl": 60}}')
    sets = cloud.dns.record_sets

    assert [s.name for s in sets.list("g", ZONE, top=2)] == ["*", "@", "one.data", "two.data", "one", "one"]
    assert [s.name for s in sets.list("g", ZONE, recordsetnamesuffix="data")] == ["one.data", "two.data"]
    assert [s.name for s in sets.list_by_type("g", ZONE, "A", top=1)] == ["*", "one.data", "one"]
    assert [s.name for s in sets.list_by_type("g", ZONE, "A", recordsetnamesuffix="data")] == ["one.data"]


def test_a_record_set_needs_its_zone(cloud):
    answer = put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60}}')

    assert (answer.status, answer.body["error"]["code"]) == (404, "ParentResourceNotFound")


def test_deleting_a_record_set_twice_is_no_error(cloud):
    cloud.zone()
    put(cloud, f"{ZONE}/A/one", b'{"properties": {"ttl": 60}}')

    cloud.dns.record_sets.delete("g", ZONE, "A", "one")
    cloud.dns.record_sets.delete("g", ZONE, "A", "one")

    assert cloud.dns.private_zones.get("g", ZONE).properties.number_of_record_sets == 1


def test_the_serial_number_of_the_soa_record_is_the_service_s_own(cloud):
    cloud.zone()
    sent = {"host": "azureprivatedns.net", "email": "host.contoso.com", "serialNumber": 5, "minimumTtl": 2}

    changed = cloud.dns.record_sets.create_or_update(
        "g", ZONE, "SOA", "@", {"properties": {"ttl": 1, "soaRecord": sent}}
    )

    record = changed.properties.soa_record
    assert (record.email, record.minimum_ttl, record.serial_number) == ("host.contoso.com", 2, 1)


def test_the_soa_record_can_be_changed_and_not_deleted(cloud, refused):
    cloud.zone()

    changed = cloud.dns.record_sets.update("g", ZONE, "SOA", "@", {"properties": {"ttl": 60}})

    assert changed.properties.ttl == 60
    assert refused(lambda: cloud.dns.record_sets.delete("g", ZONE, "SOA", "@"))[0] == 400


def test_a_link_says_by_what_policy_it_resolves(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    made = cloud.link(ZONE, network)
    made.properties.resolution_policy = "NxDomainRedirect"

    cloud.dns.virtual_network_links.begin_create_or_update("g", ZONE, "l", made).result()
    changed = cloud.dns.virtual_network_links.get("g", ZONE, "l")
    cloud.dns.virtual_network_links.begin_update(
        "g", ZONE, "l", {"properties": {"resolutionPolicy": "Default"}}
    ).result()

    assert changed.properties.resolution_policy == "NxDomainRedirect"
    assert cloud.dns.virtual_network_links.get("g", ZONE, "l").properties.resolution_policy == "Default"


def test_the_links_of_other_zones_do_not_fall_back_to_the_internet(cloud, refused):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone("corp.contoso.com")
    body = {"location": "global", "properties": {"virtualNetwork": {"id": network}}}
    body["properties"]["resolutionPolicy"] = "NxDomainRedirect"

    code = refused(lambda: cloud.dns.virtual_network_links.begin_create_or_update("g", "corp.contoso.com", "l", body))

    assert code == (400, "BadRequest")


def test_a_link_without_a_policy_has_the_default_one(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    assert cloud.link(ZONE, network).properties.resolution_policy == "Default"


def test_older_api_versions_know_no_policy(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    cloud.link(ZONE, network)
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.Network/privateDnsZones"
    path = f"{group}/{ZONE}/virtualNetworkLinks/l"

    shown = cloud.opened.azure.manager.handle(Request("GET", "", path, {"api-version": "2020-06-01"}, {}, b"", ORIGIN))

    assert "resolutionPolicy" not in shown.body["properties"]


def test_names_of_one_domain_are_listed_together_though_their_labels_sort_otherwise(cloud):
    cloud.zone()
    for path in ("TXT/test-txt", "SRV/_sip._tcp.test-srv", "SRV/_sip._tcp", "A/www.subzone", "A/subzone"):
        put(cloud, f"{ZONE}/{path}", b'{"properties": {"ttl": 60}}')

    listed = [s.name for s in cloud.dns.record_sets.list("g", ZONE)]

    assert listed == ["@", "_sip._tcp", "subzone", "www.subzone", "_sip._tcp.test-srv", "test-txt"]


@pytest.mark.parametrize("more", [{"location": "Global"}, {"etag": "any", "location": "global"}, {"properties": {}}])
def test_a_patch_of_tags_may_send_back_what_was_read(cloud, more):
    id = cloud.zone().id
    body = json.dumps({"tags": {"kept": "yes"}, **more}).encode()

    answer = cloud.opened.azure.manager.handle(Request("PATCH", "", id, {"api-version": "2020-06-01"}, {}, body))

    assert answer.status == 202
    assert cloud.dns.private_zones.get("g", ZONE).tags == {"kept": "yes"}


@pytest.mark.parametrize("more", [{"location": "westus"}, {"properties": {"numberOfRecordSets": 5}}])
def test_a_patch_of_tags_that_would_change_more_is_not_emulated(cloud, more):
    id = cloud.zone().id
    body = json.dumps({"tags": {}, **more}).encode()

    answer = cloud.opened.azure.manager.handle(Request("PATCH", "", id, {"api-version": "2020-06-01"}, {}, body))

    assert (answer.status, next(iter(more)) in answer.body["error"]["message"]) == (501, True)


def test_a_link_that_exists_already_is_named_without_quotes(cloud):
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()
    link = cloud.link(ZONE, network)
    body = json.dumps({"location": "global", "properties": {"virtualNetwork": {"id": network}}}).encode()
    query, headers = {"api-version": "2020-06-01"}, {"if-none-match": "*"}

    begun = cloud.opened.azure.manager.handle(Request("PUT", "", link.id, query, headers, body))
    cloud.world.advance_to(cloud.world.now + 5)
    path = begun.headers["Azure-AsyncOperation"].partition("?")[0]
    done = cloud.opened.azure.manager.handle(Request("GET", "", path, query))

    text = (
        f"The Virtual Network link l for the Private DNS zone {ZONE} exists already and hence cannot be created again."
    )
    assert done.body["error"] == {"code": "PreconditionFailed", "message": text}


@pytest.mark.parametrize("registration", [True, False])
def test_a_link_that_registers_vms_is_completed_later_than_it_succeeds(cloud, registration):
    cloud.world.set_setting("timing", "as-azure")
    network = cloud.subnet().id.rpartition("/subnets/")[0]
    cloud.zone()

    def state():
        link = cloud.dns.virtual_network_links.get("g", ZONE, "l")
        return link.provisioning_state, link.virtual_network_link_state

    made = cloud.world.now
    cloud.link(ZONE, network, registration=registration)
    assert state() == ("Succeeded", "InProgress" if registration else "Completed")
    cloud.world.advance_to(made + 120)
    assert state() == ("Succeeded", "Completed")
