"""A world with registries in it, and a way to ask them something, as seen from the internet or from inside."""

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core.http import Arrival, Request
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import tokens
from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.registry.service import RegistryService

HOST = "contoso.azurecr.io"
OUTSIDE = Arrival("203.0.113.10", "198.51.100.20")
AUDIENCE = "https://containerregistry.azure.net"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFESTS = f"{IMAGE}, {INDEX}, {DOCKER_IMAGE}, {DOCKER_LIST}"  # what today's clients accept


@dataclass
class Lab:
    """One world with the registry `contoso` in it."""

    azure: EmulatedAzure
    service: RegistryService
    outside = OUTSIDE

    @property
    def world(self) -> World:
        return self.azure.world

    @property
    def registry(self) -> Resource:
        return self.world.get(registry_id(self.world))

    def set(self, **properties):
        """Change properties of the registry, by no client and no rule."""
        with self.world.transaction():
            registry = self.registry
            registry.properties.update(properties)
            self.world.put(registry)

    def connect(self, status="Approved", endpoint="e"):
        """Store the registry's record of a private endpoint; returns how a request arrives through it."""
        id = f"{self.registry.id.scope}/providers/Microsoft.Network/privateEndpoints/{endpoint}"
        with self.world.transaction():
            connection = self.registry.id.child("privateEndpointConnections", f"contoso.{endpoint}")
            state = {"endpoint": id, "link": {"status": status}}
            self.world.put(self.world.new(connection, {"properties": {}}, state))
        return Arrival("10.0.0.5", "10.0.0.4", endpoint=id)

    def assign(self, role, principal, scope=None):
        """Give a principal a role. `role`: the GUID of its definition; `scope`: the registry, unless told."""
        scope = str(scope or self.registry.id)
        with self.world.transaction():
            name = self.world.derive("assignment", role, principal, scope)
            id = ArmId(scope, "Microsoft.Authorization/roleAssignments", (name,))
            definition = f"/subscriptions/{id.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
            body = {"properties": {"roleDefinitionId": definition, "principalId": principal}}
            self.world.put(self.world.new(id, body))

    def import_hello(self, tag="hello-world:v1"):
        """Bring the shipped image in, past Resource Manager."""
        source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
        with self.world.transaction():
            import_image(self.world, self.registry, source, [tag], "Force")

    def act(self, action, **body):
        """Ask Resource Manager to do something to the registry."""
        path, query = f"{self.registry.id}/{action}", {"api-version": "2023-07-01"}
        request = Request("POST", "management.azure.com", path, query, {}, json.dumps(body).encode())
        return self.azure.manager.handle(request)

    def delete_registry(self):
        """Delete the registry through Resource Manager."""
        query = {"api-version": "2019-12-01-preview"}
        return self.azure.manager.handle(Request("DELETE", "management.azure.com", str(self.registry.id), query))

    def make_registry(self, name="contoso"):
        """Create a registry through Resource Manager."""
        group = ArmId.of_group(self.world.setting("subscription"), "g")
        self._put(str(group), {"location": "westus"})
        premium = {"location": "westus", "sku": {"name": "Premium"}, "properties": {}}
        self._put(str(registry_id(self.world, name)), premium)
        return self.world.get(registry_id(self.world, name))

    def _put(self, path, body):
        sent, query = json.dumps(body).encode(), {"api-version": "2019-12-01-preview"}
        answer = self.azure.manager.handle(Request("PUT", "management.azure.com", path, query, {}, sent))
        assert answer.status in (200, 201), answer.body

    # -- requests --------------------------------------------------------------------------------------------------

    def ask(self, method, url, body=b"", *, token="", arrival=OUTSIDE, **headers):
        """Send one request. `url`: a path on the login server, or a whole address."""
        parts = urlsplit(url if "://" in url else f"https://{HOST}{url}")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if parts.path.startswith("/v2/"):
            sent.setdefault("accept", MANIFESTS)
        if token:
            sent["authorization"] = f"Bearer {token}"
        request = Request(
            method=method,
            host=parts.hostname,
            path=unquote(parts.path),
            query={name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)},
            headers=sent,
            body=body,
            origin=f"https://{parts.hostname}",
        )
        return self.service.handle(request, arrival)

    def post_form(self, path, **fields):
        return self.ask("POST", path, urlencode(fields).encode())

    def refresh_token(self, principal=None):
        """Sign in as a principal; the learner, unless told."""
        aad = tokens.issue(self.world, principal or tokens.learner(self.world), AUDIENCE)
        answer = self.post_form("/oauth2/exchange", grant_type="access_token", service=HOST, access_token=aad)
        assert answer.status == 200, answer.body
        return answer.body["refresh_token"]

    def token(self, *scopes, principal=None):
        """An access token for scopes such as `repository:x:pull`."""
        answer = self.post_form(
            "/oauth2/token",
            grant_type="refresh_token",
            service=HOST,
            scope=" ".join(scopes),
            refresh_token=self.refresh_token(principal),
        )
        assert answer.status == 200, answer.body
        return answer.body["access_token"]


def registry_id(world, name="contoso"):
    group = ArmId.of_group(world.setting("subscription"), "g")
    return ArmId(str(group), "Microsoft.ContainerRegistry/registries", (name,))


@pytest.fixture
def open_lab():
    """Opens worlds, in a file or in memory, and closes them in the end."""
    opened = []

    def open_lab(path=None):
        azure = EmulatedAzure(path)
        opened.append(azure)
        return Lab(azure, RegistryService(azure.world))

    yield open_lab
    for azure in opened:
        azure.close()


@pytest.fixture
def lab(open_lab):
    lab = open_lab()
    lab.make_registry()
    lab.world.advance_to(60)
    return lab


@pytest.fixture
def second(lab):
    """Another registry beside the first."""
    return lab.make_registry("fabrikam")


# -- pushing -----------------------------------------------------------------------------------------------------------

SCOPES = ("repository:app:*", "repository:other:*", "registry:catalog:*")


def digest_of(content, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


class Client:
    """Just enough of a pushing client."""

    def __init__(self, lab):
        self.lab, self.token = lab, lab.token(*SCOPES)

    def ask(self, method, path, body=b"", **headers):
        return self.lab.ask(method, path, body, token=self.token, **headers)

    def begin(self, name="app"):
        return self.ask("POST", f"/v2/{name}/blobs/uploads/").headers["Location"]

    def push(self, content, name="app"):
        answer = self.ask("POST", f"/v2/{name}/blobs/uploads/?digest={digest_of(content)}", content)
        assert answer.status == 201
        return {"mediaType": "application/octet-stream", "digest": digest_of(content), "size": len(content)}

    def manifest(self, *layers, config=None):
        document = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": config or self.push(b"{}"),
            "layers": list(layers),
        }
        return json.dumps(document).encode()

    def put(self, manifest, reference="v1", name="app", media_type=IMAGE):
        return self.ask("PUT", f"/v2/{name}/manifests/{reference}", manifest, content_type=media_type)

    def has(self, digest, name="app"):
        return self.ask("HEAD", f"/v2/{name}/blobs/{digest}").status == 200


@pytest.fixture
def client(lab):
    return Client(lab)


def code(answer):
    return answer.status, answer.body["errors"][0]["code"]
