"""What the lab has to remember of what was there before it: small files, one for each thing and registry.

They are written whole before the change that they are about, so that an interruption at any moment loses nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from acrlab.lab.lab import Lab

__all__ = ["forget", "keep", "kept"]


def keep(lab: Lab, what: str, value: Any) -> None:
    """Remember how something was; what is remembered already counts, until it is forgotten.

    Args:
        what: names it, in kebab-case.
        value: anything that JSON can carry but null.
    """
    path = _file(lab, what)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    draft.replace(path)


def kept(lab: Lab, what: str) -> Any:
    """Read what is remembered; None: nothing is."""
    path = _file(lab, what)
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def forget(lab: Lab, what: str) -> None:
    """Remember it no longer."""
    _file(lab, what).unlink(missing_ok=True)


def _file(lab: Lab, what: str) -> Path:
    return lab.kept_at(f"{what}-{lab.settings.registry_name.lower()}.json")
