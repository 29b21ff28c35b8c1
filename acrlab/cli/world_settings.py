"""The option that sets properties of the emulated Azure itself: `--world-setting NAME=VALUE`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from acrlab.errors import ConfigurationError

OPTION = "--world-setting"
WorldSettings = Annotated[
    list[str] | None,
    typer.Option(OPTION, metavar="NAME=VALUE", help="Set a property of the emulated Azure itself; can be given again."),
]


class WorldSettingCommand(TyperCommand):
    """A command with that option. The emulated Azure is asked what there is only for its help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        for parameter in self.params:
            if OPTION in parameter.opts:
                parameter.help = f"{parameter.help} {_choices()}"  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)


def world_settings(words: Sequence[str] | None) -> dict[str, str]:
    """Read what was given: name -> value.

    Raises: ConfigurationError: a word is not of this form, there is no such setting, or it can't be that.
    """
    from acrlab.serving.world_file import require_legal_settings

    found = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigurationError(
                "world-setting", f"{word!r} has no value. Write: {OPTION} NAME=VALUE. {_choices()}"
            )
        found[name] = value
    if found:
        require_legal_settings(found)
    return found


def _choices() -> str:
    from acrlab.serving.world_file import declared_settings

    return f"There are {'; '.join(f'{name}: {one.legal}' for name, one in declared_settings().items())}."
