"""The `$filter` of Microsoft.Authorization: terms joined by `and`: `word()`, `word('value')` or `word eq 'value'`."""

from __future__ import annotations

import re

from acrlab.emulator.core.http import NotEmulated, Request

_TERM = re.compile(r"(\w+)\s*(?:\(\s*(?:'([^']*)')?\s*\)|eq\s+'([^']*)')", re.IGNORECASE)


def terms_of(request: Request, *known: str) -> dict[str, str]:
    """Read the filter: word, as in `known`, -> its value.

    Raises: NotEmulated: a term that isn't one of `known`; a filter must never be passed over in silence.
    """
    found = {}
    text = request.query.get("$filter", "").strip()
    for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else ():
        match = _TERM.fullmatch(term.strip())
        word = next((k for k in known if match and k.lower() == match[1].lower()), None)
        if match is None or word is None:
            raise NotEmulated(f"$filter={term}", supported=", ".join(known))
        found[word] = match[2] or match[3] or ""
    return found
