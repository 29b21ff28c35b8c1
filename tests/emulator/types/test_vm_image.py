"""Images that VMs start from, and the sizes that they can have."""

import pytest
from azure.core.exceptions import ResourceNotFoundError

JAMMY = ("westus", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2")


def test_the_newest_image_of_a_sku_can_be_looked_up(cloud):
    found = cloud.compute.virtual_machine_images.list(*JAMMY, top=1, orderby="name desc")

    assert [image.name for image in found] == ["22.04.202601080"]


def test_the_catalogue_is_gone_through_level_by_level(cloud):
    images = cloud.compute.virtual_machine_images

    publishers = [p.name for p in images.list_publishers("westus")]
    assert publishers == ["Canonical", "Debian", "Microsoft.Azure.Extensions"]
    assert [o.name for o in images.list_offers("westus", "debian")] == ["debian-11", "debian-12"]
    assert [s.name for s in images.list_skus("westus", "canonical", "ubuntuserver")] == ["16.04-LTS", "18.04-LTS"]


def test_an_image_s_id_is_spelled_as_azure_spells_it(cloud):
    image = cloud.compute.virtual_machine_images.get(
        "westus", "canonical", "UBUNTUSERVER", "18.04-lts", "18.04.202401161"
    )

    root = f"/Subscriptions/{cloud.opened.subscription}/Providers/Microsoft.Compute/Locations/westus"
    assert image.id == (
        f"{root}/Publishers/Canonical/ArtifactTypes/VMImage/Offers/UbuntuServer/Skus/18.04-LTS/Versions/18.04.202401161"
    )
    assert (image.hyper_v_generation, image.architecture) == ("V1", "x64")


def test_versions_can_be_listed_with_all_that_is_known_of_them(cloud):
    (newest,) = cloud.compute.virtual_machine_images.list(*JAMMY, expand="properties", top=1, orderby="name desc")

    assert (newest.name, newest.as_dict()["properties"]["hyperVGeneration"]) == ("22.04.202601080", "V2")


@pytest.mark.parametrize(("version", "told"), [("18.04.202401161", True), ("18.04.202002180", False)])
def test_newer_builds_tell_their_disk_controllers(cloud, version, told):
    image = cloud.compute.virtual_machine_images.get("westus", "Canonical", "UbuntuServer", "18.04-LTS", version)

    assert ("DiskControllerTypes" in [feature.name for feature in image.features]) is told


def test_offers_and_skus_are_sorted_by_name_whatever_its_case(cloud):
    images = cloud.compute.virtual_machine_images

    assert [offer.name for offer in images.list_offers("westus", "Canonical")] == [
        "0001-com-ubuntu-server-focal",
        "0001-com-ubuntu-server-jammy",
        "ubuntu-24_04-lts",
        "UbuntuServer",
    ]


def test_a_sku_tells_whether_its_images_are_upgraded(cloud):
    (first, *_) = cloud.compute.virtual_machine_images.list_skus("westus", "Canonical", "UbuntuServer")

    assert first.as_dict()["properties"] == {"automaticOSUpgradeProperties": {"automaticOSUpgradeSupported": True}}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("fooBAR", "offer", "sku"), "Publisher: fooBAR was not found."),
        (("Canonical", "offer", "sku"), "Artifact: VMImage was not found."),
        (("Canonical", "UbuntuServer", "sku"), "Artifact: VMImage was not found."),
        (("Microsoft.Azure.Extensions", "offer", "sku"), "Artifact: VMImage was not found."),
    ],
)
def test_what_is_not_in_the_catalogue_is_named(cloud, place, words):
    with pytest.raises(ResourceNotFoundError) as caught:
        cloud.compute.virtual_machine_images.list("westus", *place)

    assert caught.value.error.message == words


def test_a_region_that_is_none_has_neither_images_nor_sizes(cloud, refused):
    compute = cloud.compute

    code = (400, "NoRegisteredProviderFound")
    assert refused(lambda: compute.virtual_machine_images.list_publishers("mars")) == code
    assert refused(lambda: list(compute.virtual_machine_sizes.list("mars"))) == code


def test_a_region_s_sizes_are_listed(cloud):
    found = {size.name: size for size in cloud.compute.virtual_machine_sizes.list("westus")}

    assert (found["Standard_B2s"].number_of_cores, found["Standard_B2s"].memory_in_mb) == (2, 4096)


@pytest.mark.parametrize(
    ("name", "temporary", "disks"),
    [
        ("Standard_B1s", 4096, 2),
        ("Standard_B1ms", 4096, 2),
        ("Standard_B2s", 8192, 4),
        ("Standard_B2ms", 16384, 4),
        ("Standard_DS1_v2", 7168, 4),
        ("Standard_DS2_v2", 14336, 8),
        ("Standard_D2s_v3", 16384, 4),
        ("Standard_D2s_v5", 0, 4),
        ("Standard_F2s_v2", 16384, 4),
    ],
)
def test_each_size_has_its_own_disks(cloud, name, temporary, disks):
    found = {size.name: size for size in cloud.compute.virtual_machine_sizes.list("westus")}[name]

    assert (found.resource_disk_size_in_mb, found.max_data_disk_count) == (temporary, disks)
