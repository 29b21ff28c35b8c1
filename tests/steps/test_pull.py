"""Pulls: inside they work, outside they are refused, and an image that arrives is the one that was imported."""

import pytest

import acrlab
from acrlab.emulator.core import fault_injection


def test_the_image_that_arrives_here_is_the_one_in_the_registry(lab):
    acrlab.bring_to(lab, "sample-image")
    (tag,) = acrlab.tags(lab)

    pull = acrlab.pull_from_here(lab)

    assert (pull.digest, pull.layers) == (tag.digest, 1)


def test_a_closed_registry_gives_the_vm_its_layers_and_this_computer_a_403(lab):
    acrlab.bring_to(lab, "sample-image", "pull-right", "records")
    (tag,) = acrlab.tags(lab)
    acrlab.deny_public_access(lab)

    pull, refusal = acrlab.login_and_pull(lab), acrlab.refusal_from_here(lab)

    assert (pull.digest, pull.layers) == (tag.digest, 1)
    assert repr(refusal) == (
        "403 DENIED\nclient with IP '198.51.100.20' is not allowed access. "
        "Refer https://aka.ms/acr/firewall to grant access."
    )


def test_a_second_pull_moves_its_layers_again(lab):
    acrlab.bring_to(lab, "sample-image", "pull-right")

    assert acrlab.login_and_pull(lab) == acrlab.login_and_pull(lab)
    assert acrlab.login_and_pull(lab).layers == 1


def test_without_the_data_endpoint_s_record_a_layer_does_not_arrive(lab):
    acrlab.bring_to(lab, "sample-image", "pull-right", "records")
    lab.dns.record_sets.delete("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42.westus.data")

    with pytest.raises(acrlab.RefusedError, match=r"lookup contoso42\.westus\.data\.azurecr\.io.*no such host"):
        acrlab.login_and_pull(lab)


def test_without_a_right_to_pull_the_vm_is_turned_away_at_the_login(lab):
    acrlab.bring_to(lab, "sample-image", "azure-cli")

    with pytest.raises(acrlab.RefusedError, match="No access was configured for the VM"):
        acrlab.login_and_pull(lab)


def test_a_right_that_does_not_count_yet_is_waited_for(lab, world):
    acrlab.bring_to(lab, "sample-image", "azure-cli")
    fault_injection.plant(world, fault_injection.Fault("slow-role", seconds=240))
    acrlab.allow_vm_to_pull(lab)
    before = world.now

    assert acrlab.login_and_pull(lab).layers == 1
    assert 200 < world.now - before < 600


def test_a_right_that_never_counts_is_waited_for_ten_minutes(lab, world):
    acrlab.bring_to(lab, "sample-image", "azure-cli")
    fault_injection.plant(world, fault_injection.Fault("slow-role", seconds=100_000))
    acrlab.allow_vm_to_pull(lab)

    with pytest.raises(
        acrlab.NotReadyError, match="The right of myDockerVM to pull counts: not within 600 s"
    ) as caught:
        acrlab.login_and_pull(lab)

    assert caught.value.waited_s == 600
    assert "No access was configured for the VM" in caught.value.last_state


def test_an_open_registry_refuses_nothing(lab):
    acrlab.bring_to(lab, "sample-image")

    with pytest.raises(acrlab.RefusedError, match="Expected a refusal, but the pull worked"):
        acrlab.refusal_from_here(lab)
