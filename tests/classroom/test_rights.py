"""The scripts that give a class its rights: what they say, and that nothing in a roster becomes a command."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

import pytest

from acrlab.classroom import plan as plans
from acrlab.classroom.rights import Holder, actions, write_scripts
from acrlab.classroom.roster import Learner
from acrlab.errors import ConfigurationError
from acrlab.preflight.rights import NEEDED_RIGHTS, REGISTERING

ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
ADA = Learner("ada", object_id="11111111-2222-4333-8444-555555555555")
BOB = Learner("bob", sign_in="bob@contoso.example")


def holders(*learners, **options):
    given = {"backend": "azure", "subscriptions": [ONE]} | options
    return [Holder(one.learner, one.settings) for one in plans.plan(learners, **given)]


def lines(script, word):
    """What is called with `word` first, as the shell reads it."""
    text = script.read_text().replace("\\\n", " ")
    return [shlex.split(line.partition(" &&")[0]) for line in text.splitlines() if line.strip().startswith(f"{word} ")]


def test_a_learner_is_given_what_the_chapters_need_on_their_own_groups_alone(tmp_path):
    give, _ = write_scripts(holders(ADA, BOB), tmp_path)

    text = give.read_text()
    ada = text[text.index("echo ada") : text.index("echo bob")]
    given = re.findall(r'give \'(acrlab \w+)\' "\$principal" (\S+) [0-9a-f-]{36}', ada)
    assert given == [
        ("acrlab class", f"/subscriptions/{ONE}"),
        ("acrlab learner", f"/subscriptions/{ONE}/resourceGroups/acrlab-ada"),
        ("acrlab learner", f"/subscriptions/{ONE}/resourceGroups/acrlab-ada-portal"),
    ]
    assert f"principal={ADA.object_id} &&" in ada
    assert 'principal="$(az ad user show --id bob@contoso.example --query id -o tsv)"' in text


def test_the_role_is_what_the_reference_says_and_reading():
    needed = {one for chapters, actions in NEEDED_RIGHTS.items() if chapters != REGISTERING for one in actions}

    left_out = needed - set(actions())

    assert set(actions()) - needed == {"*/read"}
    assert left_out == {
        "Microsoft.ContainerService/register/action",  # the subscription's, like those of chapter 00
        "Microsoft.Resources/subscriptions/resourceGroups/delete",  # the groups are the class's
    }


def test_roles_can_be_assigned_in_every_subscription_of_the_class(tmp_path):
    give, _ = write_scripts(holders(ADA, BOB, subscriptions=[ONE, TWO]), tmp_path)

    (learner, reader) = [json.loads(words[3]) for words in lines(give, "define")]
    assert learner["AssignableScopes"] == reader["AssignableScopes"] == [f"/subscriptions/{one}" for one in (ONE, TWO)]
    assert learner["Actions"] == actions()
    assert all(action.endswith("/read") for action in reader["Actions"])
    assert "*/read" not in reader["Actions"]  # nothing of a neighbour is seen


def test_groups_are_tagged_with_their_owner_and_class(tmp_path):
    give, _ = write_scripts(holders(ADA, prefix="autumn"), tmp_path)

    assert lines(give, "group") == [
        ["group", ONE, f"autumn-ada{more}", "westus", "ada", "class=autumn", "acrlab-owner=ada"]
        for more in ("", "-portal")
    ]


def test_what_is_given_is_taken_and_twice_the_same_is_written(tmp_path):
    give, take = write_scripts(holders(ADA, BOB), tmp_path)
    texts = give.read_text(), take.read_text()
    write_scripts(holders(ADA, BOB), tmp_path)

    assert (give.read_text(), take.read_text()) == texts
    given = {(words[3], words[4]) for words in lines(give, "give")}
    mark = "/providers/Microsoft.Authorization/roleAssignments/"
    taken = {tuple(words[5].split(mark)) for words in lines(take, "az") if "assignment" in words}
    assert given == taken
    assert len(given) == 6


@pytest.mark.parametrize("name", ["a'; touch gotcha #", "$(touch gotcha)@contoso.example", "`touch gotcha`"])
def test_nothing_in_a_roster_becomes_a_command(tmp_path, name):
    give, take = write_scripts(holders(Learner("ada", sign_in=name)), tmp_path)
    (tmp_path / "az").write_text('#!/bin/sh\necho "$@" >> calls\ncase "$*" in *"definition list"*) echo r;; esac\n')
    (tmp_path / "az").chmod(0o755)

    for script in (give, take):
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        subprocess.run(["bash", script], cwd=tmp_path, env=path, capture_output=True, timeout=60, check=False)

    assert not (tmp_path / "gotcha").exists()
    assert f"ad user show --id {name} --query id" in (tmp_path / "calls").read_text()


def test_one_learner_who_fails_is_named_and_keeps_no_other_out(tmp_path):
    give, _ = write_scripts(holders(ADA, BOB), tmp_path)
    answers = '*"ad user show"*) exit 1;; *"group exists"*) echo false;; *"definition list"*) echo r;;'
    text = f'#!/bin/sh\ncase "$*" in {answers} esac\n'
    (tmp_path / "az").write_text(text)
    (tmp_path / "az").chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}

    for order in ((ADA, BOB), (BOB, ADA)):
        give, _ = write_scripts(holders(*order), tmp_path)
        done = subprocess.run(["bash", give], env=path, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout.split()) == (1, [one.id for one in order])
        assert done.stderr == "Not done: bob. See above, then run this again.\n"


def test_who_a_learner_is_has_to_be_known(tmp_path):
    with pytest.raises(ConfigurationError, match="roster: cy has neither object_id nor sign_in"):
        write_scripts(holders(ADA, Learner("cy")), tmp_path)
    with pytest.raises(ConfigurationError, match="--out: ada's lab is on the emulated Azure"):
        write_scripts(holders(ADA, backend="emulator", subscriptions=[]), tmp_path)
    assert list(tmp_path.iterdir()) == []
