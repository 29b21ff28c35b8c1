"""What was seen of a private link at one moment: frozen values, and their form as JSON.

It knows no Azure and sends nothing. Ids are ARM ids as Azure spells them; regions, hosts and names of records are in
lower case, so that they compare.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrlab.azure.arm_id import same
from acrlab.azure.cloud import PRIVATE_ZONE
from acrlab.errors import ConfigurationError
from acrlab.snapshot.cluster import Cluster
from acrlab.snapshot.network import NameServer, Network, Resolver, RouteTable, Ruleset, SecurityGroup, Subnet, Zone
from acrlab.snapshot.registry import Endpoint, Registry, RegistryConnection
from acrlab.snapshot.vm import VM, VMView

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1  # of the file; a change that an older acrlab can't read has the next number
BEGINS = b'{\n  "format": '  # every snapshot
LARGEST = 64 * 2**20  # bytes

__all__ = ["LabNames", "Snapshot", "Subject", "Unseen", "load", "same", "save"]


@dataclass(frozen=True)
class LabNames:
    """What a lab calls what it has yet to make.

    Attributes:
        network: ARM id; clients may stand in another one.
        zone: name of the private zone that registries of its cloud lead to.
        connection: name of the request that its private endpoint makes.
        image_source: where its image is copied from, with the registry's host.
    """

    network: str
    network_prefix: str
    subnet: str
    subnet_prefix: str
    endpoint: str
    connection: str
    link: str
    image_source: str
    zone: str = PRIVATE_ZONE


@dataclass(frozen=True)
class Subject:
    """What a diagnosis is about.

    Attributes:
        names: what is advised to be made is called by them.
        network: ARM id of the network that clients stand in; empty: none is known.
        vm: name of the VM that looks from inside; empty: no VM does.
        expected: `open` or `closed`, what public access is meant to be; empty: nothing is expected.
        image: the `repository:tag` that the data path is tried with.
        cluster: ARM id of the cluster whose nodes are the clients; empty: none was named.
    """

    subscription: str
    resource_group: str
    registry: str
    names: LabNames
    network: str = ""
    vm: str = ""
    expected: str = ""
    image: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Unseen:
    """Something that could not be read.

    Attributes:
        what: `registry`, `replications`, `endpoints`, `interfaces`, `zone-groups`, `zones`, `links`, `records`,
            `networks`, `security-groups`, `route-tables`, `providers`, `vm`, `roles`, `name-servers`, `resolvers`,
            `rulesets`, `clusters`, `pods`, `tasks` or `vm-view`; with `other ` before it where some of the kind could
            be read.
        permission: the right that is missing, e.g. `Microsoft.Network/privateEndpoints/read`; empty: it is not that.
    """

    what: str
    resource: str
    permission: str
    reason: str


@dataclass(frozen=True)
class Snapshot:
    """Everything that checks may ask about. None: it does not exist, or could not be read (`unseen` tells).

    Attributes:
        endpoints: all that lead to the registry, and those of the network that lead to one that is gone.
        zones: all whose name has to do with registries.
        requests: how many were sent to read it.
        name_servers: those of the clients' network, or VM, that are not Azure's.
        resolvers, rulesets: DNS Private Resolver's, wherever they are; none where no network gave it a subnet.
        unregistered: subscriptions of waiting endpoints, other than the registry's, that may not use registries.
        clusters: those whose nodes stand in the networks that were read, and the one that was named.
        other_registries: names of those that exist, where the one that was asked for does not.
    """

    subject: Subject
    registry: Registry | None
    endpoints: tuple[Endpoint, ...]
    zones: tuple[Zone, ...]
    networks: tuple[Network, ...]
    security_groups: tuple[SecurityGroup, ...]
    route_tables: tuple[RouteTable, ...]
    vm: VM | None
    vm_view: VMView | None
    unseen: tuple[Unseen, ...] = ()
    requests: int = 0
    other_registries: tuple[str, ...] = ()
    name_servers: tuple[NameServer, ...] = ()
    resolvers: tuple[Resolver, ...] = ()
    rulesets: tuple[Ruleset, ...] = ()
    unregistered: tuple[str, ...] = ()
    clusters: tuple[Cluster, ...] = ()

    @property
    def network(self) -> Network | None:
        """The network that clients are in."""
        return next((n for n in self.networks if same(n.id, self.subject.network)), None)

    @cached_property
    def connections(self) -> dict[str, RegistryConnection]:
        """Id of an endpoint, in lower case -> the registry's record of it; of two, the one that is approved."""
        known = sorted(self.registry.connections if self.registry else (), key=lambda c: c.status == "Approved")
        return {c.endpoint.lower(): c for c in known}

    def subnet(self, id: str) -> Subnet | None:
        return next((s for n in self.networks for s in n.subnets if same(s.id, id)), None)

    def saw(self, *kinds: str) -> bool:
        """Say whether everything of these kinds could be read."""
        return not any(u.what in kinds for u in self.unseen)


def save(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot as JSON, for a diagnosis elsewhere; an older snapshot there is replaced.

    Raises: ConfigurationError: the file holds something else, or can't be written.
    """
    told = form_of(snapshot)
    try:
        if path.is_file() and not _may_be_replaced(path):
            raise ConfigurationError("snapshot", f"{path} is there and is not a snapshot. Name another file.")
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as problem:
        raise ConfigurationError("snapshot", f"{path} can't be written: {problem.strerror}.") from problem


def form_of(snapshot: Snapshot) -> dict[str, Any]:
    """Give a snapshot as what JSON can carry, with the format's number."""
    return {"format": FORMAT, **_form().dump_python(snapshot, mode="json")}


def _may_be_replaced(path: Path) -> bool:
    with path.open("rb") as file:
        begins = file.read(len(BEGINS))
    return begins in (b"", BEGINS)


def load(path: Path) -> Snapshot:
    """Read a snapshot, which may come from anyone.

    Raises: ConfigurationError: the file can't be read, or as `parse`.
    """
    if path.exists() and not path.is_file():
        raise ConfigurationError("snapshot", f"{path} can't be read: it is not a file.")
    try:
        if path.stat().st_size > LARGEST:
            raise _not_one(path, f"it is larger than {LARGEST // 2**20} MiB")
        content = path.read_bytes()
    except OSError as problem:
        raise ConfigurationError("snapshot", f"{path} can't be read: {problem.strerror}.") from problem
    return parse(content, path)


def parse(content: bytes, named: Path | str) -> Snapshot:
    """Read a snapshot from what a file or a request holds, which may come from anyone.

    Args:
        named: what it is called, to begin a sentence with.

    Raises: ConfigurationError: it is not a snapshot, comes from a newer acrlab, or names what can't be an id, an
        address or a host.
    """
    from pydantic import ValidationError

    from acrlab.snapshot.ids import wrong_part

    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise _not_one(named, "it is not JSON, or damaged") from None
    if not isinstance(told, dict):
        raise _not_one(named, "it is not an object")
    if (written := told.pop("format", FORMAT)) != FORMAT:
        message = (
            f"{named} was saved by another acrlab: its format is {str(written)[:20]!r}, and this one reads {FORMAT}."
        )
        raise ConfigurationError("snapshot", message)
    try:
        snapshot: Snapshot = _form().validate_python(told)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "whole file"
        raise _not_one(named, f"{where}: {first['msg']}") from None
    if wrong := wrong_part(snapshot):
        raise _not_one(named, wrong)
    return snapshot


def _not_one(named: Path | str, why: str) -> ConfigurationError:
    message = f"{named} is not a snapshot ({why}). Make one: acrlab doctor --save FILE."
    return ConfigurationError("snapshot", message)


def _form() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(Snapshot)
