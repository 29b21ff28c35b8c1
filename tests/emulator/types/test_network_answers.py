"""Answers of the network service as Azure's are recorded: phases, parts and lists that follow from what is there."""

import json

import pytest

from acrlab.emulator.core.http import Request
from tests.emulator.types.test_versions import Caller

V = "2022-01-01"
NETWORK = "Microsoft.Network"
SPACE = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}


@pytest.fixture
def ask():
    caller = Caller()
    caller.make(f"{NETWORK}/virtualNetworks/v", V, SPACE)
    caller.make(f"{NETWORK}/virtualNetworks/v/subnets/s", V, {"addressPrefix": "10.0.0.0/24"})
    yield caller
    caller.azure.close()


def id_of(ask, path):
    return {"id": f"{ask.group}/providers/{NETWORK}/{path}"}


def interface(ask, *names, **more):
    """Write an interface with these configurations; returns the first answer."""
    subnet = id_of(ask, "virtualNetworks/v/subnets/s")
    inner = more.pop("inner", {})
    parts = [{"name": name, "properties": {"subnet": subnet, **inner}} for name in names]
    return ask.make(f"{NETWORK}/networkInterfaces/i", V, {"ipConfigurations": parts, **more})


def phase(answer):
    return answer.status, answer.body["properties"]["provisioningState"]


def subnet(ask, name, **more):
    place = {"d": "10.0.1.0/24", "e": "10.0.2.0/24"}[name]
    return ask.make(f"{NETWORK}/virtualNetworks/v/subnets/{name}", V, {"addressPrefix": place, **more})


def regional(ask, what, version=V, group=False):
    root = ask.group if group else ask.group.partition("/resourceGroups/")[0]
    path = f"{root}/providers/{NETWORK}/locations/westus/{what}"
    return ask.azure.manager.handle(Request("GET", "", path, {"api-version": version}, {}, b"", "https://x"))


def test_other_tags_of_an_application_security_group_are_there_at_once(ask):
    path = f"{NETWORK}/applicationSecurityGroups/a"
    made = ask.make(path, V, {})

    answer = ask.make(path, V, {}, tags={"foo": "bar"})

    assert (phase(made), phase(answer)) == ((201, "Updating"), (200, "Succeeded"))
    assert "Azure-AsyncOperation" in answer.headers
    assert ask.show(path, V)["etag"] == answer.body["etag"]
    assert answer.body["properties"] == {"provisioningState": "Succeeded"}


def test_other_tags_of_a_security_group_are_there_at_once_and_other_rules_are_not(ask):
    path = f"{NETWORK}/networkSecurityGroups/n"
    rule = {"access": "Allow", "priority": 100, "direction": "Inbound", "protocol": "*", "sourceAddressPrefix": "*"}
    rules = [{"name": "in", "properties": rule}]
    ask.make(path, V, {"securityRules": rules})
    shown = ask.show(path, V)["properties"]["securityRules"]

    again = ask.make(path, V, {"securityRules": shown}, tags={"foo": "bar"})
    assert phase(again) == (200, "Succeeded")
    assert {r["properties"]["provisioningState"] for r in again.body["properties"]["securityRules"]} == {"Succeeded"}
    changed = {"name": "in", "properties": {**rule, "priority": 101}}
    assert phase(ask.make(path, V, {"securityRules": [changed]})) == (200, "Updating")
    assert phase(ask.make(path, V, {"securityRules": []})) == (200, "Updating")


def test_an_interface_takes_its_time_to_join_a_group_and_none_for_another_address(ask):
    for name in ("one", "two"):
        ask.make(f"{NETWORK}/applicationSecurityGroups/{name}", V, {})
        ask.make(f"{NETWORK}/networkSecurityGroups/{name}", V, {})
    groups = {"applicationSecurityGroups": [id_of(ask, "applicationSecurityGroups/one")]}
    guard, other = (id_of(ask, f"networkSecurityGroups/{name}") for name in ("one", "two"))

    assert phase(interface(ask, "a")) == (201, "Succeeded")
    assert phase(interface(ask, "a", "b")) == (200, "Succeeded")
    assert phase(interface(ask, "a", "b", inner=groups)) == (200, "Updating")
    assert phase(interface(ask, "a", "b", inner=groups)) == (200, "Succeeded")
    assert phase(interface(ask, "a", networkSecurityGroup=guard)) == (200, "Updating")
    assert phase(interface(ask, "a", networkSecurityGroup=other)) == (200, "Succeeded")


def test_a_nat_gateway_shows_its_tier_and_no_addresses_that_it_does_not_have(ask):
    path = f"{NETWORK}/natGateways/n"

    ask.make(path, V, {"idleTimeoutInMinutes": 4}, sku={"name": "Standard"})

    shown = ask.show(path, V)
    assert shown["sku"] == {"name": "Standard", "tier": "Regional"}
    assert not shown["properties"].keys() & {"publicIpAddresses", "publicIpPrefixes"}


JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"


@pytest.mark.parametrize(
    ("service", "actions"),
    [
        ("Microsoft.Web/serverFarms", ["Microsoft.Network/virtualNetworks/subnets/action"]),
        ("Microsoft.Network/dnsResolvers", [JOIN]),
        (
            "Microsoft.Sql/managedInstances",
            [
                JOIN,
                "Microsoft.Network/virtualNetworks/subnets/prepareNetworkPolicies/action",
                "Microsoft.Network/virtualNetworks/subnets/unprepareNetworkPolicies/action",
            ],
        ),
        ("microsoft.netapp/volumes", ["Microsoft.Network/networkinterfaces/*", JOIN]),
    ],
)
def test_a_delegation_is_settled_from_the_first_and_says_what_its_service_may_do(ask, service, actions):
    answer = subnet(ask, "d", delegations=[{"name": "0", "properties": {"serviceName": service}}])

    (delegation,) = answer.body["properties"]["delegations"]
    assert phase(answer) == (201, "Updating")
    assert delegation["properties"] == {"provisioningState": "Succeeded", "serviceName": service, "actions": actions}


def test_a_region_lists_the_services_that_take_a_subnet(ask):
    answer, in_group = (regional(ask, "availableDelegations", group=group) for group in (False, True))

    first, *more = answer.body["value"]
    assert (first["name"], first["serviceName"]) == ("Microsoft.Web.serverFarms", "Microsoft.Web/serverFarms")
    assert "Microsoft.Network/dnsResolvers" in [one["serviceName"] for one in more]
    assert "/resourceGroup/g/providers/Microsoft.Network/availableDelegations/" in in_group.body["value"][0]["id"]


@pytest.mark.parametrize(
    ("service", "sent", "locations"),
    [
        ("Microsoft.Storage", {}, ["westus", "eastus"]),
        ("Microsoft.Storage", {"locations": ["*"]}, ["westus", "eastus"]),
        ("Microsoft.Sql", {}, ["westus"]),
        ("Microsoft.ContainerRegistry", {}, ["*"]),
        ("Microsoft.KeyVault", {"locations": ["westus2"]}, ["westus2"]),
    ],
)
def test_a_service_endpoint_names_where_its_service_is(ask, service, sent, locations):
    answer = subnet(ask, "d", serviceEndpoints=[{"service": service, **sent}])

    assert answer.body["properties"]["serviceEndpoints"] == [
        {"provisioningState": "Updating", "service": service, "locations": locations}
    ]


def test_a_service_endpoint_for_an_unknown_service_is_not_emulated(ask):
    body = {"properties": {"addressPrefix": "10.0.1.0/24", "serviceEndpoints": [{"service": "Microsoft.Nonsense"}]}}

    answer = ask("PUT", f"{NETWORK}/virtualNetworks/v/subnets/d", V, body)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_a_region_lists_the_services_that_have_endpoints(ask):
    found = {one["name"]: one for one in regional(ask, "virtualNetworkAvailableEndpointServices").body["value"]}

    assert len(found) == 12
    assert found["Microsoft.ContainerRegistry"]["type"] == "Microsoft.Network/virtualNetworkEndpointServices"
    assert found["Microsoft.Storage"]["id"].endswith("/virtualNetworkEndpointServices/Microsoft.Storage")


def test_an_address_that_becomes_static_is_told_when_it_is_done(ask):
    path = f"{NETWORK}/publicIPAddresses/p"
    ask.make(path, V, {"publicIPAllocationMethod": "Dynamic"})

    answer = ask.make(path, V, {"publicIPAllocationMethod": "Static"})
    shown = ask.show(path, V)["properties"]
    again = ask.make(path, V, {"publicIPAllocationMethod": "Static", "idleTimeoutInMinutes": 10})

    assert phase(answer) == (200, "Updating")
    assert "ipAddress" not in answer.body["properties"]
    assert again.body["properties"]["ipAddress"] == shown["ipAddress"]


def test_a_network_tells_how_full_its_subnets_are(ask):
    interface(ask, "a", "b")
    subnet(ask, "d")

    usages = ask.show(f"{NETWORK}/virtualNetworks/v/usages", V)["value"]

    assert [(u["id"].rpartition("/")[2], u["currentValue"], u["limit"]) for u in usages] == [
        ("s", 2.0, 251.0),
        ("d", 0.0, 251.0),
    ]
    assert usages[0]["name"] == {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"}


def test_the_rules_that_every_group_ends_with_are_listed_and_found_by_name(ask):
    path = f"{NETWORK}/networkSecurityGroups/n"
    ask.make(path, V, {})

    listed = ask.show(f"{path}/defaultSecurityRules", V)["value"]
    one = ask.show(f"{path}/defaultSecurityRules/denyallinbound", V)
    none = ask("GET", f"{path}/defaultSecurityRules/nosuch", V)

    assert listed == ask.show(path, V)["properties"]["defaultSecurityRules"]
    assert (one["name"], one["properties"]["priority"]) == ("DenyAllInBound", 65500)
    assert (none.status, none.body["error"]["code"]) == (404, "NotFound")
    assert ask("GET", f"{NETWORK}/networkSecurityGroups/gone/defaultSecurityRules/DenyAllInBound", V).status == 404


def test_a_subnet_lists_the_links_of_services(ask):
    links = ask.show(f"{NETWORK}/virtualNetworks/v/subnets/s/ServiceAssociationLinks", V)

    assert links == {"value": []}


@pytest.mark.parametrize(
    "path", ["virtualNetworks/v/subnets/s/ResourceNavigationLinks", "locations/westus/availablePrivateEndpointTypes"]
)
def test_other_lists_are_not_emulated(ask, path):
    answer = ask("GET", f"{NETWORK}/{path}", V)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


@pytest.mark.parametrize(
    ("path", "body", "empty"),
    [
        (
            "virtualNetworks/v/subnets/d",
            {"addressPrefix": "10.0.1.0/24"},
            ("serviceEndpointPolicies", "ipAllocations", "applicationGatewayIPConfigurations"),
        ),
        ("virtualNetworks/w", {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}, ("ipAllocations",)),
        ("natGateways/n", {}, ("publicIpAddressesV6", "publicIpPrefixesV6")),
    ],
)
def test_a_list_of_what_is_not_emulated_may_be_empty(ask, path, body, empty):
    """Terraform sends the lists that its user left out, too."""
    sku = {"sku": {"name": "Standard"}} if "nat" in path else {}
    ask.make(f"{NETWORK}/{path}", "2025-01-01", {**body, **{name: [] for name in empty}}, **sku)

    place = {} if "/subnets/" in path else {"location": "westus"}
    filled = {**place, **sku, "properties": {**body, empty[0]: [{}]}}
    answer = ask("PUT", f"{NETWORK}/{path}", "2025-01-01", filled)

    assert answer.status == 501, answer.body
    assert empty[0] in answer.body["error"]["message"]


@pytest.mark.parametrize(("scope", "status"), [("", 201), ("Tenant", 501), ("Everybody", 400)])
def test_a_subnet_is_shared_with_nobody(ask, scope, status):
    """Terraform says so with an empty text."""
    body = {"properties": {"addressPrefix": "10.0.1.0/24", "sharingScope": scope}}

    answer = ask("PUT", f"{NETWORK}/virtualNetworks/v/subnets/d", "2025-01-01", body)

    assert answer.status == status, answer.body
    assert "sharingScope" not in answer.body.get("properties", {})


def test_a_configuration_for_ipv6_is_not_emulated_whatever_it_lacks(ask):
    parts = [{"name": "six", "properties": {"privateIPAddressVersion": "IPv6"}}]
    body = {"location": "westus", "properties": {"ipConfigurations": parts}}

    answer = ask("PUT", f"{NETWORK}/networkInterfaces/i", V, body)

    assert (answer.status, "IPv6" in answer.body["error"]["message"]) == (501, True)


def test_a_name_server_with_an_address_of_ipv6_is_not_emulated(ask):
    body = {"location": "westus", "properties": {**SPACE, "dhcpOptions": {"dnsServers": ["2001:db8::4"]}}}

    assert ask("PUT", f"{NETWORK}/virtualNetworks/v", V, body).status == 501


@pytest.mark.parametrize(("type", "properties"), [("virtualNetworks", SPACE), ("routeTables", {})])
def test_a_network_or_table_that_is_written_as_it_was_is_ready_at_once(ask, type, properties):
    path = f"{NETWORK}/{type}/as-it-was"
    first = ask.make(path, V, properties)

    again = ask.make(path, V, properties)
    tagged = ask.make(path, V, properties, tags={"foo": "bar"})

    assert (phase(first), phase(again)) == ((201, "Updating"), (200, "Succeeded"))
    assert "Azure-AsyncOperation" in again.headers
    assert ("Retry-After" in first.headers, "Retry-After" in again.headers) == (True, False)
    assert phase(tagged) == (200, "Updating")


def test_a_network_that_is_written_again_with_its_subnets_as_they_were_is_ready_at_once(ask):
    path = f"{NETWORK}/virtualNetworks/v"
    subnets = ask.show(path, V)["properties"]["subnets"]

    same = ask.make(path, V, {**SPACE, "subnets": subnets})
    fewer = ask.make(path, V, {**SPACE, "subnets": []})

    assert (phase(same), phase(fewer)) == ((200, "Succeeded"), (200, "Updating"))


def test_what_is_still_being_written_is_not_ready_for_being_written_again(ask):
    path = f"{NETWORK}/routeTables/t"
    ask("PUT", path, V, {"location": "westus", "properties": {}})

    assert phase(ask("PUT", path, V, {"location": "westus", "properties": {}})) == (200, "Updating")


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("virtualNetworks/v", "subnets/none"),
        ("virtualNetworks/v", "virtualNetworkPeerings/none"),
        ("routeTables/w", "routes/none"),
        ("networkSecurityGroups/w", "securityRules/none"),
    ],
)
def test_the_service_says_itself_that_a_part_is_missing(ask, whole, part):
    ask.make(f"{NETWORK}/{whole}", V, SPACE if whole.startswith("virtual") else {})

    answer = ask("GET", f"{NETWORK}/{whole}/{part}", V)

    id = id_of(ask, f"{whole}/{part}")["id"]
    assert (answer.status, answer.body) == (
        404,
        {"error": {"code": "NotFound", "message": f"Resource {id} not found.", "details": []}},
    )
    assert "x-ms-failure-cause" not in answer.headers


def test_a_gateway_for_an_address_that_is_not_there_is_refused_in_capitals(ask):
    address = id_of(ask, "publicIPAddresses/somewhere")

    body = {"location": "westus", "sku": {"name": "Standard"}, "properties": {"publicIpAddresses": [address]}}
    answer = ask("PUT", f"{NETWORK}/natGateways/n", V, body)

    told = id_of(ask, "publicIPAddresses/SOMEWHERE")["id"].replace("/resourceGroups/g/", "/resourceGroups/G/")
    assert (answer.status, answer.body["error"]["code"]) == (404, "NotFound")
    assert answer.body["error"]["message"] == f"Resource {told} not found."


@pytest.mark.parametrize(("version", "told"), [("2020-05-01", None), ("2020-11-01", False)])
def test_a_route_says_since_late_in_2020_that_no_gateway_overrides_it(ask, version, told):
    route = {"name": "r", "properties": {"addressPrefix": "Storage", "nextHopType": "Internet"}}
    ask.make(f"{NETWORK}/routeTables/t", V, {"routes": [route]})

    assert ask.show(f"{NETWORK}/routeTables/t/routes/r", version)["properties"].get("hasBgpOverride") is told


RULE = {"access": "Allow", "priority": 100, "direction": "Inbound", "protocol": "*", "sourceAddressPrefix": "*"}
PARTS = [
    ("virtualNetworks/v", SPACE, "subnets", {"addressPrefix": "10.0.7.0/24"}, {"addressPrefix": "10.0.8.0/24"}),
    ("routeTables/t", {}, "routes", *({"addressPrefix": p, "nextHopType": "None"} for p in ("10.1.0.0/16", "Storage"))),
    ("networkSecurityGroups/n", {}, "securityRules", RULE, {**RULE, "priority": 101}),
]


@pytest.mark.parametrize(("whole", "properties", "segment", "first", "second"), PARTS)
def test_a_network_resource_and_its_parts_have_one_etag(ask, whole, properties, segment, first, second):
    path = f"{NETWORK}/{whole}"
    ask.make(path, V, properties)

    def etags():
        shown = ask.show(path, V)
        return {shown["etag"], *(part["etag"] for part in shown["properties"][segment])}

    def write(method, name, body=None):
        assert ask(method, f"{path}/{segment}/{name}", V, body and {"properties": body}).status < 300
        ask.world.advance_to(ask.world.now + 100)

    seen = [etags()]
    write("PUT", "one", first)
    seen.append(etags())
    write("PUT", "two", second)
    seen.append(etags())
    write("DELETE", "two")
    seen.append(etags())

    assert [len(each) for each in seen] == [1, 1, 1, 1]
    assert len(set().union(*seen)) == 4


def test_a_condition_on_a_network_fails_after_a_subnet_of_it_was_written(ask):
    path = f"{NETWORK}/virtualNetworks/v"
    before = ask.show(path, V)["etag"]
    subnet(ask, "d")

    body = json.dumps({"location": "westus", "properties": SPACE}).encode()
    where, headers = f"{ask.group}/providers/{path}", {"if-match": before}
    answer = ask.azure.manager.handle(Request("PUT", "", where, {"api-version": V}, headers, body, "https://x"))

    assert (answer.status, answer.body["error"]["code"]) == (412, "PreconditionFailed")
