"""The site's Python packages: acrlab as a wheel, bytecode for all, one archive, and Pyodide's lock for what is left."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

from acrlab.site.tools import cache, run

# Read as files while they run: IPython its themes, acrlab its scripts and styles, pydantic_core is a library.
UNPACKED = ("acrlab", "ipython", "pydantic_core")
LEFT_OUT = ("__pycache__", "browser", "chapters", "cli", "fabric", "handouts", "licences", "server")
# What the kernel would install by itself from elsewhere, was it not there.
LOADED = (
    *("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"),
    *("ipywidgets", "widgetsnbextension", "anywidget", "acrlab"),
)


def own_wheel(folder: Path) -> Path:
    """Pack the acrlab that runs here, without the chapters and without what opens sockets."""
    package, about = Path(str(files("acrlab"))), distribution("acrlab")
    target = folder / f"acrlab-{about.version}-py3-none-any.whl"
    info = f"acrlab-{about.version}.dist-info"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(package.rglob("*")):
            inside = path.relative_to(package)
            if path.is_file() and not set(inside.parts) & set(LEFT_OUT):
                entry = zipfile.ZipInfo((Path("acrlab") / inside).as_posix())
                packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)  # without times: always the same
        texts = {"METADATA": f"Metadata-Version: 2.4\nName: acrlab\nVersion: {about.version}\nLicense: MIT\n"}
        texts["WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        licences = (one for one in about.files or () if "licenses" in one.parts)
        texts |= {f"licenses/{one.name}": one.read_text() for one in licences}
        for name, text in texts.items():
            packed.writestr(zipfile.ZipInfo(f"{info}/{name}"), text, zipfile.ZIP_DEFLATED)
    return target


def kernel_wheels(python: str) -> list[Path]:
    """Find the wheels that JupyterLite's kernel brings: itself, and stand-ins for what needs a server."""
    prefix = run([python, "-c", "import sys; print(sys.prefix)"]).strip()
    there = Path(prefix, "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi")
    patterns = ("ipykernel-*", "piplite-*", "pyodide_kernel-*", "widgetsnbextension-4*")
    return [next(there.glob(f"{pattern}.whl")) for pattern in patterns]


def pack(wheels: Iterable[Path], *, pyodide: Path, work: Path, to: Path) -> None:
    """Compile wheels with the site's own Python, join them into `site.zip`, and write the lock.

    Args:
        work: for what is on the way.
        to: gets site.zip, the wheels that stay wheels, and pyodide-lock.json.
    """
    packed = work / "packed"
    for folder in (packed, to):
        folder.mkdir(parents=True)
    _compile(wheels, pyodide=pyodide, work=work, to=packed)
    joined = [one for one in sorted(packed.glob("*.whl")) if one.name.split("-")[0] not in UNPACKED]
    _join(joined, to / "site.zip")
    apart = [one for one in sorted(packed.glob("*.whl")) if one not in joined]
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8")) | {"packages": dict(map(_entry, apart))}
    (to / "pyodide-lock.json").write_text(json.dumps(lock, indent=1), "utf-8")
    for one in apart:
        shutil.copy(one, to / one.name)


def _compile(wheels: Iterable[Path], *, pyodide: Path, work: Path, to: Path) -> None:
    """Compile the wheels that were not compiled before; it takes half a minute for all."""
    script = Path(str(files("acrlab.site") / "browser" / "pack.mjs"))
    kept, given, fresh = cache() / "compiled", work / "given", work / "fresh"
    for folder in (kept, given, fresh):
        folder.mkdir(parents=True, exist_ok=True)
    by_name = {}
    for wheel in wheels:
        key = hashlib.sha256(script.read_bytes() + wheel.read_bytes()).hexdigest()[:16]
        by_name[wheel.name] = kept / f"{key}.whl"
        if not by_name[wheel.name].exists():
            shutil.copy(wheel, given / wheel.name)
    if any(given.iterdir()):
        run(["node", str(script), str(pyodide), str(given), str(fresh)])
    for name, at in by_name.items():
        if (fresh / name).exists():
            (fresh / name).replace(at.with_suffix(".new"))
            at.with_suffix(".new").replace(at)
        shutil.copy(at, to / name)


def _join(wheels: Iterable[Path], target: Path) -> None:
    seen: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as one:
                for name in one.namelist():
                    if name not in seen:  # `azure/__init__.py` is in each of Azure's
                        seen.add(name)
                        archive.writestr(zipfile.ZipInfo(name), one.read(name), zipfile.ZIP_DEFLATED, 9)


def _entry(wheel: Path) -> tuple[str, dict[str, Any]]:
    """Describe one wheel as Pyodide's lock does; what it depends on is all loaded anyway."""
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        about = packed.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    said = dict(re.findall(r"^(Name|Version): (.*)$", about.split("\n\n")[0], re.MULTILINE))
    name = re.sub(r"[-_.]+", "-", said["Name"]).lower()
    code = (one for one in names if ".dist-info" not in one and one.endswith((".py", ".pyc", ".so")))
    tops = {one.split("/")[0].removesuffix(".pyc").removesuffix(".py") for one in code} - {"azure"}
    return name, {
        "name": name,
        "version": said["Version"],
        "file_name": wheel.name,
        "install_dir": "site",
        "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": sorted(tops),
        "depends": [],
        "unvendored_tests": False,
    }
