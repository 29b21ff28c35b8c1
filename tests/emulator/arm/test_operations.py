"""Long-running operations: whatever one of them raises when it ends, it fails by itself, and the world goes on."""

import json
import logging
import sqlite3

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.arm.operations import RUNNING
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import NotEmulated, Request
from acrlab.errors import ConfigurationError

TEMPLATE = {"properties": {"mode": "Incremental", "template": {"resources": []}}}


def send(azure, method, path, body=None):
    raw = json.dumps(body).encode() if body is not None else b""
    return azure.manager.handle(Request(method, "management.azure.com", path, {"api-version": "2024-11-01"}, body=raw))


def failing(azure, problem):
    """Let a deployment be under way whose end raises. Returns: its path, and where its operation is asked for."""

    def end(deployment):
        azure.world.put(deployment)  # half-way work, to be undone
        raise problem

    azure.world.capabilities["carry_out_deployment"] = end
    group = f"/subscriptions/{azure.world.setting('subscription')}/resourceGroups/g"
    send(azure, "PUT", group, {"location": "westus"})
    path = f"{group}/providers/Microsoft.Resources/deployments/d"
    begun = send(azure, "PUT", path, TEMPLATE)
    assert begun.status == 201
    azure.world.advance_to(azure.world.now + 120)
    return path, begun.headers["Azure-AsyncOperation"].partition("?")[0].removeprefix("https://management.azure.com")


@pytest.mark.parametrize("problem", [UnboundLocalError("wanted"), KeyError("x"), RecursionError(), ValueError("y")])
def test_an_operation_that_breaks_fails_alone_in_azures_words(problem, caplog):
    azure = EmulatedAzure()
    with caplog.at_level(logging.ERROR, "acrlab.emulator"):
        path, operation = failing(azure, problem)
        polled = send(azure, "GET", operation)

    assert (polled.status, polled.body["status"]) == (200, "Failed")
    assert polled.body["error"]["code"] == "InternalServerError"
    assert send(azure, "GET", path).body["properties"]["provisioningState"] == "Failed"
    (told,) = caplog.records
    assert told.exc_info[1] is problem
    assert path.lower() in told.getMessage()


def test_what_is_not_emulated_fails_the_operation_and_is_named():
    azure = EmulatedAzure()
    _, operation = failing(azure, NotEmulated("quantum links"))

    error = send(azure, "GET", operation).body["error"]
    assert (error["code"], error["message"]) == ("NotEmulated", "Not emulated: quantum links.")


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (sqlite3.OperationalError("disk I/O error"), ConfigurationError),
        (sqlite3.DatabaseError("database disk image is malformed"), ConfigurationError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_what_is_wrong_with_the_file_or_the_process_is_no_operations_fault(problem, told):
    azure = EmulatedAzure()
    with pytest.raises(told):
        _, operation = failing(azure, problem)
        send(azure, "GET", operation)

    azure.world.capabilities["carry_out_deployment"] = lambda deployment: None
    assert azure.world.find(f"/subscriptions/{azure.world.setting('subscription')}/resourceGroups/g") is not None


def test_an_operation_is_forgotten_a_day_after_its_end():
    azure = EmulatedAzure()
    path, operation = failing(azure, KeyError("x"))
    day = 86_400

    azure.world.advance_to(azure.world.now + day - 180)
    send(azure, "PUT", f"{path}2", TEMPLATE)
    assert send(azure, "GET", operation).body["status"] == "Failed"

    azure.world.advance_to(azure.world.now + day)
    send(azure, "PUT", f"{path}3", TEMPLATE)
    assert send(azure, "GET", operation).status == 404


def running(azure, *names):
    """Let an operation be under way on resources of a group. Returns: the network `v` there."""
    root = f"/subscriptions/{azure.world.setting('subscription')}/resourceGroups/g/providers/Microsoft.Network"
    for name in names:
        row = (name, f"{root}/virtualNetworks/{name}".lower(), "PUT", 0.0, 9.0, RUNNING, json.dumps({"headers": {}}))
        azure.world.db.execute("INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return ArmId.parse(f"{root}/virtualNetworks/v")


def test_what_is_under_way_around_a_resource_is_in_its_own_tree():
    azure = EmulatedAzure()
    network = running(azure, "v", "v/subnets/s", "v-other", "v0", "v.x", "va", "u")

    around = azure.manager._operations.around(network.child("subnets", "t"))

    assert [found.key.rpartition("virtualnetworks/")[2] for found in around] == ["v", "v/subnets/s"]


def test_thousands_of_other_operations_are_not_looked_through():
    azure = EmulatedAzure()
    network = running(azure, "v")
    heard = []
    azure.world.db.set_trace_callback(heard.append)
    azure.manager._operations.around(network)
    azure.manager._operations.under_way(network)
    azure.world.db.set_trace_callback(None)

    plans = [azure.world.db.rows(f"EXPLAIN QUERY PLAN {statement}")[0][-1] for statement in heard]

    assert [plan.partition(" INDEX ")[2] for plan in plans] == [
        "operation_running (key>? AND key<?)",
        "operation_running (key=?)",
    ]
