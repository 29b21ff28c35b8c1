"""What goes wrong between a hub and its spokes, on stages that have both.

The lab's network is the hub. On the first stage a spoke asks a forwarder there, the lab's VM.
"""

from __future__ import annotations

from acrlab.azure.cloud import AZURE_RESOLVER, NETWORK
from acrlab.course.section import Diagnosis, Fault, Stage
from acrlab.lab.lab import Lab
from acrlab.steps import public_access
from acrlab.steps.beyond import hub
from acrlab.steps.private_link import ensure_link, link_to, unlink_zone
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


# -- planting, and what the author does --------------------------------------------------------------------------------


def delete_the_hubs_half(lab: Lab) -> None:
    for half in hub.halves(lab, hub.spoke(lab)):
        hub.remove_half(lab, str(half.id))


def peer_again(lab: Lab) -> None:
    hub.ensure_peering(lab, hub.spoke(lab))


def unlink_the_hub(lab: Lab) -> None:
    link = link_to(lab, lab.settings.resource_group, lab.id_of(NETWORK, lab.settings.network_name))
    if link is not None:
        unlink_zone(lab, str(link.id))


def stop_the_forwarder(lab: Lab) -> None:
    run_on_vm(lab, "systemctl stop dnsmasq")


def forward_to_the_internet(lab: Lab) -> None:
    hub.ensure_forwarder(lab, hub.PUBLIC_RESOLVER)


FAULTS = (
    Fault(
        name="the-one-way-bridge",
        code="peering-disconnected",
        symptom="On mySpokeVM, where pulls worked this morning, docker says: lookup … server misbehaving.",
        hints=(
            "No server answers. Which one is asked, and in which network is it?",
            "What joins the two networks has two ends. Look at each.",
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
            "It tells what it is told itself. Whom does it ask, and from which network?",
            "List the links of the zone: which networks may read it?",
        ),
        plant=(public_access.deny_public_access, unlink_the_hub),
        fix="Link the zone to the network where the server is.",
        solution=(ensure_link,),
        story="A link per spoke was thought to be needless, and the hub's went with them.",
        expect="closed",
        stage=FORWARDER,
    ),
    Fault(
        name="nobody-picks-up",
        code="name-server-silent",
        symptom="mySpokeVM resolves nothing at all: Temporary failure in name resolution. All VMs are running.",
        hints=(
            "Which server does the spoke's network name? Ask it yourself, with dig @address.",
            "The way to it is open. Is anything there that answers?",
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
            "The same machine says one thing to itself and another to others. Which program answers whom?",
            "What does the DNS server on it forward to?",
            "Read the server= lines in /etc/dnsmasq.d.",
        ),
        plant=(public_access.deny_public_access, forward_to_the_internet),
        fix="Let the DNS server ask 168.63.129.16 for azurecr.io.",
        solution=(ask_the_forwarder,),
        story="A public resolver is what everyone writes into a forwarder, and it never heard of private zones.",
        expect="closed",
        stage=FORWARDER,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "peering-disconnected",
        "One network's half of the peering is gone, and the other was left behind.",
        "peeringState of the spoke's half would be Disconnected",
        "no such name",
        FORWARDER.name,
    ),
    Diagnosis(
        "name-server-silent",
        "Nothing answers at the address of the DNS server, though its machine is running.",
        "dig @ the server's address would time out, and the peering be Connected",
        "no such name",
        FORWARDER.name,
    ),
    Diagnosis(
        "name-server-forwards-elsewhere",
        "The DNS server asks another one than Azure's for the registry's names.",
        "dig @ the server's address would give the public address, and the zone be linked to the server's network",
        "refused",
        FORWARDER.name,
    ),
)
