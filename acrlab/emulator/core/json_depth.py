"""JSON that clients wrote, read no deeper than Resource Manager's reader goes.

Each Python has a bound of its own, and a browser's has none: it ends, and the page's world with it.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

DEEPEST = 512  # lists and objects inside each other: "The reader's MaxDepth of 512 has been exceeded."

_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[\]{}])', re.DOTALL)  # a bracket, or nothing for a text
_STEPS = {"": 0, "[": 1, "{": 1, "]": -1, "}": -1}


def loads(raw: bytes | str) -> Any:
    """Decode JSON. Raises: ValueError: it is none; RecursionError: it is too deep."""
    text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass")
    require_shallow(text)
    return json.loads(text)


def require_shallow(text: str) -> None:
    """Raise RecursionError where a text, JSON or not, opens too many brackets inside each other."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    deepest = max(accumulate(map(_STEPS.__getitem__, _MARKS.findall(text))), default=0)
    if deepest > DEEPEST:
        raise RecursionError(f"nested deeper than {DEEPEST}")
