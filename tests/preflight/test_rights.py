"""The table of rights is what the chapters really ask for: no action more, none less."""

import pytest

import acrlab
from acrlab.course.practice import plant
from acrlab.course.tasks.table import TASKS
from acrlab.preflight.rights import ALONE, NEEDED_RIGHTS, REGISTERING, SENT, SHARED
from acrlab.steps.beyond import aks, closed, hub, replicas
from tests.course.test_tasks import lead_up_to


def tasks(lab, chapter):
    for task in TASKS:
        if task.chapter == chapter:
            acrlab.solve(lab, task.name)


def registry(lab):
    acrlab.bring_to(lab, "sample-image")
    tasks(lab, "01")


def vm(lab):
    acrlab.bring_to(lab, "pull-right")
    lab.backend.azure.world.advance_to(12.5 * 3600)  # its schedule switches the VM off
    acrlab.bring_to(lab, "vm")
    tasks(lab, "02")


def private_link(lab):
    acrlab.bring_to(lab, "records")
    tasks(lab, "03")
    acrlab.bring_to(lab, "network", without=["zone", "endpoint"])  # as the chapter begins when it is run again


def approval(lab):
    acrlab.ensure_manual_endpoint(lab)
    tasks(lab, "04")


def portal(lab):
    acrlab.steps.ensure_portal_endpoint(lab)
    tasks(lab, "05")


def clean_up(lab):
    tasks(lab, "08")
    acrlab.delete_lab(lab)


def diagnosis(lab):
    plant.delete_data_record(lab)
    lab.network.security_rules.begin_delete("myResourceGroup", "myDockerVMNSG", "NoDataEndpoint").result()
    for section in ("azure-cli", "zone-link"):
        acrlab.reset(lab, section)
        acrlab.solve(lab, section)
    tasks(lab, "09")
    acrlab.bring_to(lab, "records", without=["missing-record", "reader-role", "https-rule"])


def own_azure(lab):
    acrlab.ensure_zone(lab)
    tasks(lab, "12")


def regions(lab):
    """What chapter 13 does between its tasks, `lead_up_to` does here."""
    replicas.ensure_replica(lab, "eastus")
    for task in TASKS:
        if task.chapter == "13":
            lead_up_to(lab, task)
            acrlab.solve(lab, task.name)
    replicas.pull_by_region(lab, "westus")
    replicas.take_back(lab)
    replicas.remove_zone_group(lab)


def hub_and_spoke(lab):
    spoke, office = hub.spoke(lab), hub.on_premises(lab)
    for place in (spoke, office):
        hub.ensure_client(place)
    hub.make_half(lab, spoke)
    for task in TASKS:
        if task.chapter == "14":
            lead_up_to(lab, task)
            acrlab.solve(lab, task.name)
    hub.ensure_peering(lab, office)
    hub.take_down(lab)


def closed_for_good(lab):
    acrlab.steps.capture_access(lab)
    acrlab.steps.set_public_access(lab, "Disabled")
    names = ("myResourceGroup", "contoso42")
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    copy = {"source": source, "targetTags": [closed.IMPORTED]}
    lab.registry.registries.begin_import_image(*names, copy).result()
    file = f"FROM {lab.login_server}/hello-world:v1\n"
    acrlab.solve(lab, "tag-admitted")
    closed.build_until(lab, closed.BUILT[0], file, works=True)
    acrlab.solve(lab, "tasks-pass")
    closed.build_as_task(lab, closed.BUILT[1], file)
    lab.settings = lab.settings.model_copy(update={"location": "eastus"})  # where there are pools
    closed.build_in_pool(lab, closed.BUILT[2], file)
    closed.set_role_mode(lab, closed.ABAC)
    acrlab.solve(lab, "one-repository")
    closed.pull_on_vm(lab, works=True)
    acrlab.solve(lab, "registry-roles")
    closed.back_to_registry_roles(lab)
    acrlab.restore_access(lab)
    closed.delete_images(lab)


def access(lab):
    acrlab.deny_public_access(lab)
    acrlab.login_and_pull(lab)
    tasks(lab, "06")
    tasks(lab, "07")
    acrlab.restore_access(lab)


def cluster(lab):
    lab.backend.azure.world.set_setting("providers", "fresh")
    aks.register(lab)
    lab.backend.azure.world.set_setting("providers", "registered")
    aks.ensure_cluster(lab)
    for task in (task for task in TASKS if task.chapter == "16"):
        lead_up_to(lab, task)
        acrlab.solve(lab, task.name)
    aks.remove_cluster(lab)


# chapters -> the steps behind the reader, what the chapters do
CHAPTERS = {
    "01": ((), registry),
    "02": (("sample-image",), vm),
    "03": (("sample-image", "pull-right"), private_link),
    "04": (("registry", "subnet-policies"), approval),
    "05": (("registry",), portal),
    "06 and 07": (("sample-image", "pull-right", "records"), access),
    "09": (("sample-image", "pull-right", "records"), diagnosis),
    "12": (("group",), own_azure),
    "13": (("sample-image", "pull-right", "records"), regions),
    "14": (("sample-image", "pull-right", "records"), hub_and_spoke),
    "15": (("sample-image", "pull-right", "records"), closed_for_good),
    "16": (("sample-image", "dns-records", "public-access-denied"), cluster),
    ALONE: (("pull-right", "records"), clean_up),
}


def test_a_subscription_that_may_not_use_the_services_is_registered_for_them_and_waited_for(lab, world, actions):
    world.set_setting("providers", "fresh")
    world.set_setting("timing", "as-azure")
    begun = world.now

    acrlab.steps.register_providers(lab)

    assert actions == set(SENT[REGISTERING])
    assert 10 <= world.now - begun < 60
    acrlab.bring_to(lab, "registry")


@pytest.mark.table
@pytest.mark.parametrize("chapters", CHAPTERS)
def test_a_chapter_sends_what_the_table_says(lab, actions, chapters):
    behind, play = CHAPTERS[chapters]
    acrlab.bring_to(lab, *behind)
    actions.clear()

    play(lab)

    assert actions == set(SENT[chapters])


def test_in_a_group_of_others_each_thing_is_deleted_for_itself(lab, actions):
    """Of a registry and a zone that were there before only what the lab added: a role, and records."""
    group, west = "myResourceGroup", {"location": "westus"}
    lab.resources.resource_groups.create_or_update(group, west)
    acrlab.bring_to(lab, "pull-right", "records")
    actions.clear()
    acrlab.delete_lab(lab)
    with_its_own = set(actions)
    lab.registry.registries.begin_create(group, "contoso42", {**west, "sku": {"name": "Premium"}}).result()
    lab.dns.private_zones.begin_create_or_update(group, "privatelink.azurecr.io", {"location": "global"}).result()
    acrlab.bring_to(lab, "pull-right", "records")
    actions.clear()

    acrlab.delete_lab(lab)

    assert with_its_own | actions == set(SENT[SHARED])


def test_before_a_run_the_one_way_of_deleting_is_asked_for_that_fits_the_group(lab):
    alone = {one.asks for one in acrlab.run_preflight(lab).requirements}
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    shared = {one.asks for one in acrlab.run_preflight(lab).requirements}

    assert alone - shared == {f"rights for chapter {ALONE}"}
    assert shared - alone == {f"rights for chapter {SHARED}"}


def test_every_chapter_that_is_sent_for_has_a_row():
    assert [*NEEDED_RIGHTS] == [
        "01", "02", "03", "04", "05", "06 and 07", ALONE, SHARED, "09", "11", "12", "13", "14", "15", "16", REGISTERING
    ]  # fmt: skip
