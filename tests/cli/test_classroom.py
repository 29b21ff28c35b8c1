"""`acrlab class …` and `acrlab run --matrix`: what they say, and what they refuse before any worker is asked for."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest


@pytest.fixture
def roster(typed):
    Path("class.csv").write_text("id,name\nada,Ada\nbob,Bob\n")


def test_a_plan_shows_names_cost_and_limits_and_makes_nothing(typed, roster):
    code, out, err = typed("class", "plan", "class.csv", "--hours", "4")

    assert (code, err) == (0, "")
    assert "ada      acrlab-ada      acrlab-ada-portal  acrlabada4726ceea  10.4.208.0/23" in out
    assert "2 learners × 4 hours × 0.1447 US dollars an hour = 1.16 US dollars" in out
    assert "On the emulated Azure it costs nothing." in out
    assert "A registry has at most 200 private endpoints, enough for one of each learner's" in out
    assert sorted(path.name for path in Path().iterdir()) == ["class.csv"]


def test_a_plan_is_written_for_each_learner(typed, roster):
    code, out, _ = typed("class", "plan", "class.csv", "--out", "class", "--location", "West Europe")

    assert code == 0
    assert out.endswith("Settings: class/ID/acrlab.toml. To build: acrlab class prepare class.csv --chapter 03\n")
    written = tomllib.loads(Path("class/bob/acrlab.toml").read_text())
    assert (written["resource_group"], written["location"]) == ("acrlab-bob", "West Europe")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan", "nowhere.csv"), "roster: nowhere.csv can't be read: No such file or directory."),
        (("plan", "class.csv", "--backend", "azur"), "--backend: 'azur' is not possible. Write emulator or azure."),
        (("plan", "class.csv", "--prefix", "A b"), "--prefix: 'A b' is not possible: 2 to 10 lower-case letters"),
        (("prepare", "class.csv"), "--chapter: say how far to prepare the labs: --chapter NN, or --step NAME."),
        (("prepare", "class.csv", "--chapter", "03", "--step", "vm"), "--chapter: say how far to prepare the labs"),
        (("prepare", "class.csv", "--chapter", "99"), "--chapter: there is no notebook '99'; there are 00, 01"),
        (("prepare", "class.csv", "--chapter", "00"), "--chapter: 00-start-here starts from an empty lab"),
        (("prepare", "class.csv", "--step", "vmm"), "section: there is no section 'vmm'; did you mean vm"),
        (("prepare", "class.csv", "--chapter", "03"), "--out: there are no settings for ada in class. Write them:"),
        (("rights", "class.csv"), "--out: there are no settings for ada in class. Write them: acrlab class plan"),
        (("clean-up", "class.csv", "--yes"), "--out: there are no settings for ada in class. Write them: acrlab"),
        (("clean-up", "class.csv", "--resume"), "resume: there is nothing to resume in class/.passes."),
    ],
)  # fmt: skip
def test_what_can_not_be_done_is_said_in_one_line(typed, roster, words, told):
    code, out, err = typed("class", *words)

    assert (code, out) == (2, "")
    assert err.startswith(f"acrlab: {told}")
    assert err.count("\n") == 1


def test_a_settings_file_that_is_not_possible_is_told_with_its_learner(typed, roster):
    typed("class", "plan", "class.csv", "--out", "class")
    Path("class/bob/acrlab.toml").write_text('location = "mars"\n')

    code, _, err = typed("class", "prepare", "class.csv", "--step", "registry")

    assert (code, err) == (
        2,
        "acrlab: --out: bob: location: there is no Azure region mars; for example westus, westeurope.\n",
    )


def test_labs_are_not_deleted_unasked(typed, roster):
    typed("class", "plan", "class.csv", "--out", "class")

    code, _, err = typed("class", "clean-up", "class.csv")

    assert code == 2
    assert err.startswith("acrlab: Delete the labs of 2 learners? There is no terminal to answer in")


def test_a_class_on_real_subscriptions_is_not_made_unasked(typed, roster):
    typed("class", "plan", "class.csv", "--out", "class")
    for id in ("ada", "bob"):
        file = Path(f"class/{id}/acrlab.toml")
        file.write_text(file.read_text().replace('backend = "emulator"', 'backend = "azure"\nsubscription = "s"'))

    code, _, err = typed("class", "prepare", "class.csv", "--step", "registry")

    assert code == 2
    assert err.startswith("acrlab: Create 2 labs, for about 0.65 US dollars in 2.25 hours? There is no terminal")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--matrix", "m.csv", "--world", "w.db"), "--matrix: each row has its own world"),
        (("--matrix", "nowhere.csv"), "--matrix: nowhere.csv can't be read: No such file or directory."),
        (("--matrix", "m.csv", "--resume"), "--resume: a run is resumed as it was started"),
        (("--run", "nowhere"), "run: nowhere holds no run that can be read"),
        (
            ("--matrix", "m.csv", "--backend", "azure", "-p", "subscription", "s"),
            "Create 1 lab, for about 0.33 US dollars",
        ),
    ],
)
def test_a_matrix_that_can_not_be_run_is_refused_in_one_line(typed, write_notebooks, words, told):
    write_notebooks([])
    Path("m.csv").write_text("location\nwestus\n")

    notebooks = () if "--run" in words or "--resume" in words else ("--notebooks", "notebooks")
    code, out, err = typed("run", *notebooks, *words)

    assert (code, out) == (2, "")
    assert err.startswith(f"acrlab: {told}")
    assert not Path("runs").exists()


def test_a_pass_that_is_no_pass_is_refused(typed):
    folder = Path("runs/x")
    folder.mkdir(parents=True)
    (folder / "pass.json").write_text(json.dumps({"rows": 1}))

    code, _, err = typed("run", "--run", "runs/x")

    assert (code, err) == (2, "acrlab: resume: runs/x has nothing to resume.\n")
