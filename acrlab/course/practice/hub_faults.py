"""What goes wrong between a hub, the lab's network, and a spoke, which asks a forwarder there, or goes by a ruleset."""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER, RULESET, VM
from acrlab.course.practice import plant
from acrlab.course.practice.aks.stage import STAGE as NODES
from acrlab.course.section import Diagnosis, Fault, Stage
from acrlab.lab.lab import Lab
from acrlab.lab.ownership import require_own
from acrlab.steps import public_access
from acrlab.steps.beyond import hub, private_resolver
from acrlab.steps.private_link import ensure_link, ensure_records
from acrlab.steps.run_command import run_on_vm

# -- the stage ---------------------------------------------------------------------------------------------------------


def build_spoke(lab: Lab) -> None:
    place = hub.spoke(lab)
    hub.ensure_client(place)
    hub.ensure_peering(lab, place)


def ask_the_forwarder(lab: Lab) -> None:
    hub.ask(hub.spoke(lab), hub.ensure_forwarder(lab, AZURE_RESOLVER))


def clear_spoke(lab: Lab) -> None:
    place = hub.spoke(lab)
    hub.part(lab, place)
    hub.remove_place(place)


FORWARDER = Stage(
    name="hub-with-forwarder",
    build=(build_spoke, ask_the_forwarder),
    clear=(clear_spoke, hub.remove_forwarder),
    at=hub.spoke,
    where="mySpokeVM, in a spoke whose DNS server is the lab's VM in the hub",
    chapter="14",
)


def send_to_the_resolver(lab: Lab) -> None:
    private_resolver.ensure_ruleset(lab, private_resolver.ensure_resolver(lab))
    private_resolver.ensure_ruleset_link(lab, hub.spoke(lab))


RESOLVER = Stage(
    name="hub-with-resolver",
    build=(build_spoke, send_to_the_resolver),
    clear=(private_resolver.remove_resolver, clear_spoke),
    at=hub.spoke,
    where="mySpokeVM, in a spoke that a ruleset sends to the hub's inbound endpoint",
    chapter="14",
)


# -- planting, and what the author does --------------------------------------------------------------------------------


def delete_the_hubs_half(lab: Lab) -> None:
    for half in hub.halves(lab, hub.spoke(lab)):
        hub.remove_half(lab, str(half.id))


def peer_again(lab: Lab) -> None:
    hub.ensure_peering(lab, hub.spoke(lab))


def unlink_the_hub(lab: Lab) -> None:
    hub.unlink(lab)


def stop_the_forwarder(lab: Lab) -> None:
    require_own(lab, lab.id_of(VM, lab.settings.vm_name))
    run_on_vm(lab, "systemctl stop dnsmasq")


def forward_to_the_internet(lab: Lab) -> None:
    hub.ensure_forwarder(lab, hub.PUBLIC_RESOLVER)


def unlink_the_ruleset(lab: Lab) -> None:
    for link in private_resolver.links_to(hub.spoke(lab), lab.id_of(RULESET, private_resolver.RULES)):
        private_resolver.remove_by_id(lab, link)


def disable_the_rule(lab: Lab) -> None:
    private_resolver.disable_rule(lab, _rule(lab))


def send_to_the_internet(lab: Lab) -> None:
    private_resolver.write_rule(lab, _rule(lab), f"{lab.settings.cloud.registry_suffix}.", hub.PUBLIC_RESOLVER)


def _rule(lab: Lab) -> str:
    return lab.id_of(f"{RULESET}/forwardingRules", private_resolver.RULES, private_resolver.RULE)


def delete_the_inbound_endpoint(lab: Lab) -> None:
    for endpoint in private_resolver.inbound_endpoints(lab):
        private_resolver.remove_by_id(lab, endpoint)


FAULTS = (
    Fault(
        name="the-one-way-bridge",
        code="peering-disconnected",
        symptom="On mySpokeVM, where pulls worked this morning, docker says: lookup … server misbehaving.",
        hints=(
            "No server answers. Which one is asked, and in which network is it?",
            "The connection between the two networks has two ends. Check each.",
            "az network vnet peering list, in both networks: read peeringState.",
        ),
        plant=(delete_the_hubs_half,),
        fix="Delete the half that was left behind, and peer both networks again.",
        solution=(peer_again,),
        story="Someone tidied up in the hub, where a peering to a network that they did not know was listed.",
        stage=FORWARDER,
    ),
    Fault(
        name="the-well-informed-stranger",
        code="zone-not-linked",
        symptom="mySpokeVM asks our own DNS server, and gets an answer. Then: client with IP … is not allowed access.",
        hints=(
            "The server answers. With what?",
            "It passes on the answer that it gets. Which server does it ask, and from which network?",
            "List the zone's links: which networks is it linked to?",
        ),
        plant=(public_access.deny_public_access, unlink_the_hub),
        fix="Link the zone to the network where the server is.",
        solution=(ensure_link,),
        story="The spokes' links were thought to be unnecessary, and the hub's was deleted with them.",
        expect="closed",
        stage=FORWARDER,
    ),
    Fault(
        name="nobody-picks-up",
        code="name-server-silent",
        symptom="mySpokeVM resolves nothing at all: Temporary failure in name resolution. All VMs are running.",
        hints=(
            "Which DNS server does the spoke's network use? Ask it yourself, with dig @address.",
            "The route to it is open. Does anything answer there?",
            "On the lab's VM: systemctl status dnsmasq.",
        ),
        plant=(stop_the_forwarder,),
        fix="Start the DNS server on the lab's VM, and let it answer the spoke.",
        solution=(ask_the_forwarder,),
        story="An update restarted the machine, and the service was never enabled.",
        stage=FORWARDER,
    ),
    Fault(
        name="asking-around-the-corner",
        code="name-server-forwards-elsewhere",
        symptom="On the lab's VM the name is private. On mySpokeVM, which asks that very machine, it is public.",
        hints=(
            "The same machine gives itself one answer and others another. Which program answers whom?",
            "What does the DNS server on it forward to?",
            "Read the server= lines in /etc/dnsmasq.d.",
        ),
        plant=(public_access.deny_public_access, forward_to_the_internet),
        fix="Let the DNS server ask 168.63.129.16 for azurecr.io.",
        solution=(ask_the_forwarder,),
        story="A public resolver is the usual choice for a forwarder, but it knows nothing about private zones.",
        expect="closed",
        stage=FORWARDER,
    ),
    Fault(
        name="the-uninvited-spoke",
        code="ruleset-not-linked",
        symptom="All our spokes are peered with the hub. mySpokeVM alone gets: client with IP … is not allowed access.",
        hints=(
            "Which address does mySpokeVM use, and which do the others?",
            "Its network asks Azure's resolver. What makes that ask the hub?",
            "List the virtual network links of the hub's DNS forwarding ruleset.",
        ),
        plant=(public_access.deny_public_access, unlink_the_ruleset),
        fix="Link the ruleset to the spoke's network.",
        solution=(send_to_the_resolver,),
        story="One team peered the spoke; another team links rulesets.",
        expect="closed",
        stage=RESOLVER,
    ),
    Fault(
        name="asleep-at-the-desk",
        code="rule-disabled",
        symptom="Since the maintenance window mySpokeVM gets the public address, and is refused there.",
        hints=(
            "Everything is linked and peered. What decides which server is asked for which name?",
            "A ruleset is a list. Read it line by line, and not only the targets.",
            "az resource show on the rule: forwardingRuleState.",
        ),
        plant=(public_access.deny_public_access, disable_the_rule),
        fix="Enable the rule again.",
        solution=(send_to_the_resolver,),
        story="It was disabled for a test, in a form that does not show what is disabled.",
        expect="closed",
        stage=RESOLVER,
    ),
    Fault(
        name="the-wrong-counter",
        code="rule-leads-elsewhere",
        symptom="Two of us set up the hub's DNS. Now mySpokeVM gets a public address, and each of us says: not me.",
        hints=(
            "The rule is there and enabled. Where does it send the query?",
            "Does that server know any private zone?",
            "Compare the rule's targetDnsServers with the address of the inbound endpoint.",
        ),
        plant=(public_access.deny_public_access, send_to_the_internet),
        fix="Set the rule's target to the inbound endpoint's address.",
        solution=(send_to_the_resolver,),
        story="The target was copied from another rule, for names on the internet.",
        expect="closed",
        stage=RESOLVER,
    ),
    Fault(
        name="no-one-at-the-window",
        code="inbound-endpoint-missing",
        symptom="Names of registries take ten seconds on mySpokeVM and fail: server misbehaving. Other names are fine.",
        hints=(
            "Only names of registries. Which server is asked for those, and for no others?",
            "Ask that address yourself. Does anything answer there?",
            "List the inbound endpoints of the resolver, and their addresses.",
        ),
        plant=(delete_the_inbound_endpoint,),
        fix="Create an inbound endpoint at the address that the rule names.",
        solution=(send_to_the_resolver,),
        story="The endpoint was recreated in another subnet, and its address is used in more than one place.",
        stage=RESOLVER,
    ),
    Fault(
        name="a-page-torn-out",
        code="record-missing",
        symptom="lookup … no such host on mySpokeVM, and, now that we look, on every other spoke as well.",
        hints=(
            "No such host is an answer. Who gives it?",
            "Rule, endpoint and link lead to one zone. Does it know the name?",
            "az network private-dns record-set a list, for the zone in the hub.",
        ),
        plant=(plant.delete_all_records,),
        fix="Write the records into the hub's zone.",
        solution=(ensure_records,),
        story="With one zone for all, one clean-up affects all.",
        stage=RESOLVER,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "peering-disconnected",
        "One network's half of the peering was deleted, and the other was left behind.",
        "peeringState of the remaining half would be Disconnected",
        "no such name",
        (FORWARDER.name, NODES.name),
    ),
    Diagnosis(
        "name-server-silent",
        "Nothing answers at the address of the DNS server, though its machine is running.",
        "dig @ the server's address would time out, although the peering is Connected",
        "no such name",
        (FORWARDER.name,),
    ),
    Diagnosis(
        "name-server-forwards-elsewhere",
        "The DNS server does not ask Azure's resolver for the registry's names.",
        "dig @ the server's address would give the public address, although the zone is linked to the server's network",
        "refused",
        (FORWARDER.name,),
    ),
    Diagnosis(
        "inbound-endpoint-missing",
        "No inbound endpoint has the address that the rule sends queries to.",
        "the resolver would list no inbound endpoint with the rule's target",
        "no such name",
        (RESOLVER.name,),
    ),
    Diagnosis(
        "ruleset-not-linked",
        "The ruleset is not linked to the spoke's network.",
        "none of the ruleset's links would name mySpokeVNET",
        "refused",
        (RESOLVER.name,),
    ),
    Diagnosis(
        "rule-disabled",
        "The ruleset's rule for azurecr.io is disabled.",
        "forwardingRuleState of the rule would be Disabled",
        "refused",
        (RESOLVER.name,),
    ),
    Diagnosis(
        "rule-leads-elsewhere",
        "The ruleset's rule forwards azurecr.io to a server that does not know the private zone.",
        "the rule's target would not be the inbound endpoint's address",
        "refused",
        (RESOLVER.name,),
    ),
)
