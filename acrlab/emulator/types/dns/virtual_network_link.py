"""Microsoft.Network/privateDnsZones/virtualNetworkLinks: what makes a network read a zone."""

from __future__ import annotations

from acrlab.emulator.core import lateness
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import ref
from acrlab.emulator.core.http import ArmError
from acrlab.emulator.core.resource import SUCCEEDED, Resource, State
from acrlab.emulator.core.schema import ResourceType, references_exist
from acrlab.emulator.core.values import Field, Flag, Tags, choice
from acrlab.emulator.types import api_versions
from acrlab.emulator.types.dns.private_dns_zone import GLOBAL, LINK_TYPE
from acrlab.emulator.types.names import NETWORK_NAME
from acrlab.emulator.types.network.network_space import NETWORK_TYPE
from acrlab.emulator.types.polling import LINK_DELETE, LINK_PUT

# A policy: what a zone lacks is asked of the internet. Source: https://learn.microsoft.com/azure/dns/private-dns-fallback
REDIRECT = "NxDomainRedirect"


def _others(state: State, link: Resource) -> list[Resource]:
    """Further links of the same network, to whichever zone."""
    links = state.referrers(link.properties["virtualNetwork"]["id"], LINK_TYPE)
    return [other for other in links if other.id.key != link.id.key]


def _network(link: Resource) -> str:
    return str(link.properties["virtualNetwork"]["id"]).lower()


def network_stays(state: State, link: Resource, old: Resource | None) -> None:
    """A link belongs to one network for good."""
    if old is not None and _network(old) != _network(link):
        message = f"The virtual network of link '{link.id.name}' cannot be changed."
        raise ArmError(400, "VirtualNetworkLinkUpdateNotAllowed", message)


def one_zone_of_a_name(state: State, link: Resource, old: Resource | None) -> None:
    """A network can't read two zones of the same name: which would answer?"""
    zone = link.id.names[0]
    for other in _others(state, link):
        if other.id.names[0].lower() == zone.lower():
            message = (
                f"A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link "
                f"virtual network with '{zone}' and '{other.id.names[0]}' zones."
            )
            raise ArmError(400, "BadRequest", message)


def one_zone_for_registration(state: State, link: Resource, old: Resource | None) -> None:
    """VMs of a network register in one zone only."""
    others = [other for other in _others(state, link) if other.properties["registrationEnabled"]]
    if link.properties["registrationEnabled"] and others:
        message = (
            "A virtual network can only be linked to 1 Private DNS zone(s) with auto-registration enabled; "
            f"conflicting Private DNS zone is '{others[0].id.parent}'."
        )
        raise ArmError(409, "Conflict", message)


def redirects(link: Resource) -> bool:
    """Whether the internet is asked for what the zone lacks; a policy that only zones for private links have."""
    return _is_for_private_links(link) and link.properties.get("resolutionPolicy") == REDIRECT


def _is_for_private_links(link: Resource) -> bool:
    return "privatelink" in link.id.names[0].lower().split(".")


def redirects_from_private_links(state: State, link: Resource, old: Resource | None) -> None:
    """Only zones for private links fall back to the internet.

    Source: https://learn.microsoft.com/azure/dns/private-dns-fallback and
    https://github.com/Azure/Azure-Landing-Zones/issues/4088
    """
    if link.properties.get("resolutionPolicy") == REDIRECT and not _is_for_private_links(link):
        message = f"ResolutionPolicy '{REDIRECT}' is not supported for Private DNS zone '{link.id.names[0]}'."
        raise ArmError(400, "BadRequest", message)


def registers(state: State, link: Resource, old: Resource | None) -> None:
    """The network's VMs are written into the zone after the link's own operation has ended."""
    before, after = (bool(one and one.properties["registrationEnabled"]) for one in (old, link))
    if after:
        lateness.change(state, link, "registration", before, after, seconds=lateness.REGISTRATION_S)


def state(state: State, link: Resource) -> str:
    registering = not lateness.counting(state, link, "registration", True)
    return "Completed" if link.phase == SUCCEEDED and not registering else "InProgress"


VIRTUAL_NETWORK_LINK = ResourceType(
    type=LINK_TYPE,
    source="https://learn.microsoft.com/rest/api/dns/privatedns/virtual-network-links/create-or-update",
    versions=api_versions.PRIVATE_DNS,
    name=NETWORK_NAME,
    envelope={"location": Field(GLOBAL, default="global"), "tags": Field(Tags(), inert=True)},
    properties={
        "registrationEnabled": Field(Flag(), default=False),
        "virtualNetwork": Field(ref(NETWORK_TYPE), required=True),
        "resolutionPolicy": Field(choice("Default", REDIRECT), default="Default", since="2024-06-01"),
    },
    computed={"virtualNetworkLinkState": state},
    rules=(
        references_exist("virtualNetwork"),
        network_stays,
        one_zone_of_a_name,
        one_zone_for_registration,
        redirects_from_private_links,
    ),
    on_put=registers,
    polling={"PUT": LINK_PUT, "PATCH": LINK_PUT, "DELETE": LINK_DELETE},
    seconds={"PUT": 45, "DELETE": 50},
    etag="inside quotes",
    hidden_until_ready=True,
    late_preconditions=True,
    exists_text=(
        "The Virtual Network link {name} for the Private DNS zone {zone} exists already and hence cannot be created "
        "again."
    ),
    changed_text=(
        "The Virtual Network link '{name}' for the Private DNS zone '{zone}' has been modified (etag mismatch)."
    ),
)

DEVIATIONS = (
    Deviation(
        of=LINK_TYPE,
        what=f"`{REDIRECT}` on a link of a zone that is not for private links is refused in the emulator's own words.",
        impact="The message differs from Azure's; status and code are the same.",
        reason="A public report names the code and shows the message in a picture alone.",
        workaround="Set it on links of `privatelink` zones alone.",
    ),
)
