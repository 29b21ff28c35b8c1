"""Threads that share one emulated Azure, as the plan's steps, the SDK's pollers and a picture that follows do.

How often each goes round is counted, not timed; where a world is shared unsafely, a few hundred rounds tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from azure.core.rest import HttpRequest
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.azure.arm_id import ArmId
from acrlab.azure.cloud import MANAGEMENT
from acrlab.emulator.core.world import World
from acrlab.emulator.transport import OpenAzure, open_azure

THREADS = 8
SCOPE = f"{MANAGEMENT}/.default"
SPACE = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
ONE, OTHER = (ArmId.of_group("s", name) for name in ("one", "other"))
QUESTION = HttpRequest("GET", f"{MANAGEMENT}/subscriptions?api-version=2022-12-01")


@pytest.fixture(params=["in memory", "in a file"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenAzure]:
    opened = open_azure(tmp_path / "world.db" if request.param == "in a file" else None)
    yield opened
    opened.close()


@pytest.fixture
def world(opened: OpenAzure) -> World:
    return opened.azure.world


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Let works begin at the same time, each in a thread. Returns: what they return. Raises: what one of them did."""
    together = Barrier(len(works))

    def begun(work: Callable[[], Any]) -> Any:
        together.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return [one.result() for one in [threads.submit(begun, work) for work in works]]


def seen_during(work: Callable[[], None], look: Callable[[], Any]) -> set[Any]:
    """Let all other threads look, again and again, for as long as one works. Returns: all that they saw."""
    done, seen = Event(), set()

    def works() -> None:
        try:
            work()
        finally:
            done.set()

    def looks() -> None:
        while not done.is_set():
            seen.add(look())
        seen.add(look())

    at_once(works, *[looks] * (THREADS - 1))
    return seen


def test_threads_sign_in_read_and_write_through_the_sdk(opened: OpenAzure, world: World) -> None:
    groups = ResourceManagementClient(opened.credential, opened.subscription, transport=opened.transport)
    network = NetworkManagementClient(opened.credential, opened.subscription, transport=opened.transport)

    def work(group: str) -> set[str]:
        groups.resource_groups.create_or_update(group, {"location": "westus"})
        for turn in range(5):
            assert opened.credential.get_token(SCOPE).token.count(".") == 2
            made = network.virtual_networks.begin_create_or_update(group, f"v{turn}", SPACE).result()
            assert (made.name, made.provisioning_state) == (f"v{turn}", "Succeeded")
            assert {one.name for one in network.virtual_networks.list(group)} == {f"v{n}" for n in range(turn + 1)}
            assert group in {one.name for one in groups.resource_groups.list()}
            assert opened.resolve("management.azure.com").addresses
        network.virtual_networks.begin_delete(group, "v0").result()
        return {one.name for one in network.virtual_networks.list(group)}

    left = at_once(*(partial(work, f"g{number}") for number in range(THREADS)))

    assert left == [{"v1", "v2", "v3", "v4"}] * THREADS
    assert world.count() == THREADS * 5


def test_threads_that_sign_in_and_read_do_not_disturb_one_that_writes(opened: OpenAzure, world: World) -> None:
    path = f"{MANAGEMENT}/subscriptions/{opened.subscription}/resourceGroups/g?api-version=2022-09-01"

    def writes() -> None:
        for number in range(100):
            tags = {"number": str(number)}
            answer = opened.transport.send(HttpRequest("PUT", path, json={"location": "westus", "tags": tags}))
            assert answer.json()["tags"] == tags

    def looks() -> tuple[str, int]:
        world.dump()
        return world.timestamp(), opened.credential.get_token(SCOPE).token.count(".")

    assert seen_during(writes, looks) == {("2026-01-05T09:00:00.0000000Z", 2)}


def test_nobody_sees_what_another_thread_has_half_done(world: World) -> None:
    def writes() -> None:
        for _ in range(100):
            with world.transaction():
                for id in (ONE, OTHER):
                    world.put(world.new(id, {"location": "westus"}))
            with world.transaction():
                for id in (ONE, OTHER):
                    world.delete(id)

    assert seen_during(writes, world.count) <= {0, 2}


def test_what_another_thread_takes_back_was_never_there(world: World) -> None:
    def fails() -> None:
        for _ in range(100):
            with pytest.raises(RuntimeError), world.transaction():
                world.put(world.new(ONE, {"location": "westus"}))
                world.advance_to(1000)
                raise RuntimeError

    assert seen_during(fails, lambda: (world.find(ONE), world.now)) == {(None, 0.0)}


def test_what_is_written_outside_a_transaction_is_there_whole_or_not_at_all(world: World) -> None:
    def writes() -> None:
        for _ in range(100):
            world.put(world.new(ONE, {"properties": {"of": str(OTHER)}}))
            world.delete(ONE)

    def looks() -> tuple[int, ...]:
        (found,) = world.db.rows("SELECT (SELECT count(*) FROM resource), (SELECT count(*) FROM reference)")
        return found

    assert seen_during(writes, looks) <= {(0, 0), (1, 1)}


def test_a_transaction_that_cannot_be_kept_leaves_the_world_usable(world: World) -> None:
    """As on a full disk: the error is told, and the next request finds no transaction that is still open."""
    world.db.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(Exception, match="FOREIGN KEY"), world.transaction():
        world.db.execute("CREATE TABLE held (by TEXT REFERENCES value (key) DEFERRABLE INITIALLY DEFERRED)")
        world.db.execute("INSERT INTO held VALUES ('nothing')")

    with world.transaction():
        world.put(world.new(ONE, {"location": "westus"}))

    assert world.count() == 1


def test_a_thread_waits_from_its_own_answer_on(opened: OpenAzure, world: World, monkeypatch: Any) -> None:
    """However far others have moved the clock meanwhile: in real time it would have waited beside them."""
    handle = opened.azure.manager.handle

    def overtaken(request: Any) -> Any:
        answer = handle(request)
        at_once(lambda: world.advance_to(30))
        return answer

    monkeypatch.setattr(opened.azure.manager, "handle", overtaken)
    opened.transport.send(QUESTION)

    opened.transport.sleep(10)

    assert world.now == 30


def test_a_thread_that_waits_twice_waits_for_both(opened: OpenAzure, world: World) -> None:
    opened.transport.send(QUESTION)

    opened.transport.sleep(10)
    opened.transport.sleep(10)

    assert world.now == 20


def test_a_refusal_is_an_answer_to_wait_from_as_well(opened: OpenAzure, world: World) -> None:
    opened.transport.send(QUESTION)
    at_once(lambda: world.advance_to(30))
    path = f"{MANAGEMENT}/subscriptions/{opened.subscription}/resourceGroups/none?api-version=2022-09-01"
    assert opened.transport.send(HttpRequest("GET", path)).status_code == 404

    opened.transport.sleep(10)

    assert world.now == 40
