"""A registry's login server on the listener's own port: every address that it gives leads back to that port."""

import ssl
import subprocess
import time

import httpx
import jwt
import pytest


@pytest.fixture
def here(served):
    """A client for which all names are this computer, as `curl --resolve` or a line in a hosts file make them."""

    class Here(httpx.HTTPTransport):
        def handle_request(self, request):
            request.extensions["sni_hostname"] = request.url.host
            request.url = request.url.copy_with(host="127.0.0.1")
            return super().handle_request(request)

    with httpx.Client(transport=Here(verify=served.trust), timeout=20) as client:
        yield client


def test_the_challenge_leads_back_to_the_port(served, here):
    server = f"{served.registry()}:{served.port}"

    challenge = here.get(f"https://{server}/v2/").headers["www-authenticate"]

    assert challenge.startswith(f'Bearer realm="https://{server}/oauth2/token",service="contoso42.azurecr.io"')


@pytest.mark.parametrize(
    ("properties", "sender"), [({"dataEndpointEnabled": True}, "contoso42.westus.data.azurecr.io"), ({}, "blob.core")]
)
def test_an_image_is_pulled_from_the_port(served, here, properties, sender):
    server = f"{served.registry(**properties)}:{served.port}"

    senders = served.pull(here, server)

    assert senders
    assert all(sender in one and one.endswith(f":{served.port}") for one in senders)


def test_without_a_port_no_address_has_one(served):
    server = served.registry()
    head = f"GET /v2/ HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"

    answer = served.say(head.encode(), name=server)

    assert f'realm="https://{server}/oauth2/token"'.encode() in answer


def test_a_registrys_tokens_are_dated_by_the_clients_clock(served, here):
    """The SDK looks into them, and would sign in anew for every request."""
    server = f"{served.registry()}:{served.port}"

    held = jwt.decode(served.pull_right(here, server)["Authorization"][7:], options={"verify_signature": False})

    assert held["iat"] == pytest.approx(time.time(), abs=60)


def test_curl_comes_back(served, here, tmp_path):
    server = f"{served.registry(dataEndpointEnabled=True)}:{served.port}"
    headers = served.pull_right(here, server)
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    manifest = here.get(f"https://{server}/v2/hello-world/manifests/v1", headers=headers | accept).json()
    names = ("contoso42.azurecr.io", "contoso42.westus.data.azurecr.io")
    words = ["curl", "-sS", "--location", "--noproxy", "*", "--cacert", served.connection.ca]
    words += [word for name in names for word in ("--resolve", f"{name}:{served.port}:127.0.0.1")]
    words += ["-H", f"Authorization: {headers['Authorization']}", "--output", str(tmp_path / "layer")]
    address = f"https://{server}/v2/hello-world/blobs/{manifest['layers'][0]['digest']}"

    done = subprocess.run([*words, "--write-out", "%{http_code} %{num_redirects}", address], capture_output=True)

    assert (done.stdout, done.stderr) == (b"200 1", b"")


def test_the_certificate_is_for_the_names_that_are_served(served):
    for name in ("contoso42.azurecr.io", "contoso42.westus.data.azurecr.io", "management.azure.com", "localhost"):
        served.dial(name).close()
    for name in ("example.com", "a.b.azurecr.io", "registry-1.docker.io"):
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            served.dial(name)
