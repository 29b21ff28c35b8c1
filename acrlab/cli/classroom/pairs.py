"""`acrlab class pairs`: owner and consumer of a registry, in two subscriptions of one served Azure."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from acrlab.cli.classroom.labs import CLASS, Out, Roster
from acrlab.cli.console import World, say, world_path


def pairs(
    roster: Roster,
    out: Out = CLASS,
    prefix: Annotated[str, typer.Option(help="Prefix of all names; use another for each class.")] = "acrlab",
    world: World = None,
) -> None:
    """Pair learners for chapter 04: one owns a registry, the other requests an endpoint to it, as two teams would.

    Two learners who follow each other in the roster are a pair; with an odd number, the last is a second consumer in
    the last pair. Each gets a subscription in the emulated Azure, an application that owns it and nothing else, and in
    OUT/ID the settings and the sign-in file, which only its owner may read. The secrets are printed only once.

    Examples:

      acrlab class pairs class.csv

      acrlab class pairs class.csv --out class --world pairs.db
    """
    from acrlab.classroom.pairs.opening import SIGN_IN, open_pairs
    from acrlab.classroom.pairs.pairing import paired
    from acrlab.classroom.pairs.tables import pair_table, secret_table
    from acrlab.classroom.roster import read_roster

    made = paired(read_roster(roster))
    places = open_pairs(made, world_path(world), out, prefix=prefix)
    say(repr(pair_table(made, places)))
    say("")
    say(repr(secret_table(places)))
    its = f" --world {shlex.quote(str(world))}" if world else ""
    learner = out / made[0].owner.id
    sign_in = shlex.quote(str(learner / SIGN_IN))
    say(f"To serve them: acrlab emulator serve{its}")
    say(f'To learn as {learner.name}: eval "$(acrlab emulator env{its} --sign-in {sign_in})"')
    say(f"and then: acrlab learn {shlex.quote(str(learner))}")
