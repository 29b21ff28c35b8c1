"""A private endpoint that is deleted while its zone group is: one operation takes over the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from acrlab.emulator.core.http import Request, Response
from tests.emulator.invariants.laws import broken
from tests.emulator.types.conftest import Cloud


class Place:
    """An endpoint with a zone group, and raw requests about both."""

    def __init__(self) -> None:
        self.cloud = Cloud()
        self.world = self.cloud.world
        registry, subnet, zone = self.cloud.registry(), self.cloud.subnet(), self.cloud.zone()
        self.endpoint = self.cloud.endpoint(registry, subnet).id
        self.group = f"{self.endpoint}/privateDnsZoneGroups/z"
        named = {"name": "one", "properties": {"privateDnsZoneId": zone.id}}
        body = {"properties": {"privateDnsZoneConfigs": [named]}}
        self.cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "z", body).result()

    def ask(self, method: str, path: str) -> Response:
        request = Request(method, "", path, {"api-version": "2022-07-01"}, {}, b"", "https://m")
        return self.cloud.opened.azure.manager.handle(request)

    def begin(self, path: str) -> str:
        """Delete something. Returns: the path of the operation's status."""
        answer = self.ask("DELETE", path)
        assert answer.status == 202, answer.body
        return answer.headers["Azure-AsyncOperation"].removeprefix("https://m").partition("?")[0]

    def pass_by(self) -> None:
        self.world.advance_to(self.world.now + 100)


@pytest.fixture
def place() -> Iterator[Place]:
    place = Place()
    yield place
    place.cloud.opened.close()


def test_deleting_an_endpoint_cancels_the_deletion_of_its_zone_group(place: Place) -> None:
    of_group, of_endpoint = place.begin(place.group), place.begin(place.endpoint)

    canceled = place.ask("GET", of_group)

    first, second = (path.rpartition("/")[2] for path in (of_group, of_endpoint))
    assert (canceled.status, canceled.body["status"]) == (200, "Canceled")
    assert canceled.body["error"] == {
        "code": "Canceled",
        "message": "Operation was canceled.",
        "details": [
            {
                "code": "CanceledAndSupersededDueToAnotherOperation",
                "message": f"Operation DeletePrivateDnsZoneGroupOperation ({first}) was canceled and superseded by "
                f"operation DeletePrivateEndpointOperation ({second}).",
            }
        ],
    }
    assert canceled.headers["Canceled-By-Azure-AsyncOperation"].removeprefix("https://m").startswith(of_endpoint)
    assert place.ask("GET", of_endpoint).body == {"status": "InProgress"}


def test_both_are_gone_in_the_end_with_the_records(place: Place) -> None:
    place.begin(place.group)
    of_endpoint = place.begin(place.endpoint)
    place.pass_by()

    assert place.ask("GET", of_endpoint).body == {"status": "Succeeded"}
    assert [place.ask("GET", path).status for path in (place.endpoint, place.group)] == [404, 404]
    assert list(place.world.of_type("Microsoft.Network/privateDnsZones/A")) == []
    assert broken(place.world) == []


def test_a_zone_group_is_not_deleted_from_an_endpoint_that_goes(place: Place) -> None:
    place.begin(place.endpoint)

    answer = place.ask("DELETE", place.group)

    assert (answer.status, answer.body["error"]["code"]) == (400, "ReferencedResourceNotProvisioned")
    assert answer.body["error"]["message"] == (
        f"Cannot proceed with operation because resource {place.endpoint} used by resource {place.group} is not in "
        "Succeeded state. Resource is in Deleting state and the last operation that updated/is updating the resource "
        "is DeletePrivateEndpointOperation."
    )


def test_a_zone_group_that_is_being_written_is_not_taken_over(place: Place) -> None:
    body = {"properties": {"privateDnsZoneConfigs": []}}
    place.cloud.network.private_dns_zone_groups.begin_create_or_update("g", "e", "z", body, polling=False)

    answer = place.ask("DELETE", place.endpoint)

    assert (answer.status, answer.body["error"]["code"]) == (409, "AnotherOperationInProgress")
