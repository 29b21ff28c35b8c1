"""The commands that plant faults in the emulated Azure: `emulator fault add`, `list` and `clear`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from acrlab.cli.console import HELP, World, stdout, world_path
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.emulator.core.fault_injection import Fault

fault = typer.Typer(
    no_args_is_help=True,
    help="Make the emulated Azure fail, for a test or a lesson. The fault affects everyone who uses that world.",
    context_settings=HELP,
)
KINDS = "throttle, error, unavailable, drop, drop-answer, fail-operation, slow-role or delay."
_TIMES = {"nth": "on number {n} alone", "every": "on every {n}", "next": "on the next {n}"}


@fault.command()
def add(
    kind: Annotated[str, typer.Argument(help=KINDS)],
    method: Annotated[str, typer.Option(help="Only requests with this method.")] = "",
    path: Annotated[str, typer.Option(help="Only requests whose path fits this pattern with * and ?.")] = "",
    nth: Annotated[int | None, typer.Option(help="Only the n-th of them; the default is 1.")] = None,
    every: Annotated[int | None, typer.Option(help="Every n-th of them.")] = None,
    next_: Annotated[int | None, typer.Option("--next", help="The next n of them.")] = None,
    seconds: Annotated[int, typer.Option(help="Retry-After of the answer, or how long the delay is.")] = 10,
    code: Annotated[str, typer.Option(help="Error code; else Azure's own.")] = "",
    message: Annotated[str, typer.Option(help="Error message; else Azure's own.")] = "",
    world: World = None,
) -> None:
    """Plant a fault.

    Examples:

      acrlab emulator fault add throttle --method GET --next 3 --seconds 5

      acrlab emulator fault add fail-operation --path "*/privateEndpoints/*" --code InternalServerError
    """
    from acrlab.emulator.core.fault_injection import Fault, plant
    from acrlab.serving.world_file import opened

    when, n = _when(nth=nth, every=every, next=next_)
    planted = Fault(kind, method=method, path=path, when=when, n=n, seconds=seconds, code=code, message=message)
    with opened(world_path(world)) as there:
        plant(there, planted)
    stdout().print(f"Planted: {_told(planted)}. Remove it with: acrlab emulator fault clear", highlight=False)


@fault.command("list")
def show(world: World = None) -> None:
    """Show every fault and how many requests it has affected.

    Examples:

      acrlab emulator fault list
    """
    from acrlab.emulator.core.fault_injection import planted
    from acrlab.serving.world_file import opened

    with opened(world_path(world)) as there:
        lines = [f"{_told(one)}; {one.met} affected so far" for one in planted(there)]
    stdout().print("\n".join(lines) or "no faults", highlight=False, soft_wrap=True)


@fault.command()
def clear(world: World = None) -> None:
    """Remove every fault.

    Examples:

      acrlab emulator fault clear
    """
    from acrlab.emulator.core import fault_injection
    from acrlab.serving.world_file import opened

    with opened(world_path(world)) as there:
        fault_injection.clear(there)
    stdout().print("No faults are left.", highlight=False)


def _when(**given: int | None) -> tuple[str, int]:
    said = [(when, n) for when, n in given.items() if n is not None]
    if len(said) > 1:
        raise ConfigurationError("when", "--nth, --every and --next exclude each other. Use one of them.")
    return said[0] if said else ("nth", 1)


def _told(planted: Fault) -> str:
    times = _TIMES[planted.when].format(n=planted.n)
    return f"{planted.kind} {times} of {planted.method or 'all'} requests to {planted.path or 'any path'}"
