"""Builds from outside, and rights for single repositories, by the lab's own steps."""

import pytest

import acrlab
from acrlab.azure.cloud import REPOSITORY_READER
from acrlab.errors import RefusedError
from acrlab.steps.beyond import closed


@pytest.fixture
def filled(lab):
    acrlab.bring_to(lab, "sample-image")
    return lab


def file(lab):
    return f"FROM {lab.login_server}/hello-world:v1\nLABEL team=blue\n"


def test_a_build_pulls_and_pushes(filled):
    run = closed.build(filled, "app:v1", file(filled))

    assert (run.status, run.refusal) == ("Succeeded", "")
    assert str(run) == f"{run.id}: Succeeded"
    assert "Successfully pushed image: contoso42.azurecr.io/app:v1" in run.log


def test_a_closed_registry_refuses_it_in_its_log(filled):
    acrlab.steps.set_public_access(filled, "Disabled")

    run = closed.build(filled, "app:v1", file(filled))

    assert run.status == "Failed"
    assert "client with IP '198.51.100." in run.refusal


def test_rules_for_the_service_tag_let_it_in(filled):
    settings = closed.admit_builds(filled)

    assert settings.ip_rules == ("192.0.2.64", "192.0.2.128", "198.51.100.128/31")
    assert closed.tag_prefixes(filled) == ("192.0.2.64/32", "192.0.2.128/32", "198.51.100.128/31")
    assert closed.build(filled, "app:v1", file(filled)).status == "Succeeded"


def test_what_cannot_be_built_is_refused(filled):
    with pytest.raises(RefusedError, match="RUN in a Dockerfile"):
        closed.build(filled, "app:v1", "FROM scratch\nRUN true\n")


def test_a_right_is_given_for_a_repository_changed_and_taken_back(filled):
    acrlab.steps.ensure_vm(filled)
    principal = closed.vm_principal(filled)
    id = closed.give_role(filled, principal, REPOSITORY_READER, condition=closed.only_in("hello-world"))
    assert closed.give_role(filled, principal, REPOSITORY_READER, condition=closed.only_in("app")) == id
    found = filled.arm.get(id, "2022-04-01")["properties"]
    assert found["condition"] == closed.only_in("app")

    assert closed.take_role(filled, principal, REPOSITORY_READER)

    assert not closed.take_role(filled, principal, REPOSITORY_READER)


def test_the_mode_goes_there_and_back(filled):
    acrlab.steps.ensure_vm(filled)
    closed.set_role_mode(filled, closed.ABAC)
    assert closed.role_mode(filled) == "AbacRepositoryPermissions"

    closed.back_to_registry_roles(filled)

    assert closed.role_mode(filled) == "LegacyRegistryPermissions"


def test_a_task_with_an_identity_passes_where_tasks_may(filled):
    acrlab.steps.set_public_access(filled, "Disabled")
    assert closed.build_as_task(filled, "app:v1", file(filled)).status == "Failed"
    acrlab.remedies.allow_tasks(filled)

    assert closed.build_as_task(filled, "app:v1", file(filled)).status == "Succeeded"

    assert filled.arm.get_all(f"{filled.registry_id}/tasks", "2025-03-01-preview") == []


def test_a_pull_follows_the_mode_and_the_role(filled):
    acrlab.bring_to(filled, "pull-right", "records")
    closed.set_role_mode(filled, closed.ABAC)
    refused = closed.pull_on_vm(filled, works=False)

    acrlab.remedies.allow_repositories(filled)

    assert "unauthorized" in refused.stderr
    assert closed.pull_on_vm(filled, works=True).exit_code == 0


def test_a_subnets_rule_comes_once_and_goes_alone(filled):
    acrlab.steps.ensure_network(filled)
    group, network = filled.settings.resource_group, filled.settings.network_name
    subnets = []
    for name, prefix in (("one", "10.0.8.0/24"), ("other", "10.0.9.0/24")):
        body = {
            "properties": {"addressPrefix": prefix, "serviceEndpoints": [{"service": "Microsoft.ContainerRegistry"}]}
        }
        made = filled.network.subnets.begin_create_or_update(group, network, name, body).result()
        subnets.append(str(made.id))

    for subnet in (*subnets, subnets[0]):
        closed.admit_subnet(filled, subnet)
    assert sorted(admitted(filled)) == sorted(subnets)

    closed.remove_subnet_rule(filled, subnets[0])
    assert admitted(filled) == [subnets[1]]


def admitted(lab):
    found = lab.arm.get(lab.registry_id, closed.CLOSED_VERSION)["properties"]["networkRuleSet"]
    return [rule["virtualNetworkSubnetResourceId"] for rule in found["virtualNetworkRules"]]
