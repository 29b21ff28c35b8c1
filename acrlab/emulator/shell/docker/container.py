"""`docker run`: an image's program on the image's own files.

The emulated VM has no processor. What it can run are programs that its own shell has, by the name that they have
in the image; for anything else it says so.
"""

from __future__ import annotations

import posixpath

from acrlab.emulator.shell.docker.images import Image, Images
from acrlab.emulator.shell.process import Process

RUNNABLE = ("cat", "echo", "ls", "true", "false", "sh", "bash", "env", "head", "tail", "nslookup", "dig", "curl")
REFUSED = (
    "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime "
    "create failed: runc create failed: unable to start container process: "
)


def run(process: Process, image: Image, images: Images, words: list[str], entrypoint: str) -> int:
    """Run a container to its end, and return the exit code of its program."""
    settings = image.config.get("config") or {}
    first = [entrypoint] if entrypoint else list(settings.get("Entrypoint") or [])
    command = [*first, *(words or ([] if entrypoint else settings.get("Cmd") or []))]
    if not command:
        process.warn("docker: Error response from daemon: no command specified.\nSee 'docker run --help'.")
        return 125
    disk = images.unpack(image)
    path = next((p for p in places(command[0], settings) if disk.is_file(p)), "")
    if not path:
        missing = (
            f"stat {command[0]}: no such file or directory"
            if "/" in command[0]
            else "executable file not found in $PATH"
        )
        process.warn(f'{REFUSED}exec: "{command[0]}": {missing}: unknown.')
        return 127
    name = posixpath.basename(path)
    if name not in RUNNABLE:
        process.warn(f"exec {path}: exec format error")
        process.warn(f"(not emulated: this VM has no processor for {path}; it runs {', '.join(RUNNABLE)})")
        return 1
    shell = process.shell.fresh("root", [])
    shell.vm = process.vm.with_disk(disk)
    shell.folder = settings.get("WorkingDir") or "/"
    return shell.call([name, *command[1:]], process.streams)


def places(word: str, settings: dict[str, list[str]]) -> list[str]:
    """Tell where a program may be: at its path, or in one of the folders of the image's PATH."""
    if "/" in word:
        return [posixpath.normpath(posixpath.join("/", word))]
    paths = [v.partition("=")[2] for v in settings.get("Env") or [] if v.startswith("PATH=")]
    return [posixpath.join(folder, word) for folder in (paths or ["/bin:/usr/bin"])[0].split(":")]
