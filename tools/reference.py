"""Writes docs/reference/*.md from the code: what is emulated, the settings, the library, the command, the article map.

And the README's line that leads to the web site, from its address in pyproject.toml.

python tools/reference.py           write them
python tools/reference.py --check   exit 1 where a committed page differs from what the code says
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import acrlab
from acrlab import emulator
from acrlab.course.article.draft import DRAFT
from acrlab.course.article.outline import Part
from acrlab.course.article.today import TODAY
from acrlab.course.sections import SECTIONS
from acrlab.emulator import types
from acrlab.emulator.arm import permissions
from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.domains import Elements, Listing, Shape
from acrlab.emulator.core.schema import ResourceType
from acrlab.emulator.core.settings import SETTINGS
from acrlab.emulator.core.values import Field
from acrlab.emulator.core.world import World
from acrlab.preflight.rights import NEEDED_RIGHTS
from acrlab.runs.notebooks import find
from acrlab.settings import Settings

PAGES = ROOT / "docs" / "reference"
README = ROOT / "README.md"
TRY_IT = re.compile(r"(picture\.svg[^\n]*\n\n)[^\n]*(\n)")  # the line below the picture
MODULES = {"steps": acrlab.steps, "tables": acrlab.tables, "remedies": acrlab.remedies}
BEFORE = """
import acrlab

lab = acrlab.connect(registry_name="contoso42")
"""
# Group of the face -> what it is for, an example that runs after BEFORE. A test runs them all.
GROUP_TEXTS = {
    "Lab": (
        "Open a lab, and say before a run what it needs, makes and costs.",
        """
found = acrlab.run_preflight(lab, hours=2)
assert found.ready and found.dollars == 0
acrlab.table([{"registry": lab.settings.registry_name, "region": lab.settings.location}])
""",
    ),
    "Steps": (
        "The article's steps. Each makes what is not there, waits for it, and gives the SDK's own value.",
        """
group = acrlab.ensure_group(lab)
registry = acrlab.ensure_registry(lab)
assert registry.id.startswith(group.id) and registry.sku.name == "Premium"
assert acrlab.steps.current_access(lab).default_action == "Allow"
""",
    ),
    "Look": (
        "Read what is there: names as the VM and this computer see them, and what is wrong.",
        """
acrlab.bring_to(lab, "records", "pull-right", "sample-image")
answer = acrlab.resolve(lab, lab.settings.login_server)
assert acrlab.tables.stage(answer) == "private"
assert acrlab.trace(lab, lab.settings.login_server).arrives
acrlab.steps.set_public_access(lab, "Disabled")
report = acrlab.diagnose(lab, expect="open")
assert report.codes == ("public-access-closed",)
acrlab.remedies.allow_public_access(lab)
assert acrlab.diagnose(lab).healthy
""",
    ),
    "Learn": (
        "The article as tasks. A section goes by its name, its heading's anchor, a step or a finding of it.",
        """
acrlab.az(lab.settings, "configure-the-private-dns-zone")
acrlab.source(acrlab.ensure_zone)
assert not acrlab.verify(lab, "zone").done
acrlab.hint(lab, "private-dns-zone")
assert acrlab.solve(lab, "private-dns-zone").done
assert not acrlab.reset(lab, "zone-misnamed").done
""",
    ),
    "Controls": (
        "Panels of a notebook; as text where there is nothing to click with.",
        """
acrlab.bring_to(lab, "registry")
print(acrlab.section_bar(lab, "registry"))
print(acrlab.live_picture(lab))
""",
    ),
    "Errors": (
        "What the library refuses, and why: every message ends in what to do.",
        """
try:
    acrlab.bring_to(lab, "zones")
except acrlab.ConfigurationError as problem:
    assert "did you mean zone" in str(problem)
""",
    ),
}
MADE = "<!-- Made by tools/reference.py from the code; change the code, then run `make docs`. -->"


def emulated() -> str:
    """Every type with its verbs and actions, every other operation, every inert property."""
    lines = ["# What is emulated", "", "Anything else answers `501 NotEmulated` and names what it was asked.", ""]
    lines += ["## Resource types", "", "| type | verbs | actions |", "| --- | --- | --- |"]
    for kind in sorted(types.ALL, key=lambda k: k.type):
        actions = ", ".join(f"`{a.method} {name}`" for name, a in sorted(kind.actions.items())) or "–"
        lines.append(f"| [{kind.type}]({kind.source}) | {', '.join(kind.verbs)} | {actions} |")
    lines += ["", "## Other operations", "", "| operation | path |", "| --- | --- |"]
    lines += [
        f"| `{r.method}` | [`{r.path}`]({r.source}) |"
        for r in (*types.ROUTES, *permissions.routes(World(types.ALL, None)))
    ]
    lines += ["", "## Inert properties", "", "They are kept and shown, and change nothing that the emulator does.", ""]
    lines += ["| type | properties |", "| --- | --- |"]
    for kind in sorted(types.ALL, key=lambda k: k.type):
        inert = sorted({path for path, spec in _fields(kind) if spec.inert and path != "tags"})
        if inert:
            lines.append(f"| {kind.type} | {', '.join(f'`{p}`' for p in inert)} |")
    lines += ["", "`tags` are kept and shown everywhere.", "", *_versions(), ""]
    lines += ["What can be set about the emulated Azure itself is in [settings](settings.md#settings-of-a-world)."]
    return "\n".join(lines)


def _world() -> World:
    return World(types.ALL, None)


def deviations() -> str:
    """Every known difference from Azure, from the modules that make it."""
    lines = [
        "# Known deviations",
        "",
        "Where the emulated Azure answers otherwise than Azure, and knows it. What it does not model at all answers",
        "`501 NotEmulated`; properties that are kept and change nothing are in [what is emulated](emulated.md).",
    ]
    of = ""
    for one in sorted(_all_deviations(), key=lambda d: d.of):
        if one.of != of:
            of = one.of
            lines += ["", f"## {of}", "", "| what | impact | reason | workaround |", "| --- | --- | --- | --- |"]
        lines.append(f"| {one.what} | {one.impact} | {one.reason} | {one.workaround} |")
    return "\n".join(lines)


def _all_deviations() -> Iterator[Deviation]:
    for module in pkgutil.walk_packages(emulator.__path__, f"{emulator.__name__}."):
        yield from getattr(importlib.import_module(module.name), "DEVIATIONS", ())


def _versions() -> list[str]:
    """Which api-versions each type is known at, types of the same ones together."""
    lines = [
        "## Api-versions",
        "",
        "Any other `YYYY-MM-DD`, or `YYYY-MM-DD-preview`, is answered in the shape of its date.",
    ]
    lines += ["", "| types | known api-versions |", "| --- | --- |"]
    known: dict[tuple[str, ...], list[str]] = {}
    for kind in sorted(types.ALL, key=lambda k: k.type):
        known.setdefault(tuple(kind.versions), []).append(kind.type)
    lines += [f"| {', '.join(names)} | {', '.join(f'`{v}`' for v in versions)} |" for versions, names in known.items()]
    return lines


def _fields(kind: ResourceType) -> Iterator[tuple[str, Field]]:
    for name, spec in kind.envelope.items():
        yield from _nested(name, spec)
    for name, spec in kind.properties.items():
        yield from _nested(f"properties.{name}", spec)


def _nested(path: str, spec: Field) -> Iterator[tuple[str, Field]]:
    yield path, spec
    domain: Any = spec.domain
    while isinstance(domain, Listing):
        domain = domain.of
        path += "[]"
    if isinstance(domain, Elements):
        path += "[].properties"
    for name, inner in getattr(domain, "fields", {}).items() if isinstance(domain, Shape | Elements) else ():
        yield from _nested(f"{path}.{name}", inner)


SETTINGS_FILE = """
## The settings file

`acrlab.toml` in the folder of the chapters, or at the top of a checkout, is read by every chapter and every command
there. It is TOML, a line for each setting:

```toml
resource_group = "rg-ada"
location = "westeurope"
expires_hours = 6
```

What counts, the first that is there:

1. what papermill, `acrlab run -p`, an option of a command or an argument of `acrlab.connect` says;
2. a value in a chapter's parameters cell that is not the default;
3. the settings file;
4. the default.

The file's `registry_name` and `portal_resource_group` are those of its `resource_group`: another group gets its own.
With backend `replay` all names are the recording's. A path in `fixtures` starts at the file. `confirm_cost` and
`world` can't stand there: they are said with each run. `acrlab run` reads the file of the folder it is typed in, and a
run that is taken up goes on with what was read then. In a checkout, a folder with a settings file of its own, such as a
learner's of a class, is a course of its own.

Chapter 00's form writes the file and leaves what else stands in it. ACRLAB_SETTINGS names another file; `off` says that
none counts, as it does where outputs are stored or compared: `acrlab record`, `pytest` and `pytest --nbval` in a
checkout.
"""


def settings() -> str:
    """Every parameter of the lab with its default and rule, and what can be set about a world."""
    common = set.intersection(*({*notebook.parameters} for notebook in find(ROOT / "notebooks")))
    taken = [f"`{name}`" for name in Settings.model_fields if name in common]
    lines = [
        "# Settings",
        "",
        f"Every notebook's parameters cell has {', '.join(taken)}.",
        "`acrlab run -p NAME VALUE` and `papermill -p NAME VALUE` take all settings, as `acrlab.connect` and",
        "`acrlab.Settings.from_parameters` do.",
        "",
        *SETTINGS_FILE.strip().splitlines(),
        "",
        "## All settings",
        "",
    ]
    lines += ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, spec in Settings.model_fields.items():
        default = f"`{spec.default}`" if spec.default not in ("", None) else "–"
        lines.append(f"| `{name}` | {default} | {spec.description} |")
    lines += ["", "## Settings of a world", ""]
    lines += ["Properties of the emulated Azure itself. They lie in its file, and outlive a reset:", ""]
    lines += ["`acrlab emulator serve --world-setting NAME=VALUE`, and `acrlab run --world-setting NAME=VALUE`.", ""]
    lines += ["Only an empty world takes another seed, tenant or subscription.", ""]
    lines += ["| setting | default | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | `{s.default}` | {s.meaning} |" for name, s in SETTINGS.items()]
    return "\n".join(lines)


def library() -> str:
    """Every public name by group, with its signature and docstring, and an example that runs for each group."""
    names = [(name, value) for name in sorted(acrlab.__all__) if not inspect.ismodule(value := getattr(acrlab, name))]
    lines = ["# The library", "", "`import acrlab` offers these names, in groups. An example begins with", ""]
    lines += ["```python", *BEFORE.strip().splitlines(), "```", ""]
    for group, homes in acrlab.GROUPS.items():
        lines += [f"## {group}", "", GROUP_TEXTS[group][0], "", "```python", GROUP_TEXTS[group][1].strip(), "```", ""]
        offered = {name for names in homes.values() for name in names}
        lines += [line for name, value in names if name in offered for line in _described(name, value)]
    for name, module in MODULES.items():
        lines += [f"## `acrlab.{name}`", "", inspect.cleandoc(inspect.getdoc(module) or ""), ""]
        lines += [
            line
            for one, value in _public(module)
            if one not in acrlab.__all__
            for line in _described(f"{name}.{one}", value)
        ]
    return "\n".join(lines).rstrip()


def _described(name: str, value: Any) -> list[str]:
    signature = str(inspect.signature(value)) if inspect.isfunction(value) else ""
    return [f"### `{name}{signature}`", "", inspect.cleandoc(inspect.getdoc(value) or ""), ""]


def _public(module: Any) -> list[tuple[str, Any]]:
    """What a module of the face offers: what it lists, or else its own functions and those that it imports `as` it."""
    if listed := getattr(module, "__all__", None):
        return [(name, getattr(module, name)) for name in listed]
    imported = {
        alias.asname
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    functions = inspect.getmembers(module, inspect.isfunction)
    own = [(name, value) for name, value in functions if value.__module__ == module.__name__ or name in imported]
    return [(name, value) for name, value in own if not name.startswith("_")]


def commands() -> str:
    """Every command with its options, as `acrlab COMMAND --help` says it."""
    from typer.main import get_command

    from acrlab.cli.app import app

    lines = ["# The `acrlab` command", ""]
    for path, command in _commands("acrlab", get_command(app)):
        lines += [f"## `{path}`", "", inspect.cleandoc(command.help or ""), ""]
        rows = [
            (", ".join(f"`{o}`" for o in p.opts) if p.param_type_name == "option" else f"`{p.name}`", _help(p))
            for p in command.params
            if p.name != "help"
        ]
        if rows:
            lines += ["| option | meaning |", "| --- | --- |", *(f"| {o} | {h} |" for o, h in rows), ""]
    return "\n".join(lines).rstrip()


def _help(parameter: Any) -> str:
    return " ".join((getattr(parameter, "help", None) or "").split())


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from _commands(f"{path} {name}", inner)


def article_map() -> str:
    """Today's sections and the draft's -> chapters; the draft's -> notebook section and library function."""
    lines = ["# Where each section of the article went", ""]
    lines += [
        f"The course follows the draft of {DRAFT.dated} and today's article, of {TODAY.dated}. `acrlab article diff`"
    ]
    lines += ["says what a newer edition has beyond them.", "", *_today(), "", *_draft()]
    lines += ["", "## Sections of the lab", "", "Every function that takes a section takes any of these names.", ""]
    lines += ["| article | section | steps | own commands | findings |", "| --- | --- | --- | --- | --- |"]
    for section in SECTIONS:
        kinds = ([step.name for step in section.steps], section.own, section.findings)
        lists = " | ".join(", ".join(f"`{name}`" for name in names) or "–" for names in kinds)
        lines.append(f"| `{section.anchor}` | `{section.name}` | {lists} |")
    lines += ["", "## What was completed or corrected", "", "| article | change, and why |", "| --- | --- |"]
    lines += [f"| {s.title} | {s.az.changed} |" for s in SECTIONS if s.az.changed]
    return "\n".join(lines)


def _today() -> Iterator[str]:
    """Each section of today's article, with the draft's that became it, or why there is none."""
    yield from ("## Today's article", "", "| today | in the draft | chapters |", "| --- | --- | --- |")
    places = _notebook_sections()
    for part in TODAY.parts:
        yield f"| {part.title} | {'<br>'.join(part.draft) or part.reason} | {_chapters(part, places)} |"


def _draft() -> Iterator[str]:
    """Each section of the draft, with its place in a chapter and in the library, and what became of it."""
    yield from ("## The draft", "", "| draft | today | chapters | library |", "| --- | --- | --- | --- |")
    places = _notebook_sections()
    for part in DRAFT.parts:
        under = [section for section in SECTIONS if section.title == part.title and not part.within.endswith("portal")]
        place = _chapters(part, places if under else {})
        functions = ", ".join(f"`{name}`" for section in under for name in section.functions) or "–"
        became = [one.title for one in TODAY.parts if part.title in one.draft]
        yield f"| {part.title} | {'<br>'.join(became) or part.reason} | {place} | {functions} |"


def _chapters(part: Part, places: dict[str, list[str]]) -> str:
    """Links to a part's chapters, to the section where a tag names it; a chapter that is not written yet is named."""
    there = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    tagged = places.get(part.anchor, [])
    links = []
    for name in part.chapters:
        own = [link for link in tagged if link.startswith(f"[{name}:")]
        plain = f"[{name}](../../notebooks/{name}.ipynb)" if name in there else f"{name} (not written yet)"
        links += own or [plain]
    return "<br>".join(links)


def _notebook_sections() -> dict[str, list[str]]:
    """Anchor -> links to the notebook sections in which a cell is tagged `article:ANCHOR`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        section = path.stem
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            heading = (
                re.match(r"#+ (?!Your turn)(.+)", "".join(cell["source"])) if cell["cell_type"] == "markdown" else None
            )
            section = heading[1] if heading else section
            for tag in cell["metadata"].get("tags", []):
                if tag.startswith("article:"):
                    link = f"[{path.stem}: {section}](../../notebooks/{path.name})"
                    found.setdefault(tag.partition(":")[2], []).append(link)
    return found


def rights() -> str:
    """What an identity needs for each chapter on a real subscription."""
    lines = [
        "# Rights",
        "",
        "What an identity needs on a real subscription, in the lab's group or above it. *Contributor* has",
    ]
    lines += ["all of it but the assignment of roles, for which *Role Based Access Control Administrator* is enough."]
    lines += ["`acrlab preflight` names what is missing. To look alone (`acrlab doctor`) *Reader* is enough.", ""]
    lines += ["| chapters | actions |", "| --- | --- |"]
    lines += [f"| {chapters} | {', '.join(f'`{a}`' for a in actions)} |" for chapters, actions in NEEDED_RIGHTS.items()]
    return "\n".join(lines)


def try_it(site: str) -> str:
    """The README's first words below the picture: where the site is, or how it is made."""
    if site:
        start = f"**[Try it in your browser]({site})**: nothing to install, no account."
        return f"{start} `make site` builds the same site for"
    return "In a browser, with nothing installed: `make site` builds the course as a web site for"


def readme() -> str:
    """The README with the address that pyproject.toml names as the site's."""
    site = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["acrlab"]["site"]
    return TRY_IT.sub(lambda found: found[1] + try_it(site) + found[2], README.read_text("utf-8"), count=1)


ALL = {
    "rights.md": rights,
    "emulated.md": emulated,
    "deviations.md": deviations,
    "settings.md": settings,
    "library.md": library,
    "commands.md": commands,
    "article.md": article_map,
}


def main(check: bool) -> int:
    stale = []
    for name, make in ALL.items():
        page, text = PAGES / name, f"{MADE}\n\n{make()}\n"
        if not page.exists() or page.read_text("utf-8") != text:
            stale.append(name)
            if not check:
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(text, "utf-8")
    if (text := readme()) != README.read_text("utf-8"):
        stale.append(README.name)
        if not check:
            README.write_text(text, "utf-8")
    print(f"{'stale' if check else 'written'}: {', '.join(stale) or 'none'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
