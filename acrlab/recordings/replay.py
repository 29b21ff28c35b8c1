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
from acrlab.environment import in_notebook
from acrlab.errors import ConfigurationError
from acrlab.memory import FileMemory
from acrlab.recordings.format import CHAPTER, Exchange, about, exchanges
from acrlab.recordings.playback import Playback
from acrlab.recordings.recorded_request import as_recorded
from acrlab.recordings.sanitize import HIDDEN, SUBSCRIPTION, Pseudonyms
from acrlab.settings import Settings

__all__ = ["Recorded", "Replay", "open_replay"]

FOREVER = 2**33  # seconds since 1970
TOKENS = ("access_token", "refresh_token")


class Replay:
    """What `acrlab.lab.lab` needs of an Azure, from a recording."""

    subscription = SUBSCRIPTION

    def __init__(self, path: Path, chapter: str) -> None:
        """Raises: ConfigurationError: it is no recording, or has no such chapter."""
        told = tuple(exchanges(path, chapter))
        self._pseudonyms = Pseudonyms({})
        self._playback = Playback(told, f"chapter {chapter} of {path.name}", again=in_notebook())
        self.credential, self._transport = Recorded(), _Telling(self)
        self._folder = tempfile.TemporaryDirectory(prefix="acrlab-replay-", ignore_cleanup_errors=True)
        self.memory = FileMemory(Path(self._folder.name))
        for name, text in about(path).kept.get(chapter, {}).items():
            self.memory.write(name, text)

    def options(self) -> dict[str, Any]:
        return {"transport": self._transport}

    def resolve(self, name: str) -> Answer:
        found = json.loads(self.tell(HttpRequest("RESOLVE", f"dns:{name}")).content)
        return Answer(**{**found, "records": tuple(Record(**one) for one in found["records"])})

    def tell(self, request: HttpRequest) -> Exchange:
        return self._playback.answer(as_recorded(request, self._pseudonyms))

    def close(self) -> None:
        self._folder.cleanup()


class Recorded:
    """Signs nothing: nobody looks at the token."""

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
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


def open_replay(settings: Settings) -> Replay:
    """Open the recording that the settings name, at the chapter whose notebook this is.

    Raises: ConfigurationError: there is no such recording or chapter, or nobody says which notebook this is.
    """
    chapter = _chapter()
    if not chapter:
        message = (
            f"a recording is replayed by chapters, and nobody says which this is. Set {CHAPTER}, or use acrlab run."
        )
        raise ConfigurationError("backend", message)
    return Replay(Path(settings.fixtures), chapter)


def _chapter() -> str:
    """The notebook that this is: as a run says, or JupyterLab, which names its sessions so, or VS Code."""
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
    """A token that nobody has signed."""
    parts = ({"alg": "none", "typ": "JWT"}, {"exp": FOREVER})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
