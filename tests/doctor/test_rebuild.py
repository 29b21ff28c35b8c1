"""From a snapshot to an emulated Azure and back: what was wrong there is wrong here, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.azure.arm_id import ArmId
from acrlab.cli.app import app
from acrlab.course.practice.exercise import READY
from acrlab.course.practice.faults import FAULTS, named
from acrlab.course.section import Fault
from acrlab.doctor.diagnosis import Diagnosis, judge
from acrlab.doctor.observe import Viewpoint, observe
from acrlab.doctor.rebuild import location_of, rebuild, subscriptions_of
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab, connect
from acrlab.serving.world_file import found
from acrlab.snapshot import Snapshot, load, save
from acrlab.steps.beyond import aks, replicas
from tests.doctor import estate, hub


@pytest.fixture
def working(lab: Lab) -> Lab:
    acrlab.bring_to(lab, *READY)
    return lab


@pytest.fixture
def rebuilt(tmp_path: Path) -> Iterator[Callable[[Snapshot], tuple[Lab, tuple[str, ...]]]]:
    """Save a snapshot, load it, and rebuild it in a world of its own. Returns: its lab, and what could not be."""
    labs: list[Lab] = []

    def rebuilt(seen: Snapshot) -> tuple[Lab, tuple[str, ...]]:
        save(seen, tmp_path / "seen.json")
        told = load(tmp_path / "seen.json")
        assert told == seen
        world = tmp_path / "rebuilt" / "world.db"
        world.parent.mkdir()
        found(world, *subscriptions_of(told))
        subject = told.subject
        lab = connect(
            world=str(world),
            resource_group=subject.resource_group,
            registry_name=subject.registry,
            location=location_of(told),
        )
        labs.append(lab)
        return lab, rebuild(lab, told)

    yield rebuilt
    for lab in labs:
        lab.close()


def again(lab: Lab, seen: Snapshot) -> Diagnosis:
    """Diagnose a rebuilt lab from where the snapshot was taken."""
    subject, vm = seen.subject, seen.vm
    place = "" if vm and vm.network.lower() == subject.network.lower() else subject.network
    registry = seen.registry.id if seen.registry else ""
    viewpoint = Viewpoint(vm.id if vm else "", place, subject.expected, registry, cluster=subject.cluster)
    return judge(observe(lab, viewpoint))


def unnumbered(seen: Snapshot) -> Snapshot:
    """Leave out what Azure numbers, and how much room others leave: a connection made again has another id."""
    assert seen.registry is not None
    connections = tuple(replace(c, id="", name="") for c in seen.registry.connections)
    return replace(
        seen,
        requests=0,
        registry=replace(seen.registry, connections=connections),
        vm=replace(seen.vm, public_address="") if seen.vm else None,
        networks=tuple(replace(n, subnets=tuple(replace(s, free=0) for s in n.subnets)) for n in seen.networks),
    )


def codes(diagnosis: Diagnosis) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return diagnosis.codes, tuple(n.code for n in diagnosis.notes)


def test_a_lab_that_works_works_again_with_the_same_ids_names_and_addresses(working: Lab, rebuilt: Any) -> None:
    seen = observe(working)

    lab, left = rebuilt(seen)
    there = again(lab, seen)

    assert left == ()
    assert codes(there) == codes(judge(seen))
    assert unnumbered(there.snapshot) == unnumbered(seen)


@pytest.mark.table
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_there_again(working: Lab, rebuilt: Any, fault: Fault) -> None:
    for step in (*fault.stage.build, *fault.plant):
        step(working)
    seen = observe(fault.stage.at(working), Viewpoint(expect=fault.expect, cluster=fault.stage.cluster))

    lab, left = rebuilt(seen)

    there = again(lab, seen)
    assert judge(seen).codes == (fault.code,)
    assert (left, codes(there)) == ((), codes(judge(seen)))
    assert unnumbered(there.snapshot) == unnumbered(replace(seen, subject=there.snapshot.subject))


def test_regions_that_came_one_after_the_other_get_their_addresses_again(working: Lab, rebuilt: Any) -> None:
    for region in ("westeurope", "eastus"):
        replicas.ensure_replica(working, region)
    acrlab.ensure_records(working)
    seen = observe(working)

    lab, left = rebuilt(seen)

    assert left == ()
    assert unnumbered(again(lab, seen).snapshot) == unnumbered(seen)


def test_an_endpoint_that_was_made_after_the_regions_gets_its_addresses_again(working: Lab, rebuilt: Any) -> None:
    replicas.ensure_replica(working, "eastus")
    endpoint = working.id_of("Microsoft.Network/privateEndpoints", working.settings.endpoint_name)
    acrlab.remedies.remove_endpoint(working, endpoint)
    acrlab.ensure_endpoint(working)
    acrlab.ensure_records(working)
    seen = observe(working)

    lab, left = rebuilt(seen)

    assert left == ()
    assert unnumbered(again(lab, seen).snapshot) == unnumbered(seen)


def test_the_groups_that_rules_speak_of_are_there_again(working: Lab, rebuilt: Any) -> None:
    """One rule lets the VM's group out, and the next drops all else: without the group the VM would be cut off."""
    group, region = working.settings.resource_group, working.settings.location
    groups = working.network.application_security_groups
    docker = groups.begin_create_or_update(group, "docker", {"location": region}).result()
    seen = observe(working)
    assert seen.vm is not None
    interfaces = working.network.network_interfaces
    interface = next(i for i in interfaces.list(group) if i.virtual_machine is not None).as_dict()
    interface["properties"]["ipConfigurations"][0]["properties"]["applicationSecurityGroups"] = [{"id": docker.id}]
    interfaces.begin_create_or_update(group, interface["name"], interface).result()
    every = {"protocol": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*"}
    out = {**every, "direction": "Outbound"}
    mine = {**out, "priority": 200, "access": "Allow", "sourceApplicationSecurityGroups": [{"id": docker.id}]}
    others = {**out, "priority": 300, "access": "Deny", "sourceAddressPrefix": "*"}
    rules = [{"name": "mine", "properties": mine}, {"name": "others", "properties": others}]
    filters = working.network.network_security_groups.begin_create_or_update(
        group, "filters", {"location": region, "properties": {"securityRules": rules}}
    ).result()
    network, name = ArmId.parse(seen.vm.subnet).names
    subnet = working.network.subnets.get(group, network, name).as_dict()
    subnet["properties"]["networkSecurityGroup"] = {"id": filters.id}
    working.network.subnets.begin_create_or_update(group, network, name, subnet).result()
    seen = observe(working)

    lab, left = rebuilt(seen)

    there = again(lab, seen)
    assert (left, judge(seen).codes, there.codes) == ((), (), ())
    assert unnumbered(there.snapshot) == unnumbered(seen)


# -- clusters ----------------------------------------------------------------------------------------------------------


def of_cluster(lab: Lab) -> Snapshot:
    return observe(lab, Viewpoint(vm="", cluster=aks.NAME))


def test_a_cluster_near_is_there_again(working: Lab, rebuilt: Any) -> None:
    aks.ensure_cluster(working)
    aks.attach(working)
    seen = observe(working)

    lab, left = rebuilt(seen)

    assert left == ()
    assert unnumbered(again(lab, seen).snapshot) == unnumbered(seen)


def test_a_cluster_whose_network_aks_made_stands_in_it_again(working: Lab, rebuilt: Any) -> None:
    id = aks.cluster_id(working)
    properties = {
        "dnsPrefix": "k",
        "agentPoolProfiles": [{"name": "pool1", "count": 2, "vmSize": "Standard_B2s", "mode": "System"}],
        "networkProfile": {"networkPlugin": "azure", "networkPluginMode": "overlay"},
    }
    body = {"location": "westus", "identity": {"type": "SystemAssigned"}, "properties": properties}
    working.arm.put(id, aks.VERSION, body, "Making it")
    seen = of_cluster(working)

    lab, left = rebuilt(seen)

    there = again(lab, seen)
    assert codes(there) == codes(judge(seen))
    assert there.snapshot.clusters[0].network == seen.clusters[0].network
    assert [line.partition(": ")[2] for line in left] == [
        f"its parts are in {seen.clusters[0].node_group}-nodes here, beside the nodes' network"
    ]


def test_kubelets_without_an_identity_have_none_again(working: Lab, rebuilt: Any) -> None:
    cluster = aks.ensure_cluster(working)
    group = f"/subscriptions/{working.subscription}/resourceGroups/{cluster.node_group}"
    identity = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{aks.NAME}-agentpool"
    working.arm.remove(identity, "2023-01-31", "Deleting it")
    seen = of_cluster(working)

    lab, left = rebuilt(seen)

    assert (left, again(lab, seen).codes) == ((), ("kubelet-identity-missing",))


def test_what_a_deployment_waits_for_is_waited_for_again(working: Lab, rebuilt: Any) -> None:
    aks.ensure_cluster(working)
    aks.attach(working)
    image = f"{working.login_server}/hello-world:v9"
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    told = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    aks.invoke(working, f"kubectl apply -f - <<'END'\n{json.dumps(told)}\nEND")
    working.backend.pause(30)
    seen = of_cluster(working)

    lab, left = rebuilt(seen)

    there = again(lab, seen)
    assert (left, there.codes) == ((), ("pod-image-missing",))
    waiting = there.snapshot.clusters[0].waiting
    assert [(pod.workload, pod.container, pod.image) for pod in waiting] == [("deployment/web", "main", image)] * 2


def test_a_cluster_of_an_older_snapshot_is_left_out_and_said(working: Lab, rebuilt: Any) -> None:
    aks.ensure_cluster(working)
    seen = observe(working)
    old = replace(seen, clusters=tuple(replace(c, pools=(), node_group="") for c in seen.clusters))

    _, left = rebuilt(old)

    assert left == (f"{seen.clusters[0].id}: its nodes were not seen, and without them it is not rebuilt",)


def test_the_command_looks_from_the_cluster_that_was_named(working: Lab, tmp_path: Path) -> None:
    for step in (*named("the-other-twin").stage.build, *named("the-other-twin").plant):
        step(working)
    save(observe(working, Viewpoint(cluster=named("the-other-twin").stage.cluster)), tmp_path / "seen.json")

    told = run("world", "from-snapshot", str(tmp_path / "seen.json"), "--world", str(tmp_path / "new.db"))

    words = told.output.splitlines()[1].split()
    assert words[words.index("--cluster") + 1] == "myNightCluster"
    diagnosed = run(*words[1:])
    assert (diagnosed.exit_code, "role-of-the-wrong-identity" in diagnosed.output) == (1, True)


# -- several at once ---------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the-quiet-layer", "shown-the-door"),
        ("a-wall-of-silence", "who-are-you"),
        ("written-in-stone", "a-wall-of-silence"),
        ("the-greedy-zone", "nobody-by-that-name"),
        ("an-answer-is-due", "who-are-you"),
    ],
)
def test_two_faults_at_once_are_there_again(working: Lab, rebuilt: Any, one: str, other: str) -> None:
    for fault in (named(one), named(other)):
        for step in fault.plant:
            step(working)
    seen = observe(working)

    lab, _ = rebuilt(seen)

    assert again(lab, seen).codes == judge(seen).codes != ()


def unpeered(lab: Lab) -> None:
    hub.half(lab, hub.HUB, hub.SPOKE, access=False)


def half_made(lab: Lab) -> None:
    hub.part(lab, hub.HUB, hub.SPOKE)
    hub.half(lab, hub.SPOKE, hub.HUB)


def cut(lab: Lab) -> None:
    hub.part(lab, hub.HUB)


def by_its_names(lab: Lab) -> None:
    hub.by_the_hubs_names(lab)


def forwarder_off(lab: Lab) -> None:
    hub.by_the_hubs_names(lab)
    lab.compute.virtual_machines.begin_deallocate(hub.GROUP, "dns").result()


def forwarder_silent(lab: Lab) -> None:
    hub.by_the_hubs_names(lab)
    hub.on_server(lab, "systemctl stop dnsmasq")


def not_taken_up(lab: Lab) -> None:
    hub.link(lab, hub.HUB)
    hub.unlink(lab, hub.SPOKE)
    hub.ask(lab, hub.SERVER, restart=False)


@pytest.mark.table
@pytest.mark.parametrize(
    "change",
    [by_its_names, unpeered, half_made, cut, forwarder_off, forwarder_silent, not_taken_up],
    ids=lambda c: c.__name__,
)
def test_a_hub_and_its_spoke_are_there_again(lab: Lab, rebuilt: Any, change: Callable[[Lab], None]) -> None:
    hub.build(lab)
    change(lab)
    seen = observe(lab)

    there, _ = rebuilt(seen)

    assert again(there, seen).codes == judge(seen).codes
    assert (judge(seen).codes == ()) == (change is by_its_names)


def test_what_lies_in_several_groups_is_there_again(working: Lab, rebuilt: Any) -> None:
    target = estate.registry(working, "shared", "sharedregistry")
    subnet = working.network.subnets.get("myResourceGroup", "myDockerVMVNET", "myDockerVMSubnet").id
    estate.endpoint(working, "team", "theirs", str(subnet), target)
    seen = observe(working, Viewpoint(vm="myDockerVM", registry=target))

    lab, left = rebuilt(seen)

    assert left == ()
    assert again(lab, seen).codes == judge(seen).codes != ()


def test_what_is_rebuilt_can_be_fixed_there(working: Lab, rebuilt: Any) -> None:
    from acrlab.course.practice.drill import by_call

    for step in named("the-address-of-yesterday").plant:
        step(working)
    seen = observe(working)

    lab, _ = rebuilt(seen)
    by_call(lab, again(lab, seen).findings[0].remedy)

    assert again(lab, seen).healthy


def test_another_subscription_is_rebuilt_with_its_id(working: Lab, rebuilt: Any, tmp_path: Path) -> None:
    other = "22222222-3333-4444-8555-666666666666"
    seen = observe(working)
    save(seen, tmp_path / "x.json")
    text = (tmp_path / "x.json").read_text("utf-8")
    zone = seen.zones[0].id
    (tmp_path / "x.json").write_text(text.replace(zone, zone.replace(working.subscription, other)), "utf-8")
    moved = load(tmp_path / "x.json")

    lab, left = rebuilt(moved)

    assert left == ()
    told = judge(observe(lab, Viewpoint(moved.vm.id, zone=moved.zones[0].id)))
    assert told.codes == ()
    assert told.snapshot.zones[0].id.split("/")[2] == other


# -- as it is typed, and what is not a snapshot ----------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(app, [*words], catch_exceptions=False)


def test_the_command_says_how_to_diagnose_what_it_built(working: Lab, tmp_path: Path) -> None:
    for step in named("the-quiet-layer").plant:
        step(working)
    save(observe(working), tmp_path / "seen.json")

    told = run("world", "from-snapshot", str(tmp_path / "seen.json"), "--world", str(tmp_path / "new.db"))

    assert told.exit_code == 0
    words = told.output.splitlines()[1].split()
    assert words[:3] == ["acrlab", "doctor", "--world"]
    diagnosed = run(*words[1:])
    assert (diagnosed.exit_code, "data-record-missing" in diagnosed.output) == (1, True)


def test_a_world_with_something_in_it_is_left_alone(working: Lab, tmp_path: Path) -> None:
    save(observe(working), tmp_path / "seen.json")

    with pytest.raises(ConfigurationError, match=r"^world: .* has \d+ resources\. Name a new file with --world"):
        run("world", "from-snapshot", str(tmp_path / "seen.json"), "--world", str(working.backend.path))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The snapshot of a lab that works, as it is written."""
    home = tmp_path_factory.mktemp("saved")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ACRLAB_HOME", str(home))
        with closing(connect(world=str(home / "world.db"), registry_name="contoso42")) as lab:
            acrlab.bring_to(lab, *READY)
            save(observe(lab), home / "seen.json")
    return (home / "seen.json").read_text("utf-8")


@pytest.fixture
def told(saved: str, tmp_path: Path) -> dict[str, Any]:
    """What `seen.json` says, to be changed."""
    (tmp_path / "seen.json").write_text(saved, "utf-8")
    found: dict[str, Any] = json.loads(saved)
    return found


CLUSTER = {"id": "/subscriptions/s/resourceGroups/g/providers/a.b/c/k", "name": "k", "state": "", "network": ""}
CLUSTER |= {"kubelet": "", "identity": "", "kubelet_roles": [], "own_roles": []}
POD = {"name": "default/a", "image": "a.io/b:1", "reason": "", "message": ""}
ROUTE = {"name": "r", "prefix": "10.0.0.0/16", "next_hop": "VirtualAppliance", "next_hop_address": "10.0.0.4; reboot"}
TABLE = {"id": "/subscriptions/s/resourceGroups/g/providers/a.b/c/t", "name": "t", "routes": [ROUTE]}


def set_at(told: Any, path: str, value: object) -> None:
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    for part in parents:
        told = told[part]
    told[last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", 2, "was saved by another acrlab: its format is '2', and this one reads 1"),
        ("subject", 3, "subject: "),
        ("vm.id", "/subscriptions/x/../../etc", "vm.id"),
        ("vm.id", "/subscriptions/s/resourceGroups/g?x=1/providers/a.b/c/d", "vm.id"),
        ("networks.0.prefixes.0", "10.0.0.0/99", "networks.prefixes"),
        ("networks.0.dns_servers", ["$(reboot)"], "networks.dns_servers"),
        ("zones.0.records.0.name", "x; rm -rf /", "zones.records.name"),
        ("registry.login_server", "a.io' || true", "registry.login_server"),
        ("subject.registry", "..\u0000", "subject.registry"),
        ("subject.registry", "..", "subject.registry"),
        ("vm.id", "/subscriptions/s/resourceGroups/g/providers/a.b/c/..", "vm.id"),
        ("vm_view.pinned", [["a.io", "203.0.113.9; reboot"]], "vm_view.pinned"),
        ("vm_view.daemon_proxy", "http://x' > /etc/passwd", "vm_view.daemon_proxy"),
        ("vm.name", "m" * 3000, "vm.name"),
        ("registry.tasks", ["../../oddThings/x"], "registry.tasks"),
        ("registry.region", "westus?x=1", "registry.region"),
        ("registry.replicas", [{"region": "../tasks/x", "state": "Failed"}], "registry.replicas.region"),
        ("route_tables", [TABLE], "route_tables.routes.next_hop_address"),
        ("unregistered", ["x/../y"], "unregistered"),
        ("clusters", [CLUSTER | {"id": "x"}], "clusters.id"),
        ("clusters", [CLUSTER | {"node_group": "a/../b"}], "clusters.node_group"),
        ("clusters", [CLUSTER | {"waiting": [POD | {"image": "a.io/b:1\n$(reboot)"}]}], "clusters.waiting.image"),
        ("clusters", [CLUSTER | {"waiting": [POD | {"workload": "pod/a; b"}]}], "clusters.waiting.workload"),
        ("clusters", [CLUSTER | {"waiting": [POD | {"name": "a'b"}]}], "clusters.waiting.name"),
    ],
)
def test_what_is_hostile_or_newer_is_refused_in_one_line(
    told: dict[str, Any], tmp_path: Path, path: str, value: object, message: str
) -> None:
    set_at(told, path, value)
    (tmp_path / "bad.json").write_text(json.dumps(told), "utf-8")

    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path / "bad.json")

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": 1}'])
def test_what_is_damaged_or_foreign_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"^snapshot: .*bad\.json is not a snapshot \(.*\)\. Make one: acrlab"):
        load(tmp_path / "bad.json")


def test_a_snapshot_of_an_older_acrlab_is_read(told: dict[str, Any], tmp_path: Path) -> None:
    del told["format"]
    (tmp_path / "old.json").write_text(json.dumps(told), "utf-8")

    assert load(tmp_path / "old.json") == load(tmp_path / "seen.json")


def test_what_no_lab_has_is_left_out_and_said(told: dict[str, Any], rebuilt: Any, tmp_path: Path) -> None:
    set_at(told, "networks.0.subnets.0.nat_gateway", told["vm"]["id"].replace("virtualMachines", "oddThings"))
    set_at(told, "registry.replicas", [{"region": "eastus", "state": "Failed"}])
    (tmp_path / "odd.json").write_text(json.dumps(told), "utf-8")

    _, left = rebuilt(load(tmp_path / "odd.json"))

    assert any("oddThings" in line for line in left), left
    assert "replica eastus: it was Failed, and is not there here: nothing makes it fail" in left


def addresses(seen: Snapshot) -> list[tuple[str, ...]]:
    return [tuple(a.address for a in endpoint.addresses) for endpoint in seen.endpoints]


@pytest.mark.long
@pytest.mark.parametrize(
    ("last", "fixed"),
    [("10.0.0.254", False), ("10.0.3.200", False), ("10.0.9.9", True)],
    ids=("near", "further", "far"),
)
def test_an_endpoint_has_its_addresses_again_however_many_others_came_before(
    told: dict[str, Any], rebuilt: Any, tmp_path: Path, last: str, fixed: bool
) -> None:
    set_at(told, "networks.0.subnets.0.prefixes", ["10.0.0.0/20"])
    set_at(told, "endpoints.0.addresses.0.address", last)
    (tmp_path / "odd.json").write_text(json.dumps(told), "utf-8")
    seen = load(tmp_path / "odd.json")

    lab, left = rebuilt(seen)

    there = again(lab, seen).snapshot
    assert addresses(there) == addresses(seen)
    assert [e.static for e in there.endpoints] == [fixed]
    assert left == (
        ("myPrivateEndpoint: its addresses are fixed here, which Azure chose: too far into the subnet",) * fixed
    )


def test_nothing_that_held_addresses_is_left(told: dict[str, Any], rebuilt: Any, tmp_path: Path) -> None:
    set_at(told, "endpoints.0.addresses.0.address", "10.0.0.200")
    (tmp_path / "odd.json").write_text(json.dumps(told), "utf-8")

    lab, _ = rebuilt(load(tmp_path / "odd.json"))

    interfaces = [str(i.name) for i in lab.network.network_interfaces.list_all()]
    assert [name for name in interfaces if ".nic." not in name] == [told["vm"]["interface"]]


def test_fixed_addresses_that_were_not_seen_are_said(told: dict[str, Any], rebuilt: Any, tmp_path: Path) -> None:
    set_at(told, "endpoints.0.static", True)
    set_at(told, "endpoints.0.addresses", [])
    (tmp_path / "odd.json").write_text(json.dumps(told), "utf-8")

    _, left = rebuilt(load(tmp_path / "odd.json"))

    assert left == ("myPrivateEndpoint: its addresses were fixed and not seen, and Azure chose them here",)


def test_a_replica_that_failed_for_no_reason_left_changes_no_endpoint(
    told: dict[str, Any], rebuilt: Any, tmp_path: Path
) -> None:
    set_at(told, "registry.replicas", [{"region": "eastus", "state": "Failed"}])
    (tmp_path / "odd.json").write_text(json.dumps(told), "utf-8")
    seen = load(tmp_path / "odd.json")

    lab, left = rebuilt(seen)

    assert left == ("replica eastus: it was Failed, and is not there here: nothing makes it fail",)
    assert addresses(again(lab, seen).snapshot) == addresses(seen)


def test_a_subscription_that_is_no_guid_is_refused(told: dict[str, Any], tmp_path: Path) -> None:
    set_at(told, "subject.subscription", "mine")
    (tmp_path / "odd.json").write_text(json.dumps(told), "utf-8")

    with pytest.raises(ConfigurationError, match="subscription"):
        run("world", "from-snapshot", str(tmp_path / "odd.json"), "--world", str(tmp_path / "odd.db"))


def test_a_file_of_something_else_is_not_replaced(told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "seen.json").write_text(json.dumps(told, indent=2), "utf-8")
    seen = load(tmp_path / "seen.json")
    save(seen, tmp_path / "seen.json")
    (tmp_path / "notes.txt").write_text("kept", "utf-8")

    with pytest.raises(ConfigurationError, match="is there and is not a snapshot"):
        save(seen, tmp_path / "notes.txt")

    assert load(tmp_path / "seen.json") == seen
    assert (tmp_path / "notes.txt").read_text("utf-8") == "kept"
