"""The SDK's seam: requests without sockets, waiting without time."""

import threading
import time

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError
from azure.core.rest import HttpRequest
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.transport import open_azure
from tests.sdk import client

SPACE = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}


@pytest.fixture
def opened():
    opened = open_azure()
    yield opened
    opened.close()


@pytest.fixture
def network(opened):
    groups = client(ResourceManagementClient, opened)
    groups.resource_groups.create_or_update("g", {"location": "westus"})
    return client(NetworkManagementClient, opened)


def test_a_long_operation_takes_virtual_seconds_and_no_real_ones(opened, network):
    begun = time.monotonic()

    made = network.virtual_networks.begin_create_or_update("g", "v", SPACE).result()

    assert made.provisioning_state == "Succeeded"
    assert opened.azure.world.now == 10
    assert time.monotonic() - begun < 5


def test_threads_that_wait_together_take_the_time_of_the_longest(opened):
    barrier = threading.Barrier(3)
    question = HttpRequest("GET", "https://management.azure.com/subscriptions?api-version=2022-12-01")

    def wait(seconds):
        opened.transport.send(question)
        barrier.wait()
        opened.transport.sleep(seconds)

    threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert opened.azure.world.now == 30


def test_a_gap_reaches_the_caller_by_name(network):
    with pytest.raises(HttpResponseError) as caught:
        network.load_balancers.get("g", "l")

    assert (caught.value.status_code, caught.value.error.code) == (501, "NotEmulated")
    assert "Microsoft.Network/loadBalancers" in caught.value.message


def test_a_name_that_nobody_has_does_not_resolve(opened):
    from azure.containerregistry import ContainerRegistryClient

    client = ContainerRegistryClient(
        "https://nobodyhasthis.azurecr.io", opened.credential, transport=opened.transport, retry_total=0
    )

    with pytest.raises(ServiceRequestError, match="no such host"):
        list(client.list_repository_names())


def test_an_option_that_no_operation_takes_is_refused_as_on_the_wire(network):
    with pytest.raises(TypeError, match="unexpected keyword argument 'retention'"):
        network.virtual_networks.get("g", "v", retention=1)
