"""Where a chapter begins: the steps that its own first cells ask for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from acrlab.errors import ConfigurationError
from acrlab.runs.notebooks import Notebook, chosen


def start_of(notebooks: Sequence[Notebook], chapter: str) -> list[str]:
    """List the steps that a chapter brings the lab to before anything else.

    Args:
        chapter: its number or name.

    Raises: ConfigurationError: there is no such chapter, or it begins with nothing.
    """
    try:
        (notebook,) = chosen(notebooks, only=[chapter], begin="", end="")
    except ConfigurationError as problem:
        raise ConfigurationError("--chapter", str(problem).removeprefix(f"{problem.field}: ")) from None
    steps = next(filter(None, (list(_brought(cell["source"])) for cell in notebook.code)), [])
    if not steps:
        raise ConfigurationError("--chapter", f"{notebook.name} starts from an empty lab: there is nothing to prepare.")
    return steps


def _brought(source: str | Sequence[str]) -> Iterator[str]:
    """The steps that a call of `bring_to` in this cell names."""
    for node in ast.walk(ast.parse("".join(source))):
        match node:
            case ast.Call(func=ast.Attribute(attr="bring_to"), args=[_, *names]):
                yield from (one.value for one in names if isinstance(one, ast.Constant) and isinstance(one.value, str))
