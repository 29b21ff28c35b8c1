"""A recording: the HTTP of a real run, chapter by chapter, in a file of one exchange a line.

The first line tells how the run was asked for; each of the others is a request, its answer, and the chapter that it
belongs to, as JSON. Lines are written as they happen, so that a run that is killed keeps what was said. Where parts
are put together, an answer that the same request had before is left out, and the line says which time it was. Nothing
sensitive is ever in them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError

Identity = tuple[str, str, str, bytes]
Earlier = dict[Identity, dict[int, bytes]]  # request -> time -> answer
FORM = 2  # of the file; raised when older readers could not read it
READABLE = (1, FORM)
AS_AT = "as_at"  # in place of an answer's body: the same request's earlier time that had the same
CHAPTER_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)
KEPT_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}\.json", re.ASCII)  # of what the lab notes: never a path


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
    lines = [line for _, _, line in _lines(part)]
    replaced = {_chapter(line) for line in lines} | set(new.kept)
    kept = [line for _, name, line in _lines(into) if name not in replaced] if into.exists() else []
    told = sorted((*kept, *_shortened(lines)), key=_chapter)
    head = _line({"acrlab-recording": FORM, **asdict(About(new.made, new.acrlab, new.parameters, old.kept | new.kept))})
    draft = into.with_name(f".{into.name}.new")
    draft.write_text(head + "".join(f"{line}\n" for line in told), "utf-8")
    draft.replace(into)


def about(path: Path) -> About:
    """Read how a recorded run was asked for. Raises: ConfigurationError: the file is not a recording."""
    if path.exists() and not path.is_file():
        raise ConfigurationError("fixtures", f"{path} is not a recording: it is not a file.")
    try:
        with path.open(encoding="utf-8") as file:
            head = json.loads(file.readline())
        form = head.pop("acrlab-recording")
        if form not in READABLE:
            reads = " and ".join(map(str, READABLE))
            raise ConfigurationError("fixtures", f"{path} is of form {form!r}; this acrlab reads {reads}. Update it.")
        told = About(**head)
        _require_plain(told)
        return told
    except FileNotFoundError as problem:
        raise ConfigurationError(
            "fixtures", f"there is no recording {path}. Make one: acrlab run --record."
        ) from problem
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise ConfigurationError("fixtures", f"{path} is not a recording: its first line can't be read.") from problem


def chapters(path: Path) -> tuple[str, ...]:
    """Name the chapters of a recording. Raises: ConfigurationError: the file is not a recording."""
    about(path)
    return tuple(dict.fromkeys(name for _, name, _ in _lines(path)))


def exchanges(path: Path, chapter: str) -> Iterator[Exchange]:
    """Read what was said in a chapter, in order. Raises: ConfigurationError: it is not in the recording."""
    if chapter not in (there := chapters(path)):
        raise ConfigurationError("fixtures", f"{path} has no chapter {chapter}; it has {', '.join(there) or 'none'}.")
    earlier: Earlier = {}
    for number, name, line in _lines(path):
        if name == chapter:
            yield _read(path, number, line, earlier)


def require_readable(path: Path) -> None:
    """Refuse a recording of which any line can't be read. Raises: ConfigurationError."""
    about(path)
    earlier: dict[str, Earlier] = {}
    for number, name, line in _lines(path):
        _read(path, number, line, earlier.setdefault(name, {}))


def _shortened(lines: Iterable[str]) -> Iterator[str]:
    """Leave out what a request was answered at an earlier time: a chapter asks much again and again."""
    first: dict[tuple[str, str, str], int] = {}
    for line in lines:
        one = json.loads(line)
        told = one["response"]
        asked, body = (json.dumps(part, sort_keys=True) for part in (one["request"], told["body"]))
        time = first.setdefault((one["chapter"], asked, body), one["time"])
        if time != one["time"]:
            line = _line({**one, "response": {**told, "body": {AS_AT: time}}}).removesuffix("\n")
        yield line


def _read(path: Path, number: int, line: str, earlier: Earlier) -> Exchange:
    """Read a line. `earlier`: what the chapter's lines before it were answered; this one is noted there."""
    try:
        return _exchange(json.loads(line), earlier)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as problem:
        raise _unreadable(path, number) from problem


def _require_plain(told: About) -> None:
    """Refuse what is of another form than a recorder writes. Raises: TypeError, ValueError."""
    kept = [(chapter, *item) for chapter, files in told.kept.items() for item in files.items()]
    texts = [told.made, told.acrlab, *(one for item in kept for one in item)]
    if not isinstance(told.parameters, dict) or not all(isinstance(one, str) for one in texts):
        raise TypeError("texts are strings, and parameters an object")
    chapters_named = {*told.kept}
    if not all(map(CHAPTER_NAME.fullmatch, chapters_named)) or not all(
        KEPT_NAME.fullmatch(name) for _, name, _ in kept
    ):
        raise ValueError("a name is not plain")


def _lines(path: Path) -> Iterator[tuple[int, str, str]]:
    """The lines after the first: their number, the chapter they belong to, and what they are."""
    try:
        # Lines end at a line feed only: other characters that end lines elsewhere may stand in answers.
        whole = path.read_text("utf-8").removesuffix("\n").split("\n")
    except (OSError, ValueError) as problem:
        raise ConfigurationError("fixtures", f"{path} is not a recording: it can't be read as text.") from problem
    for number, line in enumerate(whole[1:], 2):
        if not CHAPTER_NAME.fullmatch(name := _chapter(line)):
            raise _unreadable(path, number)
        yield number, name, line


def _unreadable(path: Path, number: int) -> ConfigurationError:
    return ConfigurationError("fixtures", f"{path} is not a recording: its line {number} can't be read.")


def _exchange(one: Mapping[str, Any], earlier: Earlier) -> Exchange:
    asked, told = one["request"], one["response"]
    headers, status, time = _single(told["headers"]), told["status"]["code"], one["time"]
    request = Request(asked["method"], asked["uri"], _content(asked["body"]), _single(asked["headers"]))
    texts = (request.method, request.uri, *request.headers.values(), *headers.values())
    if not all(isinstance(text, str) for text in texts) or type(status) is not int or type(time) is not int:
        raise TypeError("a part is not of the kind that a recorder writes")
    if status != 0 and not 100 <= status <= 599:
        raise ValueError("HTTP has no such status")
    answers = earlier.setdefault(identity(request), {})
    answers[time] = answers[told["body"][AS_AT]] if AS_AT in told["body"] else _content(told["body"])
    return Exchange(request, status, headers, answers[time], time)


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def _chapter(line: str) -> str:
    """The chapter of a line, which stands first in it: the rest need not be read."""
    return (line.split('"', 4) + [""] * 4)[3] if line.startswith('{"chapter": "') else ""


def _body(content: bytes) -> dict[str, str]:
    """As text where it is text, so that people can read it."""
    try:
        return {"string": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _content(body: Mapping[str, str]) -> bytes:
    return base64.b64decode(body["base64"], validate=True) if "base64" in body else body["string"].encode()


def _single(headers: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: values[0] for name, values in headers.items()}
