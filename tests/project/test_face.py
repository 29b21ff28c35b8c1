"""`import acrlab`: at most 60 names in groups, cheap at run time, known to type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import acrlab
from tools.reference import BEFORE, GROUP_TEXTS

SNIPPET = """
import acrlab

reveal_type(acrlab.ensure_zone)
reveal_type(acrlab.remedies.start_vm)
reveal_type(acrlab.steps.current_access)
lab = acrlab.connect()
reveal_type(lab.dns)
reveal_type(lab.network.private_endpoints.get("g", "e"))
lab.registry.registries.no_such_call
acrlab.ensure_zone(1, 2, 3, nonsense=4)
acrlab.tables.stage("no answer")
acrlab.no_such_name
"""


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


def test_a_type_checker_knows_functions_and_their_arguments(tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text(SNIPPET, "utf-8")
    root = Path(acrlab.__file__).parents[1]
    mypy = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"), str(tmp_path / "snippet.py")]
    said = subprocess.run(mypy, cwd=root, capture_output=True, text=True, check=False).stdout.splitlines()

    told = [line.partition("snippet.py:")[2] for line in said if "snippet.py:" in line]
    assert told[0].startswith('4: note: Revealed type is "def (lab: acrlab.lab.lab.Lab, group: ')
    assert told[0].endswith(') -> azure.mgmt.privatedns.models._models.PrivateZone"')
    assert told[1].startswith('5: note: Revealed type is "def (lab: acrlab.lab.lab.Lab)')
    assert told[2].endswith('.AccessSettings"')
    assert told[3] == '8: note: Revealed type is "azure.mgmt.privatedns._client.PrivateDnsManagementClient"'
    assert told[4].endswith('"azure.mgmt.network.models._models.PrivateEndpoint"')
    assert any(line.startswith('10: error: "RegistriesOperations" has no attribute "no_such_call"') for line in told)
    assert any(line.startswith("11: error: Unexpected keyword argument") for line in told)
    assert any(line.startswith("12: error: Argument 1") for line in told)
    assert any(line.startswith('13: error: Module has no attribute "no_such_name"') for line in told)


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
