"""Running a command inside a machine: `python -m acrlab.emulator.fabric.entry FILE MACHINE -- COMMAND…`.

The command gets the machine's network, its resolver, its hosts file and the lab's certificate authority; everything
else is this computer's. It replaces this process, so its exit code and its terminal are the command's own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acrlab.emulator.fabric import kernel

TRUSTED = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
OVER = {"resolv.conf": "/etc/resolv.conf", "hosts": "/etc/hosts", "nsswitch.conf": "/etc/nsswitch.conf"}
STORES = ("containers", "misc")  # what container tools keep under /var/lib
UNIFIED = "/sys/fs/cgroup/unified"
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def enter(about: Mapping[str, Any], machine: str) -> None:
    """Move this process into a machine. Raises: OSError: the machine is gone, or this user may not."""
    folder = Path(about["folder"]) / machine
    if about["rootless"]:
        kernel.enter(os.open(f"/proc/{about['pid']}/ns/user", os.O_RDONLY), kernel.NEW_USER)
    kernel.enter(os.open(f"/proc/{about['pid']}/fd/{about['spaces'][machine]}", os.O_RDONLY), kernel.NEW_NETWORK)
    kernel.unshare(kernel.NEW_MOUNTS)
    kernel.keep_mounts_to_ourselves()
    for name, target in OVER.items():
        if Path(target).exists():
            kernel.mount(str(folder / name), os.path.realpath(target), None, kernel.BIND)
    for target in TRUSTED:
        if Path(target).exists():
            kernel.mount(about["ca"], os.path.realpath(target), None, kernel.BIND)
    _silence_name_services()
    if about["rootless"]:
        _give_own_folders(folder)
    _hide_half_of_a_hybrid()


def _silence_name_services() -> None:
    """Caches and systemd's resolver answer over Unix sockets, which know no network namespace."""
    if Path("/run/nscd").is_dir():
        kernel.mount("tmpfs", "/run/nscd", "tmpfs")


def _give_own_folders(folder: Path) -> None:
    """Root of a user namespace is taken for root by container tools, and may not write where root may."""
    kernel.mount("tmpfs", "/run", "tmpfs", 0, "mode=755")
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777")
    for name in STORES:
        if Path("/var/lib", name).is_dir():
            own = folder / f"var-lib-{name}"
            own.mkdir(exist_ok=True)
            kernel.mount(str(own), f"/var/lib/{name}", None, kernel.BIND)


def _hide_half_of_a_hybrid() -> None:
    """Container runtimes refuse a computer with both versions of cgroups; this command sees only the first."""
    if os.path.ismount(UNIFIED):
        try:
            kernel.unmount(UNIFIED)
        except OSError:
            kernel.mount("tmpfs", UNIFIED, "tmpfs")


def environment(machine: str) -> dict[str, str]:
    """This process's variables without any proxy, and with the lab's authority as the only one."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    bundle = next((path for path in TRUSTED if Path(path).exists()), TRUSTED[0])
    return {**kept, **dict.fromkeys(VARIABLES, bundle), "PS1": f"azureuser@{machine}:\\w$ "}


def main() -> None:
    file, machine, _, *command = sys.argv[1:]
    about = json.loads(Path(file).read_text("utf-8"))
    here = Path.cwd()
    try:
        enter(about, machine)
    except (KeyError, OSError) as problem:
        sys.exit(f"acrlab: {machine} cannot be entered: {problem}. Is the server still running?")
    os.chdir(here)
    try:
        os.execvpe(command[0], command, environment(machine))
    except OSError as problem:
        sys.exit(f"{command[0]}: {problem.strerror}")


if __name__ == "__main__":
    main()
