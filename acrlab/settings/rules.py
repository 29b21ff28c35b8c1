"""Rules that are about more than one setting, or about any of them."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Collection, Iterable

from acrlab.errors import ConfigurationError

NEEDED_ADDRESSES = 5  # the VM, and two for each of the two endpoints that chapter 04 has at a time
KEPT_BY_AZURE = 5  # of every subnet
LONGEST = 4096  # characters of a value; fifteen tags of one's own have room in that


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
        raise ConfigurationError(name, f"{text} is no range ({problem}). Write it like 10.0.0.0/24.") from None
