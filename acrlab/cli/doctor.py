"""`acrlab doctor`: what is wrong with a private link, on what evidence, and what to type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
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
    from acrlab.doctor.estate import Estate
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
        typer.Option("--from-vm", help="VM to check from, inside the network, by name or id; `none`: no VM."),
    ] = None,
    network: Annotated[str, typer.Option(help="Network that the clients are in, by name or id; else the VM's.")] = "",
    endpoint: Annotated[
        str, typer.Option(help="The clients' private endpoint, by name or id; else the one that they reach.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Id of a private zone in a subscription that nothing else points to.")] = "",
    cluster: Annotated[str, typer.Option(help="AKS cluster whose nodes are the clients, by name or id.")] = "",
    image: Annotated[str, typer.Option(help="REPOSITORY:TAG to test the data path with.")] = "",
    expect: Annotated[str, typer.Option(help="What public access should be: `open` or `closed`.")] = "",
    backend: Backend = "",
    subscription: Subscription = "",
    world: World = None,
    snapshot: Annotated[Path | None, typer.Option(help="Diagnose a saved snapshot; Azure is not asked.")] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", "--save-snapshot", help="Save what was seen to this file, ids included."),
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Every registry in the subscription, or in --group: one line each, worst first."),
    ] = False,
    from_vms: Annotated[
        int,
        typer.Option(
            min=0, help="With --all: at most this many checks from inside, by one VM in each client network; 0: none."
        ),
    ] = 0,
    form: Annotated[
        str, typer.Option("--format", help="text, json, html (one page), junit (XML) or sarif (2.1.0).")
    ] = "text",
    output: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page to this file, too.")] = None,
    trace: Annotated[str, typer.Option(metavar="NAME", help="Tell the story of one request for this name.")] = "",
) -> None:
    """Say what is wrong with a private link. Changes nothing; exits 0: healthy, 1: findings, 2: could not check.

    The resources may be in several groups and subscriptions: a name is looked up in the group first, then in the
    subscription; an id is read where it points. A resource that is named but does not exist is refused.

    With --all every registry in a subscription is checked from the networks of its endpoints, or from --network, and
    the exit code is that of the worst. No VM is asked, so that one more registry needs no more requests. With
    --from-vms N, name servers and resolvers are read, too, and one running VM in each network resolves the names and
    connects to the registry, N checks at most, starting where all else is well. In a pipeline, --format junit
    shows the findings beside tests, and --format sarif as code scanning does.

    Reader on the resources is enough, plus the permission to run a command on the VM for its own view; what can't be
    seen is named with the missing permission, and the rest is checked all the same.

    Examples:

      acrlab doctor

      acrlab doctor --registry contoso --group prod --from-vm build01 --backend azure --expect closed

      acrlab doctor --registry contoso --group shared --from-vm build01 --backend azure   (build01 in another group)

      acrlab doctor --registry contoso --group shared --cluster prod --backend azure    (its nodes are the clients)

      acrlab doctor --save seen.json        (and elsewhere: acrlab doctor --snapshot seen.json)

      acrlab doctor --all --backend azure --format junit --output doctor.xml

      acrlab doctor --all --from-vms 20 --backend azure

      acrlab doctor --trace contoso.westus.data.azurecr.io
    """
    from acrlab.doctor.diagnosis import judge
    from acrlab.doctor.observe import Viewpoint
    from acrlab.doctor.story import tell
    from acrlab.snapshot import load
    from acrlab.snapshot import save as keep

    form = "json" if json else form
    _require_words(expect, form)
    if every:
        alone: dict[str, object] = {
            "--registry": registry,
            "--from-vm": vm,
            "--endpoint": endpoint,
            "--zone": zone,
            "--image": image,
        }
        alone |= {"--snapshot": snapshot, "--save": save, "--html": html, "--trace": trace}
        _refuse_of_one(alone)
        given = of_the_lab(group=group, subscription=subscription, backend=backend_of(backend))
        about = {"group": group, "network": network, "expect": expect, "from_vms": from_vms}
        raise typer.Exit(_all(given, world, about, form, output))
    if from_vms:
        raise ConfigurationError("--from-vms", "it needs --all. To check one registry from one VM: --from-vm NAME.")
    where = f"From {snapshot}"
    if snapshot:
        seen = load(snapshot)
    else:
        viewpoint = Viewpoint(
            vm="" if vm == "none" else vm,
            network=network,
            expect=expect,
            registry=registry if registry.startswith("/") else "",
            endpoint=endpoint,
            zone=_zone(zone),
            cluster=cluster,
        )
        backend = backend_of(backend)
        given = of_the_lab(**_named(registry, group, subscription), image=image, backend=backend)
        seen, where = _looked(given, world, viewpoint, quiet=form != "text")
    if save:
        keep(seen, save)
    if trace:
        story = tell(seen, trace)
        say(f"{where}\n{story!r}")
        raise typer.Exit(HEALTHY if story.arrives else FOUND)
    diagnosis = judge(seen)
    if html:
        _write(html, _written(diagnosis, "html"))
    _show(diagnosis, where, form, output)
    if backend == "emulator" and not snapshot and "registry-not-found" in diagnosis.codes:
        note(f"There is no such registry on the emulated Azure. {ELSEWHERE}")
    raise typer.Exit(_code(diagnosis))


def _require_words(expect: str, form: str) -> None:
    from acrlab.doctor.formats import FORMATS

    if expect not in EXPECTATIONS:
        raise ConfigurationError("--expect", f"{expect!r} is not a state of public access. Write open or closed.")
    if form not in FORMATS:
        raise ConfigurationError("--format", f"{form!r} is not a format. Write {', '.join(FORMATS)}.")


def _refuse_of_one(given: dict[str, object]) -> None:
    """Refuse with --all what is about one registry."""
    if named := [name for name, value in given.items() if value]:
        raise ConfigurationError(named[0], "it is about one registry, and --all is about all of them. Leave one out.")


def _zone(given: str) -> str:
    from acrlab.azure.cloud import ZONE
    from acrlab.doctor.observe.located import parsed

    return str(parsed("--zone", ZONE, given)) if given else ""


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


@contextmanager
def _opened(given: dict[str, Any], world: Path | None) -> Iterator[tuple[Lab, str]]:
    """Open a lab to look at, and say where it is."""
    from acrlab.lab.lab import connect
    from acrlab.serving.world_file import looked_at

    emulated = given["backend"] == "emulator"
    with looked_at(existing_world(world)) if emulated else nullcontext(world) as there:
        lab = connect(**given, **of_the_lab(world=there))
        try:
            yield lab, "On the emulated Azure" if emulated else f"On subscription {lab.subscription}"
        finally:
            lab.close()


def _looked(given: dict[str, Any], world: Path | None, viewpoint: Viewpoint, *, quiet: bool) -> tuple[Snapshot, str]:
    """Look, and say on a terminal what is being looked at. Returns: what was seen, and where."""
    from acrlab.doctor import keep_silent
    from acrlab.doctor.observe import observe

    console = stderr()
    with _opened(given, world) as (lab, where), console.status("looking") as status:
        keep_silent(lab)
        telling = str if quiet or not console.is_terminal else lambda what: status.update(f"looking at {what}")
        return observe(lab, viewpoint, telling=telling), where


def _all(given: dict[str, Any], world: Path | None, about: dict[str, Any], form: str, output: Path | None) -> int:
    """Look at every registry. Returns: the exit code of the worst."""
    from acrlab.doctor import examine_all

    with _opened(given, world) as (lab, where), stderr().status("looking"):
        estate = examine_all(lab, **about)
    _show(estate, where, form, output)
    if not estate.healthy:
        return FOUND
    unseen = estate.blind or any(member.state == "not seen" for member in estate.members)
    return BLIND if unseen else HEALTHY


def _show(said: Diagnosis | Estate, where: str, form: str, output: Path | None) -> None:
    text = _written(said, form)
    text = f"{where}\n{text}" if form == "text" else text
    if output:
        _write(output, f"{text.rstrip()}\n")
    elif form == "text":
        say(text)
    else:
        typer.echo(text)


def _written(said: Diagnosis | Estate, form: str) -> str:
    from acrlab.doctor.formats import written

    return written(said, form)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as problem:
        raise ConfigurationError("--output", f"{path} can't be written: {problem.strerror}.") from problem


def _code(diagnosis: Diagnosis) -> int:
    """2 where not even the registry or the endpoints could be seen, and nothing else is known to be wrong."""
    if diagnosis.findings:
        return FOUND
    return BLIND if not diagnosis.snapshot.saw("registry", "endpoints") else HEALTHY
