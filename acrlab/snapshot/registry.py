"""What was seen of a registry, and of the private endpoints that lead to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Replica:
    """A region that a registry serves from besides its own."""

    region: str
    state: str


@dataclass(frozen=True)
class RegistryConnection:
    """The registry's record of an endpoint; `status` is `Pending`, `Approved`, `Rejected` or `Disconnected`."""

    id: str
    name: str
    endpoint: str
    status: str
    description: str = ""


@dataclass(frozen=True)
class Registry:
    """The registry, and who may connect to it by its public endpoint.

    Attributes:
        public_access: `Enabled` or `Disabled`.
        default_action: `Allow` or `Deny`, for callers that no rule names.
        ip_rules: addresses and ranges that are let in.
        data_hosts: where layers come from, one a region.
        regional_hosts: hosts of single regions, where the registry has them.
        of_lab: whether a lab of acrlab made it.
        tasks_pass: whether tasks with a system-assigned identity may pass its closed door.
        tasks: names of those that there are, where the door is closed to them.
        subnet_rules: ids of the subnets that are let in by their service endpoints.
        role_mode: `AbacRepositoryPermissions` where roles count by repository, else `LegacyRegistryPermissions`.
    """

    id: str
    name: str
    sku: str
    region: str
    state: str
    login_server: str
    public_access: str
    default_action: str
    ip_rules: tuple[str, ...]
    bypass: str
    replicas: tuple[Replica, ...] = ()
    connections: tuple[RegistryConnection, ...] = ()
    data_hosts: tuple[str, ...] = ()
    regional_hosts: tuple[str, ...] = ()
    tasks_pass: bool = False
    tasks: tuple[str, ...] = ()
    of_lab: bool = False
    subnet_rules: tuple[str, ...] = ()
    role_mode: str = "LegacyRegistryPermissions"

    @property
    def asks_for_repositories(self) -> bool:
        """Whether roles count repository by repository, and those for whole registries allow nothing."""
        return self.role_mode == "AbacRepositoryPermissions"


@dataclass(frozen=True)
class Address:
    """An address that an endpoint holds, for a member of the registry and the host that it stands for."""

    member: str
    host: str
    address: str


@dataclass(frozen=True)
class ZoneGroupTarget:
    """A zone that a zone group writes into; `hosts`: the names that it wrote."""

    zone: str
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class ZoneGroup:
    id: str
    name: str
    targets: tuple[ZoneGroupTarget, ...]


@dataclass(frozen=True)
class Endpoint:
    """A private endpoint that leads, or led, to the registry.

    Attributes:
        members: the sub-resources that it asks for; Azure calls them group ids.
        status: what it knows of its connection.
        manual: the registry's owner has to approve it.
        static: whether its maker chose its addresses.
        zone_groups: None: they were not read, as this identity may not, or the clients' network does not reach it.
        application_groups: ids of the application security groups that it is in.
    """

    id: str
    name: str
    state: str
    network: str
    subnet: str
    target: str
    members: tuple[str, ...]
    status: str
    manual: bool = False
    connection_name: str = ""
    location: str = ""
    addresses: tuple[Address, ...] = ()
    zone_groups: tuple[ZoneGroup, ...] | None = ()
    static: bool = False
    application_groups: tuple[str, ...] = ()
