"""Every chapter is green on an Azure that is late, though every resolver was asked for every name just before it.

A public answer is kept for an hour, one that there is no such name for some minutes: whoever comes back to the course
after a look at their registry begins like this.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

import acrlab
from acrlab.azure.cloud import data_endpoint, login_server
from acrlab.emulator.core.world import World
from acrlab.runs import run as runs
from acrlab.runs.display import Lines
from acrlab.runs.notebooks import chosen, find
from acrlab.serving.world_file import set_up

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
REGISTRY = "contoso42"
HOUR_S = 3600
NAMES = (
    login_server(REGISTRY),
    data_endpoint(REGISTRY, "westus"),
    f"{REGISTRY}.privatelink.azurecr.io",
    f"{REGISTRY}.westus.data.privatelink.azurecr.io",
    login_server("nobody42"),
    "mcr.microsoft.com",
)
# what stands when the names are asked for -> the steps that make it
STANDING = {
    "no private link": ("sample-image", "pull-right"),
    "a zone that is linked and empty": ("sample-image", "pull-right", "link"),
    "all of it": ("sample-image", "pull-right", "records"),
}


def asked_for_every_name(lab: acrlab.lab.lab.Lab) -> None:
    """Ask, from the VM and from here, for every name that the course looks up."""
    for name in NAMES:
        acrlab.resolve(lab, name)
        acrlab.resolve_here(lab, name)


def kept(world: World) -> set[str]:
    """Whose caches hold something now; the VM's own forgets before each look."""
    return {cache for (cache,) in world.db.rows("SELECT DISTINCT cache FROM kept_name WHERE until > ?", (world.now,))}


@pytest.mark.table
@pytest.mark.parametrize(
    ("chapter", "standing", "age_s"),
    [
        *(("03", standing, 0) for standing in STANDING),
        ("03", "no private link", HOUR_S // 2),
        ("04", "all of it", 0),
        ("06", "no private link", 0),
        ("07", "no private link", 0),
        ("07", "a zone that is linked and empty", 0),
        ("09", "no private link", 0),
    ],
)
def test_a_chapter_is_green_with_warm_caches(
    chapter: str, standing: str, age_s: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))
    path = tmp_path / "world.db"
    set_up(path, {"timing": "as-azure"})
    lab = acrlab.connect(registry_name=REGISTRY, world=str(path))
    acrlab.bring_to(lab, *STANDING[standing])
    asked_for_every_name(lab)
    world = lab.backend.azure.world
    world.advance_to(world.now + age_s)
    warm = kept(world)
    lab.close()

    wanted = chosen(find(NOTEBOOKS), only=[chapter], begin="", end="")
    order = runs.Order(wanted, out=tmp_path / "runs", parameters={"registry_name": REGISTRY}, world=path)
    record = runs.run(order, Lines(Console(quiet=True)))

    assert {cache.rpartition("/")[2] for cache in warm} >= {"mydockervmvnet 1", "internet"}
    assert [(one.status, one.failed_cell) for one in record.notebooks] == [("finished", None)]
