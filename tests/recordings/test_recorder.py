"""Recorded through the SDKs' own transport from a served Azure, and replayed: the same answers, and nobody's names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.core.rest import HttpRequest

import acrlab
from acrlab.errors import ConfigurationError, NotRecordedError, RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab, connect
from acrlab.recordings.format import exchanges
from acrlab.recordings.recorder import Recorder
from acrlab.recordings.sensitive import sightings
from acrlab.serving.connection import environment, serving
from acrlab.settings import Settings
from acrlab.settings.environment import CHAPTER, FIXTURES, RECORDING

OWNER = "ada" + "@" + "lovelace.org"
NAMES = {"registry_name": "contoso42", "resource_group": "secretgroup", "vm_name": "buildbox"}
CHOSEN = {**NAMES, "location": "westeurope", "owner": OWNER, "confirm_cost": 1.0}


@dataclass(frozen=True)
class Recorded:
    """What a recorded lab saw, and the variables that led it there, secret included."""

    path: Path
    seen: dict[str, Any]
    variables: dict[str, str]

    def opened(self, **parameters: str) -> Lab:
        return connect(backend="replay", fixtures=str(self.path), **parameters)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    path = folder / "class.jsonl"
    with serving(folder / "world.db", 0) as connection, pytest.MonkeyPatch.context() as patched:
        variables = environment(connection, folder / "azure")
        own = {"ACRLAB_HOME": str(folder / "home"), RECORDING: str(path), CHAPTER: "03-private-link"}
        for name, value in (variables | own).items():
            patched.setenv(name, value)
        lab = connect(backend="azure", **CHOSEN)
        seen = taught(lab)
        lab.close()
    return Recorded(path, seen, variables)


@pytest.fixture(autouse=True)
def chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHAPTER, "03-private-link")


def taught(lab: Lab) -> dict[str, Any]:
    """What a chapter does with its lab: makes things, looks, is refused, and cannot reach something."""
    acrlab.bring_to(lab, "sample-image", "pull-right")
    seen: dict[str, Any] = {"tags": acrlab.tags(lab), "pull": repr(acrlab.pull_from_here(lab))}
    seen["rights"] = acrlab.steps.vm_rights(lab)
    seen["here"], seen["inside"] = (
        ask(lab, lab.settings.login_server) for ask in (acrlab.resolve_here, acrlab.resolve)
    )
    acrlab.deny_public_access(lab)
    seen["refusal"] = acrlab.refusal_from_here(lab)
    seen["name"] = acrlab.steps.name_is_available(lab)
    with pytest.raises(RefusedError) as caught, asking("Knocking", "nobody"):
        lab.arm._client.send_request(HttpRequest("GET", "https://nobody.example.com/"))
    seen["unreachable"] = caught.value.code
    if lab.settings.backend == "azure":
        lab.resources.resource_groups.create_or_update("theirs", {"location": "westus"})
        body = {"location": "westus", "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}}
        lab.network.virtual_networks.begin_create_or_update("theirs", "theirSecretNetwork", body).result()
    networks = f"/subscriptions/{lab.subscription}/providers/Microsoft.Network/virtualNetworks"
    seen["networks"] = [one["name"] for one in lab.arm.get_all(networks, "2024-05-01")]
    seen["group"] = lab.resources.resource_groups.get(lab.settings.resource_group).name
    return seen


def test_the_replay_shows_the_same_under_the_articles_names(recorded: Recorded) -> None:
    lab = recorded.opened()
    shown = taught(lab)
    lab.close()

    assert lab.settings.location == "westeurope"
    assert lab.settings.resource_group == shown["group"] == "myResourceGroup"
    assert recorded.seen["group"] == "secretgroup"
    assert (sorted(recorded.seen["networks"]), shown["networks"]) == (
        ["buildboxVNET", "theirSecretNetwork"],
        ["myDockerVMVNET"],
    )
    mine, articles = NAMES["registry_name"], lab.settings.registry_name
    others = {"group": "", "networks": ""}
    assert repr(shown | others) == repr(recorded.seen | others).replace(mine, articles)


def test_nothing_of_whoever_recorded_it_is_in_it(recorded: Recorded) -> None:
    text = recorded.path.read_text("utf-8")

    secrets = [recorded.variables[name] for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")]
    assert [name for name in (*NAMES.values(), OWNER, *secrets) if name.lower() in text.lower()] == []
    assert [one.kind for one in sightings(text)] == []
    assert "ssh-ed25519" not in text
    headers = [set(one.request.headers) for one in exchanges(recorded.path, "03-private-link")]
    assert set().union(*headers) == {"Content-Type", "Range"}


def test_a_request_beyond_the_recording_is_named(recorded: Recorded) -> None:
    lab = recorded.opened()

    with pytest.raises(
        NotRecordedError, match=r"GET https://management\.azure\.com/.*privateDnsZones.* does not have it"
    ):
        acrlab.ensure_zone(lab)
    lab.close()


def test_a_recording_needs_the_name_of_its_chapter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(CHAPTER)

    with pytest.raises(ConfigurationError, match="a recording is made of chapters"):
        Recorder(None, Settings(), tmp_path / "class.jsonl")


def test_a_replay_needs_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FIXTURES, raising=False)

    with pytest.raises(ConfigurationError) as caught:
        connect(backend="replay")

    assert str(caught.value) == "fixtures: backend replay needs a recording. Name one: ACRLAB_FIXTURES, or --fixtures."


def test_a_replay_has_one_lab(recorded: Recorded) -> None:
    with pytest.raises(ConfigurationError) as caught:
        recorded.opened(location="eastus")

    assert str(caught.value) == "location: 'eastus' is not what was recorded: 'westeurope'. Leave it out."


def test_jupyterlab_says_which_chapter_it_is(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHAPTER)
    monkeypatch.setenv("JPY_SESSION_NAME", "lab/03-private-link.ipynb")

    lab = recorded.opened()

    assert lab.backend.resolve(lab.settings.login_server).status == "NOERROR"
    lab.close()


def test_without_a_chapter_nothing_is_replayed(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHAPTER)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)

    with pytest.raises(ConfigurationError, match=r"nothing says which this is\. Set ACRLAB_CHAPTER"):
        recorded.opened()
