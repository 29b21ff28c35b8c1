"""The steps that the image is built by, without a container: the environment they make is what a hub can start."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.real_clients.installed.conftest import CHECKOUT

DOCKERFILE = (CHECKOUT / "deploy" / "Dockerfile").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="the image is Linux")
def test_the_image_s_steps_make_an_environment_that_a_hub_can_start(tmp_path: Path) -> None:
    step = re.search(r"^RUN sh /src/(\S+) /opt/acrlab /src && rm -rf /src$", DOCKERFILE, re.MULTILINE)
    assert step
    target = tmp_path / "acrlab"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACRLAB_", "PYTHON", "VIRTUAL"))}

    words = ["sh", str(CHECKOUT / step[1]), str(target), str(CHECKOUT)]

    built = subprocess.run(words, env=kept, cwd=tmp_path, capture_output=True, text=True)

    assert built.returncode == 0, built.stderr
    assert re.fullmatch(r"acrlab \d+\.\d+\.\d+\n", built.stdout)
    for words, said in (
        (["acrlab", "learn", "course", "--no-open"], "Copied "),
        (["acrlab", "class", "--help"], "plan"),
        (["jupyterhub-singleuser", "--version"], "5."),
    ):
        done = subprocess.run(
            [str(target / "bin" / words[0]), *words[1:]], env=kept, cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    assert (tmp_path / "course" / "00-start-here.ipynb").is_file()
