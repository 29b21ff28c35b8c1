"""The seam to the Azure SDKs: an azure-core transport without sockets, and a credential of the world's learner."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse

from acrlab.azure.cloud import MANAGEMENT_HOST
from acrlab.azure.dns_answer import Answer
from acrlab.azure.sdk_http import WholeResponse, body_of
from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.core import subscriptions
from acrlab.emulator.core.file_errors import SameFile
from acrlab.emulator.core.http import INTERNET, OUTSIDE, Dropped, FileRegion, Request, Response, Unreachable
from acrlab.emulator.core.notes import Notes
from acrlab.emulator.network.resolver import resolve

OTHER = "Second subscription"  # its name, where a lab that goes across two adds it
# What a client may say of one request; all else ends in a TypeError of requests, as with the SDKs' own transport.
OPTIONS = {"stream", "connection_timeout", "read_timeout", "connection_verify", "connection_cert", "proxies"}


class EmulatorTransport(HttpTransport[HttpRequest, HttpResponse]):
    """Carries SDK requests to an emulated Azure in this process. Pollers and retries sleep on its clock."""

    def __init__(self, azure: EmulatedAzure) -> None:
        self._azure = azure
        self._file = SameFile(azure.world.path)

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self._file.require()
        for unknown in kwargs.keys() - OPTIONS:
            raise TypeError(f"Session.request() got an unexpected keyword argument {unknown!r}")
        asked = _wire_request(request)
        try:
            if asked.host == MANAGEMENT_HOST:
                answer = self._azure.manage(asked)
            else:
                answer = self._azure.delivery.deliver(asked)
        except Dropped as problem:
            raise (ServiceResponseError if problem.done else ServiceRequestError)(str(problem)) from problem
        except Unreachable as problem:
            kind = ServiceResponseError if problem.reason == "timeout" else ServiceRequestError
            raise kind(f"Failed to reach {problem}") from problem
        return _whole(request, answer)

    def sleep(self, duration: float) -> None:
        """Wait in virtual time. Threads that wait at the same time wait together, as they would in real time."""
        world = self._azure.world
        world.advance_to(world.moment + duration)

    def open(self) -> None:
        """Do nothing: there is no connection to open."""

    def close(self) -> None:
        """Do nothing: there is no connection to close."""

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


class OpenAzure:
    """What `acrlab.lab.lab` needs of an emulated Azure: a way in, a credential, the subscription's id and a memory."""

    def __init__(self, path: Path | None) -> None:
        self.azure = EmulatedAzure(path)
        self.transport = EmulatorTransport(self.azure)
        self.credential = EmulatorCredential(self.azure)
        self.subscription = self.azure.world.setting("subscription")
        self.memory = Notes(self.azure.world)
        self.path = path

    def other_subscription(self) -> str:
        """Return the id of the first added subscription that the learner owns; without one, add it."""
        world = self.azure.world
        with world.transaction():
            owned = [one for one in subscriptions.added(world) if one.role == "Owner"]
            return (owned[0] if owned else subscriptions.add(world, OTHER)).id

    def options(self) -> dict[str, Any]:
        """Return what every SDK client is made with: the way here."""
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


def _whole(request: HttpRequest, answer: Response) -> WholeResponse:
    content = answer.raw
    binary = isinstance(answer.body, bytes | FileRegion)
    kind = "application/octet-stream" if binary else "application/json; charset=utf-8"
    headers = {"Content-Type": kind, "Content-Length": str(len(content)), **answer.headers}
    return WholeResponse(request, answer.status, headers, content)


def _wire_request(request: HttpRequest) -> Request:
    url = urlsplit(request.url)
    return Request(
        method=request.method,
        host=url.hostname or "",
        path=unquote(url.path),
        query={name.lower(): value for name, value in parse_qsl(url.query, keep_blank_values=True)},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body_of(request),
        origin=f"{url.scheme}://{url.netloc}",
        vantage=INTERNET,
        clock=OUTSIDE,  # the SDK keeps tokens by the computer's
    )
