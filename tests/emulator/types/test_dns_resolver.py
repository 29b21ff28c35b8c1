"""DNS Private Resolver through the SDK's own client: what it is made of, how long that takes, and what it refuses."""

import base64
import json

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.dnsresolver import DnsResolverManagementClient

from tests.sdk import client

LOCATED = {"location": "westus"}
DELEGATED = [{"name": "d", "properties": {"serviceName": "Microsoft.Network/dnsResolvers"}}]


class Hub:
    """A network with a subnet for each kind of endpoint, and the client for resolvers."""

    def __init__(self, cloud):
        self.cloud, self.world = cloud, cloud.world
        self.dns = client(DnsResolverManagementClient, cloud.opened)
        self.network = self.add_network("hub", "10.20.0.0/16")
        self.inbound_subnet = self.subnet("in", "10.20.1.0/28", delegations=DELEGATED)
        self.outbound_subnet = self.subnet("out", "10.20.2.0/28", delegations=DELEGATED)

    def add_network(self, name, prefix, region="westus"):
        body = {"location": region, "properties": {"addressSpace": {"addressPrefixes": [prefix]}}}
        return self.cloud.network.virtual_networks.begin_create_or_update("g", name, body).result()

    def subnet(self, name, prefix, network="hub", **more):
        body = {"properties": {"addressPrefix": prefix, **more}}
        return self.cloud.network.subnets.begin_create_or_update("g", network, name, body).result()

    def resolver(self, name="r", network=None, region="westus"):
        body = {"location": region, "properties": {"virtualNetwork": {"id": (network or self.network).id}}}
        return self.dns.dns_resolvers.begin_create_or_update("g", name, body).result()

    def inbound(self, subnet=None, name="in", **more):
        configuration = {"subnet": {"id": (subnet or self.inbound_subnet).id}, **more}
        body = {**LOCATED, "properties": {"ipConfigurations": [configuration]}}
        return self.dns.inbound_endpoints.begin_create_or_update("g", "r", name, body).result()

    def outbound(self, subnet=None, name="out"):
        body = {**LOCATED, "properties": {"subnet": {"id": (subnet or self.outbound_subnet).id}}}
        return self.dns.outbound_endpoints.begin_create_or_update("g", "r", name, body).result()

    def ruleset(self, endpoint, name="rules"):
        body = {**LOCATED, "properties": {"dnsResolverOutboundEndpoints": [{"id": endpoint.id}]}}
        return self.dns.dns_forwarding_rulesets.begin_create_or_update("g", name, body).result()

    def rule(self, name="acr", domain="azurecr.io.", targets=("10.20.1.4",), ruleset="rules", **more):
        servers = [{"ipAddress": address, "port": 53} for address in targets]
        body = {"properties": {"domainName": domain, "targetDnsServers": servers, **more}}
        return self.dns.forwarding_rules.create_or_update("g", ruleset, name, body)

    def link(self, network=None, name="link", ruleset="rules"):
        body = {"properties": {"virtualNetwork": {"id": (network or self.network).id}}}
        return self.dns.virtual_network_links.begin_create_or_update("g", ruleset, name, body).result()


@pytest.fixture
def hub(cloud):
    return Hub(cloud)


@pytest.fixture
def outbound(hub):
    hub.resolver()
    return hub.outbound()


@pytest.fixture
def ruleset(hub, outbound):
    return hub.ruleset(outbound)


def seconds(hub, call):
    before = hub.world.now
    call()
    return hub.world.now - before


def test_a_resolver_tells_its_network_and_that_it_is_connected(hub):
    made = hub.resolver()

    assert made.provisioning_state == "Succeeded"
    assert made.dns_resolver_state == "Connected"
    assert made.virtual_network.id == hub.network.id
    assert made.etag.startswith('"')
    found = hub.dns.dns_resolvers.list_by_virtual_network("g", "hub")
    assert [one.id for one in found] == [made.id]


def test_a_resolver_without_its_network_is_disconnected(hub):
    hub.resolver()
    hub.cloud.network.virtual_networks.begin_delete("g", "hub").result()

    assert hub.dns.dns_resolvers.get("g", "r").dns_resolver_state == "Disconnected"


def test_an_operation_is_followed_as_recorded(hub, cloud):
    seen = []
    body = {**LOCATED, "properties": {"virtualNetwork": {"id": hub.network.id}}}
    hub.dns.dns_resolvers.begin_create_or_update(
        "g", "r", body, raw_response_hook=lambda r: seen.append(r.http_response)
    ).result()

    first, poll = seen[0], json.loads(seen[-2].text())  # after it the resource itself is read
    assert (first.status_code, first.text()) == (202, "{}")
    assert "Retry-After" not in first.headers
    address = first.headers["Azure-AsyncOperation"]
    assert "/providers/Microsoft.Network/locations/westus/dnsResolverOperationStatuses/" in address
    assert json.loads(base64.urlsafe_b64decode(poll["name"]))["OperationType"] == "UpsertDnsResolver"
    assert poll["status"] == "Succeeded"
    assert poll["startTime"] < poll["endTime"]


def test_an_inbound_endpoint_gets_the_first_address_of_its_subnet(hub):
    hub.resolver()
    made = hub.inbound()

    configuration = made.ip_configurations[0]
    assert (configuration.private_ip_address, configuration.private_ip_allocation_method) == ("10.20.1.4", "Dynamic")
    assert made.resource_guid


def test_an_inbound_endpoint_has_the_address_that_it_asks_for(hub, refused):
    hub.resolver()
    asked = {"privateIpAllocationMethod": "Static", "privateIpAddress": "10.20.1.9"}
    assert hub.inbound(**asked).ip_configurations[0].private_ip_address == "10.20.1.9"

    other = hub.subnet("in2", "10.20.3.0/28")
    asked["privateIpAddress"] = "10.20.3.2"  # one of those that Azure keeps
    assert refused(lambda: hub.inbound(other, "in2", **asked))[1] == "BadRequest"


def test_endpoints_take_minutes(hub):
    assert seconds(hub, hub.resolver) < 60
    assert seconds(hub, hub.inbound) >= 167
    assert seconds(hub, hub.outbound) >= 117


def test_a_subnet_that_is_used_shows_by_whom_and_stays(hub, refused):
    hub.resolver()
    hub.inbound()
    subnets = hub.cloud.network.subnets
    shown = subnets.get("g", "hub", "in")

    assert [link.link.split("/")[1] for link in shown.service_association_links] == ["InboundEndpoint"]
    assert refused(lambda: subnets.begin_delete("g", "hub", "in").result()) == (400, "InUseSubnetCannotBeDeleted")
    assert refused(lambda: hub.subnet("in", "10.20.1.0/28")) == (400, "SubnetMissingRequiredDelegation")
    networks = hub.cloud.network.virtual_networks
    assert refused(lambda: networks.begin_delete("g", "hub").result()) == (400, "InUseSubnetCannotBeDeleted")


def test_a_subnet_without_a_delegation_gets_one(hub):
    hub.resolver()
    hub.inbound(hub.subnet("plain", "10.20.5.0/28"))

    delegation = hub.cloud.network.subnets.get("g", "hub", "plain").delegations[0]
    assert delegation.name == "Microsoft.Network.dnsResolvers"
    assert delegation.service_name == "Microsoft.Network/dnsResolvers"
    assert delegation.actions == ["Microsoft.Network/virtualNetworks/subnets/join/action"]


@pytest.mark.parametrize("prefix", ["10.20.9.0/29", "10.20.4.0/23"])
def test_a_subnet_of_another_size_fails_the_endpoint_which_stays_behind(hub, prefix):
    hub.resolver()
    subnet = hub.subnet("s", prefix)

    with pytest.raises(HttpResponseError) as caught:
        hub.inbound(subnet)

    assert caught.value.error.code == "BadRequest"
    assert "at least /28 and at most  /24 size" in caught.value.error.message
    assert hub.dns.inbound_endpoints.get("g", "r", "in").provisioning_state == "Failed"


def test_reserved_addresses_are_refused(hub, refused):
    network = hub.add_network("usual", "10.0.0.0/16")
    body = {**LOCATED, "properties": {"virtualNetwork": {"id": network.id}}}
    hub.dns.dns_resolvers.begin_create_or_update("g", "r", body).result()

    assert refused(lambda: hub.inbound(hub.subnet("a", "10.0.16.0/28", "usual")))[1] == "BadRequest"
    assert hub.inbound(hub.subnet("b", "10.0.17.0/28", "usual"), "b").provisioning_state == "Succeeded"


def test_a_subnet_of_another_kind_is_refused(hub, refused):
    hub.resolver()
    taken = hub.subnet("taken", "10.20.6.0/28")
    hub.cloud.interface(taken)
    other = hub.subnet(
        "other", "10.20.7.0/28", delegations=[{"name": "d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}]
    )
    elsewhere = hub.subnet("s", "10.30.0.0/28", hub.add_network("far", "10.30.0.0/16").name)

    assert [refused(lambda s=s: hub.outbound(s, s.name))[1] for s in (taken, other, elsewhere)] == ["BadRequest"] * 3


def test_two_endpoints_do_not_share_a_subnet(hub, refused):
    hub.resolver()
    hub.inbound()

    assert refused(lambda: hub.outbound(hub.inbound_subnet))[1] == "BadRequest"


def test_nothing_else_fits_into_a_delegated_subnet(hub, refused):
    assert refused(lambda: hub.cloud.interface(hub.inbound_subnet)) == (400, "SubnetIsDelegated")


def test_a_delegation_names_a_service_that_takes_a_subnet(hub, refused):
    wrong = [{"name": "d", "properties": {"serviceName": "Microsoft.Network/managedResolvers"}}]
    assert refused(lambda: hub.subnet("w", "10.20.8.0/28", delegations=wrong)) == (
        400,
        "InvalidServiceNameOnDelegation",
    )


def test_a_subnet_in_use_keeps_its_delegations(hub, refused):
    subnet = hub.subnet("vm", "10.20.8.0/28")
    hub.cloud.interface(subnet)
    assert refused(lambda: hub.subnet("vm", "10.20.8.0/28", delegations=DELEGATED)) == (
        400,
        "SubnetDelegationsCannotChangeWhenSubnetUsedByResource",
    )


def test_a_network_has_one_resolver_in_its_region(hub, refused):
    hub.resolver()

    assert refused(lambda: hub.resolver("second")) == (409, "Conflict")
    far = hub.add_network("far", "10.30.0.0/16", "eastus")
    assert refused(lambda: hub.resolver("third", far)) == (400, "BadRequest")


def test_parts_go_before_the_whole(hub, refused, ruleset):
    hub.rule()
    hub.link()
    assert refused(lambda: hub.dns.dns_resolvers.begin_delete("g", "r").result()) == (409, "CannotDeleteResource")
    assert refused(lambda: hub.dns.outbound_endpoints.begin_delete("g", "r", "out").result()) == (409, "Conflict")
    assert refused(lambda: hub.dns.dns_forwarding_rulesets.begin_delete("g", "rules").result())[0] == 409

    hub.dns.virtual_network_links.begin_delete("g", "rules", "link").result()
    hub.dns.dns_forwarding_rulesets.begin_delete("g", "rules").result()
    hub.dns.outbound_endpoints.begin_delete("g", "r", "out").result()
    hub.dns.dns_resolvers.begin_delete("g", "r").result()
    assert list(hub.dns.dns_resolvers.list()) == []
    hub.cloud.network.subnets.begin_delete("g", "hub", "out").result()


def test_a_ruleset_tells_its_networks(hub, ruleset):
    link = hub.link()

    found = list(hub.dns.dns_forwarding_rulesets.list_by_virtual_network("g", "hub"))
    assert [(one.id, one.virtual_network_link.id) for one in found] == [(ruleset.id, link.id)]


def test_a_rule_is_written_at_once_and_keeps_its_domain(hub, refused, ruleset):
    made = hub.rule(metadata={"why": "hub"})

    assert (made.domain_name, made.forwarding_rule_state, made.provisioning_state) == (
        "azurecr.io.",
        "Enabled",
        "Succeeded",
    )
    assert hub.rule(forwardingRuleState="Disabled").forwarding_rule_state == "Disabled"
    assert refused(lambda: hub.rule(domain="contoso.com.")) == (409, "Conflict")
    assert refused(lambda: hub.rule("again")) == (409, "Conflict")


@pytest.mark.parametrize(
    "wrong",
    [
        {"domain": "azurecr.io"},
        {"domain": "io."},
        {"domain": "a..b."},
        {"targets": ("168.63.129.16",)},
        {"targets": tuple(f"10.9.0.{last}" for last in range(7))},
        {"name": "1st"},
    ],
)
def test_a_rule_that_could_not_work_is_refused(hub, refused, ruleset, wrong):
    assert refused(lambda: hub.rule(**wrong)) == (400, "BadRequest")


def test_a_network_is_linked_to_one_ruleset_of_its_region(hub, refused, ruleset, outbound):
    hub.link()
    hub.ruleset(outbound, "more")

    assert refused(lambda: hub.link(ruleset="more")) == (409, "Conflict")
    far = hub.add_network("far", "10.30.0.0/16", "eastus")
    assert refused(lambda: hub.link(far, "far")) == (400, "BadRequest")
    assert refused(lambda: hub.ruleset(outbound, "third")) == (400, "BadRequest")


def test_the_link_of_a_ruleset_goes_with_its_network(hub, ruleset):
    spoke = hub.add_network("spoke", "10.30.0.0/16")
    hub.link(spoke)
    hub.cloud.network.virtual_networks.begin_delete("g", "spoke").result()

    assert list(hub.dns.virtual_network_links.list("g", "rules")) == []
