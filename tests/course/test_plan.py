"""The article's steps on the emulated Azure: what each leaves behind, and that doing it twice changes nothing."""

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event, main_thread

import pytest
from azure.core.polling import LROPoller

import acrlab
from acrlab.course.lookup import PLAN
from acrlab.course.runner import perform
from acrlab.emulator.core import fault_injection
from acrlab.errors import ConfigurationError
from acrlab.steps import virtual_machine

# How long each step takes with recorded durations, polled as Azure asks for; `make bench ARGS="plan"` measures it.
SECONDS = {
    "registry": 10,
    "sample-image": 10,
    "network": 10,
    "vm": 70,
    "docker": 20,
    "azure-cli": 20,
    "subnet-policies": 10,
    "zone": 15,
    "link": 45,
    "endpoint": 40,
}


def test_every_step_needs_only_steps_before_it():
    seen = set()
    for step in PLAN:
        assert seen.issuperset(step.needs), step.name
        seen.add(step.name)


def test_an_unknown_step_is_named(lab):
    with pytest.raises(ConfigurationError, match="there is no section 'record'; did you mean records"):
        acrlab.bring_to(lab, "record")


def test_the_whole_plan_twice_changes_nothing(lab, world):
    everything = [step.name for step in PLAN if not step.name.startswith("public-access")]
    acrlab.bring_to(lab, *everything)
    before = world.dump()

    acrlab.bring_to(lab, *everything)

    assert world.dump() == before
    assert len(before) > 15


class Played:
    """A step that begins when the plan begins it, and ends when the test ends it."""

    def __init__(self, step):
        self.seconds = SECONDS.get(step.name, 0)
        self.begun, self.may_end = Event(), Event()
        self.step = replace(step, ensure=self.ensure)

    def ensure(self, lab):
        self.begun.set()
        assert self.may_end.wait(60), "nobody ended this step"


def test_the_plan_takes_its_longest_chain():
    """Every step begins at the moment at which the last one that it waits for ends, whatever else is going on."""
    played = {step.name: Played(step) for step in PLAN}
    now, ends, done = 0, {}, set()
    with ThreadPoolExecutor(1) as background:
        running = background.submit(perform, None, [one.step for one in played.values()])
        while len(done) < len(played):
            for name, one in played.items():
                if name not in done and name not in ends and done >= {*one.step.needs, *one.step.after}:
                    assert one.begun.wait(20), f"{name} does not begin though all that it needs is done"
                    ends[name] = now + one.seconds
            name = min(ends, key=ends.get)
            now = ends.pop(name)
            done.add(name)
            played[name].may_end.set()
        running.result(20)

    assert now == 10 + 70 + 40  # network, VM, endpoint; or, as long, network, VM, docker, azure-cli
    assert now <= 0.6 * sum(SECONDS.values())


@pytest.mark.parametrize(("step", "seconds"), [("zone", 15), ("network", 10), ("registry", 10), ("docker", 20)])
def test_an_operation_is_looked_at_when_azure_says_and_not_later(lab, world, step, seconds):
    """What takes 15, 4, 10 and 17 seconds, with a Retry-After of 3, 10, 10 and 10."""
    (wanted,) = (one for one in PLAN if one.name == step)
    acrlab.bring_to(lab, *wanted.needs)
    before = world.now

    wanted.ensure(lab)

    assert world.now - before == pytest.approx(seconds)


def test_what_the_vm_s_interface_needs_is_made_at_the_same_time(lab, monkeypatch):
    acrlab.bring_to(lab, "group")
    make, all_three = virtual_machine.ensure, Barrier(3)

    def meeting(lab, id, *arguments):
        if "/networkInterfaces/" not in id and "/virtualMachines/" not in id:
            all_three.wait(20)
        return make(lab, id, *arguments)

    monkeypatch.setattr(virtual_machine, "ensure", meeting)

    assert acrlab.ensure_vm(lab).name == "myDockerVM"


def test_a_step_that_fails_says_what_there_is_and_the_next_call_goes_on(lab, world):
    fault_injection.plant(world, fault_injection.Fault("fail-operation", "PUT", "*/registries/contoso42"))

    with pytest.raises(acrlab.RefusedError) as caught:
        acrlab.bring_to(lab, "registry")

    assert str(caught.value).endswith(
        "There is now: the subscription may use the services; a resource group. To go on from there, call it again."
    )
    acrlab.bring_to(lab, "registry")
    assert acrlab.verify(lab, "registry").done


def test_after_a_failure_what_has_begun_is_waited_for_and_nothing_new_begins(lab, world):
    """An interrupted step would go on in the background, and meet the next call."""
    steps = {step.name: step for step in PLAN}
    begun, may_end, after = Event(), Event(), []

    def fails(lab):
        assert begun.wait(20)
        may_end.set()
        raise acrlab.RefusedError("no", status=409, code="Conflict", resource_id="x")

    def slow(lab):
        begun.set()
        assert may_end.wait(20)

    chosen = [
        replace(steps["zone"], needs=(), ensure=fails),
        replace(steps["network"], needs=(), ensure=slow),
        replace(steps["link"], ensure=after.append),
    ]
    with pytest.raises(acrlab.RefusedError, match=r"There is now: a network with a subnet\. To go on"):
        perform(lab, chosen)

    assert after == []


def test_the_image_is_looked_for_once_the_registry_is_open_again_and_alone_all_the_same(lab):
    """A closed registry does not tell whether an image is there, so that a look before would import it again."""
    steps, order = {step.name: step for step in PLAN}, []
    image = replace(steps["sample-image"], needs=(), ensure=lambda lab: order.append("image"))
    opening = replace(steps["public-access-as-before"], needs=(), ensure=lambda lab: order.append("open"))

    perform(lab, [image, opening])
    assert order == ["open", "image"]

    perform(lab, [image])
    assert order == ["open", "image", "image"]


@pytest.mark.parametrize("step", ["registry", "network", "vm", "zone", "link", "endpoint", "subnet-policies"])
def test_what_azure_was_still_at_when_a_run_was_killed_is_waited_for(lab, world, monkeypatch, step):
    """The run that was killed had asked for everything, and waited for nothing."""
    (wanted,) = (one for one in PLAN if one.name == step)
    acrlab.bring_to(lab, *wanted.needs)

    def die(poller, *about):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(LROPoller, "wait", die)
        killed.setattr(LROPoller, "_start", lambda poller: None)  # nobody follows what was asked for
        with pytest.raises(KeyboardInterrupt):
            wanted.ensure(lab)

    wanted.ensure(lab)

    running = world.db.row("SELECT count(*) FROM operation WHERE status = 'running'")
    assert running == (0,)


def test_an_interrupt_waits_for_what_has_begun_and_the_next_call_goes_on(lab):
    steps = {step.name: step for step in PLAN}
    acrlab.bring_to(lab, "group")
    all_begun = Event()

    def interrupted(lab):
        assert all_begun.wait(20)
        signal.pthread_kill(main_thread().ident, signal.SIGINT)
        return acrlab.steps.ensure_network(lab)

    chosen = [
        replace(steps["network"], needs=(), ensure=interrupted),
        replace(steps["zone"], needs=(), ensure=lambda lab: all_begun.set()),
        steps["vm"],
    ]
    with pytest.raises(KeyboardInterrupt):
        perform(lab, chosen)

    assert [r.name for r in lab.resources.resources.list_by_resource_group("myResourceGroup")] == ["myDockerVMVNET"]
    acrlab.bring_to(lab, "vm")
    assert acrlab.verify(lab, "vm").done


def test_a_registry_that_is_made_again_is_signed_in_to_again(lab):
    acrlab.bring_to(lab, "sample-image")
    first = acrlab.tags(lab)
    acrlab.delete_lab(lab)

    acrlab.bring_to(lab, "sample-image")

    assert acrlab.tags(lab) == first


def test_the_vm_gets_the_first_address_and_the_endpoint_the_next_two(lab):
    acrlab.bring_to(lab, "records")

    assert acrlab.steps.vm_addresses(lab).private == "10.0.0.4"
    assert acrlab.endpoint_addresses(lab) == {
        "contoso42.azurecr.io": "10.0.0.6",
        "contoso42.westus.data.azurecr.io": "10.0.0.5",
    }


def test_the_name_leads_inside_only_for_the_vm(lab):
    acrlab.bring_to(lab, "records")

    inside, here = acrlab.resolve(lab, "contoso42.azurecr.io"), acrlab.resolve_here(lab, "contoso42.azurecr.io")

    assert (acrlab.tables.stage(inside), inside.addresses) == ("private", ("10.0.0.6",))
    assert acrlab.tables.stage(here) == "aliased"


def test_the_four_answers_come_in_the_article_s_order(lab):
    acrlab.bring_to(lab, "registry", "vm", "link", "subnet-policies")
    seen = [acrlab.tables.stage(acrlab.resolve(lab, "contoso42.azurecr.io"))]
    acrlab.ensure_endpoint(lab)
    seen.append(acrlab.tables.stage(acrlab.resolve_here(lab, "contoso42.azurecr.io")))
    seen.append(acrlab.tables.stage(acrlab.resolve(lab, "contoso42.azurecr.io")))
    acrlab.ensure_records(lab)
    seen.append(acrlab.tables.stage(acrlab.resolve(lab, "contoso42.azurecr.io")))

    assert seen == ["public", "aliased", "nxdomain", "private"]


def test_an_endpoint_is_refused_while_the_subnet_has_policies(lab):
    acrlab.bring_to(lab, "registry", "vm")

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
