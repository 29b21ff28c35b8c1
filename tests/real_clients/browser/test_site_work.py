"""What was done on the web site is not lost: pages close, browsers are killed, tabs work at once, computers change."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import psutil
import pytest

pytest.importorskip("playwright", reason="`make test-browser` installs it")

import acrlab
from acrlab.learner.work import keep_work
from acrlab.serving.world_file import opened as opened_world
from tests.real_clients.browser.conftest import CHECKOUT
from tests.real_clients.browser.site_page import RUN_CODE, THERE, opened


def test_what_was_done_outlives_the_page_and_another_tab_goes_on_from_there(visit, address):
    page = opened(visit, address, "01-registry")
    said = page.evaluate(RUN_CODE, THERE + "acrlab.bring_to(lab, 'registry')")
    assert said.startswith("[]")
    page.close()

    first = opened(visit, address, "02-docker-vm")
    assert "myregistry" in first.evaluate(RUN_CODE, THERE)
    second = opened(visit, address, "03-private-link")
    assert "'myDockerVMVNET'" not in second.evaluate(RUN_CODE, "import acrlab; lab = acrlab.connect()\n" + THERE)
    first.evaluate(RUN_CODE, "acrlab.bring_to(lab, 'network')")

    assert "'myDockerVMVNET'" in second.evaluate(RUN_CODE, THERE)


def test_two_sites_of_one_origin_have_an_azure_each(visit, address):
    page = opened(visit, address, "01-registry")
    page.evaluate(RUN_CODE, THERE + "acrlab.ensure_group(lab);")
    page.close()

    other = opened(visit, address.replace("/course/", "/other/"), "01-registry")
    assert (
        other.evaluate(RUN_CODE, "import acrlab\nprint(list(acrlab.connect().resources.resource_groups.list()))")
        == "[]\n"
    )


# -- killed, and at once -----------------------------------------------------------------------------------------------


def test_a_killed_browser_has_kept_every_cell_that_ended(profile, address, tmp_path):
    page = opened(profile(), address, "01-registry")
    page.evaluate(RUN_CODE, THERE + "acrlab.bring_to(lab, 'registry')")
    running = [one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or ())]
    assert running
    for one in running:
        one.kill()
    psutil.wait_procs(running, timeout=30)

    assert "myregistry" in opened(profile(), address, "02-docker-vm").evaluate(RUN_CODE, THERE)


def test_two_tabs_at_the_very_same_moment_lose_nothing(visit, address):
    pages = [opened(visit, address, name) for name in ("01-registry", "02-docker-vm")]
    made = "import acrlab\nlab = acrlab.connect()\nfor n in range(3): lab.resources.resource_groups.create_or_update("
    for page, mine in zip(pages, ("first", "second"), strict=True):
        # Both are asked to begin before either has ended: the browser's lock orders them.
        page.evaluate(
            f"code => {{ window.asked = ({RUN_CODE})(code) }}", f"{made}f'{mine}{{n}}', {{'location': 'westus'}})"
        )
    assert [page.evaluate("() => window.asked.then(said => said)") for page in pages] == ["", ""]

    listed = "print(sorted(g.name for g in lab.resources.resource_groups.list()))"
    every = str([f"{mine}{n}" for mine in ("first", "second") for n in range(3)])
    assert [page.evaluate(RUN_CODE, listed).strip() for page in pages] == [every, every]


# -- to another computer and back --------------------------------------------------------------------------------------


@pytest.fixture
def home(visit, address):
    """The site's first page."""
    page = visit.new_page()
    page.goto(address)
    return page


def told(page):
    page.wait_for_function("() => document.getElementById('done').textContent")
    return page.locator("#done").inner_text()


def take_up(page, path):
    page.evaluate("() => { document.getElementById('done').textContent = '' }")
    page.set_input_files("#file", str(path))


def downloaded(page, to):
    with page.expect_download() as started:
        page.click("#download")
    started.value.save_as(to)
    return to


SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
WRITE = "(text) => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].setSource(text)"


def test_work_goes_to_a_computer_with_the_notebook_that_was_changed(visit, address, home, tmp_path):
    home.click("#download")
    assert told(home) == "There is no work in this browser yet: open a chapter, and run a cell."
    page = opened(visit, address, "01-registry")
    page.evaluate(WRITE, "# my own words")
    page.evaluate(SAVE)
    page.evaluate(RUN_CODE, THERE + "acrlab.bring_to(lab, 'sample-image')")

    file = downloaded(home, tmp_path / "work.zip")
    words = [Path(sys.executable).with_name("acrlab"), "work", "restore", file, "course", "--world", "world.db"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert "my own words" in (tmp_path / "course" / "01-registry.ipynb").read_text("utf-8")
    assert [path.name for path in (tmp_path / "course").iterdir()] == ["01-registry.ipynb"]
    with closing(acrlab.connect(world=str(tmp_path / "world.db"))) as lab:
        assert acrlab.pull_from_here(lab).layers == 1, "the image's layers came along"


def test_work_of_a_computer_goes_on_in_a_browser(visit, address, home, tmp_path):
    with closing(acrlab.connect(world=str(tmp_path / "world.db"))) as lab:
        acrlab.bring_to(lab, "sample-image", "records")
    notebook = json.loads((CHECKOUT / "notebooks" / "03-private-link.ipynb").read_text("utf-8"))
    notebook["cells"][0]["source"] = ["# written on\n", "a computer"]
    (tmp_path / "03-private-link.ipynb").write_text(json.dumps(notebook))
    keep_work(tmp_path / "work.zip", world=tmp_path / "world.db", folder=tmp_path)

    take_up(home, tmp_path / "work.zip")
    assert told(home) == "Taken up: open a chapter and go on. Notebooks: 03-private-link.ipynb."

    page = opened(visit, address, "03-private-link")
    first = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].getSource()")
    assert first == "# written on\na computer"
    said = page.evaluate(RUN_CODE, THERE + "print(acrlab.pull_from_here(lab).layers)")
    assert "myPrivateEndpoint" in said
    assert said.endswith("1\n")

    take_up(home, tmp_path / "work.zip")
    assert told(home).startswith("A chapter is open in another tab. Close it")
    page.close()
    take_up(home, tmp_path / "work.zip")
    home.click("text=Leave it as it is")
    assert told(home) == "Nothing was changed."
    take_up(home, tmp_path / "work.zip")
    with home.expect_download():
        home.click("text=Download it first, then go on")
    assert "Taken up" in told(home)


def test_starting_again_empties_the_azure_of_this_browser(visit, address, home):
    page = opened(visit, address, "01-registry")
    page.evaluate(RUN_CODE, THERE + "acrlab.ensure_group(lab);")
    home.click("text=Start again")
    assert told(home).startswith("A chapter is open in another tab.")
    page.close()
    home.evaluate("() => { document.getElementById('done').textContent = '' }")
    home.click("text=Start again")
    home.click("button[value=replace]")
    assert told(home) == "The Azure of this browser is empty."
    listed = "import acrlab\nprint(list(acrlab.connect().resources.resource_groups.list()))"
    assert opened(visit, address, "01-registry").evaluate(RUN_CODE, listed) == "[]\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda zip: b"hello", "is not work that was downloaded or saved"),
        (lambda zip: zip[: len(zip) // 2], "is not work that was downloaded or saved"),
        (
            lambda zip: rewritten(zip, "acrlab-work.json", b'{"format": 99, "acrlab": "9.9"}'),
            "of acrlab 9.9, in a form",
        ),
        (lambda zip: rewritten(zip, "world.db", b"not a database at all"), "in this file is damaged"),
        (lambda zip: rewritten(zip, "world.db", newer), "of a newer acrlab than this site"),
        (lambda zip: rewritten(zip, "notebooks/a.ipynb", b"{}"), "is not work that was downloaded or saved"),
    ],
    ids=["no zip", "cut off", "newer form", "no world", "newer world", "no notebook"],
)
def test_a_file_that_is_not_work_changes_nothing(home, tmp_path, change, said):
    with opened_world(tmp_path / "world.db"):
        keep_work(tmp_path / "work.zip", world=tmp_path / "world.db", folder=tmp_path / "none")
    (tmp_path / "bad.zip").write_bytes(change((tmp_path / "work.zip").read_bytes()))

    take_up(home, tmp_path / "bad.zip")

    assert said in told(home)
    assert "Nothing was changed." in told(home)
    home.evaluate("() => { document.getElementById('done').textContent = '' }")
    home.click("#download")
    assert told(home).startswith("There is no work in this browser yet")


def newer(world):
    return world[:60] + (99).to_bytes(4, "big") + world[64:]


def rewritten(content, name, new):
    """The same zip with another content for one name; `new`: bytes, or made of what was there."""
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as made:
        for member in old.namelist():
            if member != name:
                made.writestr(member, old.read(member))
        made.writestr(name, new(old.read(name)) if callable(new) else new)
    return out.getvalue()
