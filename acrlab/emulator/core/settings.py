"""What can be set about a world as a whole: each a word, with what it means. They outlive a reset."""

from __future__ import annotations

import re
from dataclasses import dataclass

from acrlab.errors import ConfigurationError

GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True)
class WorldSetting:
    """One property of the world itself.

    Attributes:
        default: what it is in a new world.
        meaning: what it decides; for the reference.
        values: the words that it can be; empty: any that fits `form`.
        form: pattern of what it can be.
        shown: what that is, in words.
        founding: every id is made of it, so only an empty world takes another.
    """

    default: str
    meaning: str
    values: tuple[str, ...] = ()
    form: str = ".+"
    shown: str = "any text"
    founding: bool = False

    @property
    def legal(self) -> str:
        """What it can be, in as few words as a command's help has room for."""
        return " or ".join(self.values) or self.shown

    def admits(self, value: str) -> bool:
        return value in self.values if self.values else re.fullmatch(self.form, value) is not None


SETTINGS = {
    "seed": WorldSetting("acrlab", "what every id, GUID, etag and key is derived from; any text", founding=True),
    "tenant": WorldSetting(
        "72f988bf-0000-4000-8000-00000000ac12", "the Entra ID tenant; a GUID", form=GUID, shown="a GUID", founding=True
    ),
    "subscription": WorldSetting(
        "00000000-0000-4000-8000-00000000ac1a",
        "the subscription that a world begins with; a GUID",
        form=GUID,
        shown="a GUID",
        founding=True,
    ),
    "subnet-network-policies": WorldSetting(
        "as-in-2020",
        "`as-in-2020`: a new subnet has network policies for private endpoints on, and they must be turned off before "
        "an endpoint can be made in it; `as-today`: they are off",
        values=("as-in-2020", "as-today"),
    ),
    "providers": WorldSetting(
        "registered",
        "`registered`: the subscription may use every resource provider; `fresh`: each must be registered first",
        values=("registered", "fresh"),
    ),
    "groups": WorldSetting(
        "made",
        "`made`: only those resource groups are there that a caller made; `assumed`: a request about a group that was "
        "never made and never deleted finds it, in region `westus`, for callers who bring the names of their groups",
        values=("made", "assumed"),
    ),
    "timing": WorldSetting(
        "instant",
        "`instant`: what was changed counts at once everywhere; `as-azure`: names are kept in caches as long as their "
        "TTL says, and rules, roles and approvals count late",
        values=("instant", "as-azure"),
    ),
}
DEFAULTS = {name: setting.default for name, setting in SETTINGS.items()}


def require_legal(name: str, value: str) -> WorldSetting:
    """Look up a setting that is to get a value. Raises: ConfigurationError: there is none, or it can't be that."""
    if name not in SETTINGS:
        raise ConfigurationError("world-setting", f"there is no {name!r}. There are {', '.join(SETTINGS)}.")
    setting = SETTINGS[name]
    if not setting.admits(value):
        raise ConfigurationError("world-setting", f"{name} cannot be {value!r}. Say {setting.legal}.")
    return setting


def built_upon(name: str) -> ConfigurationError:
    """What keeps a founding setting as it is."""
    message = f"{name} is part of every id in this world, which is not empty. Empty it first: acrlab reset"
    return ConfigurationError("world-setting", message)
