"""What `tests/mutants/` says of the modules that guard something, and what was found out about them so far."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parents[2]
GUARDED = HERE / "tests" / "mutants"
FOUND = HERE / "mutants"  # kept by no one but this computer


class Change(NamedTuple):
    """One thing that is changed, told by what stands there: a number would move with the code."""

    function: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Guarded:
    """A module, and what is said of it.

    Attributes:
        name: of its file in `tests/mutants/`.
        path: of the module.
        tests: that guard it, as pytest takes them.
        explained: changes that may go unnoticed -> why.
    """

    name: str
    path: Path
    tests: tuple[str, ...]
    explained: dict[Change, str]

    @property
    def module(self) -> str:
        return ".".join(self.path.relative_to(HERE).with_suffix("").parts)

    def found(self) -> dict[str, str]:
        """Key of a change, as `changes` makes them -> what became of it when it was tried last."""
        path = self._record
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return dict(json.loads(line) for line in lines)

    def note(self, key: str, became: str) -> None:
        """Keep what became of a change, so that a run that is stopped goes on where it was."""
        FOUND.mkdir(exist_ok=True)
        with self._record.open("a", encoding="utf-8") as record:
            record.write(json.dumps([key, became]) + "\n")

    def forget(self) -> None:
        self._record.unlink(missing_ok=True)

    @property
    def _record(self) -> Path:
        return FOUND / f"{self.name}.jsonl"


def guarded(*names: str) -> Iterator[Guarded]:
    """Read what is said of modules; of all, unless told."""
    for path in [GUARDED / f"{name}.toml" for name in names] or sorted(GUARDED.glob("*.toml")):
        said = tomllib.loads(path.read_text("utf-8"))
        explained = {Change(*(one[name] for name in Change._fields)): one["why"] for one in said.get("explained", ())}
        yield Guarded(path.stem, HERE / said["module"], tuple(said["tests"]), explained)
