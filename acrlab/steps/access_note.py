"""What the registry's access settings were before the lab changed them, and what the lab left: noted, and read again.

On the emulated Azure the note is part of the world. On a real one it lies in the lab's folder, and on the registry
itself as two tags, which change together with the settings: so another computer, or a fresh checkout, can put back
what was there, and who finds a closed registry can read why. Tags can be read by everyone who may read the
registry, as its settings can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from acrlab.lab.azure_errors import required, word
from acrlab.lab.lab import Lab
from acrlab.lab.memory import ACCESS, forget, kept, put

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import Registry, RegistryProperties

BEFORE, LEFT = "acrlab-access-before", "acrlab-access-left"
LONGEST_TAG, MOST_TAGS = 256, 50  # what Azure takes


@dataclass(frozen=True)
class AccessSettings:
    """Five settings that together decide.

    Attributes:
        public_network_access: `Enabled` or `Disabled`, the main switch.
        default_action: `Allow` or `Deny`, for callers that no rule names.
        ip_rules: addresses and ranges that are let in, as Azure shows them, however they were sent.
        bypass: `AzureServices` or `None`: whether trusted services may pass.
        tasks_pass: whether ACR Tasks are among those that may.
    """

    public_network_access: str
    default_action: str
    ip_rules: tuple[str, ...]
    bypass: str
    tasks_pass: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "ip_rules", tuple(map(shown_rule, self.ip_rules)))

    def shown(self) -> dict[str, str]:
        """The settings under the names that Azure gives them."""
        return {
            "publicNetworkAccess": self.public_network_access,
            "defaultAction": self.default_action,
            "ipRules": ", ".join(self.ip_rules) or "none",
            "networkRuleBypassOptions": self.bypass,
            "networkRuleBypassAllowedForTasks": str(self.tasks_pass).lower(),
        }

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.shown().items())


def shown_rule(rule: str) -> str:
    """Write a rule as Azure shows it: a range of one address is the address."""
    return rule.removesuffix("/32")


@dataclass(frozen=True)
class AccessNote:
    """What was noted of one registry.

    Attributes:
        registry: when Azure made it: another one of its name has nothing to do with this.
        before: how it was before the lab changed it.
        left: what the lab left: one state, or while it is changing something the one before as well.
        captured: whether the settings were captured by a call, and not only noted for a change of the lab's own.
    """

    registry: str
    before: AccessSettings
    left: tuple[AccessSettings, ...]
    captured: bool


def settings_of(registry: Registry) -> AccessSettings:
    """Read the settings off the SDK's Registry."""
    properties = properties_of(registry)
    rules = properties.network_rule_set
    return AccessSettings(
        word(properties.public_network_access),
        word(rules.default_action) if rules else "Allow",
        tuple(rule.ip_address_or_range for rule in (rules.ip_rules or [])) if rules else (),
        word(properties.network_rule_bypass_options) or "AzureServices",
        bool(properties.network_rule_bypass_allowed_for_tasks),
    )


def note_of(lab: Lab, registry: Registry | None = None) -> AccessNote | None:
    """Read what was noted.

    Args:
        registry: the registry as it is now, whose tags are read as well; None: it was not read.

    Returns: None: nothing was noted, or of another registry.
    """
    found = _of_memory(kept(lab, ACCESS))
    if registry is None:
        return found
    tagged = _of_tags(registry)
    if tagged is not None:  # they changed together with the settings
        return replace(tagged, captured=found.captured if found else True)
    return found if found and found.registry == _made(registry) else None


def new_note(registry: Registry, *, captured: bool) -> AccessNote:
    """Write a note on a registry that was not changed yet, as it is now."""
    now = settings_of(registry)
    return AccessNote(_made(registry), now, (now,), captured)


def write(lab: Lab, note: AccessNote) -> None:
    """Note it, in place of what was noted before."""
    put(lab, ACCESS, asdict(note))


def forget_note(lab: Lab) -> None:
    """Forget what was noted; tags go with the change that makes them untrue."""
    forget(lab, ACCESS)


def tags_with(lab: Lab, registry: Registry, note: AccessNote | None) -> dict[str, str] | None:
    """Say which tags the registry has to have; None: those that it has, or a note that does not fit into tags.

    Args:
        note: what they tell; None: nothing any more.
    """
    if lab.settings.backend == "emulator":  # whose world has the note itself
        return None
    now = dict(registry.tags or {})
    others = {name: value for name, value in now.items() if name not in (BEFORE, LEFT)}
    told = {BEFORE: _text(note.before), LEFT: _text(note.left[-1])} if note else {}
    if len(others) + len(told) > MOST_TAGS or any(len(text) > LONGEST_TAG for text in told.values()):
        told = {}
    return others | told if others | told != now else None


def _text(settings: AccessSettings) -> str:
    tasks = "tasks" if settings.tasks_pass else "no-tasks"
    return " ".join(
        (settings.public_network_access, settings.default_action, settings.bypass, tasks, *settings.ip_rules)
    )


def _of_text(text: str) -> AccessSettings:
    public, default, bypass, tasks, *rules = text.split()
    return AccessSettings(public, default, tuple(rules), bypass, tasks == "tasks")


def _of_tags(registry: Registry) -> AccessNote | None:
    tags = registry.tags or {}
    told = [str(tags.get(name, "")) for name in (BEFORE, LEFT)]
    if any(len(text.split()) < 4 for text in told):  # there are none, or something else was written there
        return None
    before, left = map(_of_text, told)
    return AccessNote(_made(registry), before, (left,), captured=True)


def _of_memory(told: Mapping[str, Any] | None) -> AccessNote | None:
    if told is None:
        return None
    left = tuple(_of_json(one) for one in told["left"])
    return AccessNote(told["registry"], _of_json(told["before"]), left, told["captured"])


def _of_json(told: Mapping[str, Any]) -> AccessSettings:
    return AccessSettings(**{**told, "ip_rules": tuple(told["ip_rules"])})


def _made(registry: Registry) -> str:
    return str(properties_of(registry).creation_date)


def properties_of(registry: Registry) -> RegistryProperties:
    """Read what decides about a registry."""
    return required(registry.properties, f"properties of the registry {registry.name}")
