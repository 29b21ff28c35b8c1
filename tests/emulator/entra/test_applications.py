"""Applications that were added: each signs in with a secret of its own, and has a role in one subscription alone."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.emulator import types
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.http import Request
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import applications, credentials, endpoints, roles, tokens
from acrlab.errors import ConfigurationError

ANOTHER_TENANT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def world():
    world = World(types.ALL)
    with world.transaction():
        for name in ("Hers", "His"):
            subscriptions.add(world, name)
    yield world
    world.close()


def add(world, name="Ada", subscription="Hers", role="Owner"):
    with world.transaction():
        return applications.add(world, name, subscription, role=role)


def signed_in(world, id, secret, tenant=""):
    form = {"grant_type": "client_credentials", "client_id": id, "client_secret": secret}
    body = urlencode({**form, "scope": f"{MANAGEMENT}/.default"}).encode()
    path = f"/{tenant or world.setting('tenant')}/oauth2/v2.0/token"
    return endpoints.answer(world, Request("POST", "login.microsoftonline.com", path, body=body))


def roles_in(world, application, subscription):
    there = subscriptions.named(world, subscription)
    who = applications.principal(world, application.id, there.tenant)
    return {role.name for role in roles.roles_at(world, who, ArmId.of_group(there.id, "g"))}


def test_it_signs_in_with_its_own_secret_and_is_itself(world):
    ada, secret = add(world)

    claims = tokens.read(world, signed_in(world, ada.id.upper(), secret).body["access_token"])

    assert claims["oid"] == applications.principal(world, ada.id, claims["tid"])
    assert claims["oid"] not in tokens.owners(world)
    assert (claims["appid"], claims["idtyp"]) == (ada.id, "app")


def test_neither_the_secret_of_another_nor_the_lab_s_own_is_taken(world):
    ada, _ = add(world)
    _, of_bob = add(world, "Bob", "His")

    for wrong in (of_bob, credentials.client_secret(world), "é"):
        answer = signed_in(world, ada.id, wrong)
        assert (answer.status, answer.body["error_codes"]) == (401, [7000215])
    of_the_lab = signed_in(world, credentials.client_id(world), of_bob)
    assert of_the_lab.body["error_codes"] == [7000215]


def test_its_secret_is_kept_as_a_hash_alone(world):
    _, secret = add(world)

    assert secret not in world.value(applications.ADDED, "")


def test_it_has_its_role_in_its_subscription_and_none_elsewhere(world):
    ada, _ = add(world)
    reader, _ = add(world, "Bob", "His", "reader")
    no_one, _ = add(world, "Carl", "His", "none")

    assert [roles_in(world, ada, name) for name in ("Hers", "His", subscriptions.HOME_NAME)] == [
        {"Owner"},
        set(),
        set(),
    ]
    assert roles_in(world, reader, "His") == {"Reader"}
    assert roles_in(world, no_one, "His") == set()


def test_a_tenant_that_its_subscription_is_not_in_does_not_know_it(world):
    with world.transaction():
        subscriptions.add(world, "Partner's", tenant=ANOTHER_TENANT)
    ada, secret = add(world)
    partner, of_partner = add(world, "Partner", "Partner's")

    assert signed_in(world, ada.id, secret, ANOTHER_TENANT).body["error_codes"] == [700016]
    assert signed_in(world, partner.id, of_partner).body["error_codes"] == [700016]
    assert signed_in(world, partner.id, of_partner, ANOTHER_TENANT).status == 200
    assert roles_in(world, partner, "Partner's") == {"Owner"}


def test_it_outlives_a_reset_as_its_subscription_does(world):
    ada, secret = add(world)

    world.reset()

    assert applications.added(world) == [ada]
    assert signed_in(world, ada.id, secret).status == 200


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": " "}, "an application needs a name"),
        ({"name": "ADA"}, "there is an application 'ADA'. Its secret can't be shown again"),
        ({"name": "Eve", "subscription": "Theirs"}, "there is no subscription 'Theirs'"),
        ({"name": "Eve", "role": "King"}, "there is no role 'King'"),
    ],
)
def test_what_is_not_possible_is_refused_and_nothing_is_added(world, given, told):
    add(world)

    with pytest.raises(ConfigurationError, match=told):
        add(world, **given)

    assert [one.name for one in applications.added(world)] == ["Ada"]
