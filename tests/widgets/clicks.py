"""What tests of controls do in place of a person: find what is written on a control, and read what it says."""

from __future__ import annotations

import re
from html import unescape


def all_of(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_of(child)


def named(control, text):
    """A button or field of a control, by what is written on it."""
    return next(w for w in all_of(control.widget) if getattr(w, "description", "") == text)


def shown(control):
    return "\n".join(str(getattr(w, "value", "")) for w in all_of(control.widget))


def problems_at(control, text):
    """What is said at a field, which is beside it in the same box."""
    field = named(control, text)
    for box in all_of(control.widget):
        if len(getattr(box, "children", ())) == 2 and box.children[0] is field:
            return re.sub(r"<[^>]+>", "", unescape(box.children[1].value))
    raise AssertionError(f"{text} has no room for what is wrong with it")


def status(control):
    """What a control says to those who look at it or hear it, without the markup."""
    said = [str(getattr(w, "value", "")) for w in all_of(control.widget)]
    return "\n".join(unescape(re.sub(r"<[^>]+>", "", text)) for text in said if 'role="status"' in text)
