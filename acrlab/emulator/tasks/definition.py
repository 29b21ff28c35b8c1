"""What a run is told to do, in one form for all the ways to tell it: steps that build, push, or run a container.

A multi-step task is YAML; read is what `az acr run --cmd` and the documentation's quick tasks write, no more.
Source: https://learn.microsoft.com/azure/container-registry/container-registry-tasks-reference-yaml
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex

from acrlab.emulator.core.http import JSON, ArmError, NotEmulated
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.tasks import dockerfile
from acrlab.emulator.tasks.files import source_of

REMOTE = re.compile(r"(https?|git|oci|ssh)://|git@|github\.com/", re.IGNORECASE)
_VALUE = re.compile(r"\{\{-?\s*\.Values\b")  # what the values of a run are put in for
_STEP = re.compile(r"- (?P<kind>cmd|build|push):\s*(?P<rest>.*)")
_IGNORED = ("version:", "steps:", "disableWorkingDirectoryOverride:", "timeout:", "id:", "#", "---")


def admit(world: World, registry: Resource, asked: JSON, task: Resource | None) -> JSON:
    """Put what a request asks for in one form.

    Raises: ArmError: it makes no sense; NotEmulated: the emulated Azure could not do it.
    """
    if asked.get("noCache"):
        asked = {**asked, "noCache": False}  # nothing is kept between builds
    if task is not None:
        return _of_task(world, registry, asked, task)
    credentials = asked.get("credentials") or {}
    source = str(asked.get("sourceLocation") or "")
    if asked["type"] == "DockerBuildRequest":
        steps = [_build(asked)]
    elif asked["type"] == "FileTaskRunRequest":
        steps = _steps(source_of(world, registry, _local(source)).text(str(asked.get("taskFilePath", ""))))
    else:
        steps = _steps(_decoded(str(asked.get("encodedTaskContent", ""))))
    return _checked(world, registry, {"steps": steps, "source": source, "credentials": credentials})


def _of_task(world: World, registry: Resource, asked: JSON, task: Resource) -> JSON:
    step = task.properties.get("step") or {}
    change = asked.get("overrideTaskStepProperties") or {}
    source = str(change.get("contextPath") or step.get("contextPath") or "")
    if step.get("type") == "Docker":
        merged = {**step, "dockerFilePath": change.get("file") or step.get("dockerFilePath")}
        merged["target"] = change.get("target") or step.get("target")
        merged["arguments"] = [*step.get("arguments", []), *(change.get("arguments") or [])]
        steps = [_build(merged)]
    elif step.get("type") == "EncodedTask":
        steps = _steps(_decoded(step.get("encodedTaskContent", "")))
    else:
        path = str(change.get("file") or step.get("taskFilePath", ""))
        steps = _steps(source_of(world, registry, _local(source)).text(path))
    credentials = task.properties.get("credentials") or {}
    return _checked(world, registry, {"steps": steps, "source": source, "credentials": credentials})


def _build(asked: JSON) -> JSON:
    if asked.get("arguments"):
        raise NotEmulated("build arguments of a run")
    if asked.get("target"):
        raise NotEmulated("the target stage of a build")
    images = [str(name) for name in asked.get("imageNames") or []]
    return {
        "do": "build",
        "images": images,
        "file": str(asked.get("dockerFilePath") or "Dockerfile"),
        "push": bool(asked.get("isPushEnabled", True)) and bool(images),
    }


def _steps(text: str) -> list[JSON]:
    if _VALUE.search(text):
        raise NotEmulated("a task file that is filled in with values")
    found: list[JSON] = []
    for line in (line.strip() for line in text.splitlines()):
        match = _STEP.fullmatch(line)
        if match:
            found.append(_step(match["kind"], match["rest"].strip().strip("'\"")))
        elif line and not line.startswith(_IGNORED):
            raise NotEmulated(f"the line '{line}' of a task file", supported="cmd, build and push as steps")
    if not found:
        raise ArmError(400, "InvalidRunRequest", "The task has no steps.")
    return found


def _step(kind: str, rest: str) -> JSON:
    words = shlex.split(rest.strip("[]").replace(",", " ") if kind == "push" else rest)
    if kind == "push":
        return {"do": "push", "images": words}
    if kind == "cmd":
        return {"do": "cmd", "image": words[0] if words else "", "words": words[1:]}
    images, file, rest_words = [], "Dockerfile", []
    given = iter(words)
    for word in given:
        if word in ("-t", "--tag"):
            images.append(next(given, ""))
        elif word in ("-f", "--file"):
            file = next(given, "")
        else:
            rest_words.append(word)
    if rest_words != ["."]:
        raise NotEmulated(f"build {' '.join(rest_words)} in a task file", supported="-t, -f and the folder .")
    return {"do": "build", "images": images, "file": file, "push": False}


def _decoded(content: str) -> str:
    try:
        return base64.b64decode(content, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise ArmError(400, "InvalidRunRequest", "The encoded task content is not valid base64.") from problem


def _local(source: str) -> str:
    """Return a source that lies in the registry's storage. Raises: NotEmulated: it would have to be fetched."""
    if REMOTE.match(source):
        raise NotEmulated(f"the source {source} of a run", supported="a folder of your own: az acr build … .")
    return source


def _checked(world: World, registry: Resource, step: JSON) -> JSON:
    """Read what will be built, so that what can't be done is said when it is asked for."""
    builds = [one for one in step["steps"] if one["do"] == "build"]
    for one in builds:
        dockerfile.read(source_of(world, registry, _local(step["source"])).text(one["file"]))
    return step
