"""`import acrlab`: at most 60 names in groups, cheap at run time, seen by type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import acrlab
from tools.reference import BEFORE, GROUP_TEXTS


def _imported(module: Any) -> set[tuple[str, str]]:
    """Module and name of each import that only a type checker sees."""
    (block,) = (
        node
        for node in ast.parse(Path(module.__file__).read_text("utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        (one.module or "", name.name) for one in block.body if isinstance(one, ast.ImportFrom) for name in one.names
    }


def test_the_face_has_at_most_60_names() -> None:
    assert len(acrlab.__all__) <= 60
    assert len(set(acrlab.__all__)) == sum(len(names) for homes in acrlab.GROUPS.values() for names in homes.values())


@pytest.mark.parametrize("module", [acrlab, acrlab.steps])
def test_type_checkers_see_the_names_that_there_are(module: Any) -> None:
    assert {name for _, name in _imported(module)} == set(module.__all__)
    for home, name in _imported(module):
        value = getattr(module, name)
        assert value is getattr(sys.modules[home], name), name


def test_no_name_of_a_face_is_loaded_before_it_is_used() -> None:
    look = "import sys, acrlab; print(sorted(m for m in sys.modules if m.startswith(('acrlab', 'azure'))))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['acrlab']"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'acrlab' has no attribute 'nowhere'"):
        acrlab.nowhere  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"module 'acrlab\.steps' has no attribute 'nowhere'"):
        acrlab.steps.nowhere  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("group", acrlab.GROUPS)
def test_the_example_of_a_group_runs(group: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)
    names: dict[str, Any] = {}

    exec(BEFORE + GROUP_TEXTS[group][1], names)

    names["lab"].close()


def test_the_source_of_a_step_is_code_in_a_notebook_and_text_elsewhere() -> None:
    shown = acrlab.source(acrlab.ensure_zone)

    assert repr(shown).startswith("def ensure_zone(lab: Lab")
    assert "lab.dns.private_zones, body" in repr(shown)
    assert shown._repr_markdown_() == f"```python\n{shown!r}\n```"
