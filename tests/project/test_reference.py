"""The reference in docs/ says what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_of_the_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )

    assert (done.stdout, done.returncode) == ("stale: none\n", 0), f"run `make docs`\n{done.stderr}"
