"""Before a run: what stands in its way is named, and nothing that costs is made before somebody says yes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.cli import preflight
from acrlab.cli.app import app
from acrlab.lab.confirmation import confirmed_enough, question, require_confirmation
from acrlab.serving.connection import environment_of_vm, serving
from acrlab.steps.prerequisites import provider

PROGRAM = "import sys; from acrlab.cli.app import main; main(sys.argv[1:])"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def about(found, asks):
    return next(one for one in found.requirements if one.asks == asks)


def test_an_empty_subscription_of_one_s_own_is_ready(lab):
    found = acrlab.run_preflight(lab)

    assert found.ready
    assert [one for one in found.requirements if not one.ok] == []
    assert "contoso42 is free" in repr(found)
    assert found.dollars == 0


def test_looking_changes_nothing(lab, world):
    before = world.dump()

    acrlab.run_preflight(lab)

    assert world.dump() == before


def test_a_lab_that_is_there_does_not_stand_in_its_own_way(lab):
    acrlab.bring_to(lab, "registry")

    found = acrlab.run_preflight(lab)

    assert found.ready
    assert about(found, "group").seen == "myResourceGroup is this lab's"
    assert about(found, "registry's name").seen == "contoso42 is in the group already"


def test_a_group_of_somebody_else_is_named(lab):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})

    assert "only what the lab adds will be deleted" in about(acrlab.run_preflight(lab), "group").seen


def test_a_name_that_is_taken_stands_in_the_way(lab):
    other = acrlab.connect(lab.settings.model_copy(update={"resource_group": "another"}))
    acrlab.bring_to(other, "registry")
    other.close()

    found = acrlab.run_preflight(lab)

    assert not found.ready
    assert about(found, "registry's name").fix == "Choose another registry_name."


def test_a_provider_that_is_not_registered_is_offered(lab, world):
    world.set_setting("providers", "fresh")

    found = about(acrlab.run_preflight(lab), "providers")

    assert (found.ok, found.fix) == (False, "acrlab.steps.register_providers(lab), or acrlab preflight --register")
    acrlab.steps.register_providers(lab)
    assert about(acrlab.run_preflight(lab), "providers").ok


def test_providers_are_registered_where_somebody_says_so_and_only_there(lab, world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.set_setting("providers", "fresh")
    words = ["preflight", "--world", str(lab.backend.path), "--registry", "contoso42"]

    refused = CliRunner().invoke(app, words, catch_exceptions=False)
    asked = CliRunner().invoke(app, [*words, "--register"], catch_exceptions=False)

    assert refused.exit_code == 1
    missing = "Microsoft.Compute, Microsoft.ContainerRegistry, Microsoft.DevTestLab, Microsoft.Network"
    assert f"not registered: {missing}" in refused.output
    assert asked.exit_code == 0
    assert "all registered" in asked.output


def test_at_a_terminal_it_offers_to_register(lab, world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.set_setting("providers", "fresh")
    monkeypatch.setattr(preflight, "attended", lambda: True)
    words = ["preflight", "--world", str(lab.backend.path), "--registry", "contoso42"]

    no = CliRunner().invoke(app, words, input="n\n", catch_exceptions=False)
    yes = CliRunner().invoke(app, words, input="y\n", catch_exceptions=False)

    assert (no.exit_code, yes.exit_code) == (1, 0)
    assert "Register them now?" in yes.output


def test_a_region_that_lacks_something_is_named_with_those_that_have_all(lab):
    network = provider(lab, "Microsoft.Network")
    endpoints = next(t for t in network.resource_types if t.resource_type == "privateEndpoints")
    endpoints.locations = ["West Europe", "East US"]

    found = about(acrlab.run_preflight(lab), "region")

    assert (found.ok, found.seen) == (False, "westus lacks privateEndpoints")
    assert found.fix == "Choose a location that has all: eastus, westeurope."


def test_a_quota_that_is_used_up(lab, monkeypatch):
    asked = lab.arm.get_all

    def nearly_used_up(path, *args, **query):
        found = asked(path, *args, **query)
        return [{**u, "currentValue": u["limit"] - 1} for u in found] if path.endswith("/usages") else found

    monkeypatch.setattr(lab.arm, "get_all", nearly_used_up)

    found = about(acrlab.run_preflight(lab), "VM's size")

    assert (found.ok, found.seen) == (False, "Standard_B2s needs 2 cores; free: 1")


def test_a_size_that_is_not_there(lab):
    other = acrlab.connect(lab.settings.model_copy(update={"vm_size": "Standard_Nowhere"}))
    assert "is not offered in westus" in about(acrlab.run_preflight(other), "VM's size").seen
    other.close()


def test_a_size_that_one_zone_lacks_is_offered(lab):
    other = acrlab.connect(lab.settings.model_copy(update={"location": "eastus"}))
    found = about(acrlab.run_preflight(other), "VM's size")
    other.close()

    assert (found.ok, found.seen) == (True, "Standard_B2s needs 2 cores; free: 100")


def test_who_may_not_register_a_provider_is_told_what_to_ask_for(lab, world, monkeypatch):
    world.set_setting("providers", "fresh")
    asked = lab.arm.get_all
    on_the_group = f"{lab.group_id()}".lower()

    def without_rights(path, *args, **query):
        mine = not path.endswith("/permissions") or path.lower().startswith(on_the_group)
        return asked(path, *args, **query) if mine else []

    monkeypatch.setattr(lab.arm, "get_all", without_rights)

    found = about(acrlab.run_preflight(lab), "providers")

    assert found.ok is False
    assert found.fix == (
        "This identity lacks Microsoft.Compute/register/action, Microsoft.ContainerRegistry/register/action, "
        "Microsoft.DevTestLab/register/action, "
        "Microsoft.Network/register/action on the subscription: ask for them, or to have it done."
    )


@pytest.mark.parametrize("scope", ["group", "nothing"])
def test_rights_that_are_missing_are_named_for_each_chapter(lab, tmp_path, scope):
    """As the VM's identity, on the served Azure: Reader on the group, or nothing at all."""
    acrlab.bring_to(lab, "pull-right")
    if scope == "group":
        vm = lab.compute.virtual_machines.get("myResourceGroup", "myDockerVM")
        role = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
        id = f"{lab.group_id()}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid5(uuid.NAMESPACE_URL, 'x')}"
        properties = {"roleDefinitionId": role, "principalId": vm.identity.principal_id}
        lab.resources.resources.begin_create_or_update_by_id(
            id, {"properties": properties}, api_version="2022-04-01"
        ).result()

    done = as_vm(lab, tmp_path, "preflight", "--backend", "azure", "--registry", "contoso42")

    assert done.returncode == (1 if scope == "group" else 0), done.stderr
    if scope == "group":
        assert "rights for chapter 03" in done.stdout
        assert "missing: Microsoft.Network/privateEndpoints/write" in done.stdout
    else:
        assert "this identity may not see" in done.stdout
    assert "found: " in done.stdout
    assert "eyJ" not in done.stdout


def as_vm(lab, folder, *words):
    """Run a command as the VM's identity, against the served Azure."""
    world = Path(lab.backend.path)
    with serving(world, 0) as connection:
        variables = environment_of_vm(world, "myDockerVM", connection, folder / "az")
        variables = {name: value for name, value in variables.items() if value}
        here = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            env={**here, **variables},
            capture_output=True,
            text=True,
            cwd=folder,
        )


@pytest.fixture
def paying(lab, tmp_path, monkeypatch):
    """A lab that says that it is on a real subscription."""
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))

    def paying(**given):
        real = {"backend": "azure", "subscription": lab.subscription, **given}
        lab.settings = lab.settings.model_copy(update=real)
        return lab

    return paying


def test_on_a_real_subscription_nothing_is_made_before_somebody_says_yes(paying, world):
    lab = paying()

    with pytest.raises(acrlab.ConfigurationError, match=r"about 0\.33 US dollars .* no one has confirmed"):
        acrlab.ensure_group(lab)

    assert world.count() == 0
    assert lab.settings.resource_group in question(lab)
    assert lab.subscription in question(lab)


def test_too_small_a_yes_is_none(paying):
    with pytest.raises(acrlab.ConfigurationError, match=r"only 0\.1\d were confirmed"):
        require_confirmation(paying(confirm_cost=0.10))


def test_the_figure_that_is_shown_is_enough(paying):
    assert confirmed_enough(paying(confirm_cost=0.33))


def test_a_yes_is_kept_for_the_lab_and_for_no_other(paying):
    lab = paying()
    acrlab.confirm(lab, 1)

    acrlab.ensure_group(lab)

    with pytest.raises(acrlab.ConfigurationError):
        acrlab.ensure_group(paying(registry_name="another42"))


def test_the_emulated_azure_asks_nobody(lab):
    require_confirmation(lab)


def test_the_button_keeps_the_yes(paying, monkeypatch):
    monkeypatch.setenv("ACRLAB_WIDGETS", "on")
    lab = paying()
    control = acrlab.confirmation(lab)
    (yes,) = [w for w in _all_of(control.widget) if getattr(w, "description", "") == "Yes"]

    yes.click()

    assert confirmed_enough(lab)
    assert "Before the run" in repr(control)


def _all_of(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all_of(child)


def test_permissions_are_those_of_whoever_asks(lab):
    path = f"/subscriptions/{lab.subscription}/providers/Microsoft.Authorization/permissions"

    (granted,) = lab.arm.get_all(path, "2022-04-01")

    assert json.dumps(granted["actions"]) == '["*"]'
