"""The licences of everything that a site hands out, in one folder of the site."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from acrlab.errors import ConfigurationError
from acrlab.site.tools import PYODIDE

WORDS = ("licen", "copying", "notice", "authors")


def write(site: Path, wheels: Iterable[Path], *, scripts: Mapping[str, Path]) -> list[str]:
    """Put licences into `site/licences`. Returns: the packages that come without a text of their own.

    npm's pyodide ships no text: those of its parts are kept here.

    Args:
        scripts: name of each other package of npm -> its licence.
    """
    to = site / "licences"
    silent = []
    for wheel in wheels:
        name = "-".join(wheel.name.split("-")[:2])
        with zipfile.ZipFile(wheel) as packed:
            about = [one for one in packed.namelist() if ".dist-info/" in one]
            texts = [one for one in about if any(word in one.rpartition("/")[2].lower() for word in WORDS)]
            if not texts:
                silent.append(name)
                texts = [one for one in about if one.endswith("/METADATA")]  # says which licence it is
            (to / "python" / name).mkdir(parents=True, exist_ok=True)
            for text in texts:
                (to / "python" / name / text.rpartition("/")[2]).write_bytes(packed.read(text))
    for found in (site / "extensions").rglob("third-party-licenses.json"):
        target = to / "javascript" / f"{found.parent.parent.name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found, target)
    (to / "javascript").mkdir(parents=True, exist_ok=True)
    (to / "javascript" / "README.txt").write_text(
        "Those of JupyterLite: build/third-party-licenses.json of this site.\n"
    )
    if not (site / "build" / "third-party-licenses.json").exists():
        raise ConfigurationError("site", "JupyterLite's build has no texts of licences; a site is not made without.")
    for name, licence in scripts.items():
        shutil.copy(licence, to / "javascript" / f"{name}.txt")
    shutil.copytree(str(files("acrlab.site") / "licences"), to / f"pyodide-{PYODIDE}")
    (to / "index.html").write_text(_listed(to), "utf-8")
    return silent


def _listed(folder: Path) -> str:
    """Link every text: a static host shows no folder."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    items = "\n".join(f'<li><a href="{quote(name)}">{escape(name)}</a></li>' for name in names)
    head = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Licences</title>'
    return f"{head}\n<ul>\n{items}\n</ul>\n</html>\n"
