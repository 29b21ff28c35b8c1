"""A lab on an emulated Azure of its own, and small notebooks that change a world without any SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from acrlab.azure.cloud import MANAGEMENT_HOST
from acrlab.emulator.arm.authorization import asked_action
from acrlab.emulator.core.world import World
from acrlab.lab.lab import Lab, connect
from tests import quick

IMPORTS = (
    "import os\nimport time\nfrom pathlib import Path\n\nimport acrlab.runs.record\n"
    "from acrlab.azure.arm_id import ArmId\nfrom acrlab.emulator.azure import EmulatedAzure"
)
PARAMETERS = 'location = "westus"\nregistry_name = ""'
# Not idempotent on purpose: every execution adds one group more.
ADD_A_GROUP = (
    'world = EmulatedAzure(Path(os.environ["ACRLAB_WORLD"])).world\n'
    "with world.transaction():\n"
    '    group = ArmId.of_group("s", f"g{world.count()}")\n'
    '    world.put(world.new(group, {"location": location, "properties": {}}))\n'
    "sorted(world.dump())"
)
# Waits where a test wants to kill the run: as long as there is a file named `hold`.
HOLD = 'while Path("hold").exists():\n    Path("held").touch()\n    time.sleep(0.05)'

Write = Callable[..., Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out what takes long: see tests/quick.py")


def pytest_configure(config: pytest.Config) -> None:
    for mark, meaning in quick.MARKS.items():
        config.addinivalue_line("markers", f"{mark}: {meaning}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=quick.turn)
    if config.getoption("quick"):
        without = quick.left_out(items)
        names = {item.nodeid for item in without}
        items[:] = [item for item in items if item.nodeid not in names]
        config.hook.pytest_deselected(items=without)


def cell(source: str, *tags: str, kind: str = "code") -> dict[str, Any]:
    rest = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {"tags": [*tags]} if tags else {}, "source": source, **rest}


@pytest.fixture
def write_notebooks(tmp_path: Path) -> Write:
    """Write one notebook for each list of code cells, `00-a.ipynb`, `01-b.ipynb`, …, and give their folder."""

    def write(*notebooks: Sequence[str], folder: str = "notebooks") -> Path:
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        for number, sources in enumerate(notebooks):
            head = [cell("# A chapter", kind="markdown"), cell(IMPORTS, "imports"), cell(PARAMETERS, "parameters")]
            body = [cell("## A section", kind="markdown"), *(cell(source) for source in sources)]
            cells = [{"id": f"cell-{at}", **one} for at, one in enumerate([*head, *body])]
            spec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
            document = {
                "cells": cells,
                "metadata": {"kernelspec": spec, "language_info": {"name": "python"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
            (place / f"{number:02}-{chr(97 + number)}.ipynb").write_text(json.dumps(document, indent=1), "utf-8")
        return place

    return write


@pytest.fixture
def add_a_group() -> str:
    return ADD_A_GROUP


@pytest.fixture
def hold() -> str:
    return HOLD


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """An empty lab whose registry is called contoso42; its files lie in the test's folder."""
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))
    monkeypatch.delenv("ACRLAB_WORLD", raising=False)
    opened = connect(registry_name="contoso42")
    yield opened
    opened.close()


@pytest.fixture
def world(lab: Lab) -> World:
    """The lab's world, for looking at what Azure would not show."""
    found: World = lab.backend.azure.world
    return found


def _listen(lab: Lab, monkeypatch: pytest.MonkeyPatch, hear: Callable[[str, str], object]) -> None:
    """Have the method and the address of each request told that one of the lab's clients sends."""
    transport = lab.backend.options()["transport"]
    send = transport.send

    def listening(request: Any, **options: Any) -> Any:
        hear(request.method, request.url)
        return send(request, **options)

    monkeypatch.setattr(transport, "send", listening)


@pytest.fixture
def sent(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the lab's clients have sent, such as `GET https://…`; grows while the lab is used."""
    found: list[str] = []
    _listen(lab, monkeypatch, lambda method, url: found.append(f"{method} {url}"))
    return found


@pytest.fixture
def actions(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the lab has asked Azure for beside reading, in the words of role definitions; grows while it is used."""
    found: set[str] = set()

    def hear(method: str, url: str) -> None:
        address = urlsplit(url)
        _, action = asked_action(method, address.path)
        if address.hostname == MANAGEMENT_HOST and not action.endswith("/read"):
            found.add(action.replace("microsoft.devtestlab", "Microsoft.DevTestLab"))  # as its answers spell its ids

    _listen(lab, monkeypatch, hear)
    return found
