"""How the command line talks: what goes to which stream, and what it asks."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from acrlab.errors import ConfigurationError

__all__ = ["PASSED_ON", "attended", "confirmed", "stderr", "stdout"]

# For a command whose words, from the first that is no option of its own, belong to another program.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}


def stdout() -> Console:
    return Console()


def stderr() -> Console:
    return Console(stderr=True, soft_wrap=True)


def attended() -> bool:
    """Whether there is somebody to be asked."""
    return sys.stdin.isatty()


def confirmed(question: str, *, otherwise: str) -> None:
    """Ask a person; where there is none, refuse and say what to write instead.

    Raises: ConfigurationError: nobody is there to answer. typer.Abort: the answer is no.
    """
    if not attended():
        raise ConfigurationError(
            "--yes", f"nobody is here to be asked: {question} {otherwise[0].upper()}{otherwise[1:]}."
        )
    typer.confirm(question, abort=True)
