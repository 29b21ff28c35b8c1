"""Crafted secrets of many kinds: none survives a recording, in answers nor in requests, and a scan sees each."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from azure.core.rest import HttpRequest

from acrlab.recordings.bodies import as_recorded, sanitized
from acrlab.recordings.format import Exchange, exchanges
from acrlab.recordings.recorder import Recorder
from acrlab.recordings.sanitize import Pseudonyms
from acrlab.recordings.scan import scan
from acrlab.recordings.sensitive import sightings
from acrlab.settings import Settings
from acrlab.settings.environment import CHAPTER, HOME
from tests.recordings.crafted import CRAFTED, ID, JWT, OPAQUE, SIGNATURE, SUB, TENANT, Crafted, b64, letters

PARITY = Path("/work") / "shared" / "parity" / "recordings.jsonl"
RUNS = "99-x"


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setenv(CHAPTER, RUNS)
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    return Recorder(SimpleNamespace(subscription=SUB), Settings(subscription=SUB), tmp_path / "class.jsonl")


def noted(recorder: Recorder, request: HttpRequest, headers: dict[str, str], content: bytes) -> tuple[str, Exchange]:
    """What a recording holds of an exchange: its text, with all escapes, and what is read from it."""
    recorder.note(request, 200, headers, content)
    path = recorder._path
    return path.read_text("utf-8"), list(exchanges(path, RUNS))[-1]


@pytest.mark.parametrize("name", CRAFTED)
def test_of_an_answer_it_does_not_survive(name: str, recorder: Recorder) -> None:
    one = CRAFTED[name]

    text, read = noted(recorder, HttpRequest("GET", "https://x/y"), {"Content-Type": one.kind}, one.body.encode())

    assert one.secret not in text
    assert one.secret not in read.content.decode()
    assert list(sightings(text)) == []


@pytest.mark.parametrize("name", CRAFTED)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_of_a_request_it_does_not_survive_and_a_replay_finds_it(name: str, kind: str, recorder: Recorder) -> None:
    one = CRAFTED[name]
    headers = {"Content-Type": kind} if kind else {}
    request = HttpRequest("PUT", "https://x/y", headers=headers, content=one.body.encode())

    text, read = noted(recorder, request, {}, b"")

    assert one.secret not in text
    assert sanitized(read.request, Pseudonyms({})) == read.request, "it is its own stand-in, for a replay"


@pytest.mark.parametrize("name", [name for name, one in CRAFTED.items() if one.seen])
def test_a_scan_sees_it(name: str) -> None:
    assert list(sightings(CRAFTED[name].body)) != []


@pytest.mark.parametrize(
    "url",
    [
        f"https://x/y?access_token={OPAQUE}",
        f"https://x/y#access_token={OPAQUE}",
        f"https://x/y?code=geheim77&state={SUB}",
        "https://anna:geheim77" + "@" + "x.de/y",
        f"https://x/y?$skiptoken={b64(ID)}",
        f"https://x/y?t=geheim77&c={letters(40)}&s={SIGNATURE}&h=geheim77",
        "https://x/y?regid=geheim77&p=geheim77",
        f"https://x/{TENANT}/y",
    ],
)
def test_of_an_address_nothing_survives(url: str, recorder: Recorder) -> None:
    text, read = noted(recorder, HttpRequest("GET", url), {"Location": url, "Link": f'<{url}>; rel="next"'}, b"")

    for secret in (OPAQUE, "geheim77", SUB, b64(ID), SIGNATURE, TENANT):
        assert secret not in text
    assert sanitized(read.request, Pseudonyms({})) == read.request


def test_the_lab_s_registry_stays_in_an_address_as_the_article_calls_it() -> None:
    recorded = Pseudonyms({"contosolab42": "myregistry"})
    request = HttpRequest("GET", "https://x/y?t=1&h=contosolab42.azurecr.io")

    assert as_recorded(request, recorded).uri == "https://x/y?t=hidden&h=myregistry.azurecr.io"


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "latin-1"])
def test_what_is_not_utf_8_does_not_stay(coding: str, recorder: Recorder) -> None:
    body = f"ä geheim16 {JWT}".encode(coding)

    _, read = noted(recorder, HttpRequest("GET", "https://x/y"), {}, body)

    assert read.content == b"hidden"


def test_of_a_form_only_what_is_listed_stays(recorder: Recorder) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    request = HttpRequest("POST", "https://x/y", headers=form, content="grant_type=refresh&code=geheim&x=geheim")

    _, read = noted(recorder, request, {}, b"")

    assert read.request.body == b"grant_type=refresh&code=hidden&x=hidden"


def in_json(one: Crafted) -> tuple[str, bytes]:
    return "x.json", json.dumps({"a": [one.body]}).encode()


def in_notebook(one: Crafted) -> tuple[str, bytes]:
    lines = one.body.splitlines(keepends=True)
    outputs = [{"output_type": "stream", "name": "stdout", "text": lines}]
    return "x.ipynb", json.dumps({"cells": [{"source": [], "outputs": outputs}], "metadata": {}}).encode()


def in_headers(one: Crafted) -> tuple[str, bytes]:
    line = {"chapter": "00-a", "response": {"headers": {"location": [one.body]}}}
    return "x.jsonl", json.dumps(line).encode() + b"\n"


def in_base64(one: Crafted) -> tuple[str, bytes]:
    return "x.txt", b"data " + base64.b64encode(one.body.encode())


def in_gzip(one: Crafted) -> tuple[str, bytes]:
    return "x.gz", gzip.compress(one.body.encode())


PLACES = (in_json, in_notebook, in_headers, in_base64, in_gzip)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [name for name, one in CRAFTED.items() if one.seen])
def test_a_scan_sees_it_in_every_place(
    name: str, place: Callable[[Crafted], tuple[str, bytes]], tmp_path: Path
) -> None:
    file, content = place(CRAFTED[name])
    (tmp_path / file).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(file, content)

    assert {leak.file.name for leak in scan([tmp_path]).leaks} == {file, "whole.zip"}


@pytest.mark.skipif(not PARITY.exists(), reason="the recordings of real answers are not on this computer")
def test_of_real_answers_nothing_sensitive_stays(recorder: Recorder) -> None:
    lines = [json.loads(line) for line in PARITY.read_text("utf-8").splitlines()][::6]
    for one in lines:
        body = one["request_body"]
        content = {"content": json.dumps(body)} if body else {}
        request = HttpRequest(one["method"], f"https://management.azure.com{one['url']}", **content)
        recorder.note(request, one["status"], one["headers"], json.dumps(one["response_body"]).encode())

    text = recorder._path.read_text("utf-8")
    kinds = {found.kind for line in text.splitlines() for found in sightings(line)}

    assert kinds == set()
    assert "clitest.rg" not in text, "groups of others"
    for tag in ("CostCenter", "tagKey00000", "Creator"):
        assert tag not in text
