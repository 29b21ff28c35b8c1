"""What a recording tells next: the answer to a request, given what was asked before."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from threading import Lock
from typing import Any

from acrlab.errors import NotRecordedError
from acrlab.recordings.format import Exchange, Identity, identity

__all__ = ["Playback"]


class Playback:
    """The exchanges of one chapter, each of which is told once.

    Requests that do not wait for each other may come in another order than in the recorded run: what is asked about is
    as it was in the recording before the next change that has not been made yet.
    """

    def __init__(self, told: Sequence[Exchange], source: str, *, again: bool) -> None:
        """Args:
        source: what is played, for messages.
        again: tell what was told last, when there is no more; else that is an error.
        """
        self._told, self._source, self._again = told, source, again
        self._played: list[bool] = [False] * len(told)
        self._lock = Lock()
        self._places: dict[Identity, list[int]] = {}
        for number, one in enumerate(told):
            self._places.setdefault(identity(one.request), []).append(number)

    def answer(self, request: Any) -> Exchange:
        """Give the answer to a request. Raises: NotRecordedError: there is none, or none any more."""
        with self._lock:
            same = self._places.get(identity(request), [])
            played = [n for n in same if self._played[n]]
            coming = next((n for n in same if not self._played[n]), None)
            if played and (self._again if coming is None else self._unchanged(played[-1], coming)):
                return self._told[played[-1]]
            if coming is None or self._told[coming].time != len(played) + 1:
                raise self._missing(request, len(played) + 1)
            self._played[coming] = True
            return self._told[coming]

    def _unchanged(self, last: int, coming: int) -> bool:
        """Whether there were changes between two answers in the recording, and none of them has been made yet."""
        between = [n for n in range(last + 1, coming) if self._told[n].changes]
        return bool(between) and not any(self._played[n] for n in between)

    def _missing(self, request: Any, time: int) -> NotRecordedError:
        asked = f"{request.method} {request.uri}"
        how_often = "does not have it" if time == 1 else f"does not have it a {time}. time"
        near = self._nearest(request) if time == 1 else ""
        hint = f" The nearest that it has: {near}." if near else ""
        message = f"{asked}: {self._source} {how_often}.{hint} Run the chapter from its beginning, or record it anew."
        return NotRecordedError(message, method=request.method, uri=request.uri)

    def _nearest(self, request: Any) -> str:
        same_method = [one.request.uri for one in self._told if one.request.method == request.method]
        close = difflib.get_close_matches(request.uri, same_method, n=1)
        return f"{request.method} {close[0]}" if close else ""
