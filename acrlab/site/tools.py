"""The programs and downloads that a site is made with: Node, npm, JupyterLite; kept from one site to the next."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from acrlab.errors import ConfigurationError

LITE = "ACRLAB_LITE"  # a Python that has jupyterlite-core and pip; `make site` makes one
PYODIDE = "314.0.7"
# From npm: name -> version, and the archive's SHA-512, as npm published it.
PACKAGES = {
    "pyodide": (
        PYODIDE,
        (
            "d18bd7c4485f11da4b7dbfd790cd8114078c44eab488c517d9bcf31fda4eb6dc"
            "8c716930abe1db139bb2b860fcd8b37bcb6abe48dbe2ffa579244b0e943d91d4"
        ),
    ),
    # Writes and reads zips.
    "fflate": (
        "0.8.3",
        (
            "b5b64db89acbc06529df3b2106d772e16f8e47166e221f1ae629722044030b9a"
            "d8d5fdd4db424caf2d0b977581cd4e7c1192ac12e2455e16f9830bfc0ac3ef80"
        ),
    ),
    # What JupyterLite keeps notebooks with.
    "localforage": (
        "1.10.0",
        (
            "d78fc7d5a5fb8730419a687bb063ddf8038c92422b1ccdd9d4f0321a0662800d"
            "47d69e4ee403673325b3be90044ed1baf3f742e290b49dccb7f8f3c6cd76473e"
        ),
    ),
}
PLATFORM = (
    *("--platform", "pyemscripten_2026_0_wasm32", "--platform", "any"),
    *("--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", "--abi", "abi3", "--abi", "none"),
)
LONGEST_S = 600


def cache() -> Path:
    """Where downloads are kept from one site to the next."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "acrlab" / f"site-{PYODIDE}"


def lite_python() -> str:
    """Find the Python that has JupyterLite. Raises: ConfigurationError: there is none."""
    program = os.environ.get(LITE, sys.executable)
    try:
        run([program, "-c", "import jupyterlite_core, jupyterlite_pyodide_kernel, jupyterlab_widgets, anywidget, pip"])
    except ConfigurationError as problem:
        message = f"{program} has no JupyterLite. `make site` sets one up; or name a Python that has it in {LITE}."
        raise ConfigurationError(LITE, message) from problem
    return program


def run(words: Sequence[str], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end. Returns: what it printed. Raises: ConfigurationError: it is not there, or it failed."""
    program = shutil.which(words[0])
    if program is None:
        raise ConfigurationError("site", f"a site is made with {words[0]}, and it is not installed. Install Node.js.")
    try:
        done = subprocess.run(
            [program, *words[1:]],
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
        )
    except subprocess.TimeoutExpired as problem:
        raise ConfigurationError("site", f"{words[0]} did not end in {LONGEST_S} s: {' '.join(words)}") from problem
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise ConfigurationError("site", f"{Path(words[0]).name} {' '.join(words[1:3])} failed: {said}")
    return done.stdout


def package(name: str) -> Path:
    """Get the folder of a package of npm, downloaded where it is not there. Raises: ConfigurationError."""
    (version, sha512), kept = PACKAGES[name], cache()
    archive, folder = kept / f"{name}-{version}.tgz", kept / f"{name}-{version}"
    if not archive.exists():
        kept.mkdir(parents=True, exist_ok=True)
        run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=kept)
    if hashlib.sha512(archive.read_bytes()).hexdigest() != sha512:
        archive.unlink()
        raise ConfigurationError("site", f"{archive.name} is not what npm published; it was deleted. Try again.")
    if not (folder / "package.json").exists():
        with tarfile.open(archive) as packed:
            packed.extractall(kept / f"{name}-unpacked", filter="data")
        (kept / f"{name}-unpacked" / "package").rename(folder)
    return folder


def wheels(listed: Path, python: str) -> list[Path]:
    """Get the wheels that a list names, downloaded where they are not there; pip checks each by its hash.

    Args:
        listed: in pip's form, every line with a hash.
        python: has pip.
    """
    folder = cache() / f"wheels-{hashlib.sha256(listed.read_bytes()).hexdigest()[:12]}"
    wanted = [line for line in listed.read_text("utf-8").splitlines() if "==" in line]
    words = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    if len(found := sorted(folder.glob("*.whl"))) < len(wanted):
        run([*words, *PLATFORM, "--dest", str(folder), "--requirement", str(listed)])
        found = sorted(folder.glob("*.whl"))
    right = {line.rpartition("sha256:")[2] for line in wanted}
    if wrong := [one for one in found if hashlib.sha256(one.read_bytes()).hexdigest() not in right]:
        for one in wrong:
            one.unlink()
        raise ConfigurationError("site", f"{wrong[0].name} is not what its hash promises; it was deleted. Try again.")
    return found
