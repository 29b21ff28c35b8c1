from acrlab.azure.dns_answer import Record
from acrlab.emulator.core.http import INTERNET, Vantage
from acrlab.emulator.network import resolver
from acrlab.emulator.registry import hub

FRONT = [
    Record("wus.fe.azcr.io", "CNAME", "wus-acr-reg.trafficmanager.net", 300),
    Record("wus-acr-reg.trafficmanager.net", "CNAME", "l1029wus.westus.cloudapp.azure.com", 300),
    Record("l1029wus.westus.cloudapp.azure.com", "A", "192.0.2.64", 10),
]


def ask(place, name, vantage=None, **more):
    return resolver.resolve(place.world, name, vantage or place.stand(), **more)


def test_registry_without_endpoint_leads_to_its_regions_public_name(place):
    place.registry()
    answer = ask(place, "Contoso.azurecr.io.", INTERNET)
    assert answer.name == "contoso.azurecr.io"
    assert list(answer.records) == [Record("contoso.azurecr.io", "CNAME", "wus.fe.azcr.io", 3600), *FRONT]


def test_registry_with_endpoint_is_an_alias_even_outside(place):
    place.registry()
    place.endpoint()
    answer = ask(place, "contoso.azurecr.io", INTERNET)
    assert answer.aliases[:2] == ("contoso.privatelink.azurecr.io", "wus.fe.azcr.io")
    assert answer.addresses == ("192.0.2.64",)


def test_pending_endpoint_makes_the_alias_too(place):
    place.registry()
    place.endpoint(status="Pending")
    assert ask(place, "contoso.azurecr.io", INTERNET).aliases[0] == "contoso.privatelink.azurecr.io"


def test_network_without_link_sees_the_public_address(place):
    place.registry()
    place.endpoint()
    assert ask(place, "contoso.azurecr.io").addresses == ("192.0.2.64",)


def test_linked_zone_without_record_says_that_there_is_no_such_name(place):
    place.registry()
    place.endpoint()
    place.zone()
    answer = ask(place, "contoso.azurecr.io")
    assert (answer.status, answer.zone) == ("NXDOMAIN", "privatelink.azurecr.io")
    assert answer.aliases == ("contoso.privatelink.azurecr.io",)
    assert answer.addresses == ()


def test_record_set_without_records_is_not_served(place):
    place.registry()
    place.endpoint()
    place.zone()
    place.record("contoso")
    assert ask(place, "contoso.azurecr.io").status == "NXDOMAIN"


def test_record_in_a_linked_zone_gives_the_private_address_with_its_own_ttl(place):
    place.registry()
    place.linked()
    assert list(ask(place, "contoso.azurecr.io").records) == [
        Record("contoso.azurecr.io", "CNAME", "contoso.privatelink.azurecr.io", 3600),
        Record("contoso.privatelink.azurecr.io", "A", "10.0.0.6", 3600),
    ]


def test_data_endpoints_record_lies_in_the_same_zone(place):
    place.registry()
    place.linked()
    answer = ask(place, "contoso.westus.data.azurecr.io")
    assert answer.aliases == ("contoso.westus.data.privatelink.azurecr.io",)
    assert answer.addresses == ("10.0.0.5",)


def test_data_endpoint_has_no_name_before_it_is_switched_on(place):
    place.registry()
    assert ask(place, "contoso.westus.data.azurecr.io", INTERNET).status == "NXDOMAIN"
    place.registry(dataEndpointEnabled=True)
    assert ask(place, "contoso.westus.data.azurecr.io", INTERNET).addresses == ("192.0.2.128",)


def test_zone_that_only_another_network_is_linked_to_is_not_read(place):
    place.registry()
    place.network("other", "10.1.0.0/16")
    place.endpoint()
    place.zone(network="other")
    place.record("contoso", "10.0.0.6")
    assert ask(place, "contoso.azurecr.io").addresses == ("192.0.2.64",)


def test_link_that_is_still_being_made_does_not_count(place):
    place.registry()
    place.endpoint()
    place.zone()
    with place.world.transaction():
        place.world.settle(place.link(), "Creating")
    assert ask(place, "contoso.azurecr.io").addresses == ("192.0.2.64",)


def test_longest_linked_zone_wins(place):
    place.registry()
    place.zone("azurecr.io")
    place.record("contoso", "10.9.9.9", zone="azurecr.io")
    place.zone("contoso.azurecr.io")
    place.record("@", "10.8.8.8", zone="contoso.azurecr.io")
    assert ask(place, "contoso.azurecr.io").addresses == ("10.8.8.8",)


def test_zone_of_another_name_changes_nothing(place):
    place.registry()
    place.endpoint()
    place.zone("privatelink.acr.io")
    place.record("contoso", "10.0.0.6", zone="privatelink.acr.io")
    assert ask(place, "contoso.azurecr.io").addresses == ("192.0.2.64",)


def test_star_answers_for_names_that_are_not_there(place):
    place.zone("lab.example")
    place.record("*", "10.0.0.9", zone="lab.example")
    place.record("a", "10.0.0.8", zone="lab.example")
    assert ask(place, "any.lab.example").addresses == ("10.0.0.9",)
    assert ask(place, "a.lab.example").addresses == ("10.0.0.8",)
    assert ask(place, "below.a.lab.example").status == "NXDOMAIN"


def test_alias_in_a_private_zone_is_followed(place):
    place.registry()
    place.zone("lab.example")
    place.alias("registry", "contoso.azurecr.io.", zone="lab.example")
    answer = ask(place, "registry.lab.example")
    assert answer.records[0] == Record("registry.lab.example", "CNAME", "contoso.azurecr.io", 60)
    assert answer.addresses == ("192.0.2.64",)


def test_aliases_in_a_circle_end(place):
    place.zone("lab.example")
    place.alias("a", "b.lab.example", zone="lab.example")
    place.alias("b", "a.lab.example", zone="lab.example")
    assert ask(place, "a.lab.example").status == "SERVFAIL"


def test_name_with_records_of_another_kind_only_has_no_addresses(place):
    place.zone("lab.example")
    properties = {"ttl": 60, "txtRecords": [{"value": ["hello"]}]}
    place.put("Microsoft.Network/privateDnsZones/TXT", "lab.example", "note", properties=properties)
    answer = ask(place, "note.lab.example")
    assert (answer.status, answer.records) == ("NOERROR", ())


def test_registering_link_names_the_networks_vms(place):
    place.zone("lab.example", registration=True)
    assert list(ask(place, "vm.lab.example").records) == [Record("vm.lab.example", "A", "10.0.0.4", 10)]
    assert ask(place, "other.lab.example").status == "NXDOMAIN"


def test_link_without_registration_names_no_vm(place):
    place.zone("lab.example")
    assert ask(place, "vm.lab.example").status == "NXDOMAIN"


def test_network_with_name_servers_of_its_own_gets_no_answer(place):
    place.registry()
    place.network(servers=["10.0.0.9"])
    assert ask(place, "contoso.azurecr.io").status == "SERVFAIL"
    assert ask(place, "contoso.azurecr.io", server="168.63.129.16").status == "NOERROR"


def test_name_server_that_is_azures_own_is_asked(place):
    place.registry()
    place.network(servers=["168.63.129.16"])
    assert ask(place, "contoso.azurecr.io").status == "NOERROR"


def test_unknown_names_are_nobodys(place):
    assert ask(place, "nobody.azurecr.io", INTERNET).zone == "azurecr.io"
    assert ask(place, "www.example.com", INTERNET).status == "NXDOMAIN"
    assert ask(place, "contoso.privatelink.azurecr.io", INTERNET).zone == "privatelink.azurecr.io"
    assert ask(place, "", INTERNET).status == "NXDOMAIN"


def test_every_public_registry_has_an_address(place):
    addresses = {host: resolver.resolve(place.world, host, INTERNET).addresses for host in hub.HOSTS}
    assert all(a[0].startswith("192.0.2.") for a in addresses.values())
    assert resolver.resolve(place.world, "management.azure.com", INTERNET).addresses == ("192.0.2.10",)
    assert resolver.resolve(place.world, "nobody.azurecr.io", INTERNET).addresses == ()


def test_every_region_has_addresses_of_its_own(place):
    from acrlab.azure.cloud import REGIONS
    from acrlab.emulator.network import public_dns

    assert set(public_dns.SHORT) == set(REGIONS)
    assert len(set(public_dns.SHORT.values())) == len(REGIONS)
    assert len(public_dns.sites()) == len(public_dns.SERVICES) + 3 * len(REGIONS)
    assert all(int(a.rpartition(".")[2]) < 255 for a in public_dns.sites())


def test_resolving_costs_the_same_among_many_zones_and_registries(place):
    place.registry()
    place.linked()
    statements = []
    place.world.db.set_trace_callback(statements.append)
    ask(place, "contoso.azurecr.io")
    before, stand = len(statements), Vantage("10.0.0.4", network=str(place.network().id))
    place.world.db.set_trace_callback(None)
    for i in range(30):
        place.registry(f"other{i}")
        place.put("Microsoft.Network/privateDnsZones", f"zone{i}.example")
        place.record(f"r{i}", "10.0.0.9")
    statements.clear()
    place.world.db.set_trace_callback(statements.append)
    ask(place, "contoso.azurecr.io")
    assert len(statements) == before
    assert ask(place, "contoso.azurecr.io", stand).addresses == ("10.0.0.6",)


def test_a_link_with_fallback_sends_what_the_zone_lacks_to_the_internet(place):
    place.registry()
    place.endpoint()
    place.zone(policy="NxDomainRedirect")
    place.record("contoso.westus.data", "10.0.0.5")

    answer = ask(place, "contoso.azurecr.io")

    assert answer.aliases[:2] == ("contoso.privatelink.azurecr.io", "wus.fe.azcr.io")
    assert answer.records[2:] == tuple(FRONT)
    assert ask(place, "contoso.westus.data.azurecr.io").addresses == ("10.0.0.5",)


def test_with_fallback_a_name_that_the_internet_lacks_too_does_not_exist(place):
    place.zone(policy="NxDomainRedirect")
    answer = ask(place, "nobody.privatelink.azurecr.io")
    assert (answer.status, answer.negative_s) == ("NXDOMAIN", 300)


def test_a_name_without_addresses_is_no_reason_to_fall_back(place):
    place.registry()
    place.endpoint()
    place.zone(policy="NxDomainRedirect")
    properties = {"ttl": 60, "txtRecords": [{"value": ["x"]}]}
    place.put("Microsoft.Network/privateDnsZones/TXT", "privatelink.azurecr.io", "contoso", properties=properties)
    assert ask(place, "contoso.privatelink.azurecr.io").addresses == ()


def test_fallback_is_for_zones_of_private_links_alone(place):
    place.registry()
    place.zone("azurecr.io", policy="NxDomainRedirect")
    assert ask(place, "contoso.azurecr.io").status == "NXDOMAIN"
