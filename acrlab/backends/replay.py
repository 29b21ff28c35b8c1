"""Backend `replay`: answers come from a recording instead of an Azure, without a network or a credential.

Each exchange is told once. Requests that do not wait for each other may come in another order than in the recorded
run: `Playback` decides which answer is next.
"""

from __future__ import annotations

import base64
import difflib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse

from acrlab.azure.dns_answer import Answer, Record
from acrlab.azure.sdk_http import WholeResponse
from acrlab.backends.passing_memory import PassingMemory
from acrlab.errors import ConfigurationError, NotRecordedError
from acrlab.recordings.bodies import as_recorded, sanitized
from acrlab.recordings.format import Exchange, Identity, Request, about, exchanges, identity
from acrlab.recordings.names import of_the_article
from acrlab.recordings.sanitize import SUBSCRIPTION, Pseudonyms
from acrlab.recordings.telling import HIDDEN
from acrlab.settings import Settings
from acrlab.settings.environment import CHAPTER, FIXTURES, in_notebook

FOREVER = 2**33  # seconds since 1970
TOKENS = ("access_token", "refresh_token")
_NOT_OF_THE_LAB = ("backend", "fixtures", "confirm_cost")


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
        self._at: dict[Identity, int] = {}  # which of its places was told last
        self._often: Counter[Identity] = Counter()  # how often; a place that was passed over leaves one more
        for number, one in enumerate(told):
            self._places.setdefault(identity(one.request), []).append(number)

    def answer(self, request: Request) -> Exchange:
        """Give the answer to a request. Raises: NotRecordedError: there is none, or none any more."""
        with self._lock:
            key = identity(request)
            same, at, often = self._places.get(key, []), self._at.get(key, -1), self._often[key]
            if -1 < at < len(same) - 1 and self._unchanged(same[at], same[at + 1]):
                return self._told[same[at]]
            if often < len(same):
                at = min(at + 1, len(same) - 1)
                while at < len(same) - 1 and self._is_outdated(same[at], same[at + 1]):
                    at += 1
            elif not (self._again and same):
                raise self._missing(request, often + 1)
            if self._told[same[at]].time != at + 1:
                raise self._missing(request, at + 1)
            self._at[key], self._often[key], self._played[same[at]] = at, often + 1, True
            return self._told[same[at]]

    def _is_outdated(self, coming: int, following: int) -> bool:
        """Whether all that was changed between two answers has been changed already: then the later one holds.

        So it is where a thread asked before others had changed something, and was told an earlier answer again: the
        one that it left untold is not for those who ask when all is done.
        """
        between = [n for n in range(coming + 1, following) if self._told[n].changes]
        return bool(between) and not self._told[coming].changes and all(self._played[n] for n in between)

    def _unchanged(self, last: int, coming: int) -> bool:
        """Whether there were changes between two answers in the recording, and none of them has been made yet."""
        between = [n for n in range(last + 1, coming) if self._told[n].changes]
        return bool(between) and not any(self._played[n] for n in between)

    def _missing(self, request: Request, time: int) -> NotRecordedError:
        asked = f"{request.method} {request.uri}"
        often = "once" if time == 2 else f"{time - 1} times"
        how_often = "does not have it" if time == 1 else f"has it only {often}"
        near = self._nearest(request) if time == 1 else ""
        hint = f" The nearest that it has: {near}." if near else ""
        message = f"{asked}: {self._source} {how_often}.{hint} Run the chapter from its beginning, or record it again."
        return NotRecordedError(message, method=request.method, uri=request.uri)

    def _nearest(self, request: Request) -> str:
        same_method = [one.request.uri for one in self._told if one.request.method == request.method]
        close = difflib.get_close_matches(request.uri, same_method, n=1)
        return f"{request.method} {close[0]}" if close else ""


class Replay:
    """The way to a recording: it answers what was asked when it was made, and nothing else."""

    subscription = SUBSCRIPTION

    def __init__(self, path: Path, chapter: str) -> None:
        """Raises: ConfigurationError: the file is not a recording, or has no such chapter."""
        self._pseudonyms = Pseudonyms(of_the_article())
        # Both what was asked then and what is asked now: an older recording may hold what would be hidden today.
        told = [replace(one, request=sanitized(one.request, self._pseudonyms)) for one in exchanges(path, chapter)]
        self._playback = Playback(told, f"chapter {chapter} of {path.name}", again=in_notebook())
        self.credential, self._transport = Recorded(), _Telling(self)
        self.memory = PassingMemory()
        for name, text in about(path).kept.get(chapter, {}).items():
            self.memory.write(name, text)

    def other_subscription(self) -> str:
        """Give none: a recording is of one subscription."""
        return ""

    def options(self) -> dict[str, Any]:
        """Give every SDK client the transport that reads the recording."""
        return {"transport": self._transport}

    def resolve(self, name: str) -> Answer:
        """Answer as the recording computer's resolver did."""
        found = json.loads(self.tell(HttpRequest("RESOLVE", f"dns:{name}")).content)
        return Answer(**{**found, "records": tuple(Record(**one) for one in found["records"])})

    def pause(self, seconds: float) -> None:
        """Go on: nothing takes time in a recording."""

    def mark(self) -> object:
        """Give nothing: a recording does not change."""
        return ()

    def tell(self, request: HttpRequest) -> Exchange:
        """Find the recorded answer. Raises: NotRecordedError: this was not asked."""
        return self._playback.answer(as_recorded(request, self._pseudonyms))

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


class Recorded:
    """Give a token that no service will read."""

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """Give a token that is worth nothing."""
        return AccessToken(HIDDEN, FOREVER)


class _Telling(HttpTransport[HttpRequest, HttpResponse]):
    """Carries SDK requests to a recording. Nothing takes time there."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        told = self._replay.tell(request)
        if not told.status:
            raise ServiceRequestError(told.content.decode())
        content = _with_tokens(told.content)
        return WholeResponse(request, told.status, told.headers | {"Content-Length": str(len(content))}, content)

    def sleep(self, duration: float) -> None:
        """Whatever was waited for has happened."""

    def open(self) -> None:
        """There is no connection."""

    def close(self) -> None:
        """There is no connection."""

    def __enter__(self) -> _Telling:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_recording(settings: Settings) -> Replay:
    """Open the recording that the settings name, at the chapter whose notebook this is.

    Raises: ConfigurationError: there is no such recording or chapter, or nothing says which notebook this is.
    """
    chapter = _chapter()
    if not chapter:
        message = (
            f"a recording is replayed by chapters, and nothing says which this is. Set {CHAPTER}, or use acrlab run."
        )
        raise ConfigurationError("backend", message)
    return Replay(_recording(settings), chapter)


def settings_of_recording(settings: Settings) -> Settings:
    """Take the settings of the recorded run: its lab is the one that is shown.

    Raises: ConfigurationError: there is no recording, or a setting is not what was recorded.
    """
    path, chosen, default = _recording(settings), settings.model_dump(), Settings().model_dump()
    recorded = default | about(path).parameters
    for name, value in chosen.items():
        if value not in (default[name], recorded[name]) and name not in _NOT_OF_THE_LAB:
            raise ConfigurationError(name, f"{value!r} is not what was recorded: {recorded[name]!r}. Leave it out.")
    return Settings(**{**recorded, **{name: chosen[name] for name in _NOT_OF_THE_LAB}, "fixtures": str(path)})


def _recording(settings: Settings) -> Path:
    named = settings.fixtures or os.environ.get(FIXTURES, "")
    if not named:
        raise ConfigurationError("fixtures", f"backend replay needs a recording. Name one: {FIXTURES}, or --fixtures.")
    return Path(named)


def _chapter() -> str:
    """Name the notebook that this is: as a run says, or JupyterLab, which names its sessions so, or VS Code."""
    from IPython import get_ipython

    shell = get_ipython()
    opened = shell.user_ns.get("__vsc_ipynb_file__", "") if shell else ""
    return os.environ.get(CHAPTER) or Path(os.environ.get("JPY_SESSION_NAME") or opened).stem


def _with_tokens(content: bytes) -> bytes:
    """Give an answer tokens that never expire, where the recording has hidden them; clients read when they do."""
    if not any(name.encode() in content for name in TOKENS):
        return content
    said = json.loads(content)
    return json.dumps({n: _token() if n in TOKENS and v == HIDDEN else v for n, v in said.items()}).encode()


def _token() -> str:
    """A token without a signature."""
    parts = ({"alg": "none", "typ": "JWT"}, {"exp": FOREVER})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
