"""Manual approval and the portal's way; both leave the lab as they found it."""

import pytest

import acrlab


@pytest.fixture
def waiting(lab):
    acrlab.bring_to(lab, "registry", "subnet-policies")
    return acrlab.ensure_manual_endpoint(lab)


def test_a_manual_endpoint_waits_without_names(waiting):
    assert (acrlab.steps.connection_state(waiting), waiting.custom_dns_configs) == ("Pending", [])


def test_approval_reaches_the_endpoint_s_side(lab, waiting):
    (pending,) = acrlab.steps.pending_connections(lab)

    approved = acrlab.steps.approve(lab, pending, "welcome")

    assert (approved.status, approved.description) == ("Approved", "welcome")
    assert len(acrlab.steps.manual_endpoint(lab).custom_dns_configs) == 2
    assert acrlab.steps.pending_connections(lab) == ()


def test_a_rejected_connection_can_not_be_approved_any_more(lab, waiting):
    (pending,) = acrlab.steps.pending_connections(lab)
    acrlab.steps.reject(lab, pending)

    with pytest.raises(acrlab.RefusedError, match="Rejected and cannot become Approved"):
        acrlab.steps.approve(lab, pending)


def test_approving_says_what_was_found_and_asks_anew_where_the_answer_was_no(lab, waiting):
    def told():
        return list(acrlab.steps.ensure_approved(lab, "welcome").rows)

    assert told() == [("Pending", "approved")]
    assert acrlab.steps.connection_of(lab, "myManualEndpoint").description == "welcome"
    assert told() == [("Approved", "nothing, it was approved before")]

    rejected = acrlab.steps.reject(lab, acrlab.steps.connection_of(lab, "myManualEndpoint"))
    assert told() == [
        ("Rejected", "final: endpoint deleted and created again, to ask again"),
        ("Pending", "approved"),
    ]

    approved = acrlab.steps.connection_of(lab, "myManualEndpoint")
    assert approved.status == "Approved"
    assert approved.name != rejected.name
    assert len(acrlab.steps.manual_endpoint(lab).custom_dns_configs) == 2


def test_removing_the_manual_endpoint_leaves_no_trace(lab, world):
    acrlab.bring_to(lab, "registry", "subnet-policies")
    before = world.dump()
    acrlab.ensure_manual_endpoint(lab)

    assert acrlab.steps.remove_manual_endpoint(lab) == ()
    assert world.dump() == before


def test_an_unknown_endpoint_has_no_connection(lab):
    acrlab.bring_to(lab, "registry")

    with pytest.raises(acrlab.RefusedError, match="has no connection of an endpoint nobody"):
        acrlab.steps.connection_of(lab, "nobody")


def test_the_portal_s_zone_group_writes_two_records_with_a_short_life(lab):
    acrlab.bring_to(lab, "registry")

    portal = acrlab.steps.ensure_portal_endpoint(lab)

    assert {(r.name, r.address, r.ttl) for r in portal.records} == {
        ("contoso42", "10.1.0.5", 10),
        ("contoso42.westus.data", "10.1.0.4", 10),
    }
    assert portal.endpoint.custom_dns_configs == []


def test_removing_the_portal_s_lab_leaves_no_trace(lab, world):
    acrlab.bring_to(lab, "registry")
    before = world.dump()
    acrlab.steps.ensure_portal_endpoint(lab)

    assert acrlab.steps.remove_portal_endpoint(lab) == ()
    assert world.dump() == before


def test_the_owner_s_answer_is_waited_for(lab, monkeypatch):
    acrlab.bring_to(lab, "registry", "subnet-policies")
    acrlab.ensure_manual_endpoint(lab)
    pauses = []

    def answered_in_the_pause(seconds):
        pauses.append(seconds)
        acrlab.steps.approve(lab, acrlab.steps.connection_of(lab, "myManualEndpoint"))

    monkeypatch.setattr(lab.backend, "pause", answered_in_the_pause)

    assert acrlab.steps.connection_state(acrlab.steps.manual_endpoint(lab, until="Approved")) == "Approved"
    assert pauses == [10]


def test_an_answer_that_does_not_come_is_named(lab):
    acrlab.bring_to(lab, "registry", "subnet-policies")
    acrlab.ensure_manual_endpoint(lab)

    with pytest.raises(acrlab.NotReadyError, match=r"is Approved: not within 600 s\. Seen last: Pending\."):
        acrlab.steps.manual_endpoint(lab, until="Approved")
