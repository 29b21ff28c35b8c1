"""Running a command inside a VM: `python -m acrlab.emulator.fabric.entry FILE VM -- COMMAND…`.

The command gets the VM's network, its resolver, its hosts file and the lab's certificate authority; everything
else is this computer's. It replaces this process, so its exit code and its terminal are the command's own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acrlab.emulator.fabric import containers, kernel

TRUSTED = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
OVER = {"resolv.conf": "/etc/resolv.conf", "hosts": "/etc/hosts", "nsswitch.conf": "/etc/nsswitch.conf"}
UNIFIED = "/sys/fs/cgroup/unified"
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def enter(about: Mapping[str, Any], vm: str) -> None:
    """Move this process into a VM. Raises: OSError: the VM is gone, or this user may not."""
    folder = Path(about["folder"]) / vm
    if about["rootless"]:
        kernel.enter(os.open(f"/proc/{about['pid']}/ns/user", os.O_RDONLY), kernel.NEW_USER)
    kernel.enter(os.open(f"/proc/{about['pid']}/fd/{about['spaces'][vm]}", os.O_RDONLY), kernel.NEW_NETWORK)
    kernel.unshare(kernel.NEW_MOUNTS)
    kernel.keep_mounts_to_ourselves()
    containers.give_folders(folder)  # over /run, too: caches and resolvers answer there, which know no namespace
    for name, target in OVER.items():
        _cover(target, folder / name)
    for target in TRUSTED:
        _cover(target, about["ca"])
    _hide_half_of_a_hybrid()


def _cover(target: str, source: Path | str) -> None:
    """Show another file in the place of one of this computer's; a link into /run leads nowhere by now."""
    real = Path(os.path.realpath(target))
    if Path(target).is_symlink() and real.is_relative_to("/run"):
        real.parent.mkdir(parents=True, exist_ok=True)
        real.touch()
    if real.exists():
        kernel.mount(str(source), str(real), None, kernel.BIND)


def _hide_half_of_a_hybrid() -> None:
    """Container runtimes refuse a computer with both versions of cgroups; this command sees only the first."""
    if os.path.ismount(UNIFIED):
        try:
            kernel.unmount(UNIFIED)
        except OSError:
            kernel.mount("tmpfs", UNIFIED, "tmpfs")


def environment(vm: str, folder: Path) -> dict[str, str]:
    """This process's variables without any proxy, with the lab's authority as the only one, and a store of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept.pop("XDG_RUNTIME_DIR", None)  # lies in /run
    bundle = next((path for path in TRUSTED if Path(path).exists()), TRUSTED[0])
    trust = dict.fromkeys(VARIABLES, bundle)
    return {**kept, **trust, **containers.variables(folder), "PS1": f"azureuser@{vm}:\\w$ "}


def main() -> None:
    file, vm, _, *words = sys.argv[1:]
    about = json.loads(Path(file).read_text("utf-8"))
    here = Path.cwd()
    try:
        enter(about, vm)
    except (KeyError, OSError) as problem:
        sys.exit(f"acrlab: {vm} cannot be entered: {problem}. Is the server still running?")
    os.chdir(here)
    variables = environment(vm, Path(about["folder"]) / vm)
    containers.start_engine(variables)
    command = containers.with_substitute(words)
    if command is not words:
        sys.stderr.write("acrlab: docker is not installed here; podman stands in for it\n")
    try:
        os.execvpe(command[0], list(command), variables)
    except OSError as problem:
        sys.exit(f"{command[0]}: {problem.strerror}")


if __name__ == "__main__":
    main()
