"""What goes wrong where a cluster pulls: its kubelets' role, the names that its nodes ask for, the way, the image."""

from __future__ import annotations

from acrlab.course.practice import plant
from acrlab.course.practice.aks import stage
from acrlab.course.practice.aks.stage import BY_REPOSITORY
from acrlab.course.practice.aks.stage import STAGE as CLUSTER
from acrlab.course.section import Diagnosis, Fault
from acrlab.steps import public_access
from acrlab.steps.private_link import ensure_records

FAULTS = (
    Fault(
        name="a-shop-without-a-pass",
        code="kubelet-right-missing",
        symptom="On the new cluster no pod starts: failed to fetch anonymous token … 401 Unauthorized.",
        hints=(
            "The registry answered, so no name and no rule is in the way. Whom does it not know?",
            "A node signs in by itself. With which identity: read the cluster's identityProfile.",
            "az role assignment list --scope REGISTRY, and look for the kubelets' principal.",
        ),
        plant=(stage.detach, stage.run_the_shop),
        fix="Give the kubelets' identity the role AcrPull on the registry.",
        solution=(stage.attach,),
        story="The cluster was created from a template, and no one thought of az aks update --attach-acr.",
        stage=CLUSTER,
    ),
    Fault(
        name="the-other-twin",
        code="role-of-the-wrong-identity",
        symptom="401 Unauthorized in every pod of myNightCluster, and the portal shows that it may pull!",
        hints=(
            "The portal says that it may pull. Which identity is that?",
            "A cluster has two principals. One creates disks; which one pulls images?",
            "Compare identity.principalId and identityProfile.kubeletidentity.objectId in az aks show.",
        ),
        plant=(stage.attach_the_wrong_one, stage.run_the_shop),
        fix="Give AcrPull to the kubelets' identity; the cluster's own needs none.",
        solution=(stage.attach,),
        story="A template took the output principalId, which is the cluster's own identity.",
        stage=CLUSTER,
    ),
    Fault(
        name="a-stamp-of-last-year",
        code="kubelet-role-not-honored",
        symptom="az aks check-acr: Your cluster can pull images! Its pods: HEAD … manifests/v1: 401 Unauthorized.",
        hints=(
            "The check exchanges a token, but pulls nothing. At which of the two does a pod fail?",
            "The kubelets have AcrPull. What decides whether that has an effect?",
            "az acr show --query roleAssignmentMode.",
        ),
        plant=(stage.ask_for_repositories, stage.run_the_shop),
        fix="Give the kubelets' identity the role Container Registry Repository Reader.",
        solution=(stage.let_kubelets_read,),
        story="The registry was moved to repository permissions, and --attach-acr only knows AcrPull.",
        stage=BY_REPOSITORY,
    ),
    Fault(
        name="by-the-front-door",
        code="zone-not-linked",
        symptom="VMs pull, pods of myNightCluster don't: unexpected status from HEAD request … 403 Forbidden.",
        hints=(
            "403 comes from the registry itself, from an endpoint that is closed. At which address was it asked?",
            "A node asks the resolver of its own network. What answer does it get there?",
            "List the links of the zone, and check where the nodes are: az aks show, vnetSubnetID.",
        ),
        plant=(public_access.deny_public_access, stage.unlink_the_nodes, stage.run_the_shop),
        fix="Link the zone to the nodes' network.",
        solution=(stage.link_the_nodes,),
        story="The cluster got its own network, and the zone's links were another team's job.",
        expect="closed",
        stage=CLUSTER,
    ),
    Fault(
        name="a-number-out-of-service",
        code="record-missing",
        symptom="Every pod: dial tcp: lookup … on 168.63.129.16:53: no such host. On my laptop the name resolves.",
        hints=(
            "No such host is an answer. 168.63.129.16 is Azure's resolver; on whose behalf does it speak?",
            "A linked zone is the only one asked for its names. Which names does it have?",
            "az network private-dns record-set a list, in the hub.",
        ),
        plant=(plant.delete_all_records, stage.run_the_shop),
        fix="Write the records into the hub's zone.",
        solution=(ensure_records,),
        story="A pipeline redeploys the zone, without the records that an endpoint had written into it.",
        stage=CLUSTER,
    ),
    Fault(
        name="half-a-delivery",
        code="data-record-missing",
        symptom="Pods stop late: failed to copy: httpReadSeeker: … no such host. az aks check-acr finds nothing.",
        hints=(
            "The reference was resolved: name, sign-in and manifest are fine. What comes after the manifest?",
            "Read the whole host in the message. It is not the login server's.",
            "The zone needs a record NAME.REGION.data as well.",
        ),
        plant=(plant.delete_data_record, stage.run_the_shop),
        fix="Write the record of the data endpoint.",
        solution=(ensure_records,),
        story="One of the two records was copied by hand into a new zone, the other was not.",
        stage=CLUSTER,
    ),
    Fault(
        name="the-fallen-bridge",
        code="peering-disconnected",
        symptom="Pods wait half a minute, then: dial tcp …:443: i/o timeout. On the hub's VM the same pull works.",
        hints=(
            "The name leads to the right address. Where is that address, seen from a node?",
            "What connects the nodes' network and the endpoint's has two halves.",
            "az network vnet peering list, in both networks: read peeringState.",
        ),
        plant=(stage.delete_the_hubs_half, stage.run_the_shop),
        fix="Delete the half that was left behind, and peer both networks again.",
        solution=(stage.peer_again,),
        story="The hub was redeployed from a template that lists its peerings, without the newest one.",
        stage=CLUSTER,
    ),
    Fault(
        name="the-zealous-guard",
        code="security-group-blocks-https",
        symptom="i/o timeout in every pod since the audit, at the right address. The peering is Connected.",
        hints=(
            "Silence at the right address: packets are dropped. Where could that be?",
            "AKS's own group, in MC_…, drops nothing. Does the nodes' subnet have another one?",
            "az network vnet subnet show --query networkSecurityGroup, and read its outbound rules by priority.",
        ),
        plant=(stage.filter_the_nodes, stage.run_the_shop),
        fix="Allow port 443 to the endpoint's addresses, with a rule before the one that drops it.",
        solution=(stage.let_https_pass,),
        story="A rule was meant to keep networks apart, and the endpoint is in the one next door.",
        stage=CLUSTER,
    ),
    Fault(
        name="one-letter-off",
        code="pod-image-missing",
        symptom="shop hangs in ImagePullBackOff: failed to resolve reference …: not found. Other pods start.",
        hints=(
            "Not found is what the registry says to a caller that it knows. What can it not find?",
            "Read what the pod asks for letter by letter: kubectl get pod shop -o yaml.",
            "Compare it with az acr repository show-tags.",
        ),
        plant=(stage.run_what_is_not_there,),
        fix="Give the pod the tag that was pushed.",
        solution=(stage.run_the_right_image,),
        story="The release is called v1.0, but the image was pushed as v1.",
        stage=CLUSTER,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "kubelet-right-missing",
        "The identity that the nodes pull with has no role that lets it pull.",
        "neither the kubelets' identity nor the cluster's own would have a role on the registry",
        "wrong answer",
        (CLUSTER.name,),
    ),
    Diagnosis(
        "role-of-the-wrong-identity",
        "The role to pull was given to the cluster's own identity.",
        "the role's principal would be identity.principalId of the cluster",
        "wrong answer",
        (CLUSTER.name,),
    ),
    Diagnosis(
        "kubelet-role-not-honored",
        "The registry uses repository permissions, where the kubelets' AcrPull has no effect.",
        "roleAssignmentMode would be AbacRepositoryPermissions",
        "wrong answer",
        (CLUSTER.name,),
    ),
    Diagnosis(
        "pod-image-missing",
        "The registry has no image of that name and tag.",
        "the message would end in not found, and the tag would not be in the repository's list",
        "wrong answer",
        (CLUSTER.name,),
    ),
)
