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
            "The registry answered, so that no name and no rule is in the way. Whom does it not know?",
            "A node signs in by itself. With which identity: read the cluster's identityProfile.",
            "az role assignment list --scope REGISTRY, and look for the kubelets' principal.",
        ),
        plant=(stage.detach, stage.run_the_shop),
        fix="Give the kubelets' identity the role AcrPull on the registry.",
        solution=(stage.attach,),
        story="The cluster was created by a template, in which no one thought of az aks update --attach-acr.",
        stage=CLUSTER,
    ),
    Fault(
        name="the-other-twin",
        code="role-of-the-wrong-identity",
        symptom="401 Unauthorized in every pod of myNightCluster, and the portal shows that it may pull!",
        hints=(
            "It may pull, says the portal. Who is it?",
            "A cluster has two principals. One makes disks; which one fetches images?",
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
            "The check exchanges a token, and pulls nothing. At which of the two does a pod fail?",
            "The kubelets have AcrPull. Who decides what that counts for?",
            "az acr show --query roleAssignmentMode.",
        ),
        plant=(stage.ask_for_repositories, stage.run_the_shop),
        fix="Give the kubelets' identity the role Container Registry Repository Reader.",
        solution=(stage.let_kubelets_read,),
        story="The registry was moved to repository permissions, and --attach-acr knows AcrPull alone.",
        stage=BY_REPOSITORY,
    ),
    Fault(
        name="by-the-front-door",
        code="zone-not-linked",
        symptom="VMs pull, pods of myNightCluster don't: unexpected status from HEAD request … 403 Forbidden.",
        hints=(
            "403 comes from the registry itself, by a door that it keeps closed. By which address was it asked?",
            "A node asks the resolver of its own network. What is it told there?",
            "List the links of the zone, and look where the nodes stand: az aks show, vnetSubnetID.",
        ),
        plant=(public_access.deny_public_access, stage.unlink_the_nodes, stage.run_the_shop),
        fix="Link the zone to the nodes' network.",
        solution=(stage.link_the_nodes,),
        story="The cluster got a network of its own, and the zone's links were a task of another team.",
        expect="closed",
        stage=CLUSTER,
    ),
    Fault(
        name="a-number-out-of-service",
        code="record-missing",
        symptom="Every pod: dial tcp: lookup … on 168.63.129.16:53: no such host. On my laptop the name resolves.",
        hints=(
            "No such host is an answer. 168.63.129.16 is Azure's resolver; on whose behalf does it speak?",
            "A zone that is linked answers alone for its names. Which has it?",
            "az network private-dns record-set a list, in the hub.",
        ),
        plant=(plant.delete_all_records, stage.run_the_shop),
        fix="Write the records into the hub's zone.",
        solution=(ensure_records,),
        story="A pipeline deploys the zone anew, without what an endpoint had written into it.",
        stage=CLUSTER,
    ),
    Fault(
        name="half-a-delivery",
        code="data-record-missing",
        symptom="Pods stop late: failed to copy: httpReadSeeker: … no such host. az aks check-acr is content.",
        hints=(
            "The reference was resolved: name, sign-in and manifest are well. What comes after the manifest?",
            "Read the whole host in the message. It is not the login server's.",
            "The zone needs a record NAME.REGION.data as well.",
        ),
        plant=(plant.delete_data_record, stage.run_the_shop),
        fix="Write the record of the data endpoint.",
        solution=(ensure_records,),
        story="The records were copied by hand into a new zone, one of two.",
        stage=CLUSTER,
    ),
    Fault(
        name="the-fallen-bridge",
        code="peering-disconnected",
        symptom="Pods wait half a minute, then: dial tcp …:443: i/o timeout. On the hub's VM the same pull works.",
        hints=(
            "The name leads to the right address. Where is that address, seen from a node?",
            "Between the nodes' network and the endpoint's is one thing, which has two halves.",
            "az network vnet peering list, in both networks: read peeringState.",
        ),
        plant=(stage.delete_the_hubs_half, stage.run_the_shop),
        fix="Delete the half that was left behind, and peer both networks again.",
        solution=(stage.peer_again,),
        story="The hub was deployed again from a template that lists its peerings, without the newest one.",
        stage=CLUSTER,
    ),
    Fault(
        name="the-zealous-guard",
        code="security-group-blocks-https",
        symptom="i/o timeout in every pod since the audit, at the right address. The peering is Connected.",
        hints=(
            "Silence at the right address: what was sent is dropped. Where could that be?",
            "AKS's own group, in MC_…, drops nothing. Has the subnet of the nodes another one?",
            "az network vnet subnet show --query networkSecurityGroup, and read its outbound rules by priority.",
        ),
        plant=(stage.filter_the_nodes, stage.run_the_shop),
        fix="Let port 443 to the endpoint's addresses pass, before the rule that drops it.",
        solution=(stage.let_https_pass,),
        story="A rule was to keep networks apart, and the endpoint is in the one next door.",
        stage=CLUSTER,
    ),
    Fault(
        name="one-letter-off",
        code="pod-image-missing",
        symptom="shop hangs in ImagePullBackOff: failed to resolve reference …: not found. Other pods start.",
        hints=(
            "Not found is what the registry says, to a caller that it knows. Of what does it speak?",
            "Read what the pod asks for letter by letter: kubectl get pod shop -o yaml.",
            "Compare it with az acr repository show-tags.",
        ),
        plant=(stage.run_what_is_not_there,),
        fix="Let the pod have the tag that was pushed.",
        solution=(stage.run_the_right_image,),
        story="The release is called v1.0, and the image that was pushed for it v1.",
        stage=CLUSTER,
    ),
)

DIAGNOSES = (
    Diagnosis(
        "kubelet-right-missing",
        "The identity that the nodes pull with has no role that lets it.",
        "the kubelets' identity would have no role on the registry, nor the cluster's own",
        "wrong answer",
        (CLUSTER.name,),
    ),
    Diagnosis(
        "role-of-the-wrong-identity",
        "The role to pull is with the cluster's own identity.",
        "the role's principal would be identity.principalId of the cluster",
        "wrong answer",
        (CLUSTER.name,),
    ),
    Diagnosis(
        "kubelet-role-not-honored",
        "The registry asks for repository permissions, where the kubelets' AcrPull does not count.",
        "roleAssignmentMode would be AbacRepositoryPermissions",
        "wrong answer",
        (CLUSTER.name,),
    ),
    Diagnosis(
        "pod-image-missing",
        "The registry has no image of that name and tag.",
        "the message would end in not found, and the tag not be in the repository's list",
        "wrong answer",
        (CLUSTER.name,),
    ),
)
