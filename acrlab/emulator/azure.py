"""One emulated Azure: the world and the planes over it, wired together. The only module that knows them all."""

from __future__ import annotations

from pathlib import Path

from acrlab.emulator import types
from acrlab.emulator.arm import permissions
from acrlab.emulator.arm.authorization import handle_as_learner, handle_authorized
from acrlab.emulator.arm.resource_manager import ResourceManager
from acrlab.emulator.core.http import OUTSIDE, Request, Response
from acrlab.emulator.core.world import World
from acrlab.emulator.deployments import execution, what_if
from acrlab.emulator.deployments.reach import require_look
from acrlab.emulator.entra import endpoints, instance_metadata, tokens
from acrlab.emulator.entra.account_keys import account_keys
from acrlab.emulator.export import template
from acrlab.emulator.kubernetes import canipull, invoke, kubelet
from acrlab.emulator.network import effective, package_archives
from acrlab.emulator.network.routing import Delivery, Plane
from acrlab.emulator.registry import abandoned, freed
from acrlab.emulator.registry.capabilities import capabilities
from acrlab.emulator.registry.service import RegistryService
from acrlab.emulator.shell import run_script, start_all
from acrlab.emulator.tasks.capabilities import capabilities as tasks_capabilities
from acrlab.emulator.types.compute import shutdown_schedule
from acrlab.emulator.types.container_registry import acr_run
from acrlab.emulator.types.private_link.endpoint_members import choose_again, follow_members
from acrlab.emulator.types.private_link.private_dns_zone_group import follow


def planes_of(world: World, manager: ResourceManager, registry: RegistryService) -> dict[str, Plane]:
    """Name the planes that a request can be routed to, each with its own way of asking who is calling."""
    return {
        "management": lambda request, arrival: handle_authorized(world, manager, request),
        "login": lambda request, arrival: endpoints.answer(world, request),
        "registry": registry.handle,
        "hub": registry.handle,
        "packages": lambda request, arrival: package_archives.answer(request),
        "metadata": lambda request, arrival: instance_metadata.answer(world, request),
    }


class EmulatedAzure:
    """An Azure that lives in this process; its state lives in a file, or in memory without one."""

    def __init__(self, path: Path | None = None) -> None:
        world = self.world = World(types.ALL, path)
        self.manager = ResourceManager(world, (*types.ROUTES, *permissions.routes(world)))
        self.delivery = Delivery(world, planes_of(world, self.manager, RegistryService(world)))
        world.capabilities |= capabilities(world)
        world.capabilities |= effective.capabilities(world)
        world.capabilities["deliver"] = self.delivery.deliver
        world.capabilities["run_script"] = lambda vm, script: run_script(self.delivery, vm, script)
        world.capabilities["start_services"] = lambda vm: start_all(self.delivery, vm)
        world.capabilities["run_in_cluster"] = lambda cluster, text, files: invoke.run(
            self.delivery, cluster, text, files
        )
        world.capabilities["check_acr"] = lambda cluster, registry: canipull.check(self.delivery, cluster, registry)
        world.capabilities["draft_deployment"] = lambda id, body, version: execution.draft(world, id, body, version)
        world.capabilities["rehearse_deployment"] = lambda deployment: execution.rehearse(world, deployment)
        world.capabilities["carry_out_deployment"] = lambda deployment: execution.carry_out(world, deployment)
        world.capabilities["predict_deployment"] = lambda deployment: what_if.predict(world, deployment)
        world.capabilities["export_group"] = lambda group, request: template.export(world, group, request)
        world.capabilities["only_trying"] = lambda: execution.only_trying(world)
        world.capabilities["require_look"] = lambda id: require_look(world, id)
        world.capabilities["act"] = lambda id, name, request: execution.act(world, id, name, request)
        world.capabilities["members_changed"] = lambda registry: follow_members(world, registry)
        world.capabilities["addresses_chosen"] = lambda endpoint, old: choose_again(world, endpoint, old)
        world.capabilities["account_keys"] = lambda account: account_keys(world, account)
        world.capabilities["endpoint_changed"] = lambda endpoint: follow(world, endpoint)
        world.settlers.append(lambda: shutdown_schedule.carry_out(world))
        world.capabilities |= tasks_capabilities(self.delivery)
        world.settlers.append(lambda: acr_run.carry_out(world))
        world.settlers.append(lambda: kubelet.wake(self.delivery))
        world.settlers.append(lambda: freed.delete_files(world))
        abandoned.sweep(world)

    def manage(self, request: Request) -> Response:
        """Answer a request to Resource Manager of the learner's own, in this process. Raises: Dropped."""
        return handle_as_learner(self.world, self.manager, request)

    def learner_token(self, scope: str) -> str:
        """Sign the learner in for a scope such as `https://management.azure.com/.default`.

        They sit outside, where leaps of the world's clock do not age a token.
        """
        with self.world.reading():
            return tokens.issue(self.world, tokens.learner(self.world), scope.removesuffix("/.default"), clock=OUTSIDE)

    def close(self) -> None:
        self.world.close()
