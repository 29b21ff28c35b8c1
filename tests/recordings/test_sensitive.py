"""What is seen as sensitive, and what looks like it and is not."""

from __future__ import annotations

import getpass
import re

import pytest

from acrlab.recordings import sensitive, telling
from acrlab.recordings.encodings import Found
from acrlab.recordings.sensitive import KINDS, Kind, sightings
from tests.canaries import CANARIES, GUID


@pytest.mark.parametrize(("kind", "text"), CANARIES.items())
def test_it_is_seen(kind: str, text: str) -> None:
    assert [one.kind for one in sightings(f"see {text} there")] == [kind]


@pytest.mark.parametrize("name", ["tenantId", "principal_id", "client id", "objectId", "AZURE_CLIENT_ID", "appId"])
def test_ids_are_seen_by_what_they_are_called(name: str) -> None:
    (seen,) = sightings(f'"{name}": "' + GUID + '"')

    assert seen.kind == "id"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "adminPassword",
            "db_passwd",
            "sshPassphrase",
            "PWD",
            "clientSecret",
            "refresh_token",
            "credential",
            "credentials",
        ),
        *("requestSignature", "protectedSettings", "connection-string", "api_key", "accessSas", "account-access-key"),
        *("sharedKey", "primaryMasterKey", "secondaryKey", "storageKey", "privateSigningKey", "hostKey", "adminKey"),
    ],
)
@pytest.mark.parametrize("form", ['"{}": "{}"', "'{}' : '{}'", "{}={}"])
def test_secrets_are_seen_by_what_they_are_called(name: str, form: str) -> None:
    value = "vT7" + "-kq2ZwX"

    assert ("secret", value) in [(one.kind, one.value) for one in sightings(form.format(name, value))]


@pytest.mark.parametrize(
    "text",
    [
        "ada@contoso.com, image@sha256:92c7f9c9, azureuser@203.0.113.9",
        "/subscriptions/00000000-0000-4000-8000-00000000ac1a",
        "roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "10.0.0.4 192.168.1.1 168.63.129.16 198.51.100.20 127.0.0.1 0.0.0.0",
        "version 1.2.3, 22.04.202401010",
    ],
)
def test_examples_and_everybodys_own_are_let_through(text: str) -> None:
    assert list(sightings(text)) == []


def test_the_computer_and_its_user_are_seen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "adalovelace")
    monkeypatch.setattr("socket.gethostname", lambda: "difference-engine.london")
    telling.names_of_this_computer.cache_clear()

    seen = [one.kind for one in sightings("/somewhere/adalovelace/lab on difference-engine, not adalovelace2")]

    telling.names_of_this_computer.cache_clear()
    assert seen == ["name of this computer or its user"] * 2


def test_it_is_told_where_it_stands_and_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitive, "names_of_this_computer", lambda: ("difference-engine",))
    mail = "ada" + "@" + "lovelace.org"

    assert list(sightings(f"on difference-engine: {mail}.")) == [
        Found("e-mail address", 22, 38, mail),
        Found("name of this computer or its user", 3, 20, "difference-engine"),
    ]


def test_what_is_escaped_is_read_without_escapes_alone() -> None:
    assert [one.value for one in sightings("at 52.174" + ".3.9%30 now")] == ["52.174" + ".3.90"]


def test_only_the_kinds_that_are_asked_for_are_seen() -> None:
    both = "ada" + "@" + "lovelace.org, 52.174" + ".3.9"
    (mail,) = (kind for kind in KINDS if kind.name == "e-mail address")

    assert [one.kind for one in sightings(both, (mail,))] == ["e-mail address"]


@pytest.mark.parametrize("name", ["root", "vscode", "ada"])
def test_a_user_called_as_many_are_tells_of_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: name)
    monkeypatch.setattr("socket.gethostname", lambda: "localhost")
    telling.names_of_this_computer.cache_clear()

    assert telling.names_of_this_computer() == ()
    telling.names_of_this_computer.cache_clear()


def test_a_match_behind_another_name_does_not_hide_one_that_counts() -> None:
    kind = Kind("secret", re.compile(r"=(?P<value>[\w=]+)"), behind=re.compile(r"token\Z"))

    assert [match["value"] for match in kind.matches("note=token=first second=x token=third")] == ["first", "third"]
