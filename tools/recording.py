#!/usr/bin/env python
"""Records the chapters on an emulated Azure each, served over HTTPS: `make recording` writes tests/fixtures.

What is recorded is what a real subscription would get and say, so that the whole way of a recording is tested: the
SDKs' own transport, a credential, names over DNS, throttling and all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from acrlab.runs.notebooks import find
from acrlab.runs.requirements import runnable
from acrlab.serving.connection import environment
from tests.benchmarks.served_world import ServedWorld

ROOT = Path(__file__).resolve().parents[1]
RECORDING = ROOT / "tests" / "fixtures" / "article.jsonl"
RUN = [sys.executable, "-c", "from acrlab.cli.app import main; main()", "run", "--backend", "azure", "--yes"]


def main() -> None:
    RECORDING.parent.mkdir(exist_ok=True)
    RECORDING.unlink(missing_ok=True)
    chapters, _ = runnable(find(ROOT / "notebooks"), "azure")
    for chapter in chapters:
        record(chapter.name)
    print(f"{RECORDING.relative_to(ROOT)}: {len(chapters)} chapters, {RECORDING.stat().st_size / 1e6:.1f} MB")


def record(chapter: str) -> None:
    """Alone, from an empty world: as its stored outputs are made."""
    with tempfile.TemporaryDirectory(prefix="acrlab-recording-") as folder:
        world = ServedWorld(Path(folder) / "world.db", clock="deterministic")
        try:
            own = {"ACRLAB_HOME": folder, "ACRLAB_SETTINGS": "off"}  # whatever a developer chose for this checkout
            variables = {**os.environ, **environment(world.connection, Path(folder) / "azure"), **own}
            words = ["--only", chapter, "--out", f"{folder}/runs", "--record", str(RECORDING)]
            subprocess.run([*RUN, *words], check=True, env=variables, cwd=ROOT)
        finally:
            world.stop()


if __name__ == "__main__":
    main()
