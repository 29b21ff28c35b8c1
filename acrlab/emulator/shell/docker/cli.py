"""The `docker` command. Source: https://docs.docker.com/reference/cli/docker/"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from acrlab.emulator.shell.commands.options import UnknownOption, take
from acrlab.emulator.shell.docker import container, credentials, daemon_log, transfer
from acrlab.emulator.shell.docker.client import Client, DockerProblem
from acrlab.emulator.shell.docker.daemon import API, may_connect
from acrlab.emulator.shell.docker.images import Image, Images
from acrlab.emulator.shell.docker.proxy import Daemon
from acrlab.emulator.shell.docker.reference import HUB, Reference
from acrlab.emulator.shell.process import Process, programs

VERSION = "26.1.3"
BUILD = "26.1.3-0ubuntu1~22.04.1"
UNENCRYPTED = (
    "WARNING! Your password will be stored unencrypted in {path}.\nConfigure a credential helper to remove this "
    "warning. See\nhttps://docs.docker.com/engine/reference/commandline/login/#credentials-store\n"
)


def docker(process: Process) -> int:
    words = process.args
    if words[:1] in (["--version"], ["-v"]):
        process.print(f"Docker version {VERSION}, build {BUILD}")
        return 0
    name = words[0] if words else ""
    verb, rest = VERBS.get(name), words[1:]
    if name == "image" and words[1:2] in (["ls"], ["pull"], ["push"], ["tag"], ["rm"]):
        name, rest = {"ls": "images", "rm": "rmi"}.get(words[1], words[1]), words[2:]
        verb = VERBS[name]
    if verb is None:
        process.warn(f"docker: not emulated: docker {' '.join(words[:1])}; supported: {', '.join(VERBS)}")
        return 1
    if name not in WITHOUT_DAEMON and not may_connect(process, name):
        return 125 if name == "run" else 1
    try:
        return verb(Process(name, rest, process.streams, process.shell))
    except UnknownOption as problem:
        process.warn(f"unknown flag: {problem} (or not emulated)\nSee 'docker {name} --help'.")
        return 125 if name == "run" else 1
    except DockerProblem as problem:
        if name == "pull":
            daemon_log.note_pull(process.vm, str(problem))
        process.warn(f"Error response from daemon: {problem}")
        return 1


def _one_reference(process: Process, words: list[str], usage: str) -> Reference:
    if len(words) != 1:
        raise DockerProblem(
            f'"docker {process.name}" requires exactly 1 argument. Usage: docker {process.name} {usage}'
        )
    reference = Reference.parse(words[0])
    if reference is None:
        raise DockerProblem("invalid reference format")
    return reference


# -- images ----------------------------------------------------------------------------------------------------------


def pull(process: Process) -> int:
    given = take(process.args, "-q --quiet", "--platform")
    reference = _one_reference(process, given.words, "[OPTIONS] NAME[:TAG|@DIGEST]")
    quiet = given.has("-q", "--quiet")
    if not (reference.tag or reference.digest) and not quiet:
        process.print("Using default tag: latest")
    reference = reference.tagged()
    transfer.pull(process, reference, Images(process.vm), process.streams.out, quiet=quiet)
    full = f"{HUB}/{reference.path}:{reference.tag}" if reference.domain == HUB else str(reference)
    process.print(full)
    return 0


def push(process: Process) -> int:
    given = take(process.args, "-q --quiet")
    reference = _one_reference(process, given.words, "[OPTIONS] NAME[:TAG]").tagged()
    images = Images(process.vm)
    image = images.find(str(reference))
    if image is None:
        process.print(f"The push refers to repository [{reference.domain}/{reference.path}]")
        process.warn(f"An image does not exist locally with the tag: {reference.repository}")
        return 1
    try:
        transfer.push(process, reference, image, images)
    except DockerProblem as problem:
        process.warn(str(problem))
        return 1
    return 0


def tag(process: Process) -> int:
    given = take(process.args)
    images = Images(process.vm)
    if len(given.words) != 2 or (target := Reference.parse(given.words[1])) is None:
        raise DockerProblem("invalid reference format")
    image = images.find(given.words[0])
    if image is None:
        raise DockerProblem(f"No such image: {_shown(given.words[0])}")
    images.name(image.id, target.tagged())
    return 0


def _shown(text: str) -> str:
    reference = Reference.parse(text)
    return str(reference.tagged()) if reference else text


def list_images(process: Process) -> int:
    given = take(process.args, "-q --quiet -a --all --no-trunc --digests")
    images = Images(process.vm)
    rows = [row for image in images for row in _rows(process, images, image)]
    if given.words:
        wanted = Reference.parse(given.words[0])
        rows = [r for r in rows if wanted and r[0] == wanted.repository and wanted.tag in ("", r[1])]
    if given.has("-q", "--quiet"):
        for row in rows:
            process.print(row[2])
        return 0
    table = [("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"), *rows]
    widths = [max(max(len(row[i]) for row in table) + 3, 10) for i in range(4)]
    for row in table:
        process.print("".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)) + row[4])
    return 0


def _rows(process: Process, images: Images, image: Image) -> list[tuple[str, str, str, str, str]]:
    rest = (image.short_id, _ago(process.vm.now(), image.created), _size(images.size(image)))
    names = [n.rpartition(":") for n in image.kept["names"]] or [(r, "", "<none>") for r in image.kept["digests"]]
    return [(repository, tag, *rest) for repository, _, tag in names]


def _ago(now: datetime, then: datetime | None) -> str:
    """Source: docker's units package, HumanDuration"""
    seconds = int((now - then).total_seconds()) if then else -1
    if seconds < 0:
        return "N/A"
    for unit, size, least in (
        ("years", 365 * 86400, 2), ("months", 30 * 86400, 2), ("weeks", 7 * 86400, 2), ("days", 86400, 2),
        ("hours", 3600, 2), ("minutes", 60, 2),
    ):  # fmt: skip
        if seconds >= size * least:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} seconds ago" if seconds < 60 else "About a minute ago" if seconds < 120 else "About an hour ago"


def _size(count: int) -> str:
    value, units = float(count), ["B", "kB", "MB", "GB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g}{units[0]}"


def remove_images(process: Process) -> int:
    given = take(process.args, "-f --force")
    images, status = Images(process.vm), 0
    for word in given.words:
        image = images.find(word)
        if image is None:
            process.warn(f"Error response from daemon: No such image: {_shown(word)}")
            status = 1
            continue
        names = image.kept["names"]
        reference = Reference.parse(word)
        if reference and str(reference.tagged()) in names and len(names) > 1:
            names.remove(str(reference.tagged()))
            process.print(f"Untagged: {reference.tagged()}")
            continue
        for name in [*names, *(f"{r}@{d}" for r, d in image.kept["digests"].items())]:
            process.print(f"Untagged: {name}")
        images.remove(image)
        process.print(f"Deleted: {image.id}")
    return status


# -- containers ------------------------------------------------------------------------------------------------------


def run(process: Process) -> int:
    flags, valued = "-i -t --rm --interactive --tty", "--name --entrypoint"
    given = take(process.args, flags, valued, stop_at_word=True)
    if not given.words:
        process.warn("\"docker run\" requires at least 1 argument.\nSee 'docker run --help'.")
        return 125
    if given.has("-i", "--interactive") and given.has("-t", "--tty"):
        # run-command has no terminal, and docker insists on one where both are asked for
        process.warn("the input device is not a TTY")
        return 1
    reference, images = Reference.parse(given.words[0]), Images(process.vm)
    if reference is None:
        process.warn("docker: invalid reference format.\nSee 'docker run --help'.")
        return 125
    try:
        image = images.find(given.words[0]) or _brought(process, reference.tagged(), images)
        return container.run(process, image, images, given.words[1:], given.value("--entrypoint"))
    except DockerProblem as problem:
        daemon_log.note_pull(process.vm, str(problem))
        process.warn(f"docker: Error response from daemon: {str(problem).removesuffix('.')}.\nSee 'docker run --help'.")
        return 125


def _brought(process: Process, reference: Reference, images: Images) -> Image:
    process.warn(f"Unable to find image '{reference}' locally")
    transfer.pull(process, reference, images, process.streams.err)
    found = images.find(str(reference))
    assert found is not None
    return found


def list_containers(process: Process) -> int:
    """List no containers: those here have always ended before anyone looks."""
    given = take(process.args, "-q --quiet")
    if not given.has("-q", "--quiet"):
        process.print("CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES")
    return 0


# -- registries ------------------------------------------------------------------------------------------------------


def log_in(process: Process) -> int:
    given = take(process.args, "--password-stdin", "-u --username -p --password")
    domain = (given.words or [HUB])[0].removeprefix("https://").rstrip("/")
    user, password = given.value("-u", "--username"), given.value("-p", "--password")
    if domain in (HUB, "index.docker.io", "registry-1.docker.io"):
        process.warn("docker login: not emulated: accounts of Docker Hub; name a registry")
        return 1
    if given.has("--password-stdin"):
        if not user:
            process.warn("Must provide --username with --password-stdin")
            return 1
        password = process.streams.stdin.read().rstrip("\r\n")
    elif password:
        process.warn("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
    if not user or not password:
        process.warn("Error: Cannot perform an interactive login from a non TTY device")
        return 1
    sign_in(process, domain, f"{user}:{password}")
    process.warn(UNENCRYPTED.format(path=credentials.path_of(process)))
    process.print("Login Succeeded")
    return 0


def sign_in(process: Process, domain: str, credential: str) -> None:
    """Prove a credential and write it down. Raises: DockerProblem."""
    Client(Daemon(process.vm), domain, credential).log_in()
    credentials.keep(process, domain, credential)


def log_out(process: Process) -> int:
    domain = (process.args or [HUB])[0]
    if credentials.forget(process, domain):
        process.print(f"Removing login credentials for {domain}")
    else:
        process.print(f"Not logged in to {domain}")
    return 0


def version(process: Process) -> int:
    daemon = may_connect(process, "version")
    process.print(f"Client:\n Version:           {VERSION}\n API version:       {API}\n OS/Arch:           linux/amd64")
    if daemon:
        process.print(
            f"\nServer:\n Engine:\n  Version:          {VERSION}\n  API version:      {API} (minimum version 1.24)"
        )
    return int(not daemon)


VERBS: dict[str, Callable[[Process], int]] = {
    "run": run, "pull": pull, "push": push, "tag": tag, "images": list_images, "rmi": remove_images,
    "ps": list_containers, "login": log_in, "logout": log_out, "version": version,
}  # fmt: skip
WITHOUT_DAEMON = ("logout", "version")
DOCKER = programs("docker.io", docker=docker)
