"""Values of settings: what is chosen where one was left empty, and what is refused, of one or of several together.

Names that follow from the lab's own are made so that two labs have none in common.
"""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from acrlab.azure.cloud import cloud_of, region_name
from acrlab.errors import ConfigurationError

PORTAL = "Portal"
LONGEST_GROUP = 90
NEEDED_ADDRESSES = 5  # the VM, and two for each of the two endpoints that chapter 04 has at a time
KEPT_BY_AZURE = 5  # of every subnet
LONGEST = 4096  # characters of a value; fifteen tags of one's own have room in that


def filled_in(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Choose what was left empty.

    Args:
        given: settings by name, as they were given.
        defaults: of every setting.
    """
    filled = dict(given)
    backend = filled.get("backend")
    if backend == "azure" and not filled.get("subscription"):
        filled["subscription"] = os.environ.get("AZURE_SUBSCRIPTION_ID", "")
    vm, group = (str(filled.get(name) or defaults[name]) for name in ("vm_name", "resource_group"))
    owner = f"{filled.get('subscription', '')}/{group}"
    made = {
        "network_name": f"{vm}VNET",
        "subnet_name": f"{vm}Subnet",
        "registry_name": f"myregistry{_hashed(owner)}",
        "portal_resource_group": portal_group(group),
        "zone_name": cloud_of(_location(filled.get("location", defaults["location"]))).zone,
        "shutdown_time": "" if backend == "azure" else "2100",
    }
    filled |= {name: value for name, value in made.items() if not filled.get(name)}
    if filled.get("expires_hours", -1) == -1:
        filled["expires_hours"] = 48 if backend == "azure" else 0
    if isinstance(filled["registry_name"], str):
        filled["registry_name"] = filled["registry_name"].lower()  # `az acr create` refuses capitals
    if "location" in filled:
        filled["location"] = _location(filled["location"])
    return filled


def portal_group(group: str) -> str:
    """Name the group of chapter 05 after the lab's: `myResourceGroup` has `myPortalResourceGroup`."""
    words = re.match(r"my(?=[A-Z])", group)
    name = f"my{PORTAL}{group[2:]}" if words else f"{group}-{PORTAL.lower()}"
    if len(name) <= LONGEST_GROUP:
        return name
    mark = f"-{_hashed(group)}-{PORTAL.lower()}"
    return group[: LONGEST_GROUP - len(mark)] + mark


def _location(value: Any) -> Any:
    """A region by its name, where it was given by its display name."""
    return region_name(value) if isinstance(value, str) else value


def _hashed(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:8]


# -- what is refused ---------------------------------------------------------------------------------------------------


def require_known(names: Iterable[str], known: Collection[str]) -> None:
    """Refuse a name that no setting has. Raises: ConfigurationError: which says what it may be meant for."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            said = name if name.isprintable() and len(name) <= 80 else ascii(name)[:80]
            raise ConfigurationError(said, f"there is no such setting; {hint}")


def require_plain(name: str, value: object) -> None:
    """Refuse what can't stand in one line, before a message repeats it."""
    if isinstance(value, str) and (len(value) > LONGEST or not value.isprintable()):
        rule = f"is longer than {LONGEST} characters, or has some that can't be printed. Choose another."
        raise ConfigurationError(name, f"{value[:40]!r} {rule}")


def require_room(network: str, network_prefix: str, subnet: str, subnet_prefix: str) -> None:
    """A subnet lies in its network, and has an address for everything that the lab puts there."""
    outer, inner = _prefix(network, network_prefix), _prefix(subnet, subnet_prefix)
    if not inner.subnet_of(outer):
        raise ConfigurationError(subnet, f"{inner} is not part of {network} {outer}. Choose a range inside it.")
    if inner.num_addresses < NEEDED_ADDRESSES + KEPT_BY_AZURE:
        message = (
            f"{inner} has {inner.num_addresses} addresses, of which Azure keeps {KEPT_BY_AZURE}; "
            f"the lab needs {NEEDED_ADDRESSES}. Choose /28 or larger."
        )
        raise ConfigurationError(subnet, message)


def _prefix(name: str, text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as problem:
        raise ConfigurationError(name, f"{text} is not a range ({problem}). Write it like 10.0.0.0/24.") from None
