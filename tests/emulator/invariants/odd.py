"""Requests that no client means: strategies for their parts, and a whole emulated Azure that answers them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from acrlab.emulator import types
from acrlab.emulator.arm import permissions
from acrlab.emulator.core.http import OUTSIDE
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import roles, tokens
from acrlab.emulator.network.registry_hosts import storage_host
from acrlab.emulator.registry.tokens import Caller, Scope, access_token
from acrlab.emulator.server.asgi import AsgiApp

SUBSCRIPTION = "<subscription>"  # the world's own, filled in when it is asked
GUID = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
EVERYTHING = "pull,push,delete,metadata_read,metadata_write"
METHODS = ("GET",) * 6 + ("HEAD", "PUT", "PATCH", "POST", "POST", "DELETE", "OPTIONS", "TRACE", "BREW")
SCOPES = (
    "",
    "/tenants",
    "/subscriptions",
    "/subscriptions/none",
    f"/subscriptions/{GUID}",
    *(f"/subscriptions/{SUBSCRIPTION}{tail}" for tail in ("", "/resourceGroups", "/providers", "/locations/westus")),
    *(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}" for group in ("myResourceGroup", "nowhere")),
    "/providers/Microsoft.Management/managementGroups/mg",
    f"/providers/Microsoft.Management/managementGroups/mg/subscriptions/{SUBSCRIPTION}",
    "/providers/Microsoft.Billing/billingAccounts/1",
)
SEGMENTS = ("providers", "subscriptions", "resourceGroups", "locations", "Microsoft.Network", "Microsoft.Compute", "A")
SEGMENTS += ("virtualNetworks", "myDockerVM", "contoso42", "westus", "privatelink.azurecr.io", "@", SUBSCRIPTION, GUID)
SEGMENTS += ("Canonical", "UbuntuServer", "18.04-LTS", "AcrPull")
ODD = (
    "",
    ".",
    "..",
    "x",
    "0",
    "-1",
    "1",
    "1.5",
    "1e9",
    "²",
    "١",
    "9" * 5000,
    "a" * 300,
    "null",
    "true",
    "NaN",
    "{}",
    "[]",
)
ODD += (
    "'",
    "''",
    '"',
    "(",
    ")",
    "eq",
    " ",
    "x y",
    "%",
    "%00",
    "*",
    "\\",
    "//",
    "../..",
    "é",
    "😀",
    "<script>",
    "$top",
    "-",
)
PARAMETERS = ("api-version", "$top", "$filter", "$skipToken", "$expand", "$orderby", "$select", "$count", "monitor")
PARAMETERS += ("se", "sig", "p", "d", "h", "r", "resource", "client_id")
PARAMETERS += (
    "ipAddress",
    "skipShutdown",
    "$recordsetnamesuffix",
    "forceDeletion",
    "scope",
    "n",
    "last",
    "digest",
    "_state",
)
VERSIONS = ("2024-05-01", "2023-07-01", "2022-04-01", "2020-06-01", "2018-05-01", "2015-01-01")
VALUES = (
    *VERSIONS, "2099-01-01", "2024-13-45", "1.0", "10", "instanceView", "createdTime,changedTime", "atScope()",
    "name desc", "assignedTo('x')", "principalId eq 'x'", "principalId eq '", "name eq ''", "tagName eq 'a' and",
    "resourceType eq 'Microsoft.Network/virtualNetworks'", "substringof('a', name)", "not (name eq 'a')", "true",
    "location eq 'westus'", "roleName eq 'AcrPull'", "startswith(tagName, 'a') or tagValue eq 'b'", "10.0.0.4",
    "10.0.0.0/8", f"/subscriptions/{SUBSCRIPTION}", "repository:hello-world:pull", "client_credentials",
)  # fmt: skip
HEADERS = ("If-Match", "If-None-Match", "Accept", "Content-Type", "Content-Length", "Content-Range", "Range")
HEADERS += (
    "Authorization",
    "Docker-Content-Digest",
    "x-ms-client-request-id",
    "x-ms-return-client-request-id",
    "x-ms-correlation-request-id",
    "Accept-Language",
    "Metadata",
)
NUMBERS = (("bytes=0-", ""), ("bytes=", "-"), ("0-", ""), ("", "-1"))  # around one of too many digits
BROKEN = (b"[" * 50_000, b'{"schemaVersion": %s}' % (b"9" * 5000), b'{"location": %s}' % (b"9" * 5000), b"[1]", b'"x"')
KEYS = ("location", "properties", "tags", "id", "name", "sku", "identity", "template", "parameters", "value", "source")
REGISTRY_PATHS = (
    "/v2/", "/v2/_catalog", "/oauth2/token", "/oauth2/exchange", "/acr/v1/_catalog", "/v2/hello-world/tags/list",
    "/v2/hello-world/manifests/v1", "/v2/hello-world/blobs/sha256:0", "/v2/hello-world/blobs/uploads/",
    "/acr/v1/hello-world", "/acr/v1/hello-world/_tags/v1",
    "/v2/hello-world/referrers/sha256:0", "/acr/v1/hello-world/_tags", "/acr/v1/hello-world/_manifests/sha256:0",
)  # fmt: skip
DATA_PATHS = ("/", "/00-0-0//docker/registry/v2/blobs/sha256/00/0/data", "/v2/", "/hello-world")
METADATA_PATHS = ("/metadata/identity/oauth2/token", "/metadata/instance", "/metadata/identity/info", "/")
ENTRA_PATHS = (
    "/common/oauth2/v2.0/token", "/common/oauth2/token", "/common/oauth2/v2.0/devicecode", "/common/discovery/instance",
    "/common/v2.0/.well-known/openid-configuration", "/common/userrealm/a",
    "/unknown/oauth2/token", "/metadata/endpoints",
)  # fmt: skip


def templates() -> list[str]:
    """Paths of every route, type, collection and action, with a word in braces for each name."""
    found = {route.path for route in (*types.ROUTES, *permissions.routes(World(types.ALL, None)))}
    for kind in types.ALL:
        namespace, *segments = kind.type.split("/")
        inner = "/".join(f"{segment}/{{name}}" for segment in segments)
        one = f"/{{scope:path}}/providers/{namespace}/{inner}"
        found |= {one, one.rpartition("/")[0], *(f"{one}/{action}" for action in kind.actions)}
    return sorted(found)


words = st.one_of(
    st.sampled_from(SEGMENTS), st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
)
values = st.one_of(st.sampled_from(VALUES), words)
header_values = st.one_of(
    st.sampled_from(["*", 'W/"1"', "true", "²", "0-1", "bytes=0-1", *(f"{a}{'9' * 5000}{b}" for a, b in NUMBERS)]),
    st.sampled_from(["Basic ²", "Basic eA==", "Basic eDp5", "Bearer x", "Bearer a.b.c", "Bearer"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=20).filter(str.isprintable),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), values),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(KEYS), words), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.one_of(
    st.just(b""),
    st.sampled_from(BROKEN),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(["grant_type", "client_id", "scope", "service", "access_token"]), values).map(
        lambda form: urlencode(form).encode()
    ),
    st.binary(max_size=30),
)


@st.composite
def arm_paths(draw: Any, ids: list[str]) -> str:
    """A path of Resource Manager's that means something, or nearly does."""
    scope = draw(st.sampled_from([*SCOPES, *ids]))
    path = draw(st.sampled_from(["/{scope:path}", *templates()])).replace("/{scope:path}", scope)
    path = re.sub(r"\{subscription\}", lambda _: SUBSCRIPTION if draw(st.booleans()) else draw(words), path)
    path = re.sub(r"\{\w+\}", lambda _: draw(words), path)
    return path + "".join(f"/{word}" for word in draw(st.lists(words, max_size=2)))


@st.composite
def other_paths(draw: Any, paths: tuple[str, ...]) -> str:
    """A path of another plane's, with segments of it replaced and added."""
    segments = draw(st.sampled_from(paths)).split("/")[1:]
    if draw(st.booleans()):
        segments[draw(st.integers(0, len(segments) - 1))] = draw(words)
    return "/" + "/".join([*segments, *draw(st.lists(words, max_size=1))])


@st.composite
def requests(draw: Any, paths: Any) -> tuple[str, str, dict[str, str], dict[str, str], bytes]:
    query = draw(st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=3))
    if draw(st.integers(0, 9)):
        query.setdefault("api-version", draw(st.sampled_from(VERSIONS)))
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=2))
    return draw(st.sampled_from(METHODS)), draw(paths), query, headers, draw(bodies)


class Asked:
    """The emulated Azure's application with a whole lab in its world, asked as a server asks it."""

    def __init__(self, azure: Any, folder: Any) -> None:
        self.world, self._front = azure.world, AsgiApp(azure, tick=lambda: None)
        self._saved = folder / "saved.db"
        self.world.save(self._saved)
        self.ids = sorted(self.world.dump())
        self._loop = asyncio.new_event_loop()
        learner = tokens.learner(self.world)
        self._token = tokens.issue(self.world, learner, "https://management.azure.com", clock=OUTSIDE)
        registry = next(self.world.named("Microsoft.ContainerRegistry/registries", "contoso42"))
        self.storage = storage_host(self.world, registry)
        scopes = [Scope.parse(text) for text in (f"repository:hello-world:{EVERYTHING}", "registry:catalog:*")]
        caller = Caller(learner, roles.EVERYTHING)
        self._registry_token = access_token(self.world, registry, caller, scopes, OUTSIDE)

    def ask(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        headers: dict[str, str],
        body: bytes,
        host: str = "localhost",
    ) -> tuple[int, bytes]:
        """What is made or deleted by it is undone."""
        token = self._token if host == "localhost" else self._registry_token
        whole = {"Host": host, "Authorization": f"Bearer {token}", **headers}
        status, answer = self._loop.run_until_complete(self._exchange(method, path, query, whole, body))
        if status < 400 and method not in ("GET", "HEAD"):
            self.world.restore(self._saved)
        return status, answer

    async def _exchange(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        own = self.world.setting("subscription")
        scope = {
            "type": "http",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": quote(path.replace(SUBSCRIPTION, own), safe="/").encode(),
            "query_string": urlencode(
                {name: value.replace(SUBSCRIPTION, own) for name, value in query.items()}
            ).encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "state": {},
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {
                "type": "http.request",
                "body": body.replace(SUBSCRIPTION.encode(), own.encode()),
                "more_body": False,
            }

        async def send(message: Any) -> None:
            sent.append(message)

        await self._front(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    def close(self) -> None:
        self._loop.close()


def hold(asked, caplog, request, **where):
    caplog.clear()
    with caplog.at_level(logging.ERROR, "acrlab.emulator"):
        status, answer = asked.ask(*request, **where)

    assert status < 500 or status == 501, (request, answer, caplog.text[-3000:])
