"""Everything that a lab makes says whose it is, which run made it, and when it may go."""

import getpass
import re

import pytest

import acrlab
from acrlab.arm_id import ArmId
from acrlab.ownership import tags_of
from acrlab.plan import PLAN


@pytest.fixture
def everything(lab, world):
    """What every step of the lab has made."""
    acrlab.bring_to(lab, *(step.name for step in PLAN))
    acrlab.ensure_manual_endpoint(lab)
    acrlab.ensure_portal_endpoint(lab)
    return world.dump()


# What Azure gives no tags, and what it makes itself; each goes with something that carries the tag.
BARE = {
    "microsoft.authorization/roleassignments",
    "microsoft.compute/disks",
    "microsoft.containerregistry/registries/privateendpointconnections",
    "microsoft.network/networkinterfaces",
    "microsoft.network/networksecuritygroups/securityrules",
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
