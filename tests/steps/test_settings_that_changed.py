"""A setting that was changed while the lab stands: refused with what to do, and never ignored."""

import pytest

import acrlab


def again(lab, **changed):
    """Open the same world with other settings."""
    settings = {"world": str(lab.settings.world), "registry_name": lab.settings.registry_name, **changed}
    return acrlab.connect(**settings)


@pytest.fixture
def stands(tmp_path):
    lab = acrlab.connect(world=str(tmp_path / "world.db"))
    acrlab.bring_to(lab, "link", "registry")
    yield lab
    lab.close()


@pytest.mark.parametrize(("step", "name"), [("registry", "myregistry"), ("network", "myDocker"), ("endpoint", "my")])
def test_a_lab_is_not_moved_to_another_location(stands, step, name):
    moved = again(stands, location="West Europe")

    with pytest.raises(
        acrlab.ConfigurationError,
        match=rf"^location: it is westeurope, and the lab made {name}\w+ in westus, which Azure does not move\. "
        "Set it to westus, or delete the lab first: acrlab clean-up",
    ):
        acrlab.bring_to(moved, step)


def test_what_is_not_the_lab_s_may_be_anywhere(lab):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "eastus"})
    body = {"location": "eastus", "sku": {"name": "Premium"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", body).result()

    acrlab.bring_to(lab, "registry", "network")


def test_a_link_to_the_network_of_a_vm_that_was_renamed_says_so(stands):
    with pytest.raises(acrlab.RefusedError, match="Was vm_name changed, which names the network, too"):
        acrlab.bring_to(again(stands, vm_name="otherVM"), "link")
