"""A registry that asks for repository permissions: which roles count there, where, and what becomes of the others."""

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import Request
from acrlab.emulator.entra import tokens
from acrlab.emulator.registry.tokens import access_of
from acrlab.emulator.types.authorization.roles import BUILT_IN
from tests.emulator.registry.conftest import AUDIENCE, HOST, code

VM = "11111111-2222-4333-8444-555555555555"
READ = "Microsoft.ContainerRegistry/registries/repositories/content/read"
METADATA = "Microsoft.ContainerRegistry/registries/repositories/metadata/read"
NAME = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"


def scoped(comparison):
    """The condition that the portal writes for a reader: either another action, or this repository."""
    return f"((!(ActionMatches{{'{READ}'}}) AND !(ActionMatches{{'{METADATA}'}})) OR ({NAME} {comparison}))"


@pytest.fixture
def abac(lab):
    lab.set(roleAssignmentMode="AbacRepositoryPermissions")
    lab.import_hello("hello-world:v1")
    lab.import_hello("backend/api:v1")
    return lab


def give(lab, role, condition="", principal=VM):
    lab.assign(BUILT_IN[role].guid, principal)
    with lab.world.transaction():
        for assignment in lab.world.of_type("Microsoft.Authorization/roleAssignments"):
            if assignment.properties["roleDefinitionId"].endswith(BUILT_IN[role].guid) and condition:
                assignment.properties.update(condition=condition, conditionVersion="2.0")
                lab.world.put(assignment)


def pull(lab, repository, principal=VM):
    token = lab.token(f"repository:{repository}:pull", principal=principal)
    return lab.ask("GET", f"/v2/{repository}/manifests/v1", token=token).status


@pytest.mark.parametrize("role", ["AcrPull", "AcrPush", "Owner", "Contributor", "Reader"])
def test_a_role_for_whole_registries_signs_in_and_pulls_nothing(abac, role):
    give(abac, role)

    assert pull(abac, "hello-world") == 401


def test_who_owns_the_subscription_has_no_right_to_content_either(abac):
    assert pull(abac, "hello-world", principal=tokens.learner(abac.world)) == 401


def test_without_any_role_there_is_no_signing_in(abac):
    aad = tokens.issue(abac.world, VM, AUDIENCE)

    answer = abac.post_form("/oauth2/exchange", grant_type="access_token", service=HOST, access_token=aad)

    assert code(answer) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("Container Registry Repository Reader", ["pull", "metadata_read"]),
        ("Container Registry Repository Writer", ["pull", "push", "metadata_read", "metadata_write"]),
        ("Container Registry Repository Contributor", ["pull", "push", "delete", "metadata_read", "metadata_write"]),
        ("Container Registry Repository Catalog Lister", []),
    ],
)
def test_a_role_for_repositories_allows(abac, role, allowed):
    give(abac, role)

    caller = rights_of(abac, "repository:hello-world:pull,push,delete,metadata_read,metadata_write")

    assert caller == sorted(allowed)


def rights_of(lab, scope):
    (held,) = access_of(lab.world, lab.registry, lab.token(scope, principal=VM))
    return sorted(held.actions)


def test_the_catalog_is_for_its_own_role_alone(abac):
    give(abac, "Container Registry Repository Contributor")
    assert rights_of(abac, "registry:catalog:*") == []

    give(abac, "Container Registry Repository Catalog Lister")

    token = abac.token("registry:catalog:*", principal=VM)
    assert abac.ask("GET", "/v2/_catalog", token=token).body == {"repositories": ["backend/api", "hello-world"]}


@pytest.mark.parametrize(
    ("comparison", "pulled"),
    [
        ("StringEqualsIgnoreCase 'Hello-World'", ["hello-world"]),
        ("StringEquals 'Hello-World'", []),
        ("StringStartsWithIgnoreCase 'backend/'", ["backend/api"]),
        ("StringStartsWith 'hello'", ["hello-world"]),
        ("StringNotEquals 'hello-world'", ["backend/api"]),
        ("StringLike '*/api'", ["backend/api"]),
        ("ForAnyOfAnyValues:StringEquals {'hello-world', 'backend/api'}", ["backend/api", "hello-world"]),
    ],
)
def test_a_condition_names_repositories(abac, comparison, pulled):
    give(abac, "Container Registry Repository Reader", scoped(comparison))

    assert [name for name in ("backend/api", "hello-world") if pull(abac, name) == 200] == pulled


def test_an_action_that_a_condition_does_not_name_counts_everywhere(abac):
    give(abac, "Container Registry Repository Writer", scoped("StringEquals 'hello-world'"))

    assert rights_of(abac, "repository:backend/api:pull,push,metadata_read,metadata_write") == [
        "metadata_write",
        "push",
    ]


def test_a_right_counts_without_signing_in_again(abac):
    give(abac, "Reader")
    refresh = abac.refresh_token(VM)
    give(abac, "Container Registry Repository Reader")

    answer = abac.post_form(
        "/oauth2/token",
        grant_type="refresh_token",
        service=HOST,
        scope="repository:hello-world:pull",
        refresh_token=refresh,
    )

    token = answer.body["access_token"]
    assert abac.ask("GET", "/v2/hello-world/manifests/v1", token=token).status == 200


def test_a_change_of_the_mode_ends_every_token(lab):
    lab.import_hello("hello-world:v1")
    refresh, access = lab.refresh_token(), lab.token("repository:hello-world:pull")

    lab.set(roleAssignmentMode="AbacRepositoryPermissions")

    assert lab.ask("GET", "/v2/hello-world/manifests/v1", token=access).status == 401
    again = lab.post_form("/oauth2/token", grant_type="refresh_token", service=HOST, refresh_token=refresh)
    assert again.status == 401


def test_in_the_other_mode_a_role_for_repositories_is_no_role(lab):
    give(lab, "Container Registry Repository Reader")
    aad = tokens.issue(lab.world, VM, AUDIENCE)

    answer = lab.post_form("/oauth2/exchange", grant_type="access_token", service=HOST, access_token=aad)

    assert answer.status == 401


def test_a_right_is_inherited_from_the_group(abac):
    abac.assign(BUILT_IN["Container Registry Repository Reader"].guid, VM, ArmId.parse(abac.registry.id.scope))

    assert pull(abac, "hello-world") == 200


def test_the_mode_counts_late_where_things_are_late(lab):
    lab.world.set_setting("timing", "as-azure")
    body = b'{"properties": {"roleAssignmentMode": "AbacRepositoryPermissions"}}'
    query = {"api-version": "2025-11-01"}
    answer = lab.azure.manager.handle(Request("PATCH", "management.azure.com", str(lab.registry.id), query, {}, body))
    assert answer.body["properties"]["roleAssignmentMode"] == "AbacRepositoryPermissions"
    lab.import_hello("hello-world:v1")
    assert pull(lab, "hello-world", principal=tokens.learner(lab.world)) == 200

    lab.world.advance_to(lab.world.now + 301)

    assert pull(lab, "hello-world", principal=tokens.learner(lab.world)) == 401
