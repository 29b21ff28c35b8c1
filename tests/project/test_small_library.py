"""The small library stays small: how much of it a chapter of the article loads, counted in a fresh interpreter."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "notebooks").glob("0[0-8]-*.ipynb"))
ROOMS = ("azure", "backends", "capabilities", "display", "errors", "lab", "settings", "steps")
# Modules of the small library, which a reader of the article meets. A folder whose `__init__` only says what it is
# is not a module to read; one with code, such as `backends`, is.
MOST = 32
FACES = ("acrlab", "acrlab.settings", "acrlab.steps")  # they only say where names are
# Of all the library with the checks, pictures, controls and the one table of tasks that the chapters show; the emulated
# Azure is never counted. Each room of questions that the doctor gets is loaded with the others, in every chapter; each
# chapter beyond the article adds its tasks to the table; one module says whether a class's board is to be told.
MOST_OF_ALL = 104

EXECUTE = """
import json, sys
from pathlib import Path
space = {"__name__": "__main__"}
for source in json.loads(Path(sys.argv[1]).read_text("utf-8")):
    exec(compile(source, "<cell>", "exec"), space)
print("\\n" + json.dumps([name for name in sys.modules if name.split(".")[0] == "acrlab"]))
"""


def loaded_by(folder: Path, *sources: str) -> list[str]:
    """Run cells in an interpreter and a world of their own. Returns: the library's modules that this loaded."""
    cells = folder / "cells.json"
    cells.write_text(json.dumps(sources), "utf-8")
    own = {"ACRLAB_HOME": str(folder), "ACRLAB_WIDGETS": "off", "PYTHONPATH": str(ROOT)}
    variables = {name: value for name, value in os.environ.items() if not name.startswith("ACRLAB_")} | own
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(cells)],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return [name for name in names if not name.startswith("acrlab.emulator")]


def small(names: list[str]) -> list[str]:
    return sorted(n for n in names if n not in FACES and n.split(".")[1] in ROOMS and not only_a_folder(n))


def only_a_folder(name: str) -> bool:
    package = ROOT.joinpath(*name.split("."), "__init__.py")
    return package.exists() and len(package.read_text("utf-8").splitlines()) == 1


def test_connecting_loads_the_lab_and_nothing_around_it(tmp_path):
    names = loaded_by(tmp_path, "import acrlab\nlab = acrlab.connect()\nlab.close()")

    assert [name for name in names if name != "acrlab" and name.split(".")[1] not in ROOMS] == []
    assert len(names) <= 20, sorted(names)


@pytest.mark.table
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_of_the_article_loads_little(path, tmp_path):
    cells = json.loads(path.read_text("utf-8"))["cells"]

    names = loaded_by(tmp_path, *("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))

    assert len(small(names)) <= MOST, small(names)
    assert len(names) <= MOST_OF_ALL, sorted(names)
