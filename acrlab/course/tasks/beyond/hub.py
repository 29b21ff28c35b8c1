"""Chapter 14: a spoke reaches the hub's endpoint by a peering, and resolves its name in three ways."""

from __future__ import annotations

from acrlab import steps
from acrlab.azure.cloud import AZURE_RESOLVER, NETWORK, RULESET, VM
from acrlab.course.section import Seen
from acrlab.course.tasks.private_link import link_of_others, zone_of_others
from acrlab.course.tasks.task import Task, of_others
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.lab import Lab
from acrlab.steps.private_link import link_to

SPOKE, SPOKE_VM, RULES = "mySpokeVNET", "mySpokeVM", "myRuleset"


def peer(lab: Lab) -> None:
    """Each network has its own half, and each half says for itself whether it lets the other network in."""
    far = lab.id_of("Microsoft.Network/virtualNetworks", lab.settings.network_name)
    half = {"properties": {"remoteVirtualNetwork": {"id": far}, "allowVirtualNetworkAccess": True}}
    names = (lab.settings.resource_group, "mySpokeVNET", f"to-{lab.settings.network_name}")
    lab.network.virtual_network_peerings.begin_create_or_update(*names, half).result()


def link(lab: Lab) -> None:
    """There is still one zone; each network that should use it gets its own link."""
    network = {"id": lab.id_of("Microsoft.Network/virtualNetworks", "mySpokeVNET")}
    body = {"location": "global", "properties": {"virtualNetwork": network, "registrationEnabled": False}}
    names = (lab.settings.resource_group, lab.settings.zone_name, "mySpokeLink")
    lab.dns.virtual_network_links.begin_create_or_update(*names, {**body, "tags": steps.tags_of(lab)}).result()


def name_the_forwarder(lab: Lab) -> None:
    """A VM keeps the servers that it got from DHCP until it restarts."""
    group, server = lab.settings.resource_group, steps.vm_addresses(lab).private
    network = lab.network.virtual_networks.get(group, "mySpokeVNET")
    network.dhcp_options = {"dnsServers": [server]}
    lab.network.virtual_networks.begin_create_or_update(group, "mySpokeVNET", network).result()
    lab.compute.virtual_machines.begin_restart(group, "mySpokeVM").result()


def link_the_ruleset(lab: Lab) -> None:
    """The lab has no client for resolvers; any resource can be written by its id."""
    ruleset = lab.id_of("Microsoft.Network/dnsForwardingRulesets", "myRuleset")
    network = {"id": lab.id_of("Microsoft.Network/virtualNetworks", "mySpokeVNET")}
    lab.resources.resources.begin_create_or_update_by_id(
        f"{ruleset}/virtualNetworkLinks/spoke", {"properties": {"virtualNetwork": network}}, api_version="2022-07-01"
    ).result()


# -- what Azure shows --------------------------------------------------------------------------------------------------


def _network_of_others(lab: Lab) -> str | None:
    return of_others(lab, lab.id_of(NETWORK, SPOKE))


def _zone_or_link_of_others(lab: Lab) -> str | None:
    from acrlab.steps.beyond import hub  # no other chapter loads it

    return _network_of_others(lab) or zone_of_others(lab) or link_of_others(hub.spoke(lab))


def _network_or_vm_of_others(lab: Lab) -> str | None:
    return _network_of_others(lab) or of_others(lab, lab.id_of(VM, SPOKE_VM))


def _network_or_ruleset_of_others(lab: Lab) -> str | None:
    return _network_of_others(lab) or of_others(lab, lab.id_of(RULESET, RULES))


def _no_spoke(lab: Lab) -> Seen | None:
    with asking("Reading the spoke", lab.id_of(NETWORK, SPOKE)):
        if find(lambda: lab.network.virtual_networks.get(lab.settings.resource_group, SPOKE)) is None:
            return Seen(False, f"there is no {SPOKE}", "the spoke was not made", "run the chapter from its top")
    return None


def _peered(lab: Lab) -> Seen:
    from acrlab.steps.beyond import hub

    if missing := _no_spoke(lab):
        return missing
    half = next(iter(hub.halves(hub.spoke(lab), lab)), None)
    if half is None:
        cause = "only the hub's half exists, or none"
        return Seen(False, f"{SPOKE} has no peering with {lab.settings.network_name}", cause, "create the spoke's half")
    shown = f"{half.name} is {half.peering_state}, allowVirtualNetworkAccess {half.allow_virtual_network_access}"
    if half.peering_state != "Connected":
        return Seen(False, shown, "the other half is missing, or was deleted since", "create both halves again")
    if not half.allow_virtual_network_access:
        cause = "a half that does not allow access connects, but passes no traffic"
        return Seen(False, shown, cause, "set allowVirtualNetworkAccess (az: --allow-vnet-access)")
    return Seen(True, shown)


def _linked(lab: Lab) -> Seen:
    if missing := _no_spoke(lab):
        return missing
    s = lab.settings
    with asking("Reading the zone's links", lab.group_id()):
        found = find(lambda: link_to(lab, s.resource_group, lab.id_of(NETWORK, SPOKE)))
    if found is None:
        cause = "a link is for one network, and the hub's link does not cover the spoke"
        return Seen(False, f"no link of {s.zone_name} is for {SPOKE}", cause, "add a link to the zone")
    return Seen(True, f"the link {found.name} is for {SPOKE}")


def _asks_the_forwarder(lab: Lab) -> Seen:
    from acrlab.steps.beyond import hub

    if missing := _no_spoke(lab):
        return missing
    place, server = hub.spoke(lab), steps.vm_addresses(lab).private
    with asking("Reading the spoke", place.id_of(NETWORK, SPOKE)):
        network = lab.network.virtual_networks.get(lab.settings.resource_group, SPOKE)
    named = (network.dhcp_options.dns_servers if network.dhcp_options else None) or [AZURE_RESOLVER]
    if named != [server]:
        shown = f"{SPOKE} names {', '.join(named)}, and the forwarder is {server}"
        return Seen(
            False, shown, "the network's DNS servers are as they were", "change dhcpOptions.dnsServers of the spoke"
        )
    asked = hub.servers_of(place)
    if asked != (server,):
        shown = f"{SPOKE_VM} still asks {', '.join(asked)}"
        return Seen(False, shown, "a running VM keeps the servers that it got from DHCP", f"restart {SPOKE_VM}")
    return Seen(True, f"{SPOKE_VM} asks {server}")


def _ruled(lab: Lab) -> Seen:
    from acrlab.steps.beyond import hub

    if missing := _no_spoke(lab):
        return missing
    ruleset = lab.id_of(RULESET, RULES)
    if not hub.links_to(hub.spoke(lab), ruleset):
        cause = "a ruleset applies to the networks that it is linked to, peered or not"
        return Seen(False, f"no link of {RULES} is for {SPOKE}", cause, "add a link to the ruleset")
    return Seen(True, f"{RULES} is linked to {SPOKE}")


IDS = (
    "rulesetID=$(az resource show --resource-group {resource_group} --name myRuleset --query id --output tsv \\\n"
    f"    --resource-type {RULESET})\n"
    "spokeID=$(az network vnet show --resource-group {resource_group} --name mySpokeVNET --query id --output tsv)\n"
)

TASKS = (
    Task(
        name="second-half",
        chapter="14",
        goal="Create the half of the peering that mySpokeVNET lacks, and let it pass traffic.",
        expected="mySpokeVNET's half of the peering with {network_name} is Connected and allows access",
        look=_peered,
        hints=(
            "The hub's half names the spoke. The spoke's names the hub: `remoteVirtualNetwork`.",
            (
                "`lab.network.virtual_network_peerings.begin_create_or_update(group, network, name, body)`; the body "
                "has `remoteVirtualNetwork` and `allowVirtualNetworkAccess`."
            ),
        ),
        solution=peer,
        az=(
            "az network vnet peering create --resource-group {resource_group} --vnet-name mySpokeVNET \\\n"
            "    --name to-{network_name} --remote-vnet {network_name} --allow-vnet-access"
        ),
        rights=("Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write",),
        foreign=_network_of_others,
    ),
    Task(
        name="spoke-link",
        chapter="14",
        goal="Link the hub's zone to mySpokeVNET.",
        expected="a link of {zone_name} for mySpokeVNET",
        look=_linked,
        hints=(
            "It is the call from chapter 03, with another network and another name.",
            (
                "`lab.dns.virtual_network_links.begin_create_or_update(group, zone, name, body)`; in it "
                "`registrationEnabled` is False."
            ),
        ),
        solution=link,
        az=(
            "az network private-dns link vnet create --resource-group {resource_group} --zone-name {zone_name} \\\n"
            "    --name mySpokeLink --virtual-network mySpokeVNET --registration-enabled false"
        ),
        rights=("Microsoft.Network/privateDnsZones/virtualNetworkLinks/write",),
        foreign=_zone_or_link_of_others,
    ),
    Task(
        name="spoke-dns",
        chapter="14",
        goal="Set the hub's forwarder as the DNS server of mySpokeVNET, and have mySpokeVM pick that up.",
        expected="mySpokeVM asks the address of {vm_name}",
        look=_asks_the_forwarder,
        hints=(
            "A network tells its VMs their DNS servers by DHCP: `dhcpOptions`. When does a VM ask for a lease?",
            (
                "Read the network, set `network.dhcp_options = {'dnsServers': [address]}`, write it back, and restart "
                "the VM: `lab.compute.virtual_machines.begin_restart`."
            ),
        ),
        solution=name_the_forwarder,
        az=(
            "server=$(az vm show --show-details --resource-group {resource_group} --name {vm_name} \\\n"
            "    --query privateIps --output tsv)\n"
            "az network vnet update --resource-group {resource_group} --name mySpokeVNET --dns-servers $server\n"
            "az vm restart --resource-group {resource_group} --name mySpokeVM"
        ),
        rights=("Microsoft.Network/virtualNetworks/write", f"{VM}/restart/action"),
        foreign=_network_or_vm_of_others,
    ),
    Task(
        name="ruleset-link",
        chapter="14",
        goal="Link the ruleset myRuleset to mySpokeVNET.",
        expected="a link of myRuleset for mySpokeVNET",
        look=_ruled,
        hints=(
            "It is a resource below the ruleset: `virtualNetworkLinks`, with a network in it, as a zone's link has.",
            (
                "`lab.resources.resources.begin_create_or_update_by_id(id, body, api_version='2022-07-01')`; the id is "
                "the ruleset's and `/virtualNetworkLinks/` and a name."
            ),
        ),
        solution=link_the_ruleset,
        az=(
            IDS + 'az rest --method put --url "$rulesetID/virtualNetworkLinks/spoke?api-version=2022-07-01" \\\n'
            '    --body "{{\\"properties\\":{{\\"virtualNetwork\\":{{\\"id\\":\\"$spokeID\\"}}}}}}"\n'
            'az resource wait --ids "$rulesetID/virtualNetworkLinks/spoke" --api-version 2022-07-01 --created'
        ),
        rights=(f"{RULESET}/virtualNetworkLinks/write",),
        foreign=_network_or_ruleset_of_others,
    ),
)
