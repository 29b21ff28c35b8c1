"""The extensions that a region offers, as far as `az vm extension set` looks for their newest version."""

import pytest

SCRIPTS = ("westus", "Microsoft.Azure.Extensions")


def test_the_newest_version_of_an_extension_can_be_looked_up(cloud):
    images = cloud.compute.virtual_machine_extension_images

    assert [type.name for type in images.list_types(*SCRIPTS)] == ["CustomScript"]
    names = [version.name for version in images.list_versions(*SCRIPTS, "customscript")]
    assert (names[0], names[-1]) == ("2.0.0", "2.1.14")
    assert len(images.list_versions(*SCRIPTS, "CustomScript", top=3)) == 3


def test_a_version_tells_what_it_is_for(cloud):
    found = cloud.compute.virtual_machine_extension_images.get(*SCRIPTS, "CustomScript", "2.1.14")

    assert found.id == (
        f"/Subscriptions/{cloud.opened.subscription}/Providers/Microsoft.Compute/Locations/westus/Publishers"
        "/Microsoft.Azure.Extensions/ArtifactTypes/VMExtension/Types/CustomScript/Versions/2.1.14"
    )
    assert (found.operating_system, found.vm_scale_set_enabled, found.supports_multiple_extensions) == (
        "Linux",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("Canonical", "CustomScript"), (404, "NotFound")),
        (("Microsoft.OSTCExtensions", "CustomScriptForLinux"), (501, "NotEmulated")),
        (("Microsoft.Azure.Extensions", "Other"), (501, "NotEmulated")),
    ],
)
def test_what_is_not_in_the_catalogue_is_denied_only_where_that_is_known(cloud, refused, place, expected):
    images = cloud.compute.virtual_machine_extension_images

    assert refused(lambda: images.list_versions("westus", *place)) == expected


def test_a_version_that_is_not_there_is_not_found_and_filters_are_not_modelled(cloud, refused):
    images = cloud.compute.virtual_machine_extension_images

    assert refused(lambda: images.get(*SCRIPTS, "CustomScript", "9.9.9")) == (404, "NotFound")
    assert refused(lambda: images.list_versions(*SCRIPTS, "CustomScript", orderby="name desc")) == (501, "NotEmulated")
