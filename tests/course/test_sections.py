"""Every section: not done in an empty world, solved by its own steps, taken back by its own undoing."""

from __future__ import annotations

import hashlib
import io
from itertools import chain

import pytest

import acrlab
from acrlab.course.lookup import sections_of
from acrlab.course.practice.faults import FAULTS
from acrlab.course.progress import expected, hint, progress, reset, solve, taken_by_reset, verify
from acrlab.course.sections import SECTIONS

# Of the network around the lab, and of what a registry can do since the article, which no section of it makes.
ELSEWHERE = {
    "role-not-honored",
    "tasks-shut-out",
    "service-endpoint-conflict",
    "security-group-blocks-https",
    "custom-dns",
    "hosts-file-pins-name",
    "peering-disconnected",
    "name-server-silent",
    "name-server-forwards-elsewhere",
    "ruleset-not-linked",
    "rule-disabled",
    "rule-leads-elsewhere",
    "inbound-endpoint-missing",
    "endpoint-provider-missing",
    "route-drops-https",
    "kubelet-right-missing",
    "kubelet-role-not-honored",
    "role-of-the-wrong-identity",
    "pod-image-missing",
}
NAMES = [s.name for s in SECTIONS if s.verify]


@pytest.mark.parametrize("name", [n for n in NAMES if n != "access-restored"])
def test_a_section_is_not_done_before_it_is_solved(lab, name):
    acrlab.ensure_group(lab)
    if name == "group":
        reset(lab, name)

    before = verify(lab, name)
    after = solve(lab, name)

    assert (before.done, after.done) == (False, True)
    assert "acrlab.solve" in before.next


@pytest.mark.parametrize("name", NAMES)
def test_a_section_can_be_taken_back_and_solved_again(lab, name):
    solve(lab, name)

    assert not reset(lab, name).done
    assert solve(lab, name).done


@pytest.mark.parametrize("there", [(), ("group",), ("registry",), ("vm",)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_taking_back_what_is_not_there_does_nothing(lab, actions, there, name):
    acrlab.bring_to(lab, *there)
    if "vm" in there:  # one without an identity, as the portal makes them
        vm = lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.vm_name)
        vm.identity = {"type": "None"}
        lab.compute.virtual_machines.begin_create_or_update(lab.settings.resource_group, vm.name, vm).result()
    actions.clear()

    reset(lab, name)

    assert there or not actions


def test_taking_the_sample_image_back_leaves_a_learners_own_tag_of_the_same_image(lab):
    solve(lab, "sample-image")
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    body = {"source": source, "targetTags": ["hello-world:mine"], "mode": "Force"}
    names = (lab.settings.resource_group, lab.settings.registry_name)
    lab.registry.registries.begin_import_image(*names, body).result()
    digest = lab.content.get_tag_properties("hello-world", "mine").digest

    assert not reset(lab, "sample-image").done

    assert [t.name for t in acrlab.tags(lab)] == ["mine"]
    assert lab.content.get_manifest("hello-world", digest).digest == digest


def test_taking_the_sample_image_back_takes_a_repository_that_holds_nothing_else(lab):
    solve(lab, "sample-image")

    reset(lab, "sample-image")

    assert [*lab.content.list_repository_names()] == []


def test_taking_the_sample_image_back_leaves_a_learners_image_without_a_tag(lab):
    solve(lab, "sample-image")
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}
    _, size = lab.content.upload_blob("hello-world", io.BytesIO(b"{}"))
    empty = f"sha256:{hashlib.sha256(b'{}').hexdigest()}"
    manifest["config"] = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": size}
    own = lab.content.set_manifest("hello-world", manifest)

    assert not reset(lab, "sample-image").done

    assert lab.content.get_manifest("hello-world", own).digest == own


@pytest.mark.parametrize(
    "name",
    ["private-dns-zone", "configure-the-private-dns-zone", "zone", "zone-misnamed"],
)
def test_a_section_is_found_by_its_name_its_anchor_its_step_and_its_finding(lab, name):
    solve(lab, name)

    assert verify(lab, name).section == "private-dns-zone"
    assert hint(lab, name).startswith("Check where the registry's public name leads")
    assert expected(lab, name) == "a private zone privatelink.azurecr.io"
    assert acrlab.az(lab.settings, name).text.startswith("az network private-dns zone create")
    assert taken_by_reset(lab, name) == "the zone privatelink.azurecr.io with its links and records"
    assert not reset(lab, name).done
    assert acrlab.bring_to(lab, name).rows[-1] == ("zone", "a private DNS zone")
    assert acrlab.bring_to(lab, without=[name]).rows == ((name, "taken back: an earlier run had made it"),)


def test_an_anchor_of_several_sections_stands_for_all_of_them(lab):
    assert [section.name for section in sections_of("prerequisites")] == ["group", "registry", "sample-image"]
    acrlab.ensure_group(lab)

    assert verify(lab, "prerequisites").section == "registry"
    assert solve(lab, "prerequisites").done
    assert verify(lab, "prerequisites").seen.startswith("group myResourceGroup; contoso42.azurecr.io, Premium; hello-")
    assert expected(lab, "prerequisites").startswith("a resource group myResourceGroup, a Premium registry contoso42, ")
    assert verify(lab, "prerequisites") == solve(lab, "prerequisites")
    assert reset(lab, "prerequisites").section == "group"


def test_no_name_of_one_kind_stands_for_another_section_as_another_kind():
    kinds = [
        [(section.name, section.name) for section in SECTIONS],
        [(step.name, section.name) for section in SECTIONS for step in section.steps],
        [(name, section.name) for section in SECTIONS for name in section.own],
        [(code, section.name) for section in SECTIONS for code in section.findings],
    ]
    for names in kinds:
        assert len(dict(names)) == len(names)
    everything = list(chain(*kinds))
    assert len(dict(everything)) == len(set(everything))


def test_every_finding_to_practise_on_belongs_to_a_section():
    known = {code for section in SECTIONS for code in section.findings}

    assert {fault.code for fault in FAULTS} - known == ELSEWHERE


@pytest.mark.parametrize("call", [verify, hint, solve, reset, expected])
def test_a_section_with_nothing_to_verify_says_so_and_changes_nothing(lab, actions, call):
    with pytest.raises(acrlab.ConfigurationError, match="there is nothing to verify in portal-lab"):
        call(lab, "portal-lab")

    assert not actions


def test_a_section_without_a_step_can_not_be_brought_to(lab):
    with pytest.raises(acrlab.ConfigurationError, match="clean-up has no step to bring the lab to"):
        acrlab.bring_to(lab, "clean-up")


def test_a_verdict_says_four_things_where_it_is_not_done(lab):
    solve(lab, "private-dns-zone")

    shown = repr(verify(lab, "zone-link"))

    assert shown.splitlines() == [
        "✗ zone-link",
        "  expected      the zone linked to myDockerVMVNET",
        "  seen          no link of the zone",
        "  likely cause  there is no link, or one to another network",
        "  next          A zone answers only in networks that it is linked to. Or: acrlab.solve(lab, 'zone-link')",
    ]


def test_a_verdict_says_what_is_there_and_not_only_that_it_is_not_as_expected(lab):
    def seen(section):
        return verify(lab, section).seen

    assert seen("registry") == "no registry contoso42 in myResourceGroup"
    assert seen("vm") == "no VM myDockerVM in myResourceGroup"
    acrlab.bring_to(lab, "endpoint", "vm")
    assert seen("private-dns-zone") == "no zone privatelink.azurecr.io in myResourceGroup"
    zone = lab.id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io")
    acrlab.bring_to(lab, "link")
    acrlab.steps.write_record(lab, zone, "contoso42", "10.0.0.99")
    assert seen("dns-records") == "contoso42 → 10.0.0.99, while the endpoint holds 10.0.0.6, 10.0.0.5"
    assert seen("public-access-denied") == "publicNetworkAccess Enabled, defaultAction Allow"
    assert seen("azure-cli") == "no az on the VM"


def test_progress_is_what_azure_shows(lab):
    solve(lab, "private-dns-zone")

    done = [row[0] for row in progress(lab).rows if row[1] == "✓"]

    assert done == ["group", "private-dns-zone"]


def test_an_unknown_section_is_refused_with_the_names_that_are_close(lab):
    with pytest.raises(acrlab.ConfigurationError, match="there is no section 'zones'; did you mean zone"):
        hint(lab, "zones")


def test_an_unknown_section_that_is_close_to_none_is_refused_with_all_names(lab):
    with pytest.raises(
        acrlab.ConfigurationError, match="there is no section 'x'; there are: preview-limitations, group"
    ):
        hint(lab, "x")


def test_a_link_to_a_network_of_the_same_name_in_another_group_is_not_the_labs(lab):
    acrlab.bring_to(lab, "network", "zone")
    lab.resources.resource_groups.create_or_update("other", {"location": "westus"})
    body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}}
    names = ("other", lab.settings.network_name)
    acrlab.ensure_link(lab, network=lab.network.virtual_networks.begin_create_or_update(*names, body).result().id)

    assert not verify(lab, "zone-link").done
