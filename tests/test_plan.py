"""The article's steps on the emulated Azure: what each leaves behind, and that doing it twice changes nothing."""

import pytest

import acrlab
from acrlab.errors import ConfigurationError
from acrlab.plan import PLAN


def test_every_step_needs_only_steps_before_it():
    seen = set()
    for step in PLAN:
        assert seen.issuperset(step.needs), step.name
        seen.add(step.name)


def test_an_unknown_step_is_named(lab):
    with pytest.raises(ConfigurationError, match="there is no step record; there are: providers, group"):
        acrlab.bring_to(lab, "record")


def test_the_whole_plan_twice_changes_nothing(lab, world):
    everything = [step.name for step in PLAN if not step.name.startswith("public-access")]
    acrlab.bring_to(lab, *everything)
    before = world.dump()

    acrlab.bring_to(lab, *everything)

    assert world.dump() == before
    assert len(before) > 15


def test_the_machine_gets_the_first_address_and_the_endpoint_the_next_two(lab):
    acrlab.bring_to(lab, "records")

    assert acrlab.machine_addresses(lab).private == "10.0.0.4"
    assert acrlab.endpoint_addresses(lab) == {
        "contoso42.azurecr.io": "10.0.0.6",
        "contoso42.westus.data.azurecr.io": "10.0.0.5",
    }


def test_the_name_leads_inside_only_for_the_machine(lab):
    acrlab.bring_to(lab, "records")

    inside, here = acrlab.resolve(lab, "contoso42.azurecr.io"), acrlab.resolve_here(lab, "contoso42.azurecr.io")

    assert (acrlab.stage(inside), inside.addresses) == ("private", ("10.0.0.6",))
    assert acrlab.stage(here) == "aliased"


def test_the_four_answers_come_in_the_article_s_order(lab):
    acrlab.bring_to(lab, "registry", "machine", "link", "subnet-policies")
    seen = [acrlab.stage(acrlab.resolve(lab, "contoso42.azurecr.io"))]
    acrlab.ensure_endpoint(lab)
    seen.append(acrlab.stage(acrlab.resolve_here(lab, "contoso42.azurecr.io")))
    seen.append(acrlab.stage(acrlab.resolve(lab, "contoso42.azurecr.io")))
    acrlab.ensure_records(lab)
    seen.append(acrlab.stage(acrlab.resolve(lab, "contoso42.azurecr.io")))

    assert seen == ["public", "aliased", "nxdomain", "private"]


def test_an_endpoint_is_refused_while_the_subnet_has_policies(lab):
    acrlab.bring_to(lab, "registry", "machine")

    with pytest.raises(acrlab.RefusedError) as caught:
        acrlab.ensure_endpoint(lab)

    assert caught.value.code == "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"
    assert "acrlab.disable_subnet_policies(lab)" in str(caught.value)


def test_a_record_that_points_elsewhere_is_set_right(lab):
    acrlab.bring_to(lab, "records")
    wrong = {"properties": {"ttl": 3600, "aRecords": [{"ipv4Address": "10.0.0.99"}]}}
    lab.dns.record_sets.create_or_update("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42", wrong)

    acrlab.ensure_records(lab)

    assert acrlab.resolve(lab, "contoso42.azurecr.io").addresses == ("10.0.0.6",)
