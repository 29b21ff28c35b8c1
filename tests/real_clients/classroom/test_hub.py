"""A class of twelve on a real hub, with one of its own users of the system each where this runs as root.

Nine learners are signed in by HTTP and run the chapters in their servers' kernels; three do it in Chromium.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext, suppress
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: make test-class")

from tornado.httpclient import HTTPError

from acrlab.classroom.board.outline import columns
from acrlab.classroom.hub import proxy
from acrlab.errors import ConfigurationError
from acrlab.settings.file import write
from tests.real_clients.classroom.browser_learners import do_chapters
from tests.real_clients.classroom.hub_learner import LONGEST_S, HubLearner
from tests.real_clients.classroom.open_class import OpenClass, reachable_folder

CHAPTERS = sorted((Path(__file__).resolve().parents[3] / "notebooks").glob("0[0-3]-*.ipynb"))
BY_HTTP = tuple(f"l{number}" for number in range(1, 10))
IN_BROWSER = ("ada", "bob", "cleo")
AT_ONCE = 3
ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def school() -> Iterator[OpenClass]:
    try:
        proxy.found()
    except ConfigurationError as problem:
        pytest.skip(f"{problem} `make test-class` does.")
    opened = OpenClass(reachable_folder())
    opened.write_roster((*IN_BROWSER, *BY_HTTP))
    assert "acrlab-ada" in opened.command("plan", "class.csv", "--out", "class").communicate(timeout=120)[0]
    for name in IN_BROWSER:  # in a browser there is someone to do the tasks; these learners have them done
        home = opened.folder / "class" / name
        write(home / "acrlab.toml", {"hands_on": "off"})
        settings = home / ".jupyter" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
        settings.mkdir(parents=True)
        (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # all cells are in the page
    opened.open()
    yield opened
    opened.take_away()


@pytest.fixture(autouse=True)
def _connections_are_closed(school: OpenClass) -> Iterator[None]:
    yield
    school.forget_learners()


def test_twelve_learners_do_the_chapters(school: OpenClass) -> None:
    def do(name: str) -> dict[str, str]:
        learner = school.learner(name)
        learner.start()
        return {chapter.name: learner.run_chapter(chapter) for chapter in CHAPTERS}

    with ThreadPoolExecutor(AT_ONCE) as several:
        done = list(several.map(do, BY_HTTP))
    assert done == [dict.fromkeys((chapter.name for chapter in CHAPTERS), "")] * len(BY_HTTP)
    do_chapters(school, IN_BROWSER, [chapter.stem for chapter in CHAPTERS])
    for name in IN_BROWSER:
        learner = school.learner(name)
        learner.start()
        assert learner.run(learner.kernel(), ENDPOINTS) == "1\n", f"{name} has run chapter 03"


ENDPOINTS = """
import acrlab
lab = acrlab.connect()
print(len([*lab.network.private_endpoints.list(lab.settings.resource_group)]))
"""


def test_each_has_a_lab_of_their_own(school: OpenClass) -> None:
    said = {}
    for name in ("ada", "l1"):
        learner = school.learner(name)
        learner.start()
        code = "import acrlab; s = acrlab.Settings.from_parameters(); print(s.resource_group, s.registry_name)"
        said[name] = learner.run(learner.kernel(), code).split()

    assert [said[name][0] for name in ("ada", "l1")] == ["acrlab-ada", "acrlab-l1"]
    assert said["ada"][1] != said["l1"][1]


def test_the_board_is_right_within_two_seconds(school: OpenClass) -> None:
    teacher, bob = school.learner("teacher"), school.learner("bob")
    assert teacher.status("/services/board/") == 200  # a page signs in
    bob.start()
    kernel = bob.kernel()
    bob.run(kernel, REPORT)
    took = []
    for place in range(3):
        section = columns()[place].name
        begun = time.monotonic()
        assert bob.run(kernel, f"report(lab, {section!r}, 'solved', mark=DONE)") == ""
        while marks(teacher, "bob")[place] != "d":
            assert time.monotonic() - begun < LONGEST_S, "the board never heard of it"
            time.sleep(0.05)
        took.append(time.monotonic() - begun)

    assert min(took) < 2, took  # the best of three: others may use this computer, too
    assert "d" not in marks(teacher, "cleo")[:3], "it is bob who has done it"
    for path in ("", "state", "stream", "gradebook.csv", "learner?learner=cleo", "lab.svg?learner=cleo"):
        assert bob.status(f"/services/board/{path}") == 403, path


def marks(teacher: HubLearner, learner: str) -> str:
    """What the board shows of a learner: a letter for each column."""
    told = teacher.http.get("/services/board/state").raise_for_status().json()
    (row,) = (one for one in told["learners"] if one["id"] == learner)
    return str(row["marks"])


REPORT = """
import acrlab
from acrlab.course.marks import DONE
from acrlab.course.reporting import report
lab = acrlab.connect()
"""


def test_a_learner_gets_nothing_of_another_s(school: OpenClass) -> None:
    ada, bob = school.learner("ada"), school.learner("bob")
    ada.start()
    bob.start()
    bobs = bob.kernel()
    served = bob.run(bobs, SERVE)
    address, pid = served.split()

    for path in (
        "lab",
        "api/contents",
        "api/kernels",
        "api/terminals",
        f"files/{CHAPTERS[0].name}",
        f"api/kernels/{bobs}",
    ):
        assert ada.status(f"/user/bob/{path}") == 403, path
    assert ada.status(f"/user/bob/api/kernels/{bobs}", "DELETE") == 403
    assert ada.status("/hub/api/users/bob") in (403, 404)
    assert ada.status("/hub/api/users") == 403
    assert ada.status("/hub/admin") == 403
    adas = ada.kernel()
    assert ada.run(adas, f"address = {address!r}\n{ASK_AZURE}").split() == ["401", "401"]
    if ROOT:
        assert ada.run(adas, f"bob, pid = {str(school.room.home('bob'))!r}, {pid}\n{LOOK}").split() == ["refused"] * 7
        assert ada.run(adas, f"state = {str(school.room.state)!r}\n{LOOK_AT_STATE}").split() == ["refused"] * 3
    bob.run(bobs, "server.terminate(); server.wait()")


SERVE = """
import json, os, pathlib, subprocess, sys, time
server = subprocess.Popen([sys.executable, "-c", "from acrlab.cli.app import main; main()", "emulator", "serve",
                           "--port", "0", "--ready-file", "ready.json", "--no-namespaces", "--world", "served.db"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not pathlib.Path("ready.json").exists():
    time.sleep(0.1)
print(json.loads(pathlib.Path("ready.json").read_text())["arm"], os.getpid())
"""
ASK_AZURE = """
import os, ssl, urllib.error, urllib.request
for headers in ({}, {"Authorization": f"Bearer {os.environ['JUPYTERHUB_API_TOKEN']}"}):
    request = urllib.request.Request(f"{address}/subscriptions?api-version=2022-12-01", headers=headers)
    try:
        print(urllib.request.urlopen(request, context=ssl._create_unverified_context()).status)
    except urllib.error.HTTPError as refused:
        print(refused.code)
"""
TRY = """
import os, signal
def said(what):
    try:
        return what() and "done"
    except PermissionError:
        return "refused"
"""
LOOK = f"""{TRY}
print(said(lambda: os.listdir(bob)), said(lambda: open(f"{{bob}}/acrlab.toml").read()))
print(said(lambda: open(f"{{bob}}/.acrlab/world.db", "rb").read(1)))
print(said(lambda: open(f"{{bob}}/served.db", "rb").read(1)))
print(said(lambda: open(f"{{bob}}/ready.json").read()), said(lambda: open(f"/proc/{{pid}}/environ").read()))
print(said(lambda: [os.kill(pid, signal.SIGTERM)]))
"""
LOOK_AT_STATE = f"""{TRY}
print(said(lambda: os.listdir(state)), said(lambda: open(f"{{state}}/codes.json").read()))
print(said(lambda: os.listdir(os.path.dirname(state))))
"""


def test_only_who_is_in_the_class_signs_in_and_with_their_own_code(school: OpenClass) -> None:
    for name, code in (("ada", school.codes["bob"]), ("mallory", school.codes["ada"]), ("ada", "")):
        with closing(HubLearner(school.room.url, name, code)) as refused:
            assert not refused.signed_in
    assert school.learner("teacher").signed_in


@pytest.mark.parametrize("program", ["hub", "proxy", "board"])
def test_a_program_that_is_killed_costs_no_kernel(school: OpenClass, program: str) -> None:
    ada = school.learner("ada")
    ada.start()
    kernel = ada.kernel()
    ada.run(kernel, "kept = 42")

    school.kill(program)

    until = time.monotonic() + 120
    said = ""
    while not said:
        with suppress(OSError, HTTPError) if program == "proxy" else nullcontext():  # it is away for a moment
            said = ada.run(kernel, "print(kept)")
        assert time.monotonic() < until, f"no kernel is reached after the {program} was killed"
    assert said == "42\n"
    while not school.learner("bob").signed_in:
        assert time.monotonic() < until, f"no one can sign in after the {program} was killed"
        time.sleep(0.2)
    bob = school.learner("bob")
    bob.start()
    assert bob.run(bob.kernel(), "print(6 * 7)") == "42\n"
    while school.learner("teacher").status("/services/board/") != 200:
        assert time.monotonic() < until, f"there is no board after the {program} was killed"
        time.sleep(0.2)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="without setpriv the hub and the proxy stay")
def test_what_outlives_a_command_that_is_killed_is_found_by_the_next(school: OpenClass) -> None:
    ada = school.learner("ada")
    ada.start()
    kernel = ada.kernel()
    ada.run(kernel, "kept = 42")

    school.kill_command()
    school.open()

    assert "Codes" not in school.said
    assert ada.run(kernel, "print(kept)") == "42\n"


def test_a_second_class_in_the_folder_and_a_port_in_use_are_refused(school: OpenClass) -> None:
    again = school.command("open", "class.csv", "--port", str(school.port + 1))
    assert "is open already. Name another folder." in again.communicate(timeout=120)[0]
    assert again.returncode == 2
    other = school.command("open", "class.csv", "--out", "other", "--port", str(school.port), "--one-user")
    assert (
        f"--port: port {school.port} of 127.0.0.1 can't be had: Address already in use."
        in other.communicate(timeout=120)[0]
    )
    assert other.returncode == 2


def test_it_closes_without_a_trace_and_opens_again_with_another_roster(school: OpenClass) -> None:
    ada = school.learner("ada")
    ada.start()
    ada.run(ada.kernel(), "open('mine.txt', 'w').write('hers'); import subprocess; subprocess.Popen(['sleep', '600'])")
    assert school.servers()

    school.close()

    assert school.process.returncode == 0, school.said
    assert "The class is closed." in school.said
    assert [one.cmdline() for one in school.servers()] == []
    assert not school.listens()

    gone, codes = "l1", {**school.codes}
    school.write_roster(("ada", "bob", "new"))
    school.open()
    assert {name for name in school.codes if name not in codes} == {"new"}
    ada = school.learner("ada")
    ada.start()
    assert ada.run(ada.kernel(), "print(open('mine.txt').read())") == "hers\n"
    assert not school.learner(gone).signed_in
    assert (school.folder / "class" / gone / "acrlab.toml").exists(), "what a learner has done stays"
    new = school.learner("new")
    new.start()
