"""Pulls an image to a node, and words what goes wrong as containerd does.

    HEAD manifest -> 401 -> token (with the credential, or without) -> HEAD, GET manifest -> configuration, layers

Source: https://github.com/containerd/containerd/tree/main/core/remotes/docker
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlencode, urljoin, urlsplit

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError, Response, Unreachable
from acrlab.emulator.core.json_depth import loads
from acrlab.emulator.kubernetes.node import Node
from acrlab.emulator.registry.blob_files import digest_of
from acrlab.emulator.shell.docker.client import INDEXES, MANIFESTS, DockerProblem, basic
from acrlab.emulator.shell.docker.documents import index_of, manifest_of, require_configuration
from acrlab.emulator.shell.docker.images import Images
from acrlab.emulator.shell.docker.reference import Reference

REDIRECTS = 10
DIAL_S, LOOKUP_S = 30.0, 20.0  # how long Go's dialer, and its resolver, wait for an answer


class PullProblem(Exception):
    """Why an image could not be pulled, in containerd's words. `seconds`: how long it took to know."""

    def __init__(self, text: str, seconds: float = 0.2) -> None:
        super().__init__(text)
        self.seconds = seconds


def full_name(reference: Reference) -> str:
    """Write an image's name as containerd does: with its registry, always."""
    mark = f"@{reference.digest}" if reference.digest else f":{reference.tag}"
    return f"{reference.domain}/{reference.path}{mark}"


class Pull:
    """One image on its way to one node."""

    def __init__(self, node: Node, reference: Reference) -> None:
        self._node, self._reference = node, reference
        self._name, self._host, self._path = full_name(reference), reference.host, reference.path
        self._token = ""

    def run(self) -> int:
        """Bring the image to the node and return its size in bytes. Raises: PullProblem."""
        start = f'failed to pull and unpack image "{self._name}": '
        try:
            self._resolve(start)
            return self._fetch(start)
        except DockerProblem as problem:
            raise PullProblem(f"{start}{problem}") from problem
        except ArmError as problem:  # what the emulated registry does not know
            raise PullProblem(f"{start}{problem.message}") from problem

    # -- the name becomes a digest -----------------------------------------------------------------------------------

    def _resolve(self, start: str) -> None:
        frame = f'{start}failed to resolve reference "{self._name}": '
        url = self._url("manifests", self._reference.wanted)
        answer = self._ask("HEAD", url, f"{frame}failed to do request: ")
        if answer.status == 401:
            self._authorize(answer, f"{frame}failed to authorize: ")
            answer = self._ask("HEAD", url, f"{frame}failed to do request: ")
        if answer.status == 404:
            raise PullProblem(f"{frame}{self._name}: not found")
        if answer.status != 200:
            raise PullProblem(f"{frame}unexpected status from HEAD request to {url}: {_status(answer)}")

    def _authorize(self, challenged: Response, frame: str) -> None:
        header = next((v for k, v in challenged.headers.items() if k.lower() == "www-authenticate"), "")
        told = dict(re.findall(r'(\w+)="([^"]*)"', header))
        query = urlencode({"scope": f"repository:{self._path}:pull", "service": told.get("service", "")})
        url = f"{told.get('realm', '')}?{query}"
        credential = self._node.credential(self._host)
        kind = "oauth" if credential else "anonymous"
        headers = {"Authorization": f"Basic {basic(credential)}"} if credential else {}
        answer = self._ask("GET", url, f"{frame}failed to fetch {kind} token: ", headers)
        if answer.status != 200:
            text = (
                f"{frame}failed to fetch {kind} token: unexpected status from GET request to {url}: {_status(answer)}"
            )
            raise PullProblem(text)
        body = loads(answer.raw)
        self._token = str(body.get("access_token") or body.get("token") or "")

    # -- the content -------------------------------------------------------------------------------------------------

    def _fetch(self, start: str) -> int:
        frame = f"{start}failed to copy: httpReadSeeker: failed open: "
        raw, kind = self._manifest(self._reference.wanted, frame)
        if kind in INDEXES:
            raw, kind = self._manifest(self._for_the_node(index_of(raw), start), frame)
        if kind not in MANIFESTS:
            raise PullProblem(f"{start}unexpected media type {kind} for {digest_of(raw)}: not found")
        manifest, images = manifest_of(raw), Images(self._node)
        config = self._blob(manifest["config"]["digest"], frame)
        require_configuration(config)
        layers = [self._blob(layer["digest"], frame) for layer in manifest["layers"]]
        images.keep([config, *layers])
        images.add(self._reference, raw, kind)
        return len(raw) + len(config) + sum(map(len, layers))

    def _manifest(self, reference: str, frame: str) -> tuple[bytes, str]:
        url = self._url("manifests", reference)
        answer = self._ask("GET", url, f"{frame}failed to do request: ")
        if answer.status != 200:
            raise PullProblem(f"{frame}unexpected status from GET request to {url}: {_status(answer)}")
        kind = next((v for k, v in answer.headers.items() if k.lower() == "content-type"), "")
        return answer.raw, kind.partition(";")[0]

    def _for_the_node(self, index: JSON, start: str) -> str:
        for entry in index.get("manifests", []):
            platform = entry.get("platform") or {"os": "linux", "architecture": "amd64"}
            if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
                return str(entry.get("digest", ""))
        raise PullProblem(f"{start}no match for platform in manifest: not found")

    def _blob(self, digest: str, frame: str) -> bytes:
        url = self._url("blobs", digest)
        answer = self._ask("GET", url, f"{frame}failed to do request: ")
        for _ in range(REDIRECTS):
            place = next((v for k, v in answer.headers.items() if k.lower() == "location"), "")
            if answer.status not in (301, 302, 303, 307, 308) or not place:
                break
            url = urljoin(url, place)
            answer = self._ask("GET", url, f"{frame}failed to do request: ", signed=urlsplit(url).netloc == self._host)
        if answer.status != 200:
            raise PullProblem(f"{frame}unexpected status from GET request to {_bare(url)}: {_status(answer)}")
        if digest_of(answer.raw) != digest:
            raise PullProblem(f"{frame}unexpected commit digest {digest_of(answer.raw)}, expected {digest}")
        return answer.raw

    # -- requests ----------------------------------------------------------------------------------------------------

    def _url(self, kind: str, reference: str) -> str:
        return f"https://{self._host}/v2/{self._path}/{kind}/{reference}"

    def _ask(
        self, method: str, url: str, frame: str, headers: dict[str, str] | None = None, *, signed: bool = True
    ) -> Response:
        """Send a request from the node. Raises: PullProblem: there is no answer."""
        bearer = {"Authorization": f"Bearer {self._token}"} if self._token and signed else {}
        accept = {"Accept": ", ".join((*MANIFESTS, *INDEXES, "*/*"))}
        try:
            return self._node.fetch(method, url, {**accept, **bearer, **(headers or {})})
        except Unreachable as problem:
            text = f'{frame}{method.capitalize()} "{_bare(url)}": {dialled(problem, self._node.servers)}'
            raise PullProblem(text, _seconds(problem)) from problem


def dialled(problem: Unreachable, servers: list[str]) -> str:
    """Tell why there was no answer, as Go does on a node with these name servers."""
    if problem.reason in ("no such host", "server misbehaving"):
        return f"dial tcp: lookup {problem.host} on {servers[0]}:53: {problem.reason}"
    if problem.reason == "timeout" and not problem.address:
        return f"dial tcp: lookup {problem.host}: i/o timeout"
    if problem.reason == "timeout":
        return f"dial tcp {problem.address}:443: i/o timeout"
    if problem.reason.startswith("certificate"):
        return f"tls: failed to verify certificate: x509: {problem.reason}"
    return f"dial tcp {problem.address}:443: connect: connection refused"


def _seconds(problem: Unreachable) -> float:
    if problem.reason != "timeout":
        return 0.2
    return DIAL_S if problem.address else LOOKUP_S


def _bare(url: str) -> str:
    """Leave the signature of a redirect out; the question of a token stays."""
    return url if "/oauth2/" in url else url.partition("?")[0]


def _status(answer: Response) -> str:
    return f"{answer.status} {HTTPStatus(answer.status).phrase}"


DEVIATIONS = (
    Deviation(
        of="Pods",
        what="Pulls are told in the words of containerd 1.7 (`failed to resolve reference`), and the 403 of a closed "
        "registry comes with the first request (`unexpected status from HEAD request to …: 403 Forbidden`).",
        impact="Newer nodes say `failed to resolve image`; some reports have the 403 with the token's request "
        "(`failed to fetch anonymous token: …: 403 Forbidden`).",
        reason="The sources differ; status and URL are what a reader needs.",
        workaround="Look for the status: 401 is the identity, 403 the registry's network rules.",
    ),
)
