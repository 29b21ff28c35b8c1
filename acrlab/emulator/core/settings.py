"""What can be set about a world as a whole: each a word, with what it means. They outlive a reset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorldSetting:
    """One property of the world itself.

    Attributes:
        default: what it is in a new world.
        meaning: what it decides, and what else it can be; for the reference.
    """

    default: str
    meaning: str


SETTINGS = {
    "seed": WorldSetting("acrlab", "what every id, GUID, etag and key is derived from; any text"),
    "tenant": WorldSetting("72f988bf-0000-4000-8000-00000000ac12", "the Entra ID tenant; a GUID"),
    "subscription": WorldSetting("00000000-0000-4000-8000-00000000ac1a", "the world's one subscription; a GUID"),
    "subnet-network-policies": WorldSetting(
        "as-in-2020",
        "`as-in-2020`: a new subnet has network policies for private endpoints on, and they must be turned off before "
        "an endpoint can be made in it; `as-today`: they are off",
    ),
    "providers": WorldSetting(
        "registered",
        "`registered`: the subscription may use every resource provider; `fresh`: each must be registered first",
    ),
    "groups": WorldSetting(
        "made",
        "`made`: only those resource groups are there that somebody made; `assumed`: a request about a group that was "
        "never made and never deleted finds it, in region `westus`, for callers who bring the names of their groups",
    ),
}
DEFAULTS = {name: setting.default for name, setting in SETTINGS.items()}
