"""What the lab is called and where it stands: the settings, and what surrounds them here.

The model is loaded when it is first asked for: `acrlab.settings.environment` alone is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acrlab.settings.model import IMAGES as IMAGES
    from acrlab.settings.model import NO_SHUTDOWN as NO_SHUTDOWN
    from acrlab.settings.model import PLANNED_HOURS as PLANNED_HOURS
    from acrlab.settings.model import Settings as Settings

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in ("IMAGES", "NO_SHUTDOWN", "PLANNED_HOURS", "Settings"):
            raise AttributeError(f"module 'acrlab.settings' has no attribute {name!r}")
        from acrlab.settings import model

        return getattr(model, name)
