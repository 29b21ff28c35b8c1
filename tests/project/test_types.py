"""The types: right in the library, and known to a reader's type checker. The second look is quick after the first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import acrlab

ROOT = Path(acrlab.__file__).parents[1]
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


def _mypy(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "mypy", *arguments]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")


def test_the_types_are_right() -> None:
    said = _mypy()

    assert said.returncode == 0, said.stdout + said.stderr


def test_a_type_checker_knows_functions_and_their_arguments(tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text(SNIPPET, "utf-8")
    said = _mypy("--config-file", "pyproject.toml", str(tmp_path / "snippet.py")).stdout.splitlines()

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
