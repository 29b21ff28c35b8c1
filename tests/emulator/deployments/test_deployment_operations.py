"""What a deployment tells of its operations, and how it is asked about, looked for and stopped."""

from __future__ import annotations

import re

import pytest

from tests.emulator.deployments.test_deployment_answers import group, nested, put, sent, validated
from tests.emulator.deployments.test_deployments import NETWORK, network, registry

# -- operations --------------------------------------------------------------------------------------------------------


def test_the_last_operation_evaluates_the_outputs_and_has_the_number_of_all(desk):
    address = put(desk, sent(network(), registry())).headers["Azure-AsyncOperation"]
    desk.finished()

    *made, last = desk.send("GET", f"{desk.path()}/operations").body["value"]
    number = address.partition("?")[0].rpartition("/")[2]
    assert re.fullmatch("0858[0-9]{16}", number)
    assert last["operationId"] == number
    assert last["properties"]["provisioningOperation"] == "EvaluateDeploymentOutput"
    assert (last["properties"]["statusCode"], last["properties"]["provisioningState"]) == ("OK", "Succeeded")
    assert "targetResource" not in last["properties"]
    assert len({one["properties"]["trackingId"] for one in (*made, last)}) == 3
    assert len({one["properties"]["serviceRequestId"] for one in made}) == 2
    assert "serviceRequestId" not in last["properties"]


def test_what_was_newly_made_at_once_was_answered_as_created(desk):
    body = sent(group("made"), nested(network(), resourceGroup="made", dependsOn=["made"])) | {"location": "westus"}

    def statuses():
        desk.finished(scope=desk.root)
        shown = desk.send("GET", f"{desk.path(scope=desk.root)}/operations").body["value"]
        return [one["properties"]["statusCode"] for one in shown]

    put(desk, body, desk.root)
    assert statuses() == ["Created", "OK", "OK"]
    put(desk, body, desk.root)
    assert statuses() == ["OK", "OK", "OK"]


def test_one_operation_is_read_by_its_id_and_lists_come_in_pages(desk):
    put(desk, sent(network()))
    desk.finished()
    first, last = desk.send("GET", f"{desk.path()}/operations").body["value"]

    for home in (desk.path(), f"{desk.group}/deployments/d"):
        assert desk.send("GET", f"{home}/operations/{last['operationId']}").body == last
    missing = desk.send("GET", f"{desk.path()}/operations/1").body["error"]
    assert missing["code"] == "DeploymentOperationNotFound"
    page = desk.send("GET", f"{desk.path()}/operations", query={"$top": "1"}).body
    assert page["value"] == [first]
    assert f"skiptoken={first['operationId']}" in page["nextLink"]
    rest = desk.send("GET", f"{desk.path()}/operations", query={"$skiptoken": first["operationId"]}).body
    assert rest == {"value": [last]}


# -- asking, looking for, stopping -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strange",
    [
        {"mode": "Complete"},
        {"onErrorDeployment": {"type": "LastSuccessful"}},
        {"templateLink": {"uri": "https://x.example/t.json"}},
        {"unheardOf": 1},
    ],
)
@pytest.mark.parametrize("ask", [put, validated])
def test_what_is_not_emulated_of_a_deployment_is_so_for_a_validation_too(desk, ask, strange):
    body = sent()
    body["properties"] |= strange
    if "templateLink" in strange:
        del body["properties"]["template"]

    answer = ask(desk, body)

    assert (answer.status, answer.body["error"]["code"]) == (501, "NotEmulated")


@pytest.mark.parametrize("ask", [put, validated])
def test_a_mode_that_azure_does_not_know_is_malformed_for_a_validation_too(desk, ask):
    assert ask(desk, sent(mode="Sideways")).body["error"]["code"] == "InvalidRequestContent"


def test_a_deployment_is_looked_for_without_its_content(desk):
    put(desk, sent())

    assert desk.send("HEAD", desk.path()).status == 204
    assert desk.send("HEAD", desk.path("other")).status == 404


def test_a_running_deployment_is_stopped_and_makes_nothing(desk):
    address = put(desk, sent(network())).headers["Azure-AsyncOperation"]
    path = address.partition("?")[0].removeprefix("https://management.azure.com")

    assert desk.send("POST", f"{desk.path()}/cancel").status == 204
    assert desk.finished()["provisioningState"] == "Canceled"
    assert desk.send("GET", path).body["status"] == "Canceled"
    assert desk.names(NETWORK) == []
    assert desk.send("GET", f"{desk.path()}/operations").body["value"] == []
    again = desk.send("POST", f"{desk.path()}/cancel")
    assert (again.status, again.body["error"]["code"]) == (409, "DeploymentCannotBeCancelled")


def test_deployments_are_looked_for_by_their_state(desk):
    put(desk, sent(), name="done")
    desk.finished("done")
    put(desk, sent(), name="running")

    def named(question):
        listed = desk.send("GET", desk.path().rpartition("/")[0], query={"$filter": question})
        return [one["name"] for one in listed.body["value"]]

    assert named("provisioningState eq 'Succeeded'") == ["done"]
    assert named("provisioningState eq 'Accepted'") == ["running"]


def test_the_hash_of_a_template_is_that_of_its_deployments(desk):
    body = sent(network())
    shown = put(desk, body).body["properties"]["templateHash"]

    told = desk.send("POST", "/providers/Microsoft.Resources/calculateTemplateHash", body["properties"]["template"])

    assert told.body["templateHash"] == shown
