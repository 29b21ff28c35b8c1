"""Custom roles by plain `az`: created, listed, assigned by name, changed, and deleted when they are of no use."""

from __future__ import annotations

import json
import shlex

import pytest

G = "-g roles"
SOMEBODY = "11111111-2222-4333-8444-555555555555"
ROLE = {
    "Name": "Network joiner",
    "IsCustom": True,
    "Description": "May put things into subnets.",
    "Actions": ["*/read", "Microsoft.Network/virtualNetworks/subnets/join/action"],
    "NotActions": [],
    "DataActions": [],
    "NotDataActions": [],
}


def typed(verb, scopes, **change):
    role = json.dumps({**ROLE, "AssignableScopes": scopes, **change})
    return f"az role definition {verb} --role-definition {shlex.quote(role)}"


@pytest.fixture(scope="module")
def group(shell):
    return shell.text("az group create -n roles -l westus --query id -o tsv")


@pytest.fixture(scope="module")
def subscription(group):
    return group.partition("/resourceGroups/")[0]


def test_1_a_role_is_created_and_listed(shell, subscription):
    made = shell.json(typed("create", [subscription]))

    listed = shell.json("az role definition list --custom-role-only true")

    assert (made["roleName"], made["roleType"]) == ("Network joiner", "CustomRole")
    assert [one["id"] for one in listed] == [made["id"]]
    assert listed[0]["permissions"][0]["actions"] == ROLE["Actions"]
    assert listed[0]["assignableScopes"] == [subscription]


def test_2_it_is_assigned_by_its_name(shell, group):
    shell.run(
        f"az role assignment create --role '{ROLE['Name']}' --assignee-object-id {SOMEBODY} "
        f"--assignee-principal-type User --scope {group}"
    )

    (given,) = shell.json(f"az role assignment list --scope {group} --fill-principal-name false")
    assert (given["roleDefinitionName"], given["principalId"]) == (ROLE["Name"], SOMEBODY)


def test_3_it_is_changed_by_its_name(shell, subscription):
    changed = shell.json(typed("update", [subscription], Actions=["*/read"]))

    assert changed["permissions"][0]["actions"] == ["*/read"]
    assert len(shell.json("az role definition list --custom-role-only true")) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "RoleDefinitionWithSameNameExists"),
        ({"Name": "Other", "Actions": ["Microsoft.Network/virtualNetworks/drink/action"]}, "InvalidActionOrNotAction"),
        ({"Name": "Other", "Actions": ["Microsoft.Nework/*"]}, "InvalidActionOrNotAction"),
    ],
)
def test_4_what_azure_refuses_is_said_in_its_words(shell, subscription, change, told):
    done = shell.run(typed("create", [subscription], **change), check=False)

    assert done.returncode == 1
    assert f"({told})" in done.stderr


def test_5_a_role_of_a_group_is_found_there_alone(shell, group, subscription):
    shell.run("az group create -n others -l westus -o none")
    shell.run(typed("create", [group], Name="Of the group"))

    refused = shell.run(
        f"az role assignment create --role 'Of the group' --assignee-object-id {SOMEBODY} "
        f"--assignee-principal-type User --scope {subscription}/resourceGroups/others",
        check=False,
    )

    assert "Role 'Of the group' doesn't exist." in refused.stderr
    assert shell.json("az role definition list --name 'Of the group'") == []
    assert len(shell.json(f"az role definition list --name 'Of the group' --scope {group}")) == 1


def test_6_one_that_is_assigned_stays(shell, group):
    refused = shell.run(f"az role definition delete --name '{ROLE['Name']}'", check=False)
    assert "(RoleDefinitionHasAssignments)" in refused.stderr

    shell.run(f"az role assignment delete --scope {group} --assignee-object-id {SOMEBODY}")
    shell.run(f"az role definition delete --name '{ROLE['Name']}'")
    shell.run(f"az role definition delete --name 'Of the group' --scope {group}")

    assert shell.json(f"az role definition list --custom-role-only true --scope {group}") == []


def test_7_operations_of_providers_are_listed(shell):
    found = shell.json("az provider operation show --namespace Microsoft.ContainerRegistry")

    names = {one["name"] for kind in found["resourceTypes"] for one in kind["operations"]}
    assert "Microsoft.ContainerRegistry/registries/importImage/action" in names
    every = shell.json("az provider operation list")
    assert "Microsoft.Network" in {one["name"] for one in every}
