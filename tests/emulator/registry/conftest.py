"""A world with registries in it, and a way to ask them something, as seen from the internet or from inside."""

import json
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest

from acrlab.arm_id import ArmId
from acrlab.emulator import entra
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.registry.content import drop_content
from acrlab.emulator.registry.imports import import_image
from acrlab.emulator.registry.passwords import registry_credentials
from acrlab.emulator.registry.service import RegistryService
from acrlab.emulator.schema import Resource
from acrlab.emulator.wire import Arrival, Request
from acrlab.emulator.world import World

HOST = "contoso.azurecr.io"
OUTSIDE = Arrival("203.0.113.10", "198.51.100.20")
AUDIENCE = "https://containerregistry.azure.net"


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

    # -- requests --------------------------------------------------------------------------------------------------

    def ask(self, method, url, body=b"", *, token="", arrival=OUTSIDE, **headers):
        """Send one request. `url`: a path on the login server, or a whole address."""
        parts = urlsplit(url if "://" in url else f"https://{HOST}{url}")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        request = Request(
            method=method,
            host=parts.hostname,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=sent,
            body=body,
            origin=f"https://{parts.hostname}",
        )
        return self.service.handle(request, arrival)

    def post_form(self, path, **fields):
        return self.ask("POST", path, urlencode(fields).encode())

    def refresh_token(self, principal=None):
        """Sign in as a principal; the learner, unless told."""
        aad = entra.issue(self.world, principal or entra.learner(self.world), AUDIENCE)
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
def lab():
    azure = EmulatedAzure()
    azure.world.capabilities |= {
        "import_image": partial(import_image, azure.world),
        "registry_credentials": partial(registry_credentials, azure.world),
        "drop_content": partial(drop_content, azure.world),
    }
    lab = Lab(azure, RegistryService(azure.world))
    make_registry(lab, "contoso")
    yield lab
    azure.close()


def make_registry(lab, name, sku="Premium"):
    """Create a registry through Resource Manager."""
    world = lab.world
    group = ArmId.of_group(world.setting("subscription"), "g")
    put(lab, str(group), {"location": "westus"})
    put(lab, str(registry_id(world, name)), {"location": "westus", "sku": {"name": sku}, "properties": {}})
    world.advance_to(world.now + 60)
    return world.get(registry_id(world, name))


@pytest.fixture
def second(lab):
    """Another registry beside the first."""
    return make_registry(lab, "fabrikam")


def put(lab, path, body):
    answer = lab.azure.manager.handle(
        Request(
            "PUT", "management.azure.com", path, {"api-version": "2019-12-01-preview"}, {}, json.dumps(body).encode()
        )
    )
    assert answer.status in (200, 201), answer.body
    return answer.body
