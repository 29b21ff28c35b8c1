"""Pulls: inside they work, outside they are refused, and an image that arrives is the one that was imported."""

import json

import pytest

import acrlab
from acrlab.emulator.core import fault_injection
from acrlab.steps.public_access import update_access


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

    with pytest.raises(acrlab.RefusedError, match="No access was configured for the managed identity"):
        acrlab.login_and_pull(lab)


def test_a_right_that_does_not_count_yet_is_waited_for(lab, world):
    acrlab.bring_to(lab, "sample-image", "azure-cli")
    fault_injection.plant(world, fault_injection.Fault("slow-role", seconds=240))
    acrlab.allow_vm_to_pull(lab)
    before = world.now

    assert acrlab.login_and_pull(lab).layers == 1
    assert 200 < world.now - before < 600


@pytest.mark.long
def test_a_right_that_never_counts_is_waited_for_ten_minutes(lab, world):
    acrlab.bring_to(lab, "sample-image", "azure-cli")
    fault_injection.plant(world, fault_injection.Fault("slow-role", seconds=100_000))
    acrlab.allow_vm_to_pull(lab)

    with pytest.raises(
        acrlab.NotReadyError, match="The right of myDockerVM to pull takes effect: not within 600 s"
    ) as caught:
        acrlab.login_and_pull(lab)

    assert caught.value.waited_s == 600
    assert "No access was configured for the managed identity" in caught.value.last_state


def test_an_open_registry_refuses_nothing(lab):
    acrlab.bring_to(lab, "sample-image")

    with pytest.raises(acrlab.RefusedError, match="Expected a refusal, but the pull worked"):
        acrlab.refusal_from_here(lab)


# -- on an Azure that is late ------------------------------------------------------------------------------------------


@pytest.fixture
def late(lab, world):
    world.set_setting("timing", "as-azure")
    return lab


def test_a_registry_that_was_just_closed_is_asked_until_it_refuses(late, world):
    acrlab.bring_to(late, "sample-image")
    acrlab.steps.set_public_access(late, "Disabled")
    begun = world.now

    assert acrlab.refusal_from_here(late).code == "DENIED"
    assert 100 < world.now - begun < 150


def test_a_registry_that_was_just_opened_is_asked_until_it_lets_in(late, world):
    acrlab.bring_to(late, "sample-image")
    acrlab.steps.capture_access(late)
    acrlab.deny_public_access(late)
    acrlab.refusal_from_here(late)
    acrlab.steps.restore_access(late)
    begun = world.now

    assert len(acrlab.tags(late)) == 1
    assert acrlab.pull_from_here(late).layers == 1
    assert 100 < world.now - begun < 150


def test_a_rule_that_names_this_computer_is_waited_for(late, world):
    acrlab.bring_to(late, "sample-image")
    acrlab.deny_public_access(late)
    acrlab.refusal_from_here(late)
    rules = {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24"}]}}
    update_access(late, rules)

    assert acrlab.pull_from_here(late).layers == 1


def test_a_registry_that_is_set_to_refuse_is_not_waited_for(late, world):
    acrlab.bring_to(late, "sample-image")
    acrlab.deny_public_access(late)
    acrlab.refusal_from_here(late)
    begun = world.now

    with pytest.raises(acrlab.RefusedError, match="DENIED"):
        acrlab.pull_from_here(late)

    assert world.now == begun


def test_a_rule_that_never_counts_says_what_was_waited_for(late, world, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.core.lateness.ACCESS_S", 10_000)
    acrlab.bring_to(late, "sample-image")
    acrlab.deny_public_access(late)

    with pytest.raises(acrlab.NotReadyError, match="contoso42 refuses this computer, as it is set to: not within"):
        acrlab.refusal_from_here(late)


def test_the_vm_s_young_role_is_waited_for(late, world):
    acrlab.bring_to(late, "sample-image", "azure-cli")
    acrlab.allow_vm_to_pull(late)
    begun = world.now

    assert acrlab.login_and_pull(late).layers == 1
    assert 60 < world.now - begun < 300


def test_a_registry_that_throttles_is_asked_again_when_it_says(late, world):
    acrlab.bring_to(late, "sample-image")
    begun = world.now

    digests = {acrlab.pull_from_here(late).digest for _ in range(60)}

    assert len(digests) == 1
    assert 10 <= world.now - begun < 100


# -- images for several platforms --------------------------------------------------------------------------------------


def test_of_an_image_for_several_platforms_that_for_linux_arrives(lab):
    acrlab.bring_to(lab, "sample-image")
    (tag,) = acrlab.tags(lab)
    one = lab.content.get_manifest("hello-world", tag.digest)
    size = len(json.dumps(one.manifest))

    def listed(system, vm):
        return {
            "mediaType": one.media_type,
            "digest": tag.digest,
            "size": size,
            "platform": {"os": system, "architecture": vm},
        }

    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [listed("windows", "amd64"), listed("linux", "amd64")],
    }
    kept = lab.content.set_manifest("hello-world", index, tag="v1", media_type=index["mediaType"])

    pull = acrlab.pull_from_here(lab)

    assert (pull.digest, pull.layers) == (kept, 1)


def test_what_comes_of_a_try_from_here_is_a_pull_or_a_refusal_that_names_the_address(lab):
    acrlab.bring_to(lab, "sample-image")
    pulled = acrlab.steps.try_from_here(lab)
    acrlab.deny_public_access(lab)
    refused = acrlab.steps.try_from_here(lab)

    assert isinstance(pulled, acrlab.steps.Pull)
    assert (refused.status, refused.code, refused.address) == (403, "DENIED", "198.51.100.20")
    assert acrlab.steps.Refusal(404, "NotFound", "no such image").address == ""


def test_a_try_on_the_vm_says_what_docker_said_where_the_data_endpoint_has_no_record(lab):
    acrlab.bring_to(lab, "sample-image", "pull-right", "endpoint", "link")
    zone = lab.id_of("Microsoft.Network/privateDnsZones", lab.settings.zone_name)
    acrlab.steps.write_record(lab, zone, "contoso42", "10.0.0.6")

    outcome = acrlab.steps.try_on_vm(lab)

    assert outcome.exit_code == 1
    assert outcome.stdout.splitlines()[:2] == ["Login Succeeded", "v1: Pulling from hello-world"]
    assert "lookup contoso42.westus.data.azurecr.io" in outcome.stderr
    assert outcome.stderr.endswith("no such host")
