"""Which request is which operation, and what a caller must be allowed to do for it. The table is the whole API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from acrlab.emulator.core.http import NotEmulated, Request, Response
from acrlab.emulator.registry import attributes, blobs, manifests, referrers, uploads
from acrlab.emulator.registry.calls import Call, Later
from acrlab.emulator.registry.refusals import LONGEST_NAME, PageNotFound, name_invalid
from acrlab.emulator.registry.tokens import Scope

_WORD = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME = re.compile(rf"{_WORD}(?:/{_WORD})*")
PARTS = {"{name}": f"(?P<name>{NAME.pattern})", "{reference}": r"(?P<reference>[^/]+)"}
# A path about a repository, whatever stands where its name belongs.
ABOUT_A_REPOSITORY = re.compile(
    r"/v2/(?P<v2>.*)/(?:tags/list|manifests/[^/]+|referrers/[^/]+|blobs/(?:[^/]+|uploads/[^/]*))"
    r"|/acr/v1/(?!_catalog$)(?P<acr>.+?)(?:/_(?:tags|manifests)(?:/[^/]+)?)?"
)
# Where a path has to have a digest, and what looks like one. Source: github.com/distribution/reference, `DigestRegexp`
BY_DIGEST = "/acr/v1/{name}/_manifests/"
LIKE_A_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
CATALOG = Scope("registry", "catalog", ("*",))


@dataclass(frozen=True)
class RegistryRoute:
    """One operation.

    Attributes:
        methods: HTTP verbs, separated by a blank.
        path: template with `{name}` (a repository, which may contain slashes) and `{reference}`.
        actions: what a caller needs there, e.g. `pull,push`; `*` stands for the catalog; empty: only a good token.
        besides: what else a request needs, for the challenge to name.
    """

    methods: str
    path: str
    actions: str
    perform: Callable[[Call], Response | Later]
    besides: Callable[[Request], tuple[Scope, ...]] = lambda request: ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        text = re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}")
        for part, expression in PARTS.items():
            text = text.replace(part, expression)
        return re.compile(text)

    def scope(self, name: str) -> Scope | None:
        """Return what a token must be good for; None: any good token will do."""
        if self.actions == "*":
            return CATALOG
        return Scope("repository", name, tuple(self.actions.split(","))) if self.actions else None


def find(request: Request) -> tuple[RegistryRoute, str, str]:
    """Return the operation that a request asks for, its repository and its reference.

    Raises: Refusal: the repository's name is not one, or a digest is none. NotEmulated: there is no such operation.
    """
    about = ABOUT_A_REPOSITORY.fullmatch(request.path)
    name = (about["v2"] or about["acr"] or "") if about else None
    if name is not None and (len(name) > LONGEST_NAME or not NAME.fullmatch(name)):
        raise name_invalid(name)
    for route, match in _matching(request.path):
        if request.method in route.methods.split():
            words = match.groupdict()
            if route.path.startswith(BY_DIGEST) and not LIKE_A_DIGEST.fullmatch(words["reference"]):
                raise PageNotFound
            return route, words.get("name", ""), words.get("reference", "")
    supported = ", ".join(f"{route.methods} {route.path}" for route, _ in _matching(request.path))
    raise NotEmulated(f"{request.method} {request.path} of a registry", supported=supported)


def _matching(path: str) -> Iterator[tuple[RegistryRoute, re.Match[str]]]:
    for route in ROUTES:
        if match := route.pattern.fullmatch(path):
            yield route, match


def lead_to_the_root(call: Call) -> Response:
    """Add the slash that is missing, as docker's registry does."""
    return Response(301, None, {"Location": "/v2/"})


def greet(call: Call) -> Response:
    """Say that this is a registry and that the token is good."""
    return Response(200, {})


ROUTES = (
    RegistryRoute("GET HEAD", "/v2", "", lead_to_the_root),
    RegistryRoute("GET HEAD", "/v2/", "", greet),
    RegistryRoute("GET", "/v2/_catalog", "*", attributes.catalog),
    RegistryRoute("GET", "/v2/{name}/tags/list", "metadata_read", manifests.tags),
    RegistryRoute("GET HEAD", "/v2/{name}/manifests/{reference}", "pull", manifests.get),
    RegistryRoute("PUT", "/v2/{name}/manifests/{reference}", "pull,push", manifests.put),
    RegistryRoute("DELETE", "/v2/{name}/manifests/{reference}", "delete", manifests.delete),
    RegistryRoute("GET", "/v2/{name}/referrers/{reference}", "pull", referrers.find),
    RegistryRoute("POST", "/v2/{name}/blobs/uploads/", "pull,push", uploads.begin, uploads.source_of),
    RegistryRoute("GET", "/v2/{name}/blobs/uploads/{reference}", "pull,push", uploads.status),
    RegistryRoute("PATCH", "/v2/{name}/blobs/uploads/{reference}", "pull,push", uploads.append),
    RegistryRoute("PUT", "/v2/{name}/blobs/uploads/{reference}", "pull,push", uploads.complete),
    RegistryRoute("DELETE", "/v2/{name}/blobs/uploads/{reference}", "pull,push", uploads.cancel),
    RegistryRoute("GET", "/v2/{name}/blobs/{reference}", "pull", blobs.get),
    RegistryRoute("HEAD", "/v2/{name}/blobs/{reference}", "pull", blobs.head),
    RegistryRoute("DELETE", "/v2/{name}/blobs/{reference}", "delete", blobs.delete),
    RegistryRoute("GET", "/acr/v1/_catalog", "*", attributes.catalog),
    RegistryRoute("GET", "/acr/v1/{name}", "metadata_read", attributes.repository),
    RegistryRoute("PATCH", "/acr/v1/{name}", "metadata_write", attributes.update_repository),
    RegistryRoute("DELETE", "/acr/v1/{name}", "delete", attributes.delete_repository),
    RegistryRoute("GET", "/acr/v1/{name}/_tags", "metadata_read", attributes.tags),
    RegistryRoute("GET", "/acr/v1/{name}/_tags/{reference}", "metadata_read", attributes.tag),
    RegistryRoute("PATCH", "/acr/v1/{name}/_tags/{reference}", "metadata_write", attributes.update_tag),
    RegistryRoute("DELETE", "/acr/v1/{name}/_tags/{reference}", "delete", attributes.delete_tag),
    RegistryRoute("GET", "/acr/v1/{name}/_manifests", "metadata_read", attributes.manifests),
    RegistryRoute("GET", "/acr/v1/{name}/_manifests/{reference}", "metadata_read", attributes.manifest),
    RegistryRoute("PATCH", "/acr/v1/{name}/_manifests/{reference}", "metadata_write", attributes.update_manifest),
)
