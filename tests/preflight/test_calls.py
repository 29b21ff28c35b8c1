"""The plan of calls that preflight prints is what the steps and the clean-up send."""

from collections import Counter
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

import acrlab
from acrlab.azure.cloud import MANAGEMENT_HOST
from acrlab.cli.app import app
from acrlab.course.lookup import PLAN
from acrlab.emulator.arm.authorization import asked_action
from acrlab.preflight.calls import CREATES, DELETES


@pytest.fixture
def sent(lab, monkeypatch):
    """Count what is sent that changes something; grows while the lab is used."""
    found = Counter()
    transport = lab.backend.options()["transport"]
    send = transport.send

    def listening(request, **options):
        url = urlsplit(request.url)
        action = asked_action(request.method, url.path)[1]
        if url.hostname == MANAGEMENT_HOST and not action.endswith("/read"):
            found[action] += 1
        return send(request, **options)

    monkeypatch.setattr(transport, "send", listening)
    return found


def test_the_steps_send_the_calls_of_the_plan_and_no_other(lab, sent):
    acrlab.bring_to(lab, *(step.name for step in PLAN))
    assert dict(sent) == CREATES

    sent.clear()
    acrlab.delete_lab(lab)
    assert dict(sent) == DELETES


def test_preflight_prints_the_plan(tmp_path, monkeypatch):
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path))

    shown = CliRunner().invoke(app, ["preflight", "--world", str(tmp_path / "w.db")]).output

    assert "20 calls that change something" in shown
    assert "Microsoft.Network/privateDnsZones/A/write" in shown
