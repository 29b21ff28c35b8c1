"""Users of the system: whose they are, and what of a folder is handed over to them."""

from __future__ import annotations

import os
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("JupyterHub does not run on Windows", allow_module_level=True)

import pwd

from acrlab.classroom.hub.learners import accounts, folders
from acrlab.classroom.plan import plan
from acrlab.classroom.roster import Learner
from acrlab.errors import ConfigurationError

FREE = 61234  # a number that no user has here


def test_a_name_is_possible_and_no_other_class_s(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(accounts, "_told", lambda *words: made.append(words))

    names = accounts.ensured(tmp_path / "a", ["root", "x" * 32]) | accounts.ensured(tmp_path / "b", ["7"])
    others = accounts.ensured(tmp_path / "b", ["root"])

    assert all(name.startswith("acr-") and len(name) <= 32 for name in names.values())
    assert names["root"] != others["root"]
    assert [words[-1] for words in made] == [*names.values(), *others.values()]


def test_a_user_who_is_there_for_another_reason_is_not_taken(tmp_path, monkeypatch):
    root = pwd.getpwuid(0)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: root)

    with pytest.raises(ConfigurationError, match=r"the system's user acr-ada-\w{8} is there, and not of this class"):
        accounts.ensured(tmp_path, ["ada"])


def test_who_is_not_root_is_told(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert accounts.obstacle() == "only root may make users of the system"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_is_given_away_once_and_what_lies_outside_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.users, "user", lambda account: FREE)
    outside = tmp_path / "outside"
    outside.write_text("root's")
    home = tmp_path / "class" / "ada"
    home.mkdir(parents=True)
    (home / "link").symlink_to(outside)
    os.link(outside, home / "second-name")

    folders.make(tmp_path / "class", plan([Learner("ada")]), {"ada": "acr-ada"})

    assert (home.stat().st_uid, (home / "acrlab.toml").stat().st_uid) == (FREE, FREE)
    assert outside.stat().st_uid == 0
    (home / "acrlab.toml").unlink()
    (home / "acrlab.toml").symlink_to(outside)
    folders.make(tmp_path / "class", plan([Learner("ada")]), {"ada": "acr-ada"})
    assert outside.read_text() == "root's"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_of_somebody_else_s_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.users, "user", lambda account: FREE)
    (tmp_path / "ada").mkdir()
    os.chown(tmp_path / "ada", FREE + 1, FREE + 1)

    with pytest.raises(ConfigurationError, match=f"--out: .*ada is user {FREE + 1}'s. Move it away"):
        folders.make(tmp_path, plan([Learner("ada")]), {"ada": "acr-ada"})

    assert [*(tmp_path / "ada").iterdir()] == []
