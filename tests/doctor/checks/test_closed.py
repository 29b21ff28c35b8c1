"""Registries that are closed for good: two ways in at once, and roles that count for nothing."""

from dataclasses import replace

import pytest

from acrlab.doctor.checks import access, data_path
from acrlab.doctor.checks.closed import repository_roles, service_endpoints
from tests.doctor.checks.conftest import REGISTRY, SUBNET


def registry(snapshot, **change):
    return replace(snapshot, registry=replace(snapshot.registry, **change))


def roles(snapshot, *names):
    return replace(snapshot, vm=replace(snapshot.vm, identity="p", roles=names))


ABAC = {"role_mode": "AbacRepositoryPermissions"}
READER = "Container Registry Repository Reader"

# -- service endpoints -------------------------------------------------------------------------------------------------


def test_private_link_alone_is_one_way_in(healthy):
    assert service_endpoints.both_ways(healthy) is None


def test_a_rule_for_a_subnet_beside_a_private_endpoint_is_named(healthy):
    found = service_endpoints.both_ways(registry(healthy, subnet_rules=(SUBNET,)))

    assert (found.code, found.severity) == ("service-endpoint-conflict", "warning")
    assert found.evidence[0] == f"virtualNetworkRules: {SUBNET}"
    assert found.remedy.az == (f"az acr network-rule remove --resource-group g --name contoso --subnet {SUBNET}",)
    assert found.remedy.call == "acrlab.remedies.remove_subnet_rules(lab)"


def test_rules_for_subnets_without_private_endpoints_are_one_way_in_too(healthy):
    assert service_endpoints.both_ways(registry(healthy, subnet_rules=(SUBNET,), connections=())) is None


# -- roles -------------------------------------------------------------------------------------------------------------


def test_acr_pull_counts_where_roles_are_for_registries(healthy):
    assert repository_roles.not_honored(roles(healthy, "AcrPull")) is None


@pytest.mark.parametrize(
    "held", [("AcrPull",), ("AcrPush", "Owner"), (), ("Container Registry Repository Catalog Lister",)]
)
def test_a_role_for_registries_does_not_count_where_repositories_are_asked_for(healthy, held):
    snapshot = registry(roles(healthy, *held), **ABAC)

    found = repository_roles.not_honored(snapshot)

    assert (found.code, found.severity) == ("role-not-honored", "error")
    assert found.title == f"m may not pull from contoso: {', '.join(held) or 'no role'} has no effect there."
    (command,) = found.remedy.az
    assert command == (
        "az role assignment create --assignee-object-id p --assignee-principal-type ServicePrincipal "
        f"--role '{READER}' --scope {REGISTRY}"
    )
    assert data_path.no_right(snapshot) is None  # one fault, one finding


@pytest.mark.parametrize(
    "held", [READER, "Container Registry Repository Writer", "11111111-2222-4333-8444-555555555555"]
)
def test_a_role_for_repositories_or_one_of_one_s_own_may_do(healthy, held):
    assert repository_roles.not_honored(registry(roles(healthy, "AcrPull", held), **ABAC)) is None


def test_a_role_for_repositories_does_not_count_where_registries_are_asked_for(healthy):
    assert data_path.no_right(roles(healthy, READER)).code == "pull-right-missing"


# -- tasks -------------------------------------------------------------------------------------------------------------


def test_tasks_are_shut_out_of_a_closed_registry_alone(healthy):
    closed = {"public_access": "Disabled", "default_action": "Deny"}

    assert access.tasks_shut_out(healthy) is None
    assert access.tasks_shut_out(registry(healthy, **closed)).code == "tasks-shut-out"
    assert access.tasks_shut_out(registry(healthy, **closed, tasks_pass=True)) is None


def test_that_tasks_are_shut_out_is_a_warning_where_there_are_any(healthy):
    closed = registry(healthy, public_access="Disabled", default_action="Deny")

    assert access.tasks_shut_out(closed).severity == "note"
    found = access.tasks_shut_out(registry(closed, tasks=("nightly",)))
    assert (found.severity, found.evidence[1]) == ("warning", "tasks with a system-assigned identity: nightly")
