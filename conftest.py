"""`pytest --nbval`: every notebook gets an emulated Azure of its own, empty, whatever ran before or runs beside it.

No settings file counts, neither for a notebook nor for another test.

It lies here and not beside the notebooks, where a learner would find it first.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acrlab.runs.forking.provisioner import NAME
from acrlab.runs.notebooks import Notebook
from acrlab.runs.requirements import unmet

PROVISIONER = "JUPYTER_DEFAULT_PROVISIONER_NAME"
OWN = (PROVISIONER, "ACRLAB_WORLD", "ACRLAB_RECORD", "ACRLAB_WIDGETS", "ACRLAB_CHAPTER")
FOLDER = pytest.StashKey[Path]()
LAST = pytest.StashKey[str]()


def pytest_configure() -> None:
    """Let no settings file of a reader's count: outputs and tests are those of the defaults."""
    os.environ["ACRLAB_SETTINGS"] = "off"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip notebooks that need what this computer has not, with the reason."""
    reasons: dict[Path, str] = {}
    for item in items:
        if _of_notebook(item):
            if item.path not in reasons:
                notebook = Notebook(item.path)
                reasons[item.path] = unmet(notebook, notebook.parameters.get("backend", "emulator"))
            reason = reasons[item.path]
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a notebook's cells together where xdist runs them: `pytest --nbval notebooks -n 2`."""
    if not config.getoption("nbval", default=False):
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """Keep a folder for the worlds as long as cells are executed, and leave the learner's own world alone."""
    if not any(_of_notebook(item) for item in session.items):
        return (yield)
    before = {name: os.environ.pop(name) for name in OWN if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="acrlab-nbval-", ignore_cleanup_errors=True) as folder:
        session.config.stash[FOLDER] = Path(folder)
        os.environ["ACRLAB_WIDGETS"] = "off"  # what a person could click would be compared with the outputs
        os.environ[PROVISIONER] = NAME  # kernels that need not import anything, where the system can fork
        result = yield
    for name in OWN:
        os.environ.pop(name, None)
    os.environ.update(before)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Name a new world before a notebook's first cell: setting that cell up starts the kernel, which reads the name."""
    notebook, stash = item.path.stem, item.config.stash
    if _of_notebook(item) and stash.get(LAST, "") != str(item.path):
        stash[LAST] = str(item.path)
        os.environ["ACRLAB_CHAPTER"] = notebook  # where a recording is replayed
        os.environ["ACRLAB_WORLD"] = str(Path(tempfile.mkdtemp(prefix=f"{notebook}-", dir=stash[FOLDER])) / "world.db")


def _of_notebook(item: pytest.Item) -> bool:
    return item.path.suffix == ".ipynb"
