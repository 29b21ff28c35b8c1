"""The faults, one for each way in which private links go wrong for people, in the order of how hard they are to see."""

from __future__ import annotations

from acrlab.course.lookup import unknown
from acrlab.course.practice import closed_faults, hub_faults, landing_zone_faults, plant, replica_faults
from acrlab.course.practice.aks import faults as aks_faults
from acrlab.course.practice.estate_faults import ESTATE_FAULTS
from acrlab.course.section import Fault
from acrlab.doctor import remedies
from acrlab.steps import private_link, public_access, virtual_machine

AGAIN = (private_link.ensure_endpoint, private_link.ensure_records)

OF_THE_LAB = (
    Fault(
        name="the-quiet-layer",
        code="data-record-missing",
        symptom="docker login works, the manifest arrives, and then: dial tcp: lookup … no such host.",
        hints=(
            "Signing in and the manifest use one name. Which other name does a pull need?",
            "Look at the name in the error: it is not the login server's. Who would have to know it?",
            "Compare the addresses on the endpoint's interface with the records in the zone, one by one.",
        ),
        plant=(plant.delete_data_record,),
        fix="Write the record of the data endpoint.",
        solution=(private_link.ensure_records,),
        story="Only the registry's own record was written by hand; the data endpoint's name is easily forgotten.",
    ),
    Fault(
        name="nobody-by-that-name",
        code="record-missing",
        symptom="On the VM the registry does not exist at all: could not resolve host. On my laptop it does.",
        hints=(
            "Two resolvers disagree. Which of them does the VM ask?",
            "A linked zone is the only one asked: what it does not know does not exist.",
            "List the zone's records: az network private-dns record-set a list.",
        ),
        plant=(plant.delete_all_records,),
        fix="Write the records into the zone.",
        solution=(private_link.ensure_records,),
        story="Zone and link were created, but the records were forgotten, or removed with another endpoint.",
    ),
    Fault(
        name="the-wrong-neighbour",
        code="records-swapped",
        symptom="Both names resolve to private addresses, but every client complains about certificates or 404.",
        hints=(
            "Both addresses are the endpoint's. Is each where it belongs?",
            "The interface says which member each address is for: requiredMemberName.",
            "Compare the record of the login server with the address of the member registry.",
        ),
        plant=(plant.swap_records,),
        fix="Give each name the address of its own member.",
        solution=(private_link.ensure_records,),
        story="A script took the addresses by their place in the list, ipConfigurations[0] and [1].",
    ),
    Fault(
        name="the-address-of-yesterday",
        code="record-stale",
        symptom="Since the endpoint was recreated, pulls hang until they time out.",
        hints=(
            "The name resolves to a private address. Does anything have that address?",
            "Look at the endpoint's interface: az network private-endpoint show --query customDnsConfigs.",
            "Records that were written by hand do not follow an endpoint.",
        ),
        plant=(plant.point_records_at_nobody,),
        fix="Write the endpoint's current addresses into the records.",
        solution=(private_link.ensure_records,),
        story="The endpoint was deleted and recreated, and got other addresses.",
    ),
    Fault(
        name="every-other-pull",
        code="record-with-stray-address",
        symptom="It works, then it times out, then it works again.",
        hints=(
            "What changes from one try to the next, if no one changes anything?",
            "How many addresses does the registry's name have on the VM?",
            "Nothing uses one of the two addresses in the record.",
        ),
        plant=(plant.add_a_stray_address,),
        fix="Remove the address that nothing holds from the record.",
        solution=(private_link.ensure_records,),
        story="add-record adds: run twice with another address, it leaves both.",
    ),
    Fault(
        name="the-zone-next-door",
        code="zone-not-linked",
        symptom="client with IP '…' is not allowed access, from the VM that has a private endpoint beside it.",
        hints=(
            "Which address does the VM use? Check that before you think about tokens.",
            "The name resolves as if there were no private zone. Is there one for this network?",
            "List the zone's links and see which network each is for.",
        ),
        plant=(public_access.deny_public_access, plant.link_another_network),
        fix="Link the zone to the VM's network.",
        solution=(plant.link_own_network,),
        story="The zone was linked to a hub, or the network was recreated after the link.",
        expect="closed",
    ),
    Fault(
        name="almost-the-right-name",
        code="zone-misnamed",
        symptom="A zone group, state Succeeded, and the VM still uses the public address.",
        hints=(
            "Succeeded says that Azure accepted the request, not that it wrote anything.",
            "Which records did the zone group write? az network private-endpoint dns-zone-group list.",
            "Read the zone's name letter by letter, beside the alias that dig shows.",
        ),
        plant=(plant.rename_zone,),
        fix="Create a zone with exactly the name that clients are sent to, link it, and have records written there.",
        solution=(
            plant.remove_zone_group,
            private_link.ensure_zone,
            private_link.ensure_link,
            private_link.ensure_records,
        ),
        story="azurecr.io looks right, and so do privatelink.acr.io and the name of the other cloud.",
    ),
    Fault(
        name="the-greedy-zone",
        code="zone-in-the-way",
        symptom="Everything is as in the article, but no registry at all can be resolved any more.",
        hints=(
            "All registries: so it is not about this one. Whose answer is it?",
            "In dig's output for the missing name, which zone's SOA is in the authority section?",
            "List all private zones that are linked to the network, not only the one that you created.",
        ),
        plant=(plant.link_a_greedy_zone,),
        fix="Unlink the zone azurecr.io from the network.",
        solution=(plant.unlink_the_greedy_zone,),
        story="A colleague created a zone azurecr.io to add one record, and took over the whole domain.",
    ),
    Fault(
        name="an-answer-is-due",
        code="connection-pending",
        symptom="The endpoint is there, provisioningState Succeeded, and connections to its address time out.",
        hints=(
            "Succeeded is about creating the endpoint. What about its connection?",
            "Ask the registry, not the endpoint: az acr private-endpoint-connection list.",
            "Someone with permissions on the registry has to approve it.",
        ),
        plant=(plant.ask_by_hand,),
        fix="Approve the connection.",
        solution=(plant.approve_own,),
        story="The person who created the endpoint had no permission on the registry, so Azure made it a request.",
    ),
    Fault(
        name="shown-the-door",
        code="connection-rejected",
        symptom="It worked yesterday. Today everything resolves to the right addresses and hangs.",
        hints=(
            "Names, records and rules are as yesterday. Who else decides about this link?",
            "Look at the status of the connection on the registry's side.",
            "This state is final: approving does not bring it back.",
        ),
        plant=(plant.reject_own,),
        fix="Create a new endpoint.",
        solution=(plant.remove_own_endpoint, *AGAIN),
        story="The registry's owner cleaned up connections that no one had described.",
    ),
    Fault(
        name="gone-in-the-night",
        code="endpoint-missing",
        symptom="client with IP '…' is not allowed access, though the zone, its link and its records are all there.",
        hints=(
            "Records say where to go. Is anything there?",
            "The registry's name has no alias into the private zone any more. When does it get one?",
            "List the private endpoints of the network.",
        ),
        plant=(public_access.deny_public_access, plant.remove_own_endpoint),
        fix="Create the private endpoint, and check its addresses against the records.",
        solution=AGAIN,
        story="A clean-up removed the endpoint and left what pointed to it.",
        expect="closed",
    ),
    Fault(
        name="the-other-side-of-the-wall",
        code="endpoint-elsewhere",
        symptom="There is an endpoint, and it is approved; there are records, and they are right; but pulls time out.",
        hints=(
            "Right for whom? An address is private to a network.",
            "In which network is the endpoint's subnet, and in which is the VM?",
            "Networks that are not peered do not reach each other.",
        ),
        plant=(plant.move_endpoint_elsewhere,),
        fix="Create an endpoint in the VM's network, and write its addresses into the records.",
        solution=AGAIN,
        story="The endpoint was created in the hub, and the peering has not been created yet.",
    ),
    Fault(
        name="a-wall-of-silence",
        code="security-group-blocks-https",
        symptom="dig shows the right addresses. curl to either of them hangs until it gives up.",
        hints=(
            "Silence means dropped packets; a refusal would be quick.",
            "What is between the VM and an address in its own subnet?",
            "Read the security group's outbound rules by priority, as the network does.",
        ),
        plant=(plant.drop_https,),
        fix="Allow port 443 to the endpoint's addresses, with a rule before the one that drops it.",
        solution=(plant.let_https_pass,),
        story="A rule meant for the internet says Any, and the endpoint's addresses are any, too.",
    ),
    Fault(
        name="asking-the-wrong-people",
        code="custom-dns",
        symptom="On the VM nothing resolves, or everything resolves as from the internet. The zone is perfect.",
        hints=(
            "The zone is perfect, but who asks it?",
            "Which name server does the network give to its VMs?",
            "Only Azure's resolver, 168.63.129.16, knows private zones.",
        ),
        plant=(plant.set_custom_dns,),
        fix="Use Azure's resolver again, or forward azurecr.io to it.",
        solution=(remedies.use_azure_resolver,),
        story="The network uses the company's name servers, and no one forwards the zone.",
    ),
    Fault(
        name="written-in-stone",
        code="hosts-file-pins-name",
        symptom="dig on the VM shows the private address; docker connects to another one.",
        hints=(
            "dig asks a resolver. What do programs ask first?",
            "Try getent hosts with the name, and compare.",
            "Read /etc/hosts on the VM.",
        ),
        plant=(plant.pin_in_hosts,),
        fix="Delete the line from /etc/hosts.",
        solution=(plant.unpin,),
        story="The line was once a workaround, and outlived the problem.",
    ),
    Fault(
        name="open-and-shut",
        code="access-half-restored",
        symptom="Public access is enabled again, the portal says so, and my laptop still gets 403.",
        hints=(
            "There is a switch, and there are the settings behind it.",
            "Compare publicNetworkAccess, defaultAction and the list of rules.",
            "Disabling set the default action to Deny. Who set it back?",
        ),
        plant=(plant.disable_public_access, plant.enable_public_access),
        fix="Set the default action back to Allow.",
        solution=(remedies.allow_public_access,),
        story="az acr update --public-network-enabled false sends Deny with it; true sends nothing back.",
        expect="open",
    ),
    Fault(
        name="who-are-you",
        code="pull-right-missing",
        symptom="unauthorized: authentication required. I have run az login again, twice.",
        hints=(
            "The registry answered: the network is fine. What did it ask?",
            "Which roles has the VM's identity on the registry?",
            "Reader reads the registry's settings; pulling needs AcrPull.",
        ),
        plant=(plant.take_pull_right,),
        fix="Give the VM's identity the role AcrPull on the registry.",
        solution=(virtual_machine.allow_vm_to_pull,),
        story="The role was given to a person, or to the identity that the VM had before it was recreated.",
    ),
    Fault(
        name="the-cheap-edition",
        code="registry-not-premium",
        symptom="The endpoint can't be created, and no one remembers that there was one.",
        hints=(
            "Which of the registry's features come with its tier?",
            "az acr show --query sku.",
            "Private endpoints are a feature of Premium.",
        ),
        plant=(plant.remove_own_endpoint, plant.make_standard),
        fix="Upgrade the tier to Premium, then create the endpoint.",
        solution=(remedies.make_premium, *AGAIN),
        story="A colleague saved money by downgrading, which is possible once the last endpoint is deleted.",
    ),
    *ESTATE_FAULTS,
)

FAULTS = (
    *OF_THE_LAB,
    *hub_faults.FAULTS,
    *replica_faults.FAULTS,
    *closed_faults.FAULTS,
    *landing_zone_faults.FAULTS,
    *aks_faults.FAULTS,
)


def named(name: str) -> Fault:
    """Find a fault by its name, or the first that a finding names. Raises: ConfigurationError: there is none."""
    found = next((f for f in FAULTS if name in (f.name, f.code)), None)
    if found is None:
        raise unknown("fault", name, [f.name for f in FAULTS])
    return found
