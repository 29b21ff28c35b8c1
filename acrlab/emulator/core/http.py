"""The HTTP vocabulary that every other emulator module speaks.

Nothing here knows about Azure SDKs, sockets, resource types or stored state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from acrlab.emulator.core.lenient_json import read_json

JSON = dict[str, Any]
OWN_FAULT = "The server encountered an internal error. This is a fault of acrlab: please report it."
INSIDE, OUTSIDE = "world", "computer"  # whose clock a caller goes by


@dataclass(frozen=True)
class Vantage:
    """Where a request, or a question for a name, comes from.

    Attributes:
        address: the caller's own address there: private inside a network, public on the internet.
        network: ARM id of the virtual network it stands in; empty on the internet.
        vm: ARM id of the VM that asks; empty where none does.
        egress: the public address that outgoing traffic shows to the internet; empty where there is no way out.
        subnet: ARM id of the subnet it stands in; empty on the internet.
        service: `runs` where a run of a registry's tasks asks, `tasks` where it does so with an identity of its own;
            empty: no service of Azure's.
    """

    address: str
    network: str = ""
    vm: str = ""
    egress: str = ""
    subnet: str = ""
    service: str = ""


# A computer in no virtual network: the learner's own. Source: RFC 5737, TEST-NET-2.
INTERNET = Vantage(address="198.51.100.20", egress="198.51.100.20")


@dataclass(frozen=True)
class Arrival:
    """Where a request came in.

    Attributes:
        address: what the client connected to.
        source: the caller's address as the service sees it.
        endpoint: ARM id of the private endpoint whose address that was; empty: the public front.
        subnet: ARM id of the subnet whose service endpoint the request took; empty: it took none.
        service: that of Azure's that asks, where it may be trusted.
    """

    address: str
    source: str
    endpoint: str = ""
    subnet: str = ""
    service: str = ""


@dataclass(frozen=True)
class Request:
    """One HTTP request as the emulator sees it.

    Attributes:
        method: upper-case HTTP verb.
        host: authority without port, lower case.
        path: decoded path, no query, leading slash.
        query: first value of each query parameter; names lower case.
        headers: lower-case header names.
        body: raw bytes; `b""` when absent.
        origin: what absolute links in the answer start with, e.g. `https://management.azure.com`.
        vantage: where the caller stands.
        doom: code and message with which the operation that it starts will fail; empty: as it comes.
        clock: the one that the caller goes by.
        rest: what of the body is still on its way, of those that are too large to hold. It can be read once, and raises
            Interrupted where the client goes away before its end.
    """

    method: str
    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = ""
    vantage: Vantage = INTERNET
    doom: Mapping[str, str] = field(default_factory=dict)
    clock: str = INSIDE
    rest: Iterable[bytes] = ()

    def tidy(self) -> Request:
        """Return the same with one slash for several: `az resource` writes two where a type has no parent."""
        return replace(self, path=re.sub("/{2,}", "/", self.path)) if "//" in self.path else self

    @property
    def port(self) -> str:
        """`:8443` where the client named a port, else nothing: what the addresses of other hosts here need, too."""
        _, colon, port = self.origin.rpartition(":")
        return f":{port}" if colon and port.isdigit() else ""

    def pieces(self) -> Iterator[bytes]:
        """Return the whole body, piece by piece, as it arrives."""
        if self.body:
            yield self.body
        yield from self.rest

    @property
    def api_version(self) -> str:
        return self.query.get("api-version", "")

    def json(self) -> JSON:
        """Decode the body; no body reads as `{}`.

        Raises: ArmError: 400, as Resource Manager answers.
        """
        try:
            value = read_json(self.body or b"{}")
        except json.JSONDecodeError as problem:
            raise malformed(_unreadable(problem)) from problem
        except UnicodeDecodeError as problem:
            raise malformed("Unable to translate bytes from specified code page to Unicode.") from problem
        except RecursionError as problem:
            raise malformed("The reader's MaxDepth of 512 has been exceeded.") from problem
        if not isinstance(value, dict):
            raise malformed(f"Error converting value {json.dumps(value)[:80]} to type 'ResourceDefinition'. Path ''.")
        return value


@dataclass(frozen=True)
class FileRegion:
    """A part of a file that is the body of an answer: too large to hold, so it is sent in pieces.

    Attributes:
        start, stop: the first byte, and the one behind the last.
    """

    path: Path
    start: int
    stop: int

    def pieces(self, size: int) -> Iterator[bytes]:
        """Return its bytes, so many at a time."""
        left = self.stop - self.start
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.start)
            while left and (piece := file.read(min(size, left))):
                left -= len(piece)
                yield piece


@dataclass(frozen=True)
class Response:
    """One HTTP answer. `body` is JSON to be written, raw bytes, a region of a file, or nothing."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, FileRegion):
            return b"".join(self.body.pieces(2**20))
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ArmError(Exception):
    """A failure that the emulated service reports to its caller as an HTTP answer.

    Attributes:
        details: what goes under `error.details`; None leaves the key out, as Resource Manager itself does.
        target: the property that is wrong, where the service names it (Compute).
        wrapped: False for the services that answer `{code, message}` without `error` (private DNS record sets).
        gateway: True where Resource Manager's front door refuses, and not the service behind it.
        beside: what the service writes beside `error`, such as `{"status": "Failed"}` (registries).
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[JSON] | None = None,
        target: str = "",
        wrapped: bool = True,
        gateway: bool = False,
        headers: Mapping[str, str] | None = None,
        beside: JSON | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.details, self.target, self.wrapped, self.gateway = details, target, wrapped, gateway
        self.headers, self.beside = dict(headers or {}), beside or {}

    @property
    def body(self) -> JSON:
        error: JSON = {"code": self.code, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        if self.target:
            error["target"] = self.target
        return {"error": error, **self.beside} if self.wrapped else error

    def response(self) -> Response:
        cause = {"x-ms-failure-cause": "gateway"} if self.gateway else {}
        return Response(self.status, self.body, {**cause, **self.headers})


def _unreadable(problem: json.JSONDecodeError) -> str:
    """What is wrong with a text that is not JSON, in the words of the reader that Resource Manager uses."""
    at = f"Path '', line {problem.lineno}, position {problem.colno - 1}."
    if problem.pos >= len(problem.doc):
        return f"Unexpected end of content while loading JObject. {at}"
    return f"Unexpected character encountered while parsing value: {problem.doc[problem.pos]}. {at}"


def whole_number(text: str) -> int | None:
    """Read what a client wrote in decimal digits; None: it is no number, or one that nothing has the size of."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def malformed(problem: str) -> ArmError:
    """Return Resource Manager's answer to a body that it can't read."""
    message = f"The request content was invalid and could not be deserialized: '{problem}'."
    return ArmError(400, "InvalidRequestContent", message, gateway=True)


class NotEmulated(ArmError):
    """A part of Azure that this emulator does not model: a 501 that names it, never a silent success."""

    def __init__(self, what: str, supported: str = "") -> None:
        hint = f" Supported: {supported}." if supported else ""
        super().__init__(501, "NotEmulated", f"Not emulated: {what}.{hint}")


class Unreachable(Exception):
    """No answer at all: the name does not resolve, or nothing listens where it leads.

    Attributes:
        host: the name that was asked for.
        reason: `no such host`, `server misbehaving` (no name server answers), `connection refused`, `timeout`,
            `connection reset by peer`, or what is wrong with the certificate, which begins with `certificate`.
        address: where the name led; empty where it led nowhere.
    """

    def __init__(self, host: str, reason: str, address: str = "") -> None:
        super().__init__(f"{host}: {reason}")
        self.host, self.reason, self.address = host, reason, address


class Dropped(Unreachable):
    """The connection broke before an answer came.

    Attributes:
        done: the request was carried out, and only its answer is lost.
    """

    def __init__(self, host: str, *, done: bool) -> None:
        super().__init__(host, "connection reset by peer")
        self.done = done


class Interrupted(Exception):
    """The client went away in the middle of a body: no one waits for an answer."""
