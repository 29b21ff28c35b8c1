"""What the documents for contributors name exists: paths, modules, public names."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import acrlab

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/architecture.md", "CONTRIBUTING.md")
# What a reader is told to write.
TO_WRITE = {"tests/emulator/types/test_public_ip_prefix.py", "notebooks/NN-a-claim.ipynb"}
PATH = re.compile(r"(?<![\w/.])(?:\.ci|acrlab|docs|notebooks|tests|tools)/[\w./-]*[\w/]")
MODULE = re.compile(r"\bfrom (acrlab[\w.]*) import|`(acrlab(?:\.[a-z_]+){2,})`")
PUBLIC = re.compile(r"(?<![\w./])acrlab\.([a-z_]+)\(")


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_is_named_exists(document: str) -> None:
    named = {path for path in PATH.findall(text_of(document)) if path not in TO_WRITE}

    assert len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_what_a_reader_is_told_to_write_is_not_there_yet() -> None:
    assert [path for path in sorted(TO_WRITE) if (ROOT / path).exists() or not (ROOT / path).parent.is_dir()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_module_that_is_named_exists(document: str) -> None:
    modules = {name for pair in MODULE.findall(text_of(document)) for name in pair if name}

    assert [name for name in sorted(modules) if importlib.util.find_spec(name) is None] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_function_that_is_named_is_public(document: str) -> None:
    functions = set(PUBLIC.findall(text_of(document)))

    assert functions
    assert [name for name in sorted(functions) if name not in acrlab.__all__] == []


def test_each_thing_to_find_is_where_the_document_says() -> None:
    rows = re.findall(r"\| `(\w+)` in `([\w./]+)` \|", text_of("docs/architecture.md"))

    assert len(rows) > 1
    assert [(name, path) for name, path in rows if f"def {name}(" not in text_of(path)] == []
