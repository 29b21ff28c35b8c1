"""The custom script extension by the real `az`: set, shown, listed, failed, repaired and deleted."""

from __future__ import annotations

import pytest

G = "-g extended"
ON_VM = f"--vm-name work {G}"
SCRIPTS = f"{ON_VM} --publisher Microsoft.Azure.Extensions"
MADE = f"""
az group create -n extended -l westus
az vm create {G} -n work --image Ubuntu2204 --admin-username azureuser --generate-ssh-keys --public-ip-address ""
"""


@pytest.fixture(scope="module")
def shell(shell):
    shell.run(f"set -e\n{MADE}\nset +e")
    return shell


def message(shell):
    query = "--query instanceView.statuses[0].message -o tsv"
    return shell.text(f"az vm extension show {ON_VM} -n customScript --instance-view {query}")


def test_the_newest_version_is_looked_up_and_the_command_is_run(shell):
    settings = """--settings '{"commandToExecute": "echo it runs"}'"""

    made = shell.json(f"az vm extension set {SCRIPTS} -n customScript {settings}")

    assert (made["provisioningState"], made["typeHandlerVersion"]) == ("Succeeded", "2.1")
    assert message(shell) == "Enable succeeded: \n[stdout]\nit runs\n\n[stderr]"


def test_it_is_listed_beside_the_vm_and_in_its_view(shell):
    assert shell.text(f"az vm extension list {ON_VM} --query [].name -o tsv") == "customScript"
    view = shell.json(f"az vm get-instance-view {G} -n work --query instanceView")

    assert [one["name"] for one in view["extensions"]] == ["customScript"]
    handlers = [one["type"] for one in view["vmAgent"]["extensionHandlers"]]
    assert handlers == ["Microsoft.Azure.Extensions.customScript"]


def test_images_of_extensions_are_listed_over_all_publishers(shell):
    found = shell.text(
        "az vm extension image list -l westus --latest --query '[].join(`:`, [publisher, name, version])'"
    )

    assert "Microsoft.Azure.Extensions:CustomScript:2.1.14" in found


def test_a_failing_script_fails_the_command_and_the_next_one_mends_it(shell):
    command = f"az vm extension set {SCRIPTS} -n customScript --force-update --protected-settings"

    failed = shell.run(f"""{command} '{{"commandToExecute": "exit 7"}}' --settings '{{}}'""", check=False)

    assert failed.returncode != 0
    assert "(VMExtensionProvisioningError) VM has reported a failure when processing extension" in failed.stderr
    assert "command terminated with exit status=7" in failed.stderr
    repaired = shell.json(f"""{command} '{{"commandToExecute": "true"}}'""")
    assert (repaired["provisioningState"], "protectedSettings" in repaired) == ("Succeeded", False)


def test_another_name_is_brought_to_the_one_that_is_there(shell):
    settings = """--settings '{"commandToExecute": "true"}' --extension-instance-name another"""

    done = shell.run(f"az vm extension set {SCRIPTS} -n customScript {settings}")

    assert "already exists. Updating it with your settings" in done.stderr


def test_it_can_be_deleted(shell):
    shell.run(f"az vm extension delete {ON_VM} -n customScript")

    assert shell.json(f"az vm extension list {ON_VM}") == []
    assert shell.run(f"az vm extension show {ON_VM} -n customScript", check=False).returncode == 3
