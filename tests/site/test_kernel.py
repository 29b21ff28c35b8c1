"""A kernel of the site begins each cell and click with the stored world, and ends it with storing it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from acrlab.site import kernel


class Store:
    def __init__(self, problem: str = "") -> None:
        self.seen: list[str] = []
        self._problem = problem

    async def begin(self) -> str:
        self.seen.append("begin")
        return ""

    async def end(self) -> str:
        self.seen.append("end")
        return self._problem


def guarded(store: Store) -> Any:
    async def run(code: str) -> str:
        store.seen.append(code)
        if code == "raise":
            raise ValueError(code)
        return "ran"

    comms = SimpleNamespace(comm_msg=lambda *given: store.seen.append(f"click {made._parent_header}"))
    made: Any = SimpleNamespace(run=run, comm_manager=comms, _parent_header="cell")
    kernel.guard(made, kernel.Turns(store))
    return made


def test_a_cell_is_kept_when_it_ends() -> None:
    store = Store()

    assert asyncio.run(guarded(store).run("1 + 1")) == "ran"

    assert store.seen == ["begin", "1 + 1", "end"]


def test_a_cell_that_fails_is_kept_too() -> None:
    store = Store()

    with pytest.raises(ValueError, match="raise"):
        asyncio.run(guarded(store).run("raise"))

    assert store.seen == ["begin", "raise", "end"]


def test_a_click_is_kept_and_prints_below_its_own_request() -> None:
    store = Store()

    async def click() -> None:
        made = guarded(store)
        made._parent_header = "button"
        made.comm_manager.comm_msg()
        made._parent_header = "cell"
        await asyncio.sleep(0.05)

    asyncio.run(click())
    assert store.seen == ["begin", "click button", "end"]


def test_a_full_storage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(guarded(Store("the browser's storage is full")).run("1"))

    assert capsys.readouterr().err == "the browser's storage is full\n"


def test_what_goes_to_a_board_waits_for_the_cell_and_a_cell_for_it() -> None:
    store = Store()
    turns = kernel.Turns(store)

    async def send(name: str) -> None:
        async with turns.alone():
            store.seen.append(name)
            assert turns.quiet_s() == 0
            await asyncio.sleep(0)

    async def cell() -> None:
        async with turns.of_a_person():
            store.seen.append("cell")
            await asyncio.sleep(0)

    async def all_at_once() -> None:
        await asyncio.gather(cell(), send("events"), cell())

    asyncio.run(all_at_once())
    assert sorted(store.seen[1::3]) == ["cell", "cell", "events"]
    assert store.seen[::3] + store.seen[2::3] == ["begin"] * 3 + ["end"] * 3
    assert 0 < turns.quiet_s() < 3600


def test_what_is_to_be_said_between_cells_is_said_below_the_next_one(capsys: pytest.CaptureFixture[str]) -> None:
    store = Store("the browser's storage is full")
    turns = kernel.Turns(store)

    async def send() -> None:
        async with turns.alone():
            pass

    asyncio.run(send())
    assert capsys.readouterr().err == ""

    async def cell() -> None:
        async with turns.of_a_person():
            store.seen.append("cell")

    store._problem = ""
    asyncio.run(cell())
    assert capsys.readouterr().err == "the browser's storage is full\n"


def test_a_store_that_fails_leaves_the_turn_to_the_next() -> None:
    store = Store()
    turns = kernel.Turns(store)

    async def fails() -> str:
        raise RuntimeError("no lock")

    async def cell() -> None:
        async with turns.of_a_person():
            store.seen.append("cell")

    async def both() -> None:
        begin, store.begin = store.begin, fails  # type: ignore[method-assign]
        with pytest.raises(RuntimeError, match="no lock"):
            await cell()
        store.begin = begin  # type: ignore[method-assign]
        await cell()

    asyncio.run(both())
    assert store.seen == ["begin", "cell", "end"]


def test_what_has_arrived_goes_before_the_cell_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    store = Store()

    def settle() -> str:
        store.seen.append("settle")
        return "The board is away."

    turns = kernel.Turns(store, SimpleNamespace(settle=settle))  # type: ignore[arg-type]

    async def cell() -> None:
        async with turns.of_a_person():
            store.seen.append("cell")

    asyncio.run(cell())
    assert store.seen == ["begin", "cell", "settle", "end"]
    assert capsys.readouterr().err == "The board is away.\n"
