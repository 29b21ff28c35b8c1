"""The emulated Azure over HTTPS, through the real SDKs: a service principal, and nothing else changed."""

import ssl

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.server import Server, running


@pytest.fixture
def connection(tmp_path):
    azure = EmulatedAzure()
    server = Server(azure, folder=tmp_path / "tls", listen="127.0.0.1", port=0, speed="instant")
    with running(server) as connection:
        yield connection
    azure.close()


@pytest.fixture
def http(connection):
    with httpx.Client(base_url=connection.arm, verify=ssl.create_default_context(cafile=connection.ca)) as client:
        yield client


def test_the_sdk_signs_in_as_the_service_principal_and_works(connection, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", connection.ca)
    with (
        ClientSecretCredential(
            connection.tenant,
            connection.client_id,
            connection.client_secret,
            authority=connection.arm,
            disable_instance_discovery=True,
        ) as credential,
        ResourceManagementClient(
            credential,
            connection.subscription,
            base_url=connection.arm,
            credential_scopes=[f"{connection.arm}/.default"],
        ) as client,
    ):
        client.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
        client.resource_groups.begin_delete("myResourceGroup").result()

        with pytest.raises(ResourceNotFoundError, match="ResourceGroupNotFound"):
            client.resource_groups.get("myResourceGroup")


def test_a_request_without_a_token_is_refused(http):
    answer = http.get("/subscriptions", params={"api-version": "2022-12-01"})

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AuthenticationFailed"
