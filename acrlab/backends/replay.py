"""Backend `replay`: answers from a recording, in place of an Azure. No network is needed, and no credential."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse

from acrlab.azure.dns_answer import Answer, Record
from acrlab.azure.sdk_http import WholeResponse
from acrlab.backends.file_memory import FileMemory
from acrlab.environment import CHAPTER, FIXTURES, in_notebook
from acrlab.errors import ConfigurationError
from acrlab.recordings import recorded_request
from acrlab.recordings.format import Exchange, about, exchanges
from acrlab.recordings.playback import Playback
from acrlab.recordings.sanitize import HIDDEN, SUBSCRIPTION, Pseudonyms
from acrlab.settings import Settings

FOREVER = 2**33  # seconds since 1970
TOKENS = ("access_token", "refresh_token")
_NOT_OF_THE_LAB = ("backend", "fixtures", "confirm_cost")


class Replay:
    """The way to a recording: it answers what was asked when it was made, and nothing else."""

    subscription = SUBSCRIPTION

    def __init__(self, path: Path, chapter: str) -> None:
        """Raises: ConfigurationError: it is not a recording, or has no such chapter."""
        told = tuple(exchanges(path, chapter))
        self._pseudonyms = Pseudonyms({})
        self._playback = Playback(told, f"chapter {chapter} of {path.name}", again=in_notebook())
        self.credential, self._transport = Recorded(), _Telling(self)
        self._folder = tempfile.TemporaryDirectory(prefix="acrlab-replay-", ignore_cleanup_errors=True)
        self.memory = FileMemory(Path(self._folder.name))
        for name, text in about(path).kept.get(chapter, {}).items():
            self.memory.write(name, text)

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
        return self._playback.answer(recorded_request.as_recorded(request, self._pseudonyms))

    def close(self) -> None:
        """Delete the memory's folder."""
        self._folder.cleanup()


class Recorded:
    """Signs nothing: no one checks the token."""

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
        message = f"a recording is replayed by chapters: nothing says which this is. Set {CHAPTER}, or use acrlab run."
        raise ConfigurationError("backend", message)
    return Replay(_recording(settings), chapter)


def as_recorded(settings: Settings) -> Settings:
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
    """Make a token without a signature."""
    parts = ({"alg": "none", "typ": "JWT"}, {"exp": FOREVER})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
