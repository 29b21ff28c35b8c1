from contextlib import closing
from dataclasses import replace

import pytest

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import INTERNET, Request, Unreachable
from acrlab.emulator.entra import tokens
from acrlab.emulator.network import public_dns
from acrlab.emulator.network.reachability import vantage_of
from acrlab.errors import ConfigurationError

IDENTITY = {"api-version": "2018-02-01", "resource": "https://management.azure.com/"}


def fails(place, host, *args, **more):
    with pytest.raises(Unreachable) as failed:
        place.ask(host, *args, **more)
    return failed.value.reason


def test_a_chain_of_names_is_followed_in_one_state_of_the_world(tmp_path, monkeypatch):
    """An endpoint that is deleted between two names of the chain would leave an alias that leads nowhere."""
    with closing(EmulatedAzure(tmp_path / "world.db")) as azure, closing(EmulatedAzure(tmp_path / "world.db")) as other:
        other.world.db.execute("PRAGMA busy_timeout = 0")
        look_up = public_dns.look_up

        def meanwhile(world, name):
            with pytest.raises(ConfigurationError, match="is busy"), other.world.transaction():
                pass
            return look_up(world, name)

        monkeypatch.setattr(public_dns, "look_up", meanwhile)

        assert azure.delivery.find_address("management.azure.com", INTERNET)


# -- registries ------------------------------------------------------------------------------------------------------


def test_registry_sees_the_vms_egress_address_on_the_public_side(place):
    place.registry(publicNetworkAccess="Disabled")
    answer = place.ask("contoso.azurecr.io")
    assert answer.status == 403
    assert "client with IP '203.0.113.77'" in answer.body["errors"][0]["message"]


def test_registry_lets_the_vm_in_through_its_endpoint(place):
    place.registry(publicNetworkAccess="Disabled")
    place.linked()
    assert place.ask("contoso.azurecr.io").status == 401
    assert place.ask("contoso.azurecr.io", vantage=INTERNET).status == 403


def test_vm_in_a_network_without_the_link_is_refused(place):
    place.registry(publicNetworkAccess="Disabled")
    place.linked()
    place.network("other", "10.1.0.0/16")
    place.subnet("other", prefix="10.1.0.0/24")
    place.vm("outside", "10.1.0.4", network="other", public="203.0.113.78")
    answer = place.ask("contoso.azurecr.io", vantage=place.stand("outside"))
    assert "'203.0.113.78'" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("status", ["Pending", "Rejected", "Disconnected"])
def test_endpoint_that_is_not_approved_does_not_answer(place, status):
    place.registry()
    place.linked()
    place.endpoint(status=status)
    assert fails(place, "contoso.azurecr.io") == "timeout"


def test_records_of_an_endpoint_that_is_gone_lead_nowhere(place):
    place.registry()
    place.linked()
    with place.world.transaction():
        place.world.delete(place.id("Microsoft.Network/networkInterfaces", "pe.nic"))
    assert fails(place, "contoso.azurecr.io") == "timeout"


def test_missing_record_is_no_such_host(place):
    place.registry()
    place.endpoint()
    place.zone()
    assert fails(place, "contoso.azurecr.io") == "no such host"


def test_swapped_records_meet_the_certificate_of_the_other_name(place):
    place.registry()
    place.linked()
    place.record("contoso", "10.0.0.5")
    reason = "certificate is valid for *.westus.data.azurecr.io, not contoso.azurecr.io"
    assert fails(place, "contoso.azurecr.io") == reason


def test_private_name_itself_has_no_certificate(place):
    place.registry()
    place.linked()
    reason = "certificate is valid for *.azurecr.io, not contoso.privatelink.azurecr.io"
    assert fails(place, "contoso.privatelink.azurecr.io") == reason


def test_nothing_listens_on_a_vm(place):
    place.registry()
    place.linked()
    place.record("contoso", "10.0.0.4")
    assert fails(place, "contoso.azurecr.io") == "connection refused"
    place.vm("second", "10.0.0.9", public="")
    place.record("contoso", "10.0.0.9")
    assert fails(place, "contoso.azurecr.io") == "connection refused"


def test_a_vm_that_lets_no_one_in_is_silent(place):
    group = place.security_group(("closed", 100, "Inbound", "Deny", "*", "*"))
    place.vm("second", "10.0.0.9", public="", group=group)
    assert fails(place, "10.0.0.9") == "timeout"


def test_rules_are_asked_once_for_a_connection_and_all_else_with_each_request(place):
    place.registry()
    place.linked()
    group = place.security_group(("no-https", 100, "Outbound", "Deny", "*", "443"))
    place.subnet(networkSecurityGroup={"id": str(group.id)})
    request = Request("GET", "contoso.azurecr.io", "/v2/", vantage=place.stand())
    with pytest.raises(Unreachable, match="timeout"):
        place.delivery.connect(request, "10.0.0.6")
    assert place.delivery.connected(request, "10.0.0.6").status == 401

    place.endpoint(status="Rejected")

    with pytest.raises(Unreachable, match="timeout"):
        place.delivery.connected(request, "10.0.0.6")


def test_private_address_means_nothing_outside(place):
    place.registry()
    place.linked()
    assert fails(place, "10.0.0.6", vantage=INTERNET) == "timeout"


def test_registry_does_not_speak_without_tls(place):
    place.registry()
    assert fails(place, "contoso.azurecr.io", plain=True) == "connection refused"


# -- ways out --------------------------------------------------------------------------------------------------------


def test_vm_without_a_public_address_has_no_way_out(place):
    place.registry()
    place.vm(public="")
    assert fails(place, "contoso.azurecr.io") == "timeout"
    place.linked()
    assert place.ask("contoso.azurecr.io").status == 401


def test_network_with_name_servers_of_its_own_finds_nothing(place):
    place.registry()
    place.network(servers=["10.0.0.9"])
    assert fails(place, "contoso.azurecr.io") == "server misbehaving"


def test_rule_of_the_interface_stops_what_goes_out(place):
    place.registry()
    group = place.security_group(("no-https", 100, "Outbound", "Deny", "*", "443"))
    place.vm(group=group)
    assert fails(place, "contoso.azurecr.io") == "timeout"
    assert place.ask("azure.archive.ubuntu.com", "/ubuntu/dists/jammy/InRelease", plain=True).status == 200


def test_rule_of_the_subnet_stops_what_goes_out(place):
    place.registry()
    group = place.security_group(("no-internet", 100, "Outbound", "Deny", "Internet", "*"))
    place.subnet(networkSecurityGroup={"id": str(group.id)})
    assert fails(place, "contoso.azurecr.io") == "timeout"
    place.linked()
    assert place.ask("contoso.azurecr.io").status == 401


def test_service_tag_opens_the_way_to_registries_only(place):
    place.registry()
    group = place.security_group(
        ("registries", 100, "Outbound", "Allow", "AzureContainerRegistry.WestUS", "400-500"),
        ("nothing-else", 200, "Outbound", "Deny", "Internet", "*"),
    )
    place.vm(group=group)
    assert place.ask("contoso.azurecr.io").status == 401
    assert fails(place, "mcr.microsoft.com") == "timeout"


def test_default_rules_let_everything_out(place):
    place.registry()
    place.vm(group=place.security_group())
    assert place.ask("contoso.azurecr.io").status == 401


def test_subnets_rules_reach_an_endpoint_only_with_its_policies_on(place):
    place.registry()
    place.linked()
    group = place.security_group(("closed", 100, "Inbound", "Deny", "10.0.0.6/32", "443"))
    place.subnet(networkSecurityGroup={"id": str(group.id)})
    assert place.ask("contoso.azurecr.io").status == 401
    place.subnet(networkSecurityGroup={"id": str(group.id)}, privateEndpointNetworkPolicies="Enabled")
    assert fails(place, "contoso.azurecr.io") == "timeout"


# -- where a VM stands ------------------------------------------------------------------------------------------


def test_vm_stands_at_its_primary_interface(place):
    stand = place.stand()
    assert (stand.address, stand.egress) == ("10.0.0.4", "203.0.113.77")
    assert stand.network == str(place.network().id)
    assert stand.vm.endswith("/virtualMachines/vm")


def test_vm_whose_interface_is_gone_stands_nowhere(place):
    vm = place.vm()
    with place.world.transaction():
        place.world.delete(place.id("Microsoft.Network/networkInterfaces", "vm-interface"))
    assert vantage_of(place.world, vm).network == ""
    assert fails(place, "mcr.microsoft.com") == "timeout"


# -- the other planes ------------------------------------------------------------------------------------------------


def test_metadata_service_gives_the_vms_identity_a_token(place):
    answer = place.ask(
        "169.254.169.254", "/metadata/identity/oauth2/token", plain=True, query=IDENTITY, metadata="true"
    )
    claims = tokens.read(place.world, answer.body["access_token"])
    assert claims["oid"] == place.world.guid(place.vm(), "principal")
    assert claims["aud"] == "https://management.azure.com"


@pytest.mark.parametrize(
    ("query", "headers", "text"),
    [
        (IDENTITY, {}, "Required metadata header not specified"),
        ({"resource": "x"}, {"metadata": "true"}, "Required query variable 'api-version' is missing"),
        ({"api-version": "2018-02-01"}, {"metadata": "true"}, "Required query variable 'resource' is missing"),
    ],
)
def test_metadata_service_says_what_is_missing(place, query, headers, text):
    answer = place.ask("169.254.169.254", "/metadata/identity/oauth2/token", plain=True, query=query, **headers)
    assert (answer.status, answer.body["error_description"]) == (400, text)


def test_vm_without_identity_gets_no_token(place):
    place.put("Microsoft.Compute/virtualMachines", "vm", properties=place.vm().properties, identity={"type": "None"})
    answer = place.ask(
        "169.254.169.254", "/metadata/identity/oauth2/token", plain=True, query=IDENTITY, metadata="true"
    )
    assert answer.body == {"error": "invalid_request", "error_description": "Identity not found"}


def test_metadata_service_is_for_vms(place):
    assert fails(place, "169.254.169.254", plain=True, vantage=INTERNET) == "timeout"


def test_manager_wants_a_token_from_vms(place):
    answer = place.ask("management.azure.com", "/subscriptions", query={"api-version": "2022-12-01"})
    assert answer.body["error"]["message"] == "Authentication failed. The 'Authorization' header is missing."


def test_manager_answers_the_learner_from_a_vm(place):
    token = place.learner_token()
    query = {"api-version": "2022-12-01"}
    answer = place.ask("management.azure.com", "/subscriptions", query=query, authorization=f"Bearer {token}")
    assert len(answer.body["value"]) == 1


def test_manager_shows_a_vm_only_what_it_may_see(place):
    registry = place.registry()
    asked = place.ask("169.254.169.254", "/metadata/identity/oauth2/token", plain=True, query=IDENTITY, metadata="true")
    sent = {"authorization": f"Bearer {asked.body['access_token']}", "query": {"api-version": "2022-12-01"}}
    assert place.ask("management.azure.com", "/subscriptions", **sent).body["value"] == []
    place.assign("7f951dda-4ed3-4680-a7ca-43fe172d538d", place.vm(), registry)
    assert len(place.ask("management.azure.com", "/subscriptions", **sent).body["value"]) == 1
    refused = place.ask("management.azure.com", str(registry.id), **sent)
    assert (refused.status, refused.body["error"]["code"]) == (403, "AuthorizationFailed")


def test_short_link_leads_to_the_installer(place):
    moved = place.ask("aka.ms", "/InstallAzureCLIDeb")
    assert moved.headers["Location"] == "https://azurecliprod.blob.core.windows.net/$root/deb_install.sh"
    script = place.ask("azurecliprod.blob.core.windows.net", "/$root/deb_install.sh").raw.decode()
    assert "apt-get install -y azure-cli" in script


def test_signing_in_over_http_is_said_not_to_be_emulated(place):
    assert place.ask("login.microsoftonline.com", "/common/oauth2/v2.0/token").body["error"]["code"] == "NotEmulated"


def test_plane_says_what_it_does_not_emulate(place):
    answer = place.ask("169.254.169.254", "/metadata/instance", plain=True, metadata="true")
    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


def test_caller_may_bring_an_address_and_take_any_certificate(place):
    place.registry()
    place.linked()
    request = Request("GET", "contoso.privatelink.azurecr.io", "/v2/", vantage=place.stand())
    assert place.delivery.connect(request, "10.0.0.6", trusting=True).status == 404
    known = replace(request, host="contoso.azurecr.io")
    assert place.delivery.connect(known, "10.0.0.6").status == 401


# -- peerings --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(place):
    """The article's end in `net`, closed to the internet, and a spoke whose network reads the zone, too."""
    place.registry(publicNetworkAccess="Disabled")
    place.linked()
    place.spoke()
    place.link(network="spoke", name="spoke-link")
    return place


def test_a_spoke_reaches_the_endpoint_in_its_hub(hub):
    assert hub.ask("contoso.azurecr.io", vantage=hub.stand("outside")).status == 401


@pytest.mark.parametrize(("local", "remote"), [("net", "spoke"), ("spoke", "net")])
@pytest.mark.parametrize("broken", [{"state": "Initiated"}, {"state": "Disconnected"}, {"access": False}])
def test_both_halves_of_a_peering_have_to_let_traffic_pass(hub, local, remote, broken):
    hub.peer(local, remote, **broken)
    assert fails(hub, "contoso.azurecr.io", vantage=hub.stand("outside")) == "timeout"


def test_a_half_alone_leads_nowhere(hub):
    with hub.world.transaction():
        hub.world.delete(hub.id("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "net", "to-spoke"))
    assert fails(hub, "contoso.azurecr.io", vantage=hub.stand("outside")) == "timeout"


def test_addresses_that_came_later_are_out_of_reach_until_the_peering_is_synced(hub):
    hub.peer("spoke", "net", synced=["10.9.0.0/16"])
    assert fails(hub, "contoso.azurecr.io", vantage=hub.stand("outside")) == "timeout"


def test_peering_is_not_transitive(hub):
    hub.network("far", "10.2.0.0/16")
    hub.subnet("far", prefix="10.2.0.0/24")
    hub.vm("distant", "10.2.0.4", network="far", public="203.0.113.79")
    hub.link(network="far", name="far-link")
    hub.peer("far", "spoke")
    hub.peer("spoke", "far")
    assert fails(hub, "contoso.azurecr.io", vantage=hub.stand("distant")) == "timeout"


def test_dns_does_not_follow_a_peering(hub):
    with hub.world.transaction():
        hub.world.delete(
            hub.id("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "privatelink.azurecr.io", "spoke-link")
        )
    answer = hub.ask("contoso.azurecr.io", vantage=hub.stand("outside"))
    assert (answer.status, "'203.0.113.78'" in answer.body["errors"][0]["message"]) == (403, True)


def test_the_spokes_group_calls_the_hub_virtual_network(hub):
    group = hub.security_group(("no-internet", 100, "Outbound", "Deny", "Internet", "*"))
    hub.vm("outside", "10.1.0.4", network="spoke", public="203.0.113.78", group=group)
    assert hub.ask("contoso.azurecr.io", vantage=hub.stand("outside")).status == 401
