"""Extract searchable text from files: archives are unpacked, encoded parts decoded, split strings joined.

The author of a file does not decide how long that takes: what would be too much is named, and not read. The world of an
emulated Azure is not read: the keys and ids in it are worth nothing anywhere else.
"""

from __future__ import annotations

import base64
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

from acrlab.recordings.encodings import WIDE

SKIPPED = {".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
WORLD = b"SQLite format 3\0"
BESIDE_A_WORLD = re.compile(r"\.db(-wal|-shm|-journal)$")
MOST = 16 * 2**20  # bytes of a file, and of all that is packed in it
DENSE, UNSUSPICIOUS = 20, 2**20  # how many times its own size a file may hold; and what any may, in bytes
PART = 2**18  # bytes that are unpacked at once
SAME = re.compile(rb"(.)\1{511,}", re.DOTALL)  # says no more than a few of it
OF_DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, zlib.error)
DEEPEST = 6  # archives in archives
PACKED = re.compile(r"(?:base64,|\"base64\": \")([A-Za-z0-9+/=\s\\n]{40,})")
WIDE_PART = "its text of wide letters"
Place = tuple[str, str]  # where in the file, and what stands there


def files_in(path: Path) -> Iterator[Path]:
    """List the files of a folder, and of those in it; a file is its own list."""
    if path.is_file():
        yield path
        return
    for one in sorted(path.iterdir()):
        if one.is_dir() and not one.is_symlink() and one.name not in SKIPPED:
            yield from files_in(one)
        elif one.is_file() and not BESIDE_A_WORLD.search(one.name):
            yield one


class TooMuchError(Exception):
    """A file holds more than its size lets expect."""


class Reading:
    """Reads one file, up to its bounds.

    Attributes:
        unread: places of what was not read, each with the reason.
    """

    def __init__(self, path: Path) -> None:
        self.unread: list[Place] = []
        self._path, self._size = path, path.stat().st_size
        self._left = min(MOST, max(UNSUSPICIOUS, DENSE * self._size))

    def texts(self) -> Iterator[Place]:
        """Give the texts of the file, each with its place in it; the file's name is one."""
        yield "its name", self._path.name
        if self._size > MOST:
            self._leave("its text", f"more than {MOST >> 20} MB, not scanned")
        else:
            try:
                yield from self._unpacked(self._path.name, self._path.read_bytes(), DEEPEST)
            except TooMuchError:
                self._leave("its text", "holds far more than its size, not scanned")

    def _unpacked(self, name: str, content: bytes, depth: int) -> Iterator[Place]:
        if content.startswith(WORLD):
            return
        if not depth and content.startswith((b"\x1f\x8b", b"PK\x03\x04")):
            self._leave("its text", "archives in archives, not scanned")
        elif content.startswith(b"\x1f\x8b"):
            if inner := self._whole(_of_gzip(content)):
                yield from self._unpacked(name.removesuffix(".gz"), inner, depth - 1)
            else:  # not gzip after all
                yield from _of_bytes(name, content)
        elif content.startswith(b"PK\x03\x04"):
            yield from self._of_zip(content, depth)
        elif content.startswith(b"%PDF"):
            yield from self._of_pdf(content)
        else:
            for place, text in _of_bytes(name, content):
                yield place, text
                if place != WIDE_PART:
                    yield from self._of_packed(text, depth)

    def _of_zip(self, content: bytes, depth: int) -> Iterator[Place]:
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                for member in archive.infolist():
                    yield f"name of {member.filename}", member.filename
                    with archive.open(member) as file:
                        inner = self._whole(iter(partial(file.read, PART), b""))
                    for place, text in self._unpacked(member.filename, inner, depth - 1):
                        yield f"{member.filename}, {place}", text
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError, zlib.error):
            self._leave("its text", "an archive that can't be unpacked, not scanned")  # damaged, or locked

    def _of_packed(self, text: str, depth: int) -> Iterator[Place]:
        for found in PACKED.finditer(text):
            with suppress(ValueError):  # not base64 after all
                packed = base64.b64decode(re.sub(r"\\n|\s", "", found[1]), validate=True)
                if depth:
                    yield from (("encoded in it", one) for _, one in self._unpacked("", packed, depth - 1))

    def _of_pdf(self, content: bytes) -> Iterator[Place]:
        from pypdf.errors import PyPdfError

        try:
            yield from _of_pages(content)
        except (
            PyPdfError,
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
            zlib.error,
        ):
            self._leave("its text", "a PDF that can't be read, not scanned")
            yield from _of_bytes("", content)

    def _whole(self, parts: Iterator[bytes]) -> bytes:
        """What an archive holds, or what can be read of it. Raises: TooMuchError: more than may be."""
        read = bytearray()
        with suppress(OSError, EOFError, zlib.error):  # cut off, or not packed so at all
            for part in parts:
                read += part
                if len(read) > self._left:
                    raise TooMuchError
        self._left -= len(read)
        return bytes(read)

    def _leave(self, place: str, why: str) -> None:
        self.unread.append((place, why))


def _of_gzip(content: bytes) -> Iterator[bytes]:
    """What is packed, part by part; where it is damaged, what stands before."""
    while content.startswith(b"\x1f\x8b"):
        unpack = zlib.decompressobj(wbits=31)
        while content and not unpack.eof:
            yield unpack.decompress(content, PART)
            content = unpack.unconsumed_tail
        content = unpack.unused_data


def _of_bytes(name: str, content: bytes) -> Iterator[Place]:
    content = SAME.sub(lambda run: run[0][:64], content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield from _of_text(name, content.decode("utf-16", "replace"))
    elif b"\0" in content:
        yield from _of_text(name, content.decode("latin-1"))
        yield WIDE_PART, b"\n".join(run[0].replace(b"\0", b"") for run in WIDE.finditer(content)).decode("latin-1")
    else:
        yield from _of_text(name, content.decode("utf-8", "replace"))


def _of_text(name: str, text: str) -> Iterator[Place]:
    """A text as it stands, what its JSON says, and what is encoded in it."""
    notebook = _json(text) if name.endswith(".ipynb") else None
    if isinstance(notebook, dict):
        yield from _of_notebook(notebook)
    elif name.endswith((".json", ".jsonl")):
        for number, line in enumerate([text] if name.endswith(".json") else text.splitlines(), 1):
            place = f"line {number}" if name.endswith(".jsonl") else "its text"
            yield place, line
            if name.endswith(".json"):  # a text that is split into lines is put together
                yield from ((place, one) for one in _of_json(line))
    else:
        yield "its text", unescape(text) if name.endswith((".html", ".svg")) else text
        yield from (("its text", one) for one in _of_json(text))


def _of_notebook(document: Mapping[str, Any]) -> Iterator[Place]:
    cells = document.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else (), 1):
        if not isinstance(cell, dict):
            continue
        yield from ((f"source of cell {number}", one) for one in _strings(cell.get("source", "")))
        yield from ((f"metadata of cell {number}", one) for one in _strings(cell.get("metadata", {})))
        yield from ((f"output of cell {number}", one) for one in _strings(cell.get("outputs", [])))
    metadata = document.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {"": metadata}
    yield from (("widget state", one) for one in _strings(metadata.pop("widgets", {})))
    yield from (("metadata", one) for one in _strings(metadata))


def _strings(value: Any, key: str = "") -> Iterator[str]:
    """Every string that JSON holds, with the key that it stands under; one that is split into lines is put together."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield name
            yield from _strings(one, name)
    elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        yield f"{key}: {''.join(value)}"
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, key)
    elif isinstance(value, str):
        yield f"{key}: {value}"
        yield from _of_json(value)


def _of_json(text: str) -> Iterator[str]:
    """The strings of a text that is JSON itself, as bodies of requests are; of any other text none."""
    if text.startswith(("{", "[")):
        with suppress(RecursionError):
            yield from _strings(_json(text))


def _json(text: str) -> Any:
    """What JSON says; None: it is not JSON, or deeper than anything that people write."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_pages(content: bytes) -> Iterator[Place]:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content))
    yield "its title", "\n".join(map(str, (reader.metadata or {}).values()))
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        yield f"page {number}", text
        yield f"page {number}", text.replace("\n", "")  # what did not fit into a line goes on in the next
        for note in page.get("/Annots") or ():
            yield f"link on page {number}", str(note.get_object().get("/A", ""))
