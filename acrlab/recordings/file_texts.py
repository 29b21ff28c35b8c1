"""Extract searchable text from files: archives are unpacked, encoded parts decoded, split strings joined.

The world of an emulated Azure is not read: the keys and ids in it are worth nothing anywhere else.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

SKIPPED = {".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
WORLD = b"SQLite format 3\0"
BESIDE_A_WORLD = re.compile(r"\.db(-wal|-shm|-journal)$")
PACKED = re.compile(r"(?:base64,|\"base64\": \")([A-Za-z0-9+/=\s\\n]{40,})")
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


def texts_of(path: Path) -> Iterator[Place]:
    """Give the texts of a file, each with its place in it; the file's name is one."""
    yield "its name", path.name
    yield from _unpacked(path.name, path.read_bytes())


def _unpacked(name: str, content: bytes) -> Iterator[Place]:
    if content.startswith(WORLD):
        return
    if content.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):  # not gzip, or a part of one: it is read as it is, below
            yield from _unpacked(name.removesuffix(".gz"), gzip.decompress(content))
            return
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from ((f"{member}, {place}", text) for place, text in _unpacked(member, archive.read(member)))
        return
    if content.startswith(b"%PDF"):
        yield from _of_pdf(content)
        return
    text = content.decode("utf-8", "replace") if b"\0" not in content else content.decode("latin-1")
    yield from _of_text(name, text)


def _of_text(name: str, text: str) -> Iterator[Place]:
    """A text as it stands, what its JSON says, and what is encoded in it."""
    if name.endswith(".ipynb"):
        yield from _of_notebook(json.loads(text))
    elif name.endswith((".json", ".jsonl")):
        for number, line in enumerate([text] if name.endswith(".json") else text.splitlines(), 1):
            place = f"line {number}" if name.endswith(".jsonl") else "its text"
            yield place, line
            if name.endswith(".json"):  # a text that is split into lines is put together
                yield from ((place, one) for one in _of_json(line))
    else:
        yield "its text", unescape(text) if name.endswith((".html", ".svg")) else text
        yield from (("its text", one) for one in _of_json(text))
    for found in PACKED.finditer(text):
        with suppress(ValueError):  # not base64 after all
            packed = base64.b64decode(re.sub(r"\\n|\s", "", found[1]), validate=True)
            yield from (("encoded in it", one) for _, one in _unpacked("", packed))


def _of_notebook(document: Mapping[str, Any]) -> Iterator[Place]:
    for number, cell in enumerate(document.get("cells", ()), 1):
        yield from ((f"source of cell {number}", one) for one in _strings(cell.get("source", "")))
        yield from ((f"metadata of cell {number}", one) for one in _strings(cell.get("metadata", {})))
        yield from ((f"output of cell {number}", one) for one in _strings(cell.get("outputs", [])))
    metadata = dict(document.get("metadata", {}))
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
        with suppress(ValueError):
            yield from _strings(json.loads(text))


def _of_pdf(content: bytes) -> Iterator[Place]:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content))
    yield "its title", "\n".join(map(str, (reader.metadata or {}).values()))
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        yield f"page {number}", text
        yield f"page {number}", text.replace("\n", "")  # what did not fit into a line goes on in the next
        for note in page.get("/Annots") or ():
            yield f"link on page {number}", str(note.get_object().get("/A", ""))
