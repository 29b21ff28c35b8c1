"""What was there before the lab gets back what the lab changed in it, and keeps what is its own."""

import pytest

import acrlab


@pytest.fixture
def theirs(lab, world):
    """A group, a registry and a network with a subnet that were there before."""
    group, west = "myResourceGroup", {"location": "westus"}
    lab.resources.resource_groups.create_or_update(group, west)
    lab.registry.registries.begin_create(group, "contoso42", {**west, "sku": {"name": "Premium"}}).result()
    subnets = [{"name": "myDockerVMSubnet", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    lab.network.virtual_networks.begin_create_or_update(group, "myDockerVMVNET", {**west, "properties": space}).result()
    return world


def test_what_the_lab_changed_in_things_of_others_is_put_back(lab, theirs):
    before = lab.network.subnets.get("myResourceGroup", "myDockerVMVNET", "myDockerVMSubnet")
    acrlab.bring_to(lab, "records", "sample-image", "public-access-denied")

    acrlab.delete_lab(lab)

    after = lab.network.subnets.get("myResourceGroup", "myDockerVMVNET", "myDockerVMSubnet")
    assert before.private_endpoint_network_policies == after.private_endpoint_network_policies == "Enabled"
    assert list(lab.content.list_repository_names()) == []
    assert acrlab.prove_absence(lab) == ()


def test_an_image_that_was_there_before_stays_and_so_does_its_neighbour(lab, theirs):
    for tag in ("hello-world:v0", "hello-world:v1"):
        source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
        lab.registry.registries.begin_import_image(
            "myResourceGroup", "contoso42", {"source": source, "targetTags": [tag]}
        ).result()
    acrlab.bring_to(lab, "sample-image")

    acrlab.delete_lab(lab)

    assert [tag.name for tag in acrlab.tags(lab)] == ["v0", "v1"]


def test_a_registry_that_its_owner_deleted_holds_nothing_up(lab, theirs):
    acrlab.bring_to(lab, "sample-image", "public-access-denied")
    lab.registry.registries.begin_delete("myResourceGroup", "contoso42").result()

    acrlab.delete_lab(lab)

    assert acrlab.prove_absence(lab) == ()


def test_only_the_lab_s_own_tag_leaves_a_repository_that_was_there_before(lab, theirs):
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    body = {"source": source, "targetTags": ["hello-world:v0"]}
    lab.registry.registries.begin_import_image("myResourceGroup", "contoso42", body).result()
    acrlab.bring_to(lab, "sample-image")

    acrlab.delete_lab(lab)

    assert [tag.name for tag in acrlab.tags(lab)] == ["v0"]


def test_chapter_05_takes_only_its_own_from_a_group_that_was_there_before(lab, world):
    lab.resources.resource_groups.create_or_update("myPortalResourceGroup", {"location": "westus"})
    lab.dns.private_zones.begin_create_or_update(
        "myPortalResourceGroup", "theirs.example", {"location": "global"}
    ).result()
    acrlab.bring_to(lab, "registry")
    acrlab.steps.ensure_portal_endpoint(lab)

    acrlab.steps.remove_portal_endpoint(lab)

    left = [r.name for r in lab.resources.resources.list_by_resource_group("myPortalResourceGroup")]
    assert left == ["theirs.example"]
