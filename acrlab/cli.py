"""The `acrlab` command: runs of the notebooks, and their stored outputs. Slow imports wait until they are needed."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from acrlab import (
    cli_clean_up,
    cli_doctor,
    cli_faults,
    cli_handout,
    cli_machine,
    cli_practice,
    cli_preflight,
    cli_server,
    cli_world,
)
from acrlab.cli_terms import confirmed, stderr, stdout
from acrlab.errors import AcrLabError, ConfigurationError

if TYPE_CHECKING:
    from acrlab.notebooks import Notebook
    from acrlab.run_record import RunRecord

__all__ = ["app", "main"]

RUNS = Path("runs")
FAILED, REFUSED, INTERRUPTED = 1, 2, 130
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}  # to another program

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("status")(cli_world.status)
app.command("reset")(cli_world.reset)
app.command("clean-up")(cli_clean_up.clean_up)
app.command()(cli_preflight.preflight)
app.command("doctor")(cli_doctor.doctor)
app.command("handout")(cli_handout.handout)
cli_world.emulator.add_typer(cli_faults.fault, name="fault")
app.command("az", context_settings=PASSED_ON)(cli_server.az)
cli_world.emulator.command("serve")(cli_server.serve)
cli_world.emulator.command("env")(cli_server.env)
app.command("shell-env")(cli_machine.shell_env)
app.add_typer(cli_machine.machine, name="machine")
app.add_typer(cli_practice.practice, name="practice")
app.add_typer(cli_world.emulator, name="emulator")
app.add_typer(cli_world.emulator, name="world", hidden=True)  # the same commands, for who thinks of the world first


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: one line on stderr and exit code 2 for what is refused, a traceback only with `--debug`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=[word for word in given if word != "--debug"], prog_name="acrlab")
    except Exception as problem:
        if "--debug" in given:
            raise
        kind = "" if isinstance(problem, AcrLabError) else f"{type(problem).__name__}: "
        hint = "" if isinstance(problem, AcrLabError) else " (--debug shows where)"
        stderr().print(f"acrlab: {kind}{' '.join(str(problem).split())}{hint}", markup=False, highlight=False)
        raise SystemExit(REFUSED) from None


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        stdout().print(f"acrlab {version('acrlab')}", highlight=False)
        raise typer.Exit


@app.callback()
def acrlab(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which this is.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False,
) -> None:
    """Private Link for Azure Container Registry: run the lab's notebooks, on the emulated Azure or on a real one."""


class _PairsCommand(TyperCommand):
    """Takes `-p name value`, as papermill does, and `-p name=value`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_joined(args)))


@app.command(cls=_PairsCommand)
def run(
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME VALUE", help="Set a parameter; can be given again."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Run this notebook: its number or name; can be given again.")
    ] = None,
    begin: Annotated[str, typer.Option("--from", help="Begin with this notebook.")] = "",
    end: Annotated[str, typer.Option("--to", help="End with this notebook.")] = "",
    backend: Annotated[str, typer.Option(help="emulator, or azure: a real subscription. Short for -p backend.")] = "",
    world: Annotated[
        Path | None, typer.Option(help="File of the emulated Azure to work on; else every run gets an empty one.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of all runs.")] = RUNS,
    resume: Annotated[bool, typer.Option("--resume", help="Take up the newest run that did not end well.")] = False,
    folder: Annotated[Path | None, typer.Option("--run", help="Take up this run: a folder in runs/.")] = None,
    notebooks: Annotated[Path | None, typer.Option(help="Folder of the notebooks.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before spending money on a real Azure.")] = False,
) -> None:
    """Run the notebooks in order, each run on an empty emulated Azure of its own.

    Executed copies and a record of times, parameters and versions go to a folder in runs/. A run stops at the first
    cell that fails; --resume begins with that notebook again, with the same parameters and on the same world.

    Examples:

      acrlab run

      acrlab run -p location westeurope -p registry_name contoso42

      acrlab run --only 03        (or: --from 02 --to 06)

      acrlab run --resume
    """
    from acrlab import runs
    from acrlab.run_display import display_for
    from acrlab.run_record import unfinished

    if resume or folder:
        if parameter or only or begin or end or backend or world or notebooks:
            raise ConfigurationError("--resume", "a run is taken up as it was begun; only --out and --run go with it.")
        _conclude(runs.resume(folder or unfinished(out), display_for(stdout())), out)
    order = _order(_pairs(parameter or (), backend), only or (), begin, end, world, out, notebooks)
    if order.backend == "azure":
        order.parameters["confirm_cost"] = _confirmed_cost(order.parameters, yes=yes)
    _conclude(runs.run(order, display_for(stdout())), out)


@app.command()
def record(
    only: Annotated[
        list[str] | None, typer.Option(help="This notebook: its number or name; can be given again.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 where an output would change.")
    ] = False,
    notebooks: Annotated[Path | None, typer.Option(help="Folder of the notebooks.")] = None,
) -> None:
    """Run each notebook alone, from an empty world, and store its outputs in it.

    Examples:

      acrlab record

      acrlab record --only 03

      acrlab record --check
    """
    from acrlab.notebooks import chosen, find, folder_of
    from acrlab.outputs import rerun
    from acrlab.papermill_engine import CellFailure

    changed = False
    wanted = _runnable(chosen(find(folder_of(notebooks)), only=only or (), begin="", end=""))
    try:
        for notebook, text in rerun(wanted):
            same = text == notebook.path.read_text("utf-8")
            changed |= not same
            stdout().print(f"{notebook.name:<20} {'as stored' if same else 'changed'}", highlight=False)
            if not check and not same:
                notebook.path.write_text(text, "utf-8", newline="\n")
    except CellFailure as failure:
        stderr().print(f"{failure.section} stopped at In [{failure.number}]: {failure}", markup=False, highlight=False)
        raise typer.Exit(FAILED) from None
    raise typer.Exit(FAILED if check and changed else 0)


def _joined(words: list[str]) -> Any:
    """Make one word of the two that follow a `-p`."""
    rest = iter(words)
    for word in rest:
        yield word
        if word in ("-p", "--parameter") and (name := next(rest, None)) is not None:
            value = None if "=" in name else next(rest, None)
            yield name if value is None else f"{name}={value}"


def _pairs(words: Sequence[str], backend: str) -> list[tuple[str, str]]:
    pairs = [("backend", backend)] if backend else []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigurationError(name, "this parameter has no value. Write: -p NAME VALUE")
        pairs.append((name, value))
    return pairs


def _order(
    pairs: list[tuple[str, str]],
    only: Sequence[str],
    begin: str,
    end: str,
    world: Path | None,
    out: Path,
    folder: Path | None,
) -> Any:
    from acrlab.notebooks import chosen, find, folder_of, parameters
    from acrlab.runs import Order

    wanted: list[Notebook] = chosen(find(folder_of(folder)), only=only, begin=begin, end=end)
    given = parameters(wanted, pairs)
    wanted = _runnable(wanted, str(given.get("backend", "emulator")))
    return Order(notebooks=wanted, parameters=given, world=world, out=out)


def _runnable(wanted: list[Notebook], backend: str = "emulator") -> list[Notebook]:
    """Leave out what this computer has not the means for, and say why."""
    from acrlab.needs import runnable

    left, reasons = runnable(wanted, backend)
    for name, reason in reasons.items():
        stderr().print(f"{name} is skipped: {reason}", markup=False, highlight=False)
    if not left:
        raise ConfigurationError("notebooks", "none of these can be run here.")
    return left


def _confirmed_cost(parameters: dict[str, Any], *, yes: bool) -> float:
    """Find out before anything is started whether there is a credential, and whether somebody says yes to the cost."""
    from acrlab.clients import connect
    from acrlab.consent import confirmed_enough, cost_here, question
    from acrlab.settings import Settings

    known = {name: value for name, value in parameters.items() if name in Settings.model_fields}
    lab = connect(Settings.from_parameters(**known))
    try:
        if not yes and not confirmed_enough(lab):
            confirmed(question(lab), otherwise="look with acrlab preflight, and say --yes to go on")
        return max(lab.settings.confirm_cost, cost_here(lab))
    finally:
        lab.close()


def _conclude(record: RunRecord, out: Path) -> NoReturn:
    """Say how a run ended, and what comes next."""
    if record.status == "finished":
        for outcome in record.notebooks:
            for name, value in outcome.facts.items():
                stdout().print(f"{name}: {value}", highlight=False, markup=False, soft_wrap=True)
        count = len(record.notebooks)
        text = f"{count} notebook{'s' if count > 1 else ''}, no failed cell, {record.seconds:.1f} s."
        stdout().print(f"{text} Record: {record.folder / 'record.json'}", highlight=False, soft_wrap=True)
        raise typer.Exit
    stopped = next(record.remaining())
    lines = [f"{stopped.name} stopped before its end"]
    if cell := stopped.failed_cell:
        lines = [
            f"{stopped.name} stopped at In [{cell['number']}], in “{cell['section']}”",
            f"{cell['error']}: {cell['message']}",
            f"Executed copy: {record.folder / stopped.name}.ipynb",
        ]
    lines.append(f"To go on from there: {_again(record, out)}")
    stderr().print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(INTERRUPTED if record.status == "interrupted" else FAILED)


def _again(record: RunRecord, out: Path) -> str:
    from acrlab.run_record import unfinished

    if record.folder != unfinished(out):
        return f"acrlab run --run {shlex.quote(str(record.folder))}"
    return "acrlab run --resume" + ("" if out == RUNS else f" --out {shlex.quote(str(out))}")
