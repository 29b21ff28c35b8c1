"""A name for something new: what is written under a name that is taken replaces what has it, or is refused."""

from __future__ import annotations

from collections.abc import Iterable


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Find a name that is not taken, whatever its case.

    Returns: the wanted one, or with a number behind: `AllowRegistry2`
    """
    names = {name.lower() for name in taken}
    numbered = (f"{wanted}{n}" for n in range(2, len(names) + 3))
    return next(name for name in (wanted, *numbered) if name.lower() not in names)
