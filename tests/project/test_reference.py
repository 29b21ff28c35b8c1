"""The reference in docs/ says what the code says."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_of_the_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )

    assert (done.stdout, done.returncode) == ("stale: none\n", 0), f"run `make docs`\n{done.stderr}"


def test_the_readme_leads_to_the_site_where_it_is_published() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "reference.py"))

    assert made["try_it"]("https://example.com/course/").startswith(
        "**[Try it in your browser](https://example.com/course/)**"
    )
    below = (ROOT / "README.md").read_text("utf-8").partition("picture.svg")[2].split("\n\n")[1]
    assert "browser" in below.splitlines()[0]
