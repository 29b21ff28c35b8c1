"""Tokens of the emulated Entra ID: whom they name, for whom, and for how long."""

import jwt
import pytest

from acrlab.emulator import types
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import signing, tokens

AUDIENCE = "https://containerregistry.azure.net"


@pytest.fixture
def world():
    world = World(types.ALL)
    yield world
    world.close()


def test_a_token_names_its_principal_and_audience(world):
    claims = tokens.read(world, tokens.issue(world, "p", AUDIENCE, kind="app"), AUDIENCE)

    assert (claims["oid"], claims["sub"], claims["aud"], claims["idtyp"]) == ("p", "p", AUDIENCE, "app")
    assert claims["iss"] == f"https://sts.windows.net/{world.setting('tenant')}/"


def test_a_token_for_another_audience_is_not_read(world):
    assert tokens.read(world, tokens.issue(world, "p", "https://management.azure.com"), AUDIENCE) is None


def test_a_token_ages_with_the_world_and_not_with_the_computer(world):
    token = tokens.issue(world, "p", AUDIENCE)

    world.advance_to(tokens.LIFETIME_S)
    assert tokens.read(world, token, AUDIENCE) is not None
    world.advance_to(tokens.LIFETIME_S + signing.CLOCK_SKEW_S)
    assert tokens.read(world, token, AUDIENCE) is None


def test_a_token_of_another_world_is_worth_nothing(world):
    other = World(types.ALL)
    token = tokens.issue(other, "p", AUDIENCE)
    other.close()

    assert tokens.read(world, token, AUDIENCE) is None


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", jwt.encode({"aud": AUDIENCE}, "k" * 32, algorithm="HS256")])
def test_what_is_not_a_token_of_this_world_is_not_read(world, token):
    assert tokens.read(world, token, AUDIENCE) is None


def test_two_signers_do_not_take_each_other_s_tokens(world):
    token = signing.sign(world, "one", {}, lifetime_s=60)

    assert signing.verify(world, "one", token) is not None
    assert signing.verify(world, "two", token) is None


def test_the_learner_is_the_same_person_in_every_world_of_a_seed(world):
    other = World(types.ALL)

    assert tokens.learner(world) == tokens.learner(other)
    other.close()
