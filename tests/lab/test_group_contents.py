"""What a group is said to hold, and which of the lists counts where they differ."""

from types import SimpleNamespace

import pytest

from acrlab.emulator.core import fault_injection
from acrlab.errors import RefusedError
from acrlab.lab import group_contents
from acrlab.lab.group_contents import Held, contents_of

OURS, THEIRS = {"acrlab": "contoso42"}, {"acrlab": "fabrikam"}
GROUP = "myResourceGroup"
NETWORK, ZONE = "Microsoft.Network/virtualNetworks", "Microsoft.Network/privateDnsZones"
DISK, VM, NIC = "Microsoft.Compute/disks", "Microsoft.Compute/virtualMachines", "Microsoft.Network/networkInterfaces"


def refuse(world, path, *, code, message):
    fault_injection.plant(world, fault_injection.Fault("error", "GET", path, "every", code=code, message=message))


def held(lab, type, name, tags=None, managed_by=""):
    return Held(lab.id_of(type, *name.split("/")), name, type, tags or {}, managed_by)


def test_a_list_says_what_brought_an_interface_or_a_disk_along():
    assert group_contents._brought_by({"properties": {"privateEndpoint": {"id": "/pe"}}}) == "/pe"
    assert group_contents._brought_by({"managedBy": "/vm", "properties": {}}) == "/vm"
    assert group_contents._brought_by({"managedBy": None, "properties": {"privateEndpoint": None}}) == ""
    assert group_contents._brought_by({}) == ""


def test_links_are_named_by_their_zone_and_themselves(lab, azure):
    azure.group()
    azure.link(azure.zone(), azure.network())

    found = [(one.name, one.type) for one in contents_of(lab, GROUP)]

    assert ("contoso.internal/link", f"{ZONE}/virtualNetworkLinks") in found
    assert len(found) == 3


def shown(**said):
    """A resource as Resource Manager's list has it."""
    return SimpleNamespace(**{"id": "/i", "name": "n", "type": "t", "tags": None, "managed_by": None, **said})


def test_what_resource_manager_s_list_leaves_out_of_a_thing_is_empty():
    assert group_contents._held(shown()) == Held("/i", "n", "t", {}, "")
    assert group_contents._held(shown(tags=OURS, managed_by="/vm")) == Held("/i", "n", "t", OURS, "/vm")


@pytest.mark.parametrize(("name", "told"), [("id", "id of a resource"), ("name", "name of /i"), ("type", "type of /i")])
def test_a_list_that_does_not_say_what_a_thing_is_is_refused(name, told):
    with pytest.raises(RefusedError) as caught:
        group_contents._held(shown(**{name: None}))

    assert f"has no {told}, which" in str(caught.value)


def test_what_is_attached_to_a_resource_counts_as_its_part():
    lock = "/subscriptions/s/resourceGroups/g/providers/Microsoft.A/things/t/providers/Microsoft.B/locks/l"

    assert group_contents._kind_of(lock) == "microsoft.a/things"


def test_a_service_s_own_list_counts_where_it_may_be_read(lab):
    old, other = held(lab, NETWORK, "old"), held(lab, ZONE, "z")
    new = held(lab, NETWORK, "new")

    assert group_contents._corrected([old, other], [(NETWORK.upper(), [new])]) == [other, new]
    assert group_contents._corrected([old, other], [(NETWORK, None)]) == [old, other]
    assert group_contents._corrected([old, other], [(NETWORK, [])]) == [other]


def test_of_the_kinds_that_a_lab_is_made_of_each_service_s_own_list_counts(lab, azure, monkeypatch):
    azure.group()
    azure.network("old")
    asked = set()

    def own_list(given, path, kind):
        assert given is lab
        asked.add((path.removeprefix(f"{lab.group_id()}/providers/"), kind))
        return [held(lab, NETWORK, "new", OURS)] if kind == NETWORK else None

    monkeypatch.setattr(group_contents, "_own_list", own_list)

    assert [one.name for one in contents_of(lab, GROUP)] == ["new"]
    assert asked == {
        (kind, kind)
        for kind in (
            *(NETWORK, ZONE, DISK, VM, NIC, "Microsoft.ContainerRegistry/registries"),
            *("Microsoft.Network/networkSecurityGroups", "Microsoft.Network/publicIPAddresses"),
            *("Microsoft.Network/privateEndpoints", "Microsoft.DevTestLab/schedules"),
        )
    }


def test_a_list_that_may_not_be_read_says_nothing(lab, azure, world):
    azure.group()
    azure.network()
    azure.zone()
    refuse(world, "*/virtualNetworks", code="AuthorizationFailed", message="may not perform action 'a/read'")
    refuse(world, "*/privateDnsZones", code="Conflict", message="not now")

    assert {one.name for one in contents_of(lab, GROUP)} == {"contoso.internal", "net"}


def test_a_service_s_list_says_whose_each_is_and_what_it_belongs_to(lab, azure, world):
    azure.group()
    azure.network("net", THEIRS)

    (found,) = group_contents._own_list(lab, f"{lab.group_id()}/providers/{NETWORK}", NETWORK)

    assert found == Held(lab.id_of(NETWORK, "net"), "net", NETWORK, THEIRS, "")


def test_what_lists_leave_out_of_a_thing_is_empty(lab, monkeypatch):
    bare = {"id": "/i", "name": "n"}
    monkeypatch.setattr(lab.arm, "get_all", lambda *_: [bare, {**bare, "tags": OURS, "managedBy": "/vm"}])

    assert group_contents._own_list(lab, "/path", DISK) == [
        Held("/i", "n", DISK, {}, ""),
        Held("/i", "n", DISK, OURS, "/vm"),
    ]


@pytest.mark.parametrize(
    ("type", "version"),
    [
        (VM, "2024-07-01"),
        (DISK, "2024-03-02"),
        (NETWORK, "2024-05-01"),
        (f"{ZONE}/virtualNetworkLinks", "2024-06-01"),
        ("Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks", "2022-07-01"),
    ],
)
def test_each_kind_is_listed_at_a_version_that_its_service_has(lab, monkeypatch, type, version):
    asked = []
    monkeypatch.setattr(lab.arm, "get_all", lambda *told: asked.append(told) or [])

    group_contents._own_list(lab, "/path", type)

    assert asked == [("/path", version)]


def test_a_part_of_what_is_gone_is_gone(lab, monkeypatch):
    """The list of all resources is old: it has a VM's extension, and the VM's own list has no VM any more."""
    gone = lab.id_of(VM, "gone")
    part = held(lab, f"{VM}/extensions", "gone/script")
    other = held(lab, "Microsoft.Insights/alerts/parts", "alert/part")  # no service's own list tells of its parent

    class Resources:
        class resources:
            @staticmethod
            def list_by_resource_group(group):
                assert group == GROUP
                return [part, other]

    lab._clients[f"resources {lab.subscription}"] = Resources
    monkeypatch.setattr(group_contents, "_held", lambda one: one)
    monkeypatch.setattr(lab.arm, "get_all", lambda *_: [])

    assert part.parent == gone.lower()
    assert contents_of(lab, GROUP) == [other]
    del lab._clients[f"resources {lab.subscription}"]
