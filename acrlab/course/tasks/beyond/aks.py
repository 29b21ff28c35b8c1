"""Chapter 16: a cluster's nodes may pull, find the registry by its private names, and run what they pulled."""

from __future__ import annotations

import json

from acrlab import steps
from acrlab.azure.cloud import label_of
from acrlab.course.section import Seen
from acrlab.course.tasks.beyond.replicas import record_of_others
from acrlab.course.tasks.private_link import link_of_others, zone_of_others
from acrlab.course.tasks.registry import registry_is_there, registry_of_others
from acrlab.course.tasks.task import Task, of_others
from acrlab.lab.azure_errors import find
from acrlab.lab.lab import Lab

AKS, NETWORK = "Microsoft.ContainerService/managedClusters", "Microsoft.Network/privateDnsZones"
RUN = f"{AKS}/runCommand/action"
WEB, CLUSTER_NAME = "web", "myAKSCluster"
NO_CLUSTER = "the chapter was not run from its top"


# -- solutions ---------------------------------------------------------------------------------------------------------


def attach_cluster(lab: Lab) -> None:
    """The principal is the kubelets' identity, from the cluster's identityProfile, and not the cluster's own."""
    import uuid

    from acrlab.steps.beyond import aks

    cluster = aks.find_cluster(lab)
    assert cluster is not None
    roles = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"AcrPull for {cluster.kubelet}")
    id = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/{name}"
    assignment = {
        "roleDefinitionId": f"{roles}/7f951dda-4ed3-4680-a7ca-43fe172d538d",  # AcrPull
        "principalId": cluster.kubelet,
        "principalType": "ServicePrincipal",
    }
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(id, api_version="2022-04-01", parameters={"properties": assignment}).result()


def link_nodes_network(lab: Lab) -> None:
    """It is the link of chapter 03: nodes ask the resolver of their network, as every VM in it does."""
    settings = lab.settings
    network = lab.network.virtual_networks.get(settings.resource_group, settings.network_name)
    properties = {"virtualNetwork": {"id": network.id}, "registrationEnabled": False}
    link = {"location": "global", "tags": steps.tags_of(lab), "properties": properties}
    names = (settings.resource_group, settings.zone_name, settings.link_name)
    lab.dns.virtual_network_links.begin_create_or_update(*names, link).result()


def write_login_record(lab: Lab) -> None:
    """The address is the endpoint's own, for the interface's member `registry`."""
    address = steps.endpoint_addresses(lab)[lab.login_server]
    name = lab.login_server.removesuffix(f".{lab.settings.cloud.registry_suffix}")
    own = {"ttl": 60, "aRecords": [{"ipv4Address": address}], "metadata": steps.tags_of(lab)}
    record = {"properties": own}
    lab.dns.record_sets.create_or_update(lab.settings.resource_group, lab.settings.zone_name, "A", name, record)


def run_two_pods(lab: Lab) -> None:
    """A deployment keeps as many pods running as it is told to; their image has to be in your registry first."""
    import json

    from acrlab.steps.beyond import aks

    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "oss/kubernetes/pause:3.9"}
    body = {"source": source, "targetTags": ["pause:3.9"], "mode": "Force"}
    names = (lab.settings.resource_group, lab.settings.registry_name)
    lab.registry.registries.begin_import_image(*names, body).result()
    pod = {"containers": [{"name": "web", "image": f"{lab.login_server}/pause:3.9"}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    aks.invoke(lab, f"kubectl apply -f - <<'END'\n{json.dumps(deployment)}\nEND")


# -- what Azure shows --------------------------------------------------------------------------------------------------


def _may_pull(lab: Lab) -> Seen:
    from acrlab.steps.beyond import aks

    cluster = aks.find_cluster(lab)
    if cluster is None:
        return Seen(False, f"no cluster {aks.NAME}", NO_CLUSTER, "run the chapter from its top", ready=False)
    roles = aks.kubelet_roles(lab, cluster.kubelet)
    shown = f"the kubelets' roles on the registry are {', '.join(roles) or 'none'}"
    if {"AcrPull", "AcrPush"} & {*roles}:
        return Seen(True, shown)
    if {"AcrPull", "AcrPush"} & {*aks.kubelet_roles(lab, cluster.identity)}:
        return Seen(False, shown, "the cluster's own identity was given the role", "give it to identityProfile's")
    return Seen(False, shown, "no role was assigned, or on another resource", "the scope is the registry's id")


def _is_linked(lab: Lab) -> Seen:
    group, zone = lab.settings.resource_group, lab.settings.zone_name
    links = find(lambda: list(lab.dns.virtual_network_links.list(group, zone)))
    if links is None:
        return Seen(False, f"no zone {zone}", NO_CLUSTER)
    there = [str(one.properties.virtual_network.id).rpartition("/")[2] for one in links if one.properties]
    shown = f"the zone is linked to {', '.join(there) or 'nothing'}"
    if lab.settings.network_name in there:
        return Seen(True, shown)
    return Seen(False, shown, "the nodes' network is not among them", "the nodes are in the VM's network")


def _record_is_right(lab: Lab) -> Seen:
    group, zone, name = lab.settings.resource_group, lab.settings.zone_name, label_of(lab.login_server)
    if find(lambda: lab.network.private_endpoints.get(group, lab.settings.endpoint_name)) is None:
        return Seen(False, f"no endpoint {lab.settings.endpoint_name}", NO_CLUSTER, "run the chapter from its top")
    wanted = steps.endpoint_addresses(lab).get(lab.login_server, "")
    record = find(lambda: lab.dns.record_sets.get(group, zone, "A", name))
    held = [one.ipv4_address for one in (record.properties.a_records or [])] if record and record.properties else []
    shown = f"the record {name} has {', '.join(map(str, held)) or 'no address'}"
    if wanted and held == [wanted]:
        return Seen(True, shown)
    return Seen(False, shown, f"the endpoint holds {wanted} for it", "acrlab.endpoint_addresses(lab) has the address")


def _two_run(lab: Lab) -> Seen:
    from acrlab.steps.beyond import aks

    if aks.find_cluster(lab) is None:
        return Seen(False, f"no cluster {aks.NAME}", NO_CLUSTER, "run the chapter from its top", ready=False)
    found = aks.invoke(lab, f"kubectl get deployment {WEB} -o json", check=False)
    if found.exit_code:
        return Seen(False, f"no deployment {WEB}", "it was not applied, or has another name", "kubectl apply")
    told = json.loads(found.stdout)
    image = str(told["spec"]["template"]["spec"]["containers"][0]["image"])
    ready = int(told["status"].get("readyReplicas", 0))
    shown = f"{ready} of {told['spec']['replicas']} pods of {WEB} run {image}"
    if ready >= 2 and image.startswith(f"{lab.login_server}/"):
        return Seen(True, shown)
    cause = "the image is not there yet, or is another registry's" if ready < 2 else "it is another registry's image"
    return Seen(False, shown, cause, "kubectl describe pod says what the kubelet is waiting for; then check again")


def _registry_or_cluster_of_others(lab: Lab) -> str | None:
    return registry_of_others(lab) or of_others(lab, lab.id_of(AKS, CLUSTER_NAME))


def _zone_or_link_of_others(lab: Lab) -> str | None:
    return zone_of_others(lab) or link_of_others(lab)


# -- taking back -------------------------------------------------------------------------------------------------------


def _let_go(lab: Lab) -> None:
    from acrlab.steps.beyond import aks

    if registry_is_there(lab):
        aks.detach(lab)


def _stop_web(lab: Lab) -> None:
    from acrlab.steps.beyond import aks

    if aks.find_cluster(lab) is not None:
        aks.invoke(lab, f"kubectl delete deployment {WEB}", check=False)


TASKS = (
    Task(
        name="attach-cluster",
        chapter="16",
        goal="Give the identity that the nodes pull with the role *AcrPull* on the registry.",
        expected="AcrPull on {registry_name} for the kubelets of myAKSCluster",
        look=_may_pull,
        hints=(
            "It is the role assignment of chapter 02, with another principal.",
            "`aks.find_cluster(lab).kubelet` is the principal; `az aks update --attach-acr` finds it by itself.",
        ),
        solution=attach_cluster,
        az="az aks update --resource-group {resource_group} --name myAKSCluster --attach-acr {registry_name}",
        rights=("Microsoft.Authorization/roleAssignments/write",),
        undo=_let_go,
        undone="the role AcrPull of the kubelets on {registry_name}",
        foreign=_registry_or_cluster_of_others,
    ),
    Task(
        name="nodes-link",
        chapter="16",
        goal="Link the private zone to the nodes' network again.",
        expected="a link of {zone_name} to {network_name}",
        look=_is_linked,
        hints=(
            "It is what you did in chapter 03: the nodes are in the same network as the VM.",
            "`lab.dns.virtual_network_links.begin_create_or_update`, with the network's id.",
        ),
        solution=link_nodes_network,
        az="""\
az network private-dns link vnet create --resource-group {resource_group} --zone-name {zone_name} \\
    --name {link_name} --virtual-network {network_name} --registration-enabled false --tags acrlab={registry_name}""",
        rights=(f"{NETWORK}/virtualNetworkLinks/write",),
        foreign=_zone_or_link_of_others,
    ),
    Task(
        name="nodes-record",
        chapter="16",
        goal="Write the registry's record again, with the address that the endpoint holds for it.",
        expected="a record {registry_name} in {zone_name} with the endpoint's address",
        look=_record_is_right,
        hints=(
            "One record is missing, that of the login server.",
            "`lab.dns.record_sets.create_or_update`; `acrlab.endpoint_addresses(lab)` has the address.",
        ),
        solution=write_login_record,
        az="""\
address=$(az network private-endpoint show --resource-group {resource_group} --name {endpoint_name} \\
    --query "networkInterfaces[0].id" --output tsv | xargs -I ID az network nic show --ids ID --output tsv --query \\
    "ipConfigurations[?privateLinkConnectionProperties.requiredMemberName=='registry'].privateIPAddress")
az network private-dns record-set a create --resource-group {resource_group} --zone-name {zone_name} \\
    --name {registry_name} --ttl 60 --metadata acrlab={registry_name}
az network private-dns record-set a add-record --resource-group {resource_group} --zone-name {zone_name} \\
    --record-set-name {registry_name} --ipv4-address $address""",
        rights=(f"{NETWORK}/A/write",),
        foreign=lambda lab: zone_of_others(lab) or record_of_others(lab, lab.login_server),
    ),
    Task(
        name="running-pods",
        chapter="16",
        goal="Import `pause:3.9` into your registry, and run two pods of it in a deployment named `web`.",
        expected="2 pods of the deployment web that run {login_server}/pause:3.9",
        look=_two_run,
        hints=(
            "First the image: `mcr.microsoft.com/oss/kubernetes/pause:3.9` becomes your `pause:3.9`.",
            '`begin_import_image`, then `aks.invoke(lab, "kubectl apply -f - <<END …")`.',
        ),
        solution=run_two_pods,
        az="""\
az acr import --name {registry_name} --source mcr.microsoft.com/oss/kubernetes/pause:3.9 --image pause:3.9 --force
cat > web.yaml <<END
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - {{name: web, image: "{login_server}/pause:3.9"}}
END
az aks command invoke --resource-group {resource_group} --name myAKSCluster --file web.yaml \\
    --command "kubectl apply -f web.yaml\"""",
        rights=("Microsoft.ContainerRegistry/registries/importImage/action", RUN),
        undo=_stop_web,
        undone="the deployment web of myAKSCluster",
        foreign=_registry_or_cluster_of_others,
    ),
)
