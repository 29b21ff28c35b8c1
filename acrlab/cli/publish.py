"""The commands for what goes to others: `handout` makes pages, `site` a web site; `scan` finds what must not leave.

And `article diff`, which reads what others publish: a newer edition of the article.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from acrlab.cli.console import HELP, Notebooks, Only, say
from acrlab.errors import ConfigurationError

FORMATS = ("html", "pdf")
FOUND = 1  # exit code of `scan` and `article diff` where there is anything

article = typer.Typer(help="Follow the article that the course teaches.", no_args_is_help=True, context_settings=HELP)


def handout(
    edition: Annotated[
        str, typer.Option(help="learner, or instructor: with solutions, timing, common mistakes.")
    ] = "learner",
    slides: Annotated[bool, typer.Option("--slides", help="Slides for a class, with the instructor's notes.")] = False,
    format: Annotated[list[str] | None, typer.Option(help="html or pdf; can be given again.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("handouts"),
    only: Only = None,
    notebooks: Notebooks = None,
) -> None:
    """Make handouts of the notebooks: one file a chapter and one of all, complete in themselves. Nothing is run.

    Examples:

      acrlab handout

      acrlab handout --edition instructor --format html --format pdf --out handouts

      acrlab handout --slides --only 03
    """
    from datetime import date
    from importlib.metadata import version

    from acrlab.handouts import EDITIONS, make, make_slides
    from acrlab.runs.notebooks import chosen, find, folder_of

    wanted = format or ["html"]
    if edition not in EDITIONS:
        raise ConfigurationError("--edition", f"there is no edition {edition}; there are {', '.join(EDITIONS)}.")
    if unknown := sorted(set(wanted) - set(FORMATS)):
        raise ConfigurationError("--format", f"{unknown[0]} is not a format; there are {', '.join(FORMATS)}.")
    listed = chosen(find(folder_of(notebooks)), only=only or (), begin="", end="")
    if slides:
        files = make_slides(listed, formats=wanted, out=out)
    else:
        files = make(
            listed,
            edition=EDITIONS[edition],
            formats=wanted,
            out=out,
            dated=date.today(),
            version=version("acrlab"),
        )
    for file in files:
        say(str(file))


def site(
    out: Annotated[Path, typer.Option(help="Folder for the site, created or replaced.")] = Path("site"),
    serve: Annotated[Path | None, typer.Option(help="Serve the site in this folder instead of building one.")] = None,
    port: Annotated[int, typer.Option(help="Port to serve at; 0: a free one.")] = 8000,
    notebooks: Notebooks = None,
) -> None:
    """Build a web site in which the chapters run: the reader needs only a browser, and installs nothing.

    It works from any static web server at any path, and fetches nothing from elsewhere. Making it needs Node.js and
    JupyterLite; `make site` sets JupyterLite up. Chapter 10 needs a computer, and says so.

    Examples:

      acrlab site --out site

      acrlab site --serve site
    """
    from acrlab.runs.notebooks import find, folder_of

    if serve is not None:
        from acrlab.site.serving import serve as serve_at

        serve_at(serve, port, say)
        return
    from acrlab.site.build import build

    made = build(out, find(folder_of(notebooks)), say=say)
    for part, size in sorted(made.parts.items(), key=lambda one: -one[1])[:6]:
        say(f"  {size / 1e6:5.1f} MB  {part}")
    say(f"{out}: {made.files} files, {made.size / 1e6:.1f} MB, {made.compressed / 1e6:.1f} MB where a host compresses.")
    say(f"To view it: acrlab site --serve {out}")


def scan(paths: Annotated[list[Path], typer.Argument(help="Files and folders.")]) -> None:
    """Look for tokens, keys, passwords, ids, addresses and names in notebooks, recordings, records, logs, handouts.

    Says where and of what kind, never what. Exits with 1 where there is anything. Worlds of the emulated Azure are not
    read: what is in them is worth nothing anywhere else.

    Examples:

      acrlab scan runs class.jsonl

      acrlab scan notebooks handouts
    """
    from acrlab.recordings.scan import scan as look

    found = look(paths)
    say(repr(found))
    raise typer.Exit(FOUND if found.leaks else 0)


@article.callback()
def _article() -> None:
    """Keep `diff` a command of its own: a group of one would be the command itself."""


@article.command()
def diff(
    file: Annotated[Path, typer.Argument(help="The article's Markdown, as its repository has it.")],
    against: Annotated[str, typer.Option(help="draft or today; empty: the edition that is most like it.")] = "",
    notebooks: Notebooks = None,
) -> None:
    """Compare an edition of the article with what the course covers: what is new, removed or changed, by chapter.

    Sections, commands, flags, tables, notes and the figures that a section is known for. Exits with 1 where there is
    anything, with 2 where the file is not the article. CONTRIBUTING.md says what to do then.

    Examples:

      acrlab article diff container-registry-private-endpoints.md

      acrlab article diff container-registry-private-endpoints.md --against draft
    """
    from acrlab.course.article import EDITIONS, closest, compare, read
    from acrlab.runs.notebooks import find, folder_of

    if against and against not in EDITIONS:
        raise ConfigurationError("--against", f"there is no edition {against}; there are {', '.join(EDITIONS)}.")
    document = read(file)
    edition = EDITIONS[against] if against else closest(document)
    drift = compare(document, edition, {chapter.name for chapter in find(folder_of(notebooks))})
    say(repr(drift))
    raise typer.Exit(FOUND if drift.changes else 0)
