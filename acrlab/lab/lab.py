"""`connect(settings)` gives a `Lab`: the settings, and a client of the Azure SDK for each service the lab needs."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from acrlab import capabilities
from acrlab.azure.arm_id import ArmId, same
from acrlab.azure.cloud import REGISTRY
from acrlab.backends import Backend, as_opened, open_backend
from acrlab.settings import Settings

if TYPE_CHECKING:
    from azure.containerregistry import ContainerRegistryClient
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.containerregistry import ContainerRegistryManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.privatedns import PrivateDnsManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient

    from acrlab.lab.arm import Arm

# A registry that throttles says when to come again; one that does not answer at all is given up soon, with a reason.
PATIENCE = {"retry_total": 4, "retry_status": 4, "retry_connect": 2, "retry_read": 2, "connection_timeout": 30}
Client = TypeVar("Client")


def connect(settings: Settings | None = None, **parameters: Any) -> Lab:
    """Open the lab. No request is sent yet.

    Args:
        settings: the lab's settings; without them `parameters` are read as settings, over those of the settings file.

    Raises: ConfigurationError: a setting is wrong, there is no credential, or the world's file can't be read.
    """
    chosen = as_opened(settings or Settings.given(**parameters))
    return Lab(chosen, open_backend(chosen))


class Lab:
    """One lab: its settings, and a client for each service, created when first used. Threads may share it."""

    def __init__(self, settings: Settings, backend: Backend) -> None:
        self.settings, self.backend = settings, backend
        self.subscription = backend.subscription
        self.opened = datetime.now(UTC)
        self.closed = False
        self._clients: dict[str, Any] = {}
        self._login_server = ""  # as it was read
        self._replaced: list[Any] = []  # closed in the end, like those that are in use
        self._making = RLock()  # making one may take another

    @property
    def resources(self) -> ResourceManagementClient:
        """Groups, providers, and any resource by its id."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return self._manager("resources", ResourceManagementClient)

    @property
    def network(self) -> NetworkManagementClient:
        """Networks, interfaces, security groups, private endpoints."""
        from azure.mgmt.network import NetworkManagementClient

        return self._manager("network", NetworkManagementClient)

    @property
    def dns(self) -> PrivateDnsManagementClient:
        """Private DNS zones, their links and records."""
        from azure.mgmt.privatedns import PrivateDnsManagementClient

        return self._manager("dns", PrivateDnsManagementClient)

    @property
    def registry(self) -> ContainerRegistryManagementClient:
        """The registry as Azure manages it."""
        from azure.mgmt.containerregistry import ContainerRegistryManagementClient

        return self._manager("registry", ContainerRegistryManagementClient)

    @property
    def compute(self) -> ComputeManagementClient:
        """Virtual machines."""
        from azure.mgmt.compute import ComputeManagementClient

        return self._manager("compute", ComputeManagementClient)

    @property
    def login_server(self) -> str:
        """The host that the registry answers on, as Azure tells it: a registry of someone else's may have a hash in it.

        Where there is no registry, or it may not be read, that of a registry which the lab would create.
        """
        from azure.core.exceptions import HttpResponseError

        if not self._login_server:
            try:
                found = self.registry.registries.get(self.settings.resource_group, self.settings.registry_name)
            except HttpResponseError:
                return self.settings.login_server
            self._login_server = ((found.properties and found.properties.login_server) or "").lower()
        return self._login_server or self.settings.login_server

    @property
    def content(self) -> ContainerRegistryClient:
        """The registry's own data plane, reached from this computer.

        `del lab.content` forgets what was proved to a registry: one that was created again knows nothing of it.
        """
        from azure.containerregistry import ContainerRegistryClient

        def make() -> ContainerRegistryClient:
            server = self.login_server
            options = {"audience": self.settings.cloud.registry_audience, **PATIENCE, **self.backend.options()}
            return ContainerRegistryClient(f"https://{server}", self.backend.credential, **options)

        return self._once("content", make)

    @content.deleter
    def content(self) -> None:
        self._login_server = ""
        with self._making:
            if "content" in self._clients:
                self._replaced.append(self._clients.pop("content"))

    @property
    def arm(self) -> Arm:
        """Azure Resource Manager by path."""
        from acrlab.lab.arm import Arm

        return self._once("arm", lambda: Arm(self.backend, self.settings.cloud))

    @property
    def registry_id(self) -> str:
        """Id of the lab's registry."""
        return self.id_of(REGISTRY, self.settings.registry_name)

    def group_id(self, group: str = "") -> str:
        """Write the id of the lab's group, or of another; one of another subscription is named by its id."""
        if group.startswith("/"):
            return group
        return str(ArmId.of_group(self.subscription, group or self.settings.resource_group))

    def group_of(self, id: str) -> str:
        """Name the group that an id is of or in: by its name, in another subscription by its own id."""
        found = ArmId.parse(id)
        return str(found.group if same(found.subscription, self.subscription) else found.group_id)

    def at_group(self, group: str) -> Lab:
        """Give this lab as it is where a group is, by its name or id, with that as its own."""
        found = ArmId.parse(self.group_id(group))
        return self.in_subscription(found.subscription, resource_group=found.name)

    def id_of(self, type: str, *names: str, group: str = "") -> str:
        """Write the id of a resource of the lab's group, or of another."""
        return str(ArmId(self.group_id(group), type, names))

    def elsewhere(self, **settings: Any) -> Lab:
        """Give this lab as it is seen from another place: some settings differ, the clients are the same."""
        other = copy(self)
        other.settings = self.settings.model_copy(update=settings)
        return other

    def in_subscription(self, subscription: str, **settings: Any) -> Lab:
        """Give this lab as it is in another subscription, by its id: it is what `id_of` and the clients are about."""
        other = self.elsewhere(**settings)
        other.subscription = subscription
        return other

    def close(self) -> None:
        """Close the clients' connections and the backend; what was created stays."""
        self.closed = True
        for client in (*self._clients.values(), *self._replaced):
            client.close()
        self.backend.close()

    def _manager(self, name: str, client: Callable[..., Client]) -> Client:
        from acrlab.azure.sdk_http import setting_of

        def make() -> Client:
            options = {"cloud_setting": setting_of(self.settings.cloud), **self.backend.options()}
            made = client(self.backend.credential, self.subscription, **options)
            if not capabilities.can_start_threads():
                from acrlab.lab.polling import poll_in_place

                poll_in_place(made)
            return made

        return self._once(f"{name} {self.subscription}", make)

    def _once(self, name: str, make: Callable[[], Client]) -> Client:
        """Give the client of this name; the first thread to ask makes it, and others wait for that one."""
        with self._making:
            if name not in self._clients:
                self._clients[name] = make()
            client: Client = self._clients[name]
        return client
