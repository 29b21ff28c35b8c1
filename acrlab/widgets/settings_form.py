"""The settings as a form: checked as one types, with the names that the lab will use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acrlab.course.tables import settings_table
from acrlab.display import Table
from acrlab.errors import ConfigurationError
from acrlab.settings import Settings
from acrlab.widgets.control import Control, Speaker, stacked

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["SettingsForm", "settings_form"]

BACKENDS = {
    "emulated Azure, here and free": "emulator",
    "a real subscription, which costs": "azure",
    "a recording": "replay",
}
FIELDS = {  # setting -> its label
    "subscription": "Subscription",
    "resource_group": "Resource group",
    "location": "Region",
    "registry_name": "Registry",
    "machine_name": "Machine",
}


class SettingsForm(Control):
    """A form for the settings that chapters take as parameters; the others stay as they were."""

    def __init__(self, settings: Settings) -> None:
        self._settings: Settings | None = settings
        self._first = settings
        self._problem = ""

    @property
    def settings(self) -> Settings:
        """The settings as they stand in the form now. Raises: ConfigurationError: they are not possible."""
        if self._settings is None:
            raise ConfigurationError("settings", f"the form is not complete: {self._problem}")
        return self._settings

    def _twin(self) -> Table:
        return settings_table(self._settings or self._first)

    def _built(self) -> ipywidgets.DOMWidget:
        from ipywidgets import HTML, Layout, Text, ToggleButtons

        wide = Layout(width="34rem")
        backend = ToggleButtons(
            options=list(BACKENDS.items()),
            value=self._first.backend,
            description="Backend",
            style={"button_width": "auto", "description_width": "9rem"},
        )
        fields = {
            name: Text(
                value=getattr(self._first, name),
                description=label,
                placeholder=_hint(name),
                tooltip=str(Settings.model_fields[name].description),
                layout=wide,
                style={"description_width": "9rem"},
            )
            for name, label in FIELDS.items()
        }
        speaker, names = Speaker(), HTML()

        def checked(_: Any = None) -> None:
            given = {"backend": backend.value} | {name: field.value.strip() for name, field in fields.items()}
            fields["subscription"].disabled = backend.value != "azure"
            try:
                self._settings = Settings.from_parameters(**self._kept(given))
            except ConfigurationError as problem:
                self._settings, self._problem = None, str(problem)
                names.value = ""
                speaker.say(self._problem, ok=False)
                return
            names.value = settings_table(self._settings)._repr_html_() + _lines(given)
            speaker.say("✓ These settings are possible. Run the next cell with them.")

        for one in (backend, *fields.values()):
            one.observe(checked, names="value")
        checked()
        return stacked(backend, *fields.values(), speaker.widget, names, label="Settings of the lab")

    def _kept(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is in the form, and whatever else the settings were made with."""
        derived = ("network_name", "subnet_name") if given["machine_name"] != self._first.machine_name else ()
        others = self._first.model_dump(exclude={*given, *derived})
        return others | given


def settings_form(settings: Settings) -> SettingsForm:
    """Show the settings as a form whose `settings` are what was chosen there; as a table where nobody can click."""
    return SettingsForm(settings)


def _hint(name: str) -> str:
    return {"registry_name": "empty: chosen for you", "subscription": "id of your subscription"}.get(name, "")


def _lines(given: dict[str, str]) -> str:
    """The same choice for the other chapters: their parameters cell."""
    from html import escape

    lines = "\n".join(f'{name} = "{value}"' for name, value in given.items())
    told = "The same for another chapter: put these lines into its parameters cell."
    return f"<details><summary>{told}</summary><pre>{escape(lines)}</pre></details>"
