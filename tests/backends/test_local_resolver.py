"""Names as this computer gets them."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from acrlab.azure.dns_answer import Record
from acrlab.backends.local_resolver import RESOLVER, resolve
from acrlab.lab.lab import Lab
from acrlab.serving.connection import serving


def test_a_served_azure_answers_for_the_internet(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = lab.resolve_here("mcr.microsoft.com")
    with serving(tmp_path / "world.db", 0) as connection:
        monkeypatch.setenv(RESOLVER, connection["dns"])

        found, none = resolve("mcr.microsoft.com"), resolve("nobody.example.com")

    assert found.records == expected.records
    assert (none.status, none.records, none.zone) == ("NXDOMAIN", (), "example.com")


def test_a_server_that_is_silent_is_servfail(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        monkeypatch.setenv(RESOLVER, f"127.0.0.1:{deaf.getsockname()[1]}")
        monkeypatch.setattr("acrlab.backends.local_resolver.PATIENCE_S", 0.05)

        assert resolve("mcr.microsoft.com").status == "SERVFAIL"


def test_the_system_is_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> Any:
        return "end.example.com", [name, "middle.example.com"], ["192.0.2.1"]

    monkeypatch.delenv(RESOLVER, raising=False)
    monkeypatch.setattr(socket, "gethostbyname_ex", found)

    answer = resolve("a.example.com")

    assert answer.records == (
        Record("a.example.com", "CNAME", "middle.example.com", 0),
        Record("middle.example.com", "CNAME", "end.example.com", 0),
        Record("end.example.com", "A", "192.0.2.1", 0),
    )


def test_a_name_that_the_system_does_not_know_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> Any:
        raise socket.gaierror

    monkeypatch.delenv(RESOLVER, raising=False)
    monkeypatch.setattr(socket, "gethostbyname_ex", unknown)

    assert resolve("a.example.com").status == "NXDOMAIN"
