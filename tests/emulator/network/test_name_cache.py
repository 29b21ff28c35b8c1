"""Caches of names: an old answer stays as long as its TTL says, in each resolver on the way."""

import pytest

from acrlab.azure.cloud import AZURE_RESOLVER
from acrlab.emulator.core.http import INTERNET
from acrlab.emulator.network import resolver
from acrlab.emulator.network.name_cache import LARGEST, Found, NameCache
from acrlab.emulator.registry import hub

HOST = "contoso.azurecr.io"


@pytest.fixture
def late(place):
    """A registry that has been there for an hour, in a world as late as Azure."""
    place.world.set_setting("timing", "as-azure")
    place.registry()
    wait(place, 3600)
    return place


def ask(place, name=HOST, vantage=None, **more):
    return resolver.resolve(place.world, name, vantage or place.stand(), **more)


def wait(place, seconds):
    place.world.advance_to(place.world.now + seconds)


def test_an_answer_stays_after_the_endpoint_is_there_and_its_ttl_counts_down(late):
    ask(late, vantage=INTERNET)
    late.endpoint()
    wait(late, 1000)

    old = ask(late, vantage=INTERNET)

    assert (old.aliases[0], old.records[0].ttl, old.kept_s) == ("wus.fe.azcr.io", 2600, 2600)
    wait(late, 2600)
    assert ask(late, vantage=INTERNET).aliases[0] == "contoso.privatelink.azurecr.io"


def test_without_caches_the_alias_is_there_at_once(place):
    place.registry()
    ask(place, vantage=INTERNET)
    place.endpoint()
    assert ask(place, vantage=INTERNET).aliases[0] == "contoso.privatelink.azurecr.io"


def test_alias_and_target_are_entries_of_their_own(late):
    late.endpoint()
    late.zone()
    late.record("contoso", "10.0.0.6", ttl=10)
    wait(late, 200)
    ask(late)
    late.record("contoso", "10.0.0.9", ttl=10)
    wait(late, 30)

    answer = ask(late)

    assert [(r.value, r.ttl) for r in answer.records] == [("contoso.privatelink.azurecr.io", 3570), ("10.0.0.9", 10)]


def test_a_missing_name_is_kept_as_long_as_the_private_zone_says(late):
    late.endpoint()
    late.zone()
    wait(late, 200)
    late.record("contoso", "10.0.0.6")
    wait(late, 55)

    first = ask(late)
    wait(late, 6)

    assert (first.status, first.negative_s) == ("NXDOMAIN", 10)
    assert (ask(late).status, ask(late).negative_s) == ("NXDOMAIN", 4)
    wait(late, 4)
    assert ask(late).addresses == ("10.0.0.6",)


def test_flushing_the_vms_own_resolver_leaves_the_networks(late):
    late.vm("other", "10.0.0.7")
    late.record("printer.example", "10.0.0.1", zone="corp.internal", ttl=600)
    late.zone("corp.internal")
    wait(late, 200)
    name = "printer.example.corp.internal"
    ask(late, name)
    late.record("printer.example", "10.0.0.2", zone="corp.internal", ttl=600)

    resolver.forget_names(late.world, late.stand())

    assert ask(late, name).addresses == ("10.0.0.1",)
    assert ask(late, name, late.stand("other")).addresses == ("10.0.0.1",)  # it shares the network's


def test_asking_azures_resolver_directly_passes_the_vms_own(late):
    late.zone("corp.internal")
    late.record("printer", "10.0.0.1", zone="corp.internal", ttl=600)
    wait(late, 200)
    ask(late, "printer.corp.internal")
    resolver.network_cache(late.world, late.stand()).flush()
    late.record("printer", "10.0.0.2", zone="corp.internal", ttl=600)

    assert ask(late, "printer.corp.internal").addresses == ("10.0.0.1",)
    assert ask(late, "printer.corp.internal", server=AZURE_RESOLVER).addresses == ("10.0.0.2",)


def test_the_vms_own_resolver_keeps_nothing_longer_than_two_hours(late):
    late.zone("corp.internal")
    late.record("printer", "10.0.0.1", zone="corp.internal", ttl=86400)
    wait(late, 200)
    ask(late, "printer.corp.internal")
    resolver.network_cache(late.world, late.stand()).flush()
    late.record("printer", "10.0.0.2", zone="corp.internal", ttl=86400)

    wait(late, 7199)
    assert ask(late, "printer.corp.internal").addresses == ("10.0.0.1",)
    wait(late, 1)
    assert ask(late, "printer.corp.internal").addresses == ("10.0.0.2",)


def test_other_name_servers_empty_the_vms_own_resolver(late):
    ask(late)
    late.network(servers=["10.0.0.53"])
    assert ask(late).status == "SERVFAIL"
    rows = late.world.db.rows("SELECT name FROM kept_name WHERE cache LIKE '%virtualmachines%'")
    assert rows == []


def test_a_network_that_is_made_again_begins_with_an_empty_cache(late):
    ask(late)
    first = resolver.network_cache(late.world, late.stand())
    late.world.delete(late.id("Microsoft.Network/virtualNetworks", "net"))
    late.network()
    late.subnet()
    assert resolver.network_cache(late.world, late.stand()) != first


def test_a_link_counts_a_little_late(late):
    late.endpoint()
    late.zone()
    assert resolver.linked_zones(late.world, late.stand().network) == {}
    wait(late, 45 + 59)
    assert resolver.linked_zones(late.world, late.stand().network) == {}
    wait(late, 1)
    assert list(resolver.linked_zones(late.world, late.stand().network)) == ["privatelink.azurecr.io"]


def test_a_new_registrys_name_is_not_there_at_once_and_asking_too_early_costs_minutes(place):
    place.world.set_setting("timing", "as-azure")
    place.registry()
    early = ask(place, vantage=INTERNET)
    wait(place, 60)
    kept = ask(place, vantage=INTERNET)
    wait(place, 240)

    assert (early.status, early.zone, early.negative_s) == ("NXDOMAIN", "azurecr.io", 300)
    assert (kept.status, kept.negative_s) == ("NXDOMAIN", 240)
    assert ask(place, vantage=INTERNET).addresses == ("192.0.2.64",)


def test_the_caches_do_not_outgrow_their_bound(late):
    cache = NameCache(late.world, "one")
    told = cache.before(lambda name: Found((), False, "example.com", 300))
    with late.world.transaction():
        for number in range(LARGEST + 5):
            told(f"n{number}.example.com")
    assert late.world.db.rows("SELECT count(*) FROM kept_name")[0][0] == LARGEST


def test_what_is_over_leaves_the_file(late):
    ask(late, "nobody.example.com", INTERNET)
    wait(late, 301)
    ask(late, hub.HOSTS[0], INTERNET)
    assert late.world.db.rows("SELECT name FROM kept_name") == [(hub.HOSTS[0],)]


def test_a_reset_forgets_every_name(late):
    ask(late)
    late.world.reset()
    assert late.world.db.rows("SELECT count(*) FROM kept_name")[0][0] == 0


def test_in_an_instant_world_no_name_is_kept(place):
    place.registry()
    ask(place)
    assert place.world.db.rows("SELECT count(*) FROM kept_name")[0][0] == 0
