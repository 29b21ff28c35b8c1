"""The article's commands, with the lab's names in them."""

import re

import pytest

import acrlab
from acrlab.course.sections import SECTIONS
from acrlab.settings import Settings

WITH_COMMANDS = [section.name for section in SECTIONS if section.az.text]
OWN = [name for section in SECTIONS for name in section.own]


@pytest.mark.parametrize("anchor", [*WITH_COMMANDS, *OWN])
def test_every_command_is_complete_and_carries_the_lab_s_names(anchor):
    text = acrlab.az(Settings.from_parameters(registry_name="contoso42", location="westeurope"), anchor).text

    assert not re.search(r"\{[a-z_]+\}|<[a-z]+>|\$NIC_RESOURCE_ID|\$GROUP|plvnet", text)
    assert "myregistry" not in text
    assert "westus" not in text


def test_a_section_without_a_command_is_refused():
    with pytest.raises(acrlab.ConfigurationError, match="the article gives no command in next-steps"):
        acrlab.az(Settings.from_parameters(), "next-steps")


def test_an_anchor_gives_the_commands_of_all_that_stands_under_it():
    commands = acrlab.az(Settings.from_parameters(registry_name="contoso42"), "prerequisites").text.split("\n\n")

    assert [command.split(" --")[0] for command in commands] == ["az group create", "az acr create", "az acr import"]


def test_every_named_function_is_public():
    named = {function for section in SECTIONS for function in section.functions}

    assert named <= set(acrlab.__all__) | set(acrlab.steps.__all__)


def test_a_command_reads_as_code_in_a_notebook():
    command = acrlab.az(Settings.from_parameters(), "clean-up-resources")

    assert repr(command) == "az group delete --name myResourceGroup"
    assert command._repr_markdown_() == "```bash\naz group delete --name myResourceGroup\n```"
