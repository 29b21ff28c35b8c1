"""The list of all resources: what is in it, what can be asked of it, how it is paged; and the tenants."""

import itertools

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core import storage
from acrlab.emulator.core.http import Request

REGISTRY = "Microsoft.ContainerRegistry/registries"


@pytest.fixture
def resources(cloud):
    """Three registries in two groups, one of them with tags and a replica."""
    cloud.resources.resource_groups.create_or_update("other", {"location": "eastus"})
    sku = {"sku": {"name": "Premium"}, "properties": {}}
    begin = cloud.registries.registries.begin_create
    begin("g", "alpha", {"location": "westus", "tags": {"Team": "Blue", "stage": "test"}, **sku}).result()
    begin("g", "bravo", {"location": "eastus", "tags": {"team": "red"}, **sku}).result()
    begin("other", "alphabet", {"location": "westus", **sku}).result()
    cloud.subnet()
    return cloud.resources.resources


def names(resources, **query):
    return [r.name for r in resources.list(**query)]


def test_what_has_a_location_is_listed_and_a_child_with_its_parent_s_name(cloud, resources):
    cloud.registries.replications.begin_create("g", "alpha", "eastus", {"location": "eastus"}).result()
    zone = cloud.zone()
    cloud.link(zone.name, cloud.network.virtual_networks.get("g", "v").id)

    found = {(r.type.partition("/")[2], r.name) for r in resources.list_by_resource_group("g")}

    assert found == {
        ("registries", "alpha"),
        ("registries/replications", "alpha/eastus"),
        ("registries/replications", "alpha/westus"),
        ("registries", "bravo"),
        ("virtualNetworks", "v"),
        ("privateDnsZones", "privatelink.azurecr.io"),
        ("privateDnsZones/virtualNetworkLinks", "privatelink.azurecr.io/l"),
    }


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("resourceType eq 'microsoft.containerregistry/registries'", ["alpha", "bravo", "alphabet"]),
        ("resourceType ne 'Microsoft.ContainerRegistry/registries'", ["v"]),
        ("resourceGroup eq 'G' and resourceType eq 'Microsoft.ContainerRegistry/registries'", ["alpha", "bravo"]),
        ("name eq 'bravo'", ["bravo"]),
        ("location eq 'eastus'", ["bravo"]),
        ("substringof('ALPHA', name)", ["alpha", "alphabet"]),
        ("substringof('alpha', name) and substringof('oth', resourceGroup)", ["alphabet"]),
        ("name eq 'v' or name eq 'bravo'", ["bravo", "v"]),
        ("(name eq 'v' or name eq 'bravo') and location eq 'westus'", ["v"]),
        ("tagName eq 'team'", ["alpha", "bravo"]),
        ("tagname eq 'team' and tagvalue eq 'blue'", ["alpha"]),
        ("tagName eq 'team' and tagValue eq 'test'", []),
        ("startswith(tagname, 'sta')", ["alpha"]),
        ("name eq 'it''s'", []),
    ],
)
def test_a_list_can_be_asked(resources, question, expected):
    assert names(resources, filter=question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "sku/name eq 'Premium'",
        "name gt 'a'",
        "name eq alpha",
        "substringof('a', location)",
        "name eq 'a' and",
        "(name eq 'a'",
        "name eq 'a' name",
        "name eq 'a",
        "tagName ne 'a'",
    ],
)
def test_a_question_that_is_not_understood_is_refused(resources, refused, question):
    assert refused(lambda: names(resources, filter=question)) == (501, "NotEmulated")


def test_who_asks_for_tags_is_not_told_them(resources):
    (found,) = resources.list(filter="tagName eq 'stage'")
    (named,) = resources.list(filter="name eq 'alpha'")

    assert (found.tags, named.tags) == (None, {"Team": "Blue", "stage": "test"})


def test_times_and_state_are_told_when_asked_for(resources, refused):
    (found,) = resources.list(filter="name eq 'alpha'", expand="createdTime,changedTime,provisioningState")
    (plain,) = resources.list(filter="name eq 'alpha'")

    assert found.provisioning_state == "Succeeded"
    assert found.changed_time >= found.created_time
    assert (plain.created_time, plain.provisioning_state) == (None, None)
    assert refused(lambda: names(resources, expand="secrets")) == (501, "NotEmulated")


@pytest.mark.parametrize("top", [None, 1])
def test_the_oldest_come_first_and_what_is_changed_keeps_its_place(cloud, resources, top):
    cloud.subnet("first", "10.0.1.0/24")
    cloud.registry("aaaaa")
    cloud.registries.registries.begin_update("g", "alpha", {"tags": {}}).result()

    assert names(resources, top=top) == ["alpha", "bravo", "alphabet", "v", "aaaaa"]


@pytest.mark.parametrize("top", [1, 2, 3])
def test_pages_follow_each_other_to_the_end_with_the_same_question(resources, top):
    question = "resourceType eq 'Microsoft.ContainerRegistry/registries' and substringof('a', name)"

    assert names(resources, top=top, filter=question) == ["alpha", "bravo", "alphabet"]


def test_a_page_names_the_next_one(cloud, resources):
    query = {"api-version": "2021-04-01", "$top": "1", "$filter": "location eq 'westus'"}
    path = f"/subscriptions/{cloud.opened.subscription}/resources"

    answer = cloud.opened.azure.manager.handle(Request("GET", "", path, query, {}, b"", "https://m"))

    start = f"https://m{path}?api-version=2021-04-01&$top=1&$filter=location%20eq%20%27westus%27&$skiptoken="
    assert answer.body["nextLink"].startswith(start)


@pytest.mark.parametrize("top", [0, -1])
def test_a_page_has_at_least_one_place(resources, refused, top):
    assert refused(lambda: names(resources, top=top)) == (400, "InvalidTopQueryParameter")


def test_any_resource_is_read_by_its_id_at_any_version(cloud, resources):
    id = cloud.registry().id

    found = [resources.get_by_id(id, api_version=v).name for v in ("2019-05-01", "2023-07-01", "2030-01-01-preview")]

    assert found == ["contoso"] * 3


def test_there_is_one_tenant(cloud):
    request = Request("GET", "", "/tenants", {"api-version": "2022-12-01"}, {}, b"", "https://m")

    (tenant,) = cloud.opened.azure.manager.handle(request).body["value"]

    assert tenant["tenantId"] == cloud.world.setting("tenant")
    assert tenant["defaultDomain"] == "acrlab.onmicrosoft.com"


def test_in_a_late_world_a_list_is_a_minute_old_and_a_get_is_right(cloud, resources, refused):
    cloud.world.advance_to(cloud.world.now + 100)
    cloud.world.set_setting("timing", "as-azure")

    cloud.registries.registries.begin_delete("g", "bravo").result()
    cloud.registries.registries.begin_create("g", "young", {"location": "westus", "sku": {"name": "Basic"}}).result()

    def listed():
        return [r.name for r in resources.list_by_resource_group("g", filter="resourceType eq '" + REGISTRY + "'")]

    assert refused(lambda: cloud.registries.registries.get("g", "bravo"))[0] == 404
    assert cloud.registries.registries.get("g", "young").name == "young"
    assert listed() == ["alpha", "bravo"]
    cloud.world.advance_to(cloud.world.now + 60)
    assert listed() == ["alpha", "young"]
    cloud.world.reset()
    assert list(resources.list()) == []


def test_a_page_reads_no_more_than_itself(cloud, monkeypatch):
    world, read = cloud.world, []
    group = ArmId.of_group(cloud.opened.subscription, "g")
    with world.transaction():
        for n in range(400):
            id = ArmId(str(group), "Microsoft.Network/networkSecurityGroups", (f"n{n}",))
            world.put(world.new(id, {"location": "westus", "properties": {"securityRules": []}}))
    resource_of = storage.resource_of
    monkeypatch.setattr(storage, "resource_of", lambda row: read.append(row) or resource_of(row))

    pages = cloud.resources.resources.list_by_resource_group("g", top=50).by_page()
    names = [[one.name for one in page] for page in itertools.islice(pages, 3)]

    assert names == [[f"n{n}" for n in range(start, start + 50)] for start in (0, 50, 100)]
    assert len(read) <= 3 * (100 + 5)
