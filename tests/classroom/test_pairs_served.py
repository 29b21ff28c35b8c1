"""A pair plays chapter 04's passage on one served Azure: two processes, each with its own environment and rights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from acrlab.classroom.pairs.opening import SIGN_IN, open_pairs
from acrlab.classroom.pairs.pairing import paired
from acrlab.classroom.roster import Learner
from acrlab.serving import sign_in
from acrlab.serving.connection import environment, serving

ROOT = Path(__file__).resolve().parents[2]
# Reads what to do, one expression a line, and answers with its value.
LEARNER = """
import json, sys
from azure.core.exceptions import HttpResponseError
import acrlab
from acrlab import steps
from acrlab.errors import AcrLabError
from acrlab.steps import approval, prerequisites
from acrlab.steps.beyond import subscriptions

lab = acrlab.connect(confirm_cost=9)


def refused(ask):
    "The code with which Azure refuses it."
    try:
        ask()
    except (HttpResponseError, AcrLabError) as problem:
        told = problem if isinstance(problem, HttpResponseError) else problem.__cause__
        return told.error.code


for line in sys.stdin:
    print(json.dumps(eval(line), default=lambda one: getattr(one, "__dict__", str(one))), flush=True)
"""


class Process:
    """A learner's process."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(("ACRLAB_", "AZURE_", "COV_CORE"))}
        own = {"PYTHONPATH": str(ROOT), "ACRLAB_WIDGETS": "off"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", LEARNER],
            cwd=folder,
            env=inherited | variables | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, expression: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{expression}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{expression}: the process has ended, {self.process.wait()}"
        return json.loads(line)


@contextmanager
def learner(folder: Path, connection: dict[str, Any]) -> Iterator[Process]:
    """Have the process of the learner whose files are in a folder."""
    signs_in = sign_in.read(folder / SIGN_IN)
    made = Process(folder, environment(signs_in.connected(connection), folder / "azure"))
    try:
        yield made
    finally:
        made.process.communicate()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Process, Process]]:
    """Owner and consumer, with the owner's registry built."""
    world, out = tmp_path / "w.db", tmp_path / "class"
    open_pairs(paired([Learner("ada"), Learner("bob")]), world, out, prefix="it")
    with serving(world, 0) as connection, ExitStack() as stack:
        owner, consumer = (stack.enter_context(learner(out / id, connection)) for id in ("ada", "bob"))
        owner('acrlab.bring_to(lab, "registry") and None')
        yield owner, consumer


def test_the_passage_is_played_by_two_and_neither_can_touch_what_is_the_other_s(
    pair: tuple[Process, Process],
) -> None:
    owner, consumer = pair
    ids = [one("lab.subscription") for one in pair]
    asked = consumer("subscriptions.ask_across(lab)")
    seen = owner("subscriptions.ask_across(lab)")
    assert (asked["owner_sees"], asked["consumer_sees"]) == ("", "Pending")
    assert (seen["endpoint"], seen["owner_sees"]) == (asked["endpoint"], "Pending")

    registry = 'registry_name=lab.settings.partner.split("/")[-1]'
    hers = f'lab.in_subscription({ids[0]!r}, resource_group="it-ada", {registry})'
    for forbidden in (
        f"steps.connections({hers})",
        f"prerequisites.find_group({hers})",
        f"prerequisites.ensure_registry({hers})",
        f"{hers}.registry.registries.list_credentials('it-ada', {hers}.settings.registry_name)",
    ):
        assert consumer(f"refused(lambda: {forbidden})") == "AuthorizationFailed", forbidden
    his = f'lab.in_subscription({ids[1]!r}, resource_group="it-bob-consumer")'
    for forbidden in (
        f"prerequisites.find_group({his})",
        f"prerequisites.ensure_group({his})",
        f"approval.manual_endpoint({his})",
        f"approval.remove_manual_endpoint({his})",
    ):
        assert owner(f"refused(lambda: {forbidden})") == "AuthorizationFailed", forbidden
    listed = "[one['subscriptionId'] for one in lab.arm.get('/subscriptions', '2022-12-01')['value']]"
    assert [one(listed) for one in pair] == [[id] for id in ids]

    assert owner('subscriptions.answer_across(lab, "Ticket 1")')["owner_sees"] == "Approved"
    assert consumer("subscriptions.answer_across(lab)")["consumer_sees"] == "Approved"
    assert consumer("subscriptions.take_across_back(lab)") == []
    assert owner("subscriptions.take_across_back(lab)") == []
