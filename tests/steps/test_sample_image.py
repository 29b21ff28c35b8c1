"""Someone else's registry: the sample image gets a name of the lab's own, replaces nothing, and only it goes again."""

from io import BytesIO

import pytest

import acrlab
from acrlab.lab.memory import sample_image
from acrlab.steps import prerequisites
from acrlab.steps.prerequisites import take_image_back
from acrlab.steps.public_access import current_access

OWN, GROUP = "acrlab/hello-world", "myResourceGroup"


def put_in(lab, tag):
    """Import the sample image as the registry's owner does."""
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    body = {"source": source, "targetTags": [tag], "mode": "Force"}
    lab.registry.registries.begin_import_image(GROUP, "contoso42", body).result()


def push(lab, repository, tag="v1"):
    """Push another image than the sample, as the registry's owner does."""
    config, size = lab.content.upload_blob(repository, BytesIO(b"{}"))
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": size},
        "layers": [],
    }
    return lab.content.set_manifest(repository, manifest, tag=tag)


def access(lab, action):
    lab.registry.registries.begin_update(
        GROUP, "contoso42", {"properties": {"networkRuleSet": {"defaultAction": action}}}
    ).result()


def digest(lab, repository, tag="v1"):
    return lab.content.get_tag_properties(repository, tag).digest


@pytest.fixture
def theirs(lab):
    """A registry without the lab's tag, on what the lab takes for a real subscription, with an image of its owner."""
    given = {"backend": "azure", "subscription": lab.subscription, "confirm_cost": 1}
    lab.settings = lab.settings.model_copy(update=given)
    lab.resources.resource_groups.create_or_update(GROUP, {"location": "westus"})
    premium = {"location": "westus", "sku": {"name": "Premium"}}
    lab.registry.registries.begin_create(GROUP, "contoso42", premium).result()
    push(lab, "hello-world")
    return lab


def test_an_image_of_the_owner_is_neither_replaced_nor_deleted_in_a_closed_registry(theirs):
    before = digest(theirs, "hello-world")
    access(theirs, "Deny")

    acrlab.import_sample_image(theirs)
    access(theirs, "Allow")
    acrlab.import_sample_image(theirs)  # the registry was closed: its digest is noted now

    assert sample_image(theirs) == f"{OWN}:v1"
    assert digest(theirs, OWN) != before
    acrlab.delete_lab(theirs)
    assert list(theirs.content.list_repository_names()) == ["hello-world"]
    assert digest(theirs, "hello-world") == before


def test_later_steps_pull_the_lab_s_own_name(theirs):
    acrlab.import_sample_image(theirs)

    assert acrlab.pull_from_here(theirs).image == "contoso42.azurecr.io/acrlab/hello-world:v1"


def test_what_was_there_under_the_lab_s_own_name_is_used_and_stays(theirs):
    put_in(theirs, f"{OWN}:v1")

    acrlab.import_sample_image(theirs)
    acrlab.delete_lab(theirs)

    assert digest(theirs, OWN)


def test_a_closed_registry_that_has_the_name_already_keeps_what_it_has(theirs):
    push(theirs, OWN, "v1")
    before = digest(theirs, OWN)
    access(theirs, "Deny")

    acrlab.import_sample_image(theirs)
    access(theirs, "Allow")
    acrlab.delete_lab(theirs)

    assert digest(theirs, OWN) == before


def test_the_lab_s_own_registry_may_be_closed_when_the_image_is_there_already(lab):
    acrlab.bring_to(lab, "sample-image")
    acrlab.deny_public_access(lab)

    acrlab.import_sample_image(lab)

    assert current_access(lab).default_action == "Deny"


def test_a_tag_that_somebody_moved_since_is_left_and_said(theirs):
    acrlab.import_sample_image(theirs)
    push(theirs, OWN, "v1")
    moved = digest(theirs, OWN)

    for step in (acrlab.import_sample_image, take_image_back):
        with pytest.raises(acrlab.RefusedError, match="it is not the image that the lab put there"):
            step(theirs)

    assert digest(theirs, OWN) == moved


@pytest.fixture
def stopped(theirs, monkeypatch):
    """The lab is killed when Azure has taken the import, and before it was noted how that ended."""

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    def stop():
        with monkeypatch.context() as patched:
            patched.setattr(prerequisites, "follow", killed)
            with pytest.raises(Killed):
                acrlab.import_sample_image(theirs)

    return stop


def test_what_came_before_the_lab_was_killed_is_taken_back(theirs, world, stopped):
    stopped()
    world.advance_to(world.now + 60)
    assert digest(theirs, OWN)

    take_image_back(theirs)

    assert list(theirs.content.list_repository_names()) == ["hello-world"]


def test_what_the_owner_put_there_long_after_the_lab_was_killed_stays(theirs, world, stopped):
    stopped()
    theirs.content.delete_repository(OWN)
    world.advance_to(world.now + 2 * 3600)
    push(theirs, OWN, "v1")

    with pytest.raises(acrlab.RefusedError, match="expected an unknown digest, seen sha256:"):
        take_image_back(theirs)
    acrlab.import_sample_image(theirs)  # used as it is
    take_image_back(theirs)

    assert digest(theirs, OWN)


def test_what_a_closed_registry_had_before_the_lab_was_killed_stays(theirs, world, stopped):
    push(theirs, OWN, "v1")
    world.advance_to(world.now + 60)
    access(theirs, "Deny")
    stopped()
    access(theirs, "Allow")

    with pytest.raises(acrlab.RefusedError, match="expected an unknown digest"):
        take_image_back(theirs)

    assert digest(theirs, OWN)


def test_another_tag_in_the_lab_s_own_repository_stays(theirs):
    acrlab.import_sample_image(theirs)
    push(theirs, OWN, "kept")

    take_image_back(theirs)

    assert [tag.name for tag in theirs.content.list_tag_properties(OWN)] == ["kept"]


def test_nothing_is_imported_by_force(theirs, monkeypatch):
    sent = []
    begin = theirs.registry.registries.begin_import_image
    monkeypatch.setattr(
        theirs.registry.registries, "begin_import_image", lambda *given: sent.append(given[-1]["mode"]) or begin(*given)
    )

    acrlab.import_sample_image(theirs)

    assert sent == ["NoForce"]
