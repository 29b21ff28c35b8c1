"""What a script leaves behind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScriptOutcome:
    """What a script wrote, and how it ended. Bytes that are not text stand in it as `\\udc80` to `\\udcff`."""

    stdout: str
    stderr: str
    exit_code: int
