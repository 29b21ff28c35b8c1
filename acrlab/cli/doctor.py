"""`acrlab doctor`: what is wrong with a private link, on what evidence, and what to type."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acrlab.cli.console import (
    Backend,
    Group,
    Subscription,
    World,
    backend_of,
    existing_world,
    note,
    of_the_lab,
    say,
    stderr,
)
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.doctor.diagnosis import Diagnosis
    from acrlab.doctor.observe import Viewpoint
    from acrlab.lab.lab import Lab
    from acrlab.snapshot import Snapshot

HEALTHY, FOUND, BLIND = 0, 1, 2
EXPECTATIONS = ("", "open", "closed")
ELSEWHERE = "For a real one add --backend azure. To build a lab: acrlab learn, or acrlab practice start."


def doctor(
    registry: Annotated[
        str, typer.Option(help="The registry, by name or id; empty: the one that is chosen for the group.")
    ] = "",
    group: Group = "",
    vm: Annotated[
        str | None,
        typer.Option("--from-vm", help="VM to look from, inside the network, by name or id; `none`: from none."),
    ] = None,
    network: Annotated[str, typer.Option(help="Network that clients are in, by name or id; else the VM's.")] = "",
    endpoint: Annotated[
        str, typer.Option(help="Private endpoint of theirs, by name or id; else what they reach.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Id of a private zone in a subscription that nothing else leads to.")] = "",
    image: Annotated[str, typer.Option(help="REPOSITORY:TAG that the data path is tried with.")] = "",
    expect: Annotated[str, typer.Option(help="What public access is meant to be: `open` or `closed`.")] = "",
    backend: Backend = "",
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

    What it is about may lie in several groups and subscriptions: a name is looked for in the group first, then in the
    subscription, and an id is read where it leads. What is named and is not there is refused.

    Reader on the resources is enough, and the right to run a command on the VM for its own view; what can't be
    seen is named with the missing right, and the rest is checked all the same.

    Examples:

      acrlab doctor

      acrlab doctor --registry contoso --group prod --from-vm build01 --backend azure --expect closed

      acrlab doctor --registry contoso --group shared --from-vm build01 --backend azure   (build01 in another group)

      acrlab doctor --save-snapshot seen.json        (and elsewhere: acrlab doctor --snapshot seen.json)

      acrlab doctor --trace contoso.westus.data.azurecr.io
    """
    from acrlab.azure.cloud import ZONE
    from acrlab.doctor import keep_silent
    from acrlab.doctor.diagnosis import judge
    from acrlab.doctor.observe import Viewpoint
    from acrlab.doctor.observe.located import parsed
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
        backend = backend_of(backend)
        named = _named(registry, group, subscription)
        given = of_the_lab(**named, image=image, backend=backend)
        with nullcontext(world) if backend != "emulator" else looked_at(existing_world(world)) as there:
            lab = connect(**given, **of_the_lab(world=there))
            where = f"On subscription {lab.subscription}" if backend != "emulator" else "On the emulated Azure"
            keep_silent(lab)
            viewpoint = Viewpoint(
                vm="" if vm == "none" else vm,
                network=network,
                expect=expect,
                registry=registry if registry.startswith("/") else "",
                endpoint=endpoint,
                zone=str(parsed("--zone", ZONE, zone)) if zone else "",
            )
            seen = _looked(lab, viewpoint, quiet=json)
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


def _named(registry: str, group: str, subscription: str) -> dict[str, Any]:
    """Take a registry's id apart into the settings of a lab; what is given besides goes before it."""
    from acrlab.azure.cloud import REGISTRY
    from acrlab.doctor.observe.located import parsed

    if not registry.startswith("/"):
        return {"registry": registry, "group": group, "subscription": subscription}
    id = parsed("--registry", REGISTRY, registry)
    return {
        "registry": id.name,
        "group": group or id.group or "",
        "subscription": subscription or id.subscription,
    }


def _looked(lab: Lab, viewpoint: Viewpoint, *, quiet: bool) -> Snapshot:
    """Look, and say on a terminal what is being looked at."""
    from acrlab.doctor.observe import observe

    console = stderr()
    try:
        with console.status("looking") as status:
            telling = str if quiet or not console.is_terminal else lambda what: status.update(f"looking at {what}")
            return observe(lab, viewpoint, telling=telling)
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
