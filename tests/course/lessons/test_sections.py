"""Every section: not done in an empty world, solved by its own steps, taken back by its own undoing."""

from __future__ import annotations

import hashlib
import io

import pytest

import acrlab
from acrlab.course import article
from acrlab.course.sections import SECTIONS, hint, progress, reset, solve, verify

NAMES = [s.name for s in SECTIONS]


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


@pytest.mark.parametrize("there", [(), ("group",), ("registry",), ("machine",)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_taking_back_what_is_not_there_does_nothing(lab, actions, there, name):
    acrlab.bring_to(lab, *there)
    if "machine" in there:  # one without an identity, as the portal makes them
        machine = lab.compute.virtual_machines.get(lab.settings.resource_group, lab.settings.machine_name)
        machine.identity = {"type": "None"}
        lab.compute.virtual_machines.begin_create_or_update(lab.settings.resource_group, machine.name, machine).result()
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


def test_every_section_names_a_section_of_the_article():
    assert {s.anchor for s in SECTIONS} <= {s.anchor for s in article.SECTIONS}


def test_a_verdict_says_four_things_where_it_is_not_done(lab):
    solve(lab, "private-dns-zone")

    shown = repr(verify(lab, "zone-link"))

    assert shown.splitlines() == [
        "✗ zone-link",
        "  expected      the zone linked to myDockerVMVNET",
        "  seen          not there, or not so",
        "  likely cause  there is no link, or one to another network",
        "  next          A zone answers only in networks that it is linked to. Or: acrlab.solve(lab, 'zone-link')",
    ]


def test_progress_is_what_azure_shows(lab):
    solve(lab, "private-dns-zone")

    done = [row[0] for row in progress(lab).rows if row[1]]

    assert done == ["group", "private-dns-zone"]


def test_an_unknown_section_is_refused_with_the_names_of_all(lab):
    with pytest.raises(acrlab.ConfigurationError, match="there is no section zone; there are: group, registry"):
        hint(lab, "zone")


def test_a_link_to_a_network_of_the_same_name_in_another_group_is_not_the_labs(lab):
    acrlab.bring_to(lab, "network", "zone")
    lab.resources.resource_groups.create_or_update("other", {"location": "westus"})
    body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}}
    names = ("other", lab.settings.network_name)
    acrlab.ensure_link(lab, network=lab.network.virtual_networks.begin_create_or_update(*names, body).result().id)

    assert not verify(lab, "zone-link").done
