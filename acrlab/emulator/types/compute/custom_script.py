"""The Linux custom script extension: what its settings ask for, and what it does and reports on the VM.

Source: https://github.com/Azure/custom-script-extension-linux (main/handlersettings.go, main/cmds.go, main/main.go)
"""

from __future__ import annotations

import base64
import re
import shlex
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acrlab.emulator.core.http import JSON, NotEmulated
from acrlab.emulator.core.inflate import TooLong, inflated
from acrlab.emulator.core.resource import Resource, State
from acrlab.emulator.types.compute.vm_actions import end_of

DATA = "/var/lib/waagent/custom-script"
# setting -> what it may be. Others of the extension's own are for downloads, which are not modelled.
PUBLIC: Mapping[str, type] = {"commandToExecute": str, "script": str, "skipDos2Unix": bool, "timestamp": int}
PROTECTED: Mapping[str, type] = {"commandToExecute": str, "script": str}
SHELLS = re.compile(r"#!\s*(/usr)?/bin/(env\s+)?(sh|bash|dash)\b")
ALPHABET = string.ascii_letters + string.digits + "+/=\r\n"
BOM = "\ufeff"
LONGEST = 2**20  # bytes of a script


class Unusable(Exception):
    """The extension can't do what its settings say, for the reason that it reports."""


@dataclass(frozen=True)
class Report:
    """How the extension says it went: `message` is what it reports, in whole."""

    failed: bool
    message: str


def require_modelled(settings: JSON, protected: JSON) -> None:
    """Refuse settings whose effect is not known here. Raises: NotEmulated."""
    _require_known("settings", settings, PUBLIC)
    _require_known("protectedSettings", protected, PROTECTED)
    try:
        text = _script(settings, protected)
    except Unusable:
        return  # the extension says so itself
    if text.startswith("#!") and not SHELLS.match(text):
        raise NotEmulated(f"a script that begins with {text.splitlines()[0]}", supported="sh, bash")


def _require_known(name: str, given: JSON, known: Mapping[str, type]) -> None:
    for key, value in given.items():
        if key == "fileUris" and value == []:
            continue
        if key not in known:
            raise NotEmulated(f"{key} in {name} of the custom script extension", supported=", ".join(known))
        if type(value) is not known[key]:
            raise NotEmulated(f"{key} in {name} of the custom script extension as {value!r}")


def run(state: State, vm: Resource, settings: JSON, protected: JSON, sequence: int) -> Report:
    """Run what the settings ask for on the VM, as the extension does: in a folder of its own, as root."""
    try:
        _validate(settings, protected)
    except Unusable as problem:
        return Report(True, f"Enable failed: failed to get configuration: invalid configuration: {problem}")
    folder = f"{DATA}/download/{sequence}"
    try:
        lines, command = _prepared(settings, protected, folder)
    except Unusable as problem:
        return Report(True, f"Enable failed: {problem}{_streams('', '')}")
    lines = [f"mkdir -p {folder}", f"cd {folder}", *lines, f"sh -c {shlex.quote(command)} /bin/sh > stdout 2> stderr"]
    outcome = state.perform("run_script", vm, "\n".join(lines))
    # Read from the files, which stay there; what the emulator itself says about a script that it stopped comes last.
    written = state.perform("run_script", vm, f"cat {folder}/stdout\ncat {folder}/stderr >&2")
    told = _streams(written.stdout, written.stderr + outcome.stderr)
    if outcome.exit_code:
        failure = f"failed to execute command: command terminated with exit status={outcome.exit_code}"
        return Report(True, f"Enable failed: {failure}{told}")
    return Report(False, f"Enable succeeded: {told}")


def uninstall(state: State, vm: Resource) -> None:
    """Take away what the extension has kept on the VM; what its scripts did stays."""
    state.perform("run_script", vm, f"rm -rf {DATA}")


def _streams(stdout: str, stderr: str) -> str:
    return f"\n[stdout]\n{end_of(stdout)}\n[stderr]\n{end_of(stderr)}"


def _validate(settings: JSON, protected: JSON) -> None:
    """Find what the extension finds wrong with its settings. Raises: Unusable."""
    if not any(_given(name, settings, protected) for name in PROTECTED):
        raise Unusable("'commandToExecute' is not specified")
    for name in PROTECTED:
        if settings.get(name) and protected.get(name):
            raise Unusable(
                f"'{name}' was specified both in public and protected settings; it must be specified only once"
            )
    if all(_given(name, settings, protected) for name in PROTECTED):
        raise Unusable("'commandToExecute' and 'script' were both specified, but only one is validate at a time")


def _given(name: str, settings: JSON, protected: JSON) -> Any:
    return settings.get(name) or protected.get(name)


def _prepared(settings: JSON, protected: JSON, folder: str) -> tuple[list[str], str]:
    """Tell what has to be done before the command, and the command. Raises: Unusable."""
    if command := _given("commandToExecute", settings, protected):
        return [], str(command)
    text = shlex.quote(_script(settings, protected))
    return [f"printf %s {text} > script.sh", "chmod 500 script.sh"], f"{folder}/script.sh"


def _script(settings: JSON, protected: JSON) -> str:
    """Decode the script; empty: there is none. Raises: Unusable."""
    text = _decoded(str(_given("script", settings, protected) or ""))
    return text if settings.get("skipDos2Unix") else text.removeprefix(BOM).replace("\r\n", "\n")


def _decoded(sent: str) -> str:
    """Undo base64, and gzip where it was used. Raises: Unusable: not base64; NotEmulated: the rest of what may be."""
    wrong = next((place for place, letter in enumerate(sent) if letter not in ALPHABET), None)
    if wrong is not None:
        raise Unusable(f"failed to decode script: illegal base64 data at input byte {wrong}")
    try:
        raw = base64.b64decode(sent, validate=False)
        text = inflated(raw, LONGEST)
    except TooLong as problem:
        raise NotEmulated(f"a script of more than {LONGEST} bytes") from problem
    except (ValueError, EOFError, OSError) as problem:
        raise NotEmulated("a script whose base64 or gzip ends too early") from problem
    return text.decode("utf-8", "surrogateescape")
