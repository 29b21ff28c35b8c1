"""A recording: the HTTP of a real run, chapter by chapter, in a file of one exchange a line.

The first line tells how the run was asked for; each of the others is a request, its answer, and the chapter that it
belongs to, as JSON. Lines are written as they happen, so that a run that is killed keeps what was said. Nothing
sensitive is ever in them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError

Identity = tuple[str, str, str, bytes]
FORM = 1  # of the file; raised when older readers could not read it


@dataclass(frozen=True)
class About:
    """How a recorded run was asked for.

    Attributes:
        parameters: settings that were not the article's, names left out: those are the article's in every recording.
        kept: chapter -> files, by name, that the lab had kept on the computer when the chapter began.
    """

    made: str
    acrlab: str
    parameters: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A request as it stands in a recording; of its headers only those that say what is asked for."""

    method: str
    uri: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        status: HTTP's; 0: there was no answer, and `content` says why.
        time: which occurrence of the same request this is, from 1 on.
    """

    request: Request
    status: int
    headers: dict[str, str]
    content: bytes
    time: int

    @property
    def changes(self) -> bool:
        """Whether the request may have changed something."""
        return self.request.method not in ("GET", "HEAD", "RESOLVE")


def identity(request: Request) -> Identity:
    """Give what makes two requests the same: method, address, part of a blob that is asked for, body."""
    return request.method, request.uri, request.headers.get("Range", ""), request.body


def begin(path: Path, about: About) -> None:
    """Begin a recording, in place of what the file held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_line({"acrlab-recording": FORM, **asdict(about)}), "utf-8")


def append(path: Path, chapter: str, exchange: Exchange) -> None:
    """Add an exchange: a whole line, or after a kill none."""
    request, headers = exchange.request, {name: [value] for name, value in exchange.headers.items()}
    response = {"status": {"code": exchange.status, "message": ""}, "headers": headers, "body": _body(exchange.content)}
    asked = {"method": request.method, "uri": request.uri, "headers": {n: [v] for n, v in request.headers.items()}}
    line = {
        "chapter": chapter,
        "time": exchange.time,
        "request": asked | {"body": _body(request.body)},
        "response": response,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(line))


def merge(part: Path, into: Path) -> None:
    """Put what a part holds into a recording, in place of what that had of the same chapters."""
    new = about(part)
    old = about(into) if into.exists() else new
    lines = part.read_text("utf-8").splitlines()[1:]
    replaced = {_chapter(line) for line in lines} | set(new.kept)
    kept = (
        [line for line in into.read_text("utf-8").splitlines()[1:] if _chapter(line) not in replaced]
        if into.exists()
        else []
    )
    head = _line({"acrlab-recording": FORM, **asdict(About(new.made, new.acrlab, new.parameters, old.kept | new.kept))})
    draft = into.with_name(f".{into.name}.new")
    draft.write_text(head + "".join(f"{line}\n" for line in sorted((*kept, *lines), key=_chapter)), "utf-8")
    draft.replace(into)


def about(path: Path) -> About:
    """Read how a recorded run was asked for. Raises: ConfigurationError: the file is not a recording."""
    try:
        with path.open(encoding="utf-8") as file:
            head = json.loads(file.readline())
        form = head.pop("acrlab-recording")
        if form != FORM:
            raise ConfigurationError("fixtures", f"{path} is of form {form}; this acrlab reads {FORM}. Update it.")
        return About(**head)
    except FileNotFoundError as problem:
        raise ConfigurationError(
            "fixtures", f"there is no recording {path}. Make one: acrlab run --record."
        ) from problem
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise ConfigurationError("fixtures", f"{path} is not a recording: its first line can't be read.") from problem


def chapters(path: Path) -> tuple[str, ...]:
    """Name the chapters of a recording. Raises: ConfigurationError: the file is not a recording."""
    about(path)
    return tuple(dict.fromkeys(_chapter(line) for line in path.read_text("utf-8").splitlines()[1:]))


def exchanges(path: Path, chapter: str) -> Iterator[Exchange]:
    """Read what was said in a chapter, in order. Raises: ConfigurationError: it is not in the recording."""
    if chapter not in (there := chapters(path)):
        raise ConfigurationError("fixtures", f"{path} has no chapter {chapter}; it has {', '.join(there) or 'none'}.")
    for line in path.read_text("utf-8").splitlines()[1:]:
        if _chapter(line) == chapter:
            one = json.loads(line)
            asked, told = one["request"], one["response"]
            request = Request(asked["method"], asked["uri"], _content(asked["body"]), _single(asked["headers"]))
            headers, content = _single(told["headers"]), _content(told["body"])
            yield Exchange(request, told["status"]["code"], headers, content, one["time"])


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def _chapter(line: str) -> str:
    """The chapter of a line, which stands first in it: the rest need not be read."""
    return line.split('"', 4)[3]


def _body(content: bytes) -> dict[str, str]:
    """As text where it is text, so that people can read it."""
    try:
        return {"string": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _content(body: Mapping[str, str]) -> bytes:
    return base64.b64decode(body["base64"]) if "base64" in body else body["string"].encode()


def _single(headers: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: values[0] for name, values in headers.items()}
