"""One client's connection: uvicorn's, with an end to its patience, and one that can break before an answer came.

uvicorn limits the time between requests and nothing else. A client that sends half a head, or does not read its answer,
would hold a connection, and TLS's buffers with it, for good. `HEAD_S`, `IDLE_S` and `TAKING_S` end that, in real time.

Of `H11Protocol` it uses `cycle` (the request that is being answered), `scope`, `app_state` and
`timeout_keep_alive_task`, which are not documented: see `server` on the cap of uvicorn's version.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HEAD_S = 10  # from the first byte of a request to the end of its headers
IDLE_S = 5  # between requests; uvicorn's own default
FAREWELL_S = 10  # for the last bytes of an answer to be taken when a connection is closed
TAKING_S = 60  # for a client that does not read its answer


class ClientConnection(H11Protocol):
    """Speaks HTTP with one client.

    An application finds `break_off` in the state of its scope: it ends the connection without an answer.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, "break_off": self.break_off}, _loop)
        self._head_timer: asyncio.TimerHandle | None = None
        self._taking_timer: asyncio.TimerHandle | None = None

    def break_off(self) -> None:
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request(HEAD_S)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answering():  # h11 has read a whole head, and uvicorn has begun a cycle
            _cancel(self._head_timer)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_answering():  # a pipelined request may be next already
            self._await_request(IDLE_S + HEAD_S)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taking_timer = self.loop.call_later(TAKING_S, self.break_off)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._taking_timer)

    def shutdown(self) -> None:
        super().shutdown()
        if not self._is_answering():
            self.break_off()  # TLS would wait for the client's farewell

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._head_timer, self._taking_timer, self.timeout_keep_alive_task):
            _cancel(timer)
        self._let_go()

    def _let_go(self) -> None:
        """Break every circle back to here: TLS keeps 256 KiB for a connection until the last who holds it lets go."""
        self.app_state.clear()
        self.scope = None  # type: ignore[assignment]
        self._head_timer = self._taking_timer = self.timeout_keep_alive_task = None
        if not self._is_answering():  # a running cycle still has to hear that its client has gone
            self.cycle = None  # type: ignore[assignment]

    def _await_request(self, seconds: float) -> None:
        _cancel(self._head_timer)
        self._head_timer = self.loop.call_later(seconds, self.break_off)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
