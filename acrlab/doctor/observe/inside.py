"""Look from inside at many registries: one VM in each network of their clients, and so many looks and no more.

A VM of an estate stands in for the clients beside it. So it asks for names and knocks at the registry; whether its own
identity may pull says nothing of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from acrlab.doctor.facts import hosts
from acrlab.doctor.observe.estate import ONE_BY_ONE
from acrlab.doctor.observe.reader import Reader
from acrlab.doctor.observe.resolvers import resolvers, rulesets
from acrlab.doctor.observe.vm import INTERFACE_TYPE, name_servers, see_vm, view_from
from acrlab.doctor.observe.vm_script import challenge_script
from acrlab.lab.lab import Lab
from acrlab.snapshot import Snapshot, Unseen
from acrlab.snapshot.network import Resolver, Ruleset
from acrlab.snapshot.vm import VM

TRIED = 3  # VMs of a network, until one is running


class Inside:
    """The VMs and resolvers of a subscription, each read once, when it is first needed.

    Attributes:
        looks: how many registries were asked for from a VM so far, counted once for each network.
    """

    def __init__(self, lab: Lab, most: int) -> None:
        """Take at most so many looks, each of which runs a script on a VM, or several for many replicas."""
        self._reader, self._most = Reader(lab), most
        self._machines: dict[str, list[str]] | None = None
        self._chosen: dict[str, VM | None] = {}
        self._resolving: tuple[tuple[Resolver, ...], tuple[Ruleset, ...]] | None = None
        self.looks = 0

    @property
    def requests(self) -> int:
        """How many requests this has taken."""
        return self._reader.requests

    def seen(self, snapshot: Snapshot) -> Snapshot:
        """Add to what the lists say what a VM in the clients' network meets, if there is one and a look is left."""
        registry, network = snapshot.registry, snapshot.network
        if registry is None or network is None or self.looks >= self._most:
            return snapshot
        before = len(self._reader.unseen)
        vm = self._vm(network.id)
        if vm is None:
            return replace(snapshot, unseen=(*snapshot.unseen, *self._reader.unseen[before:]))
        self.looks += 1
        known, rules = self._resolvers(snapshot)
        servers = name_servers(self._reader, vm, network, snapshot.networks, known)
        script = challenge_script(registry.login_server)
        view = view_from(self._reader, vm, hosts(registry), script)
        return replace(
            snapshot,
            subject=replace(snapshot.subject, vm=vm.name),
            vm=vm,
            vm_view=view,
            name_servers=tuple(servers),
            resolvers=known,
            rulesets=rules,
            unseen=(*snapshot.unseen, Unseen("roles", vm.id, "", ONE_BY_ONE), *self._reader.unseen[before:]),
        )

    def _vm(self, network: str) -> VM | None:
        """Choose the first VM of a network that is running."""
        key = network.lower()
        if key not in self._chosen:
            running = (vm for id in self._ids(key)[:TRIED] if (vm := see_vm(self._reader, id, None)) and _runs(vm))
            first = next(running, None)
            self._chosen[key] = replace(first, roles=None) if first else None
        return self._chosen[key]

    def _ids(self, network: str) -> list[str]:
        if self._machines is None:
            self._machines = {}
            for interface in self._reader.everywhere("vm", INTERFACE_TYPE):
                held = str((interface["properties"].get("virtualMachine") or {}).get("id") or "")
                for place in _networks(interface) if held else ():
                    self._machines.setdefault(place, []).append(held)
        return sorted(set(self._machines.get(network, ())), key=str.lower)

    def _resolvers(self, snapshot: Snapshot) -> tuple[tuple[Resolver, ...], tuple[Ruleset, ...]]:
        if not any(subnet.resolvers for network in snapshot.networks for subnet in network.subnets):
            return (), ()
        if self._resolving is None:
            self._resolving = resolvers(self._reader), rulesets(self._reader)
        return self._resolving


def _runs(vm: VM) -> bool:
    return vm.power == "running"


def _networks(interface: dict[str, Any]) -> Iterable[str]:
    """Name the networks in which an interface has an address, in lower case."""
    subnets = (c["properties"].get("subnet") or {} for c in interface["properties"].get("ipConfigurations") or [])
    return {str(subnet.get("id", "")).lower().partition("/subnets/")[0] for subnet in subnets}
