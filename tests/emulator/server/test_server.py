"""The emulated Azure over HTTPS, through the real SDKs: a service principal, and nothing else changed."""

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.calendar import BEGINNING
from acrlab.emulator.server.server import Server, running
from acrlab.errors import ConfigurationError


@pytest.fixture
def azure():
    azure = EmulatedAzure()
    yield azure
    azure.close()


def test_the_sdk_signs_in_as_the_service_principal_and_works(served, monkeypatch):
    connection = served.connection
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


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::"])
def test_clients_are_told_an_address_that_answers(azure, tmp_path, listen):
    try:
        server = Server(azure, folder=tmp_path, listen=listen)
    except ConfigurationError:
        pytest.skip(f"this computer has no address {listen}")
    with running(server) as connection:
        trust = ssl.create_default_context(cafile=connection.ca)
        with httpx.Client(verify=trust, trust_env=False) as http:
            assert http.get(f"{connection.arm}/images/aliases.json").status_code == 200
        with httpx.Client(verify=trust, trust_env=False, proxy=connection.proxy) as http:
            assert http.get("https://management.azure.com/subscriptions").status_code == 401


def test_a_server_that_cannot_tell_how_to_connect_stops(azure, tmp_path):
    server = Server(azure, folder=tmp_path / "tls", files=[tmp_path / "missing" / "ready.json"])

    with pytest.raises(FileNotFoundError), running(server):
        pass


def test_a_server_serves_again_in_the_same_folder(azure, tmp_path):
    authorities = set()
    for _ in range(2):
        with running(Server(azure, folder=tmp_path)) as connection:
            authorities.add(Path(connection.ca).read_bytes())

    assert len(authorities) == 1


def test_a_server_stops_while_clients_hold_on(azure, tmp_path):
    with running(Server(azure, folder=tmp_path)) as connection:
        trust = ssl.create_default_context(cafile=connection.ca)
        http = httpx.Client(verify=trust, trust_env=False)
        assert http.get(f"{connection.arm}/images/aliases.json").status_code == 200

    with pytest.raises(httpx.TransportError):
        http.get(f"{connection.arm}/images/aliases.json")
    http.close()


# -- what time it is ---------------------------------------------------------------------------------------------------

SKEW_S = 30


def dates(http):
    """When the server says that it answers: what it has, what it refuses, and what it can't even read."""
    answers = [
        http.get("/images/aliases.json"),
        http.get("/subscriptions"),
        http.get("/metadata/endpoints?api-version=%ff"),
        http.post("/nothing", content=b"x" * (4 * 2**20 + 1)),
        http.get("/common/oauth2/nothing"),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 400, 413, 401]
    return [parsedate_to_datetime(answer.headers["Date"]) for answer in answers]


def asked(connection):
    trust = ssl.create_default_context(cafile=connection.ca)
    return httpx.Client(verify=trust, trust_env=False, base_url=connection.arm)


def test_every_answer_tells_the_clients_own_time(azure, tmp_path):
    with running(Server(azure, folder=tmp_path)) as connection, asked(connection) as http:
        for date in dates(http):
            assert abs((date - datetime.now(UTC)).total_seconds()) < SKEW_S


def test_every_answer_of_a_deterministic_world_tells_that_worlds_time(azure, tmp_path):
    with running(Server(azure, folder=tmp_path, clock="deterministic")) as connection, asked(connection) as http:
        for date in dates(http):
            assert 0 <= (date - BEGINNING).total_seconds() < SKEW_S
