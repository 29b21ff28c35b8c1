"""Tags: of one scope, changed in three ways, bounded; all names in use; and what a PATCH does to them."""

import json

import pytest

from acrlab.emulator.core.http import Request


@pytest.fixture
def tags(cloud):
    return cloud.resources.tags


@pytest.fixture
def registry(cloud):
    body = {
        "location": "westus",
        "sku": {"name": "Premium"},
        "properties": {},
        "tags": {"Team": "blue", "stage": "test"},
    }
    return cloud.registries.registries.begin_create("g", "contoso", body).result()


def of(cloud):
    return cloud.registries.registries.get("g", "contoso").tags


def update(tags, scope, operation, **sent):
    return tags.begin_update_at_scope(scope, {"operation": operation, "properties": {"tags": sent}}).result()


def test_the_tags_of_a_resource_are_read_and_replaced_apart_from_it(cloud, tags, registry):
    found = tags.get_at_scope(registry.id)

    tags.begin_create_or_update_at_scope(registry.id, {"properties": {"tags": {"only": "this"}}}).result()

    assert found.id == f"{registry.id}/providers/Microsoft.Resources/tags/default"
    assert (found.name, found.type) == ("default", "Microsoft.Resources/tags")
    assert found.properties.tags == {"Team": "blue", "stage": "test"}
    assert of(cloud) == {"only": "this"}


@pytest.mark.parametrize(
    ("operation", "sent", "expected"),
    [
        ("Merge", {"team": "red", "more": "x"}, {"Team": "red", "stage": "test", "more": "x"}),
        ("Replace", {"more": "x"}, {"more": "x"}),
        ("Delete", {"TEAM": "blue", "stage": "other"}, {"stage": "test"}),
        ("Delete", {"stage": ""}, {"Team": "blue"}),
    ],
)
def test_tags_are_merged_replaced_and_deleted(cloud, tags, registry, operation, sent, expected):
    answered = update(tags, registry.id, operation, **sent)

    assert (answered.properties.tags, of(cloud)) == (expected, expected)


def test_all_tags_of_a_scope_can_be_deleted(cloud, tags, registry):
    tags.begin_delete_at_scope(registry.id).result()

    assert of(cloud) == {}


def test_groups_and_the_subscription_have_tags_too(cloud, tags):
    subscription = f"/subscriptions/{cloud.opened.subscription}"

    update(tags, f"{subscription}/resourceGroups/g", "Merge", course="acr")
    update(tags, subscription, "Merge", owner="me")

    assert cloud.resources.resource_groups.get("g").tags == {"course": "acr"}
    assert tags.get_at_scope(subscription).properties.tags == {"owner": "me"}
    request = Request("GET", "", subscription, {"api-version": "2022-12-01"}, {}, b"", "https://m")
    assert cloud.opened.azure.manager.handle(request).body["tags"] == {"owner": "me"}


def test_what_is_not_there_or_takes_no_tags_has_none(cloud, tags, refused):
    group = f"/subscriptions/{cloud.opened.subscription}/resourceGroups"

    assert refused(lambda: tags.get_at_scope(f"{group}/missing")) == (404, "ResourceGroupNotFound")
    assert refused(lambda: tags.get_at_scope(cloud.subnet().id)) == (501, "NotEmulated")


def test_an_unknown_operation_is_refused(tags, registry, refused):
    assert refused(lambda: update(tags, registry.id, "Forget", a="b")) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({f"tag{n}": "" for n in range(51)}, "InvalidTagCount"),
        ({"n" * 513: ""}, "InvalidTagName"),
        ({"n": "v" * 257}, "InvalidTagValueLength"),
        ({"a/b": ""}, "InvalidTagNameCharacters"),
    ],
)
def test_tags_are_bounded_wherever_they_are_written(cloud, tags, registry, refused, sent, code):
    assert refused(lambda: update(tags, registry.id, "Merge", **sent)) == (400, code)
    assert refused(lambda: cloud.registries.registries.begin_update("g", "contoso", {"tags": sent})) == (400, code)
    body = {"location": "westus", "tags": sent}
    assert refused(lambda: cloud.resources.resource_groups.create_or_update("h", body)) == (400, code)


def test_fifty_tags_are_not_too_many_but_one_more_is(tags, registry, refused):
    update(tags, registry.id, "Replace", **{f"tag{n}": "v" * 256 for n in range(50)})

    assert refused(lambda: update(tags, registry.id, "Merge", another="")) == (400, "InvalidTagCount")


def test_a_set_of_tags_that_is_patched_takes_the_place_of_the_old_one(cloud, registry):
    cloud.registries.registries.begin_update("g", "contoso", {"tags": {"new": "one"}}).result()
    cloud.resources.resource_groups.create_or_update("g", {"location": "westus", "tags": {"a": "b"}})
    cloud.resources.resource_groups.update("g", {"tags": {"c": "d"}})

    assert (of(cloud), cloud.resources.resource_groups.get("g").tags) == ({"new": "one"}, {"c": "d"})


def test_names_and_values_in_use_are_counted(cloud, tags, registry):
    group = {"location": "westus", "tags": {"team": "blue"}}
    cloud.resources.resource_groups.create_or_update("h", group)
    cloud.resources.resource_groups.create_or_update("i", {"location": "westus", "tags": {"TEAM": "red"}})

    found = {
        t.tag_name.lower(): (t.count.value, {v.tag_value: v.count.value for v in t["values"]}) for t in tags.list()
    }

    assert found == {"team": (3, {"blue": 2, "red": 1}), "stage": (1, {"test": 1})}


def test_a_locked_resource_keeps_its_tags(cloud, tags, registry, refused):
    lock = f"{registry.id}/providers/Microsoft.Authorization/locks/l"
    body = {"properties": {"level": "ReadOnly"}}
    cloud.resources.resources.begin_create_or_update_by_id(lock, body, api_version="2016-09-01").result()

    assert refused(lambda: update(tags, registry.id, "Merge", a="b")) == (409, "ScopeLocked")


@pytest.fixture
def name(cloud):
    """Ask for something about the names of tags, and return the answer."""

    def name(method, path=""):
        where = f"/subscriptions/{cloud.opened.subscription}/tagNames{path}"
        return cloud.opened.azure.manager.handle(Request(method, "", where, {"api-version": "2021-04-01"}))

    return name


def known(name):
    return {one["tagName"]: [v["tagValue"] for v in one["values"]] for one in name("GET").body["value"]}


def test_names_and_values_of_tags_are_written_down_before_they_are_used(name, cloud):
    made, again = name("PUT", "/stage"), name("PUT", "/Stage")
    values = [name("PUT", f"/stage/tagValues/{value}") for value in ("test", "live", "test")]

    root = f"/subscriptions/{cloud.opened.subscription}/tagNames/stage"
    count = {"type": "Total", "value": 0}
    assert (made.status, again.status) == (201, 200)
    assert made.body == again.body == {"id": root, "tagName": "stage", "count": count, "values": []}
    assert [answer.status for answer in values] == [201, 201, 200]
    assert values[0].body == {"id": f"{root}/tagValues/test", "tagValue": "test", "count": count}
    assert known(name) == {"stage": ["live", "test"]}


def test_names_and_values_of_tags_are_struck_out_and_missing_ones_are_no_error(name):
    name("PUT", "/stage")
    name("PUT", "/stage/tagValues/test")

    kept = name("DELETE", "/stage")
    gone = [name("DELETE", path).status for path in ("/stage/tagValues/test", "/stage/tagValues/test", "/stage")]

    assert (kept.status, gone) == (501, [200, 204, 200])
    assert (name("DELETE", "/stage").status, known(name)) == (204, {})


def test_a_tag_that_is_in_use_is_counted_with_what_was_written_down_and_stays(name, cloud):
    cloud.resources.resource_groups.create_or_update("h", {"location": "westus", "tags": {"STAGE": "test"}})
    name("PUT", "/stage")

    told = name("PUT", "/stage/tagValues/test")

    assert (told.status, told.body["count"]["value"]) == (201, 1)
    assert [name("DELETE", path).status for path in ("/stage/tagValues/test", "/stage")] == [501, 501]
    assert known(name) == {"stage": ["test"]}


@pytest.mark.parametrize("properties", ["blue", ["blue"], {"tags": "blue"}])
def test_tags_that_cannot_be_read_are_refused(cloud, registry, properties):
    path, query = f"{registry.id}/providers/Microsoft.Resources/tags/default", {"api-version": "2021-04-01"}
    body = json.dumps({"properties": properties}).encode()

    answer = cloud.opened.azure.manager.handle(Request("PUT", "", path, query, {}, body, "https://m"))

    assert (answer.status, answer.body["error"]["code"]) == (400, "InvalidRequestContent")
