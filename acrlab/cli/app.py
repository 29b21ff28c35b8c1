"""The `acrlab` command, made of its parts. Slow imports wait until they are needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Annotated

import typer

from acrlab.cli import applications, clean_up, doctor, faults, learn, preflight, publish, run, server, world
from acrlab.cli.classroom import hub, instructor, labs, pairs, rights
from acrlab.cli.console import HELP, PASSED_ON, stderr, stdout
from acrlab.cli.world_settings import WorldSettingCommand
from acrlab.errors import AcrLabError

REFUSED = 2
PASSING = (["az"], ["vm", "exec"])  # commands whose words, but for their own options, are another program's
VALUED = ("--world", "--state")  # of those options, the ones that a value follows
_debugging = ContextVar("debugging", default=False)

# Who needs a command: the headings of `acrlab --help`, in this order.
LEARN, CHECK, SERVE, SHARE, DEVELOP = (
    "Learn and run",
    "Check and diagnose",
    "Serve the emulated Azure",
    "Give to others",
    "Develop acrlab",
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings=HELP,
)
app.command(cls=learn.PassingCommand, rich_help_panel=LEARN)(learn.learn)
app.command(cls=run.PairsCommand, rich_help_panel=LEARN)(run.run)
app.command(rich_help_panel=LEARN)(world.status)
app.command(rich_help_panel=LEARN)(world.reset)
app.command("clean-up", rich_help_panel=LEARN)(clean_up.clean_up)
app.add_typer(learn.practice, name="practice", rich_help_panel=LEARN)
app.add_typer(learn.work, name="work", rich_help_panel=LEARN)
labs.classroom.command("open")(hub.open_class)
for command in (instructor.status, instructor.solve, instructor.plant, instructor.deal, pairs.pairs, rights.rights):
    labs.classroom.command()(command)
app.add_typer(labs.classroom, name="class", rich_help_panel=SHARE)
app.command(rich_help_panel=CHECK)(preflight.preflight)
app.command(rich_help_panel=CHECK)(doctor.doctor)
app.command(context_settings={**PASSED_ON, "help_option_names": []}, rich_help_panel=SERVE)(server.az)
app.command("shell-env", rich_help_panel=SERVE)(server.shell_env)
app.add_typer(server.vm, name="vm", rich_help_panel=SERVE)
app.add_typer(world.emulator, name="emulator", rich_help_panel=SERVE)
app.add_typer(world.emulator, name="world", hidden=True)  # the same commands under another name
app.command(rich_help_panel=SHARE)(publish.handout)
app.command(rich_help_panel=SHARE)(publish.site)
app.command(rich_help_panel=SHARE)(publish.scan)
app.command(rich_help_panel=DEVELOP)(run.record)
app.add_typer(publish.article, name="article", rich_help_panel=DEVELOP)
world.emulator.command(cls=WorldSettingCommand)(server.serve)
world.emulator.command()(server.env)
world.emulator.command()(server.approve)
world.emulator.add_typer(applications.application, name="application")
world.emulator.add_typer(faults.fault, name="fault")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: one line on stderr and exit code 2 for what is refused, a traceback only with `--debug`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _debugging.set(False)
    try:
        app(args=_ordered(given), prog_name="acrlab")
    except Exception as problem:
        if _debugging.get():
            raise
        kind = "" if isinstance(problem, AcrLabError) else f"{type(problem).__name__}: "
        hint = "" if isinstance(problem, AcrLabError) else " (--debug shows where)"
        stderr().print(f"acrlab: {kind}{' '.join(str(problem).split())}{hint}", markup=False, highlight=False)
        raise SystemExit(REFUSED) from None


def _ordered(words: list[str]) -> list[str]:
    """Move `--debug` to the front where it was written behind a command; one for another program stays there."""
    end = _own(words)
    rest = [word for word in words[:end] if word != "--debug"] + words[end:]
    return ["--debug"] * (len(rest) < len(words)) + rest


def _own(words: list[str]) -> int:
    """Count the words at the beginning that are not another program's."""
    commands: list[str] = []
    option = ""
    for at, word in enumerate(words):
        if word.startswith("-"):
            option = word
        elif option in VALUED:
            option = ""
        elif commands in PASSING:
            return at
        else:
            commands.append(word)
    return len(words)


def _debug(wanted: bool) -> None:
    _debugging.set(wanted)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        stdout().print(f"acrlab {version('acrlab')}", highlight=False)
        raise typer.Exit


@app.callback()
def acrlab(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", callback=_debug, help="Show a traceback when something goes wrong.")
    ] = False,
) -> None:
    """Private Link for Azure Container Registry: learn it in notebooks, on an emulated Azure or on a real one."""
