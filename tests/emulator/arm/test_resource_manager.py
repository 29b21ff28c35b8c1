"""Resource Manager's verbs, below the SDKs: what stands on the wire."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Request
from acrlab.emulator.core.registration import register

ORIGIN = "https://management.azure.com"


class Caller:
    """Sends requests to one emulated Azure, at one api-version unless told otherwise."""

    def __init__(self):
        self.azure = EmulatedAzure()
        self.world = self.azure.world
        self.group = f"/subscriptions/{self.world.setting('subscription')}/resourceGroups/g"
        self.network = f"{self.group}/providers/Microsoft.Network/virtualNetworks/v"

    def __call__(self, method, path, body=None, *, version="2024-05-01", query=None, **headers):
        host_path = path.removeprefix(ORIGIN)
        words = {"api-version": version, **(query or {})} if version else {}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.azure.manager.handle(Request(method, "management.azure.com", host_path, words, sent, raw, ORIGIN))

    def make_network(self, *subnets):
        self("PUT", self.group, {"location": "westus"})
        body = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        if subnets:
            body["subnets"] = [{"name": n, "properties": {"addressPrefix": f"10.0.{n[-1]}.0/24"}} for n in subnets]
        return self("PUT", self.network, {"location": "westus", "properties": body})


@pytest.fixture
def ask():
    caller = Caller()
    yield caller
    caller.azure.close()


def test_a_group_is_created_once_and_updated_after_that(ask):
    first = ask("PUT", ask.group, {"location": "West US"})
    second = ask("PUT", ask.group, {"location": "westus", "tags": {"a": "b"}})

    assert (first.status, second.status) == (201, 200)
    assert first.body["location"] == "westus"
    assert second.body["tags"] == {"a": "b"}


@pytest.mark.parametrize(("exists", "status"), [(True, 204), (False, 404)])
def test_head_says_whether_a_group_exists(ask, exists, status):
    if exists:
        ask("PUT", ask.group, {"location": "westus"})

    assert ask("HEAD", ask.group).status == status


def test_head_on_another_resource_is_not_allowed_where_it_exists(ask):
    ask("PUT", ask.group, {"location": "westus"})
    assert ask("HEAD", ask.network).status == 404

    body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    assert ask("PUT", ask.network, body).status == 201
    answer = ask("HEAD", ask.network)

    assert (answer.status, answer.body) == (405, None)


def test_a_missing_group_is_named_before_anything_in_it(ask):
    answer = ask("GET", ask.network)

    assert answer.status == 404
    assert answer.body == {
        "error": {"code": "ResourceGroupNotFound", "message": "Resource group 'g' could not be found."}
    }
    assert answer.headers["x-ms-failure-cause"] == "gateway"


def test_a_missing_network_is_named_before_its_subnet(ask):
    ask("PUT", ask.group, {"location": "westus"})

    error = ask("GET", f"{ask.network}/subnets/one").body["error"]

    assert error["code"] == "ResourceNotFound"
    assert error["message"].startswith("The Resource 'Microsoft.Network/virtualNetworks/v' under resource group 'g'")


def test_a_part_is_not_deleted_where_there_is_nothing_to_be_a_part_of(ask):
    ask("PUT", ask.group, {"location": "westus"})

    answer = ask("DELETE", f"{ask.network}/subnets/one")
    itself = ask("DELETE", ask.network)

    told = "The Resource 'Microsoft.Network/virtualNetworks/v' under resource group 'g' was not found."
    assert (answer.status, answer.body["error"]["code"]) == (404, "ResourceNotFound")
    assert answer.body["error"]["message"].startswith(told)
    assert itself.status == 204


def test_nothing_is_deleted_where_there_is_no_group(ask):
    network, subnet = ask("DELETE", ask.network), ask("DELETE", f"{ask.network}/subnets/one")

    assert (network.status, network.body["error"]["code"]) == (404, "ResourceGroupNotFound")
    assert (subnet.status, subnet.body["error"]["code"]) == (404, "ResourceNotFound")


def test_a_child_can_not_be_put_without_its_parent(ask):
    ask("PUT", ask.group, {"location": "westus"})

    answer = ask("PUT", f"{ask.network}/subnets/one", {"properties": {"addressPrefix": "10.0.0.0/24"}})

    assert (answer.status, answer.body["error"]["code"]) == (404, "ParentResourceNotFound")


def test_paths_match_in_any_case_and_ids_keep_the_first_spelling(ask):
    ask.make_network()

    shown = ask("GET", ask.network.lower().replace("resourcegroups", "RESOURCEGROUPS"))

    assert shown.body["id"] == ask.network


def test_a_network_operation_runs_in_virtual_time(ask):
    started = ask.make_network()
    poll = started.headers["Azure-AsyncOperation"].partition("?")[0]
    running = ask("GET", poll)
    shown_meanwhile = ask("GET", ask.network).body["properties"]["provisioningState"]
    ask.world.advance_to(ask.world.now + 10)

    ended = ask("GET", poll)

    assert (started.status, started.body["properties"]["provisioningState"]) == (201, "Updating")
    assert started.headers["Retry-After"] == "10"
    assert (running.status, running.body) == (200, {"status": "InProgress"})
    assert shown_meanwhile == "Updating"
    assert ended.body == {"status": "Succeeded"}
    assert ask("GET", ask.network).body["properties"]["provisioningState"] == "Succeeded"


def test_deleting_a_group_answers_with_a_location_only(ask):
    ask.make_network("s1")
    ask.world.advance_to(100)

    started = ask("DELETE", ask.group)
    running = ask("GET", started.headers["Location"].partition("?")[0])
    ask.world.advance_to(300)
    ended = ask("GET", started.headers["Location"].partition("?")[0])

    assert started.status == 202
    assert "Azure-AsyncOperation" not in started.headers
    assert [(a.status, a.body) for a in (running, ended)] == [(202, None), (200, None)]
    assert ask.world.count() == 0


def test_inline_subnets_become_children_and_missing_ones_go(ask):
    ask.make_network("s1", "s2")

    ask.make_network("s2", "s3")

    names = [s["name"] for s in ask("GET", f"{ask.network}/subnets").body["value"]]
    assert names == ["s2", "s3"]


def test_a_network_put_without_subnets_keeps_those_that_it_has(ask):
    ask.make_network("s1")

    ask.make_network()

    assert [s["name"] for s in ask("GET", ask.network).body["properties"]["subnets"]] == ["s1"]


def test_patching_tags_changes_nothing_else(ask):
    ask.make_network("s1")

    ask("PATCH", ask.network, {"tags": {"course": "acr"}})

    shown = ask("GET", ask.network).body
    assert shown["tags"] == {"course": "acr"}
    assert [s["name"] for s in shown["properties"]["subnets"]] == ["s1"]


def test_long_lists_come_in_pages(ask):
    ask("PUT", ask.group, {"location": "westus"})
    registries = f"{ask.group}/providers/Microsoft.ContainerRegistry/registries"
    for name in ("alpha", "bravo", "charlie"):
        ask("PUT", f"{registries}/{name}", {"location": "westus", "sku": {"name": "Premium"}, "properties": {}})

    first = ask("GET", registries, query={"$top": "2"}).body
    token = parse_qs(urlsplit(first["nextLink"]).query)["$skiptoken"][0]
    second = ask("GET", registries, query={"$top": "2", "$skiptoken": token}).body

    assert [r["name"] for r in first["value"] + second["value"]] == ["alpha", "bravo", "charlie"]
    assert "nextLink" not in second


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        (
            "PUT",
            "/providers/Microsoft.Network/loadBalancers/l",
            {"location": "westus"},
            "Microsoft.Network/loadBalancers",
        ),
        ("PUT", "/providers/Microsoft.Network/virtualNetworks/v", "flow", "properties.flowTimeoutInMinutes"),
        ("POST", "/providers/Microsoft.Network/virtualNetworks/v/checkMood", {}, "POST checkMood"),
        ("GET", "/providers/Microsoft.Nowhere/things", None, "Microsoft.Nowhere/things"),
    ],
)
def test_what_is_not_modelled_says_so_by_name(ask, method, path, body, named):
    ask("PUT", ask.group, {"location": "westus"})
    if body == "flow":
        space = {"addressPrefixes": ["10.0.0.0/16"]}
        body = {"location": "westus", "properties": {"addressSpace": space, "flowTimeoutInMinutes": 4}}

    answer = ask(method, f"{ask.group}{path}", body)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")
    assert named in answer.body["error"]["message"]


@pytest.mark.parametrize("body", [b"{not json", b"[1, 2]", b'"text"'])
def test_a_body_that_is_no_object_is_refused(ask, body):
    answer = ask("PUT", ask.group, body)

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidRequestContent")


def test_a_refused_write_changes_nothing(ask):
    ask.make_network("s1")
    ask.world.advance_to(100)
    before = ask.world.dump()

    answer = ask("PUT", f"{ask.network}/subnets/s9", {"properties": {"addressPrefix": "10.0.1.128/25"}})

    assert (answer.status, answer.body["error"]["code"]) == (400, "NetcfgSubnetRangesOverlap")
    assert ask.world.dump() == before


def test_every_request_needs_an_api_version(ask):
    assert ask("GET", ask.group, version="").body["error"]["code"] == "MissingApiVersionParameter"


@pytest.mark.parametrize("version", ["latest", "2024-13-01", "2024-05", "2024-05-01-preview-2", "1999-01-01"])
def test_an_api_version_is_a_date(ask, version):
    answer = ask("GET", ask.group, version=version)

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidApiVersionParameter")
    assert answer.body["error"]["message"].startswith(
        f"The api-version '{version}' is invalid. The supported versions are '20"
    )
    assert answer.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize("version", ["2014-01-01", "2024-02-29", "2031-12-31-preview"])
def test_an_api_version_that_nobody_knows_is_answered(ask, version):
    assert ask("PUT", ask.group, {"location": "westus"}, version=version).status == 201


def test_a_provider_lists_the_api_versions_of_its_types(ask):
    subscription = ask.group.partition("/resourceGroups")[0]

    provider = ask("GET", f"{subscription}/providers/Microsoft.ContainerRegistry").body

    versions = {t["resourceType"]: t["apiVersions"] for t in provider["resourceTypes"]}
    newest = next(v for v in versions["registries"] if not v.endswith("-preview"))
    assert newest == "2025-11-01"
    assert "2023-11-01-preview" in versions["registries/privateEndpointConnections"]


def test_an_unregistered_provider_refuses_writes_until_it_is_registered(ask):
    ask.world.set_setting("providers", "fresh")
    register(ask.world, "Microsoft.Resources")
    refused = ask.make_network()
    subscription = ask.group.partition("/resourceGroups")[0]

    ask("POST", f"{subscription}/providers/Microsoft.Network/register")

    assert (refused.status, refused.body["error"]["code"]) == (409, "MissingSubscriptionRegistration")
    assert ask.make_network().status == 201


def test_another_subscription_is_not_found(ask):
    answer = ask("PUT", "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g", {"location": "westus"})

    assert (answer.status, answer.body["error"]["code"]) == (404, "SubscriptionNotFound")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("tagname eq 'Stage' and tagvalue eq 'test'", ["one"]),
        ("tagName eq 'stage'", ["one", "two"]),
        ("(tagName eq 'stage')", ["one", "two"]),
        ("tagname eq 'owner'", []),
    ],
)
def test_groups_are_listed_by_tag(ask, question, names):
    groups, _, _ = ask.group.rpartition("/")
    ask("PUT", f"{groups}/one", {"location": "westus", "tags": {"stage": "test"}})
    ask("PUT", f"{groups}/two", {"location": "westus", "tags": {"stage": "live"}})
    ask("PUT", f"{groups}/three", {"location": "westus"})

    assert [g["name"] for g in ask("GET", groups, query={"$filter": question}).body["value"]] == names


def test_a_filter_that_no_list_of_the_type_takes_is_not_emulated(ask):
    ask.make_network()
    networks, _, _ = ask.network.rpartition("/")

    assert ask("GET", networks, query={"$filter": "name eq 'v'"}).body["error"]["code"] == "NotEmulated"


def test_filtered_groups_come_in_pages(ask):
    groups, _, _ = ask.group.rpartition("/")
    for name in ("one", "two", "three"):
        ask("PUT", f"{groups}/{name}", {"location": "westus", "tags": {"stage": "test"}})
    query = {"$filter": "tagname eq 'stage'", "$top": "2"}

    first = ask("GET", groups, query=query)
    rest = ask("GET", groups, query={**query, "$skiptoken": f"{groups}/three".lower()})

    assert [g["name"] for g in first.body["value"]] == ["one", "three"]
    assert parse_qs(urlsplit(first.body["nextLink"]).query)["$filter"] == ["tagname eq 'stage'"]
    assert [g["name"] for g in rest.body["value"]] == ["two"]


def test_a_group_tells_what_manages_it(ask):
    ask("PUT", ask.group, {"location": "westus", "managedBy": "somebody"})

    assert ask("GET", ask.group).body["managedBy"] == "somebody"


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("10.0.1.50", {"available": True, "isPlatformReserved": False}),
        (
            "10.0.1.0",
            {
                "available": False,
                "availableIPAddresses": ["10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.7", "10.0.1.8"],
                "isPlatformReserved": True,
            },
        ),
    ],
)
def test_a_network_says_which_addresses_can_be_had(ask, address, answer):
    ask.make_network("s1")

    assert ask("GET", f"{ask.network}/CheckIPAddressAvailability", query={"ipaddress": address}).body == answer


@pytest.mark.parametrize(
    ("address", "code"), [("10.0.9.4", "PrivateIPAddressNotInAnySubnet"), ("ten", "InvalidIPAddressFormat")]
)
def test_an_address_of_no_subnet_can_not_be_had(ask, address, code):
    ask.make_network("s1")

    answer = ask("GET", f"{ask.network}/CheckIPAddressAvailability", query={"ipaddress": address})

    assert (answer.status, answer.body["error"]["code"]) == (400, code)
