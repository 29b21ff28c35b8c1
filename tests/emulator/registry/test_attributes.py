"""The registry's own API: properties of repositories, tags and manifests, order, locks."""

import json

import pytest

from acrlab.emulator.registry.content import TAG, Content, Entry

DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"
OPEN = {"deleteEnabled": True, "writeEnabled": True, "readEnabled": True, "listEnabled": True}


@pytest.fixture
def ask(lab):
    for tag in ("v1", "v2"):
        lab.import_hello(f"hello-world:{tag}")
        lab.world.advance_to(lab.world.now + 60)
    token = lab.token("repository:hello-world:*", "repository:nothing:*", "registry:catalog:*")

    def ask(method, path, body=None, **headers):
        return lab.ask(method, path, json.dumps(body).encode() if body else b"", token=token, **headers)

    return ask


def test_a_repository_counts_what_it_has(ask):
    shown = ask("GET", "/acr/v1/hello-world").body

    assert (shown["registry"], shown["imageName"]) == ("contoso.azurecr.io", "hello-world")
    assert (shown["manifestCount"], shown["tagCount"]) == (1, 2)
    assert shown["createdTime"] == "2026-01-05T09:01:00.0000000Z"
    assert shown["lastUpdateTime"] == "2026-01-05T09:02:00.0000000Z"


def test_a_tag_names_its_manifest(ask):
    tag = ask("GET", "/acr/v1/hello-world/_tags/v2").body["tag"]

    assert (tag["name"], tag["digest"], tag["changeableAttributes"]) == ("v2", DIGEST, OPEN)


def test_a_manifest_tells_platform_size_and_tags(ask):
    manifest = ask("GET", f"/acr/v1/hello-world/_manifests/{DIGEST}").body["manifest"]

    assert (manifest["digest"], manifest["tags"]) == (DIGEST, ["v1", "v2"])
    assert (manifest["architecture"], manifest["os"]) == ("amd64", "linux")
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"


@pytest.mark.parametrize("path", ["hello-world", "hello-world/_tags/v1", f"hello-world/_manifests/{DIGEST}"])
def test_a_lock_is_no_change_of_what_is_locked(ask, path):
    """`az acr repository update` moves nothing in a list by time."""

    def changed():
        answer = ask("GET", f"/acr/v1/{path}").body
        return (answer.get("tag") or answer.get("manifest") or answer)["lastUpdateTime"]

    before = changed()

    assert ask("PATCH", f"/acr/v1/{path}", {"writeEnabled": False}).status == 200
    assert changed() == before
    tags = ask("GET", "/acr/v1/hello-world/_tags?orderby=timedesc").body["tags"]
    assert [tag["name"] for tag in tags] == ["v2", "v1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["v1", "v2"]),
        ("?orderby=timedesc", ["v2", "v1"]),
        ("?orderby=timeasc", ["v1", "v2"]),
        ("?n=1", ["v1"]),
        ("?n=1&last=v1", ["v2"]),
        ("?n=1&last=v1.0-which-was-deleted", ["v2"]),
        ("?last=v2", []),
        (f"?digest={DIGEST}", ["v1", "v2"]),
        ("?digest=sha256:0", []),
    ],
)
def test_tags_are_listed_in_the_order_that_is_asked_for(ask, query, expected):
    answer = ask("GET", f"/acr/v1/hello-world/_tags{query}")

    assert [tag["name"] for tag in answer.body["tags"]] == expected
    assert answer.body["imageName"] == "hello-world"


@pytest.mark.parametrize(
    ("order", "pages", "last"),
    [("timedesc", ["v2", "v1"], "8584340031654775807%26v2"), ("timeasc", ["v1", "v2"], "639032004600000000%26v1")],
)
def test_the_next_page_keeps_the_order(ask, order, pages, last):
    """What `last` tells is a time and a tag, so that it is found again when the tag is gone."""
    first = ask("GET", f"/acr/v1/hello-world/_tags?orderby={order}&n=1")
    ask("DELETE", f"/acr/v1/hello-world/_tags/{pages[0]}")

    link = first.headers["Link"]
    second = ask("GET", link.partition("<")[2].partition(">")[0])

    assert link == f'</acr/v1/hello-world/_tags?last={last}&n=1&orderby={order}>; rel="next"'
    assert [tag["name"] for tag in (*first.body["tags"], *second.body["tags"])] == pages
    assert "Link" not in second.headers


def test_a_tag_alone_is_no_place_in_an_order_of_times(ask):
    """It is compared with times all the same, as texts: a small one begins again at the start."""
    for last, expected in (("1.0", ["v2", "v1"]), ("v2", [])):
        answer = ask("GET", f"/acr/v1/hello-world/_tags?orderby=timedesc&last={last}")
        assert [tag["name"] for tag in answer.body["tags"]] == expected


@pytest.mark.parametrize("path", ["/v2/_catalog", "/acr/v1/_catalog", "/v2/app/tags/list", "/acr/v1/app/_tags"])
def test_a_page_has_a_thousand_at_most(client, path, monkeypatch):
    monkeypatch.setattr(Content, "repositories", lambda self: [f"r{n:04}" for n in range(1002)])
    client.put(client.manifest())
    with client.lab.world.transaction():
        content = Content(client.lab.world, client.lab.registry)
        digest = content.find(TAG, "app", "v1").value["digest"]
        for number in range(1001):
            content.put(Entry(TAG, "app", f"t{number:04}", {"digest": digest}))

    answer = client.ask("GET", f"{path}?n=5000")

    (shown,) = (part for part in answer.body.values() if isinstance(part, list))
    assert len(shown) == 1000
    assert 'rel="next"' in answer.headers["Link"]


def test_manifests_are_listed(ask):
    assert [m["digest"] for m in ask("GET", "/acr/v1/hello-world/_manifests").body["manifests"]] == [DIGEST]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nothing", "NAME_UNKNOWN"),
        ("nothing/_tags", "NAME_UNKNOWN"),
        ("hello-world/_tags/v9", "TAG_UNKNOWN"),
        ("hello-world/_manifests/sha256:" + "0" * 64, "MANIFEST_UNKNOWN"),
    ],
)
def test_what_is_not_there_is_named(ask, path, code):
    answer = ask("GET", f"/acr/v1/{path}")

    assert (answer.status, answer.body["errors"][0]["code"]) == (404, code)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize("reference", ["v1", "sha256:0", "sha256:" + "x" * 64, ":" + "0" * 64])
def test_what_is_no_digest_is_on_no_page_even_for_a_stranger(ask, lab, method, reference):
    for asked in (ask, lab.ask):
        answer = asked(method, f"/acr/v1/hello-world/_manifests/{reference}")

        assert (answer.status, answer.body) == (404, b"404 page not found\n")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_tag_is_removed_and_its_manifest_stays(ask):
    assert ask("DELETE", "/acr/v1/hello-world/_tags/v1").status == 202
    assert ask("GET", "/v2/hello-world/tags/list").body["tags"] == ["v2"]
    assert ask("DELETE", "/acr/v1/hello-world/_tags/v1").status == 404


def test_a_repository_is_removed_whole(ask):
    answer = ask("DELETE", "/acr/v1/hello-world")

    assert (answer.status, answer.body) == (202, {"manifestsDeleted": [DIGEST], "tagsDeleted": ["v1", "v2"]})
    assert ask("GET", "/v2/_catalog").body == {"repositories": []}


@pytest.mark.parametrize("path", ["hello-world", "hello-world/_tags/v1", f"hello-world/_manifests/{DIGEST}"])
def test_attributes_that_are_set_are_kept_and_the_others_left(ask, path):
    answer = ask("PATCH", f"/acr/v1/{path}", {"writeEnabled": False, "listEnabled": None, "unknown": 1})

    assert answer.status == 200
    again = ask("GET", f"/acr/v1/{path}").body
    for shown in (answer.body, again):
        part = shown.get("tag") or shown.get("manifest") or shown
        attributes = {k: v for k, v in part["changeableAttributes"].items() if k in OPEN}
        assert attributes == OPEN | {"writeEnabled": False}


@pytest.mark.parametrize("path", ["hello-world", "hello-world/_tags/v1", f"hello-world/_manifests/{DIGEST}"])
@pytest.mark.parametrize("lock", ["deleteEnabled", "writeEnabled"])
def test_a_lock_keeps_from_deleting(ask, path, lock):
    ask("PATCH", f"/acr/v1/{path}", {lock: False})

    answer = ask("DELETE", f"/v2/hello-world/manifests/{DIGEST}")

    (error,) = answer.body["errors"]
    assert (answer.status, error["code"], error["detail"]) == (405, "REGISTRY_DISALLOWED_OPERATION", {})
    assert error["message"].startswith("The operation is disallowed on this registry, repository or image.")


def test_a_lock_against_reading_keeps_from_pulling(ask):
    ask("PATCH", "/acr/v1/hello-world/_tags/v1", {"readEnabled": False})

    assert ask("GET", "/v2/hello-world/manifests/v1").status == 405
    assert ask("GET", "/v2/hello-world/manifests/v2").status == 200


def test_a_locked_tag_cannot_be_moved(ask):
    ask("PATCH", "/acr/v1/hello-world/_tags/v1", {"writeEnabled": False})

    assert ask("PUT", "/v2/hello-world/manifests/v1", {"schemaVersion": 2}).status == 405
    assert ask("PUT", "/v2/hello-world/manifests/v3", {"schemaVersion": 2}).status == 201


# -- what lists show ---------------------------------------------------------------------------------------------------


def test_what_is_not_to_be_listed_is_in_no_list_and_still_there(ask):
    ask("PATCH", "/acr/v1/hello-world/_tags/v2", {"listEnabled": False})

    assert ask("GET", "/v2/hello-world/tags/list").body["tags"] == ["v1"]
    assert [tag["name"] for tag in ask("GET", "/acr/v1/hello-world/_tags").body["tags"]] == ["v1"]
    assert ask("GET", "/v2/hello-world/manifests/v2").status == 200

    ask("PATCH", f"/acr/v1/hello-world/_manifests/{DIGEST}", {"listEnabled": False})
    ask("PATCH", "/acr/v1/hello-world", {"listEnabled": False})

    assert ask("GET", "/acr/v1/hello-world/_manifests").body["manifests"] == []
    assert ask("GET", "/v2/_catalog").body["repositories"] == []
    assert ask("GET", "/acr/v1/hello-world").status == 200


@pytest.mark.parametrize("value", ["false", 0, [], {}])
def test_an_attribute_is_true_or_false(ask, value):
    answer = ask("PATCH", "/acr/v1/hello-world", {"deleteEnabled": value})

    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "BAD_REQUEST")
    assert ask("GET", "/acr/v1/hello-world").body["changeableAttributes"]["deleteEnabled"] is True


def test_a_config_that_no_reader_can_read_does_not_break_the_list(client):
    deep = client.push(b"[" * 100_000)
    config = {**deep, "mediaType": "application/vnd.oci.image.config.v1+json"}
    client.put(json.dumps({"schemaVersion": 2, "config": config, "layers": []}).encode(), "deep")

    token = client.lab.token("repository:app:metadata_read")
    (shown,) = client.lab.ask("GET", "/acr/v1/app/_manifests", token=token).body["manifests"]
    assert (shown["tags"], "os" in shown) == (["deep"], False)
