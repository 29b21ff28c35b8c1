"""What the types of a registry's tasks may ask of those who carry them out, by the names that they ask for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from acrlab.emulator.core.http import Request
from acrlab.emulator.core.world import World
from acrlab.emulator.entra import tokens
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.tasks import definition, files, work
from acrlab.emulator.types.container_registry import acr_run


def capabilities(delivery: Delivery) -> dict[str, Callable[..., Any]]:
    """Return all of them, for `World.capabilities`."""
    world = delivery.world
    return {
        "admit_run": partial(definition.admit, world),
        "carry_out_run": partial(work.carry_out, delivery),
        "log_address": partial(files.log_address, world),
        "principal_of_request": partial(_principal, world),
        "schedule_run": partial(acr_run.schedule_run, world),
        "source_address": partial(files.source_address, world),
        "task_file": partial(files.serve, world),
        "upload_url": partial(acr_run.upload_url, world),
    }


def _principal(world: World, request: Request) -> str:
    """Whose token a request brings; within this process it is the learner's own."""
    claims = tokens.read(world, request.headers.get("authorization", "").partition(" ")[2])
    return str(claims["oid"]) if claims else tokens.learner(world)
