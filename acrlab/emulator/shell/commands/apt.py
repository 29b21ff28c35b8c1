"""`apt-get` and `apt`: real requests to the archives, from where the VM stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from acrlab.emulator.core.http import Unreachable
from acrlab.emulator.network.package_archives import Package
from acrlab.emulator.shell.commands import services
from acrlab.emulator.shell.commands.first_boot import LISTS, PACKAGES
from acrlab.emulator.shell.commands.options import refusing, take
from acrlab.emulator.shell.process import Process, programs

LISTS_FOLDER = "/var/lib/apt/lists"
UNSTABLE = "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n"
FLAGS = "-y -q -qq --yes --assume-yes --no-install-recommends --quiet -f --fix-broken --only-upgrade --purge"


@dataclass(frozen=True)
class Archive:
    """One line of the list of sources: where an archive is, and which of its series is wanted."""

    url: str
    series: str

    @property
    def list_file(self) -> str:
        """Where the archive's index is kept."""
        place = re.sub(r"^https?://", "", self.url).strip("/").replace("/", "_")
        return f"{LISTS_FOLDER}/{place}_dists_{self.series}_main_binary-amd64_Packages"


@refusing
def apt(process: Process) -> int:
    if process.name == "apt":
        process.warn(UNSTABLE)
    given = take(process.args, FLAGS, "-o")
    verb, names = (given.words[0] if given.words else ""), given.words[1:]
    if process.user != "root" and verb in ("update", "install", "remove", "purge", "upgrade"):
        process.warn("E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)")
        return 100
    if not _locked(process, verb, given.all("-o")):
        return 100
    match verb:
        case "update":
            return _update(process)
        case "install":
            agreed = given.has("-y", "--yes", "--assume-yes", "-qq")
            return _install(process, names, agreed)
        case "remove" | "purge":
            return _remove(process, names)
        case "upgrade":
            process.print("Reading package lists...\nBuilding dependency tree...\nReading state information...")
            process.print("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")
            return 0
        case "clean" | "autoremove" | "autoclean":
            return 0
    process.warn(f"E: Invalid operation {verb}" if verb else "E: not emulated without an operation")
    return 100


def _locked(process: Process, verb: str, settings: list[str]) -> bool:
    """Take the lock that an operation needs. Returns: False: another process has it."""
    if verb == "update":
        return LISTS.take(process, 0)
    timeout = next((s.partition("=")[2] for s in settings if s.lower().startswith("dpkg::lock::timeout=")), "0")
    if verb not in ("install", "remove", "purge", "upgrade"):
        return True
    # A timeout below 0 is to wait for ever.
    return PACKAGES.take(process, float("inf") if timeout.startswith("-") else float(timeout or 0))


# -- update ----------------------------------------------------------------------------------------------------------


def _update(process: Process) -> int:
    failures = []
    number = 1
    for archive in _archives(process):
        problem = ""
        for part in ("InRelease", "main/binary-amd64/Packages"):
            text = _fetch(process, archive, part)
            problem = problem or (text if text.startswith("\0") else "")
            if not problem and part != "InRelease":
                process.disk.write(archive.list_file, text)
        word = "Err" if problem else "Get"
        process.print(f"{word}:{number} {archive.url.rstrip('/')} {archive.series} InRelease")
        if problem:
            process.print(f"  {problem[1:]}")
            failures.append(f"W: Failed to fetch {archive.url}dists/{archive.series}/InRelease  {problem[1:]}")
        number += 1
    process.print("Reading package lists...")
    for failure in failures:
        process.warn(failure)
    if failures:
        process.warn("W: Some index files failed to download. They have been ignored, or old ones used instead.")
    return 0


def _archives(process: Process) -> list[Archive]:
    files = ["/etc/apt/sources.list"]
    files += [f"/etc/apt/sources.list.d/{n}" for n in process.disk.names_in("/etc/apt/sources.list.d")]
    lines = [line for f in files if process.disk.is_file(f) for line in process.disk.text(f).splitlines()]
    matches = [re.match(r"deb\s+(?:\[[^]]*\]\s+)?(https?://\S+)\s+(\S+)\s+\S+", line) for line in lines]
    return [Archive(f"{m[1].rstrip('/')}/", m[2]) for m in matches if m]


def _fetch(process: Process, archive: Archive, part: str) -> str:
    """A file of the archive; what begins with a NUL is what went wrong."""
    url = f"{archive.url}dists/{archive.series}/{part}"
    host = re.sub(r"^https?://([^/]+).*", r"\1", url)
    port = 443 if url.startswith("https") else 80
    try:
        answer = process.vm.fetch("GET", url)
    except Unreachable as problem:
        if problem.reason in ("no such host", "server misbehaving"):
            return f"\0Temporary failure resolving '{host}'"
        words = "connection timed out" if problem.reason == "timeout" else problem.reason
        return f"\0Could not connect to {host}:{port} ({problem.address}), {words}"
    return answer.raw.decode() if answer.status == 200 else f"\0{answer.status}  Not Found [IP: {host} {port}]"


# -- install ---------------------------------------------------------------------------------------------------------


def _install(process: Process, names: list[str], agreed: bool) -> int:
    process.print("Reading package lists...\nBuilding dependency tree...\nReading state information...")
    known = _known(process)
    wrong = [problem for name in names if (problem := _wrong(name, known))]
    if wrong:
        process.warn("\n".join(wrong))
        return 100
    names = [name.partition("=")[0] for name in names]
    for name in names:
        if name in process.disk.packages:
            process.print(f"{name} is already the newest version ({process.disk.packages[name]}).")
    wanted = _with_needs(names, known, process)
    if not wanted:
        process.print("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")
        return 0
    _announce(process, wanted, names, known)
    if not agreed:
        process.print("Do you want to continue? [Y/n] Abort.")
        return 1
    return _bring(process, wanted, known)


def _wrong(name: str, known: dict[str, tuple[Package, Archive]]) -> str:
    """Tell why `name` or `name=version` can't be installed; empty: it can."""
    name, _, version = name.partition("=")
    if name not in known:
        return f"E: Unable to locate package {name}"
    wanted = version in ("", known[name][0].version)
    return "" if wanted else f"E: Version '{version}' for '{name}' was not found"


def _known(process: Process) -> dict[str, tuple[Package, Archive]]:
    """Name -> package and where it is, as the indexes on the disk have it."""
    found: dict[str, tuple[Package, Archive]] = {}
    for archive in _archives(process):
        if process.disk.is_file(archive.list_file):
            paragraphs = process.disk.text(archive.list_file).strip().split("\n\n")
            found |= {p.name: (p, archive) for p in (Package.read(text) for text in paragraphs)}
    return found


def _with_needs(names: list[str], known: dict[str, tuple[Package, Archive]], process: Process) -> list[str]:
    """What has to be installed, needed packages first."""
    wanted: list[str] = []
    for name in names:
        if name in known and name not in process.disk.packages:
            wanted += [n for n in (*_with_needs(list(known[name][0].needs), known, process), name) if n not in wanted]
    return wanted


def _announce(process: Process, wanted: list[str], names: list[str], known: dict[str, tuple[Package, Archive]]) -> None:
    extra = sorted(set(wanted) - set(names))
    if extra:
        process.print(f"The following additional packages will be installed:\n  {' '.join(extra)}")
    process.print(f"The following NEW packages will be installed:\n  {' '.join(sorted(wanted))}")
    process.print(f"0 upgraded, {len(wanted)} newly installed, 0 to remove and 0 not upgraded.")
    process.print(f"Need to get {_size(sum(known[n][0].size for n in wanted))} of archives.")
    disk = _size(sum(known[n][0].installed for n in wanted))
    process.print(f"After this operation, {disk} of additional disk space will be used.")


def _bring(process: Process, wanted: list[str], known: dict[str, tuple[Package, Archive]]) -> int:
    for number, name in enumerate(wanted, 1):
        package, archive = known[name]
        try:
            status = process.vm.fetch("GET", f"{archive.url}{package.file}").status
        except Unreachable as problem:
            status, reason = 0, problem.reason
        if status != 200:
            process.warn(f"E: Failed to fetch {archive.url}{package.file}  {status or reason}")
            process.warn("E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?")
            return 100
        process.print(
            f"Get:{number} {archive.url.rstrip('/')} {archive.series}/main amd64 {name} amd64 {package.version} "
            f"[{_size(package.size)}]"
        )
    process.print(f"Fetched {_size(sum(known[n][0].size for n in wanted))} in 2s")
    for name in wanted:
        process.print(f"Selecting previously unselected package {name}.")
    for name in wanted:
        process.disk.packages[name] = known[name][0].version
        process.print(f"Setting up {name} ({known[name][0].version}) ...")
        services.installed(process, name)
    return 0


def _remove(process: Process, names: list[str]) -> int:
    process.print("Reading package lists...\nBuilding dependency tree...\nReading state information...")
    for name in names:
        version = process.disk.packages.pop(name, "")
        services.removed(process, name)
        process.print(
            f"Removing {name} ({version}) ..." if version else f"Package '{name}' is not installed, so not removed"
        )
    return 0


def _size(count: int) -> str:
    """Source: apt writes sizes with three digits, in powers of 1000."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"
    return f"{count} B"


def dpkg(process: Process) -> int:
    """`dpkg -l` and `dpkg -s name`."""
    given = [a for a in process.args if not a.startswith("-")]
    packages = {n: v for n, v in process.disk.packages.items() if not given or n in given}
    for name, version in sorted(packages.items()):
        process.print(f"ii  {name:<24} {version:<32} amd64")
    return int(bool(given) and not packages)


APT = {**programs(apt=apt, dpkg=dpkg), **{"apt-get": programs(apt_get=apt)["apt-get"]}}
