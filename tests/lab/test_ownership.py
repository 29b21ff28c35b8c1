"""Everything that a lab makes says whose it is, which run made it, and when it may go."""

import getpass
import re
from contextlib import suppress

import pytest
from azure.core.exceptions import HttpResponseError

import acrlab
from acrlab.azure.arm_id import ArmId
from acrlab.course.lookup import PLAN
from acrlab.course.practice import exercise
from acrlab.course.practice.exercise import READY
from acrlab.emulator.core import fault_injection
from acrlab.lab.ownership import tags_of


@pytest.fixture
def everything(lab, world):
    """What every step of the lab has made."""
    acrlab.bring_to(lab, *(step.name for step in PLAN))
    acrlab.ensure_manual_endpoint(lab)
    acrlab.steps.ensure_portal_endpoint(lab)
    return world.dump()


# What Azure gives no tags, and what it makes itself; each goes with something that carries the tag.
BARE = {
    "microsoft.authorization/roleassignments",
    "microsoft.compute/disks",
    "microsoft.containerregistry/registries/privateendpointconnections",
    "microsoft.network/networkinterfaces",
    "microsoft.network/privatednszones/a",
    "microsoft.network/privatednszones/soa",
    "microsoft.network/privateendpoints/privatednszonegroups",
    "microsoft.network/virtualnetworks/subnets",
}


def test_everything_that_can_carry_a_tag_carries_the_lab_s(lab, everything):
    bare = {ArmId.parse(id) for id, found in everything.items() if "acrlab" not in (found["body"].get("tags") or {})}

    assert {id.type for id in bare} == BARE
    assert [id.name for id in bare if id.type.endswith("networkinterfaces") and "vmnic" in id.name] == []


def test_records_which_carry_no_tags_say_it_in_their_metadata(lab, everything):
    records = list(lab.dns.record_sets.list_by_type("myResourceGroup", "privatelink.azurecr.io", "A"))

    assert [record.properties.metadata for record in records] == [{"acrlab": "contoso42"}] * 2


def test_on_a_real_subscription_it_says_who_which_run_and_until_when(lab, monkeypatch):
    monkeypatch.setenv("ACRLAB_RUN", "2026-01-01T12-00-00")
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "expires_hours": 48})

    tags = tags_of(lab)

    assert list(tags) == ["acrlab", "acrlab-owner", "acrlab-run", "acrlab-expires"]
    assert (tags["acrlab"], tags["acrlab-run"]) == ("contoso42", "2026-01-01T12-00-00")
    assert tags["acrlab-owner"] == getpass.getuser()


def test_an_owner_that_is_named_counts_and_a_kernel_of_no_run_says_so(lab, monkeypatch):
    monkeypatch.delenv("ACRLAB_RUN", raising=False)
    lab.settings = lab.settings.model_copy(update={"backend": "azure", "owner": "platform team"})

    assert tags_of(lab)["acrlab-owner"] == "platform team"
    assert re.fullmatch(r"by-hand-[-0-9T]{19}", tags_of(lab)["acrlab-run"])


def test_where_nobody_has_a_name_the_tag_is_left_out(lab, monkeypatch):
    def nobody():
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    lab.settings = lab.settings.model_copy(update={"backend": "azure"})

    assert "acrlab-owner" not in tags_of(lab)


def test_on_the_emulated_azure_two_runs_make_the_same(lab, monkeypatch):
    monkeypatch.delenv("ACRLAB_RUN", raising=False)

    assert tags_of(lab) == {"acrlab": "contoso42"}


@pytest.fixture
def real(lab, tmp_path, monkeypatch):
    """A lab that says that it is on a real subscription, where things of others stand."""
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))
    given = {"backend": "azure", "subscription": lab.subscription, "confirm_cost": 1}
    lab.settings = lab.settings.model_copy(update=given)
    lab.resources.resource_groups.create_or_update("myResourceGroup", {"location": "westus"})
    return lab


def test_a_registry_of_somebody_else_is_not_raised_to_premium_and_not_taken_over(real, world):
    body = {"location": "westus", "sku": {"name": "Basic"}, "tags": {"team": "theirs"}}
    real.registry.registries.begin_create("myResourceGroup", "contoso42", body).result()
    before = world.dump()

    with pytest.raises(acrlab.RefusedError, match="contoso42 is left as it is: it does not carry the lab's tag"):
        acrlab.ensure_registry(real)

    assert world.dump() == before


def test_a_thing_of_somebody_else_whose_making_failed_is_not_made_anew(real, world):
    fault_injection.plant(world, fault_injection.Fault("fail-operation", "PUT", "*/virtualNetworks/*"))
    space = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    with pytest.raises(HttpResponseError):
        real.network.virtual_networks.begin_create_or_update("myResourceGroup", "myDockerVMVNET", space).result()

    with pytest.raises(acrlab.RefusedError, match="myDockerVMVNET is left as it is"):
        acrlab.steps.ensure_network(real)


def test_a_part_that_carries_no_tags_is_made_anew(real, world):
    acrlab.bring_to(real, "registry")
    fault_injection.plant(world, fault_injection.Fault("fail-operation", "PUT", "*/privateDnsZoneGroups/*"))
    with pytest.raises(acrlab.RefusedError, match="Creating the zone group failed"):
        acrlab.steps.ensure_portal_endpoint(real)

    assert len(acrlab.steps.ensure_portal_endpoint(real).records) == 2


def test_a_record_of_somebody_else_in_a_zone_of_somebody_else_is_not_overwritten(real, world):
    real.dns.private_zones.begin_create_or_update(
        "myResourceGroup", "privatelink.azurecr.io", {"location": "global"}
    ).result()
    record = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.9.9.9"}]}}
    real.dns.record_sets.create_or_update("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42", record)

    with pytest.raises(acrlab.RefusedError, match="contoso42 is left as it is"):
        acrlab.bring_to(real, "records")

    kept = real.dns.record_sets.get("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42")
    assert [a.ipv4_address for a in kept.properties.a_records] == ["10.9.9.9"]


@pytest.mark.parametrize(
    "section",
    ["group", "registry", "sample-image", "vm", "subnet-policies", "private-dns-zone", "zone-link", "dns-records"],
)
def test_resetting_a_section_takes_nothing_of_somebody_else(real, world, section):
    """All that a lab needs is there, and none of it carries the tag."""
    acrlab.bring_to(real, "records", "sample-image")
    _belongs_to_others(world)
    before = set(world.dump())

    with suppress(acrlab.RefusedError):
        acrlab.reset(real, section)

    assert set(world.dump()) == before
    assert acrlab.tags(real)


def test_no_fault_is_planted_in_what_is_somebody_else_s(real, world):
    acrlab.bring_to(real, *READY)
    _belongs_to_others(world)
    before = set(world.dump())

    with pytest.raises(acrlab.RefusedError, match="contoso42 is left as it is"):
        exercise.start(real)

    assert set(world.dump()) == before


def _belongs_to_others(world):
    with world.transaction():
        for id in world.dump():
            found = world.find(ArmId.parse(id))
            found.body.pop("tags", None)
            found.properties.pop("metadata", None)
            world.put(found)


def test_tags_of_one_s_own_stand_beside_the_lab_s(lab):
    lab.settings = acrlab.Settings.from_parameters(registry_name="contoso42", tags="team=web, costCenter=42")

    assert tags_of(lab) == {"team": "web", "costCenter": "42", "acrlab": "contoso42"}
    assert acrlab.ensure_group(lab).tags == tags_of(lab)


@pytest.mark.parametrize("tags", ["acrlab=mine", "team=web,acrlab-expires=never"])
def test_tags_of_the_lab_s_own_are_not_for_others_to_set(tags):
    with pytest.raises(acrlab.ConfigurationError, match="is a tag of the lab's own"):
        acrlab.Settings.from_parameters(tags=tags)


@pytest.mark.parametrize("tags", ["team", "a=b=c"])
def test_tags_that_are_not_pairs_are_refused(tags):
    with pytest.raises(acrlab.ConfigurationError, match="Tags of your own on all that the lab makes"):
        acrlab.Settings.from_parameters(tags=tags)
