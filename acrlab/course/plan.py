"""The lab's steps in the order in which they need each other, and how as many of them as possible are done at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from acrlab.errors import ConfigurationError, NotReadyError, NotVisibleError, RefusedError
from acrlab.lab.lab import Lab
from acrlab.steps import prerequisites, private_link, public_access, virtual_machine

__all__ = ["PLAN", "Step", "needed", "perform"]

TOGETHER = 8  # steps at a time, more than the plan ever has: they wait for Azure, not for this computer


@dataclass(frozen=True)
class Step:
    """One step of the lab.

    Attributes:
        name: kebab-case, as `bring_to` takes it.
        does: what it leaves behind, for people.
        perform: the library's function; running it twice changes nothing.
        needs: names of the steps before it.
    """

    name: str
    does: str
    perform: Callable[[Lab], Any]
    needs: tuple[str, ...] = ()


PLAN = (
    Step("providers", "the subscription may use the services", prerequisites.register_providers),
    Step("group", "a resource group", prerequisites.ensure_group, ("providers",)),
    Step("registry", "a Premium registry", prerequisites.ensure_registry, ("group",)),
    Step("sample-image", "an image in the registry", prerequisites.import_sample_image, ("registry",)),
    Step("network", "a network with a subnet", virtual_machine.ensure_network, ("group",)),
    Step("machine", "a machine with an identity", virtual_machine.ensure_machine, ("network",)),
    Step("docker", "Docker on the machine", virtual_machine.install_docker, ("machine",)),
    Step("azure-cli", "the Azure CLI on the machine", virtual_machine.install_azure_cli, ("docker",)),
    Step(
        "pull-right",
        "the machine's right to pull",
        virtual_machine.allow_machine_to_pull,
        ("azure-cli", "registry"),
    ),
    Step("subnet-policies", "a subnet that allows endpoints", private_link.disable_subnet_policies, ("network",)),
    Step("zone", "a private DNS zone", private_link.ensure_zone, ("group",)),
    Step("link", "the zone linked to the network", private_link.ensure_link, ("zone", "network")),
    # The machine first: it takes the subnet's first address, as in the article.
    Step(
        "endpoint",
        "a private endpoint to the registry",
        private_link.ensure_endpoint,
        ("registry", "subnet-policies", "machine"),
    ),
    Step("records", "records for the endpoint's names", private_link.ensure_records, ("endpoint", "link")),
    Step("public-access-as-before", "a registry as open as it was", public_access.reopen, ("registry",)),
    Step(
        "public-access-denied",
        "a registry closed to the public",
        public_access.deny_public_access,
        ("registry", "sample-image"),
    ),
)


def perform(lab: Lab, steps: Sequence[Step]) -> None:
    """Perform steps, each as soon as what it needs is done: all of them take as long as the longest chain.

    After a failure nothing new begins, and what has begun is waited for.

    Args:
        steps: with all that they need.

    Raises: AcrLabError: of the first step that failed, with what there is now.
    """
    begun: dict[str, Future[Any]] = {}
    try:
        with ThreadPoolExecutor(TOGETHER) as pool:
            while len(done := _done(begun)) < len(steps):
                for step in steps:
                    if step.name not in begun and done.issuperset(step.needs):
                        begun[step.name] = pool.submit(step.perform, lab)
                wait([begun[name] for name in begun.keys() - done], return_when=FIRST_COMPLETED)
    except (NotReadyError, NotVisibleError, RefusedError) as problem:
        there = "; ".join(step.does for step in steps if step.name in begun and not begun[step.name].exception())
        problem.args = (f"{problem} There is now: {there or 'nothing'}. To go on from there, call it again.",)
        raise


def _done(begun: Mapping[str, Future[Any]]) -> set[str]:
    """Names of the steps that have ended. Raises: whatever ended one of them."""
    done = {name for name, future in begun.items() if future.done()}
    for name in done:
        begun[name].result()
    return done


def needed(names: Iterable[str]) -> list[Step]:
    """List the named steps and all that they need, in the plan's order.

    Raises: ConfigurationError: there is no such step.
    """
    by_name = {step.name: step for step in PLAN}
    wanted: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in by_name:
            raise ConfigurationError("step", f"there is no step {name}; there are: {', '.join(by_name)}")
        if name not in wanted:
            wanted.add(name)
            left += by_name[name].needs
    return [step for step in PLAN if step.name in wanted]
