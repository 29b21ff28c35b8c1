"""Locks keep things: from being deleted, or from being changed at all."""

import json

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.core.http import Request

VERSION = "2016-09-01"


@pytest.fixture
def locks(cloud):
    return Locks(cloud)


class Locks:
    def __init__(self, cloud):
        self.cloud, self.root = cloud, f"/subscriptions/{cloud.opened.subscription}"
        self.group = f"{self.root}/resourceGroups/g"

    def put(self, scope, level="CanNotDelete", name="kept", **more):
        id = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
        body = {"properties": {"level": level, **more}}
        return self.cloud.resources.resources.begin_create_or_update_by_id(id, body, api_version=VERSION).result()

    def delete(self, scope, name="kept"):
        id = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
        self.cloud.resources.resources.begin_delete_by_id(id, api_version=VERSION).result()

    def ask(self, method, path, body=None, **query):
        raw = json.dumps(body or {}).encode()
        request = Request(method, "", path, {"api-version": VERSION, **query}, {}, raw, "https://m")
        return self.cloud.opened.azure.manager.handle(request)

    def names(self, scope, **query):
        answer = self.ask("GET", f"{scope}/providers/Microsoft.Authorization/locks", **query)
        return [lock["name"] for lock in answer.body["value"]]


def problem_of(call):
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.status_code, caught.value.error.code, caught.value.error.message


def test_a_lock_is_shown_as_it_was_made(cloud, locks):
    made = locks.put(cloud.registry().id, notes="the lab's")

    assert (made.name, made.type) == ("kept", "Microsoft.Authorization/locks")
    assert made.properties == {"level": "CanNotDelete", "notes": "the lab's"}


def test_a_locked_resource_can_be_changed_and_not_deleted_until_the_lock_goes(cloud, locks):
    id = cloud.registry().id
    locks.put(id)

    cloud.registries.registries.begin_update("g", "contoso", {"tags": {"a": "b"}}).result()
    found = problem_of(lambda: cloud.registries.registries.begin_delete("g", "contoso"))

    message = (
        f"The scope '{id}' cannot perform delete operation because following scope(s) are locked: '{id}'. "
        "Please remove the lock and try again."
    )
    assert found == (409, "ScopeLocked", message)
    locks.delete(id)
    cloud.registries.registries.begin_delete("g", "contoso").result()
    assert list(cloud.registries.registries.list()) == []


@pytest.mark.parametrize("level", ["subscription", "group"])
def test_a_lock_binds_everything_below_its_scope(cloud, locks, level, refused):
    cloud.registry()
    scope = {"subscription": locks.root, "group": locks.group}[level]
    locks.put(scope)

    message = problem_of(lambda: cloud.registries.registries.begin_delete("g", "contoso"))[2]

    assert f"following scope(s) are locked: '{scope}'" in message
    assert refused(lambda: cloud.resources.resource_groups.begin_delete("g")) == (409, "ScopeLocked")


def test_a_group_with_a_locked_resource_inside_stays_and_the_lock_is_named(cloud, locks):
    id = cloud.registry().id
    locks.put(id)

    message = problem_of(lambda: cloud.resources.resource_groups.begin_delete("g"))[2]

    assert message.lower().startswith(f"the scope '{locks.group.lower()}' cannot perform delete operation")
    assert f"locked: '{id}'" in message


def test_a_network_stays_while_a_subnet_in_it_is_locked(cloud, locks, refused):
    locks.put(cloud.subnet().id)

    assert refused(lambda: cloud.network.virtual_networks.begin_delete("g", "v")) == (409, "ScopeLocked")


def test_read_only_refuses_every_change_and_what_reveals_keys(cloud, locks, refused):
    cloud.registry()
    locks.put(locks.group, "ReadOnly")
    registries = cloud.registries.registries
    locked = (409, "ScopeLocked")

    assert refused(lambda: registries.begin_update("g", "contoso", {"tags": {}})) == locked
    assert refused(lambda: registries.begin_delete("g", "contoso")) == locked
    assert refused(lambda: registries.list_credentials("g", "contoso")) == locked
    assert refused(lambda: cloud.subnet()) == locked
    assert refused(lambda: cloud.resources.resource_groups.create_or_update("g", {"location": "westus"})) == locked
    assert "cannot perform write operation" in problem_of(lambda: registries.list_credentials("g", "contoso"))[2]
    assert registries.get("g", "contoso").name == "contoso"
    assert registries.list_usages("g", "contoso").value[0].name == "Size"
    assert registries.check_name_availability({"name": "contosoo", "type": "x"}).name_available


def test_a_neighbour_whose_name_begins_alike_is_free(cloud, locks):
    locks.put(cloud.registry().id)
    cloud.registry("contoso2")

    cloud.registries.registries.begin_delete("g", "contoso2").result()


def test_several_locks_are_all_named(cloud, locks):
    id = cloud.registry().id
    locks.put(locks.group)
    locks.put(id, "ReadOnly")

    message = problem_of(lambda: cloud.registries.registries.begin_delete("g", "contoso"))[2]

    assert f"'{locks.group},{id}'" in message


def test_a_list_tells_what_is_inherited_and_what_lies_below(cloud, locks):
    id = cloud.registry().id
    locks.put(locks.root, name="all")
    locks.put(locks.group, name="group")
    locks.put(id, name="one")

    assert locks.names(locks.root) == ["all", "group", "one"]
    assert locks.names(id) == ["all", "group", "one"]
    assert locks.names(locks.group, **{"$filter": "atScope()"}) == ["all", "group"]


def test_only_what_is_there_can_be_locked_and_only_in_two_ways(cloud, locks, refused):
    missing = f"{locks.group}/providers/Microsoft.ContainerRegistry/registries/missing"

    assert refused(lambda: locks.put(missing)) == (404, "ResourceNotFound")
    assert refused(lambda: locks.put(locks.group, "Sometimes"))[0] == 400
    assert locks.names(locks.group) == []


def test_an_endpoint_stays_while_its_registry_is_locked(cloud, locks):
    registry = cloud.registry()
    endpoint = cloud.endpoint(registry, cloud.subnet())
    guid = endpoint.as_dict()["properties"]["resourceGuid"]
    locks.put(registry.id)

    status, code, message = problem_of(lambda: cloud.network.private_endpoints.begin_delete("g", "e").result())

    assert (status, code) == (200, "ScopeLocked")
    proxy = f"{registry.id}/privateEndpointConnectionProxies/e.{guid}"
    assert message == (
        f"Call to Microsoft.ContainerRegistry/registries failed. Error message: The scope '{proxy}' cannot perform "
        f"delete operation because following scope(s) are locked: '{registry.id}'. "
        "Please remove the lock and try again."
    )
    interface = endpoint.network_interfaces[0].id.rpartition("/")[2]
    assert cloud.network.network_interfaces.get("g", interface).ip_configurations
    assert cloud.network.private_endpoints.get("g", "e").provisioning_state == "Failed"
    locks.delete(registry.id)
    cloud.network.private_endpoints.begin_delete("g", "e").result()
    assert list(cloud.network.private_endpoints.list("g")) == []


def test_a_locked_zone_keeps_the_records_of_a_zone_group(cloud, locks):
    cloud.endpoint(cloud.registry(), cloud.subnet())
    zone = cloud.zone()
    group = {"properties": {"privateDnsZoneConfigs": [{"name": "acr", "properties": {"privateDnsZoneId": zone.id}}]}}
    groups = cloud.network.private_dns_zone_groups
    groups.begin_create_or_update("g", "e", "default", group).result()
    locks.put(zone.id)

    code = problem_of(lambda: groups.begin_delete("g", "e", "default").result())[1]

    assert code == "ScopeLocked"
    assert len(list(cloud.dns.record_sets.list_by_type("g", zone.name, "A"))) == 2


def test_who_made_a_lock_is_told_since_the_newest_api_version(locks):
    id = locks.put(locks.group).id

    shown = {v: locks.ask("GET", id, **{"api-version": v}).body for v in ("2016-09-01", "2020-05-01")}

    assert ["systemData" in body for body in shown.values()] == [False, True]
