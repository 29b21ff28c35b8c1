"""The emulated `az acr check-health` says what the real one says: its texts are those of the installed CLI."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from acrlab.emulator.shell.azure_cli import check_health
from acrlab.emulator.shell.azure_cli.check_health import ERRORS, IMAGE
from acrlab.serving import azure_cli

SAID = (
    "DNS routing to registry",
    "through private IP is incorrect. Expect: %s, Actual: %s",
    "Error resolving DNS for %s. Ex: %s",
    "DNS routing to private endpoint",
    "DNS routing verification failed",
    "Challenge endpoint {}",
    "DNS lookup to {} at IP {}",
    "Fetch refresh token for registry",
    "Fetch access token for registry",
    "Please make sure you provided correct vnet",
    "Registry name must be provided to check connectivity.",
)


@pytest.fixture(scope="module")
def folder(world) -> Path:
    """Where the installed CLI has its commands for registries."""
    if not azure_cli.is_installed():
        pytest.skip("az is not installed")
    (found,) = Path(azure_cli.program()).parents[1].glob("lib/*/site-packages/azure/cli/command_modules/acr")
    return found


def test_its_errors_are_the_real_ones(folder):
    look = (
        "import json, sys\n"
        "from azure.cli.command_modules.acr import _errors as e\n"
        "print(json.dumps({k: getattr(e, k).error_message for k in sys.argv[1:]}))"
    )
    python = Path(azure_cli.program()).parent / "python"
    done = subprocess.run([python, "-c", look, *ERRORS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    real = json.loads(done.stdout)

    assert {name: text.partition("\nFailed to run")[0] for name, text in ERRORS.items()} == real


def test_its_sentences_are_in_the_real_ones_source(folder):
    source = (folder / "check_health.py").read_text("utf-8")
    own = Path(check_health.__file__).read_text("utf-8")

    assert [text for text in SAID if text not in source] == []
    assert IMAGE in source
    assert "DNS routing to private endpoint" in own
