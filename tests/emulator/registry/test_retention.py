"""The retention policy: manifests that lost their last tag go after their days, and no others."""

import json

import pytest

DAY_S = 86400
INDEX = "application/vnd.oci.image.index.v1+json"
SCOPE = "repository:apps/web:pull,push,delete,metadata_read,metadata_write"


@pytest.fixture
def push(lab):
    """Push an index under a tag, one like no other for each text; gives its digest."""

    def push(text, tag, *members):
        listed = [{"mediaType": INDEX, "digest": digest, "size": 2} for digest in members]
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed, "annotations": {"text": text}}
        place = f"/v2/apps/web/manifests/{tag}"
        answer = lab.ask("PUT", place, json.dumps(document).encode(), token=lab.token(SCOPE), content_type=INDEX)
        assert answer.status == 201, answer.body
        return answer.headers["Docker-Content-Digest"]

    return push


def enable(lab, days=7, status="enabled"):
    lab.set(policies={"retentionPolicy": {"status": status, "days": days}})
    with lab.world.transaction():
        registry = lab.registry
        registry.state["policiesSet"] = lab.world.timestamp()
        lab.world.put(registry)


def wait(lab, days):
    lab.world.advance_to(lab.world.now + days * DAY_S)


def there(lab, digest):
    return lab.ask("GET", f"/v2/apps/web/manifests/{digest}", token=lab.token(SCOPE)).status


def untag(lab, tag):
    assert lab.ask("DELETE", f"/acr/v1/apps/web/_tags/{tag}", token=lab.token(SCOPE)).status == 202


def test_a_manifest_whose_tag_moved_on_or_was_deleted_goes_after_its_days(lab, push):
    enable(lab)
    first, second, kept = push("first", "latest"), push("second", "old"), push("kept", "v1")
    push("newer", "latest")
    untag(lab, "old")

    wait(lab, 6.9)
    assert (there(lab, first), there(lab, second)) == (200, 200)
    wait(lab, 0.2)
    assert (there(lab, first), there(lab, second), there(lab, kept)) == (404, 404, 200)


def test_a_manifest_that_gets_a_tag_again_stays(lab, push):
    enable(lab)
    first = push("first", "latest")
    push("newer", "latest")
    wait(lab, 3)
    push("first", "again")

    wait(lab, 30)
    assert there(lab, first) == 200


def test_what_lost_its_tag_before_the_policy_was_set_stays_and_without_a_policy_all_does(lab, push):
    first = push("first", "latest")
    second = push("second", "latest")
    wait(lab, 400)
    enable(lab)
    push("third", "latest")

    wait(lab, 8)
    assert (there(lab, first), there(lab, second)) == (200, 404)


def test_a_locked_manifest_and_a_part_of_an_index_stay(lab, push):
    enable(lab, days=0)
    locked, part = push("locked", "one"), push("part", "two")
    push("index", "all", part)
    body = json.dumps({"deleteEnabled": False}).encode()
    changed = lab.ask("PATCH", f"/acr/v1/apps/web/_manifests/{locked}", body, token=lab.token(SCOPE))
    assert changed.status == 200, changed.body
    untag(lab, "one")
    untag(lab, "two")

    wait(lab, 1)
    assert (there(lab, locked), there(lab, part)) == (200, 200)


def test_a_policy_that_is_disabled_again_deletes_nothing(lab, push):
    enable(lab)
    first = push("first", "latest")
    push("newer", "latest")
    enable(lab, status="disabled")

    wait(lab, 30)
    assert there(lab, first) == 200
