"""The registry protocol as docker speaks it: challenge, token, manifest, blobs by way of a redirect, uploads.

Source: https://distribution.github.io/distribution/spec/api/ and .../spec/auth/token/
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from acrlab.emulator.core.http import JSON, Response, Unreachable
from acrlab.emulator.registry.blob_files import digest_of
from acrlab.emulator.shell.vm import STUB

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
NO_USER = "00000000-0000-0000-0000-000000000000"
AWAITING = "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"


class Machine(Protocol):
    """Where docker's client runs: whatever can send a request, and be told that there is no answer."""

    def fetch(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Response: ...


class DockerProblem(Exception):
    """What the daemon answers to a command that it can't fulfil."""


class Client:
    """One registry, asked by one machine with one set of credentials."""

    def __init__(self, vm: Machine, host: str, credential: str = "") -> None:
        """`credential`: `user:password`; empty: anonymous."""
        self._vm, self._host, self._credential = vm, host, credential
        self._tokens: dict[str, str] = {}
        self._challenge: dict[str, str] | None = None

    # -- signing in --------------------------------------------------------------------------------------------------

    def ping(self) -> Response:
        """Ask whether this is a registry, and remember how it wants to be signed in to. Raises: DockerProblem."""
        url = f"https://{self._host}/v2/"
        answer = self._send("GET", url)
        self._challenge = _challenge(_header(answer, "www-authenticate"))
        return answer

    def log_in(self) -> None:
        """Prove the credential. Raises: DockerProblem: it is not valid, or the registry does not answer."""
        url = f"https://{self._host}/v2/"
        answer = self.ping()
        if answer.status == 401 and self._challenge:
            answer = self._send("GET", url, {"Authorization": f"Bearer {self._token('GET', url, '')}"})
        if answer.status != 200:
            raise DockerProblem(f'Get "{url}": {told(answer)}')

    def _token(self, method: str, url: str, scope: str) -> str:
        if scope not in self._tokens:
            assert self._challenge is not None
            query = {"service": self._challenge.get("service", ""), **({"scope": scope} if scope else {})}
            if self._credential:
                query |= {"account": self._credential.partition(":")[0], "client_id": "docker", "offline_token": "true"}
            headers = {"Authorization": f"Basic {basic(self._credential)}"} if self._credential else {}
            realm = self._challenge.get("realm", "")
            answer = self._send("GET", f"{realm}?{urlencode(query)}", headers)
            if answer.status != 200:
                raise DockerProblem(f'{method.capitalize()} "{url}": {told(answer)}')
            body = json.loads(answer.raw)
            self._tokens[scope] = body.get("access_token") or body["token"]
        return self._tokens[scope]

    # -- asking ------------------------------------------------------------------------------------------------------

    def _send(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"", *, bare: bool = False
    ) -> Response:
        """`bare`: a failure to connect is told without the address that was asked."""
        try:
            return self._vm.fetch(method, url, {"User-Agent": "docker/26.1.3", **(headers or {})}, body)
        except Unreachable as problem:
            text = dialled(problem, short=bare)
            shown = re.sub(r"[?&](p|sig)=[^&]*", r"", url)
            raise DockerProblem(text if bare else f'{method.capitalize()} "{shown}": {text}') from problem

    def _ask(
        self, method: str, path: str, scope: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """Ask the registry itself, with a token for a scope."""
        url = path if "://" in path else f"https://{self._host}{path}"
        signed = {"Authorization": f"Bearer {self._token(method, url, scope)}"} if self._challenge else {}
        return self._send(method, url, {**(headers or {}), **signed}, body)

    def manifest(self, repository: str, reference: str) -> tuple[bytes, str, str]:
        """Fetch a manifest's bytes, its media type and its digest. Raises: DockerProblem."""
        path, scope = f"/v2/{repository}/manifests/{reference}", f"repository:{repository}:pull"
        accept = {"Accept": ", ".join((*MANIFESTS, *INDEXES))}
        answer = self._ask("HEAD", path, scope, accept)
        if answer.status != 200:
            answer = self._ask("GET", path, scope, accept)
            if code_of(answer) in ("MANIFEST_UNKNOWN", "NAME_UNKNOWN"):
                name = Missing(repository, reference, self._host)
                raise DockerProblem(f"{name} not found: {told(answer)}")
            raise DockerProblem(f'Head "https://{self._host}{path}": {told(answer)}')
        answer = self._ask("GET", path, scope, accept)
        if answer.status != 200:
            raise DockerProblem(told(answer))
        raw = answer.raw
        digest, expected = digest_of(raw), reference if ":" in reference else _header(answer, "docker-content-digest")
        if digest != expected:
            raise DockerProblem(f"manifest verification failed for digest {expected}")
        return raw, _header(answer, "content-type").partition(";")[0], digest

    def blob(self, repository: str, digest: str) -> bytes:
        """Fetch a blob, wherever the registry sends us for it. Raises: DockerProblem."""
        path = f"/v2/{repository}/blobs/{digest}"
        answer = self._ask("GET", path, f"repository:{repository}:pull")
        url = f"https://{self._host}{path}"
        for _ in range(10):
            if answer.status not in (301, 302, 303, 307, 308):
                break
            url = urljoin(url, _header(answer, "location"))
            answer = self._send("GET", url, bare=True)
        if answer.status != 200:
            raise DockerProblem(told(answer))
        if digest_of(answer.raw) != digest:
            raise DockerProblem(f"filesystem layer verification failed for digest {digest}")
        return answer.raw

    # -- pushing -----------------------------------------------------------------------------------------------------

    def has_blob(self, repository: str, digest: str) -> bool:
        answer = self._ask("HEAD", f"/v2/{repository}/blobs/{digest}", f"repository:{repository}:pull,push")
        return answer.status == 200

    def push_blob(self, repository: str, digest: str, content: bytes) -> None:
        """Upload a blob. Raises: DockerProblem."""
        scope = f"repository:{repository}:pull,push"
        answer = self._ask("POST", f"/v2/{repository}/blobs/uploads/", scope)
        if answer.status == 202:
            answer = self._ask("PATCH", self._place(answer), scope, _BYTES, content)
        if answer.status == 202:
            place = self._place(answer)
            mark = "&" if urlsplit(place).query else "?"
            answer = self._ask("PUT", f"{place}{mark}digest={digest}", scope)
        if answer.status != 201:
            raise DockerProblem(told(answer))

    def push_manifest(self, repository: str, tag: str, raw: bytes, media_type: str) -> None:
        """Write a manifest under a tag. Raises: DockerProblem."""
        scope = f"repository:{repository}:pull,push"
        path = f"/v2/{repository}/manifests/{tag}"
        answer = self._ask("PUT", path, scope, {"Content-Type": media_type}, raw)
        if answer.status != 201:
            raise DockerProblem(told(answer))

    def _place(self, answer: Response) -> str:
        return urljoin(f"https://{self._host}/", _header(answer, "location"))


class Missing:
    """How docker names an image that a registry has not."""

    def __init__(self, repository: str, reference: str, host: str) -> None:
        domain = "" if host == "registry-1.docker.io" else f"{host}/"
        mark = "@" if ":" in reference else ":"
        self._text = f"manifest for {domain}{repository.removeprefix('library/')}{mark}{reference}"

    def __str__(self) -> str:
        return self._text


def told(answer: Response) -> str:
    """Tell a registry's error in docker's words: `denied: client with IP …`."""
    try:
        errors = json.loads(answer.raw).get("errors") or [{}]
    except (ValueError, AttributeError):
        return f"unexpected status code {answer.status}"
    error: JSON = errors[0]
    code = str(error.get("code", "")).lower().replace("_", " ")
    return f"{code}: {error.get('message', '')}" if code else f"unexpected status code {answer.status}"


def code_of(answer: Response) -> str:
    try:
        return str(json.loads(answer.raw)["errors"][0]["code"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""


def dialled(problem: Unreachable, *, short: bool = False) -> str:
    """Tell why there was no answer, in Go's words. `short`: for a connection that is tried several times."""
    if problem.reason in ("no such host", "server misbehaving"):
        return f"dial tcp: lookup {problem.host} on {STUB}:53: {problem.reason}"
    if problem.reason == "timeout":
        return f"dial tcp {problem.address}:443: i/o timeout" if short else AWAITING
    if problem.reason.startswith("certificate"):
        return f"tls: failed to verify certificate: x509: {problem.reason}"
    return f"dial tcp {problem.address}:443: connect: connection refused"


def basic(credential: str) -> str:
    return base64.b64encode(credential.encode("utf-8", "surrogateescape")).decode()


def _challenge(header: str) -> dict[str, str] | None:
    kind, _, rest = header.partition(" ")
    return dict(re.findall(r'(\w+)="([^"]*)"', rest)) if kind.lower() == "bearer" else None


def _header(answer: Response, name: str) -> str:
    return next((value for key, value in answer.headers.items() if key.lower() == name), "")


_BYTES = {"Content-Type": "application/octet-stream"}
