"""How the command line talks: what goes to which stream, and what it asks."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from acrlab.errors import AcrLabError

# For a command whose words, from the first that is no option of its own, belong to another program.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}


def stdout() -> Console:
    return Console()


def stderr() -> Console:
    return Console(stderr=True, soft_wrap=True)


def attended() -> bool:
    """Whether there is somebody to be asked."""
    return sys.stdin.isatty()


def confirmed(question: str, *, first: str = "") -> None:
    """Ask a person; where nobody can answer, refuse and say what to write instead.

    Args:
        first: what is wise before an unasked yes, an imperative; empty: nothing.

    Raises: AcrLabError: there is no terminal to answer in. typer.Abort: the answer is no.
    """
    if not attended():
        advice = f"{first}; to" if first else "To"
        message = f"{question} There is no terminal to answer in, so nothing was done. {advice} go ahead, add --yes."
        raise AcrLabError(message)
    typer.confirm(question, abort=True)
