"""Connections that come in at an emulated address: a VM's, through the proxy that knows its name."""

import httpx
import pytest

from tests.emulator.conftest import Place

SERVER = "contoso42.azurecr.io"


@pytest.fixture
def place(served):
    """A VM in a network, and a registry with an image and an endpoint, in the served world."""
    place = Place(served.azure, served.azure.delivery)
    served.registry()
    place.network()
    place.subnet()
    place.vm()
    place.endpoint("contoso42")
    return place


@pytest.fixture
def inside(served):
    """A client that stands where the VM stands."""
    proxy = served.connection.proxy.replace("http://", "http://vm:lab@")
    with httpx.Client(proxy=proxy, verify=served.trust, timeout=20, trust_env=False) as client:
        yield client


def linked(place, *records):
    place.zone()
    for name, address in records:
        place.record(name, address)


DATA, LOGIN = ("contoso42.westus.data", "10.0.0.5"), ("contoso42", "10.0.0.6")


def closed(served):
    path = "/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/contoso42"
    rules = {"properties": {"networkRuleSet": {"defaultAction": "Deny"}}}
    assert served.arm("PATCH", path, version="2023-07-01", json=rules).status_code == 200


def test_a_vm_pulls_over_its_private_endpoint(served, place, inside):
    linked(place, DATA, LOGIN)
    closed(served)

    assert served.pull(inside, SERVER) == ["contoso42.westus.data.azurecr.io"]


def test_without_a_link_the_vm_is_a_stranger_with_its_public_address(served, place, inside):
    closed(served)
    answer = inside.get(f"https://{SERVER}/v2/")

    assert answer.status_code == 403
    assert "client with IP '203.0.113.77' is not allowed access" in answer.json()["errors"][0]["message"]


def test_without_the_data_record_the_manifest_arrives_and_the_layer_does_not(served, place, inside):
    linked(place, LOGIN)

    with pytest.raises(httpx.ProxyError, match="502 no such host"):
        served.pull(inside, SERVER)


def test_an_endpoint_that_is_not_approved_does_not_answer(served, place, inside):
    linked(place, DATA, LOGIN)
    place.endpoint("contoso42", status="Pending")

    with pytest.raises(httpx.ProxyError, match="504 timeout"):
        inside.get(f"https://{SERVER}/v2/")


def test_a_security_group_counts_for_new_connections_alone(served, place, inside):
    """Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview"""
    linked(place, DATA, LOGIN)
    assert inside.get(f"https://{SERVER}/v2/").status_code == 401
    group = place.security_group(("no-https", 100, "Outbound", "Deny", "*", "443"))
    place.subnet(networkSecurityGroup={"id": str(group.id)})

    assert inside.get(f"https://{SERVER}/v2/").status_code == 401
    inside.get(f"https://{SERVER}/v2/", headers={"Connection": "close"})
    with pytest.raises(httpx.ProxyError, match="504 timeout"):
        inside.get(f"https://{SERVER}/v2/")


def test_a_registry_that_is_closed_refuses_the_next_request_of_a_connection(served, place, inside):
    assert inside.get(f"https://{SERVER}/v2/").status_code == 401
    closed(served)

    assert inside.get(f"https://{SERVER}/v2/").status_code == 403


def test_an_endpoint_that_is_rejected_ends_connections_that_are_open(served, place, inside):
    linked(place, DATA, LOGIN)
    assert inside.get(f"https://{SERVER}/v2/").status_code == 401
    place.endpoint("contoso42", status="Rejected")

    with pytest.raises(httpx.RemoteProtocolError):
        inside.get(f"https://{SERVER}/v2/")


def test_swapped_records_lead_to_the_certificate_of_another_name(served, place, inside):
    linked(place, (DATA[0], LOGIN[1]), (LOGIN[0], DATA[1]))

    with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
        inside.get(f"https://{SERVER}/v2/")


def test_a_vm_that_is_not_there_is_named(served):
    proxy = served.connection.proxy.replace("http://", "http://nobody:lab@")
    with (
        httpx.Client(proxy=proxy, verify=served.trust, trust_env=False) as client,
        pytest.raises(httpx.ProxyError, match="There is no VM called nobody"),
    ):
        client.get(f"https://{SERVER}/v2/")
