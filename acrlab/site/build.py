"""Makes the site: downloads, packs, lets JupyterLite build, and says what came of it."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import Notebook
from acrlab.serving.world_file import newest_layout
from acrlab.site import chapters, licences, packages, tools
from acrlab.site.serving import MARK

RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
SCRIPTS = {"fflate": "umd/index.js", "localforage": "dist/localforage.min.js"}  # what the first page uses
PAGE = ("work.mjs", "class.mjs", "kept.mjs")
OWN = Path(str(files("acrlab.site") / "browser"))
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
PACKED = (".js", ".mjs", ".wasm", ".json", ".html", ".css", ".svg", ".ipynb", ".txt")  # what a host compresses


@dataclass(frozen=True)
class Made:
    """A site that was built.

    Attributes:
        size: bytes of all files.
        compressed: the same as a host sends them, where it compresses.
        parts: folder -> bytes.
    """

    folder: Path
    files: int
    size: int
    compressed: int
    parts: dict[str, int]


def build(out: Path, notebooks: Sequence[Notebook], *, say: Callable[[str], None]) -> Made:
    """Make a site, or make it again. Nothing at `out` changes before the new site is whole.

    Raises: ConfigurationError: a tool is missing, or `out` holds something else.
    """
    out = out.absolute()  # JupyterLite builds in another folder than this one
    if strange := _not_of_a_site(out):
        raise ConfigurationError("--out", f"{out} holds {strange}, which no site has. Name another folder.")
    python = tools.lite_python()
    say(f"Pyodide {tools.PYODIDE} and its packages, in {tools.cache()}")
    runtime = tools.package("pyodide")
    wheels = tools.wheels(Path(str(files("acrlab.site") / "wheels.txt")), python)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".acrlab-site-", dir=out.parent) as room:
        work = Path(room)
        every = [*wheels, *packages.kernel_wheels(python), packages.own_wheel(work)]
        lite, site = work / "lite", work / "site"
        say(f"{len(every)} packages, compiled")
        packages.pack(every, pyodide=runtime, work=work / "packages", to=lite / "static" / "pyodide")
        for name in RUNTIME:
            shutil.copy(runtime / name, lite / "static" / "pyodide" / name)
        for path in OWN.glob("*.mjs"):
            if path.name not in ("pack.mjs", *PAGE):
                shutil.copy(path, lite / "static" / "pyodide" / path.name)
        chapters.write(notebooks, lite / "files")
        _write(lite / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": _settings()})
        say(f"JupyterLite with {len(notebooks)} chapters")
        words = ["-m", "jupyterlite_core", "build", "--output-dir", str(site), "--apps", "lab", "--no-sourcemaps"]
        tools.run([python, *words, "--no-unused-shared-packages"], cwd=lite)
        _finish(site, notebooks)
        _drop(site)
        licences.write(site, every, scripts={name: tools.package(name) / "LICENSE" for name in SCRIPTS})
        held = sorted({MARK, *(path.name for path in site.iterdir())})
        about = {"acrlab": version("acrlab"), "pyodide": tools.PYODIDE, "chapters": [one.name for one in notebooks]}
        _write(site / MARK, {**about, "holds": held})
        if out.exists():
            shutil.rmtree(out)
        site.rename(out)
    return measured(out)


def _not_of_a_site(out: Path) -> str:
    """Name something in a folder that replacing the site there would lose; empty: nothing."""
    there = {path.name for path in out.iterdir()} if out.exists() else set()
    try:
        own = set(json.loads((out / MARK).read_text("utf-8"))["holds"])
    except (OSError, ValueError, KeyError, TypeError):
        own = set()
    return min(there - own, default="")


def measured(site: Path) -> Made:
    """Say how large a site is."""
    every = [path for path in site.rglob("*") if path.is_file()]
    parts: dict[str, int] = {}
    compressed = 0
    for path in every:
        top, size = path.relative_to(site).parts[0], path.stat().st_size
        parts[top] = parts.get(top, 0) + size
        compressed += len(gzip.compress(path.read_bytes(), 6)) if path.suffix in PACKED else size
    return Made(site, len(every), sum(parts.values()), compressed, parts)


def _settings() -> dict[str, Any]:
    options = {"packages": list(packages.LOADED), "lockFileURL": "./static/pyodide/pyodide-lock.json"}
    kernel = {
        "pyodideUrl": "./static/pyodide/acrlab-pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": options,
    }
    return {"appName": "acrlab", "exposeAppInBrowser": True, "litePluginSettings": {KERNEL: kernel}}


def _finish(site: Path, notebooks: Sequence[Notebook]) -> None:
    """Undo what the build sets by itself, and add the pages around it."""
    path = site / "jupyter-lite.json"
    settings = json.loads(path.read_text("utf-8"))
    plugins = settings["jupyter-config-data"]["litePluginSettings"]
    plugins[KERNEL] |= _settings()["litePluginSettings"][KERNEL]  # the build points it at pyodide.mjs, which is there
    _write(path, settings)
    rows = "\n".join(_row(notebook) for notebook in notebooks)
    about = json.dumps({"acrlab": version("acrlab"), "layout": newest_layout()})
    page = (OWN / "index.html").read_text("utf-8")
    page = page.replace("<!-- chapters -->", rows).replace("<!-- about -->", about)
    # JupyterLite's pages read a part of its settings out of this one.
    read = re.search(
        r'<script id="jupyter-config-data".*?</script>', (site / "index.html").read_text("utf-8"), re.DOTALL
    )
    if read is None:
        raise ConfigurationError("site", "JupyterLite's page has no settings, without which none of its pages opens.")
    page = page.replace("</html>", f"{read.group()}\n</html>")
    (site / "index.html").write_text(page, "utf-8")
    for name in ("START-HERE.txt", "serve.py"):
        shutil.copy(OWN / name, site / name)
    (site / "static" / "acrlab").mkdir()
    for name, script in SCRIPTS.items():
        shutil.copy(tools.package(name) / script, site / "static" / "acrlab" / f"{name}.js")
    for name in PAGE:
        shutil.copy(OWN / name, site / "static" / "acrlab" / name)


def _drop(site: Path) -> None:
    """Take out what no browser asks for: older forms of fonts, and how JupyterLite itself was built."""
    for font in (site / "build").glob("*.woff2"):
        for form in (".woff", ".ttf", ".eot", ".svg"):
            font.with_suffix(form).unlink(missing_ok=True)
    for path in site.glob("rspack.config*.js"):
        path.unlink()


def _row(notebook: Notebook) -> str:
    note = " <em>needs a computer: install acrlab</em>" if notebook.number in chapters.ON_A_COMPUTER else ""
    link, title = f"lab/index.html?path={notebook.path.name}", notebook.title
    shown = title if title.startswith(notebook.number) else f"{notebook.number} - {title}"
    return f'<li><a href="{link}">{escape(shown)}</a>{note}</li>'


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1), "utf-8")
