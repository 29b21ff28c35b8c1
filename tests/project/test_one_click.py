"""What opens the course elsewhere with one click: a dev container by its own rules, and Binder by the environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import fastjsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / ".devcontainer" / "devcontainer.json"
CONTAINER = json.loads(FILE.read_text("utf-8"))
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
TEXT = {"type": "string", "minLength": 1}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
# What a container that is built may say, as far as this one does. Source: https://containers.dev/implementors/json_reference/
RULES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "build"],
    "properties": {
        "name": TEXT,
        "build": {
            "type": "object",
            "additionalProperties": False,
            "required": ["dockerfile"],
            "properties": {"dockerfile": TEXT, "context": TEXT, "target": TEXT, "args": {"type": "object"}},
        },
        "remoteUser": TEXT,
        "hostRequirements": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "cpus": {"type": "integer", "minimum": 1},
                "memory": {"type": "string", "pattern": r"^\d+([tgmk]b)?$"},
                "storage": {"type": "string", "pattern": r"^\d+([tgmk]b)?$"},
            },
        },
        "forwardPorts": {"type": "array", "items": PORT},
        "portsAttributes": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "label": TEXT,
                    "onAutoForward": {"enum": ["notify", "openBrowser", "openBrowserOnce", "silent", "ignore"]},
                    "protocol": {"enum": ["http", "https"]},
                    "requireLocalPort": {"type": "boolean"},
                },
            },
        },
        "postAttachCommand": TEXT,
    },
}


def refused(given: object) -> bool:
    try:
        fastjsonschema.validate(RULES, given)
    except fastjsonschema.JsonSchemaValueException:
        return True
    return False


def test_the_container_is_described_as_the_specification_wants_it() -> None:
    assert not refused(CONTAINER)


@pytest.mark.parametrize(
    "mistake",
    [
        {"dockerFile": "Dockerfile"},
        {"build": {"context": ".."}},
        {"forwardPorts": ["8888"]},
        {"hostRequirements": {"memory": "4 GB"}},
        {"portsAttributes": {"8888": {"onAutoForward": "open"}}},
    ],
    ids=str,
)
def test_a_mistake_would_be_found(mistake: dict[str, object]) -> None:
    assert refused({**CONTAINER, **mistake})


def test_it_is_the_image_that_a_class_has_with_the_same_learner() -> None:
    build = CONTAINER["build"]
    assert (FILE.parent / build["dockerfile"]).resolve() == ROOT / "deploy" / "Dockerfile"
    assert (FILE.parent / build["context"]).resolve() == ROOT
    assert re.search(rf"useradd .*--uid 1000 {CONTAINER['remoteUser']}$", DOCKERFILE, re.MULTILINE)


def test_the_port_that_is_led_to_is_the_one_that_jupyterlab_has() -> None:
    (port,) = CONTAINER["forwardPorts"]
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert list(CONTAINER["portsAttributes"]) == [str(port)]
    assert CONTAINER["postAttachCommand"].endswith(f"--port {port}")


def opened(link: str, server: subprocess.Popen[str]) -> Any:
    """Open a link; the server says where it will be a moment before it is there."""
    while server.poll() is None:
        try:
            return urlopen(link)
        except HTTPError:
            raise
        except URLError:
            time.sleep(0.1)
    return pytest.fail(f"the server has ended: {server.returncode}")


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell here")
def test_the_link_that_it_prints_opens_the_first_chapter(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = CONTAINER["postAttachCommand"].replace("8888", str(port))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACRLAB_", "JUPYTER"))}
    place = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    words = ["sh", "-c", f"exec {command}"]
    with subprocess.Popen(words, cwd=tmp_path, env=kept | place, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            said = ""
            for line in server.stderr:
                said += line
                if link := re.search(rf"http://127\.0\.0\.1:{port}/\S+token=\w+", line):
                    break
            else:
                pytest.fail(said)
            assert "/lab/tree/00-start-here.ipynb?" in link[0]
            with opened(link[0], server) as page:
                assert page.status == 200
            token = link[0].partition("token=")[2]
            contents = f"http://127.0.0.1:{port}/api/contents/00-start-here.ipynb?token={token}"
            with opened(contents, server) as chapter:
                assert json.load(chapter)["type"] == "notebook"
        finally:
            server.terminate()
            server.stderr.read()
    assert (tmp_path / "course" / "00-start-here.ipynb").is_file()


def test_binder_is_led_to_the_first_chapter_and_finds_the_environment() -> None:
    links = re.findall(r"https://mybinder\.org/v2/gh/OWNER/REPOSITORY/HEAD\?urlpath=lab/tree/(\S+?)[)`\s]", README)
    assert links
    assert all((ROOT / link).is_file() for link in links)
    assert not (ROOT / "binder").exists()  # which would stand in for the root's environment.yml
    assert not (ROOT / ".binder").exists()
    assert (ROOT / "environment.yml").is_file()
