"""The commands that look at a world or replace it: `status`, `reset`, `emulator …`."""

from __future__ import annotations

import shlex
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acrlab.azure.arm_id import ArmId, same
from acrlab.cli.console import (
    HELP,
    Backend,
    Group,
    Subscription,
    World,
    Yes,
    backend_of,
    confirmed,
    existing_world,
    note,
    of_the_lab,
    say,
    stdout,
    world_path,
)
from acrlab.errors import ConfigurationError

if TYPE_CHECKING:
    from acrlab.emulator.core.world import World as EmulatedWorld
    from acrlab.snapshot import Snapshot

emulator = typer.Typer(
    no_args_is_help=True,
    help="Show the emulated Azure, save it, restore it, serve it to other programs.",
    context_settings=HELP,
)


def status(world: World = None, backend: Backend = "", subscription: Subscription = "", group: Group = "") -> None:
    """Show what exists: every resource group and the resources in it; of a real Azure only the lab's group.

    For each lab: what exists, what that costs an hour, roughly, and the command that deletes it.

    Examples:

      acrlab status

      acrlab status --world runs/2026-01-05T09-00-00/world.db
    """
    from rich.table import Table

    from acrlab.lab.lab import connect
    from acrlab.runs.standing import standing
    from acrlab.serving.world_file import looked_at
    from acrlab.steps.clean_up_plan import labs_of

    backend = backend_of(backend)
    table = Table("name", "type", "location", "group", box=None, header_style="bold", pad_edge=False)
    with ExitStack() as stack:
        there = stack.enter_context(looked_at(existing_world(world))) if backend == "emulator" else None
        given = of_the_lab(backend=backend, subscription=subscription, group=group, world=there)
        lab = stack.enter_context(closing(connect(**given)))
        for found in lab.resources.resource_groups.list():
            name = str(found.name)
            if backend == "emulator" or name == lab.settings.resource_group:
                table.add_row(name, "Microsoft.Resources/resourceGroups", found.location, "")
                for one in lab.resources.resources.list_by_resource_group(name):
                    table.add_row(one.name, one.type, one.location, name)
        told = []
        for registry in labs_of(lab):
            with closing(connect(**given | {"registry_name": registry})) as its:
                told += standing(its, world)
    stdout().print(table if table.row_count else "empty")
    for line in told:
        say(line)


def reset(world: World = None, backend: Backend = "", yes: Yes = False) -> None:
    """Empty the emulated Azure: no resources, its clock at the beginning. A real Azure is never touched.

    Examples:

      acrlab reset --yes
    """
    from acrlab.serving.world_file import opened, reserved

    if (backend := backend_of(backend)) != "emulator":
        remedy = "chapter 08 deletes what the lab created: acrlab run --only 08 -p backend azure -p subscription <id>"
        raise ConfigurationError("backend", f"reset is only for the emulated Azure; {remedy}.")
    path = world_path(world)
    if not yes:
        confirmed(f"Empty {path}?")
    with reserved(path), opened(path) as there:
        there.reset()
    stdout().print(f"{path} is empty.", highlight=False, soft_wrap=True)


emulator.command("reset")(reset)


@emulator.command()
def save(to: Annotated[Path, typer.Argument(help="File to write or replace.")], world: World = None) -> None:
    """Copy the emulated Azure, images included, to a file.

    Examples:

      acrlab emulator save before-clean-up.db
    """
    from acrlab.serving.world_file import save as copy

    copy(existing_world(world), to)
    stdout().print(f"Saved to {to}. Restore it with: acrlab emulator restore {to}", highlight=False, soft_wrap=True)


@emulator.command()
def restore(source: Annotated[Path, typer.Argument(help="File that `save` wrote.")], world: World = None) -> None:
    """Restore the emulated Azure from a saved file.

    Examples:

      acrlab emulator restore before-clean-up.db
    """
    from acrlab.serving.world_file import opened, reserved

    path = world_path(world)
    with reserved(path), opened(path) as there:
        there.restore(source)
    stdout().print(f"{path} was restored from {source}.", highlight=False, soft_wrap=True)


@emulator.command()
def info(world: World = None) -> None:
    """Describe the emulated Azure itself: its file, its clock, its size, its settings.

    Examples:

      acrlab emulator info
    """
    from rich.table import Table

    from acrlab.serving.world_file import looked_at, opened

    path = existing_world(world)
    with looked_at(path) as source, opened(source) as there:
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, value in _told(there, path, source).items():
            table.add_row(name, str(value))
    stdout().print(table, soft_wrap=True, highlight=False)


subscriptions = typer.Typer(no_args_is_help=True, context_settings=HELP)
emulator.add_typer(subscriptions, name="subscription", help="Add subscriptions to the emulated Azure, and list them.")
Role = Annotated[str, typer.Option("--role", help="Your role in all of it: Owner, Contributor, Reader or none.")]


@subscriptions.command("add")
def add_subscription(
    name: Annotated[str, typer.Argument(help="Name of the new subscription.")],
    id: Annotated[str, typer.Option("--id", help="Its id, a GUID; by default one derived from its name.")] = "",
    tenant: Annotated[str, typer.Option("--tenant", help="Its tenant, a GUID; by default the world's own.")] = "",
    role: Role = "Owner",
    world: World = None,
) -> None:
    """Add a subscription: empty, with no resource provider registered.

    Examples:

      acrlab emulator subscription add Spokes

      acrlab emulator subscription add Partner --tenant 11111111-2222-4333-8444-555555555555
    """
    from acrlab.serving.world_file import add_subscription as add

    made = add(world_path(world), name, id=id, tenant=tenant, role=role)
    say(f"{made.name} is {made.id}, in the tenant {made.tenant}.")
    say("To see it in an az that is already signed in: az account list --refresh")
    if tenant:
        secret = "-u $AZURE_CLIENT_ID -p $AZURE_CLIENT_SECRET"
        say(f"and, in another tenant, after: az login --service-principal {secret} --tenant {made.tenant}")


@subscriptions.command("list")
def list_subscriptions(world: World = None) -> None:
    """List the subscriptions of the emulated Azure: id, tenant, and your role in them.

    Examples:

      acrlab emulator subscription list
    """
    from rich.table import Table

    from acrlab.serving.world_file import looked_at, subscriptions_of

    table = Table("name", "id", "tenant", "role", box=None, header_style="bold", pad_edge=False)
    with looked_at(existing_world(world)) as source:
        for one in subscriptions_of(source):
            table.add_row(one.name, one.id, one.tenant, one.role)
    stdout().print(table, soft_wrap=True, highlight=False)


@subscriptions.command("role")
def change_role(
    name: Annotated[str, typer.Argument(help="Name or id of a subscription that was added.")],
    role: Annotated[str, typer.Argument(help="Owner, Contributor, Reader or none.")],
    world: World = None,
) -> None:
    """Change your role in a subscription that was added, as its owner would.

    Examples:

      acrlab emulator subscription role Spokes Reader
    """
    from acrlab.serving.world_file import change_role as change

    changed = change(existing_world(world), name, role)
    say(f"Your role in {changed.name} is {changed.role}.")


@emulator.command("from-snapshot")
def from_snapshot(
    snapshot: Annotated[Path, typer.Argument(help="File that `acrlab doctor --save` wrote.")], world: World = None
) -> None:
    """Rebuild what the doctor saw of a real link as an emulated Azure: break it, fix it, diagnose it there.

    The file holds ids, names, addresses, rules, records and roles of the real estate, and no token or key. The
    emulated Azure has them as they are; images, and what is installed on VMs, are made up. It has to be a new one.

    Examples:

      acrlab doctor --registry contoso --group prod --backend azure --save seen.json

      acrlab world from-snapshot seen.json --world rebuilt.db
    """
    from acrlab.doctor.rebuild import location_of, rebuild, subscriptions_of
    from acrlab.lab.lab import connect
    from acrlab.serving.world_file import found, reserved
    from acrlab.snapshot import load

    seen, path = load(snapshot), world_path(world)
    with reserved(path):
        found(path, *subscriptions_of(seen))
        given = of_the_lab(group=seen.subject.resource_group, registry=seen.subject.registry, world=path)
        with closing(connect(**given, backend="emulator", location=location_of(seen))) as lab:
            left = rebuild(lab, seen)
    say(f"{path} was built from {snapshot}. Diagnose it there:")
    say(f"  {shlex.join(_doctor(seen, path))}")
    for line in left:
        note(f"Different from the original: {line}")


def _doctor(seen: Snapshot, world: Path) -> list[str]:
    """Write the command that looks from where the snapshot was taken."""
    subject, vm = seen.subject, seen.vm
    group = str(ArmId.of_group(subject.subscription, subject.resource_group))

    def named(id: str) -> str:
        return id.rpartition("/")[2] if id.lower().startswith(f"{group}/".lower()) else id

    registry = named(seen.registry.id) if seen.registry else subject.registry
    words = ["acrlab", "doctor", "--world", str(world), "--group", subject.resource_group, "--registry", registry]
    words += ["--from-vm", named(vm.id) if vm else "none"]
    if subject.network and not (vm and same(vm.network, subject.network)):
        words += ["--network", subject.network]
    words += ["--cluster", named(subject.cluster)] if subject.cluster else []
    words += ["--expect", subject.expected] if subject.expected else []
    return words + (["--image", subject.image] if subject.image else [])


def _told(world: EmulatedWorld, path: Path, read: Path) -> dict[str, object]:
    from acrlab.serving.world_file import declared_settings

    return {
        "file": path,
        "resources": world.count(),
        "time there": world.timestamp(),
        **{name: world.setting(name) for name in declared_settings()},
        "size": f"{read.stat().st_size // 1024} KiB",
    }
