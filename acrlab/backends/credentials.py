"""What this computer can sign in with, by kind: never a value, nor a part of one."""

from __future__ import annotations

from typing import Any

__all__ = ["kind_in_use", "tried_before"]


def kind_in_use(credential: Any) -> str:
    """Name the kind of a credential; of a chain, of the link that gave a token."""
    return _kind(getattr(credential, "_successful_credential", None) or credential)


def tried_before(credential: Any) -> tuple[str, ...]:
    """Name the links of a chain that were asked for a token and had none, in their order."""
    chain, found = getattr(credential, "credentials", ()), getattr(credential, "_successful_credential", None)
    return tuple(_kind(link) for link in chain[: chain.index(found) if found in chain else None])


def _kind(credential: Any) -> str:
    # A link that lacks what it needs to begin with stands in the chain as a name.
    return str(getattr(credential, "_credential_name", None) or type(credential).__name__)
