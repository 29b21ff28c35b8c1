"""What is deployed on Kubernetes: the chart's values by its own schema, and the image's description by the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VALUES = ROOT / "deploy" / "values.yaml"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
NAMED = os.environ.get("ACRLAB_Z2JH_SCHEMA")
SCHEMA = Path(NAMED) if NAMED else ROOT.parent / "shared" / "z2jh" / "values.schema.yaml"
at_hand = pytest.mark.skipif(not SCHEMA.exists(), reason="the chart's schema is not here: ACRLAB_Z2JH_SCHEMA names it")


def values() -> Any:
    return yaml.safe_load(VALUES.read_text("utf-8"))


def partial(node: Any) -> Any:
    """The schema for values that are merged with the chart's own: nothing in it is required."""
    if isinstance(node, dict):
        return {k: partial(v) for k, v in node.items() if not (k == "required" and isinstance(v, list))}
    return [partial(one) for one in node] if isinstance(node, list) else node


def wrong(given: Any) -> str:
    """The first thing that the chart would refuse; empty: it takes these values."""
    try:
        fastjsonschema.validate(partial(yaml.safe_load(SCHEMA.read_text("utf-8"))), given)
    except fastjsonschema.JsonSchemaValueException as problem:
        return str(problem.message)
    return ""


@at_hand
def test_the_values_are_as_the_chart_wants_them() -> None:
    assert wrong(values()) == ""


@at_hand
@pytest.mark.parametrize(("path", "value"), [(("memory", "limt"), "1G"), (("startTimeout",), "5m"), (("imge",), {})])
def test_a_mistake_would_be_found(path: tuple[str, ...], value: object) -> None:
    given = values()
    place = given["singleuser"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value

    assert wrong(given) != ""


def test_the_image_is_that_of_this_version() -> None:
    assert values()["singleuser"]["image"]["tag"] == VERSION
    assert f":{VERSION} ." in DOCKERFILE


def test_the_kernels_start_file_is_where_the_image_has_it() -> None:
    base = re.search(r"ARG BASE=\S+/python:(\d\.\d+)", DOCKERFILE)
    target = re.search(r"deploy/install (\S+) ", DOCKERFILE)
    assert base
    assert target
    told = values()["singleuser"]["extraEnv"]["PYTHONSTARTUP"]
    inside = told.removeprefix(f"{target[1]}/lib/python{base[1]}/site-packages/")
    assert (ROOT / inside).is_file()
    assert f"ENV PATH={target[1]}/bin:$PATH" in DOCKERFILE


def test_a_learner_s_disk_is_mounted_where_the_server_works() -> None:
    home = values()["singleuser"]["storage"]["homeMountPath"]
    assert f"--home-dir {home} --uid 1000" in DOCKERFILE
    assert f"WORKDIR {home}\n" in DOCKERFILE


def test_what_the_image_is_built_of_is_not_left_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    assert not {"acrlab", "notebooks", "docs", "tools", "deploy", "constraints.txt", "pyproject.toml"} & {*ignored}


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell here")
def test_a_server_starts_with_the_chapters_and_the_learner_s_settings(tmp_path: Path) -> None:
    shared, home = tmp_path / "class", tmp_path / "home"
    shared.mkdir()
    home.mkdir()
    (shared / "ada.toml").write_text('location = "westeurope"\n')
    (command,) = values()["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"][2:]
    variables = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }

    def start(user: str) -> None:
        words = ["sh", "-c", command.replace("/etc/acrlab/class", str(shared))]
        subprocess.run(words, cwd=home, env={**variables, "JUPYTERHUB_USER": user}, check=True, capture_output=True)

    start("bob")
    assert (home / "course" / "00-start-here.ipynb").is_file()
    assert not (home / "course" / "acrlab.toml").exists()
    start("ada")
    assert (home / "course" / "acrlab.toml").read_text() == 'location = "westeurope"\n'
    (home / "course" / "acrlab.toml").write_text('location = "eastus"\n')
    start("ada")
    assert (home / "course" / "acrlab.toml").read_text() == 'location = "eastus"\n'
