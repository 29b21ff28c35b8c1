"""`--query` of `az`, as far as it names what is in an answer: `loginServer`, `user.name`, `[0].id`, `[].name`.

Source: https://jmespath.org/specification.html, identifiers, sub-expressions, index expressions and list projections
"""

from __future__ import annotations

import re
from typing import Any

STEP = re.compile(r"\.?([A-Za-z_]\w*|\[(-?\d*)\])")


class NoQuery(Exception):
    """An expression that is not emulated."""


def find(answer: Any, expression: str) -> Any:
    """Look into an answer. What is not there is None, as in JMESPath. Raises: NoQuery."""
    steps = []
    at = 0
    while at < len(expression):
        step = STEP.match(expression, at)
        if step is None or (at == 0 and expression.startswith(".")):
            raise NoQuery(expression)
        steps.append(step[1])
        at = step.end()
    if not steps:
        raise NoQuery(expression)
    return _follow(answer, steps)


def _follow(value: Any, steps: list[str]) -> Any:
    for at, step in enumerate(steps):
        if step == "[]":
            if not isinstance(value, list):
                return None
            flat = [inner for one in value for inner in (one if isinstance(one, list) else [one])]
            found = [_follow(one, steps[at + 1 :]) for one in flat]
            return [one for one in found if one is not None]
        if step.startswith("["):
            index = int(step[1:-1])
            inside = isinstance(value, list) and -len(value) <= index < len(value)
            value = value[index] if inside else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
