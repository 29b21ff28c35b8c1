"""The site below a class's address: its files, and a first page that knows of the class."""

from __future__ import annotations

import gzip
import json
import re
import threading

import httpx
import pytest

from acrlab.classroom.hub.site import ALONE, server
from acrlab.errors import ConfigurationError

PREFIX = "/services/site/"
TOLD = {"api": "/services/board/api/", "hub": "/hub/login"}


@pytest.fixture
def served(site):
    (site.parent / "secret.txt").write_text("secret")
    made = server(site, ("127.0.0.1", 0), PREFIX, TOLD)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{made.server_address[1]}") as client:
        yield client
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("path", [PREFIX, f"{PREFIX}index.html", f"{PREFIX}?fresh"])
def test_the_first_page_knows_of_the_class(served, site, path):
    page = served.get(path)

    (told,) = re.findall(r'<script id="class" type="application/json">(.*)</script>', page.text)
    assert json.loads(told) == TOLD
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.text.replace(told, "null") == (site / "index.html").read_text()
    assert ALONE in (site / "index.html").read_text(), "the folder is as it was"


def test_files_come_as_the_site_s_own_server_sends_them(served):
    sent = served.get(f"{PREFIX}code.mjs")

    assert sent.text == "export const a = 1;\n" * 99
    assert sent.headers["Content-Type"] == "text/javascript"
    assert sent.headers["Content-Encoding"] == "gzip"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert int(sent.headers["Content-Length"]) == len(gzip.compress(sent.content, 6))


def test_a_folder_leads_to_its_page_below_the_class_s_address(served):
    assert served.get(f"{PREFIX}lab").headers["Location"] == f"{PREFIX}lab/"
    assert served.get(f"{PREFIX}lab/").text == "the lab"


@pytest.mark.parametrize(
    "path",
    ["/", "/code.mjs", "/services/site", f"{PREFIX}../../secret.txt", f"{PREFIX}%2e%2e/secret.txt", f"{PREFIX}nothing"],
)
def test_nothing_else_is_served(served, path):
    request = served.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())

    answer = served.send(request)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")


def test_a_folder_that_is_no_site_is_not_served(tmp_path):
    with pytest.raises(ConfigurationError, match="is not a site"):
        server(tmp_path, ("127.0.0.1", 0), PREFIX, TOLD)
