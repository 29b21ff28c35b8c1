"""The notebooks as files: which there are, which of them are meant, and what parameters each takes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError

OPTIONS = {"world": "--world", "fixtures": "--fixtures"}  # settings that all chapters of a run share
FIRST = "00-start-here.ipynb"  # where this is, the course is


@dataclass(frozen=True)
class Notebook:
    """One chapter: a file `NN-name.ipynb`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def number(self) -> str:
        return self.name.partition("-")[0]

    @cached_property
    def cells(self) -> list[dict[str, Any]]:
        """Raises: ConfigurationError: the file is not a notebook."""
        try:
            return list(json.loads(self.path.read_text("utf-8"))["cells"])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise ConfigurationError("notebooks", f"{self.path} is not a readable notebook: {problem}") from problem

    @property
    def title(self) -> str:
        """Its first heading."""
        found = re.search(r"^# (.+)$", "".join(self.cells[0]["source"]), re.MULTILINE)
        return found[1] if found else self.name

    @property
    def code(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Name -> default, as the cell with the tag `parameters` assigns them."""
        tagged = [cell for cell in self.code if "parameters" in cell["metadata"].get("tags", ())]
        return dict(_assignments("".join(tagged[0]["source"]))) if tagged else {}


def find(folder: Path) -> list[Notebook]:
    """List a folder's chapters in order.

    Raises: ConfigurationError: there is none.
    """
    found = [Notebook(path) for path in sorted(folder.glob("*.ipynb")) if re.match(r"\d\d-", path.name)]
    if not found:
        raise ConfigurationError("notebooks", f"no NN-*.ipynb in {folder}. Name their folder with --notebooks.")
    return found


def folder_of(given: Path | None) -> Path:
    """Where the notebooks are: as given, here, in `notebooks` here, or those that came with acrlab."""
    return given or next((here for here in (Path(), Path("notebooks")) if _is_course(here)), None) or shipped()


def shipped() -> Path:
    """Where the notebooks are that came with acrlab: in the package where it was built, else in the checkout."""
    package = Path(str(files("acrlab")))
    built_in = package / "chapters"  # tools/hatch_build.py puts them there
    return built_in if built_in.is_dir() else package.parent / "notebooks"


def to_record(given: Path | None) -> Path:
    """Where the notebooks are that get new outputs: as given, or those of the checkout, never a learner's.

    Raises: ConfigurationError: this is not a checkout.
    """
    if given is None and shipped().name != "notebooks":
        message = "it stores outputs in the notebooks of a checkout, and acrlab is installed without one here."
        raise ConfigurationError(
            "record", f"{message} To see a chapter run: acrlab run. For others: --notebooks FOLDER."
        )
    return given or shipped()


def _is_course(folder: Path) -> bool:
    return (folder / FIRST).is_file()


def chosen(notebooks: Sequence[Notebook], *, only: Sequence[str], begin: str, end: str) -> list[Notebook]:
    """Take the notebooks that are meant.

    Args:
        only: numbers or names; empty: all.
        begin: the first one; empty: from the start.
        end: the last one; empty: to the end.

    Raises: ConfigurationError: no notebook has such a number, or none is left.
    """
    first = _position(notebooks, begin, "--from") if begin else 0
    last = _position(notebooks, end, "--to") if end else len(notebooks) - 1
    wanted = {_position(notebooks, name, "--only") for name in only} or set(range(len(notebooks)))
    left = [notebook for at, notebook in enumerate(notebooks) if at in wanted and first <= at <= last]
    if not left:
        raise ConfigurationError("notebooks", "no notebook is left to run; widen --only, --from or --to.")
    return left


def parameters(
    notebooks: Iterable[Notebook], given: Sequence[tuple[str, str]], *, recording: Path | None = None
) -> dict[str, Any]:
    """Check parameters as they were typed, and give them the types that the notebooks' own defaults have.

    Args:
        recording: file that is to be replayed; None: the one that the settings name.

    Raises: ConfigurationError: there is no such parameter, or its value is not what the lab accepts.
    """
    from acrlab.backends import as_opened
    from acrlab.settings import Settings

    declared: dict[str, Any] = {}
    for notebook in notebooks:
        declared = notebook.parameters | declared
    values = {name: _typed(name, text, declared.get(name, "")) for name, text in given}
    for name in {*values} & {*OPTIONS}:
        raise ConfigurationError(name, f"this belongs to the whole run: write {OPTIONS[name]} {values[name]}.")
    known = Settings.model_fields
    checked = {n: v for n, v in values.items() if n in known or n not in declared}
    as_opened(Settings.given(**checked, fixtures=str(recording.absolute()) if recording else None))
    return values


def _position(notebooks: Sequence[Notebook], wanted: str, option: str) -> int:
    for at, notebook in enumerate(notebooks):
        if wanted in (notebook.name, notebook.path.name) or wanted.zfill(2) == notebook.number:
            return at
    there = ", ".join(notebook.number for notebook in notebooks)
    raise ConfigurationError(option, f"there is no notebook {wanted!r}; there are {there}.")


def _assignments(source: str) -> Iterable[tuple[str, Any]]:
    for node in ast.parse(source).body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                if value is not None:
                    yield name, ast.literal_eval(value)


def _typed(name: str, text: str, default: Any) -> Any:
    """Read a value the way its default is written; where that is text, any value is."""
    if isinstance(default, str) or default is None:
        return text
    try:
        value = ast.literal_eval(text.capitalize() if isinstance(default, bool) else text)
    except (ValueError, SyntaxError):
        value = text
    if not isinstance(value, type(default)):
        raise ConfigurationError(name, f"{text!r} is not {type(default).__name__}; the default is {default!r}.")
    return value


def passed(notebook: Notebook, values: Mapping[str, Any]) -> dict[str, Any]:
    """Take a notebook's own parameters, and the settings, which every notebook takes."""
    from acrlab.settings import Settings

    known = {*notebook.parameters, *Settings.model_fields}
    return {name: value for name, value in values.items() if name in known}
