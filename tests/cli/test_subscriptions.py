"""`acrlab emulator subscription`: another subscription in a world, by its own command."""

from __future__ import annotations

TENANT = "11111111-2222-4333-8444-555555555555"


def test_a_subscription_is_added_and_listed(typed, tmp_path):
    world = ("--world", str(tmp_path / "world.db"))

    code, out, _ = typed("emulator", "subscription", "add", "Spokes", *world)
    listed = typed("emulator", "subscription", "list", *world)[1]

    assert code == 0
    assert "az account list --refresh" in out
    assert [line.split()[-1] for line in listed.splitlines()] == ["role", "Owner", "Owner"]
    assert "Spokes" in listed


def test_of_another_tenant_it_says_how_to_sign_in_there(typed, tmp_path):
    out = typed(
        "emulator", "subscription", "add", "Partner", "--tenant", TENANT, "--world", str(tmp_path / "world.db")
    )[1]

    assert f"--tenant {TENANT}" in out


def test_the_role_in_it_is_changed(typed, tmp_path):
    world = ("--world", str(tmp_path / "world.db"))
    typed("emulator", "subscription", "add", "Spokes", *world)

    assert (
        typed("emulator", "subscription", "role", "Spokes", "reader", *world)[1] == "Your role in Spokes is Reader.\n"
    )
    assert "Reader" in typed("emulator", "subscription", "list", *world)[1]


def test_a_name_twice_is_refused(typed, tmp_path):
    world = ("--world", str(tmp_path / "world.db"))
    typed("emulator", "subscription", "add", "Spokes", *world)

    code, _, said = typed("emulator", "subscription", "add", "spokes", *world)

    assert code == 2
    assert "there is a subscription 'Spokes'" in said
