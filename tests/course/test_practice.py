"""Tickets: opened, answered, fixed, checked, given up; the doctor says nothing meanwhile, and who did it is told."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course import marks
from acrlab.course.practice import drill, exercise, leftovers
from acrlab.course.practice.aks import stage
from acrlab.course.practice.diagnoses import BY_CODE, CHOICES, DIAGNOSES, choices
from acrlab.course.practice.drill import examined
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS, named
from acrlab.doctor import examine
from acrlab.errors import ConfigurationError, UnfinishedError
from acrlab.lab import memory
from acrlab.lab.confirmation import cost_here
from acrlab.lab.ownership import assignments
from acrlab.steps.beyond import aks, closed


@pytest.fixture
def working(lab, monkeypatch):
    """A lab that works, whose reader does the tickets."""
    monkeypatch.setattr(lab, "settings", lab.settings.model_copy(update={"hands_on": "on"}))
    acrlab.bring_to(lab, *READY)
    return lab


def mark(lab, name):
    return marks.read(lab)[name].told if name in marks.read(lab) else ""


def write_records(lab):
    """The fix of a learner who writes records with the SDK."""
    for host, address in acrlab.endpoint_addresses(lab).items():
        record = {"properties": {"ttl": 300, "aRecords": [{"ipv4Address": address}]}}
        names = ("myResourceGroup", "privatelink.azurecr.io", "A", host.removesuffix(".azurecr.io"))
        lab.dns.record_sets.create_or_update(*names, record)


def test_every_fault_has_a_diagnosis_and_every_diagnosis_a_fault():
    assert {one.code for one in DIAGNOSES} == {fault.code for fault in FAULTS}
    assert len(DIAGNOSES) == len({one.code for one in DIAGNOSES})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_ticket_offers_the_right_diagnosis_among_others_and_its_place_says_nothing(fault):
    offered = choices(fault)

    assert len(offered) == CHOICES
    assert BY_CODE[fault.code] in offered
    assert [DIAGNOSES.index(one) for one in offered] == sorted(DIAGNOSES.index(one) for one in offered)
    assert fault.code not in fault.symptom


def test_the_right_place_is_not_always_the_same():
    assert len({choices(fault).index(BY_CODE[fault.code]) for fault in FAULTS}) == CHOICES


def test_who_answers_and_fixes_by_herself_has_done_it(working):
    ticket = acrlab.ticket(working, "the-wrong-neighbour")
    assert ticket.answer("records-swapped").right
    with pytest.raises(UnfinishedError, match=r"^Both names resolve to private addresses"):
        acrlab.check(working, ticket.name)
    write_records(working)

    assert acrlab.check(working, ticket.name).done
    assert mark(working, ticket.name) == "done"
    assert exercise.closed(working) == ("the-wrong-neighbour",)


def test_the_doctor_is_asked_once_before_each_fix_and_once_after_the_last(working, monkeypatch):
    acrlab.ticket(working, "the-wrong-neighbour")
    asked = []

    def ask(*place, **expected):
        asked.append(place)
        return examine(*place, **expected)

    monkeypatch.setattr(drill, "examine", ask)

    shown = exercise.give_up(working)

    assert shown.done
    assert len(asked) == 2
    assert exercise.verified(working).done
    assert len(asked) == 3


def test_a_ticket_in_words_has_the_symptom_and_a_numbered_list(working):
    told = repr(acrlab.ticket(working, "the-quiet-layer")).splitlines()

    assert told[0] == "Ticket the-quiet-layer"
    assert named("the-quiet-layer").symptom in told[1]
    assert told[3] == "  1  data-record-missing: The zone has no record for the data endpoint."
    assert len(told) == 3 + CHOICES


def test_a_ticket_that_is_not_met_on_the_lab_s_vm_says_where(working):
    told = repr(acrlab.ticket(working, "the-empty-branch")).splitlines()

    assert told[2] == f"Where: {named('the-empty-branch').stage.where}"
    assert len(told) == 4 + CHOICES


def test_a_wrong_answer_says_what_one_would_see_and_counts_as_a_hint(working):
    ticket = acrlab.ticket(working, "the-quiet-layer")

    said = ticket.answer(2)
    ticket.answer(1)
    write_records(working)
    acrlab.check(working, ticket.name)

    assert repr(said) == (
        "✗ record-missing: not that. If it were, dig on the VM would answer NXDOMAIN for the login server, and the "
        "zone would have no A record for its name. Look again; a wrong answer counts as a hint."
    )
    assert mark(working, ticket.name) == "with hints"


def test_an_answer_that_the_list_does_not_have_is_refused_with_the_list(working):
    ticket = acrlab.ticket(working, "the-quiet-layer")

    with pytest.raises(ConfigurationError, match=r"^diagnosis: 9 is not in the list: 1 data-record-missing, 2 "):
        ticket.answer(9)


def test_who_fixes_it_without_an_answer_is_asked_what_it_was(working):
    ticket = acrlab.ticket(working, "the-quiet-layer")
    write_records(working)

    with pytest.raises(
        UnfinishedError, match=r"Seen: the lab works again\. Likely cause: you have not said what it was"
    ):
        acrlab.check(working, ticket.name)

    assert mark(working, ticket.name) == ""


def test_hints_come_one_after_the_other_and_the_last_stays(working):
    acrlab.ticket(working, "the-quiet-layer")

    told = [acrlab.hint(working, "the-quiet-layer") for _ in range(4)]

    hints = named("the-quiet-layer").hints
    assert told == [f"Hint {n} of 3: {hints[n - 1]}" for n in (1, 2, 3, 3)]


def test_giving_up_says_what_it_was_fixes_it_and_shows_the_code_that_did(working):
    acrlab.ticket(working, "the-zone-next-door")

    shown = acrlab.solve(working, "the-zone-next-door")

    assert shown.done
    assert shown.code.startswith("acrlab.remedies.link_zone(lab, ")
    assert shown.az.startswith("az network private-dns link vnet create ")
    assert shown.why.startswith("It was zone-not-linked: The zone is not linked to the client's network.")
    assert mark(working, "the-zone-next-door") == "shown"
    assert acrlab.check(working, "the-zone-next-door").done
    assert mark(working, "the-zone-next-door") == "shown", "a check never credits what was shown"
    assert exercise.closed(working) == ()


@pytest.mark.long
def test_giving_up_mends_what_was_broken_besides(working):
    acrlab.ticket(working, "who-are-you")
    acrlab.reset(working, "zone-link")

    shown = acrlab.solve(working, "who-are-you")

    assert shown.done
    assert "link_zone" in shown.code
    assert "allow_vm_to_pull" in shown.code


def test_the_doctor_keeps_silent_until_the_answer_and_says_why(working):
    ticket = acrlab.ticket(working, "the-wrong-neighbour")
    sentence = (
        r"^The doctor keeps silent while the ticket the-wrong-neighbour is open, because its finding would be your"
    )

    for ask in (acrlab.diagnose, acrlab.trace):
        with pytest.raises(UnfinishedError, match=sentence) as caught:
            ask(working)
        assert "records-swapped" not in str(caught.value)
    ticket.answer("record-missing")
    with pytest.raises(UnfinishedError, match=sentence):
        acrlab.diagnose(working)

    ticket.answer("records-swapped")
    assert acrlab.diagnose(working).codes == ("records-swapped",)
    assert not acrlab.trace(working).arrives


def test_the_doctor_speaks_again_once_the_ticket_is_given_up_or_taken_back(working):
    acrlab.ticket(working, "the-wrong-neighbour")
    acrlab.solve(working, "the-wrong-neighbour")
    assert acrlab.diagnose(working).healthy

    acrlab.ticket(working, "the-quiet-layer")
    acrlab.bring_to(working, *READY)
    assert acrlab.diagnose(working).healthy


@pytest.mark.parametrize("chosen", ["off", "auto"])
def test_where_no_one_sits_in_front_a_check_gives_the_ticket_up_with_the_code_shown(lab, monkeypatch, chosen):
    monkeypatch.setattr(lab, "settings", lab.settings.model_copy(update={"hands_on": chosen}))
    ticket = acrlab.ticket(lab, "a-wall-of-silence")

    shown = acrlab.check(lab, ticket.name)

    assert shown.done
    assert "acrlab.remedies.allow_https(lab, " in repr(shown)
    assert repr(shown).splitlines()[-1].startswith("✓ a-wall-of-silence: ")
    assert mark(lab, ticket.name) == "shown"


def test_an_open_ticket_is_gone_on_with_after_a_restart(working):
    acrlab.ticket(working, "the-quiet-layer")
    acrlab.hint(working, "the-quiet-layer")

    again = acrlab.connect(working.settings)
    try:
        ticket = acrlab.ticket(again)
        assert ticket.name == "the-quiet-layer"
        assert acrlab.hint(again, ticket.name).startswith("Hint 2 of 3")
    finally:
        again.close()


def test_opening_another_takes_the_last_fault_away_and_its_ticket_stays_unsolved(working):
    acrlab.ticket(working, "the-quiet-layer")
    acrlab.ticket(working, "who-are-you")

    assert examine(working).codes == ("pull-right-missing",)
    assert mark(working, "the-quiet-layer") == ""
    with pytest.raises(ConfigurationError, match="the ticket the-quiet-layer is not open, who-are-you is"):
        acrlab.check(working, "the-quiet-layer")


def test_the_next_ticket_is_the_first_that_is_not_closed_and_another_is_chosen_among_those(working):
    seen = []
    ticket = acrlab.ticket(working)
    ticket.answer(1)
    write_records(working)
    acrlab.check(working, ticket.name)

    fault = exercise.start(working, "another", choose=lambda names: seen.extend(names) or "who-are-you")

    assert (ticket.name, fault.name) == ("the-quiet-layer", "who-are-you")
    assert seen == [one.name for one in FAULTS if one.name != "the-quiet-layer" and not one.stage.build]
    assert exercise.start(working).name == "who-are-you", "it is open"


@pytest.mark.long
def test_a_ticket_that_was_shown_may_be_done_by_oneself_later(working):
    acrlab.ticket(working, "the-quiet-layer")
    acrlab.solve(working, "the-quiet-layer")

    ticket = acrlab.ticket(working, "the-quiet-layer")
    ticket.answer(1)
    write_records(working)
    acrlab.check(working, ticket.name)

    assert mark(working, ticket.name) == "done"


@pytest.mark.long
def test_a_ticket_that_is_opened_again_after_her_own_fix_breaks_the_same_thing_again(working):
    """She gave her link and her rule names of her own."""
    for _ in range(2):
        exercise.start(working, "the-zone-next-door")
        assert examine(working, expect="closed").codes == ("zone-not-linked",)
        network = working.id_of("Microsoft.Network/virtualNetworks", "myDockerVMVNET")
        body = {"location": "global", "properties": {"virtualNetwork": {"id": network}, "registrationEnabled": False}}
        links = working.dns.virtual_network_links
        links.begin_create_or_update("myResourceGroup", "privatelink.azurecr.io", "hers", body).result()
        exercise.answer(working, "zone-not-linked")
        assert exercise.check(working).done


@pytest.mark.long
def test_all_tickets_one_after_the_other_each_break_one_thing(working):
    for fault in reversed(FAULTS):
        exercise.start(working, fault.name)
        assert examined(working, fault.stage, fault.expect).codes == (fault.code,)
        assert exercise.give_up(working).done


# -- stages ------------------------------------------------------------------------------------------------------------

ON_A_HUB = [fault for fault in FAULTS if fault.stage.build]


def machines(lab):
    return {vm.name for vm in lab.compute.virtual_machines.list("myResourceGroup")}


def test_what_needs_more_than_the_lab_is_opened_by_its_name_alone(working):
    seen = []
    exercise.start(working, "another", choose=lambda names: seen.extend(names) or names[0])

    assert not set(seen) & {fault.name for fault in ON_A_HUB}


def test_a_stage_stays_for_the_next_ticket_of_its_own_and_goes_before_another(working):
    first, second = ON_A_HUB[:2]
    assert first.stage == second.stage
    exercise.start(working, first.name)
    made = working.compute.virtual_machines.get("myResourceGroup", "mySpokeVM").vm_id
    exercise.start(working, second.name)
    assert working.compute.virtual_machines.get("myResourceGroup", "mySpokeVM").vm_id == made

    exercise.start(working, "the-quiet-layer")

    assert machines(working) == {"myDockerVM"}
    assert examine(working).codes == ("data-record-missing",)


@pytest.mark.long
def test_a_stage_goes_when_the_lab_is_brought_back_to_work(working):
    exercise.start(working, ON_A_HUB[0].name)
    acrlab.bring_to(working, *READY)

    assert machines(working) == {"myDockerVM"}
    assert list(working.network.virtual_network_peerings.list("myResourceGroup", "myDockerVMVNET")) == []
    assert acrlab.diagnose(working).healthy
    acrlab.bring_to(working, *READY)  # there is nothing left to take away


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_can_be_wrong_on_a_stage_alone_is_offered_there_alone(fault):
    assert all({"lab", fault.stage.name} & {*one.stages} for one in choices(fault))


@pytest.fixture
def theirs(working):
    """A cluster and a network that were there before, under the names of chapter 16 and of the tickets' network."""
    return aks.ensure_cluster(working)


@pytest.mark.long
def test_a_ticket_s_cluster_goes_with_its_stage_and_one_that_was_there_before_stays(working, theirs):
    before = {str(one.id) for one in working.resources.resources.list()}
    exercise.start(working, "one-letter-off")
    assert {cluster.name for cluster in clusters(working)} == {aks.NAME, stage.CLUSTER}

    exercise.give_up(working)
    exercise.take_back(working)

    assert [cluster.name for cluster in clusters(working)] == [aks.NAME]
    assert {str(one.id) for one in working.resources.resources.list()} == before
    assert aks.find_cluster(working) == theirs
    assert acrlab.diagnose(working).healthy


def clusters(lab):
    return [found for name in (aks.NAME, stage.CLUSTER) if (found := aks.find_cluster(lab, name))]


@pytest.mark.long
def test_rights_that_a_ticket_gave_and_repository_roles_go_with_its_stage(working):
    def assigned():
        return {one["id"] for one in assignments(working, working.registry_id)}

    before = assigned()
    exercise.start(working, "a-stamp-of-last-year")
    exercise.give_up(working)
    exercise.take_back(working)

    assert assigned() == before
    assert closed.role_mode(working) == closed.LEGACY
    assert acrlab.diagnose(working).healthy


def test_a_ticket_about_a_cluster_is_closed_by_her_own_fix(working):
    exercise.start(working, "a-shop-without-a-pass")
    exercise.answer(working, "kubelet-right-missing")
    with pytest.raises(UnfinishedError, match=r"^On the new cluster no pod starts"):
        exercise.check(working)
    aks.attach(working, stage.CLUSTER)

    assert exercise.check(working).seen == "the cluster pulls, and it was kubelet-right-missing"
    assert mark(working, "a-shop-without-a-pass") == "done"


@pytest.mark.long
def test_a_ticket_about_a_cluster_is_not_closed_before_a_pod_pulls(working):
    """Of a role that an organization defined the doctor says nothing: it may allow anything."""
    exercise.start(working, "a-shop-without-a-pass")
    exercise.answer(working, "kubelet-right-missing")
    roles = f"/subscriptions/{working.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    auditor = f"{roles}/66666666-6666-4666-8666-666666666666"
    reads = {"actions": ["Microsoft.ContainerRegistry/registries/read"], "notActions": []}
    scopes = {"assignableScopes": [f"/subscriptions/{working.subscription}"], "permissions": [reads]}
    working.arm.put(
        auditor, "2022-04-01", {"properties": {"roleName": "Auditor", "type": "CustomRole"} | scopes}, "Defining"
    )
    told = {"roleDefinitionId": auditor, "principalId": aks.find_cluster(working, stage.CLUSTER).kubelet}
    id = f"{working.registry_id}/providers/Microsoft.Authorization/roleAssignments/77777777-7777-4777-8777-777777777777"
    working.arm.put(id, "2022-04-01", {"properties": {**told, "principalType": "ServicePrincipal"}}, "Assigning")
    assert examined(working, stage.STAGE).healthy

    with pytest.raises(UnfinishedError, match=r"hello-world:v1 still waits: .*401 Unauthorized"):
        exercise.check(working)


def test_on_a_real_subscription_a_ticket_about_a_cluster_asks_first(working):
    real = {"backend": "azure", "subscription": working.subscription}
    working.settings = working.settings.model_copy(update=real)
    enough_for_the_lab = {"confirm_cost": cost_here(working)}
    working.settings = working.settings.model_copy(update=enough_for_the_lab)
    sent = working.arm.sent

    with pytest.raises(ConfigurationError, match=r"of it for chapter 16: .*--yes\."):
        exercise.start(working, "one-letter-off")

    assert working.arm.sent == sent
    assert clusters(working) == []


def test_progress_tells_of_tickets_in_their_chapter_s_place(working):
    acrlab.ticket(working, "the-quiet-layer")
    acrlab.solve(working, "the-quiet-layer")

    rows = [(row[0].strip(), row[1]) for row in acrlab.progress(working).rows]

    assert ("chapter 11", "1 of 1: 1 shown") in rows
    assert rows[rows.index(("chapter 11", "1 of 1: 1 shown")) + 1] == ("the-quiet-layer", "shown")


def test_a_ticket_of_a_lab_that_was_deleted_is_gone_with_it(working):
    acrlab.ticket(working, "the-quiet-layer")
    acrlab.delete_lab(working)

    assert exercise.take_back(working) == ""
    assert memory.open_ticket(working) == ""
    acrlab.bring_to(working, *READY)
    assert acrlab.diagnose(working).healthy


def test_a_new_registry_has_no_open_ticket(working):
    acrlab.ticket(working, "the-quiet-layer")
    working.resources.resource_groups.begin_delete("myResourceGroup").result()

    acrlab.ensure_group(working)
    acrlab.ensure_registry(working)

    assert memory.open_ticket(working) == ""


def test_checking_without_a_ticket_says_how_to_open_one(working):
    with pytest.raises(ConfigurationError, match="Open one: acrlab practice start"):
        exercise.check(working)


@pytest.mark.parametrize(("backend", "left"), [("azure", ["FromPolicy"]), ("emulator", [])])
def test_only_practice_s_own_rules_are_cleared_on_a_real_subscription(lab, backend, left):
    given = {"backend": backend, "subscription": lab.subscription, "confirm_cost": 1}
    lab.settings = lab.settings.model_copy(update=given)
    acrlab.bring_to(lab, *READY)
    rule = {"direction": "Outbound", "access": "Deny", "protocol": "Tcp", "sourcePortRange": "*"}
    rule |= {"sourceAddressPrefix": "*", "destinationAddressPrefix": "203.0.113.0/24", "destinationPortRange": "25"}
    for priority, name in enumerate(("NoHttps", "FromPolicy"), 200):
        body = {"properties": rule | {"priority": priority}}
        lab.network.security_rules.begin_create_or_update("myResourceGroup", "myDockerVMNSG", name, body).result()

    leftovers.clear(lab)

    assert [one.name for one in lab.network.security_rules.list("myResourceGroup", "myDockerVMNSG")] == left
