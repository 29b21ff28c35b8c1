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
from acrlab.course.practice import plant
from acrlab.course.practice.exercise import READY
from acrlab.course.tasks.table import TASKS
from acrlab.doctor import remedies
from acrlab.emulator.core.http import Response
from acrlab.errors import AcrLabError, RefusedError
from acrlab.lab import ensure
from acrlab.lab.ownership import NOT_OURS, tags_of
from acrlab.steps import approval, clean_up, prerequisites, private_link, public_access, virtual_machine

GROUP, VNET = "myResourceGroup", "Microsoft.Network/virtualNetworks"
HOUSE = Path(acrlab.__file__).parent
ROOMS = ("steps", "course/practice/plant.py", "course/reset.py", "doctor/remedies.py", "lab/ensure.py")
VERBS = ("begin_delete", "begin_create", "begin_update", "begin_import", "create_or_update", "delete_")


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
    "remedies.peer": lambda lab: remedies.peer(lab, network(lab), elsewhere(lab), "to-elsewhere"),
    "remedies.remove_peering": lambda lab: remedies.remove_peering(lab, peering(lab)),
    "remedies.allow_peering": lambda lab: remedies.allow_peering(lab, peering(lab)),
    "remedies.sync_peering": lambda lab: remedies.sync_peering(lab, peering(lab)),
    "ensure.ensure": lambda lab: ensure.ensure(lab, network(lab), lab.network.virtual_networks, {}),
    "ensure.remove": lambda lab: ensure.remove(lab, network(lab), lab.network.virtual_networks),
}
# These do as they are told, by id; their callers have asked whose it is. Each is called in a row above.
TOLD = {"ensure.put", "ensure.update", "ensure.delete"}


# These only look, or pull: on the VM they change nothing but its copies of images.
LOOK = {"run_command.resolve", "pull._pulled"}
# The emulated Azure has no route tables.
NOT_EMULATED = {"remedies.remove_route"}


def sends(module):
    """Name the functions of a module that send a request which deletes or writes."""
    remote = {"delete", "remove", "run_on_vm", "update_access", "write_record", "link_zone", "unlink_zone"}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module == "acrlab.lab.ensure":
            remote |= {name.name for name in node.names} & {"put", "update"}
    for function in (node for node in module.body if isinstance(node, ast.FunctionDef)):
        called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        verbs = [one.attr for one in called if isinstance(one, ast.Attribute)]
        named = {one.id for one in called if isinstance(one, ast.Name)}
        built = any(isinstance(node, ast.JoinedStr) and "begin_" in ast.dump(node) for node in ast.walk(function))
        if built or named & remote or any(verb.startswith(VERBS) or verb == "delete" for verb in verbs):
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


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A whole lab with a role, a route table and a zone of someone else's; saved, for every row to begin with."""
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
    own = lab.settings.network_name
    lab.network.virtual_network_peerings.begin_create_or_update(GROUP, own, "to-elsewhere", half).result()
    right = steps.run_command.rights_of(
        lab, lab.id_of("Microsoft.Compute/virtualMachines", "myDockerVM"), lab.registry_id
    )
    lab.resources.resources.begin_delete_by_id(right[0]["id"], api_version="2022-04-01").result()
    body = {"properties": {k: right[0]["properties"][k] for k in ("roleDefinitionId", "principalId", "principalType")}}
    id = f"{lab.registry_id}/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333333"
    lab.resources.resources.begin_create_or_update_by_id(id, body, api_version="2022-04-01").result()
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
    assert set(senders()) - set(TABLE) - TOLD - LOOK - NOT_EMULATED == set()
    assert set(senders()) >= TOLD | LOOK | NOT_EMULATED


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
