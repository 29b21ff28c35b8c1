"""The CONNECT proxy, through clients as they are: it leads to the emulated names, and nowhere else."""

import asyncio
import hashlib
import socket
import subprocess
import sys
import time

import httpx
import pytest

from acrlab.emulator.server import proxy


@pytest.fixture
def through(served):
    """A client that has nothing but the proxy and the authority."""
    with httpx.Client(proxy=served.connection.proxy, verify=served.trust, timeout=20, trust_env=False) as client:
        yield client


def say(served, text):
    """Speak to the proxy itself."""
    with socket.create_connection(("127.0.0.1", httpx.URL(served.connection.proxy).port), timeout=20) as line:
        line.sendall(text)
        return served.hear(line)


# -- where it leads ----------------------------------------------------------------------------------------------------


def test_resource_manager_and_entra_id_are_at_their_own_names(served, through):
    tenant = served.connection.tenant
    form = {
        "grant_type": "client_credentials",
        "client_id": served.connection.client_id,
        "client_secret": served.connection.client_secret,
        "scope": "https://management.azure.com/.default",
    }

    token = through.post(f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", data=form).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    query = {"api-version": "2022-12-01"}
    found = through.get("https://management.azure.com/subscriptions", params=query, headers=headers)

    assert [one["subscriptionId"] for one in found.json()["value"]] == [served.connection.subscription]


@pytest.mark.parametrize(
    ("properties", "sender"), [({"dataEndpointEnabled": True}, "contoso42.westus.data.azurecr.io"), ({}, "blob.core.w")]
)
def test_an_image_is_pulled_through_the_redirect(served, through, properties, sender):
    server = served.registry(**properties)

    senders = served.pull(through, server)

    assert senders
    assert all(sender in one for one in senders)


def test_lines_of_one_header_are_one_list(served, through):
    server = served.registry()
    headers = [*served.pull_right(through, server).items()]
    kinds = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json")
    path = f"https://{server}/v2/hello-world/manifests/v1"

    for first, second in (kinds, kinds[::-1]):
        answer = through.get(path, headers=[*headers, ("Accept", first), ("Accept", second)])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kinds[0])


def test_curl_pulls_a_layer_through_the_redirect(served, through, tmp_path):
    server = served.registry(dataEndpointEnabled=True)
    headers = served.pull_right(through, server)
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    manifest = through.get(f"https://{server}/v2/hello-world/manifests/v1", headers=headers | accept).json()
    digest = manifest["layers"][0]["digest"]
    words = ["curl", "-sS", "--location", "--noproxy", "", "--proxy", served.connection.proxy]
    words += ["--cacert", served.connection.ca, "-H", f"Authorization: {headers['Authorization']}"]
    words += ["--output", str(tmp_path / "layer"), "--write-out", "%{http_code} %{num_redirects} %{url_effective}"]

    done = subprocess.run([*words, f"https://{server}/v2/hello-world/blobs/{digest}"], capture_output=True, text=True)

    assert done.stderr == ""
    assert done.stdout.startswith("200 1 https://contoso42.westus.data.azurecr.io/")
    assert f"sha256:{hashlib.sha256((tmp_path / 'layer').read_bytes()).hexdigest()}" == digest


def test_a_registry_that_is_closed_to_the_public_says_so(served, through):
    server = served.registry(publicNetworkAccess="Disabled")

    answer = through.get(f"https://{server}/v2/")

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "DENIED"


PROGRAM = """
import os
from azure.containerregistry import ContainerRegistryClient
from azure.identity import DefaultAzureCredential
from azure.mgmt.resource.resources import ResourceManagementClient

credential = DefaultAzureCredential()
with ResourceManagementClient(credential, os.environ["AZURE_SUBSCRIPTION_ID"]) as client:
    print([group.name for group in client.resource_groups.list()])
with ContainerRegistryClient("https://contoso42.azurecr.io", credential) as client:
    print([name for name in client.list_repository_names()])
    manifest = client.get_manifest("hello-world", "v1")
    layer = manifest.manifest["layers"][0]["digest"]
    print(sum(len(chunk) for chunk in client.download_blob("hello-world", layer)) > 0)
"""


def test_a_program_needs_its_environment_and_nothing_else(served):
    """The SDKs with their own default addresses and DefaultAzureCredential."""
    served.registry(dataEndpointEnabled=True)
    connection = served.connection
    environment = {
        "PATH": "/usr/bin:/bin",
        "HTTPS_PROXY": connection.proxy,
        "REQUESTS_CA_BUNDLE": connection.ca,
        "AZURE_TENANT_ID": connection.tenant,
        "AZURE_CLIENT_ID": connection.client_id,
        "AZURE_CLIENT_SECRET": connection.client_secret,
        "AZURE_SUBSCRIPTION_ID": connection.subscription,
    }

    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)

    assert (done.stdout, done.stderr[-2000:]) == ("['g']\n['hello-world']\nTrue\n", "")


# -- where it does not -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "example.com",
        "nobody.azurecr.io",
        "registry-1.docker.io",
        "packages.microsoft.com",
        "graph.microsoft.com",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "192.0.2.10",
        "169.254.169.254",
        "a.b.c.azurecr.io",
        "\u00e9.azurecr.io",
        "x" * 300 + ".azurecr.io",
        ".azurecr.io",
        "",
    ],
)
def test_what_is_not_served_has_no_such_host(served, name):
    answer = say(served, f"CONNECT {name}:443 HTTP/1.1\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 502 no such host\r\n")


def test_no_connection_is_ever_opened(served, monkeypatch):
    """Not even a question for a name leaves this computer."""
    opened, asked = [], []
    connect, look_up = asyncio.BaseEventLoop.create_connection, socket.getaddrinfo
    monkeypatch.setattr(
        asyncio.BaseEventLoop,
        "create_connection",
        lambda *words, **more: opened.append(words) or connect(*words, **more),
    )
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *words: asked.append(host) or look_up(host, *words))

    for name in ("example.com", "nobody.azurecr.io"):
        say(served, f"CONNECT {name}:443 HTTP/1.1\r\n\r\n".encode())
    tunnel(served).close()

    assert opened == []
    assert set(asked) <= {"127.0.0.1"}  # this test's own


def test_a_world_that_cannot_be_read_breaks_the_connection_and_no_more(served, monkeypatch):
    def fail(self, host):
        raise OSError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(proxy.Proxy, "_resolve", fail)
        assert say(served, b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n") == b""

    tunnel(served).close()


def test_what_is_said_before_the_answer_breaks_the_connection(served):
    hello = b"\x16\x03\x01"

    assert say(served, b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n" + hello) == b""


@pytest.mark.parametrize("port", ["80", "22", "8443", "0", "-1", "https", "4430", ""])
def test_other_ports_are_forbidden(served, port):
    answer = say(served, f"CONNECT management.azure.com:{port} HTTP/1.1\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://management.azure.com/ HTTP/1.1",
        b"GET / HTTP/1.1",
        b"POST http://127.0.0.1:22/ HTTP/1.1",
        b"connect management.azure.com:443 HTTP/1.1",
        b"CONNECT",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_what_is_no_connect_is_not_allowed(served, line):
    assert say(served, line + b"\r\n\r\n").startswith(b"HTTP/1.1 405 ")


# -- how long, and how many --------------------------------------------------------------------------------------------


def tunnel(served):
    line = socket.socket()
    line.settimeout(20)
    line.connect(("127.0.0.1", httpx.URL(served.connection.proxy).port))
    line.sendall(b"CONNECT management.azure.com:443 HTTP/1.1\r\nHost: management.azure.com\r\n\r\n")
    assert line.recv(1000).startswith(b"HTTP/1.1 200 ")
    return line


def test_a_head_without_end_is_cut_off(served):
    assert say(served, b"CONNECT " + b"a" * 100_000) == b""


def test_who_never_asks_is_cut_off(served, monkeypatch):
    monkeypatch.setattr(proxy, "HEAD_S", 0.05)

    assert say(served, b"CONNECT ") == b""


def test_a_tunnel_in_which_nobody_speaks_tls_is_closed(served):
    with tunnel(served) as line:
        line.sendall(b"this is no TLS\r\n\r\n")
        served.hear(line)


def test_a_client_that_closes_its_half_ends_the_tunnel(served):
    with tunnel(served) as line:
        line.shutdown(socket.SHUT_WR)
        assert served.hear(line) == b""


def test_more_tunnels_than_it_takes_are_refused(served, monkeypatch):
    monkeypatch.setattr(proxy, "MOST_TUNNELS", 2)

    with tunnel(served), tunnel(served):
        answer = say(served, b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 503 ")
    deadline = time.monotonic() + 20
    while (line := say(served, b"CONNECT nobody.azurecr.io:443 HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 "):
        assert time.monotonic() < deadline  # those that have gone are counted no more
        time.sleep(0.05)
    assert line.startswith(b"HTTP/1.1 502 no such host\r\n")
