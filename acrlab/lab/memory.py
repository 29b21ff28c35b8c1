"""What the lab has to remember of what was there before it: a note for each thing and registry.

They are written whole before the change that they are about, so that an interruption at any moment loses nothing.
"""

from __future__ import annotations

import json
from typing import Any

from acrlab.lab.lab import Lab

ACCESS = "access"  # what the registry's access settings were, and what the lab left
PRACTICE = "practice"  # the fault that was planted to practise on, and how far one is with it
TASKS = "tasks"  # hints asked for, and which tasks were done, or shown
IMAGE = "image"  # that the lab put the image into someone else's registry
REGIONAL = "regional"  # what regional endpoints were set to before the lab turned them on
SEEN_AS = "seen-as"  # the address of this computer, as the registry named it when it refused it
GROUPS = "groups"  # that the lab created besides those of its settings
ELSEWHERE = "groups-elsewhere"  # ids of those that it created to go across subscriptions
AT_WORK = "at-work"  # which notebook worked on the lab last


def keep(lab: Lab, what: str, value: Any) -> None:
    """Remember how something was; what is remembered already counts, until it is forgotten.

    Args:
        what: names it, in kebab-case.
        value: anything that JSON can carry but null.
    """
    with lab.backend.memory.alone():
        if kept(lab, what) is None:
            put(lab, what, value)


def put(lab: Lab, what: str, value: Any) -> None:
    """Remember something in place of what was remembered before."""
    lab.backend.memory.write(name_of(lab, what), json.dumps(value, indent=2) + "\n")


def kept(lab: Lab, what: str, registry: str = "") -> Any:
    """Read what is remembered; None: nothing is.

    Args:
        registry: name of another lab's; empty: this one's.
    """
    text = lab.backend.memory.read(name_of(lab, what, registry))
    return None if text is None else json.loads(text)


def forget(lab: Lab, what: str) -> None:
    """Remember it no longer."""
    lab.backend.memory.delete(name_of(lab, what))


def forget_registry(lab: Lab) -> None:
    """Forget what was noted of a registry that is there no more: a new one of its name is another."""
    for what in (ACCESS, IMAGE, PRACTICE, REGIONAL, SEEN_AS):
        forget(lab, what)


def name_of(lab: Lab, what: str, registry: str = "") -> str:
    """The name under which the lab's memory has it: a registry's name is one lab's in the whole world."""
    return f"{what}-{(registry or lab.settings.registry_name).lower()}.json"


def note_group(lab: Lab, group: str) -> None:
    """Note that the lab created a group besides those of its settings, so that a clean-up finds it."""
    put(lab, GROUPS, sorted({*other_groups(lab), group}))


def forget_group(lab: Lab, group: str) -> None:
    """Forget a group that the lab created and deleted."""
    put(lab, GROUPS, [one for one in other_groups(lab) if one != group])


def other_groups(lab: Lab) -> tuple[str, ...]:
    """Name the groups that the lab created besides those of its settings."""
    return tuple(kept(lab, GROUPS) or ())


def note_elsewhere(lab: Lab, id: str) -> None:
    """Note, before it is created, a group of the lab by its id, so that a clean-up finds it in any subscription."""
    with lab.backend.memory.alone():
        put(lab, ELSEWHERE, sorted({*groups_elsewhere(lab), id}))


def forget_elsewhere(lab: Lab, id: str) -> None:
    """Forget such a group: it is gone."""
    with lab.backend.memory.alone():
        left = [one for one in groups_elsewhere(lab) if one != id]
        put(lab, ELSEWHERE, left) if left else forget(lab, ELSEWHERE)


def groups_elsewhere(lab: Lab) -> tuple[str, ...]:
    """List the ids of the groups that were noted so."""
    return tuple(kept(lab, ELSEWHERE) or ())


def open_ticket(lab: Lab, registry: str = "") -> str:
    """Name the planted fault that no one has named yet, nor given up; empty: there is none.

    Args:
        registry: name of another lab's; empty: this one's.
    """
    note = kept(lab, PRACTICE, registry)
    over = note is None or note["answered"] or note["given_up"] or note["fixed"]
    return "" if over else str(note["fault"])


def sample_image(lab: Lab) -> str:
    """Name the sample image, `repository:tag`, as it was brought into the lab's registry."""
    note = image_note(lab)
    return str(note["image"]) if note else lab.settings.image


def image_note(lab: Lab) -> Any:
    """Read what was noted of the image in a registry of someone else's; None: nothing.

    It has `image`, `digest`, `brought` and `asked`: `digest` is empty where the registry did not tell it; `brought`
    says whether the lab put it there, and `asked` when it asked for that, by Azure's clock.
    """
    return kept(lab, IMAGE)
