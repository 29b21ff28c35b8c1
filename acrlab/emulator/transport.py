"""The seam to the Azure SDKs: an azure-core transport without sockets, and a credential of the world's learner."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict

from acrlab.answer import Answer
from acrlab.cloud import MANAGEMENT_HOST
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.names import resolve
from acrlab.emulator.wire import INTERNET, Dropped, Region, Request, Response, Unreachable


class EmulatorTransport(HttpTransport[HttpRequest, HttpResponse]):
    """Carries SDK requests to an emulated Azure in this process. Pollers and retries sleep on its clock."""

    def __init__(self, azure: EmulatedAzure) -> None:
        self._azure = azure
        self._seen = threading.local()  # the virtual moment of this thread's last answer

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asked = _wire_request(request)
        try:
            if asked.host == MANAGEMENT_HOST:
                answer = self._azure.manager.handle(asked)
            else:
                answer = self._azure.delivery.deliver(asked)
        except Dropped as problem:
            raise (ServiceResponseError if problem.done else ServiceRequestError)(str(problem)) from problem
        except Unreachable as problem:
            kind = ServiceResponseError if problem.reason == "timeout" else ServiceRequestError
            raise kind(f"Failed to reach {problem}") from problem
        self._seen.moment = self._azure.world.now
        return _MemoryResponse(request, answer)

    def sleep(self, duration: float) -> None:
        """Wait in virtual time. Threads that wait at the same time wait together, as they would in real time."""
        world = self._azure.world
        world.advance_to(getattr(self._seen, "moment", world.now) + duration)

    def open(self) -> None:
        """Nothing to open: there is no connection."""

    def close(self) -> None:
        """Nothing to close."""

    def __enter__(self) -> EmulatorTransport:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class EmulatorCredential:
    """Gives tokens of the world's own learner; they are worth nothing anywhere else."""

    def __init__(self, azure: EmulatedAzure) -> None:
        self._azure = azure

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken(self._azure.learner_token(scopes[0]), 2**33)


class _MemoryResponse(HttpResponse):
    """An answer that is already here."""

    def __init__(self, request: HttpRequest, answer: Response) -> None:
        self._request, self._status, self._content = request, answer.status, answer.raw
        kind = (
            "application/octet-stream" if isinstance(answer.body, bytes | Region) else "application/json; charset=utf-8"
        )
        length = {"Content-Length": str(len(self._content))}
        self._headers = case_insensitive_dict({"Content-Type": kind, **length, **answer.headers})
        self._encoding: str | None = "utf-8"
        self._closed = False

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._status

    @property
    def headers(self) -> Any:
        return self._headers

    @property
    def reason(self) -> str:
        return HTTPStatus(self._status).phrase

    @property
    def content_type(self) -> str | None:
        return self._headers.get("Content-Type")

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def is_stream_consumed(self) -> bool:
        return True

    @property
    def content(self) -> bytes:
        return self._content

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    def text(self, encoding: str | None = None) -> str:
        return self._content.decode(encoding or self._encoding or "utf-8")

    def json(self) -> Any:
        return json.loads(self._content)

    def read(self) -> bytes:
        return self._content

    def iter_raw(self, **kwargs: Any) -> Iterator[bytes]:
        yield self._content

    def iter_bytes(self, **kwargs: Any) -> Iterator[bytes]:
        yield self._content

    def raise_for_status(self) -> None:
        if self._status >= 400:
            raise HttpResponseError(response=self)

    def close(self) -> None:
        self._closed = True

    def __enter__(self) -> _MemoryResponse:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class OpenAzure:
    """What `acrlab.clients` needs of an emulated Azure: a way in, a credential and the subscription's id."""

    def __init__(self, path: Path | None) -> None:
        self.azure = EmulatedAzure(path)
        self.transport = EmulatorTransport(self.azure)
        self.credential = EmulatorCredential(self.azure)
        self.subscription = self.azure.world.setting("subscription")
        self.path = path

    def options(self) -> dict[str, Any]:
        """What every SDK client is made with: the way here."""
        return {"transport": self.transport}

    def resolve(self, name: str) -> Answer:
        """Ask for a name's addresses where the learner's own computer stands, on the internet."""
        with self.azure.world.transaction():
            return resolve(self.azure.world, name, INTERNET)

    def close(self) -> None:
        self.azure.close()


def open_azure(path: Path | None = None) -> OpenAzure:
    """Open the emulated Azure whose world is in a file; None: a new one in memory.

    Raises: ConfigurationError: the file is not a world, is damaged, or comes from a newer acrlab.
    """
    return OpenAzure(path)


def _wire_request(request: HttpRequest) -> Request:
    url = urlsplit(request.url)
    body = getattr(request, "content", None) or getattr(request, "data", None) or b""
    if hasattr(body, "read"):
        body = body.read()
    elif isinstance(body, Mapping):
        # A form, as the sockets' transport would write it: enumerations that are strings count as their value.
        body = urlencode({name: v.encode() if isinstance(v, str) else v for name, v in body.items()})
    elif not isinstance(body, str | bytes):
        body = b"".join(body)
    return Request(
        method=request.method,
        host=url.hostname or "",
        path=unquote(url.path),
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else body,
        origin=f"{url.scheme}://{url.netloc}",
        vantage=INTERNET,
    )
