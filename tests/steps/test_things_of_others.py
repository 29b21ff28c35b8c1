"""Whose is it, and what if it changed since? Asked of everything in the library that deletes, overwrites or restores.

TABLE has a row for each function that sends such a request; a function without one fails the last test.
"""

import ast
import copy
from contextlib import suppress
from pathlib import Path

import pytest

import acrlab
from acrlab import steps
from acrlab.course import reset
from acrlab.course.practice import (
    closed_faults,
    estate_faults,
    hub_faults,
    landing_zone_faults,
    leftovers,
    plant,
    replica_faults,
)
from acrlab.course.practice.aks import stage
from acrlab.course.practice.exercise import READY
from acrlab.course.tasks.table import TASKS
from acrlab.doctor import remedies
from acrlab.emulator.core.http import Response
from acrlab.errors import AcrLabError, RefusedError
from acrlab.lab import ensure, memory
from acrlab.lab.ownership import NOT_OURS, tags_of
from acrlab.steps import approval, clean_up, prerequisites, private_link, public_access, virtual_machine
from acrlab.steps.beyond import (
    agent_pool,
    aks,
    builds,
    closed,
    hub,
    node_subnet,
    private_resolver,
    replicas,
    repository_rights,
)
from acrlab.steps.beyond.subscriptions import register_registries, unregister_registries

GROUP, VNET = "myResourceGroup", "Microsoft.Network/virtualNetworks"
HOUSE = Path(acrlab.__file__).parent
ROOMS = ("steps", "steps/beyond", "course/practice", "course/practice/aks", "course/reset.py", "doctor/remedies.py")
ROOMS += ("lab/ensure.py",)
VERBS = ("begin_delete", "begin_create", "begin_update", "begin_import", "begin_start", "begin_restart")
VERBS += ("create_or_update", "delete_", "run_on_vm")


def zone(lab):
    return lab.id_of("Microsoft.Network/privateDnsZones", lab.settings.zone_name)


def link(lab):
    return f"{zone(lab)}/virtualNetworkLinks/{lab.settings.link_name}"


def endpoint(lab):
    return lab.id_of("Microsoft.Network/privateEndpoints", lab.settings.endpoint_name)


def network(lab):
    return lab.id_of(VNET, lab.settings.network_name)


def subnet(lab):
    return f"{network(lab)}/subnets/{lab.settings.subnet_name}"


def rules(lab):
    return lab.id_of("Microsoft.Network/networkSecurityGroups", "myDockerVMNSG")


def and_back(change):
    """Change what a chapter changes on purpose, then clean up: all is as it was."""

    def way(lab):
        change(lab)
        steps.delete_lab(lab)

    return way


PLANTINGS = (
    "swap_records",
    "point_records_at_nobody",
    "add_a_stray_address",
    "link_another_network",
    "link_own_network",
    "rename_zone",
    "remove_zone_group",
    "link_a_greedy_zone",
    "unlink_the_greedy_zone",
    "set_custom_dns",
    "move_endpoint_elsewhere",
    "drop_https",
    "let_https_pass",
    "pin_in_hosts",
    "unpin",
    "take_pull_right",
    "make_standard",
    "remove_own_endpoint",
    "ask_by_hand",
    "disable_public_access",
)
RESETS = ("group", "image", "docker", "policies", "link", "portal_lab", "records", "vm", "zone", "endpoint", "closed")
REMEDIES = (
    "use_azure_resolver",
    "make_premium",
    "allow_public_access",
    "allow_trusted_services",
    "allow_tasks",
    "assign_identity",
    "restart_vm",
)


def zone_deleted(lab):
    reset._zone_deleted(lab, lab.dns.private_zones.get(GROUP, lab.settings.zone_name))


def by_group(lab):
    private_link.write_records_by_group(lab, endpoint(lab), zone(lab), "default")


def policies_off(lab):
    set_policies = private_link.disable_policies
    set_policies(lab, subnet(lab))


def machine(lab):
    return lab.id_of("Microsoft.Compute/virtualMachines", "myDockerVM")


def elsewhere(lab):
    return lab.id_of("Microsoft.Network/virtualNetworks", plant.ELSEWHERE)


def peering(lab):
    return f"{network(lab)}/virtualNetworkPeerings/to-elsewhere"


def ruleset(lab):
    return lab.id_of(private_resolver.RULESET, private_resolver.RULES)


def rule(lab):
    return f"{ruleset(lab)}/forwardingRules/{private_resolver.RULE}"


def inbound(lab):
    return lab.id_of(private_resolver.INBOUND_ENDPOINT, private_resolver.NAME, private_resolver.INBOUND)


def inbound_moved(lab):
    private_resolver.make_inbound(lab, inbound(lab), subnet(lab), "10.0.0.9")


def ruleset_taken(lab):
    private_resolver.link_ruleset(lab, ruleset(lab), network(lab), hub.spoke(lab).settings.link_name)


def second_inbound(lab):
    private_resolver._ensure(lab, f"{inbound(lab)}2", private_resolver._inbound(subnet(lab)))


def moved_forwarder(lab):
    hub.ask(hub.spoke(lab), "10.9.9.9")


def own_zone(lab):
    records = {"contoso42": "10.9.9.9"}
    remedies.give_own_zone(lab, zone(lab), network(lab), link(lab), records)


def role(lab):
    return steps.run_command.identity_of(lab.compute.virtual_machines.get(GROUP, "myDockerVM"))


def built_image(lab):
    builds.build(lab, "acrlab/site:v1", "FROM scratch")


def regional_off(lab):
    memory.keep(lab, memory.REGIONAL, "Disabled")
    replicas.remove_regional_endpoints(lab)


# function that sends a deletion or a change -> a way to it on a world in which all belongs to someone else
TABLE = {
    "approval._decide": plant.reject_own,
    "approval.remove_manual_endpoint": approval.remove_manual_endpoint,
    "clean_up.remove_portal_endpoint": clean_up.remove_portal_endpoint,
    "clean_up._group_refused": lambda lab: clean_up.delete_group(lab, GROUP),
    "clean_up._refused": clean_up.delete_lab,
    "prerequisites.ensure_group": prerequisites.ensure_group,
    "prerequisites.ensure_registry": prerequisites.ensure_registry,
    "prerequisites.import_sample_image": and_back(prerequisites.import_sample_image),
    "prerequisites.take_image_back": prerequisites.take_image_back,
    "prerequisites.delete_tag": reset.image,
    "private_link._set_policies": and_back(private_link.disable_subnet_policies),
    "private_link.ensure_link": private_link.ensure_link,
    "private_link.link_zone": lambda lab: private_link.link_zone(lab, zone(lab), network(lab), lab.settings.link_name),
    "private_link.unlink_zone": lambda lab: private_link.unlink_zone(lab, link(lab)),
    "private_link.disable_policies": policies_off,
    "private_link._ensure_record": private_link.ensure_records,
    "private_link.write_record": lambda lab: private_link.write_record(lab, zone(lab), "contoso42", "10.9.9.9"),
    "private_link.write_records_by_group": by_group,
    "private_link.remove_endpoint": lambda lab: private_link.remove_endpoint(lab, endpoint(lab)),
    "public_access.set_public_access": and_back(lambda lab: public_access.set_public_access(lab, "Disabled")),
    "public_access._send": and_back(public_access.deny_public_access),
    "virtual_machine.ensure_vm": virtual_machine.ensure_vm,
    "virtual_machine._ensure_running": virtual_machine.ensure_vm,
    "virtual_machine._ensure_shutdown": virtual_machine.ensure_vm,
    "virtual_machine._install": virtual_machine.install_docker,
    "virtual_machine.install_azure_cli": virtual_machine.install_azure_cli,
    "virtual_machine.allow_vm_to_pull": virtual_machine.allow_vm_to_pull,
    **{f"plant.{way}": getattr(plant, way) for way in PLANTINGS},
    "plant._delete_record": plant.delete_data_record,
    "plant.delete_rule": plant.let_https_pass,
    "plant._unlink_all": plant.link_another_network,
    "reset._delete": reset.registry,
    **{f"reset.{way}": getattr(reset, way) for way in RESETS},
    "reset._zone_deleted": zone_deleted,
    "reset._each": reset.records,
    "reset._endpoint": reset.manual_endpoint,
    "remedies.remove_alias": lambda lab: remedies.remove_alias(lab, zone(lab), "contoso42"),
    "remedies.remove_replica": lambda lab: remedies.remove_replica(lab, "eastus"),
    "remedies.allow_https": lambda lab: remedies.allow_https(lab, rules(lab), "Outbound", ["10.0.0.9"]),
    **{f"remedies.{way}": getattr(remedies, way) for way in REMEDIES},
    "remedies._power": remedies.start_vm,
    "remedies._power_of": lambda lab: remedies.restart_machine(lab, machine(lab)),
    "remedies.run_on_machine": lambda lab: remedies.run_on_machine(lab, machine(lab), "touch /etc/theirs"),
    "remedies.remove_route": landing_zone_faults.remove_the_route,
    "remedies.peer": lambda lab: remedies.peer(lab, network(lab), elsewhere(lab), "to-elsewhere"),
    "remedies.remove_peering": lambda lab: remedies.remove_peering(lab, peering(lab)),
    "remedies.allow_peering": lambda lab: remedies.allow_peering(lab, peering(lab)),
    "remedies.sync_peering": lambda lab: remedies.sync_peering(lab, peering(lab)),
    "remedies.set_resolution_policy": lambda lab: remedies.fall_back(lab, link(lab)),
    "remedies.give_own_zone": own_zone,
    "aks.ensure_cluster": aks.ensure_cluster,
    "aks.remove_cluster": aks.remove_cluster,
    "aks.detach": aks.detach,
    "pods.run_in": lambda lab: aks.run_pod(lab, "theirs", aks.PAUSE),
    "node_subnet.ensure_node_subnet": node_subnet.ensure_node_subnet,
    "node_subnet.remove_node_subnet": node_subnet.remove_node_subnet,
    "agent_pool._ensure_pool": agent_pool._ensure_pool,
    "agent_pool.remove_pool": agent_pool.remove_pool,
    "builds.build": built_image,
    "builds.put_task": builds.put_task,
    "builds.drop_task": builds.drop_task,
    "closed.admit_builds": and_back(closed.admit_builds),
    "closed._set_subnet_rules": lambda lab: closed.admit_subnet(lab, subnet(lab)),
    "closed.remove_subnet_rules": closed.remove_subnet_rules,
    "closed._delete_image": closed.delete_images,
    "hub.unlink": lambda lab: hub.unlink(hub.spoke(lab)),
    "hub._take_right": lambda lab: hub.remove_place(hub.spoke(lab)),
    "hub.remove_place": lambda lab: hub.remove_place(hub.spoke(lab)),
    "hub.make_half": lambda lab: hub.make_half(lab, hub.spoke(lab)),
    "hub.remove_half": lambda lab: hub.part(lab, hub.spoke(lab)),
    "hub.ask": moved_forwarder,
    "hub.restart": lambda lab: hub.restart(hub.spoke(lab)),
    "hub.ensure_forwarder": lambda lab: hub.ensure_forwarder(lab, hub.PUBLIC_RESOLVER),
    "hub.remove_forwarder": hub.remove_forwarder,
    "private_resolver.make_inbound": inbound_moved,
    "private_resolver.write_rule": lambda lab: private_resolver.write_rule(lab, rule(lab), "azurecr.io.", "10.9.9.9"),
    "private_resolver.disable_rule": lambda lab: private_resolver.disable_rule(lab, rule(lab)),
    "private_resolver.link_ruleset": ruleset_taken,
    "private_resolver.remove_by_id": lambda lab: private_resolver.remove_by_id(lab, inbound(lab)),
    "private_resolver.remove_resolver": private_resolver.remove_resolver,
    "private_resolver._write": second_inbound,
    "replicas.ensure_replica": lambda lab: replicas.ensure_replica(lab, "westeurope"),
    "replicas.remove_replica": lambda lab: replicas.remove_replica(lab, "eastus"),
    "replicas.release_addresses": lambda lab: replicas.release_addresses(lab, endpoint(lab)),
    "replicas._switch": regional_off,
    "replicas.remove_zone_group": replicas.remove_zone_group,
    "replicas.remove_tight_endpoint": replicas.remove_tight_endpoint,
    "replicas.take_back": replicas.take_back,
    "repository_rights.set_role_mode": lambda lab: repository_rights.set_role_mode(lab, closed.ABAC),
    "repository_rights.give_role": lambda lab: repository_rights.give_role(
        lab, role(lab), repository_rights.REPOSITORY_READER
    ),
    "repository_rights.take_role": lambda lab: repository_rights.take_role(
        lab, role(lab), repository_rights.REPOSITORY_READER
    ),
    "subscriptions.register_registries": lambda lab: register_registries(lab, lab.subscription),
    "subscriptions.unregister_registries": lambda lab: unregister_registries(lab, lab.subscription),
    "closed_faults._put": closed_faults.close_the_older_way,
    "estate_faults.share_the_zone": estate_faults.share_the_zone,
    "estate_faults.leave_the_endpoint_to_others": estate_faults.leave_the_endpoint_to_others,
    "hub_faults.unlink_the_hub": hub_faults.unlink_the_hub,
    "hub_faults.stop_the_forwarder": hub_faults.stop_the_forwarder,
    "landing_zone_faults.ask_without_the_provider": landing_zone_faults.ask_without_the_provider,
    "landing_zone_faults.come_home": landing_zone_faults.come_home,
    "landing_zone_faults.route_to_a_firewall_that_is_gone": landing_zone_faults.route_to_a_firewall_that_is_gone,
    "landing_zone_faults.take_the_table_away": landing_zone_faults.take_the_table_away,
    "landing_zone_faults._change_subnet": lambda lab: landing_zone_faults._change_subnet(lab, "", "Enabled"),
    "leftovers._clear_links": leftovers._clear_links,
    "replica_faults.forget_old_records": replica_faults.forget_old_records,
    "replica_faults._lose": replica_faults.lose_the_login_server_of_the_home_region,
    "stage.detach": stage.detach,
    "stage.filter_the_nodes": stage.filter_the_nodes,
    "stage._write_rules": stage.let_https_pass,
    "ensure.ensure": lambda lab: ensure.ensure(lab, network(lab), lab.network.virtual_networks, {}),
    "ensure.remove": lambda lab: ensure.remove(lab, network(lab), lab.network.virtual_networks),
}
# These do as they are told, by id; their callers have asked whose it is. Each is called in a row above.
TOLD = {"ensure.put", "ensure.update", "ensure.delete", "run_command.run_on_vm", "builds._run_task"}


# These only look, or pull: on the VM they change nothing but its copies of images.
LOOK = {"run_command.resolve", "pull._pulled", "replicas.pull_by_region", "hub.servers_of"}
LOOK |= {"builds._upload", "builds._ended"}  # in the storage behind runs each has a place of its own


def sends(module):
    """Name the functions of a module that send a request which deletes or writes."""
    remote = {"delete", "remove", "run_on_vm", "update_access", "write_record", "link_zone", "unlink_zone"}
    remote |= {"delete_tag"}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module == "acrlab.lab.ensure":
            remote |= {name.name for name in node.names} & {"put", "update"}
    for function in (node for node in module.body if isinstance(node, ast.FunctionDef)):
        called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        methods = [one for one in called if isinstance(one, ast.Attribute)]
        named = {one.id for one in called if isinstance(one, ast.Name)}
        by_path = {one.attr for one in methods if ast.unparse(one.value).endswith(".arm")} & {"put", "remove", "act"}
        by_client = any(one.attr.startswith(VERBS) or one.attr == "delete" for one in methods)
        built = any(isinstance(node, ast.JoinedStr) and "begin_" in ast.dump(node) for node in ast.walk(function))
        if built or named & remote or by_path or by_client:
            yield function.name


def senders():
    for room in ROOMS:
        place = HOUSE / room
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            yield from (f"{file.stem}.{name}" for name in sends(ast.parse(file.read_text("utf-8"))))


def foreign(world):
    """Let everything belong to someone else."""
    with world.transaction():
        for id in world.dump():
            found = world.find(id)
            if "acrlab" in (found.body.get("tags") or {}):
                found.body["tags"] = {"team": "theirs"}
            if "acrlab" in (found.properties.get("metadata") or {}):
                found.properties["metadata"] = {"team": "theirs"}
            world.put(found)


def there(world):
    """What its owners set, of all that there is."""
    return {id: copy.deepcopy(world.find(id).body) for id in world.dump()}


def inside(world):
    """What is on the disks of VMs, in registries and in clusters."""
    return {id: copy.deepcopy(world.find(id).state) for id in world.dump()}


def beyond(lab):
    """Make what chapters 13 to 16 make, and tickets about clusters: a replica, spokes, a resolver, a task, clusters."""
    replicas.ensure_replica(lab, "eastus")
    replicas.ensure_regional_endpoints(lab)
    body = private_link.endpoint_body(lab, subnet(lab), "tight")
    private_link.put_endpoint(lab, GROUP, replicas.TIGHT_ENDPOINT, body)  # in a subnet with room for all its addresses
    place = hub.spoke(lab)
    virtual_machine.ensure_vm(place)
    hub.ensure_peering(lab, place)
    private_link.link_zone(lab, zone(lab), place.id_of(VNET, "mySpokeVNET"), place.settings.link_name)
    private_resolver.ensure_ruleset(lab, private_resolver.ensure_resolver(lab))
    private_resolver.ensure_ruleset_link(lab, place)
    hub.ensure_forwarder(lab, "168.63.129.16")
    builds.put_task(lab)
    served = closed_faults._subnet(lab)
    served.service_endpoints = [{"service": "Microsoft.ContainerRegistry"}]
    closed_faults._put(lab, served)
    closed.admit_subnet(lab, subnet(lab))
    built_image(lab)
    pool = {"location": "eastus", "properties": {"tier": "S1"}}
    lab.arm.put(f"{lab.registry_id}/agentPools/{agent_pool.NAME}", "2025-03-01-preview", pool, "Making a pool")
    give(lab, aks.ensure_cluster(lab).kubelet, "44444444-4444-4444-8444-444444444444")
    stage.build_spoke(lab)
    stage.filter_the_nodes(lab)
    night = aks.ensure_cluster(lab, stage._subnet_id(lab), name=stage.CLUSTER)
    give(lab, night.kubelet, "55555555-5555-4555-8555-555555555555")


def give(lab, principal, name):
    """Give AcrPull under a name that the lab does not know again."""
    roles = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    told = {"roleDefinitionId": f"{roles}/{aks.ACR_PULL}", "principalId": principal}
    body = {"properties": {**told, "principalType": "ServicePrincipal"}}
    id = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/{name}"
    lab.resources.resources.begin_create_or_update_by_id(id, body, api_version="2022-04-01").result()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A whole lab with all of chapters 13 to 16, and a role and a zone of someone else's; every row begins with it."""
    folder = tmp_path_factory.mktemp("theirs")
    lab = acrlab.connect(registry_name="contoso42", world=str(folder / "first.db"))
    acrlab.bring_to(lab, *READY)
    approval.ensure_manual_endpoint(lab)
    west = {"location": "westus", "tags": {"team": "theirs"}}
    for name in ("azurecr.io", "privatelink.azurecr.cn"):
        zones = lab.dns.private_zones
        zones.begin_create_or_update(GROUP, name, {"location": "global", "tags": {"team": "theirs"}}).result()
    space = {**west, "properties": {"addressSpace": {"addressPrefixes": ["10.200.0.0/16"]}, "subnets": []}}
    far = lab.network.virtual_networks.begin_create_or_update(GROUP, plant.ELSEWHERE, space).result()
    half = {"properties": {"remoteVirtualNetwork": {"id": far.id}, "allowVirtualNetworkAccess": False}}
    hop = {"addressPrefix": "10.0.0.0/16", "nextHopType": "None"}
    routes = {**west, "properties": {"routes": [{"name": landing_zone_faults.ROUTE, "properties": hop}]}}
    lab.network.route_tables.begin_create_or_update(GROUP, landing_zone_faults.TABLE, routes).result()
    own = lab.settings.network_name
    lab.network.virtual_network_peerings.begin_create_or_update(GROUP, own, "to-elsewhere", half).result()
    right = steps.run_command.rights_of(
        lab, lab.id_of("Microsoft.Compute/virtualMachines", "myDockerVM"), lab.registry_id
    )
    lab.resources.resources.begin_delete_by_id(right[0]["id"], api_version="2022-04-01").result()
    body = {"properties": {k: right[0]["properties"][k] for k in ("roleDefinitionId", "principalId", "principalType")}}
    id = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333333"
    lab.resources.resources.begin_create_or_update_by_id(id, body, api_version="2022-04-01").result()
    beyond(lab)
    world = lab.backend.azure.world
    foreign(world)
    world.save(folder / "saved.db")
    lab.close()
    return folder / "saved.db"


@pytest.fixture
def theirs(lab, world, built):
    """A lab that takes this Azure for a real one, in which all belongs to someone else."""
    world.restore(built)
    given = {"backend": "azure", "subscription": lab.subscription, "confirm_cost": 1}
    lab.settings = lab.settings.model_copy(update=given)
    return lab


@pytest.mark.parametrize("way", TABLE)
def test_nothing_of_anybody_s_is_deleted_or_changed(theirs, world, way):
    before = there(world)

    with suppress(AcrLabError):
        TABLE[way](theirs)

    after = there(world)
    assert {id: after.get(id) for id in before} == before


INSIDE = (
    "hub.ensure_forwarder",
    "hub.remove_forwarder",
    "hub_faults.stop_the_forwarder",
    "pods.run_in",
    "builds.build",
    "closed._delete_image",
)


@pytest.mark.parametrize("way", INSIDE)
def test_nothing_inside_of_anybody_s_machine_cluster_or_registry_is_changed(theirs, world, way):
    before = inside(world)

    with pytest.raises(RefusedError, match="is left as it is: it does not carry the lab's tag"):
        TABLE[way](theirs)

    assert inside(world) == before


ALONE = {
    "attach-cluster": aks.cluster_id,
    "running-pods": aks.cluster_id,
    "ruleset-link": ruleset,
    "room-again": lambda lab: lab.id_of(private_link.ENDPOINT, replicas.TIGHT_ENDPOINT),
    "spoke-dns": lambda lab: lab.id_of("Microsoft.Compute/virtualMachines", "mySpokeVM"),
    "spoke-link": zone,
    "nodes-link": link,
}


@pytest.mark.parametrize("name", ALONE)
def test_a_task_leaves_the_one_thing_alone_that_is_someone_else_s(theirs, world, name):
    theirs_alone = ALONE[name](theirs)
    with world.transaction():
        for id in world.dump():
            found = world.find(id)
            if "theirs" in (found.body.get("tags") or {}).values() and str(found.id).lower() != theirs_alone.lower():
                found.body["tags"] = tags_of(theirs)
                world.put(found)
    before = there(world)
    task = next(one for one in TASKS if one.name == name)

    assert task.foreign(theirs).removeprefix("the link ") == theirs_alone.rpartition("/")[2]
    with suppress(AcrLabError):
        acrlab.solve(theirs, name)
    assert there(world)[theirs_alone.lower()] == before[theirs_alone.lower()]


@pytest.mark.parametrize("way", ["solve", "reset", "bring back"])
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_task_s_solution_or_undoing_touches_what_is_anybody_s(theirs, world, task, way):
    ways = {
        "solve": lambda: acrlab.solve(theirs, task.name),
        "reset": lambda: acrlab.reset(theirs, task.name),
        "bring back": lambda: acrlab.bring_to(theirs, "group", without=[task.name]),
    }
    before = there(world)

    with suppress(AcrLabError):
        ways[way]()

    after = there(world)
    assert {id: after.get(id) for id in before} == before


def test_every_task_that_changes_something_says_what_is_not_the_lab_s():
    assert [task.name for task in TASKS if task.foreign is None] == []


def test_a_zone_of_the_lab_that_others_use_too_is_neither_unlinked_nor_deleted_by_a_task(theirs, world):
    with world.transaction():
        own = world.find(zone(theirs))
        own.body["tags"] = tags_of(theirs)
        world.put(own)
    before = there(world)

    for name in ("unlinked-zone", "deleted-zone"):
        with pytest.raises(RefusedError, match="is left as it is: it is not the lab's own") as refused:
            acrlab.solve(theirs, name)
        assert refused.value.code == NOT_OURS

    assert there(world) == before


def test_every_function_that_deletes_or_writes_has_a_row():
    assert set(senders()) - set(TABLE) - TOLD - LOOK == set()
    assert set(senders()) >= TOLD | LOOK


def test_in_a_shared_group_a_clean_up_takes_the_lab_s_own_and_nothing_else_though_azure_knows_no_head(
    lab, world, built, monkeypatch
):
    """Foreign, locked, same-named and half-made things stand beside a lab, and HEAD on a resource is 405."""
    world.restore(built)
    hold = {"properties": {"level": "CanNotDelete"}}
    lock = f"{zone(lab)}/providers/Microsoft.Authorization/locks/keep"
    lab.resources.resources.begin_create_or_update_by_id(lock, hold, api_version="2020-05-01").result()
    with world.transaction():
        half = world.find(endpoint(lab))
        half.phase = "Failed"
        world.put(half)
    before = there(world)
    other = {"registry_name": "another42", "vm_name": "another", "network_name": "anotherVNET"}
    lab.settings = lab.settings.model_copy(update=other)
    acrlab.ensure_registry(lab)
    steps.ensure_network(lab)
    acrlab.ensure_zone(lab)  # someone else's, of the same name
    handle = lab.backend.azure.manager.handle

    def without_head(request):
        if request.method == "HEAD" and "/providers/" in request.path:
            return Response(405, b"", {})
        return handle(request)

    monkeypatch.setattr(lab.backend.azure.manager, "handle", without_head)

    steps.delete_lab(lab)

    assert steps.prove_absence(lab) == ()
    assert there(world) == before
