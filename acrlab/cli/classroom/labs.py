"""The commands for a class: `class plan`, `class prepare`, `class clean-up`; a matrix of runs is done the same way."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from acrlab.cli.console import HELP, Notebooks, Yes, confirmed, note, say, stdout
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.classroom.fan_out import Pass
    from acrlab.classroom.plan import Planned
    from acrlab.classroom.rows import Row, Work

LEFT, INTERRUPTED = 1, 130
CLASS, PASSES = Path("class"), ".passes"

Roster = Annotated[Path, typer.Argument(help="CSV of the learners: id, and optionally name, group, subscription.")]
Out = Annotated[Path, typer.Option(help="Folder of the class: a folder for each learner.")]
Scheduler = Annotated[
    str,
    typer.Option(help="Address of a Dask scheduler, such as tcp://127.0.0.1:8786; empty: workers are started here."),
]
Workers = Annotated[int, typer.Option(min=0, help="How many workers to start here; 0: one for each core.")]
Retries = Annotated[int, typer.Option(min=0, max=9, help="How often to retry a row that fails.")]
Resume = Annotated[bool, typer.Option("--resume", help="Resume the newest one that did not succeed.")]

classroom = typer.Typer(
    no_args_is_help=True,
    help="Plan a class, bring every learner's lab to a starting point, and delete all labs at the end.",
    context_settings=HELP,
)


@classroom.command()
def plan(
    roster: Roster,
    backend: Annotated[str, typer.Option(help="emulator, or azure: real subscriptions.")] = "emulator",
    subscription: Annotated[
        list[str] | None, typer.Option(help="Id of a subscription; with several, learners are spread over them.")
    ] = None,
    location: Annotated[str, typer.Option(help="Azure region.")] = "",
    prefix: Annotated[str, typer.Option(help="Prefix of all names; use another for each class.")] = "acrlab",
    hours: Annotated[float, typer.Option(help="How many hours the labs will run.")] = 4,
    out: Annotated[Path | None, typer.Option(help="Folder to write a settings file for each learner to.")] = None,
) -> None:
    """Give each learner names and addresses of their own, and say what the class costs and needs. Creates nothing.

    Exits with 1 if a quota is too small or a name is taken.

    Examples:

      acrlab class plan class.csv

      acrlab class plan class.csv --backend azure --subscription <id> --hours 4 --out class
    """
    from acrlab.classroom import plan as plans
    from acrlab.classroom.roster import read_roster
    from acrlab.classroom.tables import cost_lines, limits, plan_table

    if backend not in ("emulator", "azure"):
        raise ConfigurationError("--backend", f"{backend!r} is not possible. Write emulator or azure.")
    learners = read_roster(roster)
    given = {"backend": backend, "subscriptions": subscription or (), "location": location, "prefix": prefix}
    planned = plans.plan(learners, **given, hours=hours)  # type: ignore[arg-type]
    say(repr(plan_table(planned)))
    for text in ("", *cost_lines(planned, hours), "", limits(planned)):
        say(text)
    problems = _asked(planned) if backend == "azure" else []
    if out:
        plans.write_files(planned, out)
        say(f"Settings: {out / 'ID' / 'acrlab.toml'}. To build: {_typed('prepare', roster, out)} --chapter 03")
    for problem in problems:
        note(problem)
    raise typer.Exit(LEFT if problems else 0)


@classroom.command()
def prepare(
    roster: Roster,
    chapter: Annotated[str, typer.Option(help="Bring each lab to where this chapter begins: its number or name.")] = "",
    step: Annotated[list[str] | None, typer.Option(help="Or to the end of this step; can be given again.")] = None,
    out: Out = CLASS,
    scheduler: Scheduler = "",
    workers: Workers = 0,
    retries: Retries = 1,
    resume: Resume = False,
    notebooks: Notebooks = None,
    yes: Yes = False,
) -> None:
    """Bring every learner's lab to a starting point, several at a time. No notebook is run.

    `acrlab class plan ROSTER --out DIR` has to come first: it writes the settings that are read here. A learner whose
    lab could not be prepared is named with the reason; --resume tries the remaining ones again.

    Examples:

      acrlab class prepare class.csv --chapter 03

      acrlab class prepare class.csv --step vm --step sample-image --scheduler tcp://127.0.0.1:8786
    """
    from acrlab.classroom import tasks
    from acrlab.classroom.costs import part_of
    from acrlab.classroom.members import members
    from acrlab.classroom.starts import start_of
    from acrlab.course.lookup import needed
    from acrlab.runs.notebooks import find, folder_of

    passes, again = out / PASSES, f"{_typed('prepare', roster, out)} --resume{_on(scheduler)}"
    if resume:
        _take_up(passes, "prepare", tasks.prepare, again, scheduler=scheduler, workers=workers, retries=retries)
    if bool(chapter) == bool(step):
        raise ConfigurationError("--chapter", "say how far to prepare the labs: --chapter NN, or --step NAME.")
    steps = step or start_of(find(folder_of(notebooks)), chapter)
    needed(steps)  # refuses what is not a step before anything begins
    rows = members(roster, out, steps=list(steps), more=part_of)
    confirm_costs([row.values["more"]["confirm_cost"] for row in rows if row.values["more"]], yes=yes)
    _begin(passes, "prepare", tasks.prepare, rows, again, scheduler=scheduler, workers=workers, retries=retries)


@classroom.command("clean-up")
def clean_up(
    roster: Roster,
    out: Out = CLASS,
    scheduler: Scheduler = "",
    workers: Workers = 0,
    retries: Retries = 1,
    resume: Resume = False,
    yes: Yes = False,
) -> None:
    """Delete what each learner's lab has created, prove that nothing of it is left, and say what it cost.

    What does not carry a lab's own tag stays, as with `acrlab clean-up`. The settings files stay, too.

    Examples:

      acrlab class clean-up class.csv --yes

      acrlab class clean-up class.csv --resume
    """
    from acrlab.classroom import tasks
    from acrlab.classroom.members import members

    passes, again = out / PASSES, f"{_typed('clean-up', roster, out)} --resume{_on(scheduler)}"
    if resume:
        _take_up(passes, "clean-up", tasks.clean_up, again, scheduler=scheduler, workers=workers, retries=retries)
    rows = members(roster, out)
    if not yes:
        confirmed(f"Delete the labs of {len(rows)} learners?")
    _begin(passes, "clean-up", tasks.clean_up, rows, again, scheduler=scheduler, workers=workers, retries=retries)


def run_matrix(rows: Sequence[Row], out: Path, *, scheduler: str, workers: int, retries: int) -> NoReturn:
    """Run chapters once for each row of a matrix, and end the command."""
    from acrlab.classroom import tasks
    from acrlab.classroom.fan_out import Pass, alone

    with _workers(scheduler, workers, len(rows)) as client:
        begun = Pass.begun(out, "matrix", rows)
        with alone(begun.folder):
            _carry_out(begun, tasks.run_chapters, client, retries=retries, again=_again(begun.folder, scheduler))


def resume_matrix(folder: Path, *, scheduler: str, workers: int, retries: int) -> NoReturn:
    """Do what is left of a matrix, and end the command."""
    from acrlab.classroom import tasks
    from acrlab.classroom.fan_out import Pass, alone

    begun = Pass.read(folder)
    with alone(folder), _workers(scheduler, workers, len(begun.left)) as client:
        _carry_out(begun, tasks.run_chapters, client, retries=retries, again=_again(folder, scheduler))


def confirm_costs(costs: Sequence[float], *, yes: bool) -> None:
    """Have what labs cost on real subscriptions confirmed, all at once; nothing where there is none."""
    if costs and not yes:
        first = "See what they would create with acrlab preflight, or acrlab class plan"
        labs = f"{len(costs)} lab{'s' if len(costs) > 1 else ''}"
        confirmed(f"Create {labs}, for about {sum(costs):.2f} US dollars in 2.25 hours?", first=first)


def _begin(
    passes: Path, kind: str, work: Work, rows: Sequence[Row], again: str, *, scheduler: str, workers: int, retries: int
) -> NoReturn:
    """Do something for every learner, and end the command."""
    from acrlab.classroom.fan_out import Pass, alone

    with alone(passes), _workers(scheduler, workers, len(rows)) as client:
        _carry_out(Pass.begun(passes, kind, rows), work, client, retries=retries, again=again)


def _take_up(
    passes: Path, kind: str, work: Work, again: str, *, scheduler: str, workers: int, retries: int
) -> NoReturn:
    """Do what is left for the learners, and end the command."""
    from acrlab.classroom.fan_out import Pass, alone, newest_unfinished

    with alone(passes):
        begun = Pass.read(newest_unfinished(passes, kind))
        with _workers(scheduler, workers, len(begun.left)) as client:
            _carry_out(begun, work, client, retries=retries, again=again)


@contextmanager
def _workers(scheduler: str, workers: int, rows: int) -> Iterator[Any]:
    """Have workers, and say where one can watch them; none where no row is left."""
    from acrlab.classroom.cluster import dashboard, opened

    if not rows:
        yield None
        return
    with opened(scheduler, min(workers or os.cpu_count() or 1, rows)) as client:
        if page := dashboard(client):
            note(f"To watch: {page}")
        yield client


def _carry_out(begun: Pass, work: Work, client: Any, *, retries: int, again: str) -> NoReturn:
    """Do the rows of a pass, say how each went, and end the command: 0, or 1 with what takes up the rest."""
    from acrlab.classroom.fan_out import SchedulerGone, fan_out
    from acrlab.classroom.tables import line, spent_lines, write_results
    from acrlab.runs.display import lines

    count, total = len(begun.rows) - len(begun.left), len(begun.rows)
    if count:
        say(f"{count} of {total} rows are done.")
    trouble = ""

    try:
        with lines(stdout(), total, count) as show:

            def tell(row: Row, result: Any) -> None:
                nonlocal count
                count += 1
                show(line(row.label, result, count, total))

            fan_out(begun, work, client, retries=retries, say=tell, note=note)
    except SchedulerGone as problem:
        trouble = str(problem)
    except KeyboardInterrupt:
        trouble = "interrupted"
    status = begun.conclude()
    left = len(begun.left)
    say(f"{total - left} of {total} rows are done. Results: {_short(write_results(begun))}")
    for text in spent_lines(begun):
        say(text)
    if status == "finished":
        raise typer.Exit
    if trouble:
        note(f"acrlab: {trouble}")
    note(f"To continue with the {left} that are left: {again}")
    raise typer.Exit(INTERRUPTED if trouble == "interrupted" else LEFT)


def _asked(planned: Sequence[Planned]) -> list[str]:
    """Ask Azure for quotas and names, and show them. Returns: what stands in the way."""
    from acrlab.classroom.quotas import needs, taken_names
    from acrlab.classroom.tables import needs_table

    found = list(needs(planned, ask=True))
    say("")
    say(repr(needs_table(found)))
    short = [f"{n.what}: {n.needed} are needed in {n.where}, {n.limit} are left." for n in found if not n.enough]
    taken = [f"{id}: {problem}. Choose another --prefix." for id, problem in taken_names(planned).items()]
    say(f"Registries' names: {len(planned) - len(taken)} of {len(planned)} are free.")
    return [*(f"{text} Request more quota, or use more subscriptions." for text in short), *taken]


def _typed(kind: str, roster: Path, out: Path) -> str:
    own = "" if out == CLASS else f" --out {shlex.quote(str(out))}"
    return f"acrlab class {kind} {shlex.quote(str(roster))}{own}"


def _again(folder: Path, scheduler: str) -> str:
    return f"acrlab run --run {shlex.quote(str(_short(folder)))}{_on(scheduler)}"


def _on(scheduler: str) -> str:
    return f" --scheduler {shlex.quote(scheduler)}" if scheduler else ""


def _short(path: Path) -> Path:
    """A path as one types it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
