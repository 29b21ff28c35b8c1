"""What has to be there before a class opens, and what is said where it is not. No hub is started here."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sys

import pytest

from acrlab.classroom.hub import opening, proxy
from acrlab.classroom.hub.room import Room, locked, state_of
from acrlab.errors import ConfigurationError
from acrlab.settings.file import read
from acrlab.site.build import MARK

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run on Windows")


@pytest.fixture
def prepared(tmp_path, free_port):
    """Prepare a class of a roster's text in a folder, for one user."""

    def prepared(text="id,name\nada,Ada\nbob,\n", **more):
        (tmp_path / "class.csv").write_text(text)
        given = {"teacher": "teacher", "host": "127.0.0.1", "port": free_port, "one_user": True, **more}
        with locked(tmp_path / "class"):
            return opening.prepared(tmp_path / "class.csv", tmp_path / "class", **given)

    return prepared


@pytest.fixture
def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_everyone_gets_a_folder_with_the_settings_of_the_plan_and_a_code(tmp_path, prepared):
    made = prepared()

    assert [*made.codes] == ["ada", "bob", "teacher"]
    assert made.names == {"ada": "Ada", "bob": "bob", "teacher": "teacher"}
    groups = [read(tmp_path / "class" / one / "acrlab.toml")["resource_group"] for one in made.codes]
    assert groups == ["acrlab-ada", "acrlab-bob", "acrlab-teacher"]
    for one in (*made.codes, ".hub"):
        assert (tmp_path / "class" / one).stat().st_mode & 0o777 == 0o700
    for path in state_of(tmp_path / "class").glob("*.[tj]*o*n*"):  # tokens, and JSON
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_the_hub_reads_is_what_was_prepared(prepared):
    room = prepared().room

    assert Room.read(room.write()) == room


def test_again_with_another_roster_it_takes_up_where_it_was(tmp_path, prepared):
    first = prepared()
    own = tmp_path / "class" / "ada"
    (own / "00-start-here.ipynb").write_text("mine")
    (own / "acrlab.toml").write_text('resource_group = "mine"\n')
    token = first.room.token("board")

    again = prepared("id\nada\ncleo\n")

    assert [*again.codes] == ["cleo"]
    assert again.room.learners == ("ada", "cleo")
    assert (own / "00-start-here.ipynb").read_text() == "mine"
    assert (own / "acrlab.toml").read_text() == 'resource_group = "mine"\n'
    assert (tmp_path / "class" / "bob" / "acrlab.toml").exists(), "what a learner has done stays"
    assert again.room.token("board") == token
    assert again.room.inner_ports == first.room.inner_ports


def test_a_port_in_use_is_said(prepared):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"--port: port {port} of 127.0.0.1 can't be had: .*such as"):
            prepared(port=port)


def test_a_teacher_can_t_be_a_learner(prepared):
    with pytest.raises(ConfigurationError, match=r"--teacher: 'ADA' is a learner's id. Choose another name."):
        prepared(teacher="ADA")


def test_a_teacher_s_name_has_to_be_an_id(prepared):
    with pytest.raises(ConfigurationError, match=r"--teacher: '\.\./x' is not possible: 1 to 32 letters"):
        prepared(teacher="../x")


def test_a_new_code_for_a_stranger_is_refused(prepared):
    with pytest.raises(ConfigurationError, match="--new-code: 'eve' is not in the class"):
        prepared(new_codes=["eve"])


def test_a_certificate_needs_a_key(tmp_path, prepared):
    with pytest.raises(ConfigurationError, match="--certificate: a certificate needs its --key"):
        prepared(certificate=tmp_path / "own.pem")
    with pytest.raises(ConfigurationError, match=r"--certificate: there is no file .*own\.pem"):
        prepared(certificate=tmp_path / "own.pem", key=tmp_path / "own.key")


def test_a_site_of_this_acrlab_is_taken(tmp_path, prepared, site):
    assert prepared(site=site).room.site == str(site)
    assert prepared().room.site == ""


def test_what_is_no_site_is_said_before_anything_is_made(tmp_path, prepared):
    with pytest.raises(ConfigurationError, match=r"--site: \S+/nothing is not a site\. Make one: acrlab site --out "):
        prepared(site=tmp_path / "nothing")

    assert not (tmp_path / "class" / "ada").exists()


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ({"acrlab": "0.0.9"}, r"is a site of an acrlab 0\.0\.9; this is \S+\. Make it again: acrlab site --out"),
        (
            {"holds": []},
            r"is a site of an acrlab that tells no version; this is \S+\. Make it again: ",
        ),
        ([], r"is a site of an acrlab that tells no version"),
    ],
)
def test_a_site_of_another_acrlab_is_said(prepared, site, mark, said):
    (site / MARK).write_text(json.dumps(mark))

    with pytest.raises(ConfigurationError, match=rf"--site: \S+ {said}"):
        prepared(site=site)


def test_a_site_whose_page_knows_of_no_class_is_said(prepared, site):
    (site / "index.html").write_text("<html></html>")

    with pytest.raises(ConfigurationError, match=r"--site: \S+ is a site whose first page knows of no class\. Make it"):
        prepared(site=site)


def test_a_disk_that_is_full_is_said_before_anything_is_made(tmp_path, prepared, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1000, 999, 1024**2))

    with pytest.raises(ConfigurationError, match=r"--out: the disk of .* has 1 MiB free; 3 people need 224. Make room"):
        prepared()

    assert not (tmp_path / "class" / "ada").exists()


def test_a_disk_that_fills_up_in_the_middle_is_said(prepared, monkeypatch):
    real = os.open

    def full(path, flags, *more, **named):
        if str(path).endswith("codes.json.new"):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", full)

    with pytest.raises(ConfigurationError, match=r"--out: .*codes\.json can't be written: No space left on device\."):
        prepared()


def test_a_folder_that_is_a_link_is_no_learner_s(tmp_path, prepared):
    (tmp_path / "class").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "class" / "ada").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigurationError, match=r"--out: .*ada is a link\. Move it away"):
        prepared()

    assert [*(tmp_path / "elsewhere").iterdir()] == []


def test_a_class_is_opened_once(tmp_path):
    with (
        locked(tmp_path / "class"),
        pytest.raises(ConfigurationError, match="is open already"),
        locked(tmp_path / "class"),
    ):
        raise AssertionError("it was opened twice")


def test_a_file_can_t_hold_a_class(tmp_path):
    (tmp_path / "class").write_text("")

    with (
        pytest.raises(ConfigurationError, match=r"--out: .*.* can't hold a class: Not a directory"),
        locked(tmp_path / "class"),
    ):
        raise AssertionError("it was opened")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PATH of its own, with programs that say something."""

    def programs(**said):
        for name, text in said.items():
            (tmp_path / name).write_text(f"#!/bin/sh\necho {text}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("ACRLAB_PROXY", raising=False)

    return programs


def test_node_that_is_missing_or_too_old_is_said(programs):
    programs()
    with pytest.raises(ConfigurationError, match=r"node: there is no Node.js on the PATH. Install version 20 or newer"):
        proxy.found()

    programs(node="v18.20.4")
    with pytest.raises(ConfigurationError, match=r"node: .*/node is v18\.20\.4\. Install version 20 or newer\."):
        proxy.found()


def test_a_proxy_that_is_missing_is_said_with_what_to_do(programs):
    programs(node="v20.20.2")

    with pytest.raises(ConfigurationError, match=r"there is no configurable-http-proxy at PATH. Run make class in a"):
        proxy.found()
