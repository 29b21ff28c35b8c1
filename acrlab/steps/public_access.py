"""Who may connect to the registry by the public door: captured, closed, and put back exactly as it was."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from acrlab.errors import ConfigurationError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.lab import Lab, word
from acrlab.lab.memory import forget, keep, kept

__all__ = [
    "AccessSettings",
    "capture_access",
    "captured_access",
    "closed_on_purpose",
    "current_access",
    "deny_public_access",
    "reopen",
    "restore_access",
    "set_public_access",
    "update_access",
]

ACCESS = "access"  # under which they are kept


@dataclass(frozen=True)
class AccessSettings:
    """Five settings that together decide.

    Attributes:
        public_network_access: `Enabled` or `Disabled`, the main switch.
        default_action: `Allow` or `Deny`, for callers that no rule names.
        ip_rules: addresses and ranges that are let in.
        bypass: `AzureServices` or `None`: whether trusted services may pass.
        tasks_pass: whether ACR Tasks are among those that may.
    """

    public_network_access: str
    default_action: str
    ip_rules: tuple[str, ...]
    bypass: str
    tasks_pass: bool = False

    def shown(self) -> dict[str, str]:
        """The settings under the names that Azure gives them."""
        return {
            "publicNetworkAccess": self.public_network_access,
            "defaultAction": self.default_action,
            "ipRules": ", ".join(self.ip_rules) or "none",
            "networkRuleBypassOptions": self.bypass,
            "networkRuleBypassAllowedForTasks": str(self.tasks_pass).lower(),
        }


def current_access(lab: Lab) -> AccessSettings:
    """Read the registry's access settings."""
    with asking("Reading the registry", _id(lab)):
        return _settings_of(lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name))


def capture_access(lab: Lab) -> AccessSettings:
    """Remember the settings as they are before the lab changes them, in a file, so that nothing is lost.

    Called again it returns what was captured first, until `restore_access` has put it back.
    """
    if kept(lab, ACCESS) is None:
        keep(lab, ACCESS, asdict(current_access(lab)))
    return captured_access(lab)


def captured_access(lab: Lab) -> AccessSettings:
    """Read what was captured. Raises: ConfigurationError: nothing was."""
    captured = kept(lab, ACCESS)
    if captured is None:
        message = f"no access settings of {lab.settings.registry_name} were captured. Call capture_access first."
        raise ConfigurationError("registry_name", message)
    return AccessSettings(**{**captured, "ip_rules": tuple(captured["ip_rules"])})


def closed_on_purpose(lab: Lab) -> bool:
    """Whether the lab closed the registry and has not put it back yet."""
    return kept(lab, ACCESS) is not None and captured_access(lab).default_action == "Allow"


def deny_public_access(lab: Lab) -> AccessSettings:
    """Refuse every caller that no rule names, as the article does: default action Deny. What was there is captured."""
    capture_access(lab)
    now = current_access(lab)
    if now.default_action == "Deny":
        return now
    return update_access(lab, {"networkRuleSet": {"defaultAction": "Deny"}})


def reopen(lab: Lab) -> None:
    """Undo what a chapter that was left half-way has closed; nothing where nothing was captured, or all is gone."""
    if kept(lab, ACCESS) is None:
        return
    settings = lab.settings
    with asking("Reading the registry", _id(lab)):
        found = find(lambda: lab.registry.registries.get(settings.resource_group, settings.registry_name))
    if found is None:
        forget(lab, ACCESS)
    else:
        restore_access(lab)


def set_public_access(lab: Lab, state: str) -> AccessSettings:
    """Turn public network access `Enabled` or `Disabled`, and do what `az acr update` does with it.

    Disabling sends default action Deny, too; enabling sends nothing of the kind back.
    """
    properties: dict[str, Any] = {"publicNetworkAccess": state}
    if state == "Disabled":
        properties["networkRuleSet"] = {"defaultAction": "Deny"}
    return update_access(lab, properties)


def restore_access(lab: Lab) -> AccessSettings:
    """Put back all that was captured, and forget it. Raises: ConfigurationError: nothing was captured."""
    wanted = captured_access(lab)
    now = current_access(lab)
    if now != wanted:
        rules = [{"action": "Allow", "value": rule} for rule in wanted.ip_rules]
        now = update_access(
            lab,
            {
                "publicNetworkAccess": wanted.public_network_access,
                "networkRuleSet": {"defaultAction": wanted.default_action, "ipRules": rules},
                "networkRuleBypassOptions": wanted.bypass,
                "networkRuleBypassAllowedForTasks": wanted.tasks_pass,
            },
        )
    forget(lab, ACCESS)
    return now


def update_access(lab: Lab, properties: dict[str, Any]) -> AccessSettings:
    """Send a change of these properties of the registry. Returns: what is in force then."""
    settings = lab.settings
    with asking("Changing the registry's access", _id(lab)):
        poller = lab.registry.registries.begin_update(
            settings.resource_group, settings.registry_name, {"properties": properties}
        )
    return _settings_of(lab.wait(poller, "Changing the registry's access", _id(lab)))


def _settings_of(registry: Any) -> AccessSettings:
    properties = registry.properties
    rules = properties.network_rule_set
    return AccessSettings(
        word(properties.public_network_access),
        word(rules.default_action) if rules else "Allow",
        tuple(rule.ip_address_or_range for rule in (rules.ip_rules or [])) if rules else (),
        word(properties.network_rule_bypass_options) or "AzureServices",
        bool(properties.network_rule_bypass_allowed_for_tasks),
    )


def _id(lab: Lab) -> str:
    return lab.id_of("Microsoft.ContainerRegistry/registries", lab.settings.registry_name)
