"""Names on an Azure that keeps them: every step waits for what is not seen yet, and says what it waits for."""

import pytest

import acrlab
from acrlab.course.practice import exercise
from acrlab.course.practice.drill import by_call
from acrlab.doctor import diagnose

HOST, ALIAS = "contoso42.azurecr.io", "contoso42.privatelink.azurecr.io"


@pytest.fixture
def late(lab, world):
    world.set_setting("timing", "as-azure")
    return lab


def stage(lab):
    return acrlab.tables.stage(acrlab.resolve(lab, HOST))


def test_a_new_registry_s_name_is_waited_for(late, world):
    acrlab.ensure_group(late)
    acrlab.ensure_registry(late)
    acrlab.import_sample_image(late)

    assert acrlab.resolve_here(late, HOST).status == "NOERROR"
    assert len(acrlab.tags(late)) == 1
    assert world.now > 300  # the "no" that was asked for too early


def test_a_data_endpoint_that_was_asked_for_before_there_was_one_is_waited_for(late, world):
    acrlab.bring_to(late, "sample-image", "subnet-policies")
    before = acrlab.resolve_here(late, "contoso42.westus.data.azurecr.io").status
    acrlab.bring_to(late, "endpoint")
    acrlab.resolve_here(late, "contoso42.westus.data.azurecr.io")
    asked = world.now

    assert acrlab.steps.pull_from_here(late).layers
    assert before == "NXDOMAIN"
    assert 30 < world.now - asked < 600


def test_a_registry_that_is_not_there_is_not_waited_for(late, world):
    acrlab.ensure_group(late)
    before = world.now

    with pytest.raises(acrlab.RefusedError, match="no such host"):
        acrlab.tags(late)

    assert world.now < before + 10  # what the SDK itself waits before it asks again


def test_an_older_answer_is_waited_for_as_long_as_its_ttl_says(late, world):
    acrlab.bring_to(late, "sample-image", "vm", "link")
    older = acrlab.resolve(late, HOST)
    acrlab.bring_to(late, "endpoint")

    assert (stage(late), acrlab.tables.stage(acrlab.resolve_here(late, HOST))) == ("public", "public")
    asked = world.now
    inside = acrlab.resolve(late, HOST, until=ALIAS)

    assert (acrlab.tables.stage(inside), older.kept_s) == ("nxdomain", 3600)
    assert 600 < world.now - asked < 3700


@pytest.mark.long
def test_what_never_comes_is_told_with_how_long_the_last_answer_lasts(late):
    acrlab.bring_to(late, "sample-image", "vm")

    with pytest.raises(acrlab.NotReadyError) as caught:
        acrlab.resolve(late, HOST, until="10.0.0.99")

    assert str(caught.value).startswith(
        f"{HOST} leads to 10.0.0.99 on myDockerVM: not within 4200 s. Seen last: 192.0.2."
    )
    assert "which may be cached for " in str(caught.value)


def test_the_vm_s_own_older_answer_is_forgotten_before_it_is_asked(late, world):
    acrlab.bring_to(late, "sample-image", "vm")
    acrlab.resolve(late, HOST)
    acrlab.bring_to(late, "endpoint")
    world.db.execute("DELETE FROM kept_name WHERE cache LIKE '%virtualnetworks%'")

    assert stage(late) == "aliased"


def test_a_record_that_the_vm_is_not_told_yet_is_waited_for_in_a_pull(late, world):
    acrlab.bring_to(late, "sample-image", "pull-right", "endpoint", "link")
    world.advance_to(world.now + 120)  # the link counts
    acrlab.ensure_records(late)
    before = world.now

    assert acrlab.login_and_pull(late).layers == 1
    assert world.now - before >= 60


def test_a_vm_that_is_refused_at_an_older_address_pulls_once_it_is_told_the_new_one(late, world):
    acrlab.bring_to(late, "sample-image", "pull-right", "link")
    acrlab.resolve(late, HOST)
    acrlab.bring_to(late, "records")
    acrlab.deny_public_access(late)
    before = world.now

    assert acrlab.login_and_pull(late).layers == 1
    assert world.now - before > 3000


def test_a_record_that_is_missing_is_not_waited_for_in_a_pull(late, world):
    acrlab.bring_to(late, "sample-image", "pull-right", "records")
    acrlab.login_and_pull(late)
    late.dns.record_sets.delete("myResourceGroup", "privatelink.azurecr.io", "A", "contoso42")
    world.advance_to(world.now + 60)
    before = world.now

    with pytest.raises(acrlab.RefusedError, match="Could not connect to the registry login server"):
        acrlab.login_and_pull(late)

    assert world.now - before < 60


def test_the_doctor_says_how_long_an_older_answer_lasts(late):
    acrlab.bring_to(late, "sample-image", "pull-right", "link")
    acrlab.resolve(late, HOST)
    acrlab.bring_to(late, "records")

    finding = next(f for f in diagnose(late).findings if f.code == "vm-answers-differ")
    kept = next(e for e in finding.evidence if e.startswith(f"that answer for {HOST} may be kept for "))
    by_call(late, finding.remedy)

    assert 3000 < int(kept.split()[-3]) < 3600
    assert diagnose(late).codes == ()


@pytest.mark.long
def test_practice_begins_and_ends_when_the_names_are_there(late):
    fault = exercise.start(late, "nobody-by-that-name")
    exercise.answer(late, fault.code)
    exercise.give_up(late)

    assert (fault.name, exercise.check(late).done) == ("nobody-by-that-name", True)


def test_with_fallback_a_missing_record_leads_to_the_public_address(lab):
    acrlab.bring_to(lab, "sample-image", "pull-right", "records")
    zone = ("myResourceGroup", "privatelink.azurecr.io")
    lab.dns.record_sets.delete(*zone, "A", "contoso42")
    link = lab.dns.virtual_network_links.get(*zone, "MyDNSLink")
    link.properties.resolution_policy = "NxDomainRedirect"
    lab.dns.virtual_network_links.begin_create_or_update(*zone, "MyDNSLink", link).result()

    report = diagnose(lab)
    finding = report.findings[0]

    assert stage(lab) == "aliased"
    assert (report.codes, finding.evidence[-1]) == (
        ("record-missing",),
        "link MyDNSLink has the resolution policy NxDomainRedirect",
    )
    assert "the name leads to the public address inside, too" in finding.why
    assert "its link MyDNSLink falls back to the internet" in repr(acrlab.trace(lab))
