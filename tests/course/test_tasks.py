"""Each task: done by the learner in her own words, hinted at, shown, taken back; and who did it is told truly."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

import acrlab
from acrlab.course import attempt, marks
from acrlab.course.lookup import sections_of
from acrlab.course.practice import plant
from acrlab.course.sections import SECTIONS
from acrlab.course.tasks.table import BY_NAME, TASKS
from acrlab.errors import ConfigurationError, RefusedError, UnfinishedError
from acrlab.settings import Settings
from acrlab.settings.environment import someone_in_front
from acrlab.steps.beyond import aks, closed, hub, replicas


def mark(lab, name):
    return marks.read(lab)[name].told if name in marks.read(lab) else ""


def begin(lab, chapter):
    """Bring a lab to where the first task of a chapter is set."""
    if chapter == "01":
        acrlab.bring_to(lab, "sample-image")
    if chapter == "02":
        acrlab.bring_to(lab, "sample-image", "pull-right")
    if chapter == "03":
        acrlab.bring_to(lab, "sample-image", "pull-right", "endpoint")
    if chapter == "04":
        acrlab.bring_to(lab, "registry", "subnet-policies")
        acrlab.ensure_manual_endpoint(lab)
    if chapter == "05":
        acrlab.bring_to(lab, "registry")
        acrlab.steps.ensure_portal_endpoint(lab)
    if chapter == "06":
        acrlab.bring_to(lab, "sample-image", "pull-right", "records", "public-access-denied")
    if chapter == "07":
        acrlab.bring_to(lab, "sample-image", "public-access-denied")
    if chapter == "08":
        acrlab.bring_to(lab, "records")
    if chapter == "09":
        acrlab.bring_to(lab, "sample-image", "pull-right", "records")
        plant.delete_data_record(lab)
        deny_layers(lab)
    if chapter == "10":
        acrlab.bring_to(lab, "public-access-denied")
    if chapter == "12":
        acrlab.bring_to(lab, "network", "zone")
    if chapter == "13":
        acrlab.bring_to(lab, "records")
        replicas.ensure_replica(lab, "eastus")
    if chapter == "14":
        acrlab.bring_to(lab, "sample-image", "pull-right", "records", "public-access-denied")
        begin_hub(lab)
    if chapter == "15":
        acrlab.bring_to(lab, "sample-image", "pull-right", "records")
    if chapter == "16":
        acrlab.bring_to(lab, "sample-image", "dns-records", "public-access-denied")
        aks.ensure_cluster(lab)


def begin_hub(lab):
    """A spoke, and the hub's half of the peering with it."""
    hub.ensure_client(hub.spoke(lab))
    hub.make_half(lab, hub.spoke(lab))


def deny_layers(lab):
    """A colleague's rule."""
    rule = {"priority": 200, "direction": "Outbound", "access": "Deny", "protocol": "Tcp", "sourcePortRange": "*"}
    rule |= {"sourceAddressPrefix": "*", "destinationAddressPrefix": "10.0.0.5", "destinationPortRange": "443"}
    names = ("myResourceGroup", "myDockerVMNSG", "NoDataEndpoint")
    lab.network.security_rules.begin_create_or_update(*names, {"properties": rule}).result()


def allow_layers(lab):
    names = ("myResourceGroup", "myDockerVMNSG", "NoDataEndpoint")
    rule = lab.network.security_rules.get(*names)
    rule.priority, rule.access, rule.destination_address_prefix = 100, "Allow", "*"
    lab.network.security_rules.begin_create_or_update(*names[:2], "Mine", rule).result()


def write_data_record(lab):
    record = {"properties": {"ttl": 300, "aRecords": [{"ipv4Address": "10.0.0.5"}]}}
    names = ("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42.westus.data")
    lab.dns.record_sets.create_or_update(*names, record)


def let_it_read(lab):
    vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    path = f"{lab.group_id()}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000002"
    role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    properties = {"roleDefinitionId": role, "principalId": vm.identity.principal_id}
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(path, api_version="2022-04-01", parameters={"properties": properties}).result()


def let_outside_in(lab):
    registry = lab.registry.registries.get("myResourceGroup", "contoso42")
    rules = registry.properties.network_rule_set
    rules.ip_rules = [{"action": "Allow", "value": "198.51.100.20"}]
    update = {"properties": {"networkRuleSet": rules}}
    lab.registry.registries.begin_update("myResourceGroup", "contoso42", update).result()


def their_network(lab):
    body = {"location": "westus", "tags": {"team": "another", "cost": "12"}}
    body["properties"] = {"addressSpace": {"addressPrefixes": ["10.77.0.0/24"]}}
    lab.network.virtual_networks.begin_create_or_update("myResourceGroup", "somebodyElsesVNET", body).result()


def lead_up_to(lab, task):
    """Do what a chapter itself does between its tasks."""
    if task.name == "registry-roles":
        closed.set_role_mode(lab, closed.ABAC)
    if task.name == "nodes-link":
        acrlab.reset(lab, "zone-link")
    if task.name == "nodes-record":
        lab.dns.record_sets.delete(*LOGIN)
    if task.name == "data-record":
        zone = lab.id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
        acrlab.steps.write_record(lab, zone, "contoso42", "10.0.0.6")
        acrlab.steps.try_on_vm(lab)  # which takes away what chapter 02 has pulled
    if task.name == "regional-record":
        replicas.ensure_regional_endpoints(lab)
    if task.name == "room-again":
        replicas.remove_regional_endpoints(lab)
        replicas.ensure_tight_endpoint(lab)
    if task.name == "spoke-dns":
        hub.unlink(hub.spoke(lab))
        hub.ensure_forwarder(lab, "168.63.129.16")
    if task.name == "ruleset-link":
        hub.ask(hub.spoke(lab))
        hub.ensure_ruleset(lab, hub.ensure_resolver(lab))


def import_v2(lab):
    names = (lab.settings.resource_group, lab.settings.registry_name)
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    lab.registry.registries.begin_import_image(*names, {"source": source, "targetTags": ["hello-world:v2"]}).result()


def give_role(lab):
    vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    path = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001"
    role = "/providers/Microsoft.Authorization/roleDefinitions/8311e382-0749-4cb8-b61a-304f252e45ec"
    properties = {"roleDefinitionId": role, "principalId": vm.identity.principal_id}
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(path, api_version="2022-04-01", parameters={"properties": properties}).result()


def take_role(lab):
    path = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001"
    lab.resources.resources.begin_delete_by_id(path, api_version="2022-04-01").result()


def tag_group(lab):
    lab.resources.resource_groups.update(
        "myResourceGroup", {"tags": {"acrlab": "contoso42", "purpose": "private-link"}}
    )


def pull(lab):
    server = "contoso42.azurecr.io"
    acrlab.run_on_vm(lab, "az login --identity", "az acr login -n contoso42")
    acrlab.run_on_vm(lab, f"sudo docker pull {server}/hello-world:v1")


def answer(approve):
    def decide(lab):
        decide = acrlab.steps.approve if approve else acrlab.steps.reject
        decide(lab, acrlab.steps.connection_of(lab, "myManualEndpoint"))

    return decide


def zone_group_again(lab):
    names = ("myPortalResourceGroup", "myPortalEndpoint", "default")
    group = lab.network.private_dns_zone_groups.get(*names)
    lab.network.private_dns_zone_groups.begin_create_or_update(*names, group).result()


def give_one_repository(lab):
    vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
    path = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000003"
    role = "/providers/Microsoft.Authorization/roleDefinitions/b93aa761-3e63-49ed-ac28-beffa264f7ac"
    condition = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals 'hello-world'"
    properties = {"roleDefinitionId": role, "principalId": vm.identity.principal_id, "condition": condition}
    by_id = lab.resources.resources
    by_id.begin_create_or_update_by_id(path, api_version="2022-04-01", parameters={"properties": properties}).result()


TAGS = {"acrlab": "contoso42", "purpose": "private-link"}
IN_THE_ZONE = ("myResourceGroup", "privatelink.azurecr.io")
DATA, LOGIN = (*IN_THE_ZONE, "A", "contoso42.westus.data"), (*IN_THE_ZONE, "A", "contoso42")


def make_zone(lab):
    lab.dns.private_zones.begin_create_or_update(*IN_THE_ZONE, {"location": "global", "tags": TAGS}).result()


def make_link(lab):
    network = {"id": lab.id_of("Microsoft.Network/virtualNetworks", "myDockerVMVNET")}
    link = {"location": "global", "tags": TAGS, "properties": {"virtualNetwork": network}}
    lab.dns.virtual_network_links.begin_create_or_update(*IN_THE_ZONE, "MyDNSLink", link).result()


def write_into_zone(name, address):
    def write(lab):
        record = {"properties": {"ttl": 300, "aRecords": [{"ipv4Address": address}]}}
        lab.dns.record_sets.create_or_update(*IN_THE_ZONE, "A", name, record)

    return write


def make_zone_group(lab):
    endpoint = lab.id_of("Microsoft.Network/privateEndpoints", "myPrivateEndpoint")
    zone = lab.id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
    acrlab.remedies.write_records_by_group(lab, endpoint, zone, "mine")


def write_record(ttl, address="10.0.0.5"):
    def write(lab):
        record = {"ttl": ttl, "aRecords": [{"ipv4Address": address}]}
        lab.dns.record_sets.create_or_update(*DATA, {"properties": record})

    return write


def write_evidence(lab):
    server = "contoso42.azurecr.io"
    acrlab.run_on_vm(lab, f"curl -sI https://{server}/v2/ | head -n 1 > /srv/evidence")
    acrlab.run_on_vm(lab, f"dig +short {server} | tail -n 1 >> /srv/evidence")


def change_access(**properties):
    return lambda lab: lab.registry.registries.begin_update(
        "myResourceGroup", "contoso42", {"properties": properties}
    ).result()


def peer_both(lab):
    hub.ensure_peering(lab, hub.spoke(lab))


def write_login(lab):
    record = {"ttl": 300, "aRecords": [{"ipv4Address": acrlab.endpoint_addresses(lab)["contoso42.azurecr.io"]}]}
    lab.dns.record_sets.create_or_update(*LOGIN, {"properties": record})


def run_two(lab):
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "oss/kubernetes/pause:3.9"}
    names = (lab.settings.resource_group, lab.settings.registry_name)
    lab.registry.registries.begin_import_image(*names, {"source": source, "targetTags": ["pause:3.9"]}).result()
    lines = (
        *("apiVersion: apps/v1", "kind: Deployment", "metadata: {name: web}", "spec:", "  replicas: 2"),
        *("  selector: {matchLabels: {a: b}}", "  template:", "    metadata: {labels: {a: b}}", "    spec:"),
        *("      containers:", "      - {name: web, image: contoso42.azurecr.io/pause:3.9}"),
    )
    aks.invoke(lab, "\n".join(("cat > web.yaml <<END", *lines, "END", "kubectl apply -f web.yaml")))


# What a learner might type, which is not the solution's code.
HER_OWN = {
    "group-tag": tag_group,
    "second-tag": import_v2,
    "deleted-tag": lambda lab: lab.content.delete_tag("hello-world", "v2"),
    "vm-pull": pull,
    "push-right": give_role,
    "least-privilege": take_role,
    "own-zone": make_zone,
    "own-link": make_link,
    "data-record": write_record(60),
    "private-pull": pull,
    "longer-ttl": write_record(300),
    "approval": answer(approve=True),
    "rejection": answer(approve=False),
    "useless-endpoint": acrlab.steps.remove_manual_endpoint,
    "lost-record": lambda lab: lab.dns.record_sets.delete(
        "myPortalResourceGroup", "privatelink.azurecr.io", "A", "contoso42.westus.data"
    ),
    "zone-group": zone_group_again,
    "portal-deleted": lambda lab: lab.resources.resource_groups.begin_delete("myPortalResourceGroup").result(),
    "evidence": write_evidence,
    "one-address": change_access(
        networkRuleSet={"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24", "action": "Allow"}]}
    ),
    "no-address": change_access(networkRuleSet={"defaultAction": "Deny", "ipRules": []}),
    "access-disabled": change_access(publicNetworkAccess="Disabled"),
    "access-enabled": change_access(publicNetworkAccess="Enabled"),
    "access-allowed": change_access(networkRuleSet={"defaultAction": "Allow"}),
    "unlinked-zone": lambda lab: lab.dns.virtual_network_links.begin_delete(
        "myResourceGroup", "privatelink.azurecr.io", "MyDNSLink"
    ).result(),
    "deleted-zone": lambda lab: lab.dns.private_zones.begin_delete(
        "myResourceGroup", "privatelink.azurecr.io"
    ).result(),
    "deleted-endpoint": lambda lab: lab.network.private_endpoints.begin_delete(
        "myResourceGroup", "myPrivateEndpoint"
    ).result(),
    "missing-record": write_data_record,
    "reader-role": let_it_read,
    "https-rule": allow_layers,
    "ip-rule": let_outside_in,
    "attach-cluster": aks.attach,
    "nodes-link": make_link,
    "nodes-record": write_login,
    "running-pods": run_two,
    "colleague-network": their_network,
    "tag-admitted": change_access(
        publicNetworkAccess="Enabled",
        networkRuleSet={
            "defaultAction": "Deny",
            "ipRules": [{"value": tag} for tag in ("192.0.2.64/32", "192.0.2.128/32", "198.51.100.128/31")],
        },
    ),
    "tasks-pass": change_access(networkRuleBypassAllowedForTasks=True),
    "one-repository": give_one_repository,
    "registry-roles": change_access(roleAssignmentMode="LegacyRegistryPermissions"),
    "colleague-gone": lambda lab: lab.network.virtual_networks.begin_delete(
        "myResourceGroup", "somebodyElsesVNET"
    ).result(),
    "replica-record": write_into_zone("contoso42.eastus.data", "10.0.0.7"),
    "regional-record": write_into_zone("contoso42.westus.geo", "10.0.0.8"),
    "followed-by-group": make_zone_group,
    "room-again": lambda lab: replicas.remove_tight_endpoint(lab),
    "one-region-again": lambda lab: replicas.remove_replica(lab, "eastus"),
    "second-half": peer_both,
    "spoke-link": lambda lab: acrlab.ensure_link(hub.spoke(lab)),
    "spoke-dns": lambda lab: hub.ask(hub.spoke(lab), acrlab.steps.vm_addresses(lab).private),
    "ruleset-link": lambda lab: hub.ensure_ruleset_link(lab, hub.spoke(lab)),
}
CHAPTERS = sorted({task.chapter for task in TASKS})


def of_chapter(chapter):
    return [task for task in TASKS if task.chapter == chapter]


@pytest.fixture
def waiting(lab, monkeypatch):
    """A lab whose reader does the tasks."""
    monkeypatch.setattr(lab, "settings", lab.settings.model_copy(update={"hands_on": "on"}))
    return lab


@pytest.mark.table
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_learner_who_does_each_task_in_her_own_words_has_done_them(waiting, chapter):
    begin(waiting, chapter)

    for task in of_chapter(chapter):
        lead_up_to(waiting, task)
        with pytest.raises(UnfinishedError) as caught:
            acrlab.check(waiting, task.name)
        assert caught.value.task == task.name
        assert str(caught.value).startswith(task.goal)
        assert "\n" not in str(caught.value)
        HER_OWN[task.name](waiting)
        assert acrlab.check(waiting, task.name).done

    assert [mark(waiting, task.name) for task in of_chapter(chapter)] == ["done"] * len(of_chapter(chapter))


@pytest.mark.table
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_learner_who_takes_hints_and_looks_at_solutions_is_told_so(waiting, chapter):
    begin(waiting, chapter)
    hinted, *shown = of_chapter(chapter)

    first, second = acrlab.hint(waiting, hinted.name), acrlab.hint(waiting, hinted.name)
    HER_OWN[hinted.name](waiting)
    acrlab.check(waiting, hinted.name)
    for task in shown:
        lead_up_to(waiting, task)
        assert acrlab.solve(waiting, task.name).done
        assert acrlab.check(waiting, task.name).done, "a check after the solution goes on, and credits nothing"

    assert (first, second) == tuple(f"Hint {n} of 2: {text}" for n, text in enumerate(hinted.hints, 1))
    assert mark(waiting, hinted.name) == "with hints"
    assert [mark(waiting, task.name) for task in shown] == ["shown"] * len(shown)


@pytest.mark.table
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_where_no_one_sits_in_front_a_check_does_the_task_and_shows_the_code_that_it_ran(lab, chapter):
    begin(lab, chapter)

    for task in of_chapter(chapter):
        lead_up_to(lab, task)
        shown = acrlab.check(lab, task.name)

        assert shown.done
        assert unescape(shown._repr_html_()).count(task.code) == 1
        assert task.code.splitlines()[-1] in repr(shown)
        assert repr(shown).splitlines()[-1].startswith(f"✓ {task.name}: ")
        assert mark(lab, task.name) == "shown"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_code_that_is_shown_runs_as_it_would_be_typed(lab, chapter):
    begin(lab, chapter)

    for task in of_chapter(chapter):
        lead_up_to(lab, task)
        exec(task.code, {"acrlab": acrlab, "lab": lab, "settings": lab.settings})
        assert acrlab.check(lab, task.name).done
        assert mark(lab, task.name) == "done"


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_nothing_is_done_in_an_empty_world(lab, task):
    verdict = acrlab.verify(lab, task.name)

    assert not verdict.done or task.name == "portal-deleted"
    assert verdict.done or (verdict.seen and verdict.cause and verdict.next)


def test_a_check_that_does_the_task_looks_before_it_and_after_it_and_no_more(lab, monkeypatch):
    begin(lab, "02")
    looks = []
    task = BY_NAME["vm-pull"]

    def look(lab):
        looks.append(lab)
        return task.look(lab)

    shown = attempt.check(lab, replace(task, look=look))

    assert shown.done
    assert len(looks) == 2


def test_a_reset_takes_the_task_back_and_its_mark_with_it(waiting):
    begin(waiting, "01")
    acrlab.hint(waiting, "second-tag")
    acrlab.solve(waiting, "second-tag")

    assert not acrlab.reset(waiting, "second-tag").done
    assert mark(waiting, "second-tag") == ""

    import_v2(waiting)
    acrlab.check(waiting, "second-tag")
    assert mark(waiting, "second-tag") == "done"


def test_a_solution_that_is_looked_at_afterwards_leaves_the_mark(waiting):
    begin(waiting, "01")
    import_v2(waiting)
    acrlab.check(waiting, "second-tag")

    shown = acrlab.solve(waiting, "second-tag")
    acrlab.hint(waiting, "second-tag")

    assert "begin_import_image" in repr(shown)
    assert mark(waiting, "second-tag") == "done"


def test_marks_survive_a_restart_in_the_middle_and_the_next_task_waits(waiting):
    begin(waiting, "01")
    tag_group(waiting)
    acrlab.check(waiting, "group-tag")

    again = acrlab.connect(waiting.settings)
    try:
        assert mark(again, "group-tag") == "done"
        with pytest.raises(UnfinishedError):
            acrlab.check(again, "second-tag")
    finally:
        again.close()


def test_progress_tells_of_each_chapter_who_did_its_tasks(waiting):
    begin(waiting, "01")
    tag_group(waiting)
    acrlab.check(waiting, "group-tag")
    acrlab.hint(waiting, "second-tag")
    import_v2(waiting)
    acrlab.check(waiting, "second-tag")
    acrlab.solve(waiting, "deleted-tag")

    rows = {row[0].strip(): row[1] for row in acrlab.progress(waiting).rows}

    assert rows["chapter 01"] == "3 of 3: 1 done, 1 with hints, 1 shown"
    assert (rows["group-tag"], rows["second-tag"], rows["deleted-tag"]) == ("done", "with hints", "shown")
    assert rows["chapter 02"] == "0 of 3"


def test_a_learner_who_comes_back_is_told_where_to_go_on(waiting):
    assert acrlab.tables.where_you_are(waiting).caption == "Begin with chapter 01"

    begin(waiting, "01")
    acrlab.solve(waiting, "second-tag")
    there = acrlab.tables.where_you_are(waiting)
    assert there.caption == f"Continue in chapter 01: {BY_NAME['group-tag'].goal}"
    assert dict(there.rows)["01"] == "1 of 3: 1 shown"

    tag_group(waiting)
    acrlab.check(waiting, "group-tag")
    acrlab.hint(waiting, "approval")
    there = acrlab.tables.where_you_are(waiting)
    assert there.caption == f"Continue in chapter 04: {BY_NAME['approval'].goal}"
    assert dict(there.rows)["01"] == "2 of 3: 1 done, 1 shown"
    assert dict(there.rows)["04"] == "0 of 3"


def test_tags_that_replaced_the_lab_s_own_are_named(waiting):
    begin(waiting, "01")
    waiting.resources.resource_groups.update("myResourceGroup", {"tags": {"purpose": "private-link"}})

    verdict = acrlab.verify(waiting, "group-tag")

    assert (verdict.done, verdict.seen) == (False, "purpose=private-link")
    assert verdict.cause == "the update sent only the new tag, and Azure replaced all of them"
    assert "put acrlab=contoso42 back" in verdict.next


def test_what_belongs_to_someone_else_is_left_alone(lab):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus", "tags": {"team": "a"}})

    verdict = acrlab.check(lab, "group-tag")

    assert verdict.seen == "left alone, because myResourceGroup is not the lab's own"
    assert lab.resources.resource_groups.get("myResourceGroup").tags == {"team": "a"}
    assert mark(lab, "group-tag") == ""


def test_a_record_of_the_lab_s_own_ttl_is_not_hers(waiting):
    begin(waiting, "09")
    acrlab.ensure_records(waiting)

    verdict = acrlab.verify(waiting, "missing-record")

    assert (verdict.done, verdict.seen) == (False, "contoso42.westus.data: 10.0.0.5, TTL 10")
    assert verdict.cause == "the record is the lab's own, or has another TTL"


def test_a_record_with_the_other_member_s_address_is_named(waiting):
    begin(waiting, "09")
    record = {"properties": {"ttl": 300, "aRecords": [{"ipv4Address": "10.0.0.6"}]}}
    names = ("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42.westus.data")
    waiting.dns.record_sets.create_or_update(*names, record)

    verdict = acrlab.verify(waiting, "missing-record")

    assert verdict.cause == "the endpoint holds 10.0.0.5 for contoso42.westus.data.azurecr.io"


def test_a_rule_that_is_read_after_the_colleague_s_is_not_enough(waiting):
    begin(waiting, "09")
    rule = {"priority": 300, "direction": "Outbound", "access": "Allow", "protocol": "Tcp", "sourcePortRange": "*"}
    rule |= {"sourceAddressPrefix": "*", "destinationAddressPrefix": "10.0.0.0/24", "destinationPortRange": "443"}
    names = ("myResourceGroup", "myDockerVMNSG", "Late")
    waiting.network.security_rules.begin_create_or_update(*names, {"properties": rule}).result()

    verdict = acrlab.verify(waiting, "https-rule")

    assert (verdict.done, verdict.seen) == (False, "NoDataEndpoint, priority 200: Deny 443 to 10.0.0.5")
    assert "lower priority number" in verdict.next


def test_without_her_colleague_s_rule_there_is_nothing_to_let_pass(waiting):
    begin(waiting, "08")

    assert acrlab.verify(waiting, "https-rule").seen == "no outbound rule is about port 443 of 10.0.0.5"


def test_a_registry_that_is_open_to_everyone_lets_no_one_address_in(waiting):
    acrlab.bring_to(waiting, "registry")

    assert acrlab.verify(waiting, "ip-rule").cause == "everyone is let in, not one address"


def test_a_colleague_s_network_does_not_carry_the_lab_s_tag(waiting):
    begin(waiting, "12")
    body = {"location": "westus", "tags": {"acrlab": "contoso42"}}
    body["properties"] = {"addressSpace": {"addressPrefixes": ["10.77.0.0/24"]}}
    waiting.network.virtual_networks.begin_create_or_update("myResourceGroup", "somebodyElsesVNET", body).result()

    assert acrlab.verify(waiting, "colleague-network").cause == "with the tag acrlab it counts as the lab's own"


def test_a_rejected_connection_is_final_and_the_check_says_what_to_do(waiting):
    begin(waiting, "04")
    answer(approve=False)(waiting)

    verdict = acrlab.verify(waiting, "approval")

    assert (verdict.seen, verdict.cause) == (
        "the connection of myManualEndpoint is Rejected",
        "that answer is final",
    )
    assert "ensure_manual_endpoint" in verdict.next
    assert acrlab.solve(waiting, "approval").done


def test_a_record_that_was_written_by_hand_is_told_from_one_of_the_zone_group(waiting):
    begin(waiting, "05")
    acrlab.solve(waiting, "lost-record")
    record = {"properties": {"ttl": 3600, "aRecords": [{"ipv4Address": "10.1.0.4"}]}}
    names = ("myPortalResourceGroup", "privatelink.azurecr.io", "A", "contoso42.westus.data")
    waiting.dns.record_sets.create_or_update(*names, record)

    verdict = acrlab.verify(waiting, "zone-group")

    assert (verdict.done, verdict.seen) == (False, "a time to live of 3600")
    assert verdict.cause == "contoso42.westus.data was written by hand: nothing will keep it in step"


@pytest.mark.parametrize(
    ("done", "task", "seen", "cause"),
    [
        (
            lambda lab: lab.dns.private_zones.begin_create_or_update(
                "myResourceGroup", "azurecr.io", {"location": "global"}
            ).result(),
            "own-zone",
            "the zones of myResourceGroup are azurecr.io",
            "Azure accepts any name, and the registry's alias leads into one of them only",
        ),
        (
            acrlab.ensure_zone,
            "own-zone",
            "privatelink.azurecr.io has acrlab=contoso42",
            "the tag purpose was not sent, or has another value",
        ),
        (
            lambda lab: [make_zone(lab), acrlab.ensure_link(lab)],
            "own-link",
            "MyDNSLink has acrlab=contoso42",
            "the tag purpose was not sent, or has another value",
        ),
        (
            acrlab.ensure_records,
            "data-record",
            "contoso42.westus.data → 10.0.0.5, cached for 10 s",
            "its time to live is different",
        ),
        (
            write_record(60, "10.0.0.6"),
            "data-record",
            "contoso42.westus.data → 10.0.0.6, cached for 60 s",
            "that is not the address that the endpoint holds for this name",
        ),
    ],
    ids=["another zone", "a step's zone", "a step's link", "a step's records", "the registry's address"],
)
def test_chapter_03_says_what_it_sees_and_credits_nothing_that_a_step_does(waiting, done, task, seen, cause):
    begin(waiting, "03")
    if task == "data-record":
        make_zone(waiting)

    done(waiting)

    verdict = acrlab.verify(waiting, task)
    assert (verdict.done, verdict.seen, verdict.cause) == (False, seen, cause)


def test_a_link_under_another_name_or_with_registration_is_named(waiting):
    begin(waiting, "03")
    make_zone(waiting)
    network = {"id": waiting.id_of("Microsoft.Network/virtualNetworks", "myDockerVMVNET")}
    links, properties = waiting.dns.virtual_network_links, {"virtualNetwork": network, "registrationEnabled": True}
    link = {"location": "global", "tags": TAGS, "properties": properties}
    links.begin_create_or_update(*IN_THE_ZONE, "MyDNSLink", link).result()

    registering = acrlab.verify(waiting, "own-link")
    links.begin_delete(*IN_THE_ZONE, "MyDNSLink").result()
    links.begin_create_or_update(*IN_THE_ZONE, "mine", link).result()
    renamed = acrlab.verify(waiting, "own-link")

    assert registering.cause == "registration is enabled, and Azure writes the names of VMs into the zone"
    assert (renamed.seen, renamed.cause) == (
        "myDockerVMVNET is linked by mine",
        "a link keeps its name, and a network is linked to a zone once",
    )


def test_evidence_has_to_say_what_the_private_endpoint_answered(waiting):
    begin(waiting, "06")
    acrlab.run_on_vm(waiting, "echo 401 192.0.2.64 > /srv/evidence")
    outside = acrlab.verify(waiting, "evidence")
    acrlab.run_on_vm(waiting, "echo 403 10.0.0.6 > /srv/evidence")
    refused = acrlab.verify(waiting, "evidence")

    assert outside.cause == "that is not the endpoint's address, or none was written"
    assert refused.cause == "the registry did not answer, or was asked for something else than /v2/"
    assert not outside.done
    assert not refused.done


def test_a_rule_for_another_address_and_an_open_registry_do_not_count(waiting):
    begin(waiting, "06")
    rules = [{"value": "203.0.113.7", "action": "Allow"}]
    change_access(networkRuleSet={"defaultAction": "Deny", "ipRules": rules})(waiting)
    other = acrlab.verify(waiting, "one-address")
    change_access(networkRuleSet={"defaultAction": "Allow"})(waiting)
    opened = acrlab.verify(waiting, "one-address")

    assert other.seen == "rules for 203.0.113.7, and a refusal"
    assert other.cause == "the registry sees this computer as 198.51.100.20"
    assert opened.cause == "a rule applies only if the default action is Deny and public network access is Enabled"


THEIRS = {"action": "Allow", "value": "203.0.113.0/24"}


@pytest.mark.parametrize(
    ("chapter", "made", "undone"), [("06", "one-address", "no-address"), ("10", "ip-rule", "")], ids=["06", "10"]
)
def test_a_rule_of_someone_else_on_the_lab_s_own_registry_stays(waiting, chapter, made, undone):
    """A registry has no call for one rule: all of them are sent, each time."""
    begin(waiting, chapter)
    change_access(networkRuleSet={"defaultAction": "Deny", "ipRules": [THEIRS]})(waiting)
    if undone:
        acrlab.refusal_from_here(waiting)

    assert acrlab.solve(waiting, made).done
    assert acrlab.steps.current_access(waiting).ip_rules == ("203.0.113.0/24", "198.51.100.20")
    if undone:
        assert acrlab.solve(waiting, undone).seen == (
            "defaultAction Deny, and rules for 203.0.113.0/24: none for this computer"
        )
        assert acrlab.steps.current_access(waiting).ip_rules == ("203.0.113.0/24",)
        HER_OWN[made](waiting)
        change_access(networkRuleSet={"defaultAction": "Deny", "ipRules": [THEIRS, {"value": "198.51.100.16/28"}]})(
            waiting
        )
    acrlab.reset(waiting, made)
    assert acrlab.steps.current_access(waiting).ip_rules == ("203.0.113.0/24",)


def test_without_a_refusal_no_address_is_known(waiting):
    begin(waiting, "01")

    with pytest.raises(ConfigurationError, match=r"contoso42 has not refused this computer yet, so its address"):
        acrlab.steps.seen_as(waiting)


def test_a_rule_that_counts_late_is_waited_for(waiting, world):
    begin(waiting, "06")
    world.set_setting("timing", "as-azure")
    HER_OWN["one-address"](waiting)

    assert acrlab.check(waiting, "one-address").done
    HER_OWN["no-address"](waiting)
    assert acrlab.check(waiting, "no-address").done
    assert isinstance(acrlab.steps.try_from_here(waiting), acrlab.steps.Refusal)


def test_enabling_everything_at_once_is_not_the_trap(waiting):
    begin(waiting, "07")
    acrlab.solve(waiting, "access-disabled")
    change_access(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"})(waiting)

    verdict = acrlab.verify(waiting, "access-enabled")

    assert (verdict.done, verdict.seen) == (False, "publicNetworkAccess Enabled, defaultAction Allow")
    assert verdict.cause == "the change was not sent, or the default action was changed with it"


@pytest.mark.parametrize(
    ("chosen", "front", "waits"),
    [("auto", True, True), ("auto", False, False), ("on", False, True), ("off", True, False)],
)
def test_hands_on_says_who_does_the_tasks(lab, monkeypatch, chosen, front, waits):
    monkeypatch.setattr(attempt, "someone_in_front", lambda: front)
    monkeypatch.setattr(lab, "settings", lab.settings.model_copy(update={"hands_on": chosen}))
    begin(lab, "01")

    if waits:
        with pytest.raises(UnfinishedError):
            acrlab.check(lab, "group-tag")
    else:
        assert acrlab.check(lab, "group-tag").done


def test_an_unknown_hands_on_is_refused():
    with pytest.raises(ConfigurationError, match=r"^hands_on: 'maybe' is not possible"):
        Settings.from_parameters(hands_on="maybe")


def test_an_unfinished_task_shows_as_one_line_without_a_traceback(waiting):
    begin(waiting, "01")
    with pytest.raises(UnfinishedError) as caught:
        acrlab.check(waiting, "second-tag")

    (line,) = caught.value._render_traceback_()

    assert line == (
        "\x1b[33mYour turn\x1b[0m: Import the same image once more, as `hello-world:v2`. Expected: hello-world:v2 in "
        "contoso42, with the digest of v1. Seen: hello-world has v1. Likely cause: the import was not sent, or went to "
        "another name. acrlab.hint(lab, 'second-tag') helps, acrlab.solve(lab, 'second-tag') shows how."
    )


def test_a_name_that_no_task_has_is_refused_with_one_that_is_close(lab):
    with pytest.raises(ConfigurationError, match=r"there is no task 'second-tags'; did you mean second-tag"):
        acrlab.check(lab, "second-tags")
    with pytest.raises(ConfigurationError, match=r"did you mean second-tag"):
        acrlab.verify(lab, "second-tags")


def test_no_task_has_the_name_of_something_else():
    for name in BY_NAME:
        with pytest.raises(ConfigurationError):
            sections_of(name)
    assert len(BY_NAME) == len(TASKS)
    assert not {s.name for s in SECTIONS} & set(BY_NAME)


def test_a_chapter_that_is_run_again_begins_without_what_a_task_left_half_done(lab):
    begin(lab, "02")
    acrlab.solve(lab, "push-right")

    shown = acrlab.bring_to(lab, "sample-image", without=["push-right"])

    assert shown.rows[0] == ("push-right", "taken back: an earlier run had made it")
    assert acrlab.steps.vm_rights(lab) == ("AcrPull",)
    assert mark(lab, "push-right") == "shown"
    assert "push-right" not in repr(acrlab.bring_to(lab, "sample-image", without=["push-right"]))


@pytest.mark.parametrize(
    ("variables", "front"),
    [
        ({"JPY_SESSION_NAME": "notebooks/01-registry.ipynb"}, True),
        ({"JPY_SESSION_NAME": "notebooks/01-registry.ipynb", "ACRLAB_WIDGETS": "off"}, False),
        ({"ACRLAB_WIDGETS": "on"}, True),
        ({}, False),
    ],
)
def test_someone_sits_in_front_of_a_session_of_jupyter_s_and_of_no_run(monkeypatch, variables, front):
    for name in ("JPY_SESSION_NAME", "ACRLAB_WIDGETS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert someone_in_front() == front


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("replica-record", "no replica, because the chapter was not run"),
        ("regional-record", "no regional endpoints, because the chapter was not run"),
        ("attach-cluster", "no cluster myAKSCluster, because the chapter was not run from its top"),
    ],
)
def test_a_task_whose_chapter_was_not_run_says_so_and_is_not_shown(lab, name, seen):
    acrlab.bring_to(lab, "registry")

    with pytest.raises(RefusedError, match=f"^{name} can't be solved yet: {seen}.$"):
        acrlab.solve(lab, name)

    assert name not in marks.read(lab)
