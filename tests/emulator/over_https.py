"""An emulated Azure over HTTPS, and what a client may say to it."""

import contextlib
import hashlib
import socket
import ssl
from dataclasses import dataclass

import httpx

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import tokens
from acrlab.emulator.server.server import Connection, Server, running


@contextlib.contextmanager
def serving(folder):
    """Serve an empty world. `folder`: gets its certificates."""
    azure = EmulatedAzure()
    made = Server(azure, folder=folder / "tls")
    with running(made) as connection:
        trust = ssl.create_default_context(cafile=connection.ca)
        with httpx.Client(base_url=connection.arm, verify=trust, timeout=20, trust_env=False) as http:
            yield Served(azure, made, connection, trust, http)
    azure.close()


@dataclass
class Served:
    """An emulated Azure with a server, and a client that trusts it."""

    azure: EmulatedAzure
    server: Server
    connection: Connection
    trust: ssl.SSLContext
    http: httpx.Client

    @property
    def world(self) -> World:
        return self.azure.world

    @property
    def port(self) -> int:
        return httpx.URL(self.connection.arm).port

    def sign_in(self, tenant="", version="/v2.0", **form):
        """Post a form to the token endpoint; without any words, as the service principal for Resource Manager."""
        program = {
            "grant_type": "client_credentials",
            "client_id": self.connection.client_id,
            "client_secret": self.connection.client_secret,
            "scope": "https://management.azure.com/.default",
        }
        path = f"/{tenant or self.connection.tenant}/oauth2{version}/token"
        return self.http.post(path, data=form or program)

    def token(self, principal="", audience="https://management.azure.com", **more):
        """A good token, of the service principal or of another identity."""
        return tokens.issue(self.world, principal or tokens.application(self.world), audience, **more)

    def arm(self, method, path, *, token=None, version="2021-04-01", **more):
        """Ask Resource Manager about something in the subscription; without `token`, as its owner."""
        whole = path if path.startswith("/subscriptions") else f"/subscriptions/{self.connection.subscription}{path}"
        headers = {"Authorization": f"Bearer {self.token() if token is None else token}"}
        query = {"api-version": version} if version else {}
        return self.http.request(method, whole, params=query, headers=headers, **more)

    def say(self, *parts, name="localhost"):
        """Send bytes over a TLS connection of their own; gives all that comes back until it is closed."""
        with self.dial(name) as line:
            with contextlib.suppress(ConnectionError, ssl.SSLError):  # it may have heard enough
                for part in parts:
                    line.sendall(part)
            return self.hear(line)

    def dial(self, name="localhost"):
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self.trust.wrap_socket(line, server_hostname=name)

    @staticmethod
    def hear(line):
        """All that comes until the other side closes, or breaks off."""
        found = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while chunk := line.recv(65536):
                found += chunk
        return found

    def registry(self, name="contoso42", **properties):
        """Make a registry that holds hello-world, as the subscription's owner does."""
        path = f"/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/{name}"
        body = {"location": "westus", "sku": {"name": "Premium"}, "properties": properties}
        image = {"source": {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}}
        tags = {"targetTags": ["hello-world:v1"], "mode": "Force"}
        for method, tail, sent in (("PUT", "", body), ("POST", "/importImage", image | tags)):
            if not tail:
                self.arm("PUT", "/resourcegroups/g", json={"location": "westus"})
            answer = self.arm(method, path + tail, version="2023-07-01", json=sent)
            assert answer.status_code < 300, answer.text
        return f"{name}.azurecr.io"

    def pull_right(self, client, server):
        """Sign in to a registry as `az acr login` does, and ask for what `docker pull` needs; gives headers."""
        form = {"grant_type": "access_token", "service": server.partition(":")[0]}
        key = self.token(audience="https://containerregistry.azure.net")
        refresh = client.post(f"https://{server}/oauth2/exchange", data=form | {"access_token": key}).json()
        form |= {"grant_type": "refresh_token", "scope": "repository:hello-world:pull"}
        answer = client.post(f"https://{server}/oauth2/token", data=form | refresh)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def pull(self, client, server):
        """Pull hello-world as docker does, layers included; gives the addresses that sent them."""
        headers = self.pull_right(client, server)
        accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
        found = client.get(f"https://{server}/v2/hello-world/manifests/v1", headers=headers | accept)
        senders = []
        for layer in found.json()["layers"]:
            sent = client.get(f"https://{server}/v2/hello-world/blobs/{layer['digest']}", headers=headers)
            assert (sent.status_code, sent.content) == (307, b"")
            content = client.get(sent.headers["location"]).content
            assert f"sha256:{hashlib.sha256(content).hexdigest()}" == layer["digest"]
            senders.append(httpx.URL(sent.headers["location"]).netloc.decode())
        return senders
