"""Where a run works: at one of the region's addresses, or in the subnet of its pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from acrlab.azure.arm_id import ArmId
from acrlab.emulator.core.http import Response, Vantage
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell.vm import ask_from
from acrlab.emulator.types.network.service_tag import AGENTS, agents_of
from acrlab.emulator.types.network.subnet import free_addresses

ANY, TRUSTED = "runs", "tasks"  # the second: with an identity of the task's own


@dataclass(frozen=True)
class Agent:
    """One machine that does runs, as a client of registries. It satisfies what docker's client asks of a VM."""

    delivery: Delivery
    vantage: Vantage

    def fetch(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Response:
        """Send one request from here. Raises: Unreachable: no answer."""
        return ask_from(self.delivery, self.vantage, method, url, headers, body)

    def trusted(self) -> Agent:
        """Return the same as a service that a registry may trust, for requests that bring the task's own identity."""
        return replace(self, vantage=replace(self.vantage, service=TRUSTED))


def agent_for(delivery: Delivery, registry: Resource, run: Resource) -> Agent:
    """Find where a run is done."""
    world = delivery.world
    pool = world.find(registry.id.child("agentPools", run.state["pool"])) if run.state["pool"] else None
    subnet = pool.properties.get("virtualNetworkSubnetResourceId") if pool is not None else ""
    if subnet:
        return Agent(delivery, _inside(world, subnet))
    own = f"{AGENTS}.{60 + int(world.guid(pool, 'address')[:2], 16) % 60}" if pool is not None else ""
    address = own or agents_of(registry.location)[int(world.guid(run, "agent")[:2], 16) % 2]
    return Agent(delivery, Vantage(address=address, egress=address, service=ANY))


def _inside(world: World, subnet: str) -> Vantage:
    """An instance of a pool: the first free address of the subnet, and a way out that is Azure's own."""
    id = ArmId.parse(subnet)
    found = world.find(id)
    address = (free_addresses(world, found, 1) if found is not None else []) or [""]
    out = f"{AGENTS}.{60 + int(world.derive('pool', id.key)[:2], 16) % 60}"
    return Vantage(address=address[0], network=str(id.parent), egress=out, subnet=str(id), service=ANY)
