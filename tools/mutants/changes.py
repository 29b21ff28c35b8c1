"""The changes that mutmut makes in a module, and the module that holds all of them, of which one at a time is on."""

from __future__ import annotations

import ast
import difflib
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from mutmut.mutation.file_mutation import mutate_file_contents

from tools.mutants.guarded import Change


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        name: mutmut's, without the module's.
        function: mutmut's name of what was changed.
        key: the same as long as the function, as it was and as it becomes, is the same.
    """

    name: str
    function: str
    key: str
    change: Change


@dataclass(frozen=True)
class Changed:
    """A module with all its changes in it: `source` behaves as the original until one is switched on."""

    source: str
    mutants: tuple[Mutant, ...]


def changed(path: Path) -> Changed:
    """Make all changes of a module."""
    source = mutate_file_contents(str(path), path.read_text("utf-8")).code
    lines = source.splitlines()
    bodies = {
        one.name: "\n".join(lines[one.lineno - 1 : one.end_lineno]).replace(one.name, "", 1)
        for one in ast.walk(ast.parse(source))
        if isinstance(one, ast.FunctionDef) and "__mutmut_" in one.name
    }
    found = []
    for name, body in bodies.items():
        function, _, number = name.rpartition("__mutmut_")
        if number != "orig":
            original = bodies[f"{function}__mutmut_orig"]
            key = hashlib.sha256(f"{function}\n{original}\n{body}".encode()).hexdigest()[:16]
            plain = function.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
            found.append(Mutant(name, function, key, Change(plain, *_difference(original, body))))
    return Changed(source, tuple(found))


def _difference(original: str, body: str) -> tuple[str, str]:
    """The lines that differ, those of each side as one."""
    sides = ([line.strip() for line in side.splitlines()] for side in (original, body))
    both = list(difflib.ndiff(*sides))
    was, becomes = (" ".join(line[2:] for line in both if line[0] == sign) for sign in "-+")
    return was, becomes


class _Loader(SourceFileLoader):
    """Loads a module whose source is another than its file's."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        super().__init__(name, str(path))
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec")


class Instead(MetaPathFinder):
    """Has one module imported with its changes in it."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        if module in sys.modules:
            raise ImportError(f"{module} is imported already, without its changes")
        self._module, self._path, self._source = module, path, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        return spec_from_file_location(fullname, self._path, loader=_Loader(fullname, self._path, self._source))
