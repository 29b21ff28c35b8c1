"""Planted faults: what clients meet, and that nothing is left half-written."""

import ssl

import httpx
import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.core.rest import HttpRequest
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.fault_injection import Fault, clear, counts, plant, planted
from acrlab.emulator.core.http import Dropped, Request
from acrlab.emulator.server.server import Server, running
from acrlab.emulator.transport import open_azure
from acrlab.errors import ConfigurationError

SPACE = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}


@pytest.fixture
def opened():
    opened = open_azure()
    yield opened
    opened.close()


@pytest.fixture
def world(opened):
    return opened.azure.world


@pytest.fixture
def groups(opened):
    client = ResourceManagementClient(opened.credential, opened.subscription, transport=opened.transport)
    client.resource_groups.create_or_update("g", {"location": "westus"})
    return client.resource_groups


@pytest.fixture
def network(opened, groups):
    return NetworkManagementClient(opened.credential, opened.subscription, transport=opened.transport)


def ask(opened, method="GET", path="/resourceGroups/g"):
    url = f"https://management.azure.com/subscriptions/{opened.subscription}{path}?api-version=2021-04-01"
    return opened.transport.send(HttpRequest(method, url))


# -- what a client sees ------------------------------------------------------------------------------------------------


def test_a_throttled_request_is_told_when_to_come_back(opened, groups, world):
    plant(world, Fault("throttle", seconds=17))

    answer = ask(opened)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    assert answer.json() == {
        "error": {
            "code": "TooManyRequests",
            "message": "The server rejected the request because too many requests have been received for this "
            "subscription.",
        }
    }
    assert answer.headers["x-ms-request-id"]
    assert ask(opened).status_code == 200


def test_an_error_carries_its_diagnosis(opened, groups, world):
    plant(world, Fault("error"))

    answer = ask(opened)

    assert answer.status_code == 500
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    error = answer.json()["error"]
    assert error["code"] == "InternalServerError"
    assert error["message"].startswith(
        "Encountered internal server error. Diagnostic information: timestamp '20260105T090000Z', "
        f"subscription id '{opened.subscription}', tracking id '"
    )


def test_an_unavailable_service_says_when_it_will_be_back(opened, groups, world):
    plant(world, Fault("unavailable", seconds=5, code="ServiceUnavailable", message="Back soon."))

    answer = ask(opened)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json() == {"error": {"code": "ServiceUnavailable", "message": "Back soon."}}


@pytest.mark.parametrize("kind", ["throttle", "error", "unavailable", "drop", "drop-answer"])
def test_the_sdk_gets_over_a_fault_by_asking_again(groups, world, kind):
    plant(world, Fault(kind, method="GET", when="next", n=2))

    assert groups.get("g").location == "westus"
    assert planted(world)[0].met == 3


def test_the_sdk_waits_as_long_as_it_is_told(groups, world):
    begun = world.now
    plant(world, Fault("throttle", seconds=30))

    groups.get("g")

    assert world.now - begun == 30


def test_a_fault_that_stays_reaches_the_caller(groups, world):
    plant(world, Fault("unavailable", when="every"))

    with pytest.raises(HttpResponseError) as caught:
        groups.get("g")

    assert (caught.value.status_code, caught.value.error.code) == (503, "ServerTimeout")


def test_a_connection_that_drops_first_leaves_nothing_behind(opened, groups, world):
    plant(world, Fault("drop", method="PUT"))

    with pytest.raises(ServiceRequestError, match="connection reset by peer"):
        opened.transport.send(_put(opened, "h"))

    assert not groups.check_existence("h")


def test_a_connection_that_drops_after_the_work_loses_only_the_answer(opened, groups, world):
    plant(world, Fault("drop-answer", method="PUT"))

    with pytest.raises(ServiceResponseError, match="connection reset by peer"):
        opened.transport.send(_put(opened, "h"))

    assert groups.check_existence("h")


def _put(opened, group):
    url = f"https://management.azure.com/subscriptions/{opened.subscription}/resourceGroups/{group}"
    return HttpRequest("PUT", f"{url}?api-version=2021-04-01", json={"location": "westus"})


def test_the_manager_raises_dropped_for_whoever_holds_the_connection(world, opened, groups):
    plant(world, Fault("drop-answer"))
    question = Request("GET", "management.azure.com", "/subscriptions", {"api-version": "2022-12-01"})

    with pytest.raises(Dropped) as caught:
        opened.azure.manager.handle(question)

    assert caught.value.done


def test_a_delay_is_virtual(opened, groups, world):
    begun = world.now
    plant(world, Fault("delay", seconds=90))

    assert ask(opened).status_code == 200
    assert world.now - begun == 90


# -- operations that fail ----------------------------------------------------------------------------------------------


def test_an_operation_that_fails_is_accepted_first(network, world):
    plant(world, Fault("fail-operation", code="AllocationFailed", message="No room."))

    poller = network.virtual_networks.begin_create_or_update("g", "v", SPACE)
    with pytest.raises(HttpResponseError) as caught:
        poller.result()

    assert (caught.value.error.code, caught.value.error.message) == ("AllocationFailed", "No room.")
    assert network.virtual_networks.get("g", "v").provisioning_state == "Failed"


def test_what_failed_is_mended_by_writing_it_again(network, world):
    plant(world, Fault("fail-operation"))
    with pytest.raises(HttpResponseError):
        network.virtual_networks.begin_create_or_update("g", "v", SPACE).result()

    made = network.virtual_networks.begin_create_or_update("g", "v", SPACE).result()

    assert made.provisioning_state == "Succeeded"


def test_what_could_not_be_deleted_is_still_there_and_can_be(network, world):
    network.virtual_networks.begin_create_or_update("g", "v", SPACE).result()
    plant(world, Fault("fail-operation", method="DELETE", path="*/virtualnetworks/v"))
    with pytest.raises(HttpResponseError):
        network.virtual_networks.begin_delete("g", "v").result()
    assert network.virtual_networks.get("g", "v").provisioning_state == "Failed"

    network.virtual_networks.begin_delete("g", "v").result()

    assert list(network.virtual_networks.list("g")) == []


def test_a_request_that_starts_no_operation_passes(groups, world):
    plant(world, Fault("fail-operation", when="every"))

    assert groups.create_or_update("h", {"location": "westus"}).name == "h"


# -- which requests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "n", "statuses"),
    [
        ("nth", 2, [200, 429, 200, 200, 200]),
        ("every", 2, [200, 429, 200, 429, 200]),
        ("next", 2, [429, 429, 200, 200, 200]),
    ],
)
def test_a_fault_strikes_when_it_is_due(opened, groups, world, when, n, statuses):
    plant(world, Fault("throttle", when=when, n=n))

    assert [ask(opened).status_code for _ in range(5)] == statuses


def test_only_requests_of_its_method_and_path_meet_a_fault(opened, groups, world):
    plant(world, Fault("throttle", method="get", path="*/RESOURCEGROUPS/g", when="every"))

    assert ask(opened, path="/resourceGroups").status_code == 200
    assert ask(opened, "HEAD").status_code == 204
    assert ask(opened).status_code == 429
    assert planted(world)[0].met == 1


def test_a_head_meets_a_fault_as_any_other_request_does(opened, groups, world):
    plant(world, Fault("throttle", method="HEAD"))

    assert [ask(opened, "HEAD").status_code for _ in range(2)] == [429, 204]


def test_a_request_that_is_refused_counts(opened, groups, world):
    plant(world, Fault("throttle", n=2))

    assert [ask(opened, path="/resourceGroups/none").status_code for _ in range(3)] == [404, 429, 404]


def test_two_faults_meet_the_same_request(opened, groups, world):
    begun = world.now
    plant(world, Fault("delay", seconds=7))
    plant(world, Fault("throttle"))

    assert ask(opened).status_code == 429
    assert world.now - begun == 7


def test_clearing_removes_every_fault(opened, groups, world):
    plant(world, Fault("error", when="every"))
    clear(world)

    assert (ask(opened).status_code, planted(world)) == (200, [])


def test_a_reset_removes_every_fault(world):
    plant(world, Fault("error", when="every"))
    world.reset()

    assert planted(world) == []


def test_two_that_share_a_world_share_its_faults(tmp_path):
    one, other = EmulatedAzure(tmp_path / "w.db"), EmulatedAzure(tmp_path / "w.db")
    question = Request("GET", "management.azure.com", "/subscriptions", {"api-version": "2022-12-01"})
    assert one.manager.handle(question).status == 200

    plant(other.world, Fault("throttle", when="next", n=2))

    assert [azure.manager.handle(question).status for azure in (one, other, one)] == [429, 429, 200]
    one.close()
    other.close()


@pytest.mark.parametrize("kind", ["drop", "drop-answer"])
def test_over_https_the_connection_breaks(tmp_path, kind):
    azure = EmulatedAzure()
    server = Server(azure, folder=tmp_path, listen="127.0.0.1", port=0, speed="instant")
    plant(azure.world, Fault(kind, method="PUT"))
    with running(server) as there:
        path = f"/subscriptions/{there.subscription}/resourceGroups/g?api-version=2021-04-01"
        headers = {"Authorization": f"Bearer {azure.learner_token('https://management.azure.com/.default')}"}
        trust = ssl.create_default_context(cafile=there.ca)
        with httpx.Client(base_url=there.arm, verify=trust, headers=headers) as client:
            with pytest.raises(httpx.TransportError):
                client.put(path, json={"location": "westus"})
            after = client.head(path).status_code
    azure.close()

    assert after == (404 if kind == "drop" else 204)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ConfigurationError, match=r"there is no kind 'flood'\. Say one of throttle, error, unavailable"):
        Fault("flood")


def test_a_number_below_one_is_refused():
    with pytest.raises(ConfigurationError, match=r"0 is too small\. Say 1 or more\."):
        Fault("delay", seconds=0)


def test_a_slow_role_counts_only_after_its_time_and_others_at_once(opened, groups, world):
    plant(world, Fault("slow-role", n=2, seconds=60))
    resources = ResourceManagementClient(opened.credential, opened.subscription, transport=opened.transport).resources
    scope = f"/subscriptions/{opened.subscription}/resourceGroups/g/providers/Microsoft.Authorization"
    learner = world.derive("principal", "learner")
    ids = []
    for number, guid in enumerate(("acdd72a7-3385-48ef-bd42-f606fba81ae7", "7f951dda-4ed3-4680-a7ca-43fe172d538d")):
        role = f"/subscriptions/{opened.subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
        ids.append(ArmId.parse(f"{scope}/roleAssignments/00000000-0000-4000-8000-00000000000{number}"))
        properties = {"roleDefinitionId": role, "principalId": learner}
        resources.begin_create_or_update_by_id(
            str(ids[-1]), {"properties": properties}, api_version="2022-04-01"
        ).result()

    assert [counts(world, id) for id in ids] == [True, False]
    world.advance_to(world.now + 61)
    assert [counts(world, id) for id in ids] == [True, True]
