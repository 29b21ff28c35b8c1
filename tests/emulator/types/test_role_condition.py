"""Conditions of role assignments: what they say, and which are no conditions."""

import pytest

from acrlab.emulator.core.http import ArmError, NotEmulated
from acrlab.emulator.types.authorization.role_condition import read

READ = "Microsoft.ContainerRegistry/registries/repositories/content/read"
WRITE = "Microsoft.ContainerRegistry/registries/repositories/content/write"
NAME = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (f"ActionMatches{{'{READ}'}}", True),
        ("ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/*'}", True),
        (f"!(ActionMatches{{'{READ}'}})", False),
        (f"NOT ActionMatches{{'{WRITE}'}}", True),
        (f"{NAME} StringEquals 'app'", True),
        (f"{NAME} StringEquals 'App'", False),
        (f"{NAME} stringequalsignorecase 'App'", True),
        (f"{NAME} StringNotStartsWithIgnoreCase 'A'", False),
        (f"{NAME} StringEquals 'x' OR {NAME} StringEquals 'app'", True),
        (f"{NAME} StringEquals 'x' || ({NAME} StringEquals 'app' && ActionMatches{{'{WRITE}'}})", False),
        (f"{NAME} ForAnyOfAnyValues:StringStartsWith {{'x', 'ap'}}", True),
    ],
)
def test_a_condition_is_asked_about_an_action_on_a_repository(text, holds):
    assert read(text)(READ, "app") is holds


@pytest.mark.parametrize(
    "text", ["", "(", "app", f"{NAME} StringEquals", f"{NAME} StringEquals 'a' 'b'", f'{NAME} StringEquals "a"', "()"]
)
def test_what_is_malformed_is_refused_in_azure_s_words(text):
    with pytest.raises(ArmError, match=r"The given role assignment condition is invalid\."):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "@Resource[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals 'a'",
        "@Request[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'a'",
        f"{NAME} StringMatches 'a'",
    ],
)
def test_what_asks_for_more_than_repositories_is_said_to_be_missing(text):
    with pytest.raises(NotEmulated):
        read(text)
