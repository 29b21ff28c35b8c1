"""Record HTTP on backend `azure`: every request of the lab's clients and its answer go to a file, sanitized."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from acrlab.azure.dns_answer import Answer
from acrlab.azure.sdk_http import WholeResponse
from acrlab.errors import ConfigurationError
from acrlab.recordings.bodies import as_recorded, said
from acrlab.recordings.format import About, Exchange, Identity, Request, append, begin, identity
from acrlab.recordings.kept import HEADERS
from acrlab.recordings.names import in_place_of
from acrlab.recordings.sanitize import SUBSCRIPTION, Pseudonyms
from acrlab.settings import Settings
from acrlab.settings.environment import CHAPTER, lab_home


class Recorder:
    """A backend in front of another one that records what passes between it and the clients."""

    def __init__(self, azure: Any, settings: Settings, path: Path) -> None:
        """Begin the recording of a chapter, in place of what the file held.

        Raises: ConfigurationError: nothing says which chapter this is.
        """
        self._azure, self._path, self._lock = azure, path, Lock()
        self._asked: Counter[Identity] = Counter()
        self._chapter = os.environ.get(CHAPTER, "")
        if not self._chapter:
            raise ConfigurationError(CHAPTER, "a recording is made of chapters, and this one has no name. Set it.")
        own = {settings.owner: "owner", settings.subscription: SUBSCRIPTION}
        self._pseudonyms = Pseudonyms(own | in_place_of(settings))
        self._groups = (settings.resource_group.lower(), settings.portal_resource_group.lower())
        self._transport = _Listening(self)
        kept = {self._chapter: self._sanitized(_kept(settings))}
        begin(path, About(_today(), version("acrlab"), _parameters(settings), kept))

    @property
    def subscription(self) -> str:
        return str(self._azure.subscription)

    def other_subscription(self) -> str:
        return ""  # a recording is of one subscription

    @property
    def credential(self) -> Any:
        return self._azure.credential

    @property
    def memory(self) -> Any:
        return self._azure.memory

    def options(self) -> dict[str, Any]:
        return {"transport": self._transport}

    def resolve(self, name: str) -> Answer:
        answer: Answer = self._azure.resolve(name)
        self.note(HttpRequest("RESOLVE", f"dns:{name}"), 200, {}, json.dumps(asdict(answer)).encode())
        return answer

    def pause(self, seconds: float) -> None:
        self._azure.pause(seconds)

    def mark(self) -> object:
        return self._azure.mark()

    def note(self, request: HttpRequest, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """Add an exchange to the recording."""
        asked = as_recorded(request, self._pseudonyms)
        told = {n: self._pseudonyms.text(v) for n, v in headers.items() if n.lower() in HEADERS}
        raw = Request(request.method, request.url, b"", {"Range": request.headers.get("Range", "")})
        answer = said(content, raw, headers, self._pseudonyms, self._groups)
        with self._lock:
            self._asked[identity(asked)] += 1
            time = self._asked[identity(asked)]
            append(self._path, self._chapter, Exchange(asked, status, told, answer, time))

    def close(self) -> None:
        self._transport.end()
        self._azure.close()

    def _sanitized(self, files: Mapping[str, str]) -> dict[str, str]:
        return {self._pseudonyms.text(name): self._pseudonyms.text(text) for name, text in files.items()}


class _Listening(HttpTransport[HttpRequest, HttpResponse]):
    """The SDKs' own transport, which notes what passes."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self._inner = recorder, RequestsTransport()
        self._inner.open()

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        kwargs.pop("stream", None)  # an answer is recorded whole
        try:
            answer: Any = self._inner.send(request, stream=False, **kwargs)
        except AzureError as problem:
            self._recorder.note(request, 0, {}, str(problem).encode())
            raise
        # The SDKs' older answers are read by another name.
        content = answer.read() if hasattr(answer, "read") else answer.body()
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
        self._recorder.note(request, answer.status_code, headers, content)
        return WholeResponse(request, answer.status_code, headers | {"Content-Length": str(len(content))}, content)

    def sleep(self, duration: float) -> None:
        self._inner.sleep(duration)

    def open(self) -> None:
        """Open already."""

    def close(self) -> None:
        """All clients share it: one that closes must not take it from the others."""

    def end(self) -> None:
        self._inner.close()

    def __enter__(self) -> _Listening:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _kept(settings: Settings) -> dict[str, str]:
    """What the lab remembers on this computer of what was there before it; a confirmed cost stays out."""
    files = lab_home().glob(f"*-{settings.registry_name.lower()}.json")
    return {file.name: file.read_text("utf-8") for file in files if not file.name.startswith("confirmed-")}


def _parameters(settings: Settings) -> dict[str, Any]:
    """Settings that differ from the article's and identify no one."""
    article = Settings().model_dump()
    kept = ("location", "image", "image_source", "vm_size", "vm_image", "network_prefix", "subnet_prefix")
    return {name: getattr(settings, name) for name in kept if getattr(settings, name) != article[name]}


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
