"""The scanner ends, whatever it is given: in time, in memory, and saying what it did not look at."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from acrlab.recordings.scan import Scan, scan
from tests.canaries import CANARIES

FAR_MORE = "holds far more than its size, not scanned"
SCANNING = """
import re, sys, time
from pathlib import Path
from acrlab.recordings.scan import scan
began = time.process_time()
print([leak.kind for leak in scan([sys.argv[1]]).leaks])
print(time.process_time() - began)
# Of this program alone: what `getrusage` tells begins with what the test's own process had when it started this one.
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def zipped(files: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def gzip_bomb() -> bytes:
    file = BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb") as packed:
        for _ in range(1024):
            packed.write(bytes(2**20))
    return file.getvalue()


def nested_bomb() -> bytes:
    inner = zipped({"zeros": bytes(50 * 2**20)})
    for level in range(3):
        inner = zipped({f"{level}-{n}.zip": inner for n in range(8)})
    return inner


def many_members() -> bytes:
    return zipped({f"{n}.txt": bytes(900_000) for n in range(200)})


BOMBS = {"gzip": gzip_bomb, "zip in zip": nested_bomb, "many members": many_members}


@pytest.mark.table
@pytest.mark.skipif(sys.platform != "linux", reason="what one program took is read from /proc")
@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_a_finding_within_five_seconds_and_200_megabytes(make: Callable[[], bytes], tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(make())

    done = subprocess.run([sys.executable, "-c", SCANNING, str(bomb)], capture_output=True, text=True, check=True)

    found, seconds, megabytes = done.stdout.splitlines()
    assert found == str([FAR_MORE])
    assert float(seconds) < 5
    assert int(megabytes) < 200


def test_archives_in_archives_end(tmp_path: Path) -> None:
    content = b"nothing"
    for _ in range(20):
        content = gzip.compress(content)
    (tmp_path / "deep.gz").write_bytes(content)

    assert [leak.kind for leak in scan([tmp_path]).leaks] == ["archives in archives, not scanned"]


def test_a_file_that_is_too_large_is_a_finding(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(3 * 2**30)

    assert [leak.kind for leak in scan([tmp_path]).leaks] == ["more than 16 MB, not scanned"]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no zip", b"%PDF-1.4 no pdf", b"%PDF-1.4\ntrailer << /Root 1 0 R >>\n%%EOF"]
)
def test_what_cannot_be_unpacked_is_a_finding(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(content)

    assert [leak.kind.endswith("not scanned") for leak in scan([tmp_path]).leaks] == [True]


def test_of_what_is_cut_off_the_rest_is_read(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join(CANARIES.values()).encode() + bytes(range(256)) * 40, mtime=0)
    (tmp_path / "cut.gz").write_bytes(packed[:-12])

    assert {leak.kind for leak in scan([tmp_path]).leaks} >= {*CANARIES}


@pytest.mark.parametrize("content", ["{", "[" * 100_000, json.dumps({"cells": {"a": 1}, "metadata": 3}), "null"])
def test_a_notebook_that_is_none_is_read_as_text(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text(content, "utf-8")

    assert found(scan([tmp_path])) == set()


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-8-sig", "latin-1"])
def test_a_text_is_read_however_it_is_coded(coding: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(("ä " + "\n".join(CANARIES.values())).encode(coding))

    assert found(scan([tmp_path])) >= {*CANARIES}


def found(scanned: Scan) -> set[str]:
    return {leak.kind for leak in scanned.leaks}
