"""Offer the settings as a form: checked as one types, with the names that the lab will use."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from acrlab.backends import as_opened
from acrlab.course.tables import settings_table
from acrlab.display import Table
from acrlab.errors import ConfigurationError
from acrlab.settings import Settings
from acrlab.settings.environment import settings_place
from acrlab.settings.file import from_file, write
from acrlab.widgets.control import Control, Marked, Offer, Speaker, actions, row, stacked

if TYPE_CHECKING:
    import ipywidgets

BACKENDS = {
    "emulated Azure, here and free": "emulator",
    "a real subscription, which costs": "azure",
    "a recording": "replay",
}
FIELDS = {  # setting -> its label
    "fixtures": "Recording",
    "subscription": "Subscription",
    "resource_group": "Resource group",
    "location": "Region",
    "registry_name": "Registry",
    "vm_name": "VM",
}
NAMED_AFTER = {"network_name": "vm_name", "subnet_name": "vm_name"}
PLACEHOLDERS = {
    "fixtures": "file of the recording, e.g. class.jsonl",
    "subscription": "id of your subscription",
    "registry_name": "empty: chosen for you",
}


class SettingsForm(Control):
    """Show the settings as a form whose `settings` are what was chosen there; a table where no one can click.

    It has a field for each setting that chapters take as a parameter; the others stay as they were.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings: Settings | None = settings
        self._first = settings
        self._problem = ""

    @property
    def settings(self) -> Settings:
        """The settings as they stand in the form now. Raises: ConfigurationError: they are not possible."""
        if self._settings is None:
            raise ConfigurationError("settings", f"the form is not complete. {self._problem}")
        return self._settings

    def _twin(self) -> Table:
        return settings_table(self._settings or self._first)

    def _built(self) -> ipywidgets.DOMWidget:
        from ipywidgets import HTML, RadioButtons

        backend = RadioButtons(
            options=list(BACKENDS.items()), value=self._first.backend, description="Backend", **_look()
        )
        fields = {name: self._field(name, label) for name, label in FIELDS.items()}
        marked = {"backend": Marked(backend), **{name: Marked(field) for name, field in fields.items()}}
        speaker, names = Speaker(), HTML()

        def checked(_: Any = None) -> None:
            given = {"backend": backend.value} | {name: field.value.strip() for name, field in fields.items()}
            used = _used(given["backend"])
            for name, field in fields.items():
                field.disabled = name not in used
            wrong = self._check({name: value for name, value in given.items() if name in used})
            for name, one in marked.items():
                one.mark(wrong.get(name, ""))
            if self._settings is None:
                names.value = ""
                speaker.say(self._problem, ok=False)
            else:
                names.value = settings_table(self._settings)._repr_html_() + _lines(given, used)
                speaker.say("✓ These settings are possible. Run the next cell with them.")

        for one in (backend, *fields.values()):
            one.observe(checked, names="value")
        checked()
        rows = [one.widget for one in marked.values()]
        kept = Speaker()
        keep = Offer("Writing them", lambda: kept.say(self._keep()), "For every chapter and command in this folder")
        buttons = actions(kept, {"Keep for all chapters": keep}) if settings_place() else []
        return stacked(*rows, speaker.widget, row(*buttons), kept.widget, names, label="Settings of the lab")

    def _keep(self) -> str:
        """Write what was chosen to the settings file, where it is not the default anyway. Returns: what was done."""
        settings, path, there = self.settings, settings_place(), from_file()
        if path is None:
            raise ConfigurationError("settings", "ACRLAB_SETTINGS says that no settings file counts.")
        chosen = {name: getattr(settings, name) for name in _used(settings.backend)}
        unnamed = Settings.given(**{**settings.model_dump(), "registry_name": ""})
        if chosen.get("registry_name") == unnamed.registry_name:
            chosen["registry_name"] = ""
        defaults = {name: Settings.model_fields[name].default for name in chosen}
        write(path, {n: v for n, v in chosen.items() if n in there or v != defaults[n]})
        return f"✓ Kept in {path.name}. Every chapter and command in this folder begins with these settings now."

    def _field(self, name: str, label: str) -> Any:
        from ipywidgets import Text

        return Text(
            value=getattr(self._first, name),
            description=label,
            placeholder=PLACEHOLDERS.get(name, ""),
            tooltip=str(Settings.model_fields[name].description),
            **_look(),
        )

    def _check(self, given: dict[str, Any]) -> dict[str, str]:
        """Keep the settings, or none. Returns: setting -> what is wrong with it, for all that have a field."""
        kept = self._kept(given)
        found, self._settings = Settings.problems(**kept), None
        if not found:
            try:
                self._settings = as_opened(Settings.given(**kept))
            except ConfigurationError as problem:  # the recording is not there, or shows another lab
                found = {problem.field: str(problem).removeprefix(f"{problem.field}: ")}
        labels = {"backend": "Backend", **FIELDS}
        at = {NAMED_AFTER.get(name, name): told for name, told in reversed(found.items())}
        told = {name: f"{labels.get(name, name)}: {at[name]}" for name in (*labels, *at) if name in at}
        self._problem = "\n".join(told.values())
        return {name: text for name, text in told.items() if name in labels}

    def _kept(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is in the form, and whatever else the settings were made with."""
        if given["backend"] == "replay":
            return {"confirm_cost": self._first.confirm_cost} | given
        derived = ("network_name", "subnet_name") if given["vm_name"] != self._first.vm_name else ()
        others = self._first.model_dump(exclude={*given, *derived, "fixtures"})
        return others | given


def _look() -> dict[str, Any]:
    from ipywidgets import Layout

    return {"layout": Layout(width="34rem", max_width="100%"), "style": {"description_width": "9rem"}}


def _used(backend: str) -> tuple[str, ...]:
    """The fields that count: a recording brings all names with it."""
    if backend == "replay":
        return ("backend", "fixtures")
    hidden = {"fixtures"} if backend == "azure" else {"fixtures", "subscription"}
    return ("backend", *(name for name in FIELDS if name not in hidden))


def _lines(given: dict[str, str], used: tuple[str, ...]) -> str:
    """The same choice for the other chapters: their parameters cell."""
    lines = "\n".join(f'{name} = "{value}"' for name, value in given.items() if name in used)
    told = "The same for one chapter alone: put these lines into its parameters cell."
    return f"<details><summary>{told}</summary><pre>{escape(lines)}</pre></details>"


settings_form = SettingsForm  # a notebook calls it as it calls every step
