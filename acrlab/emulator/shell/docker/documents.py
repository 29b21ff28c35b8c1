"""Reads what a registry sends of an image: anyone who could push wrote it, so it may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.http import JSON
from acrlab.emulator.shell.docker.client import DockerProblem


def index_of(raw: bytes) -> JSON:
    """Read a list of manifests. Raises: DockerProblem: it is none."""
    index = _object(raw, "manifest list")
    entries = index.get("manifests")
    if not isinstance(entries, list) or not all(isinstance(e, dict) and _is(e.get("platform"), dict) for e in entries):
        raise DockerProblem("invalid manifest list: manifests")
    return index


def manifest_of(raw: bytes) -> JSON:
    """Read an image's manifest. Raises: DockerProblem: it is none, or names no configuration or layers."""
    manifest = _object(raw, "manifest")
    layers = manifest.get("layers")
    for name, parts in (("config", [manifest.get("config")]), ("layers", layers)):
        if not isinstance(parts, list) or not all(
            isinstance(p, dict) and isinstance(p.get("digest"), str) for p in parts
        ):
            raise DockerProblem(f"invalid manifest: {name}")
    return manifest


def require_configuration(raw: bytes) -> None:
    """Require an image's configuration that a container can be made of. Raises: DockerProblem: it is none."""
    config = _object(raw, "image configuration")
    settings, rootfs = config.get("config"), config.get("rootfs")
    fits = {
        "created": _is(config.get("created"), str),
        "config": _is(settings, dict),
        "rootfs": _is(rootfs, dict) and _is_words((rootfs or {}).get("diff_ids")),
        **{
            name: _is(settings, dict) and _is_words((settings or {}).get(name)) for name in ("Entrypoint", "Cmd", "Env")
        },
    }
    for wrong in (name for name, fit in fits.items() if not fit):
        raise DockerProblem(f"invalid image configuration: {wrong}")


def _object(raw: bytes, what: str) -> JSON:
    try:
        found = json_depth.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise DockerProblem(f"invalid {what}: {problem}") from problem
    if not isinstance(found, Mapping):
        raise DockerProblem(f"invalid {what}: it is not an object")
    return dict(found)


def _is(value: Any, kind: type) -> bool:
    return value is None or isinstance(value, kind)


def _is_words(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(word, str) for word in value))
