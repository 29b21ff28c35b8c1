"""Azure Resource Manager by path: for the few calls whose service's own client would take a second to load."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from azure.core.pipeline.policies import SansIOHTTPPolicy

from acrlab import capabilities
from acrlab.azure.cloud import Cloud
from acrlab.azure.sdk_http import management_of, management_scope_of
from acrlab.backends import Backend
from acrlab.lab.azure_errors import asking
from acrlab.lab.waiting import follow

if TYPE_CHECKING:
    from azure.mgmt.core.polling.arm_polling import ARMPolling

POLL_S = 5  # where Azure does not say how long to wait


class Counting(SansIOHTTPPolicy[Any, Any]):
    """Counts the requests that a client sends, retries included; threads may share it."""

    def __init__(self) -> None:
        self.sent, self._lock = 0, Lock()

    def on_request(self, request: Any) -> None:
        """Count a request that is about to be sent."""
        with self._lock:
            self.sent += 1


class Arm:
    """Reads and acts by path; answers are JSON."""

    def __init__(self, backend: Backend, cloud: Cloud) -> None:
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RequestIdPolicy, RetryPolicy
        from azure.mgmt.core import ARMPipelineClient

        self._base = management_of(cloud)
        bearer = BearerTokenCredentialPolicy(backend.credential, management_scope_of(cloud))
        self._counting = Counting()
        policies = [RequestIdPolicy(), RetryPolicy(), self._counting, bearer]
        self._client: ARMPipelineClient[Any, Any] = ARMPipelineClient(
            self._base, policies=policies, **backend.options()
        )

    @property
    def sent(self) -> int:
        """How many requests it has sent, retries included."""
        return self._counting.sent

    def get(self, path: str, api_version: str, **query: str) -> Any:
        """Read a resource. Raises: RefusedError."""
        from azure.core.rest import HttpRequest

        request = HttpRequest("GET", f"{self._base}{path}", params={"api-version": api_version, **query})
        return self._read(request, path)

    def get_all(self, path: str, api_version: str, **query: str) -> list[Any]:
        """Read a list, every page of it. Raises: RefusedError."""
        from azure.core.rest import HttpRequest

        page = self.get(path, api_version, **query)
        found: list[Any] = list(page["value"])
        while page.get("nextLink"):
            page = self._read(HttpRequest("GET", page["nextLink"]), path)
            found += page["value"]
        return found

    def put(self, path: str, api_version: str, body: dict[str, Any], what: str) -> Any:
        """Create or replace a resource, and wait until it is there. Raises: RefusedError."""
        return self._write("PUT", path, api_version, body, what)

    def remove(self, path: str, api_version: str, what: str) -> None:
        """Delete a resource, and wait until it is gone. Raises: RefusedError."""
        self._write("DELETE", path, api_version, None, what)

    def act(self, path: str, api_version: str, body: dict[str, Any], what: str) -> Any:
        """Ask for an action, and wait until it is done. Raises: RefusedError."""
        return self._write("POST", path, api_version, body, what)

    def _write(self, method: str, path: str, api_version: str, body: dict[str, Any] | None, what: str) -> Any:
        from azure.core.polling import LROPoller
        from azure.core.rest import HttpRequest
        from azure.mgmt.core.polling.arm_polling import ARMPolling

        request = HttpRequest(method, f"{self._base}{path}", params={"api-version": api_version}, json=body)
        with asking(what, path.rpartition("/")[0] if method == "POST" else path):
            # A poller wants the pipeline's own answer, which the public send_request does not give. Pinned SDK.
            first: Any = self._client._pipeline.run(request)
            first.http_response.raise_for_status()
            polling = ARMPolling(POLL_S) if capabilities.can_start_threads() else _in_place()
            poller: Any = LROPoller(self._client, first, _told, polling)
            return follow(poller, what)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _read(self, request: Any, path: str) -> Any:
        with asking("Reading", path):
            answer = self._client.send_request(request)
            answer.raise_for_status()
            return answer.json()


def _told(last: Any) -> Any:
    """What the last answer says; a deletion's says nothing."""
    return last.http_response.json() if last.http_response.content else None


def _in_place() -> ARMPolling:
    from acrlab.lab.polling import InPlacePolling

    return InPlacePolling(POLL_S)
