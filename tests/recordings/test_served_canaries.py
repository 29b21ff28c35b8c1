"""A recording that is made of a served Azure full of canaries holds none of them, and a scan finds nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from acrlab.lab.lab import Lab, connect
from acrlab.recordings.scan import scan
from acrlab.serving.connection import environment, serving
from acrlab.settings.environment import CHAPTER, RECORDING
from tests.recordings.crafted import CRAFTED, Crafted

LONGEST = 140  # letters of a rule's description
TAGS = 40  # of a group, and some for the lab
NAMES = {"registry_name": "contoso42", "resource_group": "secretgroup", "vm_name": "buildbox"}


def test_a_recording_of_a_world_full_of_canaries_holds_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "class.jsonl"
    fitting = {name: one for name, one in CRAFTED.items() if len(one.body) <= LONGEST}
    with serving(tmp_path / "world.db", 0) as connection:
        own = {"ACRLAB_HOME": str(tmp_path / "home"), RECORDING: str(path), CHAPTER: "03-private-link"}
        for name, value in (environment(connection, tmp_path / "azure") | own).items():
            monkeypatch.setenv(name, value)
        lab = connect(backend="azure", confirm_cost=1.0, **NAMES)
        for group in ("secretgroup", "payroll-prod"):
            fill(lab, group, list(fitting.values()))
        guard = lab.network.network_security_groups.get("secretgroup", "guard")
        read = [rule.description for rule in guard.security_rules]
        list(lab.resources.resources.list())
        list(lab.resources.resource_groups.list())
        lab.close()

    text = path.read_text("utf-8")
    assert len(fitting) >= 40
    assert read == [one.body for one in fitting.values()], "the canaries did travel"
    assert [name for name, one in fitting.items() if one.secret in text] == []
    assert [word for word in (*NAMES.values(), "payroll-prod", "woodgrove") if word in text] == []
    assert scan([path]).leaks == ()


def fill(lab: Lab, group: str, canaries: list[Crafted]) -> None:
    """Put canaries where people write: on tags, and beside the rules of a firewall."""
    tags = {f"woodgrove-{number}": one.secret for number, one in enumerate(canaries[:TAGS])}
    lab.resources.resource_groups.create_or_update(group, {"location": "westus", "tags": tags})
    open_to_all = {"access": "Allow", "direction": "Inbound", "protocol": "Tcp", "sourceAddressPrefix": "*"}
    ports = {"sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "443"}
    rules = [
        {"name": f"rule{n}", "properties": open_to_all | ports | {"description": one.body, "priority": 100 + n}}
        for n, one in enumerate(canaries)
    ]
    body = {"location": "westus", "properties": {"securityRules": rules}}
    lab.network.network_security_groups.begin_create_or_update(group, "guard", body).result()
