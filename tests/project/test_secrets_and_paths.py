"""Nothing that is committed tells of the VM or the person that made it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from acrlab.recordings.scan import scan

ROOT = Path(__file__).resolve().parents[2]

# The classes of one letter keep these patterns from finding themselves.
START = r"(?<![\w.-])/"  # of a path, not the middle of one
FORBIDDEN = {
    "a VM's path": rf"{START}(hom[e]|User[s])/(?!azureuser)\w|{START}(roo[t]|wor[k])/(?!\.docker)|{START}tm[p]/\w",
    "a path on Windows": r"\b[A-Z]:\\+User[s]",
    "a package index": r"pyp[i]\.org/simple|pythonhoste[d]\.org|\s--(extra-)?index-ur[l]\b|\s--find-link[s]\b",
}


def _committed() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def _texts() -> dict[str, str]:
    contents = {path: path.read_bytes() for path in _committed()}
    return {str(p.relative_to(ROOT)): c.decode("utf-8", "replace") for p, c in contents.items() if b"\0" not in c}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout: nothing says what is committed")
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_carries(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [f"{name}: {match[0]}" for name, text in _texts().items() for match in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a VM's path", "/".join(["", "home", "ada", "acrlab"])),
        ("a VM's path", "/".join(["", "Users", "ada"])),
        ("a VM's path", "/".join(["", "tmp", "out.ipynb"])),
        ("a path on Windows", "\\".join(["C:", "Users", "ada"])),
        ("a package index", "pip install " + "--index-" + "url x"),
    ],
)
def test_the_pattern_finds(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], f"see {text}")


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout: nothing says what is committed")
def test_no_committed_file_holds_anything_sensitive() -> None:
    found = scan(_committed())

    assert found.files > 400
    assert found.leaks == ()
