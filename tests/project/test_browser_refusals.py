"""In a browser there are no programs to start and no connections to open: what needs one says so, and stops there."""

import socket
import subprocess

import pytest

import acrlab
from acrlab import capabilities
from acrlab.backends import live
from acrlab.errors import ConfigurationError
from acrlab.handouts import pdf
from acrlab.serving import azure_cli, connection, vm

ID = "00000000-0000-4000-8000-00000000ac1a"


@pytest.fixture(autouse=True)
def browser(monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("a browser's Python would end here")

    monkeypatch.setattr(capabilities, "PLATFORM", capabilities.BROWSER)
    for module, name in (
        (subprocess, "Popen"),
        (socket, "socketpair"),
        (socket, "gethostbyname"),
        (socket, "gethostbyname_ex"),
        (socket, "getaddrinfo"),
    ):
        monkeypatch.setattr(module, name, refuse)


def serve(path):
    with connection.opened_server(path, port=0):
        raise AssertionError("it serves")


def serve_for_a_while(path):
    with connection.serving(path, 0):
        raise AssertionError("it serves")


@pytest.mark.parametrize(
    ("what", "attempt"),
    [
        ("A network namespace starts another program", lambda lab: vm.real_network(lab)),
        ("The Azure CLI starts another program", lambda lab: azure_cli.program()),
        ("Printing a PDF starts another program", lambda lab: pdf.browser()),
        ("Serving an emulated Azure opens a network connection", lambda lab: serve(lab.backend.path)),
        ("Serving an emulated Azure opens a network connection", lambda lab: serve_for_a_while(lab.backend.path)),
        (
            "A real subscription opens a network connection",
            lambda lab: acrlab.connect(backend="azure", subscription=ID),
        ),
        ("Asking for a name opens a network connection", lambda lab: live.resolve("contoso.azurecr.io")),
    ],
)
def test_it_is_refused_in_one_sentence_that_says_what_to_do(lab, what, attempt):
    with pytest.raises(ConfigurationError) as caught:
        attempt(lab)

    assert str(caught.value) == (
        f"browser: {what}, which a browser does not allow. Install acrlab on a computer, and do it there."
    )


def test_notebooks_are_not_run(tmp_path):
    from acrlab.runs.run import resume

    with pytest.raises(ConfigurationError, match="Running a notebook starts another program"):
        resume(tmp_path, None)
