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
    kernel.guard(made, store)
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
