"""`connect(settings)`: the Azure SDK's clients, whatever the backend. Only this module knows that there are three."""

from __future__ import annotations

import importlib
import logging
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from azure.core.pipeline.policies import SansIOHTTPPolicy

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT, REGISTRY_AUDIENCE
from acrlab.azure.dns_answer import Answer
from acrlab.backends.credentials import kind_in_use, tried_before
from acrlab.backends.local_resolver import resolve
from acrlab.errors import ConfigurationError
from acrlab.lab.azure_errors import asking
from acrlab.lab.made_once import made_once
from acrlab.lab.waiting import follow
from acrlab.memory import FileMemory, Memory
from acrlab.paths import lab_home, world_file
from acrlab.recordings.format import RECORDING
from acrlab.settings import Settings

__all__ = ["Lab", "connect", "word"]

POLL_S = 5  # where Azure does not say how long to wait


def connect(settings: Settings | None = None, **parameters: Any) -> Lab:
    """Open the lab. No request is sent yet.

    Args:
        settings: the lab's settings; without them `parameters` are read as settings.

    Raises: ConfigurationError: a setting is wrong, there is no credential, or the world's file can't be read.
    """
    chosen = settings or Settings.from_parameters(**parameters)
    openings = {"emulator": _emulated, "azure": _real, "replay": _replayed}
    return Lab(chosen, openings[chosen.backend](chosen))


def word(value: Any) -> str:
    """Write an SDK's enumeration as Azure spells it; text stays as it is."""
    return str(getattr(value, "value", value) or "")


class Lab:
    """One lab: its settings, and a client for each service, made when first used. Threads may share it."""

    def __init__(self, settings: Settings, opened: Any) -> None:
        self.settings = settings
        self._opened = opened
        self.subscription: str = opened.subscription
        self._providers: dict[str, Any] = {}
        self._asking, self._counting = Lock(), Lock()
        self._clients: list[Any] = []  # to be closed in the end
        self.sent = 0  # requests so far, retries included

    @made_once
    def resources(self) -> Any:
        from azure.mgmt.resource.resources import ResourceManagementClient

        return self._manager(ResourceManagementClient)

    @made_once
    def network(self) -> Any:
        from azure.mgmt.network import NetworkManagementClient

        return self._manager(NetworkManagementClient)

    @made_once
    def dns(self) -> Any:
        from azure.mgmt.privatedns import PrivateDnsManagementClient

        return self._manager(PrivateDnsManagementClient)

    @made_once
    def registry(self) -> Any:
        from azure.mgmt.containerregistry import ContainerRegistryManagementClient

        return self._manager(ContainerRegistryManagementClient)

    @made_once
    def compute(self) -> Any:
        from azure.mgmt.compute import ComputeManagementClient

        return self._manager(ComputeManagementClient)

    @made_once
    def content(self) -> Any:
        """The registry's own data plane, reached from this computer."""
        from azure.containerregistry import ContainerRegistryClient

        endpoint, credential = f"https://{self.settings.login_server}", self._opened.credential
        options = {"audience": REGISTRY_AUDIENCE, "retry_total": 0, **self._opened.options()}
        return self._noted(ContainerRegistryClient(endpoint, credential, **options))

    def count(self) -> None:
        """Count a request that is about to be sent."""
        with self._counting:
            self.sent += 1

    def sign_in_anew(self) -> None:
        """Forget what was proved to the registry: one that was deleted and made again knows nothing of it."""
        self.__dict__.pop("content", None)

    def wait(self, poller: Any, what: str, resource_id: str) -> Any:
        """Wait for a long operation, showing that it is alive. Raises: RefusedError: it failed."""
        with asking(what, resource_id):
            return follow(poller, what)

    def get(self, path: str, api_version: str, **query: str) -> Any:
        """Read something without its service's client, which takes a second to load. Returns: its JSON.

        Raises: RefusedError.
        """
        from azure.core.rest import HttpRequest

        request = HttpRequest("GET", f"{MANAGEMENT}{path}", params={"api-version": api_version, **query})
        return self._read(request, path)

    def get_all(self, path: str, api_version: str, **query: str) -> list[Any]:
        """Read a list in the same way, every page of it. Raises: RefusedError."""
        from azure.core.rest import HttpRequest

        page = self.get(path, api_version, **query)
        found: list[Any] = list(page["value"])
        while page.get("nextLink"):
            page = self._read(HttpRequest("GET", page["nextLink"]), path)
            found += page["value"]
        return found

    def act(self, path: str, api_version: str, body: dict[str, Any], what: str) -> Any:
        """Ask for an action in the same way, and wait for its end. Returns: its JSON. Raises: RefusedError."""
        from azure.core.polling import LROPoller
        from azure.core.rest import HttpRequest
        from azure.mgmt.core.polling.arm_polling import ARMPolling

        request = HttpRequest("POST", f"{MANAGEMENT}{path}", params={"api-version": api_version}, json=body)
        with asking(what, path.rpartition("/")[0]):
            first = self._plain._pipeline.run(request)
            first.http_response.raise_for_status()
            poller = LROPoller(self._plain, first, lambda last: last.http_response.json(), ARMPolling(POLL_S))
        return self.wait(poller, what, path.rpartition("/")[0])

    def _read(self, request: Any, path: str) -> Any:
        with asking("Reading", path):
            answer = self._plain.send_request(request)
            answer.raise_for_status()
            return answer.json()

    def group_id(self, group: str = "") -> ArmId:
        return ArmId.of_group(self.subscription, group or self.settings.resource_group)

    def id_of(self, type: str, *names: str, group: str = "") -> str:
        """Write the id of a resource of the lab's group, or of another."""
        return str(ArmId(str(self.group_id(group)), type, names))

    def resolve_here(self, name: str) -> Answer:
        """Ask for a name's addresses on this computer, outside the lab's network."""
        answer: Answer = self._opened.resolve(name)
        return answer

    @property
    def memory(self) -> Memory:
        """What the lab has noted about its resources: in the emulated world itself, else in the lab's folder."""
        found: Memory = self._opened.memory
        return found

    @made_once
    def expires(self) -> str:
        """When what this lab makes may go if it is forgotten, in UTC; empty: it says nothing."""
        hours = self.settings.expires_hours
        moment = datetime.now(UTC) + timedelta(hours=hours)
        return moment.strftime("%Y-%m-%dT%H:%MZ") if hours else ""

    @property
    def credential_kind(self) -> str:
        """What signs this lab's requests: the kind alone, never a part of it."""
        return kind_in_use(self._opened.credential)

    @property
    def credentials_tried(self) -> tuple[str, ...]:
        """What was asked for a token before that and had none, by kind."""
        return tried_before(self._opened.credential)

    def provider(self, namespace: str) -> Any:
        """What Azure says of a namespace: the SDK's Provider; asked for once."""
        id = f"/subscriptions/{self.subscription}/providers/{namespace}"
        with self._asking, asking("Reading a provider", id):
            if namespace not in self._providers:
                self._providers[namespace] = self.resources.providers.get(namespace)
            return self._providers[namespace]

    def pause(self, seconds: float) -> None:
        """Wait, between two looks at something that takes its time; on the emulated Azure in its own time."""
        transport = self._opened.options().get("transport")
        (transport.sleep if transport else time.sleep)(seconds)

    def mark(self) -> object:
        """Give a value that is another one when something may have changed; on a real Azure an empty one, always."""
        world: Path | None = getattr(self._opened, "path", None)
        files = [world, world.with_name(f"{world.name}-wal")] if world else []
        return tuple((f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists())

    def close(self) -> None:
        """Let go of the clients' connections and of the backend; what was created stays."""
        for client in self._clients:
            client.close()
        self._opened.close()

    @made_once
    def _plain(self) -> Any:
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RequestIdPolicy, RetryPolicy
        from azure.mgmt.core import ARMPipelineClient

        bearer = BearerTokenCredentialPolicy(self._opened.credential, f"{MANAGEMENT}/.default")
        policies = [RequestIdPolicy(), RetryPolicy(), _Counting(self), bearer]
        return self._noted(ARMPipelineClient(MANAGEMENT, policies=policies, **self._opened.options()))

    def _manager(self, client: Any) -> Any:
        options = {"per_retry_policies": [_Counting(self)], **self._opened.options()}
        return self._noted(client(self._opened.credential, self.subscription, **options))

    def _noted(self, client: Any) -> Any:
        self._clients.append(client)
        return client


class _Counting(SansIOHTTPPolicy[Any, Any]):
    """Counts what a lab's clients send."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def on_request(self, request: Any) -> None:
        self._lab.count()


def _emulated(settings: Settings) -> Any:
    # By name, and only here: the library and the emulated Azure know nothing of each other but HTTP.
    return importlib.import_module("acrlab.emulator.transport").open_azure(world_file(settings))


class _RealAzure:
    """A real subscription, with whatever credential this computer has."""

    def __init__(self, subscription: str, credential: Any) -> None:
        self.subscription, self.credential = subscription, credential
        self.memory = FileMemory(lab_home())

    def options(self) -> dict[str, Any]:
        return {}

    def resolve(self, name: str) -> Answer:
        return resolve(name)

    def close(self) -> None:
        self.credential.close()


def _real(settings: Settings) -> Any:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CredentialUnavailableError, DefaultAzureCredential

    # Its account of every credential that was not there would hide the one line that helps.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    credential = DefaultAzureCredential()
    try:
        credential.get_token(f"{MANAGEMENT}/.default")
    except (ClientAuthenticationError, CredentialUnavailableError) as problem:
        tried = ", ".join(tried_before(credential))
        message = (
            f"backend azure found no credential on this computer. Sign in first: az login. Tried: {tried or 'one'}."
        )
        raise ConfigurationError("backend", message) from problem
    azure = _RealAzure(settings.subscription, credential)
    path = os.environ.get(RECORDING)
    if not path:
        return azure
    from acrlab.recordings.recorder import Recorder

    return Recorder(azure, settings, Path(path))


def _replayed(settings: Settings) -> Any:
    from acrlab.recordings.replay import open_replay

    return open_replay(settings)
