"""Agent pools of a registry as the service that runs tasks answers for them.

As recorded by Azure/azure-powershell (ContainerRegistry, agent pools, of 2023 and 2025).
"""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from acrlab.emulator.core.http import Request

VERSION = "2019-06-01-preview"


@pytest.fixture
def pool(cloud):
    """Send a request about a pool of a registry."""
    cloud.registry()
    return Pool(cloud)


class Pool:
    """One pool, below the SDK."""

    def __init__(self, cloud):
        self.cloud = cloud
        registry = f"/subscriptions/{cloud.opened.subscription}/resourceGroups/g/providers/Microsoft.ContainerRegistry"
        self.registry = f"{registry}/registries/contoso"

    def ask(self, method, path, body=None):
        where = urlsplit(path)
        query = {"api-version": VERSION, **dict(parse_qsl(where.query))}
        raw = json.dumps(body).encode() if body else b""
        return self.cloud.opened.azure.manager.handle(Request(method, "", where.path, query, {}, raw))

    def __call__(self, method, **properties):
        body = {"location": "eastus", "properties": properties} if method == "PUT" else {"properties": properties}
        return self.ask(method, f"{self.registry}/agentPools/pool1", body if properties else None)

    def wait(self):
        self.cloud.world.advance_to(self.cloud.world.now + 1000)


def test_a_new_pool_is_shown_with_who_made_it_and_no_tags(pool):
    made = pool("PUT", count=1, tier="S1", os="Linux")

    assert made.status == 201
    assert "tags" not in made.body
    assert made.body["properties"] == {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": "Creating"}
    assert made.body["systemData"]["createdAt"] == made.body["systemData"]["lastModifiedAt"]


def test_polls_of_a_pool_say_what_is_done_and_not_when_to_come_again(pool):
    made = pool("PUT", count=1, tier="S1", os="Linux")
    at = made.headers["Azure-AsyncOperation"]

    running = pool.ask("GET", at)
    pool.wait()
    done = pool.ask("GET", at)

    assert re.search(r"/agentPools/pool1/operationStatuses/[0-9a-f]{8}-[0-9a-f-]{27}[?]", at)
    assert made.headers["Retry-After"] == "10"
    assert (running.status, running.body, running.headers.get("Retry-After")) == (200, {"status": "Creating"}, None)
    assert "Azure-AsyncOperation" not in running.headers
    assert done.body == {"status": "Succeeded"}


def test_a_pool_that_changes_is_updating(pool):
    pool("PUT", count=1, tier="S1")
    pool.wait()

    changed = pool("PATCH", count=2)

    assert (changed.status, changed.body["properties"]["provisioningState"]) == (201, "Updating")
    assert pool.ask("GET", changed.headers["Azure-AsyncOperation"]).body == {"status": "Updating"}


def test_a_pool_that_goes_is_shown_and_followed_at_its_registry(pool):
    pool("PUT", count=1, tier="S1")
    pool.wait()

    gone = pool("DELETE")
    at = gone.headers["Location"]
    running = pool.ask("GET", at)
    pool.wait()

    assert (gone.status, gone.body["properties"]["provisioningState"]) == (202, "Deleting")
    assert f"{pool.registry}/agentPoolsOperationResults/" in at
    assert urlsplit(at).path.endswith("/status")
    assert (running.status, running.headers["Location"], running.headers["Retry-After"]) == (202, at, "10")
    assert pool.ask("GET", at).status == 204
    assert pool("GET").status == 404
