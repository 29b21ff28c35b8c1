"""`acrlab emulator application`: what it prints and writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

from acrlab.serving.sign_in import read
from tests.cli.conftest import Typed


def test_an_application_is_added_its_secret_shown_once_and_listed(typed: Typed) -> None:
    typed("emulator", "subscription", "add", "Spokes")

    code, out, _ = typed("emulator", "application", "add", "auditor", "--subscription", "Spokes", "--role", "Reader")
    listed = typed("emulator", "application", "list")[1]

    assert code == 0
    secret = out.splitlines()[1].removeprefix("Its secret, shown only once: ")
    assert len(secret) == 40
    assert "auditor" in listed
    assert listed.split()[-1] == "Reader"
    assert secret not in listed


def test_its_sign_in_goes_to_a_file_and_not_to_the_terminal(typed: Typed) -> None:
    typed("emulator", "subscription", "add", "Spokes")

    out = typed("emulator", "application", "add", "ada", "--subscription", "Spokes", "--out", "ada.json")[1]

    assert read(Path("ada.json")).client_secret not in out
    assert "acrlab emulator env --sign-in ada.json" in out


def test_where_the_file_is_there_no_application_is_added(typed: Typed) -> None:
    typed("emulator", "subscription", "add", "Spokes")
    Path("ada.json").write_text("{}")

    code, _, err = typed("emulator", "application", "add", "ada", "--subscription", "Spokes", "--out", "ada.json")

    assert (code, err) == (2, "acrlab: sign-in: ada.json is there already. Name another file, or move it away.\n")
    assert "ada" not in typed("emulator", "application", "list")[1]
