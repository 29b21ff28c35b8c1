"""What a ticket's trouble may be: a diagnosis for each fault, and those worth telling apart for one ticket."""

from __future__ import annotations

from acrlab.course.practice import closed_faults, hub_faults, landing_zone_faults, replica_faults
from acrlab.course.practice.aks import faults as aks_faults
from acrlab.course.section import Diagnosis, Fault

CHOICES = 6  # for one ticket

OF_THE_LAB = (
    Diagnosis(
        "data-record-missing",
        "The zone has no record for the data endpoint.",
        "the login server's name would lead to a private address on the VM, and the data endpoint's name nowhere",
        "no such name",
    ),
    Diagnosis(
        "record-missing",
        "The zone is linked, but has no record for the registry.",
        "dig on the VM would answer NXDOMAIN for the login server, and the zone would have no A record for its name",
        "no such name",
    ),
    Diagnosis(
        "zone-in-the-way",
        "A private zone for all of azurecr.io is linked to the network.",
        "the names of other registries would not exist on the VM either",
        "no such name",
    ),
    Diagnosis(
        "custom-dns",
        "The network sends its VMs to a DNS server that does not know the zone.",
        "dhcpOptions.dnsServers of the network would not be empty",
        "no such name",
    ),
    Diagnosis(
        "zone-group-empty",
        "The zone group lost its records to another endpoint's deletion.",
        "the endpoint's zone group would list no record sets, although its zone is the right one",
        "no such name",
    ),
    Diagnosis(
        "public-name-hidden",
        "The zone hides a registry that is open and has endpoints only in other networks.",
        "the registry's only connections would be to endpoints elsewhere, and its public access would be open",
        "no such name",
    ),
    Diagnosis(
        "zone-not-linked",
        "The zone is not linked to the client's network.",
        "the client would get the public address, and none of the zone's links would name its network",
        "refused",
    ),
    Diagnosis(
        "zone-misnamed",
        "The zone's name is not the one that clients are sent to.",
        "the group would have no zone privatelink.azurecr.io",
        "refused",
    ),
    Diagnosis(
        "endpoint-missing",
        "The private endpoint was deleted, and nothing prevents you from creating it again.",
        "the registry would have no connection, and would be Premium",
        "refused",
    ),
    Diagnosis(
        "hosts-file-pins-name",
        "A line in /etc/hosts on the VM overrides what the zone says.",
        "dig and getent hosts would give two different addresses on the VM",
        "refused",
    ),
    Diagnosis(
        "access-half-restored",
        "The registry should be open again, but its default action is still Deny.",
        "publicNetworkAccess would be Enabled and defaultAction Deny, and the report would come from the internet",
        "refused",
    ),
    Diagnosis(
        "registry-not-premium",
        "The registry's tier does not support private endpoints.",
        "az acr show --query sku would not say Premium",
        "refused",
    ),
    Diagnosis(
        "record-stale",
        "The records hold addresses that the endpoint no longer has.",
        "the addresses that dig gives would not be on the endpoint's interface",
        "silence",
    ),
    Diagnosis(
        "record-with-stray-address",
        "A record has a second address, which nothing uses.",
        "dig would give two addresses for one name",
        "silence",
    ),
    Diagnosis(
        "zone-shared",
        "The endpoint of another network writes its addresses into this network's zone.",
        "the records would lead to an endpoint of the registry that is in another network, linked to the zone as well",
        "silence",
    ),
    Diagnosis(
        "connection-pending",
        "The connection waits for the registry's owner to approve it.",
        "the registry would list the connection as Pending",
        "silence",
    ),
    Diagnosis(
        "connection-rejected",
        "The registry's owner rejected the connection.",
        "the registry would list the connection as Rejected",
        "silence",
    ),
    Diagnosis(
        "endpoint-elsewhere",
        "The endpoint is in another network, which the client can't reach.",
        "the endpoint's subnet would not be in the client's network",
        "silence",
    ),
    Diagnosis(
        "security-group-blocks-https",
        "A security group drops traffic to port 443.",
        "a security group rule on the path would deny port 443",
        "silence",
    ),
    Diagnosis(
        "records-swapped",
        "Each of the two records has the other's address.",
        "each name would lead to the address that the endpoint's interface holds for the other member",
        "wrong answer",
    ),
    Diagnosis(
        "pull-right-missing",
        "The VM's identity has no role that lets it pull.",
        "the registry would answer, but the VM's identity would have no role on it",
        "wrong answer",
    ),
)
DIAGNOSES = (
    *OF_THE_LAB,
    *hub_faults.DIAGNOSES,
    *replica_faults.DIAGNOSES,
    *closed_faults.DIAGNOSES,
    *landing_zone_faults.DIAGNOSES,
    *aks_faults.DIAGNOSES,
)
BY_CODE = {one.code: one for one in DIAGNOSES}


def choices(fault: Fault) -> tuple[Diagnosis, ...]:
    """List what a ticket may be, always in the order of the table: what looks like the fault, and what comes next.

    What can be wrong on its own stage alone comes before what can be wrong on each.
    """
    right, stage = BY_CODE[fault.code], fault.stage.name
    possible = [one for one in DIAGNOSES if {"lab", stage} & {*one.stages}]
    order = sorted(possible, key=lambda one: (one.looks != right.looks, stage not in one.stages))
    chosen = {right.code, *[one.code for one in order if one is not right][: CHOICES - 1]}
    return tuple(one for one in DIAGNOSES if one.code in chosen)
