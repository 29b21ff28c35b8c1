"""Canaries of every kind in every place that something is written to: the scanner sees each of them."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from acrlab.cli.app import main
from acrlab.doctor.observe import observe
from acrlab.errors import ConfigurationError
from acrlab.handouts import EDITIONS, make
from acrlab.lab.lab import Lab
from acrlab.recordings.format import About, Exchange, Request, append, begin
from acrlab.recordings.scan import Scan, scan
from acrlab.runs import run
from acrlab.runs.display import Lines
from acrlab.runs.notebooks import find
from acrlab.snapshot import save
from tests.canaries import CANARIES, GUID

ALL = "\n".join(CANARIES.values())
Write = Callable[..., Path]


def kinds(found: Scan, place: str) -> set[str]:
    return {leak.kind for leak in found.leaks if leak.place.startswith(place)}


@pytest.fixture(scope="module")
def canary_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one notebook with the canaries in its source, its metadata, its widget state, and all that it writes."""
    folder = tmp_path_factory.mktemp("canaries")
    sources = [
        "import acrlab.runs.record",
        "\n".join(f"# {line}" for line in ALL.splitlines()),
        f"print({ALL!r})",
        f"display({{'text/plain': 'x', 'text/html': {ALL!r}}}, raw=True)",
        f"acrlab.runs.record.keep_fact('fact', {ALL!r})",
        f"import sys; sys.__stderr__.write({ALL!r}); sys.__stderr__.flush(); get_ipython().kernel.log.error({ALL!r})",
        f"raise RuntimeError({ALL!r})",
    ]
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": s, "outputs": [], "execution_count": None}
        for n, s in enumerate(sources)
    ]
    cells[0]["metadata"] = {"note": ALL}
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"state": {"value": ALL}}}}}
    document = {
        "cells": cells,
        "metadata": {"kernelspec": spec, "widgets": widgets},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "00-canary.ipynb").write_text(json.dumps(document), "utf-8")
    order = run.Order(find(folder / "notebooks"), out=folder / "runs")
    record = run.run(order, Lines(Console(quiet=True)))
    assert record.status == "failed", "its last cell fails"
    return folder


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("notebooks/*.ipynb", "source of cell 2"),
        ("notebooks/*.ipynb", "metadata of cell 1"),
        ("notebooks/*.ipynb", "widget state"),
        ("runs/*/*.ipynb", "output of cell 4"),  # papermill puts a note first
        ("runs/*/*.ipynb", "output of cell 5"),
        ("runs/*/*.ipynb", "output of cell 9"),
        ("runs/*/record.json", "its text"),
        ("runs/*/facts/*.jsonl", "line 1"),
        ("runs/*/kernels.log", "its text"),
    ],
)
def test_a_run_hides_nothing(canary_run: Path, file: str, place: str) -> None:
    assert kinds(scan(canary_run.glob(file)), place) >= {*CANARIES}


def test_a_handout_hides_nothing(canary_run: Path, tmp_path: Path) -> None:
    (page,) = make(
        find(canary_run / "notebooks"),
        edition=EDITIONS["instructor"],
        formats=["html"],
        out=tmp_path,
        dated=date(2026, 1, 5),
        version="0",
    )

    assert kinds(scan([page]), "its text") >= {*CANARIES}


def test_a_snapshot_hides_nothing(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    save(observe(lab), path)
    assert scan([path]).leaks == ()
    text = path.read_text("utf-8").replace(lab.subscription, GUID).replace("contoso42", json.dumps(ALL)[1:-1], 1)
    path.write_text(text, "utf-8")

    assert kinds(scan([path]), "its text") >= {*CANARIES}


def test_a_recording_hides_nothing(tmp_path: Path) -> None:
    """Neither in the text of an answer, which is JSON in JSON, nor in one that is packed and encoded."""
    path = tmp_path / "class.jsonl"
    begin(path, About("2026-01-01", "0", {"owner": ALL}))
    body = json.dumps({"tenantId": GUID, "value": ALL}).encode()
    for content in (body, gzip.compress(body)):
        append(path, "00-a", Exchange(Request("GET", "https://x/", b"", {}), 200, {}, content, 1))

    found = scan([path])

    assert kinds(found, "line 1") >= {*CANARIES}
    assert kinds(found, "line 2") >= {*CANARIES}
    assert kinds(found, "encoded in it") >= {*CANARIES}


def test_a_pdf_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf(ALL.splitlines()))

    assert kinds(scan([path]), "page 1") >= {*CANARIES}


def test_an_archive_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "notebook.ipynb", json.dumps({"cells": [{"source": [f"{line}\n" for line in ALL.splitlines()]}]})
        )

    assert kinds(scan([path]), "notebook.ipynb, source of cell 1") >= {*CANARIES}


def test_a_world_is_not_read_as_nothing_in_it_is_worth_anything(lab: Lab, tmp_path: Path) -> None:
    lab.resources.resource_groups.create_or_update("g", {"location": "westus", "tags": {"owner": CANARIES["id"]}})

    assert scan([tmp_path]).leaks == ()


def test_the_command_says_where_and_what_and_never_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("note.txt").write_text(CANARIES["client secret"], "utf-8")

    with pytest.raises(SystemExit) as ended:
        main(["scan", "note.txt"])

    out = capsys.readouterr().out
    assert ended.value.code == 1
    assert out.splitlines()[-1].split() == ["note.txt", "its", "text", "client", "secret"]
    assert CANARIES["client secret"][:6] not in out


def test_the_command_says_that_there_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("nothing", "utf-8")

    with pytest.raises(SystemExit) as ended:
        main(["scan", str(tmp_path)])

    assert (ended.value.code, capsys.readouterr().out) == (0, "Nothing sensitive in 1 file.\n")


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"paths: there is no nowhere\. Name files or folders that are there\."
    ):
        scan(["nowhere"])


def pdf(lines: Iterable[str]) -> bytes:
    """The smallest PDF that shows lines, its page compressed as those of handouts are."""
    shown = " ".join(f"({line.replace('(', '').replace(')', '')}) Tj T*" for line in lines)
    stream = zlib.compress(f"BT /F1 9 Tf 12 TL 20 700 Td {shown} ET".encode())
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2000 9] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >>>>>>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )
