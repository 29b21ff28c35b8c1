"""Access settings are captured before they are changed, and put back exactly."""

from contextlib import suppress

import pytest

import acrlab
from acrlab.emulator.core import fault_injection
from acrlab.steps import access_note
from acrlab.steps.public_access import closed_on_purpose, update_access


def test_what_was_captured_comes_back_exactly(lab):
    acrlab.bring_to(lab, "registry")
    rules = {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.7"}]}
    bypass = {"networkRuleBypassOptions": "None", "networkRuleBypassAllowedForTasks": True}
    body = {"properties": {"networkRuleSet": rules, **bypass}}
    lab.registry.registries.begin_update("myResourceGroup", "contoso42", body).result()
    before = acrlab.steps.current_access(lab)

    acrlab.steps.capture_access(lab)
    acrlab.steps.set_public_access(lab, "Disabled")
    other = {"networkRuleSet": {"ipRules": []}, "networkRuleBypassOptions": "AzureServices"}
    body = {"properties": {**other, "networkRuleBypassAllowedForTasks": False}}
    lab.registry.registries.begin_update("myResourceGroup", "contoso42", body).result()

    assert acrlab.restore_access(lab) == before == acrlab.steps.current_access(lab)
    assert before == acrlab.steps.AccessSettings("Enabled", "Deny", ("203.0.113.7",), "None", tasks_pass=True)


def test_capturing_twice_keeps_what_was_there_first(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.deny_public_access(lab)

    assert acrlab.steps.capture_access(lab).default_action == "Allow"


def test_enabling_again_leaves_deny_behind_and_restoring_does_not(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.steps.capture_access(lab)
    acrlab.steps.set_public_access(lab, "Disabled")

    half_open = acrlab.steps.set_public_access(lab, "Enabled")

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
    acrlab.steps.reopen(lab)  # nothing was captured, and there is no registry
    acrlab.bring_to(lab, "registry")
    before = acrlab.steps.capture_access(lab)
    acrlab.deny_public_access(lab)

    acrlab.steps.reopen(lab)

    assert acrlab.steps.current_access(lab) == before
    acrlab.steps.capture_access(lab)
    acrlab.deny_public_access(lab)
    lab.resources.resource_groups.begin_delete(lab.settings.resource_group).result()
    acrlab.steps.reopen(lab)
    acrlab.bring_to(lab, "registry", "public-access-as-before")
    assert acrlab.steps.current_access(lab).default_action == "Allow"


# -- what the lab noted, and what it did itself ------------------------------------------------------------------------


def test_what_the_lab_itself_closed_is_never_noted_as_what_was_before(lab):
    acrlab.bring_to(lab, "registry")
    acrlab.steps.set_public_access(lab, "Disabled")  # nobody has captured anything

    assert acrlab.steps.capture_access(lab).default_action == "Allow"
    assert acrlab.restore_access(lab).public_network_access == "Enabled"


def test_closing_for_another_reason_than_a_chapter_s_does_not_count_as_meant(lab):
    acrlab.bring_to(lab, "registry")

    acrlab.steps.set_public_access(lab, "Disabled")
    assert not closed_on_purpose(lab)
    acrlab.steps.capture_access(lab)
    assert closed_on_purpose(lab)


def test_a_note_belongs_to_the_registry_that_it_was_made_of(lab, world):
    acrlab.bring_to(lab, "public-access-denied")
    world.advance_to(world.now + 3600)
    lab.registry.registries.begin_delete("myResourceGroup", "contoso42").result()
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"publicNetworkAccess": "Disabled"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", body).result()

    assert acrlab.steps.capture_access(lab).public_network_access == "Disabled"


def test_a_registry_made_anew_by_the_lab_is_not_taken_for_closed_on_purpose(lab):
    acrlab.bring_to(lab, "public-access-denied")
    acrlab.delete_lab(lab)

    acrlab.bring_to(lab, "registry")

    assert not closed_on_purpose(lab)


@pytest.fixture
def real(lab, monkeypatch):
    """A lab that says that it is on a real subscription, with a registry that was there before, tagged by its owner."""
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    body = {"location": "westus", "sku": {"name": "Premium"}, "tags": {"team": "payments"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", body).result()
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "subscription": lab.subscription})
    return lab


def _tags(lab):
    return lab.registry.registries.get("myResourceGroup", "contoso42").tags


def _on_another_computer(lab):
    lab.backend.memory.delete("access-contoso42.json")


def _owner_sets(lab, **properties):
    lab.registry.registries.begin_update("myResourceGroup", "contoso42", {"properties": properties}).result()


def test_on_a_real_subscription_the_registry_says_what_it_was_so_that_another_computer_can_put_it_back(real):
    _owner_sets(
        real, networkRuleSet={"defaultAction": "Allow", "ipRules": [{"action": "Allow", "value": "203.0.113.7"}]}
    )
    before = acrlab.steps.current_access(real)
    acrlab.deny_public_access(real)
    assert _tags(real) == {
        "team": "payments",
        "acrlab-access-before": "Enabled Allow AzureServices no-tasks 203.0.113.7",
        "acrlab-access-left": "Enabled Deny AzureServices no-tasks 203.0.113.7",
    }
    _on_another_computer(real)

    assert acrlab.steps.capture_access(real) == before
    assert acrlab.restore_access(real) == before == acrlab.steps.current_access(real)
    assert _tags(real) == {"team": "payments"}


def test_the_emulated_azure_has_no_such_tags_as_its_world_remembers(lab):
    acrlab.bring_to(lab, "public-access-denied")

    assert _tags(lab) == {"acrlab": "contoso42"}


def test_rules_that_do_not_fit_into_a_tag_are_noted_on_this_computer_alone(real):
    rules = [{"action": "Allow", "value": f"203.0.113.{number}"} for number in range(40)]
    _owner_sets(real, networkRuleSet={"defaultAction": "Allow", "ipRules": rules})
    before = acrlab.steps.current_access(real)

    acrlab.deny_public_access(real)

    assert _tags(real) == {"team": "payments"}
    assert acrlab.restore_access(real) == before


def test_what_its_owner_has_set_since_is_not_overwritten(real):
    acrlab.deny_public_access(real)
    _owner_sets(real, publicNetworkAccess="Disabled", networkRuleBypassOptions="None")
    closed = acrlab.steps.current_access(real)

    for put_back in (acrlab.restore_access, acrlab.steps.reopen):
        with pytest.raises(acrlab.RefusedError) as problem:
            put_back(real)
        assert str(problem.value) == (
            "the access settings of contoso42 are left as they are: they have been changed since the lab set them. "
            "Seen: publicNetworkAccess Disabled, defaultAction Deny, ipRules none, networkRuleBypassOptions None, "
            "networkRuleBypassAllowedForTasks false. The lab left: publicNetworkAccess Enabled, defaultAction Deny, "
            "ipRules none, networkRuleBypassOptions AzureServices, networkRuleBypassAllowedForTasks false. Before the "
            "lab: publicNetworkAccess Enabled, defaultAction Allow, ipRules none, networkRuleBypassOptions "
            "AzureServices, networkRuleBypassAllowedForTasks false. To keep what is there: "
            "acrlab.steps.accept_access(lab). To go back to the other, set it yourself, then call that."
        )
    assert acrlab.steps.current_access(real) == closed
    assert acrlab.steps.accept_access(real) == closed
    assert _tags(real) == {"team": "payments"}
    acrlab.steps.reopen(real)
    assert acrlab.steps.current_access(real) == closed


def test_what_its_owner_has_set_since_is_what_is_captured_then(real):
    acrlab.deny_public_access(real)
    _owner_sets(real, publicNetworkAccess="Disabled")

    assert acrlab.steps.capture_access(real).public_network_access == "Disabled"


def test_a_change_that_was_made_though_nobody_heard_of_it_is_the_lab_s(real, monkeypatch):
    """As after a kill between the change and the note on it, where the tags did not fit."""
    monkeypatch.setattr(access_note, "MOST_TAGS", 0)
    fault_injection.plant(real.backend.azure.world, fault_injection.Fault("drop-answer", when="nth", n=2))
    with suppress(acrlab.AcrLabError):
        acrlab.deny_public_access(real)

    assert acrlab.restore_access(real).default_action == "Allow"


def test_a_rule_that_azure_shows_otherwise_than_it_was_sent_is_the_lab_s(real):
    rule = {"action": "Allow", "value": "203.0.113.7/32"}
    left = update_access(real, {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [rule]}})

    assert left.ip_rules == ("203.0.113.7",)
    assert _tags(real)["acrlab-access-left"] == "Enabled Deny AzureServices no-tasks 203.0.113.7"
    restored = acrlab.restore_access(real)
    assert (restored.default_action, restored.ip_rules) == ("Allow", ())
