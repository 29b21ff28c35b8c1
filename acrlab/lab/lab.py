"""`connect(settings)` gives a `Lab`: the settings, and a client of the Azure SDK for each service the lab needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from azure.core.pipeline.policies import SansIOHTTPPolicy

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import REGISTRY, REGISTRY_AUDIENCE
from acrlab.backends import Backend, as_opened, open_backend
from acrlab.lab.azure_errors import asking
from acrlab.lab.waiting import follow
from acrlab.settings import Settings

if TYPE_CHECKING:
    from azure.core.polling import LROPoller

    from acrlab.lab.arm import Arm

# A registry that throttles says when to come again; one that does not answer at all is given up soon, with a reason.
PATIENCE = {"retry_total": 4, "retry_status": 4, "retry_connect": 2, "retry_read": 2, "connection_timeout": 30}
Client = TypeVar("Client")
Made = TypeVar("Made")
Result = TypeVar("Result")


def connect(settings: Settings | None = None, **parameters: Any) -> Lab:
    """Open the lab. No request is sent yet.

    Args:
        settings: the lab's settings; without them `parameters` are read as settings.

    Raises: ConfigurationError: a setting is wrong, there is no credential, or the world's file can't be read.
    """
    chosen = as_opened(settings or Settings.from_parameters(**parameters))
    return Lab(chosen, open_backend(chosen))


def word(value: object) -> str:
    """Write an SDK's enumeration as Azure spells it; text stays as it is."""
    return str(getattr(value, "value", value) or "")


class Counting(SansIOHTTPPolicy[Any, Any]):
    """Counts the requests that a lab's clients send, retries included; threads may share it."""

    def __init__(self) -> None:
        self.sent, self._lock = 0, Lock()

    def on_request(self, request: Any) -> None:
        """Count a request that is about to be sent."""
        with self._lock:
            self.sent += 1


class made_once(Generic[Made]):
    """A property that the first thread to ask for it computes; others wait for that one, and get the same value.

    `functools.cached_property` lets, since Python 3.12, every thread that asks early compute its own.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self.__doc__ = make.__doc__
        self._make, self._name, self._lock = make, make.__name__, RLock()

    def __delete__(self, owner: object) -> None:
        """Forget the value: the next to ask computes another."""
        with self._lock:
            owner.__dict__.pop(self._name, None)

    @overload
    def __get__(self, owner: None, kind: type) -> made_once[Made]: ...

    @overload
    def __get__(self, owner: object, kind: type) -> Made: ...

    def __get__(self, owner: object | None, kind: type) -> Made | made_once[Made]:
        if owner is None:
            return self
        with self._lock:
            kept = owner.__dict__
            if self._name not in kept:
                kept[self._name] = self._make(owner)
            made: Made = kept[self._name]
        return made


class Lab:
    """One lab: its settings, and a client for each service, created when first used. Threads may share it."""

    # The clients are typed loosely: in the SDK's models every field may be None, which Azure's answers are not.

    def __init__(self, settings: Settings, backend: Backend) -> None:
        self.settings, self.backend = settings, backend
        self.subscription = backend.subscription
        self.opened = datetime.now(UTC)
        self.requests = Counting()
        self._clients: list[Any] = []  # closed in the end

    @made_once
    def resources(self) -> Any:
        """Groups, providers, and any resource by its id."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return self._manager(ResourceManagementClient)

    @made_once
    def network(self) -> Any:
        """Networks, interfaces, security groups, private endpoints."""
        from azure.mgmt.network import NetworkManagementClient

        return self._manager(NetworkManagementClient)

    @made_once
    def dns(self) -> Any:
        """Private DNS zones, their links and records."""
        from azure.mgmt.privatedns import PrivateDnsManagementClient

        return self._manager(PrivateDnsManagementClient)

    @made_once
    def registry(self) -> Any:
        """The registry as Azure manages it."""
        from azure.mgmt.containerregistry import ContainerRegistryManagementClient

        return self._manager(ContainerRegistryManagementClient)

    @made_once
    def compute(self) -> Any:
        """Virtual machines."""
        from azure.mgmt.compute import ComputeManagementClient

        return self._manager(ComputeManagementClient)

    @made_once
    def content(self) -> Any:
        """The registry's own data plane, reached from this computer.

        `del lab.content` forgets what was proved to a registry: one that was created again knows nothing of it.
        """
        from azure.containerregistry import ContainerRegistryClient

        endpoint, credential = f"https://{self.settings.login_server}", self.backend.credential
        options = {"audience": REGISTRY_AUDIENCE, **PATIENCE, **self.backend.options()}
        return self._noted(ContainerRegistryClient(endpoint, credential, **options))

    @made_once
    def arm(self) -> Arm:
        """Azure Resource Manager by path."""
        from acrlab.lab.arm import Arm

        return self._noted(Arm(self.backend, self.requests))

    def group_id(self, group: str = "") -> ArmId:
        """Write the id of the lab's group, or of another."""
        return ArmId.of_group(self.subscription, group or self.settings.resource_group)

    def id_of(self, type: str, *names: str, group: str = "") -> str:
        """Write the id of a resource of the lab's group, or of another."""
        return str(ArmId(str(self.group_id(group)), type, names))

    @property
    def registry_id(self) -> str:
        """Id of the lab's registry."""
        return self.id_of(REGISTRY, self.settings.registry_name)

    def wait(self, poller: LROPoller[Result], what: str, resource_id: str) -> Result:
        """Wait for a long-running operation, showing that it is alive. Raises: RefusedError: it failed."""
        with asking(what, resource_id):
            return follow(poller, what)

    def close(self) -> None:
        """Close the clients' connections and the backend; what was created stays."""
        for client in self._clients:
            client.close()
        self.backend.close()

    def _manager(self, client: Callable[..., Client]) -> Client:
        options = {"per_retry_policies": [self.requests], **self.backend.options()}
        return self._noted(client(self.backend.credential, self.subscription, **options))

    def _noted(self, client: Client) -> Client:
        self._clients.append(client)
        return client
