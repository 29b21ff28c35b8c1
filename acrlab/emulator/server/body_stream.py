"""A body that is too large to hold, on its way from the event loop, which receives it, to the thread that stores it.

The loop receives the next pieces while the thread is busy with the last ones, and stops when too many wait: what is not
taken from the socket stays in the client, so that a slow disk slows the sender down instead of filling memory.

Two kinds of waiting meet here. The thread blocks on `_changed`, a condition of `threading`; the loop awaits `_room`, an
event of `asyncio`, which only the loop's own thread may set.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

from starlette.requests import ClientDisconnect

from acrlab.emulator.core.http import Interrupted

SILENCE_S = 30  # without a single byte
MOST_WAITING = 2**21  # bytes


class BodyStream:
    """The pieces of one body, to be read once."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream, self._loop = stream, asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._waiting: list[bytes] = []
        self._size = 0
        self._state = "open"  # or `whole`, or `broken`
        self._room = asyncio.Event()

    async def fill(self) -> None:
        """Receive until the end; cancelling this breaks the body off."""
        state = "broken"
        try:
            async with asyncio.timeout(SILENCE_S) as patience:
                while piece := await anext(self._stream, b""):
                    self._put(piece)
                    while self._size > MOST_WAITING:
                        self._room.clear()
                        patience.reschedule(None)  # it is the disk that is slow now, not the client
                        await self._room.wait()
                    patience.reschedule(self._loop.time() + SILENCE_S)
            state = "whole"
        except (TimeoutError, ClientDisconnect):
            pass  # both are the client's fault, and there is no one to tell
        finally:
            with self._changed:
                self._state = state
                self._changed.notify()

    def _put(self, piece: bytes) -> None:
        with self._changed:
            self._waiting.append(piece)
            self._size += len(piece)
            self._changed.notify()

    def __iter__(self) -> Iterator[bytes]:
        """Read, in another thread than the loop's. Raises: Interrupted: the client did not send all of it."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._state != "open")
                pieces, state = self._waiting, self._state
                self._waiting, self._size = [], 0
            self._loop.call_soon_threadsafe(self._room.set)
            yield from pieces
            if state == "broken":
                raise Interrupted
            if state == "whole":
                return
