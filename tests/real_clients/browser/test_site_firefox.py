"""The web site in Debian's Firefox, which has no JSPI: a chapter gives its stored outputs, and is kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

from tests.real_clients.browser.conftest import CHECKOUT
from tests.real_clients.browser.site_page import THERE, shown

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox") or ""
LONGEST_S = 400


@pytest.mark.skipif(not FIREFOX, reason="Firefox is not installed")
@pytest.mark.skipif("ACRLAB_PUPPETEER" not in os.environ, reason="`make test-browser` installs what drives Firefox")
def test_a_chapter_runs_in_firefox_as_it_is_stored_and_is_kept(address):
    words = ["node", str(Path(__file__).with_name("firefox.mjs")), FIREFOX, address]
    done = subprocess.run(
        [*words, "03-private-link", "04-manual-approval", THERE], capture_output=True, text=True, timeout=LONGEST_S
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    stored = json.loads((CHECKOUT / "notebooks" / "03-private-link.ipynb").read_text("utf-8"))["cells"]
    expected = {cell["id"]: shown(cell["outputs"]) for cell in stored if cell["cell_type"] == "code"}
    plain = [c for c in seen["cells"] if not any("widget-view" in k for o in c["outputs"] for k in o.get("data", {}))]

    assert [cell["id"] for cell in plain if shown(cell["outputs"]) != expected[cell["id"]]] == []
    assert len(plain) > 20
    assert "myPrivateEndpoint" in seen["said"]
    assert seen["away"] == []
