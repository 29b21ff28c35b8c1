"""The commands that run the notebooks: `run`, and `record`, which stores their outputs."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from acrlab.cli.classroom.labs import Retries, Scheduler, Workers, confirm_costs, resume_matrix, run_matrix
from acrlab.cli.console import Notebooks, Only, confirmed, note, say, stderr, stdout
from acrlab.cli.world_settings import WorldSettingCommand, WorldSettings, world_settings
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.runs.notebooks import Notebook
    from acrlab.runs.record import RunRecord

RUNS = Path("runs")
FAILED, INTERRUPTED = 1, 130


class PairsCommand(WorldSettingCommand):
    """A command that takes `-p name value`, as papermill does, and `-p name=value`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_joined(args)))


def run(
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME VALUE", help="Set a parameter; can be given again."),
    ] = None,
    only: Only = None,
    begin: Annotated[str, typer.Option("--from", help="Start with this notebook.")] = "",
    end: Annotated[str, typer.Option("--to", help="Stop after this notebook.")] = "",
    backend: Annotated[
        str,
        typer.Option(help="emulator; azure: a real subscription; replay: a recording of one. Short for -p backend."),
    ] = "",
    keep: Annotated[
        Path | None,
        typer.Option("--record", help="On a real Azure: record what is said to this file, without names and secrets."),
    ] = None,
    fixtures: Annotated[Path | None, typer.Option(help="For backend replay: the recording.")] = None,
    world: Annotated[
        Path | None, typer.Option(help="File of the emulated Azure to use; else every run gets an empty one.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of all runs.")] = RUNS,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the newest run that did not succeed.")] = False,
    folder: Annotated[Path | None, typer.Option("--run", help="Resume this run: a folder in runs/.")] = None,
    notebooks: Notebooks = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before spending money on a real Azure.")] = False,
    setting: WorldSettings = None,
    matrix: Annotated[
        Path | None, typer.Option(help="CSV of parameters, with their names on the first line: one run for each row.")
    ] = None,
    scheduler: Scheduler = "",
    workers: Workers = 0,
    retries: Retries = 0,
) -> None:
    """Run the notebooks in order, each run on an empty emulated Azure of its own.

    Executed copies and a record of times, parameters and versions go to a folder in runs/. A run stops at the first
    cell that fails; --resume begins with that notebook again, with the same parameters and on the same world.

    With --matrix there is a run for each row, several at once, on workers that are started here or that --scheduler
    leads to. Each row is done once, whatever ends in the middle; --run takes up the rows that are left.

    Examples:

      acrlab run

      acrlab run -p location westeurope -p registry_name contoso42

      acrlab run --only 03        (or: --from 02 --to 06)

      acrlab run --world-setting subnet-network-policies=as-today

      acrlab run --backend azure -p subscription <id> --record class.jsonl

      acrlab run --backend replay --fixtures class.jsonl

      acrlab run --matrix regions.csv --only 03

      acrlab run --resume
    """
    from acrlab.runs.forking.client import begin_to_load
    from acrlab.runs.notebooks import chosen, find, folder_of, parameters
    from acrlab.settings.file import from_file

    if resume or folder:
        if parameter or only or begin or end or backend or world or notebooks or keep or fixtures or setting or matrix:
            raise ConfigurationError("--resume", "a run is resumed as it was started; only --out and --run go with it.")
        _resume(folder, out, scheduler=scheduler, workers=workers, retries=retries)
    filed = from_file()
    if fixtures or filed.get("fixtures"):
        from acrlab.settings.environment import FIXTURES

        # For this process, and for the kernels.
        os.environ[FIXTURES] = str(fixtures.absolute() if fixtures else filed["fixtures"])
    wanted = chosen(find(folder_of(notebooks)), only=only or (), begin=begin, end=end)
    given = parameters(wanted, _pairs(parameter or (), backend), recording=fixtures)
    chosen_backend = str({**filed, **given}.get("backend", "emulator"))
    recording = _recording(chosen_backend, keep=keep, fixtures=fixtures)
    settings = world_settings(setting)
    if settings and chosen_backend != "emulator":
        raise ConfigurationError("world-setting", f"it is for the emulated Azure, and the backend is {chosen_backend}.")
    if matrix:
        from acrlab.classroom.costs import with_parts
        from acrlab.classroom.matrix import read_matrix
        from acrlab.runs.record import homely

        if world or keep:
            raise ConfigurationError(
                "--matrix", "each row has its own world; --world and --record are for a single run."
            )
        about = {
            "notebooks": homely(wanted[0].path.parent),
            "chapters": [one.name for one in _runnable(wanted, chosen_backend)],
            "settings": {name: value for name, value in filed.items() if name != "fixtures"},
            "world_settings": settings,
            "recording": homely(recording) if recording else "",
        }
        given_to_all = _pairs(parameter or (), backend)
        rows = with_parts(read_matrix(matrix, wanted, given_to_all, about=about, recording=fixtures))
        costs = [row.values["parameters"].get("confirm_cost", 0) for row in rows]
        confirm_costs(costs if chosen_backend == "azure" else [], yes=yes)
        run_matrix(rows, out, scheduler=scheduler, workers=workers, retries=retries)
    begin_to_load(chosen_backend)
    from acrlab.runs import run as runs
    from acrlab.runs.display import display_for

    order = runs.Order(_runnable(wanted, chosen_backend), out, given, world, recording=recording, settings=filed)
    order.world_settings.update(settings)
    if order.backend == "azure":
        numbers = [one.name[:2] for one in order.notebooks]
        order.parameters["confirm_cost"] = _confirmed_cost(order.parameters, numbers, yes=yes)
    _conclude(runs.run(order, display_for(stdout())), out)


def _resume(folder: Path | None, out: Path, *, scheduler: str, workers: int, retries: int) -> NoReturn:
    """Take up a run, or what is left of a matrix of them, and end with its exit code."""
    from acrlab.classroom.fan_out import is_pass
    from acrlab.runs import run as runs
    from acrlab.runs.display import display_for
    from acrlab.runs.record import unfinished

    if folder and is_pass(folder):
        resume_matrix(folder, scheduler=scheduler, workers=workers, retries=retries)
    _conclude(runs.resume(folder or unfinished(out), display_for(stdout())), out)


def record(
    only: Only = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 where an output would change.")
    ] = False,
    notebooks: Notebooks = None,
) -> None:
    """Run each notebook alone, from an empty world, and store its outputs in it. For those who develop acrlab.

    Examples:

      acrlab record

      acrlab record --only 03

      acrlab record --check
    """
    from acrlab.runs.engine import CellFailure
    from acrlab.runs.notebooks import chosen, find, to_record
    from acrlab.runs.stored_outputs import rerun

    changed = False
    wanted = _runnable(chosen(find(to_record(notebooks)), only=only or (), begin="", end=""))
    try:
        for notebook, text in rerun(wanted):
            same = text == notebook.path.read_text("utf-8")
            changed |= not same
            stdout().print(f"{notebook.name:<20} {'as stored' if same else 'changed'}", highlight=False)
            if not check and not same:
                notebook.path.write_text(text, "utf-8", newline="\n")
    except CellFailure as failure:
        note(f"{failure.section} stopped at In [{failure.number}]: {failure}")
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


def _recording(backend: str, *, keep: Path | None, fixtures: Path | None) -> Path | None:
    """The file that a run is recorded to, or replayed from. Raises: ConfigurationError: the backend does neither."""
    from acrlab.recordings.format import require_readable
    from acrlab.settings.environment import FIXTURES

    if fixtures and backend != "replay":
        raise ConfigurationError("--fixtures", "only a replay answers from a recording. Add --backend replay.")
    if keep and backend != "azure":
        message = "only a real Azure's answers are recorded; the emulated one's are always the same."
        raise ConfigurationError("--record", f"{message} Add --backend azure.")
    if backend != "replay":
        return keep
    recording = Path(os.environ[FIXTURES])
    require_readable(recording)  # before there is a folder for a run
    return recording


def _runnable(wanted: list[Notebook], backend: str = "emulator") -> list[Notebook]:
    """Leave out what can't be run on this computer, and say why."""
    from acrlab.runs.requirements import runnable

    left, reasons = runnable(wanted, backend)
    for name, reason in reasons.items():
        note(f"{name} is skipped: {reason}")
    if not left:
        raise ConfigurationError("notebooks", "none of these can be run here.")
    return left


def _confirmed_cost(parameters: dict[str, Any], chapters: list[str], *, yes: bool) -> float:
    """Find out before anything is started whether there is a credential, and whether the cost is confirmed.

    Args:
        chapters: numbers of those that will run.
    """
    from acrlab.lab.confirmation import confirmed_enough, cost_here, question
    from acrlab.lab.lab import connect
    from acrlab.settings import Settings

    known = {name: value for name, value in parameters.items() if name in Settings.model_fields}
    lab = connect(Settings.given(**known))
    try:
        if not yes and not confirmed_enough(lab, chapters):
            confirmed(question(lab, chapters=chapters), first="See what it would create with acrlab preflight")
        return max(lab.settings.confirm_cost, cost_here(lab, chapters=chapters))
    finally:
        lab.close()


def _conclude(record: RunRecord, out: Path) -> NoReturn:
    """Say how a run ended, and what comes next."""
    if record.status == "finished":
        for outcome in record.notebooks:
            for name, value in outcome.facts.items():
                say(f"{name}: {value}")
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
    lines.append(f"To continue from there: {_again(record, out)}")
    if record.backend == "azure":
        from acrlab.runs.standing import after_a_stop

        lines += after_a_stop({**record.chosen, "backend": record.backend})
    stderr().print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(INTERRUPTED if record.status == "interrupted" else FAILED)


def _again(record: RunRecord, out: Path) -> str:
    from acrlab.runs.record import unfinished

    if record.folder != unfinished(out):
        return f"acrlab run --run {shlex.quote(str(record.folder))}"
    return "acrlab run --resume" + ("" if out == RUNS else f" --out {shlex.quote(str(out))}")
