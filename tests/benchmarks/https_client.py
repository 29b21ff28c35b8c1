"""A client of a served world over HTTPS: signs in, asks, follows operations, pulls. Also when the server goes away."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.benchmarks.served_world import ServedWorld

__all__ = ["HttpsClient", "Outage", "UnexpectedError"]

AUDIENCE = "https://management.azure.com"
TIMEOUT_S = 30
MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
MANIFESTS += "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
WAITING = ("InProgress", "Running", "Creating", "Updating", "Accepted", "Deleting")


class UnexpectedError(Exception):
    """An answer that nobody may get here."""


class Outage:
    """The time without a server: who meets it waits here for its end, and then asks again."""

    def __init__(self, clients: int) -> None:
        self._clients, self._waiting = clients, 0
        self._up = threading.Event()
        self._up.set()
        self._changed = threading.Condition()

    def begin(self) -> None:
        self._up.clear()

    def end(self) -> None:
        self._waiting = 0
        self._up.set()

    def everybody_waits(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting >= self._clients, timeout_s)

    def leave(self) -> None:
        """Nobody has to wait for this client any more."""
        with self._changed:
            self._clients -= 1
            self._changed.notify_all()

    def sit_out(self, problem: Exception) -> None:
        """Wait for the end. Raises: `problem`, where no outage is meant to be."""
        if self._up.is_set():
            raise problem
        with self._changed:
            self._waiting += 1
            self._changed.notify_all()
        self._up.wait()


class HttpsClient:
    """One client with its own connections and its own token.

    Attributes:
        statuses: how often each status was answered.
        moment: what the world's clock said last, as the `Date` of an answer.
    """

    def __init__(self, world: ServedWorld, outage: Outage | None = None, *, rate: float = 1.0) -> None:
        """`rate`: virtual seconds a real one; it waits in virtual time."""
        self._world, self._outage, self._rate = world, outage or Outage(0), rate
        self.statuses: Counter[int] = Counter()
        self.moment = ""
        self._connect()
        self.subscription = f"/subscriptions/{world.connection['subscription']}"
        self.sign_in()

    def _connect(self) -> None:
        connection = self._world.connection
        trust = ssl.create_default_context(cafile=connection["ca"])
        settings: dict[str, Any] = {"verify": trust, "timeout": TIMEOUT_S, "trust_env": False}
        self._arm = httpx.Client(**settings)
        self._through_proxy = httpx.Client(proxy=connection["proxy"], follow_redirects=True, **settings)

    def close(self) -> None:
        self._arm.close()
        self._through_proxy.close()

    def leave(self) -> None:
        """Ask nothing more."""
        self._outage.leave()

    def sign_in(self) -> None:
        """Get a token with the service principal's secret."""
        known = self._world.connection
        form = {"grant_type": "client_credentials", "scope": f"{AUDIENCE}/.default"}
        form |= {name: known[name] for name in ("client_id", "client_secret")}
        answer = self._send("POST", f"{known['arm']}/{known['tenant']}/oauth2/v2.0/token", data=form)
        self.token = answer.json()["access_token"]

    # -- Resource Manager ------------------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str,
        expected: tuple[int, ...] = (200, 201, 202, 204),
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request, later again while an operation is in its way. Raises: UnexpectedError."""
        mark = "&" if "?" in path else "?"
        url = f"{self._world.connection['arm']}{path}{mark}api-version={version}"
        while True:
            answer = self._send(method, url, json=body, headers={**self._authorization(), **(headers or {})})
            if answer.status_code != 409 or "progress" not in answer.text or 409 in expected:
                break
            self.wait(5)
        if answer.status_code not in expected:
            raise UnexpectedError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        self.moment = answer.headers["Date"]
        return answer

    def carry_out(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        """Send a request and follow its operation to the end. Returns: the answer's JSON. Raises: UnexpectedError."""
        answer = self.ask(method, path, body, **how)
        result = answer.headers.get("Location", "") if answer.status_code == 202 else ""
        target = answer.headers.get("Azure-AsyncOperation") or result
        pause = float(answer.headers.get("Retry-After", 1))
        while target:
            self.wait(pause)
            poll = self._send("GET", target, headers=self._authorization())
            status = poll.json().get("status", "") if poll.content else ""
            if poll.status_code >= 400 or status in ("Failed", "Canceled"):
                raise UnexpectedError(f"{method} {path} ended: {poll.status_code} {poll.text[:300]}")
            if status not in WAITING and poll.status_code != 202:
                break
        return answer.json() if answer.content else None

    def collect(self, path: str, *, version: str) -> list[Any]:
        """Everything in a list, page by page."""
        page = self.ask("GET", path, version=version).json()
        found: list[Any] = page["value"]
        while link := page.get("nextLink"):
            page = self._send("GET", link, headers=self._authorization()).json()
            found += page["value"]
        return found

    def wait(self, virtual_s: float) -> None:
        time.sleep(virtual_s / self._rate)

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    # -- a registry, by its own name -------------------------------------------------------------------------------

    def pull(self, server: str, repository: str, tag: str) -> int:
        """Pull an image as docker does, each layer checked. Returns: bytes. Raises: UnexpectedError."""
        root = f"https://{server}"
        form = {"grant_type": "access_token", "service": server, "access_token": self.token}
        refresh = self._from_registry("POST", f"{root}/oauth2/exchange", data=form).json()["refresh_token"]
        form = {"grant_type": "refresh_token", "service": server, "refresh_token": refresh}
        form["scope"] = f"repository:{repository}:pull"
        access = self._from_registry("POST", f"{root}/oauth2/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {access}", "Accept": MANIFESTS}
        manifest = self._from_registry("GET", f"{root}/v2/{repository}/manifests/{tag}", headers=headers).json()
        if "manifests" in manifest:
            digest = manifest["manifests"][0]["digest"]
            manifest = self._from_registry("GET", f"{root}/v2/{repository}/manifests/{digest}", headers=headers).json()
        parts = [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]
        return sum(self._blob(f"{root}/v2/{repository}/blobs/{digest}", digest, headers) for digest in parts)

    def _blob(self, url: str, digest: str, headers: Mapping[str, str]) -> int:
        content = self._from_registry("GET", url, headers=headers).content
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise UnexpectedError(f"{url} has other content")
        return len(content)

    def _from_registry(self, method: str, url: str, **more: Any) -> httpx.Response:
        answer = self._send(method, url, **more)
        if answer.status_code != 200:
            raise UnexpectedError(f"{method} {url}: {answer.status_code} {answer.text[:300]}")
        return answer

    # -- the wire --------------------------------------------------------------------------------------------------

    def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        """Send until there is an answer: a server that is gone comes back."""
        while True:
            own = urlsplit(url).hostname == "localhost"
            client = self._arm if own else self._through_proxy
            try:
                answer = client.request(method, url, **more)
            except httpx.TransportError as problem:
                self._outage.sit_out(problem)
                self.close()
                self._connect()
                continue
            self.statuses[answer.status_code] += 1
            return answer
