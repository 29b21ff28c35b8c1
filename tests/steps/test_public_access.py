"""Access settings are captured before they are changed, and put back exactly."""

import pytest

import acrlab


def test_what_was_captured_comes_back_exactly(lab):
    acrlab.bring_to(lab, "registry")
    rules = {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.7"}]}
    bypass = {"networkRuleBypassOptions": "None", "networkRuleBypassAllowedForTasks": True}
    body = {"properties": {"networkRuleSet": rules, **bypass}}
    lab.registry.registries.begin_update("myResourceGroup", "contoso42", body).result()
    before = acrlab.current_access(lab)

    acrlab.capture_access(lab)
    acrlab.set_public_access(lab, "Disabled")
    other = {"networkRuleSet": {"ipRules": []}, "networkRuleBypassOptions": "AzureServices"}
    body = {"properties": {**other, "networkRuleBypassAllowedForTasks": False}}
    lab.registry.registries.begin_update("myResourceGroup", "contoso42", body).result()

    assert acrlab.restore_access(lab) == before == acrlab.current_access(lab)
    assert before == acrlab.AccessSettings("Enabled", "Deny", ("203.0.113.7",), "None", tasks_pass=True)


def test_capturing_twice_keeps_what_was_there_first(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.deny_public_access(lab)

    assert acrlab.capture_access(lab).default_action == "Allow"


def test_enabling_again_leaves_deny_behind_and_restoring_does_not(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.capture_access(lab)
    acrlab.set_public_access(lab, "Disabled")

    half_open = acrlab.set_public_access(lab, "Enabled")

    assert (half_open.public_network_access, half_open.default_action) == ("Enabled", "Deny")
    assert acrlab.restore_access(lab).default_action == "Allow"


def test_restoring_without_a_capture_says_what_to_call(lab):
    acrlab.bring_to(lab, "registry")

    with pytest.raises(acrlab.ConfigurationError, match="Call capture_access first"):
        acrlab.restore_access(lab)


def test_denying_twice_sends_one_change(lab, world):
    acrlab.bring_to(lab, "registry")
    acrlab.deny_public_access(lab)
    before = world.find(lab.id_of("Microsoft.ContainerRegistry/registries", "contoso42")).revision

    acrlab.deny_public_access(lab)

    assert world.find(lab.id_of("Microsoft.ContainerRegistry/registries", "contoso42")).revision == before


def test_reopening_puts_back_what_a_chapter_left_closed_and_forgets_a_registry_that_is_gone(lab):
    acrlab.reopen(lab)  # nothing was captured, and there is no registry
    acrlab.bring_to(lab, "registry")
    before = acrlab.capture_access(lab)
    acrlab.deny_public_access(lab)

    acrlab.reopen(lab)

    assert acrlab.current_access(lab) == before
    acrlab.capture_access(lab)
    acrlab.deny_public_access(lab)
    lab.resources.resource_groups.begin_delete(lab.settings.resource_group).result()
    acrlab.reopen(lab)
    acrlab.bring_to(lab, "registry", "public-access-as-before")
    assert acrlab.current_access(lab).default_action == "Allow"
