"""`systemctl` and what renews a lease: the VM's services, which of them run, and what starting one does."""

from __future__ import annotations

from acrlab.emulator.core.resource import Resource
from acrlab.emulator.network.resolver import forget_names
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell.commands import dnsmasq
from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import Vm
from acrlab.emulator.types.compute.name_servers import renew

DOCKER, DNSMASQ, RESOLVED, NETWORKD = "docker", "dnsmasq", "systemd-resolved", "systemd-networkd"
PACKAGES = {DOCKER: "docker.io", DNSMASQ: "dnsmasq"}
DESCRIPTIONS = {
    DOCKER: "Docker Application Container Engine",
    DNSMASQ: "dnsmasq - A lightweight DHCP and caching DNS server",
    RESOLVED: "Network Name Resolution",
    NETWORKD: "Network Configuration",
}
STARTING, STOPPING = ("start", "restart", "enable", "reload"), ("stop", "disable")


# -- which of them run -------------------------------------------------------------------------------------------------


def is_installed(vm: Vm, service: str) -> bool:
    return service in DESCRIPTIONS and (service not in PACKAGES or PACKAGES[service] in vm.disk.packages)


def is_running(vm: Vm, service: str) -> bool:
    return "forwarder" in vm.resource.state if service == DNSMASQ else service not in vm.disk.stopped


def start_dnsmasq(vm: Vm) -> str:
    """Let it read its configuration. Returns: why it does not start; empty: it runs."""
    state = vm.resource.state
    state.pop("forwarder", None)
    try:
        state["forwarder"] = dnsmasq.forwarding(vm.disk, vm.vantage.address)
        vm.disk.failed.pop(DNSMASQ, None)
    except dnsmasq.CannotStart as problem:
        vm.disk.failed[DNSMASQ] = str(problem)
    _keep(vm)
    return vm.disk.failed.get(DNSMASQ, "")


def stop_dnsmasq(vm: Vm) -> None:
    vm.resource.state.pop("forwarder", None)
    vm.disk.failed.pop(DNSMASQ, None)
    _keep(vm)


def start_all(delivery: Delivery, resource: Resource) -> None:
    """Start what is enabled on a VM that begins to run."""
    vm = Vm(delivery, resource)
    resource.state.pop("forwarder", None)
    if is_installed(vm, DNSMASQ) and DNSMASQ not in vm.disk.disabled:
        start_dnsmasq(vm)


def lease(vm: Vm) -> None:
    """Ask DHCP again; what the VM's resolver keeps of the servers before is forgotten."""
    renew(vm.world, vm.resource)
    forget_names(vm.world, vm.vantage)
    _keep(vm)


def _keep(vm: Vm) -> None:
    """Store it at once: the rest of the same script asks for names."""
    vm.world.settle(vm.resource, vm.resource.phase)


# -- packages that bring one -------------------------------------------------------------------------------------------


def installed(process: Process, package: str) -> None:
    """Start what a new package brings, as its installation does."""
    if package != PACKAGES[DNSMASQ]:
        return
    process.disk.make_folder(dnsmasq.FOLDER)
    if not process.disk.is_file(dnsmasq.FILE):
        process.disk.write(dnsmasq.FILE, dnsmasq.GIVEN)
    process.disk.disabled[:] = [s for s in process.disk.disabled if s != DNSMASQ]
    if start_dnsmasq(process.vm):
        process.warn(_failed(DNSMASQ))


def removed(process: Process, package: str) -> None:
    if package == PACKAGES[DNSMASQ]:
        stop_dnsmasq(process.vm)


def _failed(service: str) -> str:
    return (
        f"Job for {service}.service failed because the control process exited with error code.\n"
        f'See "systemctl status {service}.service" and "journalctl -xeu {service}.service" for details.'
    )


# -- commands ----------------------------------------------------------------------------------------------------------


@refusing
def systemctl(process: Process) -> int:
    """`systemctl VERB UNIT`, of the services that matter here."""
    given = take(process.args, "--now --quiet -q --no-pager")
    if len(given.words) < 2:
        if given.words == ["daemon-reload"]:
            return 0
        process.warn("systemctl: not emulated without a verb and a unit")
        return 1
    verb, unit = given.words[0], given.words[1].removesuffix(".service")
    if not is_installed(process.vm, unit):
        if verb == "is-active":
            process.print("inactive")
            return 3
        process.warn(f"Unit {unit}.service could not be found.")
        return 4 if verb == "status" else 5
    if verb in ("is-active", "is-enabled", "status"):
        return _tell(process, verb, unit)
    if verb not in STARTING + STOPPING:
        process.warn(f"systemctl: not emulated: {verb}")
        return 1
    return _change(process, verb, unit, now=given.has("--now"))


def _tell(process: Process, verb: str, unit: str) -> int:
    running, failed = is_running(process.vm, unit), process.disk.failed.get(unit, "")
    if verb == "is-active":
        process.print("active" if running else "failed" if failed else "inactive")
    elif verb == "is-enabled":
        process.print("disabled" if unit in process.disk.disabled else "enabled")
        return int(unit in process.disk.disabled)
    else:
        state = "active (running)" if running else "failed (Result: exit-code)" if failed else "inactive (dead)"
        mark = "×" if failed else "●"
        process.print(f"{mark} {unit}.service - {DESCRIPTIONS[unit]}\n     Active: {state}")
        if failed:
            process.print(f"\n{process.vm.now():%b %d %H:%M:%S} {process.vm.hostname} {unit}: {unit}: {failed}")
    return 0 if running else 3


def _change(process: Process, verb: str, unit: str, *, now: bool) -> int:
    vm = process.vm
    if unit in (RESOLVED, NETWORKD):
        if verb in STOPPING:
            process.warn(f"systemctl: not emulated: {verb} {unit}")
            return 1
        lease(vm) if unit == NETWORKD else forget_names(vm.world, vm.vantage)
        return 0
    if verb in ("enable", "disable"):
        others = [s for s in process.disk.disabled if s != unit]
        process.disk.disabled[:] = others if verb == "enable" else [*others, unit]
    if unit == DOCKER:
        others = [s for s in process.disk.stopped if s != unit]
        process.disk.stopped[:] = others if verb in STARTING else [*others, unit]
        return 0
    if verb in ("enable", "disable") and not now:
        return 0
    if verb in STOPPING:
        stop_dnsmasq(vm)
    elif start_dnsmasq(vm):
        process.warn(_failed(unit))
        return 1
    return 0


def netplan(process: Process) -> int:
    """`netplan apply`: networkd asks for a lease again."""
    if process.args != ["apply"]:
        process.complain(f"not emulated: {' '.join(process.args)}; supported: apply")
        return 1
    return _renewed(process)


def dhclient(process: Process) -> int:
    """`dhclient -r` gives a lease back, `dhclient` asks for one: here a new one is there after either."""
    if [a for a in process.args if a not in ("-r", "-v", "eth0")]:
        process.complain(f"not emulated: {' '.join(process.args)}; supported: -r, -v, eth0")
        return 1
    return _renewed(process)


def _renewed(process: Process) -> int:
    if process.user != "root":
        process.complain("Operation not permitted")
        return 1
    lease(process.vm)
    return 0


SERVICES = {
    **programs(systemctl=systemctl),
    **programs(folder="/usr/sbin", netplan=netplan, dhclient=dhclient),
}
