"""The settings as a form: every mistake at once, each at its field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import acrlab
from acrlab.errors import ConfigurationError
from tests.widgets.clicks import all_of, named, problems_at, shown, status

RECORDING = Path(__file__).parents[1] / "fixtures" / "article.jsonl"


def test_the_form_s_settings_are_what_stands_in_it(lab):
    form = acrlab.settings_form(lab.settings)
    assert form.settings == lab.settings

    named(form, "VM").value = "otherVM"
    named(form, "Region").value = "North Europe"
    chosen = form.settings

    assert (chosen.vm_name, chosen.network_name, chosen.location) == ("otherVM", "otherVMVNET", "northeurope")
    assert 'vm_name = "otherVM"' in shown(form).replace("&quot;", '"')


def test_settings_that_are_not_possible_are_said_so_and_not_handed_out(lab):
    form = acrlab.settings_form(lab.settings)
    named(form, "Registry").value = "no-dashes"

    with pytest.raises(ConfigurationError, match="Registry: 'no-dashes' is not possible"):
        _ = form.settings
    assert "Not done" in shown(form)
    named(form, "Registry").value = "dashless42"
    assert form.settings.registry_name == "dashless42"


def test_all_that_is_wrong_is_said_at_once_and_each_at_its_field(lab):
    form = acrlab.settings_form(lab.settings)
    named(form, "Resource group").value = "grp."
    named(form, "Region").value = "mars"
    named(form, "Registry").value = "x"

    assert "no dot at the end" in problems_at(form, "Resource group")
    assert problems_at(form, "Region") == "✗ Region: there is no Azure region mars; for example westus, westeurope."
    assert problems_at(form, "Registry").startswith("✗ Registry: 'x' is not possible. 5 to 50 letters")
    assert problems_at(form, "VM") == ""
    assert not re.search("registry_name|resource_group|location", status(form))
    with pytest.raises(ConfigurationError, match=r"not complete\. Resource group: .*\nRegion: .*\nRegistry: "):
        _ = form.settings
    named(form, "Region").value = "westus"
    assert problems_at(form, "Region") == ""


def test_a_name_that_is_made_from_the_vm_s_is_wrong_at_the_vm(lab):
    form = acrlab.settings_form(lab.settings)
    named(form, "VM").value = "m" * 64

    assert problems_at(form, "VM").startswith("✗ VM: 'mmm")
    assert "network_name" not in status(form)


def test_a_recording_has_a_field_for_its_file(lab, monkeypatch):
    monkeypatch.delenv("ACRLAB_FIXTURES", raising=False)
    form = acrlab.settings_form(lab.settings)
    assert named(form, "Recording").disabled

    named(form, "Backend").value = "replay"
    assert "needs a recording" in problems_at(form, "Recording")
    named(form, "Recording").value = "nowhere.jsonl"
    assert "nowhere.jsonl" in problems_at(form, "Recording")
    named(form, "Recording").value = str(RECORDING)

    assert problems_at(form, "Recording") == ""
    assert (form.settings.backend, form.settings.fixtures) == ("replay", str(RECORDING))
    assert named(form, "Registry").disabled


def test_a_subscription_is_only_asked_for_where_it_costs(lab):
    form = acrlab.settings_form(lab.settings)
    assert named(form, "Subscription").disabled

    named(form, "Backend").value = "azure"

    assert not named(form, "Subscription").disabled
    named(form, "Subscription").value = "00000000-0000-0000-0000-000000000042"
    assert form.settings.backend == "azure"


def test_what_is_chosen_is_kept_for_all_chapters(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("ACRLAB_SETTINGS", str(tmp_path / "acrlab.toml"))
    (tmp_path / "acrlab.toml").write_text('# mine\nvm_name = "fileVM"\nvm_size = "Standard_B1s"\n')
    form = acrlab.settings_form(acrlab.Settings.from_parameters())
    assert named(form, "VM").value == "fileVM"

    named(form, "Region").value = "West Europe"
    named(form, "VM").value = "myDockerVM"
    named(form, "Keep for all chapters").click()

    kept = (tmp_path / "acrlab.toml").read_text("utf-8")
    assert kept == '# mine\nvm_name = "myDockerVM"\nvm_size = "Standard_B1s"\nlocation = "westeurope"\n'
    assert "✓ Kept in acrlab.toml" in status(form)
    assert acrlab.Settings.from_parameters() == form.settings


def test_what_is_not_possible_is_not_kept(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("ACRLAB_SETTINGS", str(tmp_path / "acrlab.toml"))
    (tmp_path / "acrlab.toml").write_text("")
    form = acrlab.settings_form(acrlab.Settings.from_parameters())

    named(form, "Region").value = "mars"
    named(form, "Keep for all chapters").click()

    assert "Not done. settings: the form is not complete. Region: there is no Azure region mars" in status(form)
    assert (tmp_path / "acrlab.toml").read_text("utf-8") == ""


def test_where_no_settings_file_counts_none_is_offered(lab, monkeypatch):
    monkeypatch.setenv("ACRLAB_SETTINGS", "off")

    form = acrlab.settings_form(lab.settings)

    assert "Keep for all chapters" not in {getattr(one, "description", "") for one in all_of(form.widget)}
