"""`acrlab clean-up` as it is typed: a plan, a question, a proof."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.azure.arm_id import ArmId
from acrlab.cli.app import app
from acrlab.emulator.core import fault_injection
from acrlab.emulator.transport import EmulatorTransport
from acrlab.serving.world_file import reserved


@pytest.fixture
def typed(lab, tmp_path, monkeypatch):
    """Run the command on the lab's own world."""
    monkeypatch.chdir(tmp_path)

    def typed(*words):
        world = ["--world", str(lab.backend.path)]
        return CliRunner().invoke(app, ["clean-up", *world, *words], catch_exceptions=False)

    return typed


def test_the_plan_names_everything_and_deletes_nothing(lab, world, typed):
    acrlab.bring_to(lab, "records")
    before = world.dump()

    shown = typed("--plan")

    assert shown.exit_code == 0
    assert "virtualMachines" in shown.output
    assert "group myResourceGroup is deleted" in shown.output
    assert world.dump() == before


def test_what_was_planned_is_gone_and_that_is_proved(lab, world, typed):
    acrlab.bring_to(lab, "zone")

    shown = typed("--yes")

    assert (shown.exit_code, shown.output.splitlines()[-1]) == (0, "nothing is left")
    assert world.count() == 0


def test_of_very_many_of_a_kind_some_are_shown_before_the_question_and_all_in_a_plan(lab, typed, monkeypatch):
    acrlab.bring_to(lab, "zone")
    for number in range(6):
        make = lab.network.network_security_groups.begin_create_or_update
        make(
            "myResourceGroup", f"group{number}", {"location": "westus", "tags": {"acrlab": lab.settings.registry_name}}
        )
    monkeypatch.setattr("acrlab.cli.clean_up.MOST_SHOWN", 3)
    monkeypatch.setattr("acrlab.cli.clean_up.confirmed", lambda question: asked.append(question))
    asked = []

    planned = typed("--plan").output.splitlines()
    shown = typed().output.splitlines()

    of_kind = [line.split(maxsplit=1)[1] for line in planned if line.startswith("networkSecurityGroups")]
    before = [line.split(maxsplit=1)[1] for line in shown if line.startswith("networkSecurityGroups")]
    assert len(of_kind) >= 6
    assert before == [*of_kind[:3], f"and {len(of_kind) - 3} more; --plan lists them all"]
    assert len(asked) == 1
    assert shown[-1] == "nothing is left"


def test_nobody_is_there_to_be_asked(lab, world, typed):
    acrlab.bring_to(lab, "zone")

    with pytest.raises(acrlab.AcrLabError, match="To go ahead, add --yes"):
        typed()

    assert world.count() > 0


def test_a_group_of_somebody_else_stays_and_is_named(lab, world, typed):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})

    shown = typed("--yes")

    assert shown.exit_code == 0
    assert "group myResourceGroup stays: it does not carry the lab's tag" in shown.output
    assert world.count() == 1


def test_what_a_lock_keeps_is_listed_with_the_reason_and_the_exit_code_says_so(lab, typed):
    acrlab.bring_to(lab, "zone")
    zone = lab.id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
    lock = f"{zone}/providers/Microsoft.Authorization/locks/keep"
    body = {"properties": {"level": "CanNotDelete"}}
    lab.resources.resources.begin_create_or_update_by_id(lock, body, api_version="2020-05-01").result()

    shown = typed("--yes")

    assert shown.exit_code == 1
    assert "left: privateDnsZones privatelink.azurecr.io" in shown.output
    assert "it is locked by keep" in shown.output


def test_beside_foreign_things_a_lock_and_a_deletion_that_fails_all_else_goes(lab, world, typed):
    """A group, a registry and a network that were there before, with somebody's untagged and other-tagged things."""
    group, west = "myResourceGroup", {"location": "westus"}
    lab.resources.resource_groups.create_or_update(group, west)
    lab.registry.registries.begin_create(group, "contoso42", {**west, "sku": {"name": "Premium"}}).result()
    space = {**west, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    lab.network.virtual_networks.begin_create_or_update(group, "myDockerVMVNET", space).result()
    prefix = {"properties": {"addressPrefix": "10.0.0.0/24"}}
    lab.network.subnets.begin_create_or_update(group, "myDockerVMVNET", "myDockerVMSubnet", prefix).result()
    other = {**west, "tags": {"acrlab": "another42"}, "sku": {"name": "Standard"}}
    lab.network.public_ip_addresses.begin_create_or_update(group, "theirs", other).result()
    foreign = {id: (one["body"].get("tags"), one["body"].get("location")) for id, one in world.dump().items()}
    acrlab.bring_to(lab, "pull-right", "records", "public-access-denied")
    keep = f"{lab.id_of('Microsoft.Network/networkSecurityGroups', 'myDockerVMNSG')}/providers"
    lock = {"properties": {"level": "CanNotDelete"}}
    lab.resources.resources.begin_create_or_update_by_id(
        f"{keep}/Microsoft.Authorization/locks/keep", lock, api_version="2020-05-01"
    ).result()
    fault_injection.plant(
        world, fault_injection.Fault("fail-operation", "DELETE", "*/privateDnsZones/privatelink.azurecr.io", "every")
    )

    shown = typed("--yes", "--registry", "contoso42")

    lines = shown.output.splitlines()
    assert shown.exit_code == 1
    assert [line for line in lines if " stays: " in line] == [
        "group myResourceGroup stays: it does not carry the lab's tag",
        "registries contoso42 stays: it does not carry the lab's tag",
        "networkSecurityGroups myDockerVMNSG stays: it is locked by keep",
        "publicIPAddresses theirs stays: it does not carry the lab's tag",
        "virtualNetworks myDockerVMVNET stays: it does not carry the lab's tag",
    ]
    assert [line for line in lines if line.startswith("left: ")] == [
        "left: privateDnsZones privatelink.azurecr.io",
        "left: networkSecurityGroups myDockerVMNSG",
    ]
    assert "because: Deleting privatelink.azurecr.io failed" in shown.output
    after = {id: (one["body"].get("tags"), one["body"].get("location")) for id, one in world.dump().items()}
    assert foreign.items() <= after.items()
    left = {id.split("/providers/")[1].split("/")[2] for id in after.keys() - foreign.keys()}
    assert left == {"privatelink.azurecr.io", "mydockervmnsg"}
    assert acrlab.steps.current_access(lab).default_action == "Allow"


def test_where_the_group_holds_two_labs_it_says_so(lab, world, typed):
    acrlab.bring_to(lab, "registry")
    other = acrlab.connect(lab.settings.model_copy(update={"registry_name": "another42"}))
    acrlab.ensure_registry(other)
    other.close()

    with pytest.raises(acrlab.ConfigurationError, match="several labs: another42, contoso42"):
        typed("--yes")
    shown = typed("--yes", "--registry", "another42")

    assert shown.exit_code == 0
    assert acrlab.verify(lab, "registry").done


def test_another_lab_s_clean_up_opens_nothing(lab, typed):
    """What is closed on purpose stays closed while others' forgotten things go."""
    acrlab.bring_to(lab, "public-access-denied")

    typed("--expired", "--yes", "--registry", "contoso42")

    assert acrlab.steps.current_access(lab).default_action == "Deny"


def test_access_is_given_back_where_nothing_else_is_left(lab, typed):
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    theirs = {"location": "westus", "sku": {"name": "Premium"}}
    lab.registry.registries.begin_create("myResourceGroup", "contoso42", theirs).result()
    acrlab.deny_public_access(lab)

    typed("--yes", "--registry", "contoso42")

    assert acrlab.steps.current_access(lab).default_action == "Allow"


def test_what_is_forgotten_goes_with_expired(lab, world, typed):
    lab.settings = lab.settings.model_copy(update={"expires_hours": 1})
    lab.opened = datetime(2020, 1, 1, tzinfo=UTC)
    acrlab.bring_to(lab, "zone")

    shown = typed("--expired", "--yes")

    assert (shown.exit_code, world.count()) == (0, 0)


def test_it_keeps_away_from_a_world_that_another_command_is_using(lab, world, typed):
    acrlab.bring_to(lab, "zone")

    with reserved(lab.backend.path):
        with pytest.raises(acrlab.ConfigurationError, match="another command is using"):
            typed("--yes")
        assert "privateDnsZones" in typed("--plan").output
    assert world.count() > 0


@pytest.mark.parametrize("moment", ["/resources", "/locks", "/resourceGroups/myResourceGroup"])
def test_another_clean_up_that_was_faster_leaves_nothing_to_say(lab, world, typed, monkeypatch, moment):
    """As on a real Azure, where nothing reserves a group: it goes between two of this one's requests."""
    acrlab.bring_to(lab, "zone")
    send = EmulatorTransport.send

    def slow(self, request, **options):
        if urlsplit(request.url).path.lower().endswith(moment.lower()) and request.method == "GET":
            with world.transaction():
                world.delete(ArmId.parse(lab.group_id()))
        return send(self, request, **options)

    monkeypatch.setattr(EmulatorTransport, "send", slow)

    shown = typed("--yes", "--registry", "contoso42")

    assert (shown.exit_code, shown.output.splitlines()[-1]) == (0, "nothing is left")
