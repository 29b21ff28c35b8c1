"""Nothing that is committed tells of the machine or the person that made it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The classes of one letter keep these patterns from finding themselves.
START = r"(?<![\w.-])/"  # of a path, not the middle of one
FORBIDDEN = {
    "a machine's path": rf"{START}(hom[e]|User[s])/(?!azureuser)\w|{START}(roo[t]|wor[k])/(?!\.docker)|{START}tm[p]/\w",
    "a path on Windows": r"\b[A-Z]:\\+User[s]",
    "a token": r"\bey[J][\w-]{10,}\.[\w-]{10,}\.",
    "a private key": r"-----BEGI[N] [A-Z ]*PRIVATE KEY",
    "an e-mail address": r"[\w.+-]+@(?!(\w+\.)*(example|contoso)\.)[a-z][\w.-]*\.(com|org|net|io|dev|[a-z]{2})\b",
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
        ("a machine's path", "/".join(["", "home", "ada", "acrlab"])),
        ("a machine's path", "/".join(["", "Users", "ada"])),
        ("a machine's path", "/".join(["", "tmp", "out.ipynb"])),
        ("a path on Windows", "\\".join(["C:", "Users", "ada"])),
        ("a token", "e" + "yJhbGciOiJSUzI1NiJ9.e" + "yJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"),
        ("a private key", "-----BEGIN" + " RSA PRIVATE KEY-----"),
        ("an e-mail address", "ada@" + "lovelace.org"),
        ("a package index", "pip install " + "--index-" + "url x"),
    ],
)
def test_the_pattern_finds(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], f"see {text}")


def test_addresses_made_for_examples_are_let_through() -> None:
    assert not re.search(FORBIDDEN["an e-mail address"], "ada@contoso.com, azureuser@20.62.1.9, image@sha256:92c7f9c9")
