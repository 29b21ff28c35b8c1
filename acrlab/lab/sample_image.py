"""What the sample image is called in the registry: as the settings say, or in a repository of the lab's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acrlab.lab.lab import Lab
from acrlab.lab.memory import IMAGE, kept
from acrlab.lab.ownership import is_the_learner_s

OWN = "acrlab/"  # before the repository's name, where the registry belongs to someone else


def sample_image(lab: Lab) -> str:
    """Name the sample image, `repository:tag`, as it was brought into the lab's registry."""
    note = image_note(lab)
    return str(note["image"]) if note else lab.settings.image


def image_note(lab: Lab) -> Any:
    """Read what was noted of the image in a registry of someone else's: `image`, `digest`, `brought`; None: nothing.

    `digest` is empty where the registry did not tell it; `brought` says whether the lab put it there.
    """
    return kept(lab, IMAGE)


def name_for(lab: Lab, tags: Mapping[str, str] | None) -> str:
    """Choose the image's name in a registry with these tags."""
    image = lab.settings.image
    return image if is_the_learner_s(lab, tags) or image.startswith(OWN) else f"{OWN}{image}"
