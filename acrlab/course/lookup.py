"""Finds sections and steps by any of their names: step, section, anchor, own command or finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from acrlab.course.section import Section, Step
from acrlab.course.sections import SECTIONS
from acrlab.course.tasks.table import BY_NAME
from acrlab.errors import ConfigurationError

PLAN = tuple(step for section in SECTIONS for step in section.steps)


def sections_of(name: str) -> tuple[Section, ...]:
    """Find what a name stands for: one section, or all those of an anchor that several have.

    Args:
        name: of a section, the anchor of its heading, one of its steps, its own commands or its findings.

    Raises: ConfigurationError: it is none of these.
    """
    for names in (_section, _anchor, _steps, _own, _findings):
        if found := tuple(section for section in SECTIONS if name in names(section)):
            return found
    kinds = (_section, _anchor, _steps, _own, _findings)
    known = [*(one for names in kinds for section in SECTIONS for one in names(section)), *BY_NAME]
    raise unknown("section", name, known, listed=[section.name for section in SECTIONS])


def unknown(what: str, name: str, known: Sequence[str], *, listed: Sequence[str] = ()) -> ConfigurationError:
    """Say that nothing has a name, and which names are close to it; where none is, those to be `listed`, or all."""
    close = get_close_matches(name, dict.fromkeys(known))
    told = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(listed or known)}"
    return ConfigurationError(what, f"there is no {what} {name!r}; {told}")


def needed(names: Iterable[str]) -> list[Step]:
    """List the named steps and all that they need, in the article's order.

    Args:
        names: of steps, or as `sections_of` takes them for the steps that bring the lab to a section's end.

    Raises: ConfigurationError: there is no such name, or no step for it.
    """
    by_name = {step.name: step for step in PLAN}
    wanted: set[str] = set()
    left = [step for name in names for step in ([name] if name in by_name else _solving(name))]
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left += by_name[name].needs
    return [step for step in PLAN if step.name in wanted]


def _solving(name: str) -> Iterator[str]:
    """Names of the steps that bring the lab to the end of a section."""
    found = [step for section in sections_of(name) for step in section.ends]
    if not found:
        raise ConfigurationError("section", f"{name} has no step to bring the lab to; it is read, or done by hand")
    yield from found


def _section(section: Section) -> tuple[str, ...]:
    return (section.name,)


def _anchor(section: Section) -> tuple[str, ...]:
    return (section.anchor,)


def _steps(section: Section) -> tuple[str, ...]:
    return tuple(step.name for step in section.steps)


def _own(section: Section) -> tuple[str, ...]:
    return tuple(section.own)


def _findings(section: Section) -> tuple[str, ...]:
    return section.findings
