"""Names as this computer gets them."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from acrlab.azure.dns_answer import Record
from acrlab.backends.live import resolve
from acrlab.course.tables import answer_table, stage
from acrlab.errors import ConfigurationError
from acrlab.lab.lab import Lab
from acrlab.serving.connection import serving
from acrlab.settings.environment import RESOLVER


def test_a_served_azure_answers_for_the_internet(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = lab.backend.resolve("mcr.microsoft.com")
    with serving(tmp_path / "world.db", 0) as connection:
        monkeypatch.setenv(RESOLVER, connection["dns"])

        found, none = resolve("mcr.microsoft.com"), resolve("nobody.example.com")

    assert found.records == expected.records
    assert (none.status, none.records, none.zone, none.kept_s) == ("NXDOMAIN", (), "example.com", 300)


def test_a_server_that_is_silent_is_servfail(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        monkeypatch.setenv(RESOLVER, f"127.0.0.1:{deaf.getsockname()[1]}")
        monkeypatch.setattr("acrlab.backends.live.PATIENCE_S", 0.05)

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


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "NXDOMAIN"),
        (socket.gaierror(socket.EAI_NODATA, "No address associated with hostname"), "NXDOMAIN"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "SERVFAIL"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution"), "SERVFAIL"),
        (socket.herror(2, "Host name lookup failure"), "SERVFAIL"),
    ],
)
def test_only_a_system_that_knows_says_that_a_name_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, problem: OSError, status: str
) -> None:
    def fail(name: str) -> Any:
        raise problem

    monkeypatch.delenv(RESOLVER, raising=False)
    monkeypatch.setattr(socket, "gethostbyname_ex", fail)

    answer = resolve("a.example.com")

    assert (answer.status, stage(answer)) == (status, "nxdomain" if status == "NXDOMAIN" else "unanswered")
    assert ("could not be asked" in repr(answer_table([answer]))) is (status == "SERVFAIL")


@pytest.mark.parametrize("server", ["127.0.0.1", "localhost:", ":53", "127.0.0.1:dns"])
def test_a_name_server_without_a_port_is_refused(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv(RESOLVER, server)

    with pytest.raises(ConfigurationError, match=r"ACRLAB_DNS: .* is not address:port"):
        resolve("a.example.com")
