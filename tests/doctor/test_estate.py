"""A link whose parts lie in several groups: found by name or by id, and never called missing where they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

import acrlab
from acrlab.doctor.diagnosis import Diagnosis, judge
from acrlab.doctor.observe import Viewpoint, observe, survey
from acrlab.doctor.rebuild.builder import Builder
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab, connect
from acrlab.serving.world_file import add_subscription
from tests.doctor import estate

OTHER = "00000000-1111-4222-8333-444444444444"


@pytest.fixture
def spread(lab: Lab) -> Lab:
    """The registry in `shared`, VM and endpoint in `myResourceGroup`, the zone in `hub`; seen from `shared`."""
    acrlab.bring_to(lab, "vm", "subnet-policies")
    target = estate.registry(lab, "shared", "sharedregistry")
    subnet = lab.network.subnets.get("myResourceGroup", "myDockerVMVNET", "myDockerVMSubnet")
    zone = estate.zone(lab, "hub")
    estate.link(lab, "hub", "team", str(subnet.id))
    estate.zone_group(lab, estate.endpoint(lab, "myResourceGroup", "theirs", str(subnet.id), target), zone)
    return connect(world=str(lab.backend.path), resource_group="shared", registry_name="sharedregistry")


def judged(lab: Lab, **viewpoint: str | None) -> Diagnosis:
    return judge(observe(lab, Viewpoint(**viewpoint)))  # type: ignore[arg-type]


@pytest.mark.parametrize("whole", [False, True])
def test_a_vm_in_another_group_is_found_by_its_name_and_by_its_id(spread: Lab, whole: bool) -> None:
    id = spread.id_of("Microsoft.Compute/virtualMachines", "myDockerVM", group="myResourceGroup")

    told = judged(spread, vm=id if whole else "mydockervm")

    view = told.snapshot.vm_view
    assert told.codes == ("pull-right-missing",)
    assert view is not None
    assert [a.addresses[0][:5] for a in view.answers] == ["10.0.", "10.0."]


@pytest.mark.parametrize("given", ["myDockerVMVNET", "id"])
def test_a_network_in_another_group_is_found_by_its_name_and_by_its_id(spread: Lab, given: str) -> None:
    id = spread.id_of("Microsoft.Network/virtualNetworks", "myDockerVMVNET", group="myResourceGroup")

    assert judged(spread, vm="", network=id if given == "id" else given).codes == ()


def test_an_endpoint_that_is_named_tells_where_clients_are(spread: Lab) -> None:
    told = judged(spread, endpoint="theirs")

    assert told.codes == ()
    assert told.snapshot.subject.network.endswith("/myDockerVMVNET")


def test_where_nothing_says_where_clients_are_they_are_where_the_endpoint_is(spread: Lab) -> None:
    told = judged(spread)

    assert told.codes == ()
    assert told.snapshot.subject.network.endswith(
        "/myResourceGroup/providers/Microsoft.Network/virtualNetworks/myDockerVMVNET"
    )


def test_of_a_registry_without_endpoints_and_no_place_named_it_is_said_what_is_not_known(lab: Lab) -> None:
    estate.registry(lab, "shared", "sharedregistry")
    seen = connect(world=str(lab.backend.path), resource_group="shared", registry_name="sharedregistry")

    told = judged(seen)

    assert told.codes == ()
    assert "clients-unknown" in [n.code for n in told.notes]


@pytest.mark.parametrize(
    ("viewpoint", "message"),
    [
        ({"vm": "myDockerVN"}, r"--from-vm: there is no myDockerVN in subscription .*\. Did you mean myDockerVM\?"),
        ({"vm": "", "network": "nowhere"}, r"--network: there is no nowhere in .* There are: myDockerVMVNET\."),
        ({"vm": "", "endpoint": "gone"}, r"--endpoint: there is no gone in .* There are: theirs\."),
        ({"vm": "/subscriptions/x"}, r"--from-vm: /subscriptions/x is a Microsoft.Resources/subscriptions, not one of"),
        ({"vm": "/nonsense"}, r"--from-vm: '/nonsense' is not a resource's id\. Write its name, or its whole id\."),
    ],
)
def test_what_is_named_and_is_not_there_is_refused(spread: Lab, viewpoint: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        judged(spread, **viewpoint)


def test_a_name_that_stands_for_two_is_refused(spread: Lab) -> None:
    estate.network(spread, "a", "twin", 7)
    estate.network(spread, "b", "twin", 8)

    with pytest.raises(
        ConfigurationError, match=r"--network: twin is the name of several: .*/a/.*, .*/b/.* Write an id"
    ):
        judged(spread, vm="", network="twin")


def test_what_lies_in_a_subscription_that_is_not_visible_is_not_seen(spread: Lab) -> None:
    id = f"/subscriptions/{OTHER}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/far"

    told = judged(spread, vm="", network=id)

    outcomes = {c.name: c.outcome for c in told.checked}
    assert ("networks", OTHER) in [(u.what, u.resource.split("/")[2]) for u in told.unseen if "far" in u.resource]
    assert outcomes["network-exists"] == "not seen"
    assert told.codes == ()


def test_a_zone_that_is_linked_elsewhere_is_not_called_missing(spread: Lab) -> None:
    estate.network(spread, "team", "lonely", 9)
    for name in estate.records(spread, "hub"):
        spread.dns.record_sets.delete("hub", estate.NAME, "A", name)

    (found,) = (f for f in judged(spread, vm="", network="lonely").findings if f.code == "zone-missing")

    assert found.title == "No private zone privatelink.azurecr.io has to do with lonely."
    assert any("/hub/" in line and "is linked to myDockerVMVNET" in line for line in found.evidence)


def test_a_zone_that_answers_without_being_seen_is_not_called_missing(spread: Lab) -> None:
    seen = observe(spread, Viewpoint(vm="myDockerVM"))

    assert judge(replace(seen, zones=())).codes == ("pull-right-missing",)


def test_a_survey_costs_what_it_did(spread: Lab) -> None:
    assert survey(spread, Viewpoint(vm="", network="myDockerVMVNET")).requests <= 20


def test_a_registry_in_another_subscription_is_found_by_its_id(lab: Lab) -> None:
    acrlab.bring_to(lab, "vm", "subnet-policies")
    add_subscription(lab.backend.path, "shared", id=OTHER, tenant="", role="Owner")
    group = f"/subscriptions/{OTHER}/resourceGroups/shared"
    target = f"{group}/providers/Microsoft.ContainerRegistry/registries/sharedregistry"
    builder = Builder(lab)
    builder.groups([target], "westus")
    builder.put(target, {"location": "westus", "sku": {"name": "Premium"}})
    subnet = str(lab.network.subnets.get("myResourceGroup", "myDockerVMVNET", "myDockerVMSubnet").id)
    zone = estate.zone(lab, "myResourceGroup")
    estate.link(lab, "myResourceGroup", "own", subnet)
    estate.zone_group(lab, estate.endpoint(lab, "myResourceGroup", "theirs", subnet, target), zone)

    told = judged(lab, registry=target, vm="", network="myDockerVMVNET")

    assert builder.left == []
    assert told.codes == ()
    assert told.snapshot.registry is not None
    assert told.snapshot.registry.id == target
    assert [e.name for e in told.snapshot.endpoints] == ["theirs"]
