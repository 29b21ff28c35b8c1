"""Public DNS: the internet's name servers' answers, and which site stands at which address.

Addresses are made up, out of a range for documentation (RFC 5737, TEST-NET-1). The chain of a registry's name has
the form that the documentation shows.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints#validate-private-link-connection
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from acrlab.azure.cloud import (
    LOGIN_HOST,
    MANAGEMENT_HOST,
    PRIVATE_ZONE,
    REGIONS,
    REGISTRY_SUFFIX,
    data_endpoint,
    label_of,
    login_server,
    regional_endpoint,
)
from acrlab.azure.dns_answer import Record
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.world import World
from acrlab.emulator.network import registry_hosts
from acrlab.emulator.types.container_registry.registry_members import regions
from acrlab.emulator.types.container_registry.registry_rules import REGISTRY_TYPE
from acrlab.emulator.types.private_link.private_endpoint_connection import ALIAS_S, ALIAS_UNTIL

POOL = "192.0.2"
SERVICE_S, FRONT_S = 300, 10  # how long the records may be kept
NEGATIVE_S = 300  # and how long that there is none
UNPUBLISHED_S = 60  # after its registry was asked for, where names take their time

# host -> the plane behind it, and the service tags that its address has in security rules
SERVICES = {
    MANAGEMENT_HOST: ("management", ("AzureResourceManager", "AzureCloud")),
    LOGIN_HOST: ("login", ("AzureActiveDirectory", "AzureCloud")),
    "registry-1.docker.io": ("hub", ()),
    "auth.docker.io": ("hub", ()),
    "mcr.microsoft.com": ("hub", ("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty", "AzureCloud")),
    "aka.ms": ("packages", ()),
    "packages.microsoft.com": ("packages", ("AzureFrontDoor.FirstParty", "AzureCloud")),
    "azurecliprod.blob.core.windows.net": ("packages", ("Storage", "AzureCloud")),
    "azure.archive.ubuntu.com": ("packages", ("AzureCloud",)),
    "archive.ubuntu.com": ("packages", ()),
    "security.ubuntu.com": ("packages", ()),
    "azcliprod.blob.core.windows.net": ("packages", ("Storage", "AzureCloud")),
}
# Azure's short forms of its regions. Source: list of region codes in the Azure Backup documentation
SHORT = {
    "westus": "wus", "westus2": "wus2", "westus3": "wus3", "westcentralus": "wcus", "centralus": "cus",
    "southcentralus": "scus", "northcentralus": "ncus", "eastus": "eus", "eastus2": "eus2", "centraluseuap": "ccy",
    "eastus2euap": "ecy", "canadacentral": "cnc", "brazilsouth": "brs", "northeurope": "ne", "westeurope": "we",
    "uksouth": "uks", "francecentral": "frc", "germanywestcentral": "gwc", "switzerlandnorth": "szn",
    "swedencentral": "sdc", "norwayeast": "nwe", "italynorth": "itn", "southeastasia": "sea", "eastasia": "ea",
    "japaneast": "jpe", "koreacentral": "krc", "centralindia": "inc", "australiaeast": "ae",
    "southafricanorth": "san", "uaenorth": "uan",
    "canadaeast": "cne", "mexicocentral": "mxc", "chilecentral": "clc", "ukwest": "ukw", "polandcentral": "plc",
    "spaincentral": "spc", "austriaeast": "ate", "belgiumcentral": "bec", "japanwest": "jpw", "koreasouth": "krs",
    "southindia": "ins", "westindia": "inw", "indonesiacentral": "idc", "malaysiawest": "myw",
    "australiasoutheast": "ase", "australiacentral": "acl", "newzealandnorth": "nzn", "israelcentral": "ilc",
    "qatarcentral": "qac",
}  # fmt: skip
_REGIONS = list(REGIONS)
_PRIVATE = re.compile(rf"(?P<label>.+)\.{re.escape(PRIVATE_ZONE)}")


@dataclass(frozen=True)
class Site:
    """What answers at a public address.

    Attributes:
        plane: who answers: `management`, `login`, `hub`, `packages` or `registry`.
        certificate: names that its certificate is valid for; `*` stands for one label.
        tags: service tags that the address has in security rules.
    """

    plane: str
    certificate: tuple[str, ...]
    tags: tuple[str, ...] = ()


def look_up(world: World, name: str) -> Record | None:
    """Return the one record that public name servers have for a name, alias or address; None: it does not exist."""
    if name in SERVICES:
        return Record(name, "A", _services()[name], SERVICE_S)
    if name in _fronts():
        return _fronts()[name]
    if match := _PRIVATE.fullmatch(name):
        host = login_server(match["label"])
        return Record(name, "CNAME", _front_of(world, host), ALIAS_S) if is_linked(world, host) else None
    if registry_hosts.is_storage_host(name):
        owner = registry_hosts.owner_of_host(world, name)
        return Record(name, "A", _address("storage", owner.location), SERVICE_S) if owner else None
    return _registry_alias(world, name)


def zone_of(name: str) -> str:
    """Return the public zone whose name servers say that a name does not exist."""
    for zone in (PRIVATE_ZONE, REGISTRY_SUFFIX):
        if name == zone or name.endswith(f".{zone}"):
            return zone
    return ".".join(name.split(".")[-2:])


def is_linked(world: World, host: str) -> bool:
    """Tell whether the registry behind a host has a private endpoint, in whatever state: then its names are aliases.

    Azure's names may go on being aliases when the last endpoint is gone ("unresolvable host").
    Source: https://learn.microsoft.com/azure/container-registry/container-registry-private-endpoints
    """
    owner = registry_hosts.owner_of_host(world, host)
    if owner is None:
        return False
    lingers = world.setting("timing") != "instant" and world.now < owner.state.get(ALIAS_UNTIL, 0)
    return lingers or bool(world.children(owner.id, "privateEndpointConnections"))


def is_named(certificate: tuple[str, ...], host: str) -> bool:
    """Tell whether a certificate is valid for a host. Source: RFC 6125, 6.4.3: a star stands for one label."""
    return any(fnmatchcase(host, name) and host.count(".") == name.count(".") for name in certificate)


@cache
def sites() -> dict[str, Site]:
    """Map each public address to what answers there."""
    found = {address: Site(SERVICES[host][0], (host,), SERVICES[host][1]) for host, address in _services().items()}
    for region in _REGIONS:
        tags = ("AzureContainerRegistry", f"AzureContainerRegistry.{region}", "AzureCloud", f"AzureCloud.{region}")
        named = (login_server("*"), regional_endpoint(login_server("*"), region))
        found[_address("login", region)] = Site("registry", named, tags)
        found[_address("data", region)] = Site("registry", (data_endpoint(login_server("*"), region),), tags)
        tags = ("Storage", f"Storage.{region}", "AzureCloud", f"AzureCloud.{region}")
        found[_address("storage", region)] = Site("registry", (f"*.{registry_hosts.STORAGE_SUFFIX}",), tags)
    return found


def addresses_in_use(world: World) -> set[str]:
    """Return every public address that a name of this world leads to: of services, and of its registries' regions."""
    registries = world.of_type(REGISTRY_TYPE)
    used = {region for registry in registries for region in regions(world, registry)}
    return {
        *_services().values(),
        *(_address(kind, region) for region in used for kind in ("login", "data", "storage")),
    }


def _registry_alias(world: World, name: str) -> Record | None:
    owner = registry_hosts.owner_of_host(world, name)
    if owner is None or (registry_hosts.is_data_endpoint(name) and not registry_hosts.has_data_endpoint(world, owner)):
        return None
    if world.setting("timing") != "instant" and world.now < owner.created + UNPUBLISHED_S:
        return None
    if is_linked(world, name):
        return Record(name, "CNAME", f"{label_of(name)}.{PRIVATE_ZONE}", ALIAS_S)
    return Record(name, "CNAME", _front_of(world, name), ALIAS_S)


def _front_of(world: World, host: str) -> str:
    """The region's public name behind a login server or data endpoint, e.g. `wus.fe.azcr.io`."""
    if registry_hosts.is_data_endpoint(host):
        return f"{SHORT[host.split('.')[1]]}.data.azcr.io"
    if registry_hosts.is_regional(host):
        return f"{SHORT[host.split('.')[1]]}.fe.azcr.io"
    owner = registry_hosts.owner_of_host(world, host)
    assert owner is not None
    return f"{SHORT[owner.location]}.fe.azcr.io"


@cache
def _fronts() -> dict[str, Record]:
    """Every name between a registry's own and an address, for every region."""
    found: dict[str, Record] = {}
    for region in _REGIONS:
        short = SHORT[region]
        for kind, front, balancer in (("login", "fe", "acr-reg"), ("data", "data", "acr-dp")):
            names = (
                f"{short}.{front}.azcr.io",
                f"{short}-{balancer}.trafficmanager.net",
                f"{kind[0]}1029{short}.{region}.cloudapp.azure.com",
            )
            found[names[0]] = Record(names[0], "CNAME", names[1], SERVICE_S)
            found[names[1]] = Record(names[1], "CNAME", names[2], SERVICE_S)
            found[names[2]] = Record(names[2], "A", _address(kind, region), FRONT_S)
    return found


@cache
def _services() -> dict[str, str]:
    return {host: f"{POOL}.{10 + index}" for index, host in enumerate(SERVICES)}


def _address(kind: str, region: str) -> str:
    return f"{POOL}.{ {'login': 64, 'data': 128, 'storage': 192}[kind] + _REGIONS.index(region) }"


DEVIATIONS = (
    Deviation(
        of="names, where the world's `timing` is `as-azure`",
        what=f"a registry's aliases have a TTL of {ALIAS_S} s, and stay as long when its last private endpoint is gone",
        impact="waiting for another answer may take up to two hours of virtual time",
        reason=(
            "the documentation shows aliases that were kept for half an hour and more, one log has a TTL of 60 s, and "
            "nothing says when an alias goes: this is the harder case"
        ),
        workaround="read the TTL that `dig` shows, and never count on a number",
    ),
    Deviation(
        of="names, where the world's `timing` is `as-azure`",
        what=(
            f"a new registry's name resolves {UNPUBLISHED_S} s after the request, and that it does not exist yet is "
            f"kept for {NEGATIVE_S} s"
        ),
        impact="a client that asks too early waits five minutes",
        reason="Azure documents neither; users report tens of seconds, and several minutes for a failure that was kept",
        workaround="ask until the name is there",
    ),
)
