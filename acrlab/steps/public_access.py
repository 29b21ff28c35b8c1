"""Who may connect to the registry by the public endpoint: captured, closed, and put back exactly as it was.

Whatever the lab changes it notes first: how the registry was before, and what the lab leaves. What the lab itself left
is never taken for what was before, and what someone else set since is not overwritten unasked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, TypeVar

from acrlab.errors import ConfigurationError, NotVisibleError, RefusedError
from acrlab.lab.azure_errors import asking, find
from acrlab.lab.ensure import update
from acrlab.lab.lab import Lab
from acrlab.lab.memory import SEEN_AS, kept
from acrlab.lab.ownership import is_the_learner_s
from acrlab.lab.waiting import look_until
from acrlab.steps.access_note import (
    AccessNote,
    AccessSettings,
    forget_note,
    new_note,
    note_of,
    settings_of,
    tags_with,
    write,
)

if TYPE_CHECKING:
    from azure.mgmt.containerregistry.models import Registry

Seen = TypeVar("Seen")


def current_access(lab: Lab) -> AccessSettings:
    """Read the registry's access settings."""
    return settings_of(_registry(lab))


def when_let_in(lab: Lab, ask: Callable[[], Seen]) -> Seen:
    """Ask the registry for something, from this computer, as soon as what the registry is set to counts there.

    Its rules count some minutes after they were changed, and a new registry's name resolves some minutes after it is
    there. So a refusal, or no answer, that is not as Resource Manager has it, is asked again.

    Raises:
        RefusedError: the registry refuses, and is set to; or it refuses something else.
        NotReadyError: it is set to let this computer in, and does not after ten minutes.
    """
    seen, _ = look_until(
        lambda looked: not looked[1],
        lambda: _asked(lab, ask),
        what=f"{lab.settings.registry_name} lets this computer in, as it is set to",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
        told=lambda looked: str(looked[0]),
    )
    if isinstance(seen, RefusedError):
        raise seen
    return seen


def when_refused(lab: Lab, ask: Callable[[], Seen]) -> Seen | RefusedError:
    """Ask as `when_let_in`, and ask again while the registry is set to refuse this computer and does not.

    Returns: the refusal; or what was asked for, where the registry is not set to refuse it.

    Raises: NotReadyError: it is set to refuse this computer, and does not after ten minutes.
    """
    address = kept(lab, SEEN_AS) or ""
    return look_until(
        lambda seen: isinstance(seen, RefusedError) or _admits(current_access(lab), address) is not False,
        lambda: _or_refusal(ask),
        what=f"{lab.settings.registry_name} refuses this computer, as it is set to",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
    )


def _asked(lab: Lab, ask: Callable[[], Seen]) -> tuple[Seen | RefusedError, bool]:
    """Ask. Returns: the answer or the refusal; and whether Resource Manager has it otherwise, so that it is late."""
    seen = _or_refusal(ask)
    if not isinstance(seen, RefusedError) or seen.code not in ("DENIED", "Unreachable"):
        return seen, False
    if seen.code == "Unreachable":
        # Its data endpoint may be the younger one: there is none as long as no private endpoint leads to the registry.
        suffix = lab.settings.cloud.registry_suffix
        names = re.findall(rf"[\w.-]+\.{re.escape(suffix)}", str(seen)) or [lab.login_server]
        told = {lab.backend.resolve(name).status for name in names}
        if told == {"NOERROR"}:  # they may be known since a moment ago
            return _or_refusal(ask), False
        return seen, "NXDOMAIN" in told and _seen_access(lab) is not None
    address = re.search(r"client with IP '([\d.]+)'", str(seen))
    access = _seen_access(lab)
    return seen, access is not None and _admits(access, address[1] if address else "") is True


def _or_refusal(ask: Callable[[], Seen]) -> Seen | RefusedError:
    try:
        return ask()
    except RefusedError as refused:
        return refused


def _seen_access(lab: Lab) -> AccessSettings | None:
    """What the registry is set to; None: it is not there, or this identity may not see it."""
    try:
        return current_access(lab)
    except (NotVisibleError, RefusedError):
        return None


def _admits(access: AccessSettings, address: str) -> bool | None:
    """Whether these settings let a caller in; None: that depends on its address, which is not known."""
    if access.public_network_access == "Disabled":
        return False
    if access.default_action == "Allow":
        return True
    if not address:
        return None if access.ip_rules else False
    return any(ip_address(address) in ip_network(rule, strict=False) for rule in access.ip_rules)


def capture_access(lab: Lab) -> AccessSettings:
    """Note the settings as they are before the lab changes them, so that nothing is lost.

    Called again it returns what was captured first, until `restore_access` has put it back, or until the owner of a
    registry that is not the lab's has set something else: then that is captured.
    """
    return _noted(lab, _registry(lab), captured=True).before


def captured_access(lab: Lab) -> AccessSettings:
    """Read what was captured. Raises: ConfigurationError: nothing was."""
    return _required(lab, _registry(lab)).before


def closed_on_purpose(lab: Lab) -> bool:
    """Whether the lab closed the registry and has not put it back yet."""
    note = note_of(lab)
    return note is not None and note.captured and note.before.default_action == "Allow"


def deny_public_access(lab: Lab) -> AccessSettings:
    """Refuse every caller that no rule names, as the article does: default action Deny. What was there is captured."""
    registry = _registry(lab)
    _noted(lab, registry, captured=True)
    now = settings_of(registry)
    deny = {"networkRuleSet": {"defaultAction": "Deny"}}
    return now if now.default_action == "Deny" else _change(lab, registry, deny)


def reopen(lab: Lab) -> None:
    """Undo what a chapter that was left half-way has closed; nothing where nothing was noted, or all is gone.

    Raises: RefusedError: as `restore_access`.
    """
    if lab.settings.backend == "emulator" and note_of(lab) is None:
        return
    with asking("Reading the registry", lab.registry_id):
        found = find_registry(lab)
    note = note_of(lab, found) if found is not None else None
    if found is None or note is None:
        forget_note(lab)
    else:
        _put_back(lab, found, note)


def set_public_access(lab: Lab, state: str) -> AccessSettings:
    """Turn public network access `Enabled` or `Disabled`, and do what `az acr update` does with it.

    Disabling sends default action Deny, too; enabling sends nothing of the kind back.
    """
    properties: dict[str, Any] = {"publicNetworkAccess": state}
    if state == "Disabled":
        properties["networkRuleSet"] = {"defaultAction": "Deny"}
    return update_access(lab, properties)


def restore_access(lab: Lab) -> AccessSettings:
    """Put back all that was captured, and forget it.

    Raises:
        ConfigurationError: nothing was captured.
        RefusedError: someone has changed a registry that is not the lab's since the lab did; it stays as it is.
    """
    registry = _registry(lab)
    return _put_back(lab, registry, _required(lab, registry))


def accept_access(lab: Lab) -> AccessSettings:
    """Take the registry's settings for what its owner wants, and forget what was noted. Returns: the settings."""
    registry = _registry(lab)
    now = settings_of(registry)
    if tags_with(lab, registry, None) is not None:
        _send(lab, {"tags": tags_with(lab, registry, None)})
    forget_note(lab)
    return now


def update_access(lab: Lab, properties: Mapping[str, Any]) -> AccessSettings:
    """Send a change of these properties of the registry, noted before. Returns: what is in force then."""
    registry = _registry(lab)
    _noted(lab, registry, captured=False)
    return _change(lab, registry, properties)


def _noted(lab: Lab, registry: Registry, *, captured: bool) -> AccessNote:
    """The note on a registry, made where there is none, or where its owner has set something else since."""
    now = settings_of(registry)
    with lab.backend.memory.alone():
        found = note_of(lab, registry)
        if found is None or not (now in (found.before, *found.left) or is_the_learner_s(lab, registry.tags)):
            note = new_note(registry, captured=captured)
        else:
            note = replace(found, captured=found.captured or captured)
        if note != found:
            write(lab, note)
        return note


def _change(lab: Lab, registry: Registry, properties: Mapping[str, Any]) -> AccessSettings:
    """Change the registry, with what is noted of it: before, where a kill may find either state, and after."""
    note = _required(lab, registry)
    now, coming = settings_of(registry), _with(settings_of(registry), properties)
    write(lab, replace(note, left=(*dict.fromkeys((*note.left, now, coming)),)))
    tags = tags_with(lab, registry, replace(note, left=(coming,)))
    there = _send(lab, {"properties": properties} | ({} if tags is None else {"tags": tags}))
    write(lab, replace(note, left=(there,)))
    return there


def _put_back(lab: Lab, registry: Registry, note: AccessNote) -> AccessSettings:
    now, wanted = settings_of(registry), note.before
    if now not in (wanted, *note.left) and not is_the_learner_s(lab, registry.tags):
        name = lab.settings.registry_name
        message = (
            f"the access settings of {name} are left as they are: they have been changed since the lab set them. "
            f"Seen: {now}. The lab left: {note.left[-1]}. Before the lab: {wanted}. "
            "To keep what is there: acrlab.steps.accept_access(lab). To go back to the other, set it yourself, then "
            "call that."
        )
        raise RefusedError(message, status=0, code="ChangedSince", resource_id=lab.registry_id)
    change: dict[str, Any] = {}
    if now != wanted:
        change["properties"] = {
            "publicNetworkAccess": wanted.public_network_access,
            "networkRuleSet": {
                "defaultAction": wanted.default_action,
                "ipRules": [{"action": "Allow", "value": rule} for rule in wanted.ip_rules],
            },
            "networkRuleBypassOptions": wanted.bypass,
            "networkRuleBypassAllowedForTasks": wanted.tasks_pass,
        }
    if (tags := tags_with(lab, registry, None)) is not None:
        change["tags"] = tags
    if change:
        now = _send(lab, change)
    forget_note(lab)
    return now


def _with(settings: AccessSettings, properties: Mapping[str, Any]) -> AccessSettings:
    """The settings as a change of these properties will leave them."""
    rules = properties.get("networkRuleSet", {})
    given = [rule["value"] for rule in rules["ipRules"]] if "ipRules" in rules else settings.ip_rules
    return AccessSettings(
        properties.get("publicNetworkAccess", settings.public_network_access),
        rules.get("defaultAction", settings.default_action),
        tuple(given),
        properties.get("networkRuleBypassOptions", settings.bypass),
        properties.get("networkRuleBypassAllowedForTasks", settings.tasks_pass),
    )


def _send(lab: Lab, body: Mapping[str, Any]) -> AccessSettings:
    what = "Changing the registry's access"
    return settings_of(update(lab, lab.registry_id, lab.registry.registries, body, what))


def _required(lab: Lab, registry: Registry) -> AccessNote:
    note = note_of(lab, registry)
    if note is None:
        message = f"no access settings of {lab.settings.registry_name} were captured. Call capture_access first."
        raise ConfigurationError("registry_name", message)
    return note


def find_registry(lab: Lab) -> Registry | None:
    """Read the lab's registry; None: it is not there."""
    return find(lambda: lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name))


def _registry(lab: Lab) -> Registry:
    with asking("Reading the registry", lab.registry_id):
        return lab.registry.registries.get(lab.settings.resource_group, lab.settings.registry_name)
