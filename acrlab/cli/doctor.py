"""`acrlab doctor`: what is wrong with a private link, on what evidence, and what to type."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrlab.cli.console import (
    Backend,
    Group,
    Registry,
    Subscription,
    World,
    existing_world,
    note,
    of_the_lab,
    say,
    stderr,
)
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.doctor.diagnosis import Diagnosis
    from acrlab.lab.lab import Lab
    from acrlab.snapshot import Snapshot

HEALTHY, FOUND, BLIND = 0, 1, 2
EXPECTATIONS = ("", "open", "closed")
ELSEWHERE = "For a real one add --backend azure. To build a lab: acrlab learn, or acrlab practice start."


def doctor(
    registry: Registry = "",
    group: Group = "",
    vm: Annotated[
        str | None, typer.Option("--from-vm", help="VM to look from, inside the network; `none`: from none.")
    ] = None,
    network: Annotated[str, typer.Option(help="Network that clients stand in, by name or id; else the VM's.")] = "",
    image: Annotated[str, typer.Option(help="REPOSITORY:TAG that the data path is tried with.")] = "",
    expect: Annotated[str, typer.Option(help="What public access is meant to be: `open` or `closed`.")] = "",
    backend: Backend = "emulator",
    subscription: Subscription = "",
    world: World = None,
    snapshot: Annotated[
        Path | None, typer.Option(help="Diagnose what was seen elsewhere; nothing is asked of Azure.")
    ] = None,
    save: Annotated[Path | None, typer.Option("--save-snapshot", help="Keep what was seen in this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page to this file, too.")] = None,
    trace: Annotated[str, typer.Option(metavar="NAME", help="Tell the story of one request for this name.")] = "",
) -> None:
    """Say what is wrong with a private link. Changes nothing; exits 0: healthy, 1: findings, 2: could not look.

    Reader on the resources is enough, and the right to run a command on the VM for its own view; what can't be
    seen is named with the missing right, and the rest is checked all the same.

    Examples:

      acrlab doctor

      acrlab doctor --registry contoso --group prod --from-vm build01 --backend azure --expect closed

      acrlab doctor --save-snapshot seen.json        (and elsewhere: acrlab doctor --snapshot seen.json)

      acrlab doctor --trace contoso.westus.data.azurecr.io
    """
    from acrlab.doctor import keep_silent
    from acrlab.doctor.diagnosis import judge
    from acrlab.doctor.story import tell
    from acrlab.lab.lab import connect
    from acrlab.serving.world_file import looked_at
    from acrlab.snapshot import load
    from acrlab.snapshot import save as keep

    if expect not in EXPECTATIONS:
        raise ConfigurationError("--expect", f"{expect!r} is not a state of public access. Write open or closed.")
    where = f"From {snapshot}"
    if snapshot:
        seen = load(snapshot)
    else:
        given = of_the_lab(registry=registry, group=group, image=image, backend=backend, subscription=subscription)
        with nullcontext(world) if backend != "emulator" else looked_at(existing_world(world)) as there:
            lab = connect(**given, **of_the_lab(world=there))
            where = f"On subscription {lab.subscription}" if backend != "emulator" else "On the emulated Azure"
            keep_silent(lab)
            seen = _looked(lab, "" if vm == "none" else vm, network, expect, quiet=json)
    if save:
        keep(seen, save)
    if trace:
        story = tell(seen, trace)
        say(f"{where}\n{story!r}")
        raise typer.Exit(HEALTHY if story.arrives else FOUND)
    diagnosis = judge(seen)
    _show(diagnosis, where, json=json, html=html)
    if backend == "emulator" and not snapshot and "registry-not-found" in diagnosis.codes:
        note(f"There is no such registry on the emulated Azure. {ELSEWHERE}")
    raise typer.Exit(_code(diagnosis))


def _looked(lab: Lab, vm: str | None, network: str, expect: str, *, quiet: bool) -> Snapshot:
    """Look, and say on a terminal what is being looked at."""
    from acrlab.doctor.observe import Viewpoint, observe

    console = stderr()
    try:
        with console.status("looking") as status:
            telling = str if quiet or not console.is_terminal else lambda what: status.update(f"looking at {what}")
            return observe(lab, Viewpoint(vm, network, expect), telling=telling)
    finally:
        lab.close()


def _show(diagnosis: Diagnosis, where: str, *, json: bool, html: Path | None) -> None:
    from acrlab.doctor.report import as_json, as_page, as_text, as_tree

    if html:
        html.write_text(as_page(diagnosis), "utf-8")
    if json:
        typer.echo(as_json(diagnosis))
        return
    say(f"{where}\n{as_text(diagnosis)}\n\n{as_tree(diagnosis)}")


def _code(diagnosis: Diagnosis) -> int:
    """2 where not even the registry or the endpoints could be seen, and nothing else is known to be wrong."""
    if diagnosis.findings:
        return FOUND
    return BLIND if not diagnosis.snapshot.saw("registry", "endpoints") else HEALTHY
