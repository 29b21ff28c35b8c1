"""Print pages with an installed browser, Chromium, Chrome or Edge, without a window and without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from acrlab import capabilities
from acrlab.errors import ConfigurationError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
LONGEST_S = 120
QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # a page that asked for something would be printed without it
)


def browser() -> str:
    """Find a browser: the variable ACRLAB_BROWSER, or the PATH. Raises: ConfigurationError: there is none."""
    capabilities.require_processes("Printing a PDF")
    found = os.environ.get("ACRLAB_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        message = "a PDF is printed by a browser, and there is none. Install Chromium, or name one in ACRLAB_BROWSER."
        raise ConfigurationError("--format", message)
    return found


def print_pages(pages: Sequence[Path]) -> list[Path]:
    """Print each page to a PDF beside it. Returns: the PDFs. Raises: ConfigurationError: no browser, or it failed."""
    program = browser()
    return [_printed(program, page) for page in pages]


def _printed(program: str, page: Path) -> Path:
    target = page.with_suffix(".pdf")
    target.unlink(missing_ok=True)
    # A sandbox needs rights that root in a container does not have; the page is our own.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="acrlab-", ignore_cleanup_errors=True) as profile:
        words = [
            program,
            *QUIET,
            *root,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={target}",
            page.resolve().as_uri(),
        ]
        done = subprocess.run(words, capture_output=True, text=True, timeout=LONGEST_S)
    if done.returncode or not target.exists():
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ConfigurationError("--format", f"{Path(program).name} could not print {page.name}: {reason}")
    return target
